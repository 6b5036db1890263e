//! Records and what of them still has to reach the bureau.

use xieguan::domain::id::{BureauId, Digest};
use xieguan::domain::inspection::{Draft, Photo};
use xieguan::store::Error;
use xieguan::store::outbox::{OutboxItem, OutboxKind};
use xieguan::store::receipts::ReceiptsRead;
use xieguan::store::record::{Finished, KeptReceipt};

use super::opening::raw;
use super::sample::{Phone, blob, empty, finished, half_filled, moment, photo, site};

/// Starts and finishes a visit with these photos.
fn finish(phone: &mut Phone, n: u8, photos: &[Photo]) -> Finished {
    let draft = empty(n, &site(n, &format!("水站 {n}")));
    phone.store.add_draft(&draft).unwrap();
    let done = finished(&draft, photos);
    phone.store.finish(&done).unwrap();
    done
}

fn rows(phone: &Phone) -> Vec<(OutboxKind, Digest, Option<Digest>)> {
    phone.store.outbox().unwrap().into_iter().map(|row| (row.kind, row.document, row.blob)).collect()
}

fn row_of(phone: &Phone, blob: Digest) -> OutboxItem {
    phone.store.outbox().unwrap().into_iter().find(|row| row.blob == Some(blob)).unwrap()
}

#[test]
fn finishing_leaves_the_record_its_rows_in_sending_order_and_no_draft() {
    let mut phone = Phone::new();
    phone.store.add_draft(&half_filled()).unwrap();
    let done = finished(&half_filled(), &half_filled().photos);
    phone.store.finish(&done).unwrap();
    let first = finish(&mut phone, 2, &[photo(50, None)]);
    phone = phone.reopened();
    assert_eq!(phone.store.drafts().unwrap(), []);
    assert_eq!(phone.store.envelope(done.id, 2).unwrap().as_ref(), Some(&done.envelope));
    assert_eq!(phone.store.document(done.digest).unwrap().as_ref(), Some(&done.document));
    let blobs = |kind, of: &Finished, blobs: &[(Digest, u64)]| -> Vec<_> {
        blobs.iter().map(|(blob, _)| (kind, of.digest, Some(*blob))).collect()
    };
    let expected = [
        vec![(OutboxKind::Record, done.digest, None), (OutboxKind::Record, first.digest, None)],
        blobs(OutboxKind::Derived, &done, &done.derived),
        blobs(OutboxKind::Derived, &first, &first.derived),
        blobs(OutboxKind::Original, &done, &done.originals),
        blobs(OutboxKind::Original, &first, &first.originals),
    ];
    assert_eq!(rows(&phone), expected.concat());
}

#[test]
fn record_outbox_rows_and_end_of_the_draft_are_stored_together_or_not_at_all() {
    let mut phone = Phone::new();
    phone.store.add_draft(&half_filled()).unwrap();
    let done = finished(&half_filled(), &half_filled().photos);
    let fail = |when: &str| {
        format!("create trigger injected before {when} begin select raise(abort, 'injected'); end")
    };
    for when in
        ["insert on outbox when new.kind = 3", "insert on record_blob", "insert on record", "delete on draft"]
    {
        raw(&phone.path()).execute_batch(&fail(when)).unwrap();
        let refused = phone.store.finish(&done);
        assert!(matches!(refused, Err(Error::Sql(_))), "{when}: {refused:?}");
        phone = phone.reopened();
        assert_eq!(phone.store.draft(done.id).unwrap(), Some(half_filled()), "{when}");
        assert_eq!(phone.store.records().unwrap(), [], "{when}");
        assert_eq!(rows(&phone), [], "{when}");
        raw(&phone.path()).execute_batch("drop trigger injected").unwrap();
    }
    phone.store.finish(&done).unwrap();
    assert_eq!(rows(&phone).len(), 9);
}

#[test]
fn a_revision_is_finished_once_and_only_from_its_own_draft() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "一"));
    assert!(matches!(phone.store.finish(&finished(&draft, &[])), Err(Error::NotFound)));
    phone.store.add_draft(&draft).unwrap();
    let other = Draft { revision: 2, ..draft.clone() };
    assert!(matches!(phone.store.finish(&finished(&other, &[])), Err(Error::NotFound)));
    phone.store.finish(&finished(&draft, &[])).unwrap();
    assert!(matches!(phone.store.finish(&finished(&draft, &[])), Err(Error::Exists)));
    assert_eq!(rows(&phone).len(), 1);
}

#[test]
fn a_finished_record_cannot_be_changed_even_past_the_store() {
    let mut phone = Phone::new();
    let done = finish(&mut phone, 1, &[]);
    assert!(raw(&phone.path()).execute("update record set document = 'x'", []).is_err());
    assert_eq!(phone.store.document(done.digest).unwrap(), Some(done.document));
}

#[test]
fn a_blob_of_two_records_travels_once() {
    let mut phone = Phone::new();
    let shared = photo(1, None);
    finish(&mut phone, 1, std::slice::from_ref(&shared));
    let upload = row_of(&phone, shared.original);
    phone.store.put_upload(upload.id, Some("/v1/photos/u1")).unwrap();
    let second = finish(&mut phone, 2, &[shared.clone(), photo(2, None)]);
    let uploads: Vec<_> =
        phone.store.outbox().unwrap().into_iter().filter(|row| row.blob == upload.blob).collect();
    assert_eq!(uploads.len(), 2);
    assert!(uploads.iter().all(|row| row.upload.as_deref() == Some("/v1/photos/u1")), "{uploads:?}");
    phone.store.mark_sent(uploads[1].id).unwrap();
    phone.store.mark_sent(row_of(&phone, shared.derived).id).unwrap();
    let left: Vec<_> = phone.store.records().unwrap().iter().map(|row| (row.blobs, row.blobs_left)).collect();
    assert_eq!(left, [(4, 2), (2, 0)]);
    // Sent before the third record names it: not queued again, until the bureau says that it has lost it.
    let third = finish(&mut phone, 3, std::slice::from_ref(&shared));
    assert!(rows(&phone).iter().all(|(_, document, blob)| *document != third.digest || blob.is_none()));
    phone.store.requeue(third.digest, &[shared.original, blob(99)]).unwrap();
    assert!(rows(&phone).contains(&(OutboxKind::Original, third.digest, Some(shared.original))));
    assert!(!rows(&phone).contains(&(OutboxKind::Original, second.digest, Some(shared.original))));
}

#[test]
fn a_record_counts_what_is_left_of_it() {
    let mut phone = Phone::new();
    let done = finish(&mut phone, 1, &[photo(1, None), photo(2, None)]);
    let whole = done.document.len() as u64 + 2 * 3_300_000 + 2 * 3;
    let row = phone.store.records().unwrap().remove(0);
    assert_eq!((row.blobs, row.blobs_left, row.bytes, row.bytes_left), (4, 4, whole, whole));
    assert_eq!((row.level, row.finished_at), (done.level, done.finished_at));
    let derived = row_of(&phone, blob(101));
    phone.store.mark_sent(derived.id).unwrap();
    phone.store.mark_sent(derived.id).unwrap();
    let row = phone.store.records().unwrap().remove(0);
    assert_eq!((row.blobs_left, row.bytes, row.bytes_left), (3, whole, whole - derived.bytes));
}

#[test]
fn failures_are_counted_waited_for_and_blocked_until_told_to_retry() {
    let mut phone = Phone::new();
    finish(&mut phone, 1, &[photo(1, None)]);
    let id = row_of(&phone, blob(1)).id;
    phone.store.mark_later(id, 5_000).unwrap();
    phone.store.mark_later(id, 9_000).unwrap();
    phone.store.mark_blocked(id, "太大").unwrap();
    phone = phone.reopened();
    let row = row_of(&phone, blob(1));
    assert_eq!((row.tries, row.not_before_ms, row.blocked.as_deref()), (2, 9_000, Some("太大")));
    let record = phone.store.records().unwrap().remove(0);
    assert_eq!((record.tries, record.blocked.as_deref()), (2, Some("太大")));
    phone.store.retry_all().unwrap();
    let row = row_of(&phone, blob(1));
    assert_eq!((row.not_before_ms, row.blocked), (0, None));
}

#[test]
fn receipts_end_rows_and_are_shown_with_their_record() {
    let mut phone = Phone::new();
    let done = finish(&mut phone, 1, &[photo(1, None)]);
    let other = finish(&mut phone, 2, &[photo(1, None), photo(2, None)]);
    let receipt =
        |document, complete, text: &str| KeptReceipt { document, complete, envelope: text.to_owned() };
    phone.store.put_receipt(&receipt(done.digest, false, "record")).unwrap();
    assert!(!rows(&phone).contains(&(OutboxKind::Record, done.digest, None)));
    assert_eq!(rows(&phone).len(), 2 + 1 + 4);
    phone.store.put_receipt(&receipt(done.digest, true, "complete")).unwrap();
    phone.store.put_receipt(&receipt(done.digest, true, "complete again")).unwrap();
    phone = phone.reopened();
    assert!(rows(&phone).iter().all(|(_, document, _)| *document == other.digest));
    assert_eq!(rows(&phone).len(), 3, "the bureau holds the shared photo");
    let row = phone.store.records().unwrap().into_iter().find(|row| row.id == done.id.into()).unwrap();
    assert_eq!(row.record_receipt.as_deref(), Some("record"));
    assert_eq!(row.complete_receipt.as_deref(), Some("complete again"));
    let unknown = phone.store.put_receipt(&receipt(blob(77), false, "record"));
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}

#[test]
fn a_page_of_receipts_is_kept_whole_or_not_at_all_and_once_more_changes_nothing() {
    let mut phone = Phone::new();
    let (first, second, waiting) =
        (finish(&mut phone, 1, &[photo(1, None)]), finish(&mut phone, 2, &[]), finish(&mut phone, 3, &[]));
    let receipt = |document, complete| KeptReceipt { document, complete, envelope: "signed".to_owned() };
    for done in [&first, &second] {
        phone.store.put_receipt(&receipt(done.digest, false)).unwrap();
    }
    let bureau = BureauId(uuid::Uuid::from_u128(1));
    let stray = blob(77);
    let listed = [
        receipt(first.digest, true),
        receipt(stray, false),
        receipt(waiting.digest, true),
        receipt(second.digest, true),
    ];
    let page = ReceiptsRead { bureau, from_the_beginning: true, receipts: &listed, upto: ("upto", "4") };
    let fail =
        "create trigger injected before insert on stray_receipt begin select raise(abort, 'injected'); end";
    raw(&phone.path()).execute_batch(fail).unwrap();
    assert!(phone.store.put_receipts(&page).is_err());
    let complete = |phone: &Phone| {
        let rows = phone.store.documents().unwrap().into_iter();
        rows.filter(|row| row.complete_receipt.is_some()).map(|row| row.digest).collect::<Vec<_>>()
    };
    phone = phone.reopened();
    assert_eq!((complete(&phone), phone.store.setting("upto").unwrap()), (vec![], None));
    raw(&phone.path()).execute_batch("drop trigger injected").unwrap();

    assert!(phone.store.put_receipts(&page).unwrap());
    assert!(!phone.store.put_receipts(&page).unwrap(), "all of it was kept before");
    phone = phone.reopened();
    assert_eq!(complete(&phone).len(), 2);
    assert!(!complete(&phone).contains(&waiting.digest), "it gets both in answer to itself");
    assert_eq!(rows(&phone), [(OutboxKind::Record, waiting.digest, None)]);
    assert_eq!(phone.store.setting("upto").unwrap().as_deref(), Some("4"));
    assert_eq!(phone.store.strays(bureau).unwrap(), [(stray, false)]);
    assert_eq!(phone.store.strays(BureauId(uuid::Uuid::from_u128(2))).unwrap(), []);
    phone.store.put_receipts(&ReceiptsRead { receipts: &[], ..page }).unwrap();
    assert_eq!(phone.store.strays(bureau).unwrap(), [], "the whole list was read anew");
}

#[test]
fn records_are_listed_newest_first_across_offsets() {
    let mut phone = Phone::new();
    let east = moment(0).with_timezone(&chrono::FixedOffset::east_opt(9 * 3600).unwrap());
    for (n, at) in [(1, moment(100)), (2, east + chrono::TimeDelta::seconds(200)), (3, moment(50))] {
        let draft = empty(n, &site(n, "一"));
        phone.store.add_draft(&draft).unwrap();
        phone.store.finish(&Finished { finished_at: at, ..finished(&draft, &[]) }).unwrap();
    }
    let order: Vec<_> = phone.store.records().unwrap().into_iter().map(|row| row.finished_at).collect();
    assert_eq!(order, [moment(200), moment(100), moment(50)]);
    assert_eq!(order[0].offset().local_minus_utc(), 9 * 3600);
}
