//! The phone's clocks behind a trait, so that tests can turn them.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

/// Wall clock and monotonic clock.
pub trait Clock: Send + Sync {
    /// Wall clock in the phone's zone, whole seconds.
    fn now(&self) -> DateTime<FixedOffset>;
    /// Unix milliseconds of the wall clock.
    fn now_ms(&self) -> i64;
    /// Time since some fixed moment of this process; never goes back.
    fn monotonic(&self) -> Duration;
}
