//! The information report of a visit: with its end, before it, after a kill, without a network, never twice.

use xieguan::device::{Device, Error};
use xieguan::domain::answer::Answer;
use xieguan::domain::checklist::Level;
use xieguan::domain::document::DocumentKind;
use xieguan::domain::id::InspectionId;
use xieguan::domain::report::{Callee, How, Outcome, Report};

use super::{Phone, fill, visit};
use crate::support::records::{answer, yes_no};

pub(super) fn duty_room() -> Callee {
    Callee { title: "示例县卫生监督所值班室".to_owned(), phone: "000-0000-0120".to_owned() }
}

/// The item fails: WR-20 is of level A, WR-12 and WR-07 of level B.
pub(super) async fn fails(device: &Device, visit: InspectionId, item: &str) {
    let failed: Answer = answer(&[("ok", yes_no(false))]);
    device.answer(visit, 0, item, failed).await.unwrap();
    if item != "WR-20" {
        device
            .add_photo(
                visit,
                0,
                Some(item),
                xieguan::domain::inspection::PhotoSource::Camera,
                super::picture(),
            )
            .await
            .unwrap();
    }
}

/// The reports on the phone, oldest first.
pub(super) async fn reports(device: &Device) -> Vec<Report> {
    let mut rows = device.documents().await.unwrap();
    rows.retain(|row| row.kind == DocumentKind::Report);
    rows.sort_by_key(|row| row.revision);
    let mut found = Vec::new();
    for row in rows {
        let sealed = device.envelope(row.id, row.revision).await.unwrap().unwrap();
        found.push(serde_json::from_str(&sealed.document).unwrap());
    }
    found
}

async fn started() -> (Phone, Device, InspectionId) {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    fill(&device, id, &phone.clock).await;
    (phone, device, id)
}

#[tokio::test]
async fn finishing_a_visit_with_findings_of_level_a_and_b_makes_one_report_pre_filled() {
    let (_phone, device, id) = started().await;
    fails(&device, id, "WR-20").await;
    fails(&device, id, "WR-12").await;
    device.finish(id).await.unwrap();
    let made = reports(&device).await;
    let [report] = made.as_slice() else { panic!("{} reports", made.len()) };
    assert_eq!((report.revision, report.level, report.inspection), (1, Level::A, id));
    assert_eq!(report.category, "饮用水卫生");
    let items: Vec<_> = report.items.iter().map(|item| (item.item.as_str(), item.level)).collect();
    assert_eq!(items, [("WR-20", Level::A), ("WR-12", Level::B)], "the most serious first");
    assert!(report.content.contains(&report.site.title) && report.content.contains(&report.items[1].problem));
    assert!(!report.coordinators.is_empty());
}

#[tokio::test]
async fn a_visit_without_serious_findings_makes_no_report() {
    let (_phone, device, id) = started().await;
    device.finish(id).await.unwrap();
    assert!(reports(&device).await.is_empty());
}

#[tokio::test]
async fn a_report_sealed_early_outlives_a_kill_and_the_end_of_the_visit_sends_no_second_one() {
    let (phone, device, id) = started().await;
    fails(&device, id, "WR-20").await;
    let opens = device.note_findings(id, vec!["0-WR-20".to_owned()]).await.unwrap();
    assert!(opens, "the sheet opens by itself");
    phone.clock.pass(60);
    let number = device.add_attempt(id, duty_room(), How::Call).await.unwrap();
    device.put_outcome(id, number, Outcome::NoAnswer).await.unwrap();
    let sealed = device.send_report(id).await.unwrap().unwrap();
    assert_eq!((sealed.reported_at - sealed.discovered_at).num_seconds(), 60);
    assert_eq!(sealed.attempts[0].outcome, Outcome::NoAnswer);
    assert_eq!(device.send_report(id).await.unwrap(), None, "a second tap");
    device.close().await;
    drop(device);

    let device = phone.start().await;
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!(state.signed.map(|signed| (signed.revision, signed.received)), Some((1, false)));
    assert_eq!((state.adds, state.attempts.len()), (false, 1));
    assert!(!device.note_findings(id, vec!["0-WR-20".to_owned()]).await.unwrap(), "not a second time");
    device.finish(id).await.unwrap();
    assert_eq!(reports(&device).await, [sealed]);
}

#[tokio::test]
async fn the_end_of_the_visit_adds_a_revision_for_what_the_sealed_report_does_not_say() {
    let (_phone, device, id) = started().await;
    fails(&device, id, "WR-20").await;
    let first = device.send_report(id).await.unwrap().unwrap();
    fails(&device, id, "WR-12").await;
    device.finish(id).await.unwrap();
    let made = reports(&device).await;
    assert_eq!(made.iter().map(|report| report.revision).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((made[1].id, made[1].items.len()), (first.id, 2));
    let row = device
        .documents()
        .await
        .unwrap()
        .into_iter()
        .find(|row| row.id == first.id.into() && row.revision == 1);
    assert_eq!(made[1].parent, row.map(|row| row.digest));
}

#[tokio::test]
async fn typed_content_is_kept_as_typed_and_follows_the_findings_again_on_command() {
    let (phone, device, id) = started().await;
    fails(&device, id, "WR-20").await;
    device.put_report_content(id, Some("三户村民拉肚子，水有异味。".to_owned())).await.unwrap();
    fails(&device, id, "WR-12").await;
    device.close().await;
    drop(device);
    let device = phone.start().await;
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!((state.content.as_str(), state.typed), ("三户村民拉肚子，水有异味。", true));
    assert_ne!(state.content, state.ready);
    device.put_report_content(id, None).await.unwrap();
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!((state.content == state.ready, state.typed), (true, false));
}

#[tokio::test]
async fn before_enrolment_calls_are_kept_and_the_written_report_waits_for_it() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    fails(&device, id, "WR-20").await;
    device.add_attempt(id, duty_room(), How::Call).await.unwrap();
    assert!(matches!(device.send_report(id).await, Err(Error::NotEnrolled)));
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!((state.attempts.len(), state.signed, state.coordinator), (1, None, None));
    assert!(device.documents().await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_of_a_practice_visit_is_ever_reported() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = device.start_practice().await.unwrap();
    assert!(matches!(device.send_report(id).await, Err(Error::Practice)));
    assert!(device.report_state(id).await.unwrap().unwrap().practice);
    device.add_attempt(id, duty_room(), How::Call).await.unwrap();
    device.end_practice(id).await.unwrap();
    assert_eq!(device.report_state(id).await.unwrap(), None);
}
