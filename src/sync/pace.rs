//! How much of a photo goes into one chunk: large where the link holds, small where it is likely to break.
//!
//! What is under way when a connection breaks is lost, and each chunk costs a request's headers. So the first
//! chunks are a fraction of what the connection has carried; once one broke, chunks shrink towards the place where
//! it did. Pure: it is told what happened.

/// The smallest chunk near a break: below it, headers cost more than the break.
const SMALLEST: u64 = 3 * 1024;
/// The first chunk over an unknown link.
const FIRST: u64 = 12 * 1024;
/// The largest while the connection has not got past the last break.
const WARY: u64 = 128 * 1024;
/// The largest of all.
const LARGEST: u64 = 256 * 1024;
/// Rows at once over a link that holds.
const LANES: usize = 3;
/// What a link must have carried since it broke before it counts as one that holds.
const TRUSTED: u64 = 1024 * 1024;
/// No chunk may take longer than this: the coordinator may want to pause.
const CHUNK_MS: u64 = 8_000;

/// What is known of the link. `written` is always the client's running count of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    /// The count when the connection began.
    began: u64,
    /// The count when the last answer came.
    arrived: u64,
    /// What the last connection had carried when it broke.
    broke_at: Option<u64>,
    /// Bytes per second of the last chunk.
    speed: Option<u64>,
}

impl Pace {
    /// An answer came to a chunk of this size after this time.
    pub(super) fn arrived(&mut self, written: u64, bytes: u64, took_ms: u64) {
        self.arrived = written;
        self.speed = Some(bytes * 1_000 / took_ms.max(1));
    }

    /// The connection broke, one of so many that carried what was written: each its part.
    pub(super) fn broke(&mut self, written: u64, connections: u64) {
        self.broke_at = Some(self.carried() / connections.max(1));
        *self = Self { began: written, arrived: written, speed: None, ..*self };
    }

    /// Of the chunk that the break cut, this much was held after all.
    pub(super) fn held_after_all(&mut self, bytes: u64) {
        self.broke_at = self.broke_at.map(|at| at + bytes);
    }

    /// How many bytes to send next, at most.
    pub(super) fn chunk(&self) -> u64 {
        let carried = self.carried();
        let bytes = match self.broke_at {
            None => (carried / 16).clamp(FIRST, LARGEST),
            // The first after a break: does the link carry again, and is the offset still what was told?
            Some(_) if carried == 0 => SMALLEST,
            Some(at) if carried < at => ((at - carried) / 2).clamp(SMALLEST, WARY),
            // Just past it the break is still the likeliest thing to come.
            Some(at) if carried < at + at / 8 => SMALLEST,
            Some(_) => (carried / 16).clamp(FIRST / 2, LARGEST),
        };
        let in_time = self.speed.map_or(LARGEST, |speed| speed.saturating_mul(CHUNK_MS) / 1_000);
        bytes.min(in_time.max(SMALLEST))
    }

    /// How many rows go at once: each is cut when the link breaks, so one alone where it does. An unknown link is
    /// believed in, because its first pieces are small.
    pub(super) fn lanes(&self) -> usize {
        match self.broke_at {
            Some(at) if self.carried() < TRUSTED.max(3 * at) => 1,
            _ => LANES,
        }
    }

    fn carried(&self) -> u64 {
        self.arrived.saturating_sub(self.began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: u64 = 400;

    /// Bytes written for `needed` bytes over connections that carry `room(n)` bytes each; of a cut chunk, the
    /// beginning is kept or not. Whatever was handed to the connection counts as written.
    fn written(needed: u64, room: impl Fn(u64) -> u64, keeps: bool) -> u64 {
        let (mut pace, mut held, mut written, mut connections) = (Pace::default(), 0, 0, 0);
        let mut left = room(0);
        while held < needed {
            let bytes = pace.chunk().min(needed - held);
            written += HEAD + bytes;
            if HEAD + bytes <= left {
                left -= HEAD + bytes;
                held += bytes;
                pace.arrived(written, bytes, 1);
                continue;
            }
            let kept = if keeps { left.saturating_sub(HEAD) } else { 0 };
            held += kept;
            pace.broke(written, 1);
            pace.held_after_all(kept);
            written += HEAD; // asking for the offset
            connections += 1;
            left = room(connections) - HEAD;
        }
        written
    }

    #[test]
    fn a_link_that_breaks_at_the_same_place_costs_under_five_percent() {
        for (needed, keeps) in [(8_000_000, true), (8_000_000, false), (1_000_000, true), (1_000_000, false)]
        {
            let permille = written(needed, |_| 200_000, keeps) * 1000 / needed;
            assert!(permille < 1050, "{needed} {keeps}: {permille}");
        }
    }

    #[test]
    fn a_link_that_holds_costs_next_to_nothing_and_one_that_jumps_about_stays_usable() {
        assert!(written(8_000_000, |_| u64::MAX, true) <= 8_000_000 * 101 / 100);
        let jumping = |n: u64| 60_000 + n * 7_919 % 11 * 30_000;
        let permille = written(8_000_000, jumping, false) * 1000 / 8_000_000;
        assert!(permille <= 1150, "{permille}");
    }

    #[test]
    fn a_link_that_broke_carries_one_row_until_it_has_carried_much_more_than_it_did() {
        let mut pace = Pace::default();
        assert_eq!(pace.lanes(), LANES);
        pace.arrived(200_000, 12_288, 1);
        pace.broke(200_000, 1);
        assert_eq!(pace.lanes(), 1);
        pace.arrived(200_000 + TRUSTED - 1, 1, 1);
        assert_eq!(pace.lanes(), 1);
        pace.arrived(200_000 + TRUSTED, 1, 1);
        assert_eq!(pace.lanes(), LANES);
    }

    #[test]
    fn a_slow_link_gets_chunks_it_can_carry_in_time() {
        let mut pace = Pace::default();
        pace.arrived(16_384, 16_384, 16_384);
        assert_eq!(pace.chunk(), 8_000);
        pace.arrived(24_576, 8_192, 80);
        assert_eq!(pace.chunk(), FIRST);
    }
}
