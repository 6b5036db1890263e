//! Counting failures per key (account, device, code; never per address: carriers share those).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys remembered; past it the oldest windows are forgotten.
const KEYS: usize = 10_000;

/// So many failures within a window, then none until the window ends.
pub struct Throttle {
    limit: u32,
    window: Duration,
    failures: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Throttle {
    /// `limit` failures per key and window.
    pub fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window, failures: Mutex::default() }
    }

    /// How long this key has to wait; `None` when it may try now.
    pub fn wait(&self, key: &str, now: Instant) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = failures.get(key)?;
        let passed = now.saturating_duration_since(*since);
        (*count >= self.limit && passed < self.window).then(|| self.window - passed)
    }

    /// Counts a failure.
    pub fn failed(&self, key: &str, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= KEYS {
            failures.retain(|_, (since, _)| now.saturating_duration_since(*since) < self.window);
        }
        if failures.len() >= KEYS {
            failures.clear();
        }
        let (since, count) = failures.entry(key.to_owned()).or_insert((now, 0));
        if now.saturating_duration_since(*since) >= self.window {
            (*since, *count) = (now, 0);
        }
        *count += 1;
    }

    /// Forgets a key's failures.
    pub fn passed(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_after_its_last_try_and_others_do_not() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        let start = Instant::now();
        throttle.failed("a", start);
        assert_eq!(throttle.wait("a", start), None);
        throttle.failed("a", start);
        assert_eq!(throttle.wait("a", start), Some(Duration::from_secs(60)));
        assert_eq!(throttle.wait("b", start), None);
        assert_eq!(throttle.wait("a", start + Duration::from_secs(60)), None);
        throttle.failed("a", start + Duration::from_secs(61));
        assert_eq!(throttle.wait("a", start + Duration::from_secs(61)), None);
    }
}
