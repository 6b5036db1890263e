//! What is known of a visit only while this process lives: monotonic time, the newest position.
//!
//! Pure bookkeeping; the clock's readings are arguments.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use crate::domain::id::InspectionId;
use crate::domain::inspection::ClockJump;
use crate::domain::place::Fix;

/// Clocks drift and are corrected by small steps; only more than this is a jump.
const JUMP_MS: i64 = 5_000;
/// A position older than this is not where the photo was taken.
const FRESH: Duration = Duration::from_secs(120);

/// Every visit touched since the start.
pub(super) type Sessions = HashMap<InspectionId, Session>;

/// Both clocks read at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) wall: DateTime<FixedOffset>,
    pub(super) wall_ms: i64,
    pub(super) monotonic: Duration,
}

/// One visit.
#[derive(Debug)]
pub(super) struct Session {
    /// Monotonic time at the start of the visit, if it started in this process.
    started: Option<Duration>,
    anchor: Moment,
    newest: Option<(Fix, Duration)>,
}

impl Session {
    /// A visit that starts now.
    pub(super) fn started(now: Moment) -> Self {
        Self { started: Some(now.monotonic), anchor: now, newest: None }
    }

    /// A visit that was started before this process.
    pub(super) fn resumed(now: Moment) -> Self {
        Self { started: None, anchor: now, newest: None }
    }

    /// Whole seconds since the start; zero when that is not known.
    pub(super) fn elapsed_s(&self, now: Moment) -> u64 {
        self.started.map_or(0, |started| now.monotonic.saturating_sub(started).as_secs())
    }

    /// The jump of the wall clock since the last call that found one.
    pub(super) fn jump(&mut self, now: Moment) -> Option<ClockJump> {
        let passed = now.monotonic.saturating_sub(self.anchor.monotonic).as_millis();
        let expected = self.anchor.wall_ms.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
        let by_ms = now.wall_ms.saturating_sub(expected);
        if by_ms.saturating_abs() < JUMP_MS {
            return None;
        }
        self.anchor = now;
        Some(ClockJump { at: now.wall, by_s: by_ms / 1000 })
    }

    /// Remembers the newest position, good or not.
    pub(super) fn see(&mut self, fix: &Fix, now: Moment) {
        self.newest = Some((fix.clone(), now.monotonic));
    }

    /// The newest position, while it still says where the phone is.
    pub(super) fn fresh_fix(&self, now: Moment) -> Option<Fix> {
        let (fix, seen) = self.newest.as_ref()?;
        (now.monotonic.saturating_sub(*seen) <= FRESH).then(|| fix.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall_s: i64, monotonic_s: u64) -> Moment {
        let wall = DateTime::from_timestamp(wall_s, 0).unwrap().fixed_offset();
        Moment { wall, wall_ms: wall_s * 1000, monotonic: Duration::from_secs(monotonic_s) }
    }

    #[test]
    fn a_moved_wall_clock_is_told_once_and_small_corrections_never() {
        let mut session = Session::started(at(1_000, 50));
        assert_eq!(session.jump(at(1_064, 110)), None);
        let jump = session.jump(at(500, 170)).unwrap();
        assert_eq!(jump.by_s, -620);
        assert_eq!(session.jump(at(560, 230)), None);
        assert_eq!(session.elapsed_s(at(560, 230)), 180);
    }

    #[test]
    fn a_visit_from_before_this_process_has_no_elapsed_time() {
        assert_eq!(Session::resumed(at(1_000, 50)).elapsed_s(at(2_000, 1_050)), 0);
    }
}
