//! A phone without screens: a real store, a real photo folder, finished records, and a worker over any address.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;
use xieguan::domain::answer::Sheet;
use xieguan::domain::id::{BureauId, DeviceId, Digest, InspectionId};
use xieguan::domain::inspection::{Clock, Draft, Finishing, Photo, PhotoSource};
use xieguan::domain::seal::{PublicKey, canonical};
use xieguan::media::folder::SealedFolder;
use xieguan::store::Store;
use xieguan::store::record::{Finished, RecordRow};
use xieguan::sync::client::Client;
use xieguan::sync::worker::{Parts, Standing, Worker};
use xieguan::wire::sealed::SealedDocument;

use super::records;

/// The phone. Its folder ends with it.
pub(crate) struct Phone {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) photos: Arc<SealedFolder>,
    pub(crate) device: DeviceId,
    pub(crate) key: SigningKey,
    folder: TempDir,
}

/// The bureau as a phone knows it after enrolment.
#[derive(Clone, Debug)]
pub(crate) struct Enrolment {
    pub(crate) bureau: BureauId,
    pub(crate) bureau_key: PublicKey,
    pub(crate) token: String,
}

impl Phone {
    /// A new phone.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("phone.db"), &[1; 32]).unwrap();
        let photos = SealedFolder::open(folder.path().join("photos"), [2; 32]).unwrap();
        Self {
            store: Arc::new(Mutex::new(store)),
            photos: Arc::new(photos),
            device: DeviceId(Uuid::now_v7()),
            key: SigningKey::from_bytes(&[3; 32]),
            folder,
        }
    }

    /// The same phone after its process ended: everything is opened again.
    pub(crate) fn restarted(self) -> Self {
        let Self { store, photos, device, key, folder } = self;
        drop((store, photos));
        let store = Store::open(&folder.path().join("phone.db"), &[1; 32]).unwrap();
        let photos = SealedFolder::open(folder.path().join("photos"), [2; 32]).unwrap();
        Self { store: Arc::new(Mutex::new(store)), photos: Arc::new(photos), device, key, folder }
    }

    /// The same phone a second time; `copy` fills its folder from the first's.
    pub(crate) fn copy_of(&self, copy: impl FnOnce(&std::path::Path, &std::path::Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Nothing is written meanwhile.
        let _quiet = self.store();
        copy(self.folder.path(), folder.path());
        let store = Store::open(&folder.path().join("phone.db"), &[1; 32]).unwrap();
        let photos = SealedFolder::open(folder.path().join("photos"), [2; 32]).unwrap();
        let (device, key) = (self.device, self.key.clone());
        Self { store: Arc::new(Mutex::new(store)), photos: Arc::new(photos), device, key, folder }
    }

    /// Finishes a record with one photo per size pair (copy, original); their bytes are noise. Returns the
    /// document's hash and the bytes that must reach the bureau at least.
    pub(crate) fn finish(&self, bureau: BureauId, photos: &[(usize, usize)]) -> (Digest, u64) {
        self.finish_sheet(bureau, records::compliant_sheet(), photos)
    }

    /// As [`Phone::finish`], with this sheet.
    pub(crate) fn finish_sheet(
        &self,
        bureau: BureauId,
        sheet: Sheet,
        photos: &[(usize, usize)],
    ) -> (Digest, u64) {
        let mut draft = records::draft(sheet);
        draft.id = InspectionId(Uuid::now_v7());
        draft.photos = photos.iter().map(|sizes| self.photo(*sizes)).collect();
        self.store().add_draft(&draft).unwrap();
        self.finish_draft(bureau, draft)
    }

    /// Finishes a draft that the store has; as [`Phone::finish`].
    pub(crate) fn finish_draft(&self, bureau: BureauId, draft: Draft) -> (Digest, u64) {
        let facts = Finishing {
            finished_at: draft.started_at + TimeDelta::minutes(6),
            clock: Clock::default(),
            bureau,
            device: self.device,
            app_version: "0.1.0".to_owned(),
        };
        let document = draft.finish(facts, records::shipped_once());
        let text = canonical(&document).unwrap();
        let sealed = SealedDocument::seal(text.clone(), self.device, &self.key, None);
        let envelope = serde_json::to_string(&sealed).unwrap();
        let blobs: u64 = document.photos.iter().map(|photo| photo.derived_bytes + photo.original_bytes).sum();
        let needed = blobs + envelope.len() as u64;
        let finished = Finished {
            id: document.id,
            revision: document.revision,
            digest: sealed.digest(),
            document: text,
            envelope,
            site: document.site.title.clone(),
            finished_at: document.finished_at,
            level: None,
            derived: document.photos.iter().map(|photo| (photo.derived, photo.derived_bytes)).collect(),
            originals: document.photos.iter().map(|photo| (photo.original, photo.original_bytes)).collect(),
        };
        self.store().finish(&finished).unwrap();
        (finished.digest, needed)
    }

    fn photo(&self, (derived, original): (usize, usize)) -> Photo {
        Photo {
            original: self.photos.put(&noise(original)).unwrap(),
            original_bytes: original as u64,
            derived: self.photos.put(&noise(derived)).unwrap(),
            derived_bytes: derived as u64,
            item: Some("WR-14".to_owned()),
            taken_at: records::moment(),
            source: PhotoSource::Camera,
            fix: None,
        }
    }

    /// The store, locked.
    pub(crate) fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    /// The same database over a connection of its own, as a test needs it that makes the store fail.
    #[expect(clippy::disallowed_methods, reason = "a second hand at the store")]
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        let raw = rusqlite::Connection::open(self.folder.path().join("phone.db")).unwrap();
        raw.execute_batch(&format!("pragma key = \"x'{}'\"", "01".repeat(32))).unwrap();
        raw
    }

    /// The only record.
    pub(crate) fn record(&self) -> RecordRow {
        let records = self.store().records().unwrap();
        assert_eq!(records.len(), 1);
        records.into_iter().next().unwrap()
    }

    /// A client with the token.
    pub(crate) fn client(url: &str, enrolment: &Enrolment) -> Client {
        Client::new(url, Some(&enrolment.token)).unwrap().with_bureau(enrolment.bureau)
    }

    /// A client that gives up on silent links soon, for tests in which one is silent on purpose.
    pub(crate) fn hasty(url: &str, enrolment: &Enrolment) -> Client {
        Self::client(url, enrolment).with_patience(Duration::from_millis(500))
    }

    /// Starts the worker over this client.
    pub(crate) fn worker(&self, client: Client, enrolment: &Enrolment) -> Worker {
        Worker::start(self.parts(client, enrolment))
    }

    /// What a worker needs.
    pub(crate) fn parts(&self, client: Client, enrolment: &Enrolment) -> Parts {
        Parts {
            store: Arc::clone(&self.store),
            photos: Arc::clone(&self.photos),
            client,
            bureau: enrolment.bureau,
            bureau_key: enrolment.bureau_key,
            changed: Arc::new(watch::channel(0).0),
            now_ms: Arc::new(|| Utc::now().timestamp_millis()),
            originals: Arc::new(|| true),
        }
    }

    /// As the coordinator's “try now”.
    pub(crate) fn retry(&self, worker: &Worker) {
        self.store().retry_all().unwrap();
        worker.wake();
    }
}

/// Waits until the worker stands so; what it never comes to is a failed test, not a hanging one.
pub(crate) async fn until(worker: &Worker, stands: impl FnMut(&Standing) -> bool) -> Standing {
    let mut standing = worker.standing();
    let reached = tokio::time::timeout(Duration::from_secs(60), standing.wait_for(stands)).await;
    let last = worker.standing().borrow().clone();
    reached.unwrap_or_else(|_| panic!("the worker stands at {last:?}")).unwrap().clone()
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    rand::RngCore::fill_bytes(&mut rand::thread_rng(), &mut noise);
    noise
}
