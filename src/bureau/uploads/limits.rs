//! What an upload may take of the bureau: bytes, places, patience.

use std::time::Duration;

/// The limits of uploads. A phone that meets one keeps its photo and sends it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one photo; a 120-megapixel original stays under the usual 128 MiB.
    pub bytes: u64,
    /// Unfinished uploads of one phone.
    pub device_uploads: u32,
    /// Bytes that the unfinished uploads of one phone announce together.
    pub device_bytes: u64,
    /// Unfinished uploads of all phones.
    pub uploads: u32,
    /// Bodies received at once; each takes at most about half a mebibyte of memory.
    pub at_once: usize,
    /// Bodies received at once from one phone.
    pub device_at_once: usize,
    /// How long an upload that nobody goes on with is kept; also how long a finished one can still be asked for.
    pub keep: Duration,
    /// Patience with one request.
    pub patience: Patience,
}

/// How slow the sender of a body may be. What had arrived of an upload is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long it may say nothing.
    pub silence: Duration,
    /// In each such stretch of waiting …
    pub stretch: Duration,
    /// … it sends at least so many bytes.
    pub least: u64,
    /// How long one request may take in all.
    pub whole: Duration,
}

impl Patience {
    /// Two thousand bytes a minute: the slowest link that a coordinator has is ten times as fast.
    pub const USUAL: Self = Self {
        silence: Duration::from_secs(30),
        stretch: Duration::from_secs(60),
        least: 2_000,
        whole: Duration::from_secs(3600),
    };
}

impl Limits {
    /// How often ended uploads are looked for.
    pub(in crate::bureau) fn sweep(&self) -> Duration {
        (self.keep / 4).clamp(Duration::from_millis(100), Duration::from_secs(3600))
    }

    /// The moment an upload ends when nobody goes on with it from now, both in Unix milliseconds.
    pub(super) fn end(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX))
    }

    /// Whether an end this near is worth writing a new one: a phone that sends all day writes a few dozen.
    pub(super) fn worth_moving(&self, end_ms: i64, now_ms: i64) -> bool {
        let hour = self.keep / 168;
        self.end(now_ms).saturating_sub(end_ms) >= i64::try_from(hour.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Default for Limits {
    /// For a county of a few hundred phones.
    fn default() -> Self {
        Self {
            bytes: 128 * 1024 * 1024,
            device_uploads: 64,
            device_bytes: 4 * 1024 * 1024 * 1024,
            uploads: 20_000,
            at_once: 256,
            device_at_once: 16,
            keep: Duration::from_secs(7 * 24 * 3600),
            patience: Patience::USUAL,
        }
    }
}
