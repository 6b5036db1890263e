//! One errand to the bureau (a row, or asking for changes) beside others: what they share, and the word to make room.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::desk::Desk;
use super::pace::Pace;
use super::speed::Meter;
use crate::wire::receipt::Held;

/// What is known of the link and of who is at its end; every lane tells it and asks it.
#[derive(Debug)]
pub(super) struct Link {
    /// How much goes into one piece, and how many rows go at once.
    pub(super) pace: Pace,
    /// How fast it is.
    pub(super) meter: Meter,
    /// Counts the breaks: two lanes that lose one link have seen one break.
    pub(super) breaks: u64,
    /// Photos under way, each over a connection of its own.
    pub(super) uploads: u64,
    /// The last difference that was looked into: what this phone and what the bureau believed.
    pub(super) compared: Option<(Held, Held)>,
    began: Instant,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            pace: Pace::default(),
            meter: Meter::default(),
            breaks: 0,
            uploads: 0,
            compared: None,
            began: Instant::now(),
        }
    }
}

impl Link {
    /// A piece has arrived; `written` is the client's running count.
    pub(super) fn arrived(&mut self, written: u64, bytes: u64, took_ms: u64) {
        let now_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.pace.arrived(written, bytes, took_ms);
        self.meter.arrived(now_ms, took_ms, bytes);
    }

    /// A connection broke under a piece that was begun after so many breaks.
    fn broke(&mut self, written: u64, after: u64) {
        if after == self.breaks {
            self.breaks += 1;
            self.pace.broke(written, self.uploads);
            self.meter.rest();
        }
    }
}

/// An errand's hands.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) desk: Arc<Desk>,
    link: Arc<Mutex<Link>>,
    give_way: Arc<AtomicBool>,
    broke: Arc<Notify>,
}

impl Lane {
    /// `broke` is told when the link breaks, because the plan is another one then.
    pub(super) fn new(desk: Arc<Desk>, link: Arc<Mutex<Link>>, broke: Arc<Notify>) -> Self {
        Self { desk, link, give_way: Arc::default(), broke }
    }

    /// A connection broke under a piece that was begun after so many breaks.
    pub(super) fn link_broke(&self, after: u64) {
        self.link().broke(self.desk.parts.client.bytes_sent(), after);
        self.desk.parts.client.forget_connections();
        self.broke.notify_one();
    }

    /// The link, for a moment: never held across a wait.
    pub(super) fn link(&self) -> MutexGuard<'_, Link> {
        // Numbers only: what a panic elsewhere left is as good as any.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the word to make room is left.
    pub(super) fn bell(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.give_way)
    }

    /// Whether this must make room for something else.
    pub(super) fn interrupted(&self) -> bool {
        self.give_way.load(Ordering::Relaxed)
    }
}

/// A photo under way, for as long as this lives.
pub(super) struct Upload<'a>(&'a Lane);

impl<'a> Upload<'a> {
    pub(super) fn of(lane: &'a Lane) -> Self {
        lane.link().uploads += 1;
        Self(lane)
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.0.link().uploads -= 1;
    }
}
