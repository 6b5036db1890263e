//! What the bureau said it holds: receipts kept, and the rows that end with them.

use std::collections::HashSet;

use rusqlite::{Connection, Row, Transaction, params};

use super::column::{digest, get, name};
use super::outbox::{end_row, rows_of};
use super::record::KeptReceipt;
use super::{Error, Store, lost, write_setting};
use crate::domain::document::DocumentName;
use crate::domain::id::{BureauId, Digest, PhotoId};
use crate::fault;

/// The bureau's answer to a document; receipts verified by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its own receipt.
    pub record: KeptReceipt,
    /// That it holds every blob too.
    pub complete: Option<KeptReceipt>,
    /// Blobs that it lacks.
    pub missing: Vec<PhotoId>,
}

/// A page of a bureau's list; receipts verified by the caller.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptsRead<'a> {
    /// Whose.
    pub bureau: BureauId,
    /// The first page of the whole list.
    pub from_the_beginning: bool,
    /// In order, of both kinds.
    pub receipts: &'a [KeptReceipt],
    /// Name and value of the setting that says how far the list was read.
    pub upto: (&'a str, &'a str),
}

/// Documents with their own receipt, without the one that says `complete`, of which nothing is left to send and nothing
/// was removed here.
const AWAITING: &str = "select record.id as record, form, revision, own.document
    from receipt own join record indexed by record_head on digest = own.document
    where own.complete = 0
        and not exists (select 1 from receipt whole where whole.document = own.document and whole.complete = 1)
        and not exists (select 1 from outbox where outbox.document = own.document and blob is not null)
        and not exists (select 1 from record_blob b where b.document = own.document and b.removed = 1)
    order by own.document";
const WAITING: &str = "select document from outbox where blob is null";

impl Store {
    /// Documents of which everything is sent and only the `complete` receipt is not here. One whose originals were
    /// removed here is none of them: it cannot get it any more if the bureau has lost those since.
    ///
    /// # Errors
    /// [`Error`].
    pub fn awaiting_proof(&self) -> Result<Vec<(DocumentName, Digest)>, Error> {
        let read = |row: &Row<'_>| Ok((name(row)?, digest(row, "document")?));
        self.db.prepare_cached(AWAITING)?.query_and_then([], read)?.collect()
    }

    /// Receipts that a bureau listed for documents that are not on this phone, each with whether it says `complete`: a
    /// database that was put aside took them along, or another phone with this one's keys sent them. They count when
    /// both sides compare what is held; read anew with the whole list.
    ///
    /// # Errors
    /// [`Error`].
    pub fn strays(&self, bureau: BureauId) -> Result<Vec<(Digest, bool)>, Error> {
        const LIST: &str =
            "select document, complete from stray_receipt where bureau = ?1 order by document, complete";
        let read = |row: &Row<'_>| Ok((digest(row, "document")?, get(row, "complete")?));
        self.db.prepare_cached(LIST)?.query_and_then([bureau.to_string()], read)?.collect()
    }

    /// Keeps a verified receipt; a newer one of the same kind takes its place, and the older goes aside. A `record`
    /// receipt ends the record's outbox row, a `complete` one all of its rows and, as the bureau holds their blobs,
    /// other records' rows of the same blobs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn put_receipt(&mut self, receipt: &KeptReceipt) -> Result<(), Error> {
        let change = self.change()?;
        keep(&change, receipt)?;
        commit(change)
    }

    /// Keeps what the bureau said about a document, all or nothing: rows of blobs that it holds end, those that it
    /// lacks come back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn put_answer_of(&mut self, answer: &KeptAnswer) -> Result<(), Error> {
        let document = answer.record.document;
        let change = self.change()?;
        for row in rows_of(&change, document)? {
            if row.blob.is_some_and(|blob| !answer.missing.contains(&blob)) {
                end_row(&change, row.id)?;
            }
        }
        lost::bring_back(&change, document, &answer.missing)?;
        keep(&change, &answer.record)?;
        if let Some(complete) = &answer.complete {
            keep(&change, complete)?;
        }
        commit(change)?;
        if !answer.missing.is_empty() {
            fault::point("phone.lacks.committed");
        }
        Ok(())
    }

    /// Keeps the `complete` receipts of a page and remembers, under the name given, how far they were read: all in one
    /// transaction. `true` when a receipt or a row is other than before.
    ///
    /// Passed over are those for documents that still wait to be sent: in answer to that such a one gets both of its
    /// receipts; the one that says `complete` alone would end its row, and nobody would ask for the other again. Of those
    /// for documents that this phone has not (any more) it is noted that they exist ([`Store::strays`]).
    ///
    /// # Errors
    /// [`Error`]; then nothing of the page is kept.
    pub fn put_receipts(&mut self, page: &ReceiptsRead<'_>) -> Result<bool, Error> {
        const STRAY: &str = "insert into stray_receipt (bureau, document, complete)
            select ?1, ?2, ?3 where not exists (select 1 from record where digest = ?2) on conflict do nothing";
        let (name, upto) = page.upto;
        let known = self.setting(name)?.as_deref() == Some(upto);
        let bureau = page.bureau.to_string();
        let change = self.change()?;
        if page.from_the_beginning {
            change.prepare_cached("delete from stray_receipt where bureau = ?1")?.execute([&bureau])?;
        }
        let waiting = waiting(&change)?;
        let mut changed = 0;
        for receipt in page.receipts.iter().filter(|receipt| !waiting.contains(&receipt.document)) {
            let row = params![bureau, receipt.document.0, receipt.complete];
            if change.prepare_cached(STRAY)?.execute(row)? == 0 && receipt.complete {
                match keep(&change, receipt) {
                    // A stray that was noted before.
                    Err(Error::NotFound) => {}
                    kept => changed += kept?,
                }
            }
        }
        if !known {
            write_setting(&change, name, upto)?;
        }
        if changed == 0 {
            change.commit()?;
            return Ok(false);
        }
        commit(change).map(|()| true)
    }
}

fn commit(change: Transaction<'_>) -> Result<(), Error> {
    fault::point("phone.receipt.in-transaction");
    change.commit()?;
    fault::point("phone.receipt.committed");
    Ok(())
}

/// Documents that are still to be sent themselves.
fn waiting(db: &Connection) -> Result<HashSet<Digest>, Error> {
    db.prepare_cached(WAITING)?.query_and_then([], |row| digest(row, "document"))?.collect()
}

/// Keeps one; gives how many rows of the database are other than before. The same once more changes none.
fn keep(db: &Connection, receipt: &KeptReceipt) -> Result<usize, Error> {
    const HERE: &str = "select 1 from record where digest = ?1";
    const SAME: &str = "select 1 from receipt where document = ?1 and complete = ?2 and envelope = ?3";
    const PUT: &str = "insert into receipt (document, complete, envelope) values (?1, ?2, ?3)";
    const END_RECORD: &str = "delete from outbox where document = ?1 and blob is null";
    const END_ALL: &str = "delete from outbox where document = ?1
        or blob in (select blob from record_blob where document = ?1)";
    let document = receipt.document;
    if !db.prepare_cached(HERE)?.exists([document.0])? {
        return Err(Error::NotFound);
    }
    let row = params![document.0, receipt.complete, receipt.envelope];
    let mut changed = 0;
    if !db.prepare_cached(SAME)?.exists(row)? {
        lost::set_aside(db, document, receipt.complete)?;
        changed += db.prepare_cached(PUT)?.execute(row)?;
    }
    let end = if receipt.complete { END_ALL } else { END_RECORD };
    Ok(changed + db.prepare_cached(end)?.execute([document.0])?)
}

#[cfg(test)]
pub(super) const PLANNED: [(&str, &str); 3] = [
    (AWAITING, "own USING COVERING INDEX receipt_by_kind (complete=?"),
    (AWAITING, "COVERING INDEX record_head (digest=?"),
    (WAITING, "SEARCH outbox USING INDEX outbox_by_blob (blob=?"),
];
