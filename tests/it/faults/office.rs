//! A bureau in this process, a phone without screens, and a link between them that can be troubled: small, so that
//! hundreds of rounds take seconds. Sockets, database and photos are real.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::Utc;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;
use xieguan::bureau::storage::enrolment::NewCode;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::{self, Bureau};
use xieguan::domain::answer::Sheet;
use xieguan::domain::id::{CoordinatorId, Digest};
use xieguan::domain::inspection::Coordinator;
use xieguan::domain::seal::{Purpose, public_key, sign};
use xieguan::domain::site::Township;
use xieguan::sync::client::Client;
use xieguan::sync::worker::{Parts, Worker};
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::enrolment::{EnrolRequest, plain_code};
use xieguan::wire::receipt::ReceiptKind;
use xieguan::wire::sealed::SealedDocument;
use xieguan::wire::sidecar::sealing_public_key;

use super::tally::Tally;
use crate::support::phone::{Enrolment, Phone};
use crate::support::records;
use crate::support::trouble::Trouble;

/// What is waited for comes within this time, or the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Office {
    pub(super) bureau: Bureau,
    pub(super) link: Trouble,
    pub(super) phone: Phone,
    pub(super) enrolment: Enrolment,
    /// Added to the phone's wall clock, milliseconds.
    pub(super) turned_ms: Arc<AtomicI64>,
    /// Bytes that had to reach the bureau so far.
    pub(super) needed: u64,
    /// Documents that were ever seen blocked, with the reason.
    blocked: Mutex<BTreeSet<String>>,
    _stop: oneshot::Sender<()>,
    folder: TempDir,
}

impl Office {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bureau = bureau::open(folder.path(), &Fresh::default()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let link = Trouble::to(listener.local_addr().unwrap()).await;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(bureau::serve(listener, bureau.clone(), async { drop(stopped.await) }));
        let phone = Phone::new();
        let enrolment = enrol(&bureau, &link, &phone).await;
        Self {
            bureau,
            link,
            phone,
            enrolment,
            turned_ms: Arc::default(),
            needed: 0,
            blocked: Mutex::default(),
            _stop: stop,
            folder,
        }
    }

    /// A worker that gives up on silent links soon.
    pub(super) fn worker(&self) -> Worker {
        self.worker_of(&self.phone)
    }

    /// The same for a twin of the phone.
    pub(super) fn worker_of(&self, phone: &Phone) -> Worker {
        let turned = Arc::clone(&self.turned_ms);
        Worker::start(Parts {
            store: Arc::clone(&phone.store),
            photos: Arc::clone(&phone.photos),
            client: Phone::hasty(&self.link.url(), &self.enrolment),
            bureau: self.enrolment.bureau,
            bureau_key: self.enrolment.bureau_key,
            changed: Arc::new(watch::channel(0).0),
            now_ms: Arc::new(move || Utc::now().timestamp_millis() + turned.load(Ordering::SeqCst)),
            originals: Arc::new(|| true),
        })
    }

    /// Finishes a record with these photos and hardly an answer: its document is small.
    pub(super) fn finish(&mut self, photos: &[(usize, usize)]) -> Digest {
        let sheet = Sheet::new(records::water_rural().0);
        let (digest, needed) = self.phone.finish_sheet(self.enrolment.bureau, sheet, photos);
        self.needed += needed;
        digest
    }

    /// Whether the phone believes that everything is delivered.
    pub(super) fn is_done(&self, digest: Digest) -> bool {
        let store = self.phone.store();
        let row = store.documents().unwrap().into_iter().find(|row| row.digest == digest).unwrap();
        row.complete_receipt.is_some() && store.outbox().unwrap().is_empty()
    }

    /// Notes what is blocked now, and gives it a person's word so that the round goes on.
    pub(super) fn look_for_blocked(&self, worker: &Worker) {
        let rows = self.phone.store().documents().unwrap();
        let seen = rows.iter().filter_map(|row| Some((row.name().path(), row.blocked.as_ref()?)));
        let seen: Vec<_> = seen.map(|(name, reason)| format!("{name}: {reason}")).collect();
        if !seen.is_empty() {
            self.blocked.lock().unwrap().extend(seen);
            self.phone.retry(worker);
        }
    }

    /// Waits until a record is delivered and the worker rests; with a network that is there again whenever it waits.
    pub(super) async fn delivered(&self, worker: &Worker, digest: Digest, what: &str) {
        self.delivered_if(worker, digest, true, what).await;
    }

    /// As [`Office::delivered`], perhaps with nobody who helps.
    pub(super) async fn delivered_if(&self, worker: &Worker, digest: Digest, help: bool, what: &str) {
        let began = Instant::now();
        let standing = worker.standing();
        let mut helped: Option<Instant> = None;
        loop {
            let now = standing.borrow().clone();
            if now.idle && self.is_done(digest) {
                return;
            }
            self.look_for_blocked(worker);
            // Networks come back more seldom, and every time asks the bureau something.
            if help
                && now.waiting.is_some()
                && helped.is_none_or(|at| at.elapsed() > Duration::from_millis(100))
            {
                worker.network_returned();
                helped = Some(Instant::now());
            }
            assert!(began.elapsed() < PATIENCE, "{what}: the worker stands at {now:?}");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// What the phone was told against what the bureau holds.
    pub(super) async fn check(&self, tally: &mut Tally) {
        let rows = self.phone.store().documents().unwrap();
        tally.conflicts.extend(self.blocked.lock().unwrap().iter().cloned());
        let mut named = BTreeSet::new();
        for row in &rows {
            let what = format!("record {}/{}", row.id, row.revision);
            let Some(received) = self.bureau.storage().received(row.digest).await.unwrap() else {
                tally.lost.push(format!("{what} is not at the bureau"));
                continue;
            };
            let sent = self.phone.store().envelope(row.id, row.revision).unwrap().unwrap();
            if received.envelope != serde_json::from_str::<SealedDocument>(&sent).unwrap() {
                tally.lost.push(format!("{what} has other bytes at the bureau"));
            }
            if row.complete_receipt.is_none() || received.complete.is_none() {
                tally.lost.push(format!("{what} is not complete"));
            }
            if !received.siblings.is_empty() {
                tally.conflicts.push(format!("{what} has {} siblings", received.siblings.len()));
            }
            for blob in received.blobs {
                named.insert(blob.id);
                let mut bytes = Vec::new();
                let read = self
                    .bureau
                    .photos()
                    .open(blob.id)
                    .map(|mut held| std::io::Read::read_to_end(&mut held.bytes, &mut bytes));
                if read.is_err() || Digest::of(&bytes) != blob.id {
                    tally.lost.push(format!("{what}: photo {}", blob.id));
                }
            }
        }
        self.check_once(rows.len(), &named, tally).await;
    }

    async fn check_once(&self, documents: usize, named: &BTreeSet<Digest>, tally: &mut Tally) {
        let held = self.bureau.storage().inbox_counts(None, 0).await.unwrap().total;
        if held != documents as u64 {
            tally.duplicated.push(format!("{held} records at the bureau for {documents}"));
        }
        let (mut since, mut receipts) = (0, Vec::new());
        loop {
            let page = self.bureau.storage().receipts_since(self.phone.device, since).await.unwrap();
            receipts
                .extend(page.receipts.iter().map(|signed| signed.open(&self.enrolment.bureau_key).unwrap()));
            since = page.last;
            if !page.more {
                break;
            }
        }
        let of = |kind| receipts.iter().filter(|receipt| receipt.kind == kind).count();
        if (of(ReceiptKind::Record), of(ReceiptKind::Complete)) != (documents, documents) {
            tally.duplicated.push(format!("{} receipts for {documents} records", receipts.len()));
        }
        let numbers: BTreeSet<&str> = receipts.iter().map(|receipt| receipt.number.as_str()).collect();
        if numbers.len() != documents {
            tally.duplicated.push(format!("{} numbers for {documents} records", numbers.len()));
        }
        let mut files = 0;
        for shelf in std::fs::read_dir(self.folder.path().join("photos/blobs")).unwrap() {
            files += std::fs::read_dir(shelf.unwrap().path()).unwrap().count();
        }
        if files != named.len() {
            tally.duplicated.push(format!("{files} photo files for {} photos", named.len()));
        }
    }
}

/// Enrols a phone with a code of its own; the same phone may do so again.
pub(super) async fn enrol(bureau: &Bureau, link: &Trouble, phone: &Phone) -> Enrolment {
    let code = Uuid::now_v7().simple().to_string();
    let coordinator = Coordinator {
        id: CoordinatorId(Uuid::now_v7()),
        name: "王示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    };
    let township = Township { code: "000000101".to_owned(), name: "示例镇".to_owned() };
    let now = Utc::now().timestamp_millis();
    let hash = Digest::of(plain_code(&code).as_bytes()).0;
    let new = NewCode { hash, coordinator: coordinator.id, expires_ms: now + 600_000 };
    bureau.storage().add_coordinator(coordinator, township).await.unwrap();
    bureau.storage().add_codes(vec![new], now).await.unwrap();
    let request = EnrolRequest {
        code: code.clone(),
        device: phone.device,
        signing_key: public_key(&phone.key),
        sealing_key: sealing_public_key(&[4; 32]),
        proof: sign(&phone.key, Purpose::Enrolment, &EnrolRequest::proven(&code, phone.device)),
        app_version: "0.1.0".to_owned(),
    };
    let client = Client::new(&link.url(), None).unwrap();
    let enrolled = client.enrol(&request).await.unwrap();
    Enrolment { bureau: enrolled.bureau.id, bureau_key: enrolled.bureau.signing_key, token: enrolled.token }
}
