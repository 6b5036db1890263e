//! The worker: wakes on changes, time or command, sends what the plan says, keeps receipts, pulls changes.
//!
//! One task. It may be ended at any point: nothing it does is half done when it is done twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client::{CallError, Client, Later};
use super::desk::{Desk, Halt};
use super::pace::Pace;
use super::plan::{self, Step};
use crate::domain::id::{BureauId, Digest};
use crate::domain::seal::PublicKey;
use crate::media::folder::SealedFolder;
use crate::store::Store;
use crate::store::outbox::{OutboxItem, OutboxKind};
use crate::wire::failure::Code;
use crate::wire::receipt::Held;

/// How often the bureau is asked for changes when nothing else happens.
const PULL_EVERY_MS: i64 = 15 * 60 * 1_000;

/// In place of the bureau's code: what was to be sent cannot be read on this phone.
pub const HERE: &str = "here";

/// A code's stable name, as it stands before the detail in a blocked row's reason.
fn code_name(code: Code) -> String {
    let name = serde_json::to_value(code).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned()
}

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
}

/// How the worker stands; what the outbox screen shows above the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Sending right now: row, bytes of it durably there.
    pub sending: Option<(i64, u64)>,
    /// The document that row belongs to.
    pub document: Option<Digest>,
    /// Bytes per second of the last piece, while the link holds.
    pub bytes_per_s: Option<u64>,
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

/// The running worker; dropping it stops the task. A request under way is dropped with it and made again by the
/// next worker; what was being written to the store is still written.
#[derive(Debug)]
pub struct Worker {
    orders: watch::Sender<Orders>,
    standing: watch::Receiver<Standing>,
    task: JoinHandle<()>,
}

/// What the coordinator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) paused: bool,
    pub(super) originals: bool,
    pub(super) wakes: u64,
}

impl Worker {
    /// Starts the task on the current tokio runtime.
    pub fn start(parts: Parts) -> Self {
        Self::start_as(parts, false, true)
    }

    /// The same, perhaps paused from the first moment, and without originals.
    pub fn start_as(mut parts: Parts, paused: bool, originals: bool) -> Self {
        let (orders, given) = watch::channel(Orders { paused, originals, wakes: 0 });
        let (telling, standing) = watch::channel(Standing::default());
        parts.client = parts.client.with_bureau(parts.bureau);
        let task = Task {
            desk: Desk { parts, standing: telling },
            orders: given,
            wakes_seen: 0,
            pace: Pace::default(),
            link: Back::default(),
            pulls: Back::default(),
            compared: None,
            why: String::new(),
            signed_out: false,
        };
        Self { orders, standing, task: tokio::spawn(task.run()) }
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

    /// Pauses or resumes; a chunk under way is finished first.
    pub fn pause(&self, paused: bool) {
        self.orders.send_modify(|orders| orders.paused = paused);
    }

    /// Whether originals may be sent now (Wi-Fi-only setting, network kind). They may until this says no.
    pub fn allow_originals(&self, allowed: bool) {
        self.orders.send_modify(|orders| orders.originals = allowed);
    }

    /// Stops and waits until the task has ended.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only error there can be is the one just ordered.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Failures in a row of one kind, and until when they make it wait.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Back {
    pub(super) tries: u32,
    pub(super) until_ms: i64,
}

impl Back {
    pub(super) fn failed(&mut self, now_ms: i64) -> i64 {
        self.tries = self.tries.saturating_add(1);
        let wait = plan::wait_ms(self.tries, rand::random());
        self.until_ms = now_ms + wait;
        wait
    }
}

/// The task's own state; everything that must outlive it is in the store.
pub(super) struct Task {
    pub(super) desk: Desk,
    pub(super) orders: watch::Receiver<Orders>,
    pub(super) pace: Pace,
    pub(super) pulls: Back,
    /// The last difference that was looked into: what this phone and what the bureau believed.
    pub(super) compared: Option<(Held, Held)>,
    wakes_seen: u64,
    link: Back,
    why: String,
    signed_out: bool,
}

/// When the next turn is.
enum Turn {
    Now,
    At(i64),
    OnOrder,
}

impl Task {
    async fn run(mut self) {
        loop {
            let turn = match self.turn().await {
                Ok(turn) => turn,
                Err(error) => Turn::At(self.trouble(&error.to_string())),
            };
            let wait = match turn {
                Turn::Now => continue,
                Turn::OnOrder => None,
                // A phone that slept looks again soon after it wakes: long waits are cut into minutes.
                Turn::At(until) => Some((until - self.desk.now_ms()).clamp(0, 60_000)),
            };
            let slept = async {
                match wait {
                    Some(ms) => tokio::time::sleep(Duration::from_millis(ms.unsigned_abs())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = slept => {}
                ordered = self.orders.changed() => if ordered.is_err() { return },
            }
        }
    }

    async fn turn(&mut self) -> Result<Turn, Halt> {
        let orders = *self.orders.borrow_and_update();
        if orders.wakes != self.wakes_seen {
            self.wakes_seen = orders.wakes;
            self.link = Back::default();
            self.pulls = Back::default();
        }
        self.desk.tell(|standing| {
            standing.paused = orders.paused;
            (standing.sending, standing.waiting) = (None, standing.waiting.take().filter(|_| !orders.paused));
            standing.document = None;
        });
        if orders.paused || self.signed_out {
            return Ok(Turn::OnOrder);
        }
        let now = self.desk.now_ms();
        if (now + 1..now + PULL_EVERY_MS).contains(&self.link.until_ms) {
            self.wait(self.link.until_ms);
            return Ok(Turn::At(self.link.until_ms));
        }
        self.step(orders, now).await
    }

    async fn step(&mut self, orders: Orders, now: i64) -> Result<Turn, Halt> {
        let items = self.desk.store(|store| store.outbox()).await?;
        let step = plan::next(&items, now, orders.originals);
        let next = match step {
            Step::Send(id) => items.iter().find(|item| item.id == id),
            _ => None,
        };
        let urgent = next.is_some_and(|item| item.blob.is_none());
        // A clock set back must not put off the next pull for long.
        let pull_due = now >= self.pulls.until_ms || self.pulls.until_ms > now + 2 * PULL_EVERY_MS;
        if pull_due && !urgent {
            let pulled = self.pull().await;
            self.after_pull(pulled)?;
            return Ok(Turn::Now);
        }
        if let Some(item) = next {
            self.desk.tell(|standing| {
                (standing.idle, standing.waiting) = (false, None);
                standing.sending = Some((item.id, 0));
                standing.document = Some(item.document);
            });
            let sent = self.send(item).await;
            self.after_send(item, sent).await?;
            return Ok(Turn::Now);
        }
        self.desk.tell(|standing| (standing.idle, standing.waiting) = (items.is_empty(), None));
        Ok(match step {
            Step::WaitUntil(until) => {
                self.wait(until);
                Turn::At(until.min(self.pulls.until_ms))
            }
            _ => Turn::At(self.pulls.until_ms),
        })
    }

    async fn after_send(&mut self, item: &OutboxItem, sent: Result<(), Halt>) -> Result<(), Halt> {
        let now = self.desk.now_ms();
        let id = item.id;
        match sent {
            Ok(()) => self.link = Back::default(),
            Err(Halt::Call(CallError::Later(later))) => {
                let asked = later.after_s.map_or(0, plan::asked_ms);
                let wait = plan::wait_ms(item.tries.saturating_add(1), rand::random()).max(asked);
                self.desk.change(move |store| store.mark_later(id, now + wait)).await?;
                self.put_off(&later, now);
            }
            Err(Halt::Call(CallError::SignIn { detail, .. })) => self.sign_out(detail),
            Err(Halt::Call(CallError::Refused { code, detail })) => {
                let reason = format!("{}: {detail}", code_name(code));
                self.desk.change(move |store| store.mark_blocked(id, &reason)).await?;
            }
            Err(Halt::Photo(detail)) => {
                let reason = format!("{HERE}: {detail}");
                self.desk.change(move |store| store.mark_blocked(id, &reason)).await?;
            }
            Err(store @ Halt::Store(_)) => return Err(store),
        }
        Ok(())
    }

    fn after_pull(&mut self, pulled: Result<(), Halt>) -> Result<(), Halt> {
        let now = self.desk.now_ms();
        match pulled {
            Ok(()) => {
                self.link = Back::default();
                if now >= self.pulls.until_ms {
                    self.pulls = Back { tries: 0, until_ms: now + PULL_EVERY_MS };
                }
            }
            Err(Halt::Call(CallError::Later(later))) => {
                self.pulls.failed(now);
                self.put_off(&later, now);
            }
            Err(Halt::Call(CallError::SignIn { detail, .. })) => self.sign_out(detail),
            Err(Halt::Call(CallError::Refused { detail, .. }) | Halt::Photo(detail)) => {
                tracing::warn!(detail, "the bureau refuses to tell changes");
                self.pulls.until_ms = now + PULL_EVERY_MS;
            }
            Err(store @ Halt::Store(_)) => {
                self.pulls.failed(now);
                return Err(store);
            }
        }
        Ok(())
    }

    /// A bureau that answered makes only this row wait, unless it asks for more; a link that did not carry makes
    /// everything wait, half as long as the row itself, so that after it another row gets its try.
    fn put_off(&mut self, later: &Later, now: i64) {
        self.why.clone_from(&later.detail);
        if later.code.is_none() {
            let wait = self.link.failed(now) / 2;
            self.link.until_ms = now + wait;
        } else if let Some(after_s) = later.after_s {
            self.link.until_ms = now + plan::asked_ms(after_s);
        }
    }

    fn trouble(&mut self, why: &str) -> i64 {
        tracing::warn!(why, "the worker cannot go on");
        why.clone_into(&mut self.why);
        self.link.failed(self.desk.now_ms());
        self.wait(self.link.until_ms);
        self.link.until_ms
    }

    fn wait(&self, until_ms: i64) {
        let why = self.why.clone();
        self.desk.tell(|standing| (standing.idle, standing.waiting) = (false, Some((why, until_ms))));
    }

    fn sign_out(&mut self, detail: String) {
        self.signed_out = true;
        self.desk.tell(|standing| {
            (standing.waiting, standing.sending) = (None, None);
            standing.sign_in = Some(detail);
        });
    }

    /// Whether the row under way must make room for something else.
    pub(super) fn interrupted(&self, kind: OutboxKind) -> bool {
        let orders = *self.orders.borrow();
        orders.paused
            || orders.wakes != self.wakes_seen
            || (kind == OutboxKind::Original && !orders.originals)
    }
}
