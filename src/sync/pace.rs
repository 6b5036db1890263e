//! How much of a photo goes into one chunk: large where the link holds, small where it is likely to break.
//!
//! What is under way when a connection breaks is lost, and each chunk costs a request's headers. So the first
//! chunks are a fraction of what the connection has carried; once a break was seen, chunks shrink towards the
//! place where the last connection broke. Pure: it is told what happened.

/// The smallest chunk: below it, headers cost more than a break.
const SMALLEST: u64 = 8 * 1024;
/// The first chunk over an unknown link.
const FIRST: u64 = 16 * 1024;
/// The largest while the connection has not got past the last break.
const WARY: u64 = 64 * 1024;
/// The largest of all.
const LARGEST: u64 = 256 * 1024;
/// No chunk may take longer than this: the coordinator may want to pause.
const CHUNK_MS: u64 = 8_000;

/// What is known of the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    /// Bytes that arrived over this connection.
    carried: u64,
    /// Bytes that arrived over the last one until it broke.
    broke_at: Option<u64>,
    /// The last chunk's bytes and milliseconds.
    last: Option<(u64, u64)>,
}

impl Pace {
    /// These bytes arrived, in this time.
    pub(super) fn arrived(&mut self, bytes: u64, took_ms: u64) {
        self.carried += bytes;
        self.last = Some((bytes, took_ms.max(1)));
    }

    /// The connection broke.
    pub(super) fn broke(&mut self) {
        self.broke_at = Some(self.carried);
        self.carried = 0;
        self.last = None;
    }

    /// Of the chunk that the break cut, this much was held after all.
    pub(super) fn held_after_all(&mut self, bytes: u64) {
        if let Some(broke_at) = &mut self.broke_at {
            *broke_at += bytes;
        }
    }

    /// Size of the next chunk.
    pub(super) fn chunk(&self) -> u64 {
        let size = match self.broke_at {
            None => (self.carried / 16).clamp(FIRST, LARGEST),
            Some(at) if self.carried < at => ((at - self.carried) / 2).clamp(SMALLEST, WARY),
            Some(_) => (self.carried / 16).clamp(SMALLEST, LARGEST),
        };
        let in_time = self.last.map_or(LARGEST, |(bytes, ms)| bytes.saturating_mul(CHUNK_MS) / ms);
        size.min(in_time.max(SMALLEST / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: u64 = 400;

    /// Bytes written for `needed` bytes over connections that each carry `cut` bytes; a cut chunk is kept in part
    /// or not at all.
    fn written(needed: u64, cut: impl Fn(u64) -> u64, keeps: bool) -> u64 {
        let (mut pace, mut held, mut written, mut room, mut breaks) = (Pace::default(), 0, 0, cut(0), 0);
        while held < needed {
            let chunk = pace.chunk().min(needed - held);
            written += HEAD + chunk;
            if HEAD + chunk <= room {
                room -= HEAD + chunk;
                held += chunk;
                pace.arrived(chunk, 1);
                continue;
            }
            pace.broke();
            let kept = if keeps { room.saturating_sub(HEAD) } else { 0 };
            held += kept;
            pace.held_after_all(kept);
            breaks += 1;
            room = cut(breaks) - HEAD;
            written += HEAD; // asking for the offset
        }
        written
    }

    #[test]
    fn a_link_that_breaks_at_the_same_place_costs_under_five_percent() {
        for (needed, keeps) in [(8_000_000, true), (8_000_000, false), (1_000_000, true), (1_000_000, false)]
        {
            let percent = written(needed, |_| 200_000, keeps) * 1000 / needed;
            assert!(percent <= 1050, "{needed} {keeps}: {percent}");
        }
    }

    #[test]
    fn a_link_that_holds_costs_next_to_nothing_and_one_that_jumps_about_stays_usable() {
        assert!(written(8_000_000, |_| u64::MAX, true) <= 8_000_000 * 101 / 100);
        let jumping = |n: u64| 60_000 + n * 7_919 % 11 * 30_000;
        assert!(written(8_000_000, jumping, false) <= 8_000_000 * 120 / 100);
    }

    #[test]
    fn a_slow_link_gets_chunks_it_can_carry_in_time() {
        let mut pace = Pace::default();
        pace.arrived(16_384, 16_384);
        assert!(pace.chunk() <= 8_192);
        pace.arrived(8_192, 80);
        assert_eq!(pace.chunk(), FIRST);
    }
}
