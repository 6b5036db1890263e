//! What is sent next, what makes room, and when it is tried again. Pure: facts in, decision out.
//!
//! Two tiers. The first always goes: documents (a report before everything), then watermarked copies. The second,
//! the originals, goes only where it is allowed and never beside or before anything of the first.

use std::collections::HashSet;

use crate::domain::id::{Digest, PhotoId};
use crate::store::outbox::{OutboxItem, OutboxKind};

/// What there is to decide about.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The outbox.
    pub items: &'a [OutboxItem],
    /// Rows under way.
    pub going: &'a [i64],
    /// Whether the bureau is being asked for changes.
    pub pulling: bool,
    /// Whether it should be.
    pub pull_due: bool,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
    /// Whether originals may go.
    pub originals: bool,
    /// How many rows the link carries at once: one where it breaks.
    pub lanes: usize,
}

/// What the worker does now; nothing, until the moment given or until something changes, when all of it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Send these rows.
    pub start: Vec<i64>,
    /// Ask the bureau for changes.
    pub pull: bool,
    /// These rows under way make room after the piece they are at; they go on later where they stopped.
    pub give_way: Vec<i64>,
    /// When the next waiting row is due, Unix milliseconds.
    pub until: Option<i64>,
}

impl Plan {
    /// Whether an original begins.
    pub fn starts_original(&self, items: &[OutboxItem]) -> bool {
        let originals = items.iter().filter(|item| item.kind == OutboxKind::Original);
        originals.into_iter().any(|item| self.start.contains(&item.id))
    }
}

const FIRST_WAIT_MS: i64 = 2_000;
const LONGEST_WAIT_MS: i64 = 600_000;
/// No wait was ever longer: a row that waits for more saw its clock set back, and is due.
const NEVER_LONGER_MS: i64 = LONGEST_WAIT_MS + LONGEST_WAIT_MS / 4;

/// Reports before records before the bureau's changes before watermarked copies before originals; within a kind,
/// oldest first.
///
/// A row that waits holds up nothing but the photos of its own record, because only the bureau's answer to a record
/// tells which photos it still needs. A document never waits for a photo: it has a lane of its own.
pub fn next(facts: &Facts<'_>) -> Plan {
    let Facts { items, now_ms, .. } = *facts;
    let unsent: HashSet<Digest> =
        items.iter().filter(|item| item.blob.is_none()).map(|item| item.document).collect();
    let sendable = |item: &&OutboxItem| {
        item.blocked.is_none()
            && !facts.going.contains(&item.id)
            && (facts.originals || item.kind != OutboxKind::Original)
            && (item.blob.is_none() || !unsent.contains(&item.document))
    };
    let (mut due, waiting): (Vec<&OutboxItem>, Vec<_>) =
        items.iter().filter(sendable).partition(|item| is_due(item, now_ms));
    due.sort_by_key(|item| (item.kind, item.id));
    let rows = Rows { going: items.iter().filter(|item| facts.going.contains(&item.id)).collect(), due };
    let mut plan =
        Plan { until: waiting.into_iter().map(|item| item.not_before_ms).min(), ..Plan::default() };
    rows.documents(facts, &mut plan);
    plan.pull = facts.pull_due && !facts.pulling && !rows.any(is_document) && facts.going.is_empty();
    rows.photos(facts, &mut plan);
    rows.give_way(facts, &mut plan);
    plan
}

fn is_document(item: &OutboxItem) -> bool {
    item.blob.is_none()
}

fn is_copy(item: &OutboxItem) -> bool {
    item.kind == OutboxKind::Derived
}

struct Rows<'a> {
    going: Vec<&'a OutboxItem>,
    /// In order.
    due: Vec<&'a OutboxItem>,
}

impl Rows<'_> {
    fn any(&self, is: impl Fn(&OutboxItem) -> bool) -> bool {
        self.due.iter().chain(&self.going).any(|item| is(item))
    }

    fn under_way(&self, is: impl Fn(&OutboxItem) -> bool) -> usize {
        self.going.iter().filter(|item| is(item)).count()
    }

    /// A record does not overtake its report.
    fn documents(&self, facts: &Facts<'_>, plan: &mut Plan) {
        let first = if self.any(|item| item.kind == OutboxKind::Report) {
            OutboxKind::Report
        } else {
            OutboxKind::Record
        };
        let room = facts.lanes.max(1).saturating_sub(self.under_way(is_document));
        let ready = self.due.iter().filter(|item| is_document(item) && item.kind == first);
        plan.start.extend(ready.take(room).map(|item| item.id));
    }

    /// Photos leave one lane free, so that what is urgent finds the link open; a blob travels once.
    fn photos(&self, facts: &Facts<'_>, plan: &mut Plan) {
        let documents_wait = self.due.iter().any(|item| is_document(item));
        if documents_wait || facts.pull_due || facts.pulling {
            return;
        }
        let kind = if self.any(is_copy) { OutboxKind::Derived } else { OutboxKind::Original };
        let most = photo_lanes(facts.lanes).saturating_sub(self.under_way(|item| !is_document(item)));
        let room = most.min(facts.lanes.max(1).saturating_sub(facts.going.len()));
        let mut blobs: HashSet<Option<PhotoId>> = self.going.iter().map(|item| item.blob).collect();
        let ready = self.due.iter().filter(|item| item.kind == kind).filter(|item| blobs.insert(item.blob));
        plan.start.extend(ready.take(room).map(|item| item.id));
    }

    fn give_way(&self, facts: &Facts<'_>, plan: &mut Plan) {
        let documents = self.any(is_document);
        let mut photos: Vec<_> = self.going.iter().filter(|item| !is_document(item)).collect();
        photos.sort_by_key(|item| (item.kind, item.id));
        for (place, item) in photos.into_iter().enumerate() {
            let second_tier = item.kind == OutboxKind::Original
                && (!facts.originals || documents || self.due.iter().any(|item| is_copy(item)));
            let crowded = place >= photo_lanes(facts.lanes) || (facts.lanes <= 1 && documents);
            if second_tier || crowded || facts.pull_due {
                plan.give_way.push(item.id);
            }
        }
        // A row that has ended meanwhile: the bureau said that it holds the photo.
        let ended = facts.going.iter().filter(|id| !self.going.iter().any(|item| item.id == **id));
        plan.give_way.extend(ended);
    }
}

fn photo_lanes(lanes: usize) -> usize {
    lanes.saturating_sub(1).max(1)
}

fn is_due(item: &OutboxItem, now_ms: i64) -> bool {
    !(now_ms + 1..=now_ms.saturating_add(NEVER_LONGER_MS)).contains(&item.not_before_ms)
}

/// What is left, by what becomes of it as things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Bytes that go.
    pub to_send: u64,
    /// Rows that are blocked.
    pub blocked: usize,
    /// Originals that may not go over this network.
    pub held_originals: usize,
}

/// Photos of a blocked document go no more than itself; a blob counts once.
pub fn left(items: &[OutboxItem], originals: bool) -> Left {
    let is_blocked = |item: &&OutboxItem| item.blocked.is_some();
    let documents = items.iter().filter(is_blocked).filter(|item| item.blob.is_none());
    let stuck: HashSet<Digest> = documents.map(|item| item.document).collect();
    let mut blobs = HashSet::new();
    let goes = |item: &&OutboxItem| {
        item.blocked.is_none()
            && (item.blob.is_none() || (!stuck.contains(&item.document) && blobs.insert(item.blob)))
    };
    let mut left = Left { blocked: items.iter().filter(is_blocked).count(), ..Left::default() };
    for item in items.iter().filter(goes) {
        if originals || item.kind != OutboxKind::Original {
            left.to_send += item.bytes;
        } else {
            left.held_originals += 1;
        }
    }
    left
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

    const NOW: i64 = 1_000_000;

    fn item(id: i64, kind: OutboxKind) -> OutboxItem {
        let photo = matches!(kind, OutboxKind::Derived | OutboxKind::Original);
        OutboxItem {
            id,
            kind,
            name: DocumentName::new(DocumentKind::Inspection, DocumentId(uuid::Uuid::nil()), 1),
            document: Digest::of(if photo { b"sent record" } else { b"unsent record" }),
            blob: photo.then(|| Digest::of(&id.to_be_bytes())),
            bytes: 10,
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

    fn same_blob(id: i64, of: i64) -> OutboxItem {
        OutboxItem { blob: Some(Digest::of(&of.to_be_bytes())), ..item(id, OutboxKind::Derived) }
    }

    fn facts<'a>(items: &'a [OutboxItem], going: &'a [i64]) -> Facts<'a> {
        let lanes = 1;
        Facts { items, going, pulling: false, pull_due: false, now_ms: NOW, originals: true, lanes }
    }

    fn start(rows: &[i64]) -> Plan {
        Plan { start: rows.to_vec(), ..Plan::default() }
    }

    fn until(ms: i64) -> Plan {
        Plan { until: Some(ms), ..Plan::default() }
    }

    #[test]
    fn one_at_a_time_the_next_row_is_the_first_due_one_in_order_of_kind_and_age() {
        use OutboxKind::{Derived, Original, Record, Report};
        let table: &[(&str, Vec<OutboxItem>, Plan)] = &[
            ("nothing", vec![], Plan::default()),
            (
                "kinds in order, whatever the order of rows",
                vec![item(1, Original), item(2, Derived), item(3, Record), item(4, Report)],
                start(&[4]),
            ),
            ("oldest first", vec![item(9, Record), item(8, Record)], start(&[8])),
            ("due exactly now", vec![waiting(1, Record, NOW)], start(&[1])),
            (
                "all wait: the soonest",
                vec![waiting(1, Record, NOW + 9), waiting(2, Record, NOW + 5)],
                until(NOW + 5),
            ),
            (
                "a record that waits does not stop another record's photo",
                vec![waiting(1, Record, NOW + 9), item(2, Derived)],
                Plan { start: vec![2], ..until(NOW + 9) },
            ),
            (
                "but its own photos wait with it",
                vec![waiting(1, Record, NOW + 9), of_unsent(2, Derived), of_unsent(3, Original)],
                until(NOW + 9),
            ),
            (
                "a copy that waits does not stop an original",
                vec![waiting(1, Derived, NOW + 9), item(2, Original)],
                Plan { start: vec![2], ..until(NOW + 9) },
            ),
            ("blocked rows are passed over", vec![blocked(1, Record), item(2, Record)], start(&[2])),
            (
                "photos of a blocked record stay",
                vec![blocked(1, Record), of_unsent(2, Derived)],
                Plan::default(),
            ),
            (
                "a clock set back does not keep a row for years",
                vec![waiting(1, Record, NOW * 9)],
                start(&[1]),
            ),
        ];
        for (claim, items, plan) in table {
            assert_eq!(next(&facts(items, &[])), *plan, "{claim}");
        }
    }

    #[test]
    fn a_link_that_holds_carries_three_and_always_has_room_for_a_document() {
        use OutboxKind::{Derived, Original, Record, Report};
        let copies = vec![item(5, Derived), item(6, Derived), item(7, Derived)];
        let with = |more: OutboxItem| [copies.clone(), vec![more]].concat();
        let table: &[(&str, Vec<OutboxItem>, &[i64], Plan)] = &[
            ("two photos, one lane free", copies.clone(), &[], start(&[5, 6])),
            ("no third beside them", copies.clone(), &[5, 6], Plan::default()),
            ("the next when one has ended", copies.clone(), &[6], start(&[5])),
            ("a document at once, beside them", with(item(8, Record)), &[5, 6], start(&[8])),
            ("three documents together", vec![item(1, Record), item(2, Record), item(3, Record)], &[], {
                start(&[1, 2, 3])
            }),
            ("but no record beside a report", vec![item(1, Record), item(2, Report)], &[], start(&[2])),
            ("nor while it is under way", vec![item(1, Record), item(2, Report)], &[2], Plan::default()),
            ("originals only when no copy is under way", with(item(9, Original)), &[5, 6, 7], {
                Plan { give_way: vec![7], ..Plan::default() }
            }),
            ("no original beside a copy", vec![item(5, Derived), item(9, Original)], &[5], Plan::default()),
            ("an original makes room for a copy", vec![item(5, Derived), item(9, Original)], &[9], {
                Plan { give_way: vec![9], ..start(&[5]) }
            }),
            (
                "and for a document, which does not wait for it",
                vec![item(5, Record), item(9, Original)],
                &[9],
                { Plan { give_way: vec![9], ..start(&[5]) } },
            ),
            ("a blob travels once", vec![item(5, Derived), same_blob(6, 5)], &[], start(&[5])),
            (
                "also when its twin is under way",
                vec![item(5, Derived), same_blob(6, 5)],
                &[5],
                Plan::default(),
            ),
            ("what has ended meanwhile stops", vec![], &[5], Plan { give_way: vec![5], ..Plan::default() }),
        ];
        for (claim, items, going, plan) in table {
            assert_eq!(next(&Facts { lanes: 3, ..facts(items, going) }), *plan, "{claim}");
        }
    }

    #[test]
    fn a_link_that_breaks_carries_one_and_what_is_urgent_still_goes_at_once() {
        use OutboxKind::{Derived, Record};
        let copies = [item(5, Derived), item(6, Derived)];
        assert_eq!(next(&facts(&copies, &[])), start(&[5]));
        assert_eq!(next(&facts(&copies, &[5])), Plan::default());
        assert_eq!(next(&facts(&copies, &[5, 6])), Plan { give_way: vec![6], ..Plan::default() });
        let urgent = [item(5, Derived), item(6, Record)];
        assert_eq!(next(&facts(&urgent, &[5])), Plan { give_way: vec![5], ..start(&[6]) });
        assert_eq!(next(&facts(&urgent, &[6])), Plan::default());
    }

    #[test]
    fn changes_are_asked_for_after_documents_and_before_photos() {
        use OutboxKind::{Derived, Record};
        let due = |items: &[OutboxItem], going: &[i64]| {
            next(&Facts { pull_due: true, lanes: 3, ..facts(items, going) })
        };
        assert_eq!(due(&[], &[]), Plan { pull: true, ..Plan::default() });
        assert_eq!(due(&[item(1, Record)], &[]), start(&[1]));
        assert_eq!(due(&[item(1, Record)], &[1]), Plan::default());
        assert_eq!(due(&[item(1, Derived)], &[]), Plan { pull: true, ..Plan::default() });
        assert_eq!(due(&[item(1, Derived)], &[1]), Plan { give_way: vec![1], ..Plan::default() });
        let items = [item(1, Derived), item(2, Record)];
        let pulling = Facts { pulling: true, lanes: 1, ..facts(&items, &[]) };
        assert_eq!(next(&pulling), start(&[2]), "a document does not wait for an answer that is long");
        assert_eq!(next(&Facts { items: &items[..1], ..pulling }), Plan::default());
    }

    #[test]
    fn originals_stay_when_they_are_not_allowed_and_stop_when_they_no_longer_are() {
        let not = |items: &[OutboxItem], going: &[i64]| {
            next(&Facts { originals: false, lanes: 3, ..facts(items, going) })
        };
        let items = [item(1, OutboxKind::Original), waiting(2, OutboxKind::Original, NOW + 5)];
        assert_eq!(not(&items, &[]), Plan::default());
        assert_eq!(not(&items, &[1]), Plan { give_way: vec![1], ..Plan::default() });
        let both = [item(1, OutboxKind::Original), item(2, OutboxKind::Derived)];
        assert_eq!(not(&both, &[]), start(&[2]));
    }

    #[test]
    fn what_is_left_counts_no_blob_twice_and_tells_what_stays() {
        use OutboxKind::{Derived, Original, Record};
        let items =
            [item(1, Record), item(2, Derived), same_blob(3, 2), item(4, Original), blocked(5, Record)];
        assert_eq!(left(&items, true), Left { to_send: 30, blocked: 1, held_originals: 0 });
        assert_eq!(left(&items, false), Left { to_send: 20, blocked: 1, held_originals: 1 });
        let stuck = [blocked(5, Record), of_unsent(6, Derived), of_unsent(7, Original)];
        assert_eq!(left(&stuck, true), Left { to_send: 0, blocked: 1, held_originals: 0 });
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
