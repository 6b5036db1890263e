//! The worker: wakes on changes, time or command, sends what the plan says, keeps receipts, pulls changes.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::client::Client;
use crate::domain::seal::PublicKey;
use crate::media::folder::SealedFolder;
use crate::store::Store;

/// What the worker needs; the store's lock is never held across a request.
#[derive(Clone)]
pub struct Parts {
    /// The phone's database.
    pub store: Arc<Mutex<Store>>,
    /// The sealed photos.
    pub photos: Arc<SealedFolder>,
    /// The bureau.
    pub client: Client,
    /// The key that receipts must be signed with.
    pub bureau_key: PublicKey,
    /// Told after every change the worker makes to the store.
    pub changed: Arc<watch::Sender<u64>>,
    /// Wall clock, Unix milliseconds.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
}

/// How the worker stands; what the outbox screen shows above the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Sending right now: row, bytes of it durably there.
    pub sending: Option<(i64, u64)>,
    /// Nothing is left to send.
    pub idle: bool,
    /// Waiting because of this, until the moment given (Unix milliseconds).
    pub waiting: Option<(String, i64)>,
    /// The bureau does not know this phone any more; its words.
    pub sign_in: Option<String>,
    /// Paused by the coordinator.
    pub paused: bool,
    /// Last time the bureau answered, Unix milliseconds.
    pub contact_ms: Option<i64>,
    /// Bureau clock minus phone clock at that time, milliseconds.
    pub offset_ms: Option<i64>,
}

/// The running worker; dropping it stops the task between two requests.
#[derive(Debug)]
pub struct Worker {
    standing: watch::Receiver<Standing>,
}

impl Worker {
    /// Starts the task on the current tokio runtime.
    pub fn start(_parts: Parts) -> Self {
        todo!()
    }

    /// How it stands, live.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Looks at the outbox and pulls changes now.
    pub fn wake(&self) {
        todo!()
    }

    /// Pauses or resumes.
    pub fn pause(&self, _paused: bool) {
        todo!()
    }

    /// Whether originals may be sent now (Wi-Fi-only setting, network kind).
    pub fn allow_originals(&self, _allowed: bool) {
        todo!()
    }
}
