//! What the sheet asks of the device besides answers: last time, the place to return to, photos that come back.

use std::future::poll_fn;
use std::task::Poll;

use xieguan::domain::answer::{Answer, PartValue};
use xieguan::domain::inspection::PhotoSource;
use xieguan::domain::last::LastAnswer;
use xieguan::domain::site::{LastVisit, Site};
use xieguan::store::site::Change;

use super::{InspectionId, Phone, Uuid, fill, picture, records, site, visit};

/// The site as the bureau tells of it after a visit that many days before the sample visit.
fn told(days: i64, reading: &str) -> Site {
    let value = records::number(reading);
    let answer = LastAnswer {
        item: "WR-15".to_owned(),
        not_applicable: false,
        parts: [("value".to_owned(), value)].into(),
        problem: String::new(),
    };
    let last_visit = LastVisit {
        inspection: InspectionId(Uuid::from_u128(0x77)),
        at: records::moment() - chrono::Duration::days(days),
        level: None,
        problems: Vec::new(),
        answers: vec![answer],
    };
    Site { last_visit: Some(last_visit), ..site() }
}

/// The second waits for the first; then the screen is left, and nobody waits for either.
#[tokio::test]
async fn what_was_given_is_kept_although_its_screen_was_left_before_its_turn_came() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    let answer = |note: &str| Answer { note: note.to_owned(), ..Default::default() };
    let mut given = [("WR-01", "一"), ("WR-02", "二"), ("WR-03", "三")]
        .map(|(item, note)| Box::pin(device.answer(id, 0, item, answer(note))));
    for one in &mut given {
        let begun = poll_fn(|context| Poll::Ready(one.as_mut().poll(context))).await;
        assert!(begun.is_pending());
    }
    drop(given);
    // Its turn comes after theirs.
    device.close().await;
    let device = phone.start().await;
    let answers = device.visit(id).await.unwrap().unwrap().draft.sheets[0].answers.clone();
    let notes: Vec<_> = answers.values().map(|answer| answer.note.as_str()).collect();
    assert_eq!(notes, ["一", "二", "三"]);
}

#[tokio::test]
async fn the_newer_of_the_bureaus_summary_and_this_phones_own_record_is_last_time() {
    let phone = Phone::enrolled().await;
    phone.seed(|store| store.apply_changes(&[Change::Site(Box::new(told(30, "0.44")))], "2").unwrap());
    let device = phone.start().await;
    let reading =
        |last: &std::collections::BTreeMap<String, LastAnswer>| last["WR-15"].parts["value"].clone();
    let first = visit(&device).await;
    let shown = device.visit(first).await.unwrap().unwrap().last.unwrap();
    assert_eq!(reading(&shown.answers), records::number("0.44"), "only the bureau knows of a visit");

    fill(&device, first, &phone.clock).await;
    device.finish(first).await.unwrap();
    let second = visit(&device).await;
    let shown = device.visit(second).await.unwrap().unwrap().last.unwrap();
    assert_eq!(reading(&shown.answers), records::number("0.12"), "this phone's own record is newer");
    assert_eq!(shown.answers.len(), 21);
    assert!(matches!(shown.answers["WR-04"].parts["ok"], PartValue::YesNo { yes: true }));
    device.close().await;

    phone.seed(|store| store.apply_changes(&[Change::Site(Box::new(told(-2, "0.55")))], "3").unwrap());
    let shown = phone.start().await.visit(second).await.unwrap().unwrap().last.unwrap();
    assert_eq!(reading(&shown.answers), records::number("0.55"), "somebody else was there since");
}

#[tokio::test]
async fn a_site_nobody_visited_has_no_last_time() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    assert_eq!(device.visit(visit).await.unwrap().unwrap().last, None);
}

#[tokio::test]
async fn the_place_on_the_sheet_is_kept_without_an_answer() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    let touched = device.drafts().await.unwrap()[0].touched_at;
    phone.clock.pass(60);
    device.stand_at(visit, 0, "WR-17").await.unwrap();
    device.close().await;
    let device = phone.start().await;
    assert_eq!(device.visit(visit).await.unwrap().unwrap().at, Some((0, "WR-17".to_owned())));
    assert_eq!(device.drafts().await.unwrap()[0].touched_at, touched, "looking is not touching");
    assert!(device.stand_at(visit, 7, "WR-17").await.is_err(), "there is no such sheet");
}

#[tokio::test]
async fn a_photo_taken_out_comes_back_whole_and_a_draft_put_aside_is_known_by_its_site() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    let photo = device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, picture()).await.unwrap();
    device.remove_photo(visit, photo.original).await.unwrap();
    assert!(device.visit(visit).await.unwrap().unwrap().draft.photos.is_empty());
    device.restore_photo(visit, 0, photo.clone()).await.unwrap();
    device.close().await;
    let device = phone.start().await;
    let draft = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!(draft.photos, std::slice::from_ref(&photo));
    assert_eq!(draft.sheets[0].answers["WR-12"].photos, [photo.original]);
    assert_eq!(device.photo(photo.original).await.unwrap(), picture());

    assert_eq!(device.discarded(visit).await.unwrap(), None);
    device.discard(visit).await.unwrap();
    assert_eq!(device.discarded(visit).await.unwrap().as_deref(), Some(site().title()));
    device.restore(visit).await.unwrap();
    assert_eq!(device.visit(visit).await.unwrap().unwrap().draft.photos.len(), 1);
}

#[tokio::test]
async fn an_expected_photo_remembers_its_sheet() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    device.expect_photo(visit, 2, Some("SC-13".to_owned())).await.unwrap();
    device.close().await;
    let expected = phone.start().await.expected_photo().await.unwrap().unwrap();
    assert_eq!((expected.sheet, expected.item.as_deref()), (2, Some("SC-13")));
}
