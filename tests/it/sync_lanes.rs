//! Several things on their way at once: what is urgent waits for nothing, originals come last, a network that comes
//! back is used at once.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::sync::Arc;

use xieguan::domain::id::Digest;
use xieguan::store::outbox::OutboxKind;
use xieguan::sync::worker::Worker;

use crate::support::odd_bureau::{Held, OddBureau, Quirk};
use crate::support::phone::{Phone, until};
use crate::support::trouble::{Mode, Trouble};

/// A phone at a bureau that takes chunks but holds its answers.
struct Scene {
    bureau: OddBureau,
    link: Trouble,
    phone: Phone,
}

impl Scene {
    async fn new() -> Self {
        let bureau = OddBureau::start().await;
        bureau.set(Quirk::HoldsChunks);
        let link = Trouble::to(bureau.address).await;
        Self { bureau, link, phone: Phone::new() }
    }

    fn finish(&self, photos: &[(usize, usize)]) -> Digest {
        self.phone.finish(self.bureau.id, photos).0
    }

    fn worker(&self) -> Worker {
        let enrolment = self.bureau.enrolment();
        self.phone.worker(Phone::client(&self.link.url(), &enrolment), &enrolment)
    }

    fn kinds(&self) -> Vec<OutboxKind> {
        self.phone.store().outbox().unwrap().iter().map(|row| row.kind).collect()
    }

    /// Everything arrives once the bureau answers again.
    async fn ends_well(&self, worker: &Worker) {
        self.bureau.set(Quirk::None);
        until(worker, |standing| standing.idle).await;
        let records = self.phone.store().records().unwrap();
        assert!(records.iter().all(|record| record.complete_receipt.is_some()), "{records:?}");
        assert_eq!(self.kinds(), []);
    }

    /// The only original, and a worker that is sending it.
    async fn with_an_original_under_way(&self) -> (Digest, Worker) {
        let digest = self.finish(&[(1_000, 900_000)]);
        let copy = self.phone.store().outbox().unwrap()[1].blob.unwrap();
        let bytes = self.phone.photos.read(&copy).unwrap();
        self.bureau.held().blobs.insert(copy, bytes);
        let worker = self.worker();
        self.bureau.until(|held| held.chunks == 1).await;
        assert_eq!(self.kinds(), [OutboxKind::Original]);
        (digest, worker)
    }
}

fn asked(held: &Held, start: &str) -> usize {
    held.requests.iter().filter(|request| request.starts_with(start)).count()
}

#[tokio::test]
async fn a_document_goes_out_at_once_while_a_chunk_of_an_original_is_still_under_way() {
    let scene = Scene::new().await;
    let (_, worker) = scene.with_an_original_under_way().await;
    let urgent = scene.finish(&[]);
    worker.wake();
    scene.bureau.until(|held| held.documents.contains_key(&urgent)).await;
    assert_eq!(scene.bureau.held().chunks, 1, "the chunk was not answered yet");
    scene.ends_well(&worker).await;
}

#[tokio::test]
async fn two_photos_go_at_once_over_a_link_that_holds_and_leave_room_for_a_document() {
    let scene = Scene::new().await;
    scene.finish(&[(9_000, 900), (9_001, 901), (9_002, 902), (9_003, 903)]);
    let worker = scene.worker();
    scene.bureau.until(|held| held.chunks == 2).await;
    let sending = until(&worker, |standing| standing.under_way.len() == 2).await;
    assert!(sending.to_send > 4 * 9_000, "{sending:?}");
    let urgent = scene.finish(&[]);
    worker.wake();
    scene.bureau.until(|held| held.documents.contains_key(&urgent)).await;
    scene.ends_well(&worker).await;
    assert_eq!(scene.bureau.held().most_chunks, 2);
}

#[tokio::test]
async fn a_link_that_breaks_carries_one_photo_at_a_time() {
    let scene = Scene::new().await;
    scene.finish(&[(300_000, 900), (300_001, 901), (300_002, 902)]);
    let worker = scene.worker();
    scene.bureau.until(|held| held.chunks == 2).await;
    scene.link.set(Mode::Reset);
    until(&worker, |standing| standing.waiting.is_some()).await;
    scene.bureau.until(|held| held.chunks == 0).await;
    scene.bureau.held().most_chunks = 0;
    scene.link.set(Mode::Pass);
    scene.phone.retry(&worker);
    scene.bureau.until(|held| held.chunks == 1).await;
    let urgent = scene.finish(&[]);
    worker.wake();
    scene.bureau.until(|held| held.documents.contains_key(&urgent)).await;
    assert_eq!(scene.bureau.held().most_chunks, 1, "a document needs no photo's lane");
    scene.ends_well(&worker).await;
}

/// A Wi-Fi that becomes a phone's own: the page is told of no change.
#[tokio::test]
async fn before_each_original_the_network_of_the_moment_is_asked_about() {
    let scene = Scene::new().await;
    scene.bureau.set(Quirk::None);
    scene.finish(&[(900, 90_000), (901, 90_001), (902, 90_002)]);
    let enrolment = scene.bureau.enrolment();
    let mut parts = scene.phone.parts(Phone::client(&scene.link.url(), &enrolment), &enrolment);
    let bureau = scene.bureau.clone();
    // Free until the first original is there; two go at a time.
    parts.originals = Arc::new(move || bureau.held().blobs.values().all(|blob| blob.len() < 90_000));
    let worker = Worker::start(parts);
    scene.bureau.until(|held| held.blobs.values().any(|blob| blob.len() >= 90_000)).await;
    until(&worker, |standing| !standing.is_sending() && standing.to_send == 0).await;
    let originals = || scene.bureau.held().blobs.values().filter(|blob| blob.len() >= 90_000).count();
    assert!(originals() < 3, "all of them went over a network that nobody asked about");
    assert!(scene.kinds().contains(&OutboxKind::Original));
}

#[tokio::test]
async fn an_original_under_way_makes_room_for_a_copy_and_goes_on_where_it_stopped() {
    let scene = Scene::new().await;
    let (_, worker) = scene.with_an_original_under_way().await;
    scene.finish(&[(2_000, 3_000)]);
    let copy = scene.phone.store().outbox().unwrap().iter().find_map(|row| {
        let copy = row.kind == OutboxKind::Derived;
        copy.then_some(row.blob).flatten()
    });
    worker.wake();
    scene.bureau.until(|held| asked(held, "PUT") == 2).await;
    scene.bureau.set(Quirk::None);
    scene.bureau.until(|held| held.blobs.contains_key(&copy.unwrap())).await;
    let originals = scene.kinds().iter().filter(|kind| **kind == OutboxKind::Original).count();
    assert_eq!(originals, 2, "both originals came after the copy");
    scene.ends_well(&worker).await;
    assert_eq!(scene.bureau.asked("POST"), 3, "the first original was not begun again");
}

#[tokio::test]
async fn an_original_stops_after_its_chunk_when_the_phone_leaves_wifi_and_goes_on_when_it_is_back() {
    let scene = Scene::new().await;
    let (_, worker) = scene.with_an_original_under_way().await;
    worker.allow_originals(false);
    let standing = until(&worker, |standing| standing.to_send == 0).await;
    assert_eq!(standing.under_way.len(), 1, "the chunk under way is finished");
    scene.bureau.set(Quirk::None);
    until(&worker, |standing| !standing.is_sending()).await;
    assert_eq!(scene.kinds(), [OutboxKind::Original]);
    let there: usize = scene.bureau.held().uploads.values().map(|(.., bytes)| bytes.len()).sum();
    assert!(0 < there && there < 900_000, "{there}");
    worker.allow_originals(true);
    scene.ends_well(&worker).await;
    assert_eq!(scene.bureau.asked("POST"), 1);
}

#[tokio::test]
async fn a_network_that_returns_sends_what_waited_and_leaves_what_was_refused() {
    let scene = Scene::new().await;
    scene.bureau.set(Quirk::None);
    let (refused, waiting) = (scene.finish(&[]), scene.finish(&[(1_000, 2_000)]));
    let later = chrono::Utc::now().timestamp_millis() + 550_000;
    {
        let mut store = scene.phone.store();
        for row in store.outbox().unwrap() {
            store.mark_later(row.id, later).unwrap();
            if row.document == refused {
                store.mark_blocked(row.id, "seal_wrong: as planned").unwrap();
            }
        }
    }
    let worker = scene.worker();
    until(&worker, |standing| standing.waiting.is_some() && standing.contact_ms.is_some()).await;
    assert_eq!(scene.bureau.asked("PUT"), 0);
    worker.network_returned();
    scene.bureau.until(|held| held.documents.contains_key(&waiting)).await;
    until(&worker, |standing| !standing.is_sending() && scene.kinds().len() == 1).await;
    assert!(!scene.bureau.held().documents.contains_key(&refused));
}

#[tokio::test]
async fn an_outage_that_ends_makes_everything_due_that_waited_for_it() {
    let scene = Scene::new().await;
    scene.bureau.set(Quirk::None);
    let (first, second) = (scene.finish(&[]), scene.finish(&[]));
    scene.link.set(Mode::Reset);
    let worker = scene.worker();
    let tries = || scene.phone.store().outbox().unwrap().iter().map(|row| row.tries).sum::<u32>();
    until(&worker, |standing| standing.waiting.is_some() && tries() >= 3).await;
    let later = chrono::Utc::now().timestamp_millis() + 550_000;
    {
        let mut store = scene.phone.store();
        let row = store.outbox().unwrap().into_iter().find(|row| row.document == second).unwrap();
        store.mark_later(row.id, later).unwrap();
    }
    scene.link.set(Mode::Pass);
    // Nobody says so: the next try finds the link carrying.
    until(&worker, |standing| standing.idle).await;
    let held = scene.bureau.held();
    assert!(held.documents.contains_key(&first) && held.documents.contains_key(&second));
}

#[tokio::test]
async fn a_time_is_promised_only_from_a_measured_speed() {
    let scene = Scene::new().await;
    scene.finish(&[(300_000, 900)]);
    let worker = scene.worker();
    scene.bureau.until(|held| held.chunks == 1).await;
    let standing = until(&worker, |standing| standing.is_sending() && standing.to_send > 300_000).await;
    assert_eq!((standing.bytes_per_s, standing.left_s()), (None, None));
    scene.ends_well(&worker).await;
    let standing = worker.standing().borrow().clone();
    assert_eq!((standing.to_send, standing.left_s()), (0, None));
}
