//! The worker's task: carries out the plan, several errands side by side, and decides what a failure means.
//!
//! Its errands are part of it, so that they end with it. Everything that must outlive it is in the store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, watch};

use super::client::{CallError, Later};
use super::desk::{Desk, Ended, Halt};
use super::lane::{Lane, Link};
use super::plan::{self, Facts, Left};
use super::why::{Waiting, Why};
use super::worker::{HERE, Orders, Parts, Standing, UnderWay};
use crate::store::outbox::OutboxItem;
use crate::wire::failure::Code;

/// How often the bureau is asked for changes when nothing else happens.
const PULL_EVERY_MS: i64 = 15 * 60 * 1_000;
/// Failures of the link in a row that make it an outage: when it carries again, whatever waited for it is due.
const OUTAGE: u32 = 3;

/// Failures in a row of one kind, and until when they make it wait.
#[derive(Clone, Copy, Debug, Default)]
struct Back {
    tries: u32,
    until_ms: i64,
}

impl Back {
    fn failed(&mut self, now_ms: i64) -> i64 {
        self.tries = self.tries.saturating_add(1);
        let wait = plan::wait_ms(self.tries, rand::random());
        self.until_ms = now_ms + wait;
        wait
    }

    /// A moment too far away belongs to a clock that was set back.
    fn holds(&self, now_ms: i64) -> bool {
        (now_ms + 1..now_ms + PULL_EVERY_MS).contains(&self.until_ms)
    }
}

/// An errand that has ended; `true` when there is a receipt still to be asked for.
enum Done {
    Row(Box<OutboxItem>, Result<bool, Halt>),
    Pull(Result<bool, Halt>),
}

/// When the next turn is, at the latest.
enum Turn {
    At(i64),
    OnOrder,
}

pub(super) struct Task {
    desk: Arc<Desk>,
    orders: watch::Receiver<Orders>,
    link: Arc<Mutex<Link>>,
    broke: Arc<Notify>,
    going: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Rows under way, each with the word to make room.
    rows: HashMap<i64, Arc<AtomicBool>>,
    pulling: bool,
    /// Something was sent since both sides last compared what they hold.
    to_compare: bool,
    /// Asked for once more while the bureau was being asked.
    pull_again: bool,
    pulls: Back,
    away: Back,
    /// Until when the bureau asked to be left alone.
    asked_until_ms: i64,
    heeded: Orders,
    /// The link carries again, and what waited for it has not been told yet.
    owed: Option<Back>,
    why: (Why, String),
    stranger: bool,
    signed_out: bool,
}

impl Task {
    pub(super) fn new(
        parts: Parts,
        ended: Ended,
        standing: watch::Sender<Standing>,
        orders: watch::Receiver<Orders>,
    ) -> Self {
        let heeded = *orders.borrow();
        Self {
            desk: Arc::new(Desk { parts, ended, standing }),
            orders,
            link: Arc::default(),
            broke: Arc::default(),
            going: FuturesUnordered::new(),
            rows: HashMap::new(),
            pulling: false,
            to_compare: false,
            pull_again: false,
            pulls: Back::default(),
            away: Back::default(),
            asked_until_ms: 0,
            heeded,
            owed: None,
            why: (Why::default(), String::new()),
            stranger: false,
            signed_out: false,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let turn = match self.turn().await {
                Ok(turn) => turn,
                Err(error) => Turn::At(self.trouble(&error)),
            };
            // A phone that slept looks again soon after it wakes: long waits are cut into minutes.
            let wait = match turn {
                Turn::OnOrder => None,
                Turn::At(until) => Some((until - self.desk.now_ms()).clamp(0, 60_000).unsigned_abs()),
            };
            let slept = async {
                match wait {
                    Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                    None => std::future::pending().await,
                }
            };
            let ended = tokio::select! {
                Some(done) = self.going.next() => self.ended(done).await,
                () = slept => Ok(()),
                () = self.broke.notified() => Ok(()),
                ordered = self.orders.changed() => if ordered.is_err() { return } else { Ok(()) },
            };
            if let Err(error) = ended {
                self.trouble(&error);
            }
        }
    }

    async fn turn(&mut self) -> Result<Turn, Halt> {
        let orders = *self.orders.borrow_and_update();
        self.heed(orders);
        self.make_due().await;
        self.desk.tell(|standing| {
            standing.paused = orders.paused;
            standing.waiting = standing.waiting.take().filter(|_| !orders.paused);
            if orders.paused || self.signed_out {
                self.only_under_way(standing);
            }
        });
        if orders.paused || self.signed_out {
            self.rows.values().for_each(|bell| bell.store(true, Ordering::Relaxed));
            return Ok(Turn::OnOrder);
        }
        let items = self.desk.store(|store| store.outbox()).await?;
        let now = self.desk.now_ms();
        let going: Vec<i64> = self.rows.keys().copied().collect();
        // A clock set back must not put off the next pull for long.
        let pull_due = now >= self.pulls.until_ms || self.pulls.until_ms > now + 2 * PULL_EVERY_MS;
        let mut facts = Facts {
            items: &items,
            going: &going,
            pulling: self.pulling,
            pull_due: pull_due && !self.pulling,
            now_ms: now,
            originals: orders.originals,
            lanes: self.link().pace.lanes(),
        };
        let mut plan = plan::next(&facts);
        if plan.starts_original(&items) && !self.desk.originals().await {
            facts.originals = false;
            plan = plan::next(&facts);
        }
        for bell in plan.give_way.iter().filter_map(|row| self.rows.get(row)) {
            bell.store(true, Ordering::Relaxed);
        }
        if let Some(until) = self.held_until(now) {
            self.wait(until);
            return Ok(Turn::At(until));
        }
        // When nothing is left that may go now, both sides compare what they hold.
        if self.to_compare && plan.start.is_empty() && self.going.is_empty() {
            (self.to_compare, self.pulls.until_ms) = (false, now);
            return Ok(Turn::At(now));
        }
        plan.start.iter().filter_map(|id| items.iter().find(|item| item.id == *id)).for_each(|item| {
            self.send_row(item);
        });
        if plan.pull {
            self.to_compare = false;
            self.pull();
        }
        Ok(self.stand(&items, facts.originals, plan.until))
    }

    /// Rows that have ended leave the standing only with the turn after: in between, more would seem to be left.
    fn only_under_way(&self, standing: &mut Standing) {
        standing.under_way.retain(|row| self.rows.contains_key(&row.row));
        if standing.under_way.is_empty() {
            standing.bytes_per_s = None;
        }
    }

    /// Tells how it stands after a turn, and when the next one is.
    fn stand(&self, items: &[OutboxItem], originals: bool, until: Option<i64>) -> Turn {
        let busy = self.pulling || !self.rows.is_empty();
        let Left { to_send, blocked, held_originals } = plan::left(items, originals);
        let waits = until.filter(|_| !busy).map(|until| self.waiting(until));
        if !busy {
            self.link().meter.rest();
        }
        self.desk.tell(|standing| {
            (standing.idle, standing.waiting) = (items.is_empty() && !busy, waits);
            (standing.to_send, standing.blocked) = (to_send, blocked);
            standing.held_originals = held_originals;
            standing.stranger = self.stranger;
            self.only_under_way(standing);
        });
        let pull = if self.pulling { i64::MAX } else { self.pulls.until_ms };
        let owed = self.owed.map_or(i64::MAX, |owed| owed.until_ms);
        match until.unwrap_or(i64::MAX).min(pull).min(owed) {
            i64::MAX => Turn::OnOrder,
            // What is due and could not start waits for something under way to end.
            next if next <= self.desk.now_ms() && busy => Turn::OnOrder,
            next => Turn::At(next),
        }
    }

    /// Orders that count up: each is heeded once.
    fn heed(&mut self, orders: Orders) {
        if (orders.wakes, orders.returns) != (self.heeded.wakes, self.heeded.returns) {
            self.pull_again = self.pulling;
        }
        if orders.wakes != self.heeded.wakes {
            (self.away, self.pulls, self.asked_until_ms) = (Back::default(), Back::default(), 0);
        }
        if orders.returns != self.heeded.returns {
            (self.away, self.pulls) = (Back::default(), Back::default());
            self.owed = Some(Back::default());
        }
        self.heeded = orders;
    }

    /// What waited for the link is due. A store that takes no change now (the phone is full) is asked again later and
    /// holds up nothing: what is due by itself still goes.
    async fn make_due(&mut self) {
        let now = self.desk.now_ms();
        let Some(mut owed) = self.owed.take_if(|owed| !owed.holds(now)) else { return };
        if let Err(error) = self.desk.change(|store| store.due_now()).await {
            tracing::warn!(%error, "what waits for the network could not be made due");
            self.why = (Why::of(&error), error.to_string());
            owed.failed(now);
            self.owed = Some(owed);
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when nothing new is begun; a moment too far away belongs to a clock that was set back.
    fn held_until(&self, now: i64) -> Option<i64> {
        let near = |until: &i64| (now + 1..now + PULL_EVERY_MS).contains(until);
        [self.away.until_ms, self.asked_until_ms].into_iter().filter(near).max()
    }

    fn lane(&self) -> Lane {
        Lane::new(Arc::clone(&self.desk), Arc::clone(&self.link), Arc::clone(&self.broke))
    }

    fn send_row(&mut self, item: &OutboxItem) {
        let lane = self.lane();
        self.rows.insert(item.id, lane.bell());
        let begun = UnderWay { row: item.id, document: item.document, bytes: 0 };
        self.desk.tell(|standing| {
            (standing.idle, standing.waiting) = (false, None);
            standing.under_way.retain(|row| row.row != begun.row);
            standing.under_way.push(begun);
        });
        let item = Box::new(item.clone());
        self.going.push(Box::pin(async move {
            let sent = lane.send(&item).await;
            Done::Row(item, sent)
        }));
    }

    fn pull(&mut self) {
        let lane = self.lane();
        self.pulling = true;
        self.going.push(Box::pin(async move { Done::Pull(lane.pull().await) }));
    }

    async fn ended(&mut self, done: Done) -> Result<(), Halt> {
        match done {
            Done::Row(item, sent) => {
                self.rows.remove(&item.id);
                self.after_send(&item, sent).await
            }
            Done::Pull(pulled) => {
                self.pulling = false;
                let after = self.after_pull(pulled).await;
                if std::mem::take(&mut self.pull_again) {
                    self.pulls = Back::default();
                }
                after
            }
        }
    }

    async fn after_send(&mut self, item: &OutboxItem, sent: Result<bool, Halt>) -> Result<(), Halt> {
        let now = self.desk.now_ms();
        let id = item.id;
        match sent {
            Ok(awaits) => {
                if awaits {
                    self.pulls.until_ms = now;
                }
                self.to_compare = true;
                self.reached();
            }
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

    async fn after_pull(&mut self, pulled: Result<bool, Halt>) -> Result<(), Halt> {
        let now = self.desk.now_ms();
        match pulled {
            Ok(awaits) => {
                self.reached();
                if awaits {
                    self.pulls.failed(now);
                } else {
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

    /// The link carries. After an outage, what waited for it does not go on waiting.
    fn reached(&mut self) {
        if self.away.tries >= OUTAGE {
            self.owed = Some(Back::default());
        }
        self.away = Back::default();
        self.stranger = false;
    }

    /// A bureau that answered makes only this row wait, unless it asks for more; a link that did not carry makes
    /// everything wait, half as long as the row itself, so that after it another row gets its try.
    fn put_off(&mut self, later: &Later, now: i64) {
        self.why = (Why::later(later), later.detail.clone());
        self.stranger = later.stranger;
        if later.code.is_some() {
            if let Some(after_s) = later.after_s {
                self.asked_until_ms = self.asked_until_ms.max(now + plan::asked_ms(after_s));
            }
        } else if self.held_until(now).is_none() {
            // Several errands lose one link together: that is one failure.
            let wait = self.away.failed(now) / 2;
            self.away.until_ms = now + wait;
        }
    }

    fn trouble(&mut self, error: &Halt) -> i64 {
        tracing::warn!(%error, "the worker cannot go on");
        self.why = (Why::of(error), error.to_string());
        self.away.failed(self.desk.now_ms());
        self.wait(self.away.until_ms);
        self.away.until_ms
    }

    fn waiting(&self, until_ms: i64) -> Waiting {
        let (why, detail) = self.why.clone();
        Waiting { why, detail, until_ms }
    }

    fn wait(&self, until_ms: i64) {
        let waiting = self.waiting(until_ms);
        self.desk.tell(|standing| {
            (standing.idle, standing.waiting) = (false, Some(waiting));
            standing.stranger = self.stranger;
            self.only_under_way(standing);
        });
    }

    /// What is under way is dropped: the bureau would turn each of it away.
    fn sign_out(&mut self, detail: String) {
        self.signed_out = true;
        self.going.clear();
        self.rows.clear();
        self.pulling = false;
        self.desk.tell(|standing| {
            standing.under_way.clear();
            (standing.waiting, standing.bytes_per_s) = (None, None);
            standing.sign_in = Some(detail);
        });
    }
}

/// A code's stable name, as it stands before the detail in a blocked row's reason.
fn code_name(code: Code) -> String {
    let name = serde_json::to_value(code).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned()
}
