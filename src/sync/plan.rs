//! What is sent next, and when it is tried again. Pure: facts in, decision out.

use crate::store::outbox::OutboxItem;

/// What the worker does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this row.
    Send(i64),
    /// Sleep until this moment, Unix milliseconds.
    WaitUntil(i64),
    /// Nothing to do until something changes.
    Idle,
}

/// Reports before records before watermarked copies before originals; within a kind, oldest first.
pub fn next(_items: &[OutboxItem], _now_ms: i64, _originals: bool) -> Step {
    todo!()
}

/// Milliseconds to wait after `tries` failures in a row: doubling from two seconds, capped at ten minutes, up to
/// a quarter more by `jitter` (0 to 255). There is no last try.
pub fn wait_ms(_tries: u32, _jitter: u8) -> i64 {
    todo!()
}
