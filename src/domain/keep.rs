//! How long a phone keeps the originals that the bureau holds.
//!
//! Only originals are ever removed: the record, its signed text and the stamped copies stay. Ages are counted by the
//! bureau's clock on both ends, as it was last heard: a phone whose clock was turned removes nothing for it.

use super::id::PhotoId;

/// What the bureau decides about keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Days after everything of the record was held.
    pub days: u16,
    /// Below so many free bytes on the phone the oldest may go sooner; zero: never.
    pub floor_bytes: u64,
    /// But not within so many days of that: a bureau restored from its backup asks for what came after it. Zero when
    /// a photo could not be kept otherwise.
    pub floor_days: u16,
}

/// How long originals stay even on a phone that is short of room. Bureaus back up at least every week.
pub const FLOOR_DAYS: u16 = 7;

/// An original all of whose documents have a verified receipt that says `complete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Which.
    pub blob: PhotoId,
    /// Its size.
    pub bytes: u64,
    /// When the bureau held the last of its documents completely, by the bureau's clock, Unix milliseconds.
    pub complete_ms: i64,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// The originals that may go now, oldest first: those held for longer than the days of keeping, and, while the phone
/// has less room than the floor, the next oldest until it would have that much, if they are old enough for it.
/// `bureau_now_ms` is the bureau's clock when it was last heard; without it nothing is old. `free_bytes` is unknown
/// where the phone does not say.
pub fn may_go(
    delivered: &[Delivered],
    keeping: Keeping,
    bureau_now_ms: Option<i64>,
    free_bytes: Option<u64>,
) -> Vec<PhotoId> {
    let mut oldest_first: Vec<&Delivered> = delivered.iter().collect();
    oldest_first.sort_by_key(|original| (original.complete_ms, original.blob));
    let older_than = |original: &Delivered, days: u16| {
        let before_ms = bureau_now_ms.map(|now| now.saturating_sub(i64::from(days) * DAY_MS));
        before_ms.is_some_and(|before| original.complete_ms < before)
    };
    let mut free = free_bytes.unwrap_or(u64::MAX);
    let mut go = Vec::new();
    for original in oldest_first {
        let spare = keeping.floor_days == 0 || older_than(original, keeping.floor_days);
        if older_than(original, keeping.days) || (spare && free < keeping.floor_bytes) {
            free = free.saturating_add(original.bytes);
            go.push(original.blob);
        }
    }
    go
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Digest;

    const NOW: i64 = 1_800_000_000_000;

    fn held(n: u8, days_ago: i64) -> Delivered {
        Delivered { blob: Digest([n; 32]), bytes: 100, complete_ms: NOW - days_ago * DAY_MS }
    }

    #[test]
    fn originals_go_by_age_and_for_want_of_room_the_oldest_first_and_never_without_need() {
        let three = [held(1, 10), held(2, 100), held(3, 200)];
        let keeping = |days, floor_bytes| Keeping { days, floor_bytes, floor_days: 7 };
        let pressing = |days, floor_bytes| Keeping { days, floor_bytes, floor_days: 0 };
        type Case = (&'static str, Keeping, Option<i64>, Option<u64>, &'static [u8]);
        #[rustfmt::skip]
        let table: &[Case] = &[
            ("the defaults, room enough", keeping(90, 500), Some(NOW), Some(10_000), &[3, 2]),
            ("nothing is old enough", keeping(365, 500), Some(NOW), Some(500), &[]),
            ("exactly as old as the days is kept", keeping(100, 0), Some(NOW), None, &[3]),
            ("kept for no day", keeping(0, 0), Some(NOW), None, &[3, 2, 1]),
            ("short of one picture: one goes", keeping(365, 500), Some(NOW), Some(450), &[3]),
            ("short of two", keeping(365, 500), Some(NOW), Some(350), &[3, 2]),
            ("what goes by age makes room too", keeping(90, 500), Some(NOW), Some(350), &[3, 2]),
            ("no room at all: everything delivered", keeping(365, 500), Some(NOW), Some(0), &[3, 2, 1]),
            ("no floor: never sooner", keeping(365, 0), Some(NOW), Some(0), &[]),
            ("the phone does not say how much is free", keeping(365, 500), Some(NOW), None, &[]),
            ("the bureau's time was never heard", keeping(90, 500), None, Some(10_000), &[]),
            ("nor is room made then", keeping(90, 500), None, Some(450), &[]),
            ("unless a photo could not be kept", pressing(90, 500), None, Some(450), &[3]),
            ("short of room, but all came this week", keeping(90, 500), Some(NOW - 194 * DAY_MS), Some(0), &[]),
            ("only what is older than a week goes", keeping(365, 500), Some(NOW - 93 * DAY_MS), Some(0), &[3]),
            ("a photo could not be kept: of this week too", pressing(365, 500), Some(NOW - 194 * DAY_MS), Some(350), &[3, 2]),
            ("a bureau whose clock was set back", keeping(90, 0), Some(NOW - 400 * DAY_MS), None, &[]),
            ("no clock overflows", keeping(u16::MAX, 0), Some(i64::MIN), None, &[]),
        ];
        for (claim, keeping, now, free, expected) in table {
            let go: Vec<u8> = may_go(&three, *keeping, *now, *free).iter().map(|blob| blob.0[0]).collect();
            assert_eq!(go, *expected, "{claim}");
        }
    }
}
