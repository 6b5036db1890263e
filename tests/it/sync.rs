//! The way to the bureau: what counts as an answer, what is sent in which order, and that trouble loses nothing.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use axum::http::StatusCode;
use uuid::Uuid;
use xieguan::domain::id::Epoch;
use xieguan::store::outbox::OutboxKind;
use xieguan::sync::client::{CallError, Client};
use xieguan::sync::worker::Worker;
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::changes::Change;
use xieguan::wire::enrolment::Settings;
use xieguan::wire::failure::Code;

use crate::support::odd_bureau::{OddBureau, Quirk};
use crate::support::phone::{Phone, until};
use crate::support::trouble::{Mode, Trouble};

/// A phone with one finished record, an odd bureau, and a link between them that may be troubled.
struct Scene {
    bureau: OddBureau,
    link: Trouble,
    phone: Phone,
    needed: u64,
}

impl Scene {
    async fn with(photos: &[(usize, usize)]) -> Self {
        let bureau = OddBureau::start().await;
        let link = Trouble::to(bureau.address).await;
        let phone = Phone::new();
        let (_, needed) = phone.finish(bureau.id, photos);
        Self { bureau, link, phone, needed }
    }

    fn client(&self) -> Client {
        Phone::client(&self.link.url(), &self.bureau.enrolment())
    }

    fn worker(&self) -> Worker {
        self.phone.worker(self.client(), &self.bureau.enrolment())
    }

    fn hasty_worker(&self) -> Worker {
        let enrolment = self.bureau.enrolment();
        self.phone.worker(Phone::hasty(&self.link.url(), &enrolment), &enrolment)
    }

    fn kinds(&self) -> Vec<OutboxKind> {
        self.phone.store().outbox().unwrap().iter().map(|row| row.kind).collect()
    }

    /// Everything is there and proven, and nothing is there that was not sent.
    fn assert_complete(&self) {
        let record = self.phone.record();
        assert!(record.record_receipt.is_some() && record.complete_receipt.is_some(), "{record:?}");
        assert_eq!(self.kinds(), []);
        let held = self.bureau.held();
        assert_eq!(held.documents.keys().collect::<Vec<_>>(), [&record.digest]);
        for blob in held.documents[&record.digest].blobs() {
            assert_eq!(held.blobs[&blob], self.phone.photos.read(&blob).unwrap());
        }
    }

    async fn heals(&self, worker: &Worker) {
        self.link.set(Mode::Pass);
        self.bureau.set(Quirk::None);
        self.phone.retry(worker);
        until(worker, |standing| standing.idle).await;
        self.assert_complete();
    }
}

const NOTHING_SENT: [OutboxKind; 3] = [OutboxKind::Record, OutboxKind::Derived, OutboxKind::Original];

#[tokio::test]
async fn a_record_goes_first_then_copies_then_originals_and_ends_with_a_proof_of_completeness() {
    let scene = Scene::with(&[(20_000, 90_000), (30_000, 80_000)]).await;
    let worker = scene.worker();
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
    let sent = scene.bureau.held().requests.clone();
    let at = |start: &str| sent.iter().position(|request| request.starts_with(start)).unwrap();
    assert!(at("PUT /v1/inspections") < at("POST /v1/photos"));
    assert_eq!(scene.bureau.asked("PUT"), 1);
    assert_eq!(scene.bureau.asked("POST"), 4);
}

#[tokio::test]
async fn the_bytes_counted_are_the_bytes_that_crossed_the_wire() {
    let scene = Scene::with(&[(50_000, 300_000)]).await;
    let client = scene.client();
    let worker = scene.phone.worker(client.clone(), &scene.bureau.enrolment());
    until(&worker, |standing| standing.idle).await;
    assert_eq!(client.bytes_sent(), scene.link.bytes_up());
    assert!(scene.link.bytes_up() > scene.needed);
}

#[tokio::test]
async fn photos_that_the_bureau_has_are_not_sent() {
    let scene = Scene::with(&[(20_000, 90_000)]).await;
    let rows = scene.phone.store().outbox().unwrap();
    for row in rows.iter().filter(|row| row.kind == OutboxKind::Original) {
        let blob = row.blob.unwrap();
        scene.bureau.held().blobs.insert(blob, scene.phone.photos.read(&blob).unwrap());
    }
    let worker = scene.worker();
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
    assert_eq!(scene.bureau.asked("POST"), 1);
    assert!(scene.link.bytes_up() < 90_000);
}

#[tokio::test]
async fn an_answer_that_is_not_the_bureaus_is_never_success() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    let client = Phone::hasty(&scene.link.url(), &scene.bureau.enrolment());
    let unreached = async |why: &str| {
        let answer = client.changes(None).await;
        assert!(matches!(&answer, Err(CallError::Later(later)) if later.code.is_none()), "{why}: {answer:?}");
        let worker = scene.hasty_worker();
        let standing = until(&worker, |standing| standing.waiting.is_some()).await;
        assert_eq!((standing.contact_ms, standing.sign_in), (None, None), "{why}");
        worker.stop().await;
        assert_eq!(scene.kinds(), NOTHING_SENT, "{why}");
        assert_eq!(scene.phone.record().record_receipt, None, "{why}");
        scene.phone.store().retry_all().unwrap();
    };
    for quirk in [Quirk::OtherBureau, Quirk::Nameless, Quirk::Redirects, Quirk::CutsJson] {
        scene.bureau.set(quirk);
        unreached(&format!("{quirk:?}")).await;
    }
    for mode in [Mode::Portal, Mode::Reset, Mode::LoseAnswers, Mode::StallAt(0)] {
        scene.bureau.set(Quirk::None);
        scene.link.set(mode);
        unreached(&format!("{mode:?}")).await;
    }
    scene.heals(&scene.worker()).await;
}

#[tokio::test]
async fn a_receipt_counts_only_when_the_bureau_signed_it_for_this_document() {
    for quirk in [Quirk::ForgesReceipts, Quirk::MixesUpReceipts, Quirk::LendsReceipts] {
        let scene = Scene::with(&[(1_000, 2_000)]).await;
        scene.bureau.set(quirk);
        let worker = scene.worker();
        until(&worker, |standing| standing.waiting.is_some()).await;
        assert_eq!(scene.kinds(), NOTHING_SENT, "{quirk:?}");
        let record = scene.phone.record();
        assert_eq!((record.record_receipt, record.complete_receipt), (None, None), "{quirk:?}");
        assert!(record.tries > 0, "{quirk:?}");
        scene.heals(&worker).await;
    }
}

#[tokio::test]
async fn a_lost_answer_leads_to_one_record_not_two() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    scene.link.set(Mode::LoseAnswers);
    let worker = scene.worker();
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert!(scene.bureau.asked("PUT /v1/inspections") >= 1);
    assert_eq!(scene.phone.record().record_receipt, None);
    scene.heals(&worker).await;
}

#[tokio::test]
async fn a_link_that_breaks_every_200_kilobytes_costs_under_five_percent() {
    for mode in [Mode::BreakEach(200_000), Mode::BreakEvery(200_000)] {
        let scene = Scene::with(&[(350_000, 1_500_000), (380_000, 1_700_000)]).await;
        scene.link.set(mode);
        let client = scene.client();
        let worker = scene.phone.worker(client.clone(), &scene.bureau.enrolment());
        until(&worker, |standing| standing.idle).await;
        scene.assert_complete();
        assert!(scene.link.breaks() > 0, "{mode:?}");
        let (sent, arrived) = (client.bytes_sent(), scene.link.bytes_up());
        assert!(
            sent * 100 <= scene.needed * 105,
            "{mode:?}: {sent} for {}, {} breaks",
            scene.needed,
            scene.link.breaks()
        );
        assert!(arrived <= sent, "{mode:?}: {arrived} arrived of {sent}");
    }
}

/// Sends until the link stalls in the middle of the original, and ends the process there.
async fn killed_in_the_original() -> Scene {
    let scene = Scene::with(&[(20_000, 400_000)]).await;
    scene.link.set(Mode::StallAt(200_000));
    let worker = scene.hasty_worker();
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert_eq!(scene.kinds(), [OutboxKind::Original]);
    worker.stop().await;
    let Scene { bureau, link, phone, needed } = scene;
    link.set(Mode::Pass);
    let phone = phone.restarted();
    phone.store().retry_all().unwrap();
    Scene { bureau, link, phone, needed }
}

#[tokio::test]
async fn a_killed_worker_goes_on_where_the_bureaus_copy_ends() {
    let scene = killed_in_the_original().await;
    let before = scene.link.bytes_up();
    let worker = scene.worker();
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
    assert_eq!(scene.bureau.asked("POST"), 2);
    assert!(scene.link.bytes_up() - before < 300_000);
}

#[tokio::test]
async fn an_upload_that_the_bureau_forgot_is_begun_again() {
    let scene = killed_in_the_original().await;
    scene.bureau.held().uploads.clear();
    let worker = scene.worker();
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
    assert_eq!(scene.bureau.asked("POST"), 3);
}

#[tokio::test]
async fn a_bureau_that_forgets_uploads_all_the_time_blocks_nothing() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    scene.bureau.set(Quirk::ForgetsUploads);
    let worker = scene.worker();
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert_eq!(scene.phone.record().blocked, None);
    scene.heals(&worker).await;
}

#[tokio::test]
async fn a_phone_that_is_turned_away_stops_and_keeps_everything() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    scene.bureau.set(Quirk::Revokes);
    let worker = scene.worker();
    let standing = until(&worker, |standing| standing.sign_in.is_some()).await;
    assert_eq!(standing.sign_in.as_deref(), Some("the odd bureau's words"));
    assert_eq!(scene.kinds(), NOTHING_SENT);
    let asked = scene.bureau.asked("");
    worker.wake();
    worker.pause(true);
    until(&worker, |standing| standing.paused).await;
    assert_eq!(scene.bureau.asked(""), asked);
    worker.stop().await;
    scene.heals(&scene.worker()).await;
}

#[tokio::test]
async fn a_refused_record_shows_the_bureaus_words_and_stops_no_other() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    scene.bureau.set(Quirk::Refuses(StatusCode::UNPROCESSABLE_ENTITY, Code::SealWrong));
    let worker = scene.worker();
    until(&worker, |standing| standing.contact_ms.is_some() && standing.offset_ms.is_some()).await;
    let record = scene.phone.record();
    assert_eq!(record.blocked.as_deref(), Some("seal_wrong: the odd bureau's words"));
    assert_eq!(scene.kinds(), NOTHING_SENT);
    scene.bureau.set(Quirk::None);
    let (other, _) = scene.phone.finish(scene.bureau.id, &[]);
    worker.wake();
    let mut changes = worker.standing();
    let arrived = |scene: &Scene| {
        let records = scene.phone.store().records().unwrap();
        records.iter().any(|row| row.digest == other && row.complete_receipt.is_some())
    };
    while !arrived(&scene) {
        changes.changed().await.unwrap();
    }
    assert_eq!(scene.kinds(), NOTHING_SENT);
    scene.phone.retry(&worker);
    until(&worker, |standing| standing.idle).await;
    assert_eq!(scene.kinds(), []);
}

#[tokio::test]
async fn a_paused_worker_sends_nothing_until_it_may() {
    let scene = Scene::with(&[(1_000, 2_000)]).await;
    let worker = scene.worker();
    worker.pause(true);
    until(&worker, |standing| standing.paused).await;
    assert_eq!(scene.link.connections(), 0);
    worker.pause(false);
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
}

#[tokio::test]
async fn originals_wait_until_they_are_allowed() {
    let scene = Scene::with(&[(1_000, 2_000), (1_001, 2_001)]).await;
    let worker = scene.worker();
    worker.allow_originals(false);
    let mut changes = worker.standing();
    while scene.kinds() != [OutboxKind::Original; 2] {
        changes.changed().await.unwrap();
    }
    until(&worker, |standing| !standing.is_sending() && standing.offset_ms.is_some()).await;
    assert_eq!(scene.bureau.held().blobs.len(), 2);
    assert!(scene.phone.record().record_receipt.is_some());
    worker.allow_originals(true);
    until(&worker, |standing| standing.idle).await;
    scene.assert_complete();
}

#[tokio::test]
async fn changes_arrive_page_by_page_and_the_place_is_kept() {
    let scene = Scene::with(&[]).await;
    let settings = Settings { keep_days: 30, ..Settings::default() };
    let unknown = Change { kind: "from the future".to_owned(), id: "1".to_owned(), body: None };
    scene.bureau.held().changes = vec![unknown, Change::settings(&settings).unwrap()];
    let worker = scene.worker();
    let standing = until(&worker, |standing| standing.idle).await;
    let setting = |name: &str| scene.phone.store().setting(name).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&setting("settings").unwrap()).unwrap(), settings);
    assert_eq!(setting("cursor").as_deref(), Some("\"2\""));
    assert!(standing.offset_ms.unwrap().abs() < 60_000);
    assert_eq!(scene.bureau.asked("GET /v1/changes"), 2);
}

#[tokio::test]
async fn a_bureau_restored_from_a_backup_gets_exactly_what_it_lost() {
    let scene = Scene::with(&[(10_000, 20_000), (11_000, 21_000)]).await;
    let worker = scene.worker();
    until(&worker, |standing| standing.idle).await;
    let lost = {
        let mut held = scene.bureau.held();
        held.forget_receipts();
        held.documents.clear();
        held.epoch = Some(Epoch(Uuid::now_v7()));
        let lost = *held.blobs.keys().next().unwrap();
        held.blobs.remove(&lost).unwrap();
        held.requests.clear();
        lost
    };
    let before = serde_json::to_string(&scene.bureau.held().epoch).unwrap();
    worker.wake();
    let mut standing = worker.standing();
    while scene.phone.store().setting("epoch").unwrap().as_ref() != Some(&before) || !scene.kinds().is_empty()
    {
        standing.changed().await.unwrap();
    }
    until(&worker, |standing| standing.idle).await;
    assert!(scene.bureau.held().blobs.contains_key(&lost));
    assert_eq!((scene.bureau.asked("PUT"), scene.bureau.asked("POST")), (1, 1));
    scene.assert_complete();
}
