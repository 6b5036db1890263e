//! Connections at once: bounded, and when there are too many, the one longest without a request gives way.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::task::AtomicWaker;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

/// What a connection may take of the bureau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At once. Each may need a second file, and a process usually has 1,024.
    pub at_once: usize,
    /// How long a connection may be without a request before it gives way to another, should there be too many.
    pub grace: Duration,
    /// How long the head of a request may take; of the first one, from the connection's beginning.
    pub head: Duration,
    /// How long neither end may say anything.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 512,
            grace: Duration::from_secs(3),
            head: Duration::from_secs(30),
            // Longer than a body may stall (`api::body`), so that its sender hears why.
            silence: Duration::from_secs(75),
        }
    }
}

/// The connections of one listener.
pub(super) struct Connections {
    limits: Limits,
    places: Arc<Semaphore>,
    here: Mutex<Vec<Weak<Guest>>>,
    opened: Instant,
}

/// One connection, as listener and router both know it.
pub(super) struct Guest {
    opened: Instant,
    /// Requests whose head was whole, since the beginning.
    begun: AtomicU64,
    going: AtomicUsize,
    /// When it last was of use: milliseconds since the listener's opening.
    used: AtomicU64,
    thrown_out: AtomicBool,
    waker: AtomicWaker,
}

impl Connections {
    pub(super) fn new(limits: Limits) -> Self {
        let places = Arc::new(Semaphore::new(limits.at_once));
        Self { limits, places, here: Mutex::default(), opened: Instant::now() }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// A place for a connection that has come; waits until there is one.
    pub(super) async fn enter(&self) -> (Arc<Guest>, Option<OwnedSemaphorePermit>) {
        let place = loop {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                break Some(place);
            }
            self.throw_one_out();
            tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => break place.ok(),
                // Another one may have become idle meanwhile.
                () = sleep(self.limits.grace.min(Duration::from_millis(100))) => {}
            }
        };
        let guest = Arc::new(Guest {
            opened: self.opened,
            begun: AtomicU64::new(0),
            going: AtomicUsize::new(0),
            used: AtomicU64::new(0),
            thrown_out: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        guest.touch();
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        if here.len() >= 2 * self.limits.at_once {
            here.retain(|guest| guest.strong_count() > 0);
        }
        here.push(Arc::downgrade(&guest));
        (guest, place)
    }

    fn throw_one_out(&self) {
        let before = self.opened.elapsed().saturating_sub(self.limits.grace);
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.retain(|guest| guest.strong_count() > 0);
        let idle = here.iter().filter_map(Weak::upgrade).filter(|guest| guest.is_idle(before));
        if let Some(guest) = idle.min_by_key(|guest| guest.used.load(Ordering::Relaxed)) {
            tracing::debug!("too many connections; one without a request is closed");
            guest.thrown_out.store(true, Ordering::Relaxed);
            guest.waker.wake();
        }
    }
}

impl Guest {
    /// It was of use just now.
    pub(super) fn touch(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(now, Ordering::Relaxed);
    }

    fn is_idle(&self, since: Duration) -> bool {
        self.going.load(Ordering::Relaxed) == 0
            && !self.is_thrown_out()
            && u128::from(self.used.load(Ordering::Relaxed)) <= since.as_millis()
    }

    pub(super) fn is_thrown_out(&self) -> bool {
        self.thrown_out.load(Ordering::Relaxed)
    }

    /// Who is to be told when it is thrown out.
    pub(super) fn tell(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Requests whose head was whole, and whether one of them is going on.
    pub(super) fn requests(&self) -> (u64, bool) {
        (self.begun.load(Ordering::Relaxed), self.going.load(Ordering::Relaxed) > 0)
    }
}

/// The connection of a request.
#[derive(Clone)]
pub(super) struct Through(pub(super) Arc<Guest>);

/// Notes that a request has begun, and when it was answered.
pub(super) async fn noted(
    ConnectInfo(Through(guest)): ConnectInfo<Through>,
    request: Request,
    next: Next,
) -> Response {
    guest.begun.fetch_add(1, Ordering::Relaxed);
    guest.going.fetch_add(1, Ordering::Relaxed);
    let _going = Going(guest);
    next.run(request).await
}

struct Going(Arc<Guest>);

impl Drop for Going {
    fn drop(&mut self) {
        self.0.touch();
        self.0.going.fetch_sub(1, Ordering::Relaxed);
    }
}
