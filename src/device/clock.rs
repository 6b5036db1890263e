//! The phone's clocks behind a trait, so that tests can turn them.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Timelike as _};

/// Wall clock and monotonic clock.
pub trait Clock: Send + Sync {
    /// Wall clock in the phone's zone, whole seconds.
    fn now(&self) -> DateTime<FixedOffset>;
    /// Unix milliseconds of the wall clock.
    fn now_ms(&self) -> i64;
    /// Time since some fixed moment; never goes back, and counts on while the phone sleeps, or every nap would look
    /// as if somebody had moved the wall clock.
    fn monotonic(&self) -> Duration;
}

/// The phone's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<FixedOffset> {
        whole_seconds(chrono::Local::now().fixed_offset())
    }

    fn now_ms(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }

    fn monotonic(&self) -> Duration {
        super::platform::elapsed()
    }
}

/// The moment without its fraction: documents count in seconds.
pub fn whole_seconds(moment: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    moment.with_nanosecond(0).unwrap_or(moment)
}
