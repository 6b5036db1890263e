//! A record that the bureau sent back: heard by the phone, corrected with everything filled in, received again.

use xieguan::bureau::storage::decisions::{Decided, NewDecision};
use xieguan::device::Device;
use xieguan::device::returned::{Correcting, Whose};
use xieguan::domain::answer::Answer;
use xieguan::domain::checklist::Level;
use xieguan::domain::report::{How, Outcome as Called};
use xieguan::domain::review::{ItemComment, Outcome, Review, Standing, Verdict};

use super::enrol::{Office, colleague, complete, start};
use super::reports::{duty_room, fails, reports};
use super::*;

/// An enrolled phone whose record is at the bureau; `fill_in` says what is in it.
struct Sent {
    office: Office,
    phone: Phone,
    device: Device,
    id: InspectionId,
    record: Inspection,
    digest: Digest,
}

impl Sent {
    async fn with(fill_in: impl AsyncFnOnce(&Device, InspectionId)) -> Self {
        let (office, phone) = (Office::open().await, Phone::new());
        let device = start(&phone).await;
        office.enrol(&device).await.unwrap();
        let id = visit(&device).await;
        fill(&device, id, &phone.clock).await;
        fill_in(&device, id).await;
        let record = device.finish(id).await.unwrap();
        let digest = complete(&device).await.digest;
        Self { office, phone, device, id, record, digest }
    }

    /// The bureau sends it back, and the phone hears it.
    async fn returned(self, items: &[(&str, &str)]) -> Self {
        decide(&self.office, self.digest, Verdict::Return, items).await;
        heard(&self.device, self.id, |review| review.is_some()).await;
        self
    }
}

/// A reviewer with the whole record before the eyes.
async fn decide(office: &Office, document: Digest, verdict: Verdict, items: &[(&str, &str)]) {
    let storage = office.bureau.storage();
    let comment = |(item, text): &(&str, &str)| ItemComment {
        sheet: 0,
        item: (*item).to_owned(),
        text: (*text).to_owned(),
    };
    let new = NewDecision {
        document,
        verdict,
        comment: String::new(),
        items: items.iter().map(comment).collect(),
        seen: storage.received(document).await.unwrap().unwrap().seen,
        account: "li".to_owned(),
        shown_as: "李审核".to_owned(),
        at_ms: records::moment().timestamp_millis(),
        last_visit: None,
    };
    assert_eq!(storage.decide(new).await.unwrap(), Decided::Done);
}

/// Asks the bureau until what is looked for is there.
async fn heard(device: &Device, id: InspectionId, wanted: impl Fn(Option<&Review>) -> bool) {
    let mut changes = device.changes();
    device.retry().await.unwrap();
    let until = async {
        while !wanted(device.review_of(id).await.unwrap().as_ref()) {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), until).await.unwrap();
}

/// Waits until so many records are proven complete.
async fn all_complete(device: &Device, count: usize) {
    let mut changes = device.changes();
    let until = async {
        loop {
            let rows = device.records().await.unwrap();
            if rows.len() == count && rows.iter().all(|row| row.complete_receipt.is_some()) {
                return;
            }
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), until).await.unwrap();
}

#[tokio::test]
async fn a_returned_record_is_corrected_with_everything_filled_in_and_its_photos_are_not_sent_again() {
    let sent = Sent::with(async |device, id| {
        device.add_photo(id, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
        device.put_guidance(id, "我写的指导意见").await.unwrap();
    });
    let sent = sent.await.returned(&[("WR-14", "请补拍"), ("WR-15", "读数看不清")]).await;
    let Sent { office, phone, device, id, record: first, digest: sealed } = sent;
    let photo = &first.photos[0];
    let returned = device.returned().await.unwrap();
    assert_eq!((returned.len(), &returned[0].whose), (1, &Whose::Mine));
    let told = device.reviewed(id).await.unwrap().unwrap();
    assert_eq!(told.record.as_ref(), Some(&first));

    device.correct(id).await.unwrap();
    device.correct(id).await.unwrap();
    let opened = device.visit(id).await.unwrap().unwrap();
    let draft = opened.draft.clone();
    assert_eq!((draft.revision, draft.parent), (2, Some(sealed)));
    assert_eq!((&draft.sheets, &draft.photos, &draft.fixes), (&first.sheets, &first.photos, &first.fixes));
    assert_eq!((draft.guidance.as_str(), &draft.attestation), ("我写的指导意见", &None));
    assert_eq!(opened.at, Some((0, "WR-14".to_owned())), "it opens at the first comment");
    assert!(device.returned().await.unwrap().is_empty(), "the draft stands in its place");
    let told = device.reviewed(id).await.unwrap().unwrap();
    assert_eq!((told.returned.correcting, told.record.as_ref()), (Correcting::Begun, Some(&first)));
    assert!(device.drafts().await.unwrap()[0].correction);
    assert!(matches!(device.finish(id).await, Err(Error::Unfinished(_))), "it must be signed again");

    // The correction is written elsewhere: the place of the visit stays, and so does the process's end nothing.
    let better = OfferedFix { lat: 31.5, ..fix(30.0, 1.0, &phone.clock) };
    device.offer_fix(id, better).await.unwrap();
    let answer = records::answer(&[("value", records::number("0.30"))]);
    device.answer(id, 0, "WR-15", answer.clone()).await.unwrap();
    device.close().await;
    drop(device);
    let device = start(&phone).await;
    let draft = device.visit(id).await.unwrap().unwrap().draft;
    assert_eq!((&draft.fixes, &draft.sheets[0].answers["WR-15"]), (&first.fixes, &answer));
    sign(&device, id).await;
    let before = device.bytes_sent();
    let second = device.finish(id).await.unwrap();
    assert_eq!((second.revision, second.finished_at), (2, first.finished_at));
    assert!(second.corrected_at.is_some());
    all_complete(&device, 2).await;
    let sent = device.bytes_sent() - before;
    let envelope = serde_json::to_string(&device.envelope(id, 2).await.unwrap().unwrap()).unwrap();
    assert!(sent < envelope.len() as u64 + 20_000, "{sent} bytes for {} of text", envelope.len());

    let digest = device.envelope(id, 2).await.unwrap().unwrap().digest();
    let received = office.bureau.storage().received(digest).await.unwrap().unwrap();
    assert_eq!((received.row.standing, received.row.counts), (Standing::Corrected, true));
    assert!(received.blobs.iter().any(|blob| blob.id == photo.original && blob.held));
    heard(&device, id, |review| review.is_none()).await;
    decide(&office, digest, Verdict::Accept, &[]).await;
    heard(&device, id, |review| review.is_some_and(|one| one.outcome == Outcome::Accepted)).await;
    let review = device.review_of(id).await.unwrap().unwrap();
    assert!(review.is_of(digest, 2) && !review.is_of(sealed, 1));
    assert!(device.returned().await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_that_is_pulled_touches_what_is_being_written() {
    let sent = Sent::with(async |_, _| ()).await.returned(&[("WR-14", "请补拍")]).await;
    let Sent { office, phone, device, id, digest: sealed, .. } = sent;
    device.correct(id).await.unwrap();
    let other = visit(&device).await;
    let note = Answer { note: "打了一半的话".to_owned(), ..Default::default() };
    for draft in [id, other] {
        device.answer(draft, 0, "WR-04", note.clone()).await.unwrap();
    }
    let before = (device.visit(id).await.unwrap().unwrap(), device.visit(other).await.unwrap().unwrap());

    // The review changes, the site gets another name, its checklist is published anew.
    decide(&office, sealed, Verdict::TakeBack, &[]).await;
    decide(&office, sealed, Verdict::Return, &[("WR-15", "换一条意见")]).await;
    let renamed = Site { name: "改了名的供水站".to_owned(), place: None, ..site() };
    office.bureau.storage().put_site(renamed).await.unwrap();
    let newer = xieguan::domain::checklist::SHIPPED[0].replacen("\"version\"", "\"version\" ", 1);
    office.bureau.storage().put_checklist(newer).await.unwrap();
    heard(&device, id, |review| review.is_some_and(|one| one.on(0, "WR-15").is_some())).await;
    assert_eq!(device.sites("改了名", 1).await.unwrap().len(), 1, "the pull came");
    let after = (device.visit(id).await.unwrap().unwrap(), device.visit(other).await.unwrap().unwrap());
    assert_eq!((after.0.draft, after.1.draft), (before.0.draft, before.1.draft));

    // Taken back and accepted: still nothing typed is touched, and it can be finished.
    decide(&office, sealed, Verdict::TakeBack, &[]).await;
    decide(&office, sealed, Verdict::Accept, &[]).await;
    heard(&device, id, |review| review.is_some_and(|one| one.outcome == Outcome::Accepted)).await;
    assert_eq!(device.visit(id).await.unwrap().unwrap().draft.sheets[0].answers["WR-04"].note, note.note);
    fill(&device, id, &phone.clock).await;
    device.finish(id).await.unwrap();
    all_complete(&device, 2).await;
    assert!(device.visit(other).await.unwrap().is_some());
}

#[tokio::test]
async fn a_colleague_on_the_same_phone_is_told_whose_it_is_and_a_new_phone_what_to_do() {
    let sent = Sent::with(async |_, _| ()).await.returned(&[("WR-14", "请补拍")]).await;
    let Sent { office, device, id, .. } = sent;
    office.enrol_as(&device, colleague().id).await.unwrap();
    let returned = device.returned().await.unwrap();
    assert_eq!(returned[0].whose, Whose::Anothers(profile().enrolled.coordinator.name));
    assert!(matches!(device.correct(id).await, Err(Error::NotFound)));

    let replaced = Phone::new();
    let device = start(&replaced).await;
    office.enrol(&device).await.unwrap();
    heard(&device, id, |review| review.is_some()).await;
    let returned = device.returned().await.unwrap();
    assert_eq!((&returned[0].whose, returned[0].site.as_str()), (&Whose::Elsewhere, site().name.as_str()));
    assert!(!returned[0].review.number.is_empty());
    assert!(matches!(device.correct(id).await, Err(Error::NotFound)));
    assert!(device.reviewed(id).await.unwrap().unwrap().record.is_none());
}

#[tokio::test]
async fn what_a_bureau_sent_back_does_not_outlive_the_enrolment_there() {
    let sent = Sent::with(async |_, _| ()).await.returned(&[("WR-14", "请补拍")]).await;
    let other = Office::open().await;
    assert_eq!(sent.device.returned().await.unwrap().len(), 1);
    other.enrol(&sent.device).await.unwrap();
    assert_eq!(sent.device.returned().await.unwrap(), [], "nobody could take it off the screen");
    assert_eq!(sent.device.reviews().await.unwrap(), []);
    assert_eq!(sent.device.records().await.unwrap().len(), 1, "what was sent stays on the phone");
}

/// The same phone, started again.
async fn five_hours_later(phone: &Phone, device: Device) -> Device {
    device.close().await;
    drop(device);
    phone.clock.pass(5 * 3600);
    phone.start().await
}

#[tokio::test]
async fn what_was_reported_of_a_visit_is_not_reported_again_by_its_correction() {
    let ill = || vec!["0-WR-20".to_owned()];
    let sent = Sent::with(async |device, id| {
        fails(device, id, "WR-20").await;
        assert!(device.note_findings(id, ill()).await.unwrap());
        let number = device.add_attempt(id, duty_room(), How::Call).await.unwrap();
        device.put_outcome(id, number, Called::Reached).await.unwrap();
        device.put_report_content(id, Some("三户村民拉肚子，水有异味。".to_owned())).await.unwrap();
        device.send_report(id).await.unwrap().unwrap();
    });
    let Sent { phone, device, id, office: _office, .. } = sent.await.returned(&[("WR-14", "请补拍")]).await;
    let first = reports(&device).await;
    let device = five_hours_later(&phone, device).await;
    device.correct(id).await.unwrap();
    assert!(!device.note_findings(id, ill()).await.unwrap(), "the sheet does not open by itself");
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!((state.adds, state.typed, state.attempts.len(), state.urgent_at), (false, true, 1, None));
    assert_eq!(state.discovered_at, Some(first[0].discovered_at));
    assert_eq!(device.send_report(id).await.unwrap(), None);
    let answer = records::answer(&[("value", records::number("0.30"))]);
    device.answer(id, 0, "WR-15", answer).await.unwrap();
    sign(&device, id).await;
    assert_eq!(device.finish(id).await.unwrap().revision, 2);
    assert_eq!(reports(&device).await, first);
}

#[tokio::test]
async fn what_a_correction_finds_newly_is_added_to_the_report_with_what_it_said_before() {
    let sent = Sent::with(async |device, id| {
        fails(device, id, "WR-12").await;
        device.note_findings(id, Vec::new()).await.unwrap();
        device.add_attempt(id, duty_room(), How::Call).await.unwrap();
    });
    let Sent { phone, device, id, office: _office, .. } = sent.await.returned(&[("WR-20", "再问一问")]).await;
    let first = reports(&device).await;
    let device = five_hours_later(&phone, device).await;
    device.correct(id).await.unwrap();
    assert!(!device.note_findings(id, Vec::new()).await.unwrap());
    assert!(!device.report_state(id).await.unwrap().unwrap().adds);
    fails(&device, id, "WR-20").await;
    assert!(device.note_findings(id, vec!["0-WR-20".to_owned()]).await.unwrap(), "this one is new");
    let state = device.report_state(id).await.unwrap().unwrap();
    assert_eq!((state.adds, state.urgent_at), (true, Some(phone.clock.now())), "two hours from now on");
    sign(&device, id).await;
    device.finish(id).await.unwrap();
    let made = reports(&device).await;
    let [one, two] = made.as_slice() else { panic!("{} reports", made.len()) };
    assert_eq!((first.as_slice(), two.revision, two.level), ([one.clone()].as_slice(), 2, Level::A));
    assert_eq!((two.id, two.discovered_at, &two.attempts), (one.id, one.discovered_at, &one.attempts));
    assert!(two.content.contains(&two.items[0].problem) && two.content.contains(&one.items[0].problem));
}

/// A review of revision 1 as a pull would store it.
fn returned(id: InspectionId) -> Change {
    Change::Review(Box::new(Review {
        inspection: id,
        revision: 1,
        document: None,
        outcome: Outcome::Returned,
        comment: "请看一下".to_owned(),
        items: Vec::new(),
        by: "监督所".to_owned(),
        at: records::moment(),
        site: String::new(),
        number: String::new(),
    }))
}

#[tokio::test]
async fn confidential_texts_go_again_as_they_were_sealed_because_the_phone_cannot_read_them() {
    let phone = Phone::enrolled().await;
    phone.seed(|store| store.apply_changes(&[Change::Checklist(INFORMANT.to_owned())], "2").unwrap());
    let (name, _): (ChecklistRef, _) = Checklist::parse(INFORMANT.as_bytes()).unwrap();
    let device = phone.start().await;
    let id = device.start_visit(site().id, &[name], Origin::Complaint).await.unwrap();
    device.offer_fix(id, fix(30.664_2, 6.0, &phone.clock)).await.unwrap();
    device.put_secret(id, 0, "SA-01", "who", "举报人示例").await.unwrap();
    sign(&device, id).await;
    device.finish(id).await.unwrap();
    let first = device.envelope(id, 1).await.unwrap().unwrap();
    device.close().await;
    drop(device);
    phone.seed(|store| store.apply_changes(&[returned(id)], "3").unwrap());
    let device = phone.start().await;
    device.correct(id).await.unwrap();
    sign(&device, id).await;
    device.finish(id).await.unwrap();
    let second = device.envelope(id, 2).await.unwrap().unwrap();
    assert_eq!(second.sidecar, first.sidecar);
    let secrets = open_secrets(&BUREAU_SECRET, &second.sidecar.unwrap()).unwrap();
    assert!(second.document.contains(&secrets[0].digest().to_string()));
}

#[tokio::test]
async fn a_correction_put_aside_is_brought_back_and_a_finished_one_is_not_begun_again() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    fill(&device, id, &phone.clock).await;
    device.finish(id).await.unwrap();
    device.close().await;
    drop(device);
    phone.seed(|store| store.apply_changes(&[returned(id)], "3").unwrap());
    let device = phone.start().await;
    device.correct(id).await.unwrap();
    device.put_guidance(id, "改过的话").await.unwrap();
    device.discard(id).await.unwrap();
    assert_eq!(device.returned().await.unwrap().len(), 1, "it can be begun from the card");
    device.correct(id).await.unwrap();
    assert_eq!(
        device.visit(id).await.unwrap().unwrap().draft.guidance,
        "改过的话",
        "and goes on where it was"
    );
    sign(&device, id).await;
    device.finish(id).await.unwrap();
    assert!(device.returned().await.unwrap().is_empty(), "the correction waits to be sent");
    assert!(matches!(device.correct(id).await, Err(Error::NotFound)));
}
