//! What the bureau turned out to lack: it comes back into the outbox, and nothing else does.
//!
//! A restored bureau, or one whose disk lost a file, no longer stands by receipts it gave. What it lacks is queued
//! again from what this phone keeps; the receipts are kept aside, because they were signed and true.

use rusqlite::{Connection, params};

use super::column::{digest, get};
use super::finder::Update;
use super::outbox::add_document;
use super::{Error, Store, site, write_setting};
use crate::domain::document::DocumentKind;
use crate::domain::id::{BureauId, Digest, PhotoId, SiteId};
use crate::fault;

/// Present while sites and reviews are doubted: the restored bureau has not told everything yet.
const DOUBTING: &str = "doubting";

impl Store {
    /// What this phone believes that a bureau holds: documents with a receipt of that bureau, each with whether it
    /// says `complete`.
    ///
    /// # Errors
    /// [`Error`].
    pub fn believed(&self, bureau: BureauId) -> Result<Vec<(Digest, bool)>, Error> {
        const LIST: &str = "select document, complete from receipt
            where json_valid(envelope) and envelope ->> '$.receipt' ->> '$.bureau' = ?1 order by document, complete";
        let read = |row: &rusqlite::Row<'_>| Ok((digest(row, "document")?, get(row, "complete")?));
        self.db.prepare_cached(LIST)?.query_and_then([bureau.to_string()], read)?.collect()
    }

    /// Receipts of a document that were replaced or do not stand any more, oldest first, as they were signed.
    ///
    /// # Errors
    /// [`Error`].
    pub fn old_receipts(&self, document: Digest) -> Result<Vec<String>, Error> {
        const LIST: &str = "select envelope from old_receipt where document = ?1 order by seq";
        self.db.prepare_cached(LIST)?.query_and_then([document.0], |row| get(row, "envelope"))?.collect()
    }

    /// The blobs of a document that are not queued; also those that were removed here to make room.
    ///
    /// # Errors
    /// [`Error`].
    pub fn resting_blobs(&self, document: Digest) -> Result<Vec<PhotoId>, Error> {
        const LIST: &str = "select blob from record_blob b where document = ?1
            and not exists (select 1 from outbox o where o.blob = b.blob) order by kind, blob";
        self.db.prepare_cached(LIST)?.query_and_then([document.0], |row| digest(row, "blob"))?.collect()
    }

    /// The bureau lacks this document: it is queued again, its receipts go aside. Its photos come back as far as the
    /// bureau's answer to it says so.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn queue_again(&mut self, document: Digest) -> Result<(), Error> {
        const WHAT: &str = "select form, bytes from record where digest = ?1
            and not exists (select 1 from outbox where document = ?1 and blob is null)";
        let change = self.change()?;
        require_document(&change, document)?;
        let read = |row: &rusqlite::Row<'_>| -> Result<(u8, u64), Error> {
            Ok((get(row, "form")?, super::column::size(row, "bytes")?))
        };
        let what = change.prepare_cached(WHAT)?.query_and_then([document.0], read)?.next().transpose()?;
        if let Some((form, bytes)) = what {
            let kind = DocumentKind::of_number(form).unwrap_or(DocumentKind::Inspection);
            add_document(&change, kind, document, bytes)?;
        }
        set_aside(&change, document, false)?;
        set_aside(&change, document, true)?;
        fault::point("phone.again.in-transaction");
        change.commit()?;
        fault::point("phone.again.committed");
        Ok(())
    }

    /// The bureau says that it lacks these blobs of the document: rows that were ended come back, and a receipt that
    /// said `complete` goes aside. Blobs that the document does not name, or that were removed here to make room, are
    /// passed over.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn requeue(&mut self, document: Digest, missing: &[PhotoId]) -> Result<(), Error> {
        let change = self.change()?;
        require_document(&change, document)?;
        bring_back(&change, document, missing)?;
        change.commit()?;
        fault::point("phone.lacks.committed");
        Ok(())
    }

    /// Originals are about to be removed to make room: from now on they are never queued again. Their files go after
    /// this, and a start after a crash between finds them in [`Store::removed_originals`].
    ///
    /// # Errors
    /// [`Error`]; then nothing was marked.
    pub fn mark_removed(&mut self, originals: &[PhotoId]) -> Result<(), Error> {
        const MARK: &str = "update record_blob set removed = 1 where blob = ?1 and kind = 3";
        let change = self.change()?;
        for blob in originals {
            change.prepare_cached(MARK)?.execute([blob.0])?;
        }
        fault::point("phone.keep.in-transaction");
        change.commit()?;
        fault::point("phone.keep.committed");
        Ok(())
    }

    /// Originals that were marked as removed and that nothing has begun to need since, with their sizes in bytes.
    ///
    /// # Errors
    /// [`Error`].
    pub fn removed_originals(&self) -> Result<Vec<(PhotoId, u64)>, Error> {
        const LIST: &str = "select blob, max(bytes) as bytes from record_blob b where removed = 1
            and not exists (select 1 from outbox o where o.blob = b.blob)
            and not exists (select 1 from draft_photo p where p.original = b.blob)
            and not exists (select 1 from record_blob x where x.blob = b.blob and x.removed = 0)
            group by blob order by blob";
        let read = |row: &rusqlite::Row<'_>| Ok((digest(row, "blob")?, super::column::size(row, "bytes")?));
        self.db.prepare_cached(LIST)?.query_and_then([], read)?.collect()
    }

    /// A new life of the bureau's data begins: its changes are read from the beginning, and a site or a review that it
    /// does not name by the end of them goes ([`Store::end_doubt`]). `epoch` is kept as the setting of that name.
    ///
    /// # Errors
    /// [`Error`].
    pub fn begin_epoch(&mut self, epoch: &str) -> Result<(), Error> {
        let change = self.change()?;
        change.execute("update site set doubted = 1", [])?;
        change.execute("update review set doubted = 1", [])?;
        change.execute("delete from setting where name = 'cursor'", [])?;
        write_setting(&change, DOUBTING, "true")?;
        write_setting(&change, "epoch", epoch)?;
        fault::point("phone.epoch.in-transaction");
        change.commit()?;
        fault::point("phone.epoch.committed");
        Ok(())
    }

    /// Whether the bureau has begun a new life and not told everything yet.
    ///
    /// # Errors
    /// [`Error`].
    pub fn doubts(&self) -> Result<bool, Error> {
        Ok(self.setting(DOUBTING)?.is_some())
    }

    /// The bureau has told everything: sites that are doubted still are gone, unless a document that is not sent yet
    /// names them; one that a draft names stays for that draft. So are reviews; a correction that was begun for one
    /// stays as it is. Does nothing when nothing is doubted.
    ///
    /// # Errors
    /// [`Error`].
    pub fn end_doubt(&mut self) -> Result<(), Error> {
        const DOUBTED: &str = "select id from site where doubted = 1 and gone = 0
            and not exists (select 1 from record join outbox on outbox.document = record.digest
                where record.site_id = site.id)";
        if !self.doubts()? {
            return Ok(());
        }
        let finder = self.finder.clone();
        let change = self.change()?;
        let read = |row: &rusqlite::Row<'_>| super::column::uuid(row, "id").map(SiteId);
        let doubted: Vec<SiteId> =
            change.prepare_cached(DOUBTED)?.query_and_then([], read)?.collect::<Result<_, _>>()?;
        let gone: Vec<Update> =
            doubted.into_iter().map(|id| site::leave(&change, id)).collect::<Result<_, _>>()?;
        change.execute("update site set doubted = 0 where doubted = 1", [])?;
        site::sweep(&change)?;
        change.execute("delete from review where doubted = 1", [])?;
        change.execute("delete from setting where name = ?1", [DOUBTING])?;
        fault::point("phone.doubt.in-transaction");
        change.commit()?;
        fault::point("phone.doubt.committed");
        finder.note(gone);
        Ok(())
    }
}

fn require_document(db: &Connection, document: Digest) -> Result<(), Error> {
    let mut query = db.prepare_cached("select 1 from record where digest = ?1")?;
    if query.exists([document.0])? { Ok(()) } else { Err(Error::NotFound) }
}

/// As [`Store::requeue`], in somebody's transaction.
pub(super) fn bring_back(db: &Connection, document: Digest, missing: &[PhotoId]) -> Result<(), Error> {
    const COME_BACK: &str = "insert into outbox (kind, document, blob, bytes)
        select kind, document, blob, bytes from record_blob
        where document = ?1 and blob = ?2
            and not exists (select 1 from record_blob r where r.blob = ?2 and r.removed = 1)
        on conflict do nothing";
    for blob in missing {
        db.prepare_cached(COME_BACK)?.execute([document.0, blob.0])?;
    }
    if !missing.is_empty() {
        set_aside(db, document, true)?;
        fault::point("phone.lacks.in-transaction");
    }
    Ok(())
}

/// A receipt that does not stand any more, or is about to be replaced by another text.
pub(super) fn set_aside(db: &Connection, document: Digest, complete: bool) -> Result<(), Error> {
    const KEEP: &str = "insert into old_receipt (document, complete, envelope)
        select document, complete, envelope from receipt where document = ?1 and complete = ?2
        on conflict do nothing";
    const END: &str = "delete from receipt where document = ?1 and complete = ?2";
    db.prepare_cached(KEEP)?.execute(params![document.0, complete])?;
    db.prepare_cached(END)?.execute(params![document.0, complete])?;
    Ok(())
}
