//! Practice: a real visit in everything but its end. Nothing of it is ever work.

use xieguan::device::Error;
use xieguan::domain::answer::{Answer, PartValue};
use xieguan::domain::inspection::PhotoSource;

use super::{Phone, picture};

fn yes() -> Answer {
    Answer { parts: [("ok".to_owned(), PartValue::YesNo { yes: true })].into(), ..Answer::default() }
}

#[tokio::test]
async fn practice_needs_no_enrolment_and_is_neither_finished_nor_counted_as_work() {
    let phone = Phone::new();
    let device = phone.start().await;
    let id = device.start_practice().await.unwrap();
    assert_eq!(device.start_practice().await.unwrap(), id, "one practice at a time");
    let visit = device.visit(id).await.unwrap().unwrap();
    assert!(visit.draft.site.title.contains("练习"), "{}", visit.draft.site.title);
    let sheet = &visit.draft.sheets[0].checklist;
    let first = visit.library[&sheet.hash].items().next().unwrap().code.clone();
    device.answer(id, 0, &first, yes()).await.unwrap();
    assert!(matches!(device.finish(id).await, Err(Error::Practice)));
    assert!(device.drafts().await.unwrap().is_empty(), "no unfinished work");
    assert!(device.records().await.unwrap().is_empty());
    assert_eq!(device.visit(id).await.unwrap().unwrap().at, Some((0, first)));
    device.close().await;
    phone.seed(|store| assert!(store.outbox().unwrap().is_empty()));

    let device = phone.start().await;
    assert_eq!(device.practice().await.unwrap().unwrap().id, id, "it outlives the process");
}

#[tokio::test]
async fn thrown_away_practice_leaves_nothing_and_takes_nothing_else_with_it() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let real = super::visit(&device).await;
    let shared = picture();
    let kept = device.add_photo(real, 0, None, PhotoSource::Camera, shared.clone()).await.unwrap();
    let id = device.start_practice().await.unwrap();
    let same = device.add_photo(id, 0, None, PhotoSource::Camera, shared).await.unwrap();
    assert_eq!(same.original, kept.original, "the same picture in both");
    let other = crate::support::pictures::camera_jpeg(640, 480, 3);
    let own = device.add_photo(id, 0, None, PhotoSource::Camera, other).await.unwrap();

    // A real draft is never thrown away by this, whatever is asked for.
    device.end_practice(real).await.unwrap();
    assert!(device.visit(real).await.unwrap().is_some());

    device.end_practice(id).await.unwrap();
    assert!(device.practice().await.unwrap().is_none());
    assert!(device.visit(id).await.unwrap().is_none());
    assert!(device.photo(own.original).await.is_err(), "its own photo is gone");
    assert!(device.photo(own.derived).await.is_err());
    assert!(device.photo(kept.original).await.is_ok(), "the visit's photo is not");
    assert!(device.photo(kept.derived).await.is_ok());
    assert_eq!(device.drafts().await.unwrap().len(), 1);
}
