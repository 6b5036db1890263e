//! How fast the link carries, measured over the last while, and what that promises. Pure: it is told what happened.

use std::collections::VecDeque;

/// What counts: long enough that one fast or slow piece does not swing it.
const WINDOW_MS: u64 = 30_000;
/// Nothing is said from less.
const LEAST_MS: u64 = 3_000;
/// Nothing is promised beyond a day.
const LONGEST_S: u64 = 24 * 3_600;

/// What arrived when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meter {
    /// Moment and bytes of each piece, oldest first.
    pieces: VecDeque<(u64, u64)>,
    /// When the measured stretch began.
    began_ms: u64,
}

impl Meter {
    /// A piece has arrived, after it had been on its way for so long. Moments count from any beginning, but forward.
    pub(super) fn arrived(&mut self, now_ms: u64, took_ms: u64, bytes: u64) {
        if self.pieces.is_empty() {
            self.began_ms = now_ms.saturating_sub(took_ms);
        }
        self.pieces.push_back((now_ms, bytes));
        while let Some((at, _)) = self.pieces.front().copied().filter(|(at, _)| at + WINDOW_MS < now_ms) {
            self.began_ms = at;
            self.pieces.pop_front();
        }
    }

    /// The link broke, or nothing is under way: what was measured says nothing about what comes.
    pub(super) fn rest(&mut self) {
        *self = Self::default();
    }

    /// Bytes per second over the stretch measured; none while that is too short to say.
    pub(super) fn bytes_per_s(&self) -> Option<u64> {
        let (last, _) = self.pieces.back()?;
        let took = last.saturating_sub(self.began_ms);
        let bytes: u64 = self.pieces.iter().map(|(_, bytes)| bytes).sum();
        (took >= LEAST_MS && bytes > 0).then(|| (bytes * 1_000 / took).max(1))
    }
}

/// Seconds that so many bytes take at this speed; none while it is unknown or the answer is no help to anybody.
pub(super) fn seconds(bytes: u64, bytes_per_s: Option<u64>) -> Option<u64> {
    let seconds = bytes.div_ceil(bytes_per_s.filter(|speed| *speed > 0)?);
    (seconds <= LONGEST_S).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link that carries 10 kB a second in pieces of one second.
    fn steady(seconds: u64) -> Meter {
        let mut meter = Meter::default();
        (1..=seconds).for_each(|second| meter.arrived(second * 1_000, 1_000, 10_000));
        meter
    }

    #[test]
    fn nothing_is_said_before_something_is_known() {
        assert_eq!(Meter::default().bytes_per_s(), None);
        assert_eq!(steady(2).bytes_per_s(), None);
        assert_eq!(steady(3).bytes_per_s(), Some(10_000));
        assert_eq!(seconds(1, None), None);
        assert_eq!(seconds(1, Some(0)), None);
        let mut rested = steady(60);
        rested.rest();
        assert_eq!(rested.bytes_per_s(), None, "nor after a break");
    }

    #[test]
    fn one_odd_piece_does_not_swing_the_estimate() {
        let mut meter = steady(60);
        meter.arrived(60_050, 50, 10_000);
        let fast = meter.bytes_per_s().unwrap();
        assert!((10_000..11_000).contains(&fast), "{fast}");
        let mut meter = steady(60);
        meter.arrived(65_000, 5_000, 10_000);
        let slow = meter.bytes_per_s().unwrap();
        assert!((8_000..10_000).contains(&slow), "{slow}");
    }

    #[test]
    fn a_link_that_became_slow_is_believed_within_the_window() {
        let mut meter = steady(60);
        (1..=8).for_each(|n| meter.arrived(60_000 + n * 5_000, 5_000, 5_000));
        assert_eq!(meter.bytes_per_s(), Some(1_000));
    }

    #[test]
    fn a_time_nobody_can_use_is_not_promised() {
        assert_eq!(seconds(0, Some(5)), Some(0));
        assert_eq!(seconds(11, Some(5)), Some(3));
        assert_eq!(seconds(LONGEST_S * 5, Some(5)), Some(LONGEST_S));
        assert_eq!(seconds(LONGEST_S * 5 + 1, Some(5)), None);
        assert_eq!(seconds(u64::MAX, Some(1)), None);
    }
}
