//! The worker: wakes on changes, time, command or a network, sends what the plan says, keeps receipts, pulls changes.
//!
//! This is its handle; what it does is [`super::task`]. It may be ended at any point: nothing it does is half done
//! when it is done twice.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client::Client;
pub use super::desk::Ended;
use super::speed;
use super::task::Task;
pub use super::why::{Waiting, Why};
use crate::domain::id::{BureauId, Digest};
use crate::domain::seal::PublicKey;
use crate::media::folder::SealedFolder;
use crate::store::Store;

/// In place of the bureau's code: what was to be sent cannot be read on this phone.
pub const HERE: &str = "here";

/// What the worker needs; the store's lock is never held across a request.
#[derive(Clone)]
pub struct Parts {
    /// The phone's database.
    pub store: Arc<Mutex<Store>>,
    /// The sealed photos.
    pub photos: Arc<SealedFolder>,
    /// The bureau's address with this phone's token.
    pub client: Client,
    /// The bureau; nobody else's answer or receipt counts.
    pub bureau: BureauId,
    /// The key that receipts must be signed with.
    pub bureau_key: PublicKey,
    /// Told after every change the worker makes to the store.
    pub changed: Arc<watch::Sender<u64>>,
    /// Wall clock, Unix milliseconds.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Asked on a blocking thread before an original begins: whether the network of this moment may carry it.
    pub originals: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// A row on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// The row.
    pub row: i64,
    /// The document it belongs to.
    pub document: Digest,
    /// Bytes of it that are durably there.
    pub bytes: u64,
}

/// How the worker stands; what the outbox screen shows above the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is being sent right now.
    pub under_way: Vec<UnderWay>,
    /// Bytes per second over the last while; none as long as it is unknown.
    pub bytes_per_s: Option<u64>,
    /// Bytes that go as things stand, those under way included: without what is blocked or waits for Wi-Fi.
    pub to_send: u64,
    /// Nothing is left to send.
    pub idle: bool,
    /// Rows that a person must look at: the bureau refuses them, or they cannot be read here.
    pub blocked: usize,
    /// Originals that may not go over this network.
    pub held_originals: usize,
    /// Waiting, and why.
    pub waiting: Option<Waiting>,
    /// And whoever answers there is not the bureau: its certificate is another.
    pub stranger: bool,
    /// The bureau does not know this phone any more; its words.
    pub sign_in: Option<String>,
    /// Paused by the coordinator.
    pub paused: bool,
    /// Last time the bureau answered, Unix milliseconds.
    pub contact_ms: Option<i64>,
    /// Bureau clock minus phone clock at that time, milliseconds.
    pub offset_ms: Option<i64>,
}

impl Standing {
    /// Whether something is being sent.
    pub fn is_sending(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Whether nothing goes any more without a person's word.
    pub fn rests(&self) -> bool {
        self.idle || (self.blocked > 0 && self.to_send == 0 && self.held_originals == 0 && !self.is_sending())
    }

    /// Bytes of a document that are there beyond its rows that have ended; none when nothing of it is under way.
    pub fn under_way_of(&self, document: Digest) -> Option<u64> {
        let mut bytes = self.under_way.iter().filter(|row| row.document == document).map(|row| row.bytes);
        bytes.next().map(|first| first + bytes.sum::<u64>())
    }

    /// Seconds until everything that may go has gone, at the speed of the last while; none while that is unknown.
    pub fn left_s(&self) -> Option<u64> {
        let there: u64 = self.under_way.iter().map(|row| row.bytes).sum();
        speed::seconds(self.to_send.saturating_sub(there), self.bytes_per_s.filter(|_| self.is_sending()))
    }
}

/// The running worker; dropping it stops the task. A request under way is dropped with it and made again by the
/// next worker; what is being written to the store is written to its end, and what waited for its turn is not.
#[derive(Debug)]
pub struct Worker {
    orders: watch::Sender<Orders>,
    standing: watch::Receiver<Standing>,
    ended: Ended,
    task: JoinHandle<()>,
}

/// What the coordinator wants, and what the phone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) paused: bool,
    pub(super) originals: bool,
    /// Counts the commands to look now.
    pub(super) wakes: u64,
    /// Counts how often the network came back.
    pub(super) returns: u64,
}

impl Worker {
    /// Starts the task on the current tokio runtime.
    pub fn start(parts: Parts) -> Self {
        Self::start_as(parts, false, true)
    }

    /// The same, perhaps paused from the first moment, and without originals.
    pub fn start_as(mut parts: Parts, paused: bool, originals: bool) -> Self {
        let (orders, given) = watch::channel(Orders { paused, originals, wakes: 0, returns: 0 });
        let (telling, standing) = watch::channel(Standing::default());
        parts.client = parts.client.with_bureau(parts.bureau);
        let ended = Ended::default();
        let task = Task::new(parts, ended.clone(), telling, given);
        Self { orders, standing, ended, task: tokio::spawn(task.run()) }
    }

    /// How it stands, live.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Looks at the outbox and pulls changes now. After the bureau has turned the phone away it does nothing:
    /// that takes a new enrolment and a new worker.
    pub fn wake(&self) {
        self.orders.send_modify(|orders| orders.wakes += 1);
    }

    /// The network is there again, or may be: what waited for it goes now. What the bureau refused stays, and what it
    /// asked to wait is waited.
    pub fn network_returned(&self) {
        self.orders.send_modify(|orders| orders.returns += 1);
    }

    /// Pauses or resumes; pieces under way are finished first.
    pub fn pause(&self, paused: bool) {
        self.orders.send_modify(|orders| orders.paused = paused);
    }

    /// Whether originals may be sent now (Wi-Fi-only setting, network kind). They may until this says no.
    pub fn allow_originals(&self, allowed: bool) {
        self.orders.send_modify(|orders| orders.originals = allowed);
    }

    /// Set once the worker is told to end, for what is done beside it.
    pub fn ended(&self) -> Ended {
        self.ended.clone()
    }

    /// Stops and waits until the task has ended.
    pub async fn stop(mut self) {
        self.ended.set();
        self.task.abort();
        // The only error there can be is the one just ordered.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.ended.set();
        self.task.abort();
    }
}
