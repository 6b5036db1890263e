//! Receipts: signed and numbered in the transaction that makes true what they say.

use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension as _, named_params, params};

use super::row::{digest, json, moment, uuid};
use super::{Storage, StorageError, Stored};
use crate::domain::id::{DeviceId, Digest, DocumentId, PhotoId};
use crate::wire::receipt::{Held, Receipt, ReceiptKind, ReceiptsPage, SignedReceipt};

/// Receipts on a page.
const PAGE: usize = 200;

impl Storage {
    /// The receipts of this phone's records after a sequence.
    pub async fn receipts_since(&self, device: DeviceId, since: u64) -> Stored<ReceiptsPage> {
        let (bureau, epoch) = (self.identity().public.id, self.identity().public.epoch);
        self.read(move |db| {
            let (receipts, last, more) = page(db, device, since)?;
            let held = if more { None } else { Some(Held::of(standing(db, device)?)) };
            Ok(ReceiptsPage { bureau, epoch, receipts, last, more, held })
        })
        .await
    }
}

fn page(db: &Connection, device: DeviceId, since: u64) -> Stored<(Vec<SignedReceipt>, u64, bool)> {
    const SELECT: &str = "select sequence, envelope from receipt
        where device = ? and sequence > ? order by sequence limit ?";
    let after = i64::try_from(since).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(SELECT)?;
    let rows = query.query_map(params![device.0.as_bytes(), after, PAGE as i64 + 1], |row| {
        Ok((row.get::<_, i64>("sequence")?, json(row, "envelope")?))
    })?;
    let mut rows: Vec<(i64, SignedReceipt)> = rows.collect::<Result<_, _>>()?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let last = match rows.last() {
        Some((sequence, _)) if more => *sequence,
        // Everything up to here was looked at, whosever it is.
        _ => last_sequence(db)?.max(after),
    };
    Ok((rows.into_iter().map(|(_, receipt)| receipt).collect(), last.unsigned_abs(), more))
}

/// Every receipt of this phone that stands; from an index alone.
fn standing(db: &Connection, device: DeviceId) -> Stored<Vec<(Digest, bool)>> {
    let mut query = db.prepare_cached("select document, complete from receipt where device = ?")?;
    let rows = query.query_map([device.0.as_bytes()], |row| Ok((digest(row, "document")?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes back the `complete` receipts of every document that names this blob, which turned out not to be held. They
/// are kept aside: the phone has the same text, and it was true once. Gives how many.
pub(super) fn take_back(db: &Connection, blob: PhotoId, now_ms: i64) -> Stored<usize> {
    const KEEP: &str = "insert or ignore into receipt_taken_back (sequence, document, envelope, taken_ms)
        select sequence, document, envelope, ?2 from receipt
        where complete = 1 and document in (select document from document_blob where blob = ?1)";
    const END: &str = "delete from receipt
        where complete = 1 and document in (select document from document_blob where blob = ?1)";
    db.prepare_cached(KEEP)?.execute(params![blob.0, now_ms])?;
    Ok(db.prepare_cached(END)?.execute([blob.0])?)
}

fn last_sequence(db: &Connection) -> Stored<i64> {
    // One that was taken back is not given again: phones ask for those after it.
    const LAST: &str = "select max(coalesce((select max(sequence) from receipt), 0),
        coalesce((select max(sequence) from receipt_taken_back), 0))";
    let mut query = db.prepare_cached(LAST)?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// A document's receipt of this kind.
pub(super) fn of(db: &Connection, document: Digest, kind: ReceiptKind) -> Stored<Option<SignedReceipt>> {
    let mut query = db.prepare_cached("select envelope from receipt where document = ? and complete = ?")?;
    let complete = kind == ReceiptKind::Complete;
    Ok(query.query_row(params![document.0, complete], |row| json(row, "envelope")).optional()?)
}

/// Signs and stores a receipt; the caller knows that there is none yet and that it is true.
pub(super) fn issue(
    db: &Connection,
    identity: &super::Identity,
    document: Digest,
    kind: ReceiptKind,
    now_ms: i64,
) -> Stored<SignedReceipt> {
    const SELECT: &str =
        "select inspection, revision, number, device, received_ms from document where digest = ?";
    let sequence = last_sequence(db)? + 1;
    let mut query = db.prepare_cached(SELECT)?;
    let (receipt, device) = query.query_row([document.0], |row| {
        let at = match kind {
            ReceiptKind::Record => row.get("received_ms")?,
            ReceiptKind::Complete => now_ms,
        };
        let received_at: DateTime<_> = moment(at, identity.zone());
        let receipt = Receipt {
            kind,
            document,
            inspection: DocumentId(uuid(row, "inspection")?),
            revision: row.get("revision")?,
            number: row.get("number")?,
            received_at,
            sequence: sequence.unsigned_abs(),
            bureau: identity.public.id,
            epoch: identity.public.epoch,
        };
        Ok((receipt, uuid(row, "device")?))
    })?;
    let signed = receipt.sign(&identity.signing)?;
    insert(db, &receipt, device, &signed)?;
    Ok(signed)
}

fn insert(db: &Connection, receipt: &Receipt, device: uuid::Uuid, signed: &SignedReceipt) -> Stored<()> {
    const INSERT: &str = "insert into receipt (sequence, document, device, complete, envelope)
        values (:sequence, :document, :device, :complete, :envelope)";
    let sequence = i64::try_from(receipt.sequence).map_err(|e| StorageError::Broken(e.to_string()))?;
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":sequence": sequence,
        ":document": receipt.document.0,
        ":device": device.as_bytes(),
        ":complete": receipt.kind == ReceiptKind::Complete,
        ":envelope": serde_json::to_string(signed)?,
    })?;
    Ok(())
}
