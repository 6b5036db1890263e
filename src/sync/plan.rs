//! What is sent next, and when it is tried again. Pure: facts in, decision out.

use std::collections::HashSet;

use crate::domain::id::Digest;
use crate::store::outbox::{OutboxItem, OutboxKind};

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

const FIRST_WAIT_MS: i64 = 2_000;
const LONGEST_WAIT_MS: i64 = 600_000;
/// No wait was ever longer: a row that waits for more saw its clock set back, and is due.
const NEVER_LONGER_MS: i64 = LONGEST_WAIT_MS + LONGEST_WAIT_MS / 4;

/// Reports before records before watermarked copies before originals; within a kind, oldest first.
///
/// Rows that are due go in that order: one that waits holds up nothing but the photos of its own record, because
/// only the bureau's answer to a record tells which photos it still needs.
pub fn next(items: &[OutboxItem], now_ms: i64, originals: bool) -> Step {
    let unsent: HashSet<Digest> =
        items.iter().filter(|item| item.blob.is_none()).map(|item| item.document).collect();
    let sendable = |item: &&OutboxItem| {
        item.blocked.is_none()
            && (originals || item.kind != OutboxKind::Original)
            && (item.blob.is_none() || !unsent.contains(&item.document))
    };
    let (due, waiting): (Vec<_>, Vec<_>) =
        items.iter().filter(sendable).partition(|item| is_due(item, now_ms));
    let first = due.into_iter().min_by_key(|item| (item.kind, item.id));
    let soonest = || waiting.into_iter().map(|item| item.not_before_ms).min();
    match first {
        Some(item) => Step::Send(item.id),
        None => soonest().map_or(Step::Idle, Step::WaitUntil),
    }
}

fn is_due(item: &OutboxItem, now_ms: i64) -> bool {
    !(now_ms + 1..=now_ms.saturating_add(NEVER_LONGER_MS)).contains(&item.not_before_ms)
}

/// Milliseconds to wait after `tries` failures in a row: doubling from two seconds, capped at ten minutes, up to
/// a quarter more by `jitter` (0 to 255). There is no last try.
pub fn wait_ms(tries: u32, jitter: u8) -> i64 {
    let doublings = tries.saturating_sub(1).min(20);
    let wait = (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
    wait + wait / 4 * i64::from(jitter) / 255
}

/// What the bureau asks to wait, within the bounds of our own waits.
pub(super) fn asked_ms(after_s: u32) -> i64 {
    (i64::from(after_s) * 1_000).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{DocumentKind, DocumentName};
    use crate::domain::id::DocumentId;

    fn item(id: i64, kind: OutboxKind) -> OutboxItem {
        let photo = matches!(kind, OutboxKind::Derived | OutboxKind::Original);
        OutboxItem {
            id,
            kind,
            name: DocumentName::new(DocumentKind::Inspection, DocumentId(uuid::Uuid::nil()), 1),
            document: Digest::of(if photo { b"sent record" } else { b"unsent record" }),
            blob: photo.then(|| Digest::of(&id.to_be_bytes())),
            bytes: 1,
            tries: 0,
            not_before_ms: 0,
            blocked: None,
            upload: None,
        }
    }

    fn waiting(id: i64, kind: OutboxKind, not_before_ms: i64) -> OutboxItem {
        OutboxItem { not_before_ms, ..item(id, kind) }
    }

    fn blocked(id: i64, kind: OutboxKind) -> OutboxItem {
        OutboxItem { blocked: Some("the seal does not fit".to_owned()), ..item(id, kind) }
    }

    fn of_unsent(id: i64, kind: OutboxKind) -> OutboxItem {
        OutboxItem { document: Digest::of(b"unsent record"), ..item(id, kind) }
    }

    #[test]
    fn the_next_row_is_the_first_due_one_in_order_of_kind_and_age() {
        use OutboxKind::{Derived, Original, Record, Report};
        const NOW: i64 = 1_000_000;
        let table: &[(&str, Vec<OutboxItem>, Step)] = &[
            ("nothing", vec![], Step::Idle),
            (
                "kinds in order, whatever the order of rows",
                vec![item(1, Original), item(2, Derived), item(3, Record), item(4, Report)],
                Step::Send(4),
            ),
            ("oldest first", vec![item(9, Record), item(8, Record)], Step::Send(8)),
            ("due exactly now", vec![waiting(1, Record, NOW)], Step::Send(1)),
            ("all wait: the soonest", vec![waiting(1, Record, NOW + 9), waiting(2, Record, NOW + 5)], {
                Step::WaitUntil(NOW + 5)
            }),
            (
                "a record that waits does not stop another record's photo",
                vec![waiting(1, Record, NOW + 9), item(2, Derived)],
                Step::Send(2),
            ),
            (
                "but its own photos wait with it",
                vec![waiting(1, Record, NOW + 9), of_unsent(2, Derived), of_unsent(3, Original)],
                Step::WaitUntil(NOW + 9),
            ),
            ("blocked rows are passed over", vec![blocked(1, Record), item(2, Record)], Step::Send(2)),
            ("photos of a blocked record stay", vec![blocked(1, Record), of_unsent(2, Derived)], Step::Idle),
            (
                "a clock set back does not keep a row for years",
                vec![waiting(1, Record, NOW * 9)],
                Step::Send(1),
            ),
        ];
        for (claim, items, step) in table {
            assert_eq!(next(items, NOW, true), *step, "{claim}");
        }
    }

    #[test]
    fn originals_stay_when_they_are_not_allowed() {
        let items = [item(1, OutboxKind::Original), waiting(2, OutboxKind::Original, 5)];
        assert_eq!(next(&items, 1, false), Step::Idle);
        assert_eq!(next(&items, 1, true), Step::Send(1));
        let both = [item(1, OutboxKind::Original), item(2, OutboxKind::Derived)];
        assert_eq!(next(&both, 1, false), Step::Send(2));
    }

    #[test]
    fn waits_double_up_to_ten_minutes_and_jitter_adds_a_quarter_at_most() {
        for (tries, ms) in [(0, 2_000), (1, 2_000), (2, 4_000), (3, 8_000), (9, 512_000), (10, 600_000)] {
            assert_eq!(wait_ms(tries, 0), ms, "{tries}");
            assert_eq!(wait_ms(tries, 255), ms + ms / 4, "{tries}");
        }
        assert_eq!(wait_ms(u32::MAX, 0), 600_000);
        assert!((0..=255).all(|jitter| (2_000..=2_500).contains(&wait_ms(1, jitter))));
    }
}
