//! What still has to reach the bureau (待上传). There is no stored “sending”: a crash leaves a row that is due.
//!
//! Records may share a blob (a corrected revision names the photos of the first). Each has its own row for it, but
//! a blob travels once: whatever happens to one of its rows happens to all.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{digest, get, name, size, to_size};
use super::{Error, Store};
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{Digest, PhotoId};
use crate::fault;

/// What a row sends; the order is the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutboxKind {
    /// An information report.
    Report,
    /// A finished record, or a site made in the field.
    Record,
    /// A watermarked copy.
    Derived,
    /// An original.
    Original,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its number; earlier rows have smaller ones.
    pub id: i64,
    /// What it sends.
    pub kind: OutboxKind,
    /// The document it belongs to.
    pub name: DocumentName,
    /// Hash of that document.
    pub document: Digest,
    /// The blob; none for a record or report.
    pub blob: Option<PhotoId>,
    /// Size in bytes.
    pub bytes: u64,
    /// Failed tries in a row.
    pub tries: u32,
    /// Not before this moment, Unix milliseconds.
    pub not_before_ms: i64,
    /// Blocked by the bureau, with its reason.
    pub blocked: Option<String>,
    /// The upload under way, as the bureau named it.
    pub upload: Option<String>,
}

/// This row and every other of its blob.
macro_rules! with_its_blob {
    ($change:literal) => {
        concat!(
            "update outbox set ",
            $change,
            " where id = ?1 or blob = (select blob from outbox where id = ?1)"
        )
    };
}

/// Rows with the names of their documents. SQLite would look a record up by its hash alone and then walk through its
/// long texts to the form behind them; the index holds all of the name.
macro_rules! rows {
    ($which:literal) => {
        concat!(
            "select outbox.id, kind, record.id as record, record.form, record.revision, outbox.document, blob,
                outbox.bytes, tries, not_before_ms, blocked, upload
            from outbox join record indexed by record_head on record.digest = outbox.document ",
            $which
        )
    };
}

const LIST: &str = rows!("order by kind, outbox.id");
const LIST_OF: &str = rows!("where outbox.document = ?1 order by kind, outbox.id");
const HAS: &str = "select 1 from outbox where document = ?1";

impl Store {
    /// Every row, in order of kind, then age.
    ///
    /// # Errors
    /// [`Error`].
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, Error> {
        self.db.prepare_cached(LIST)?.query_and_then([], outbox_item)?.collect()
    }

    /// Whether anything of a document is still to be sent.
    ///
    /// # Errors
    /// [`Error`].
    pub fn has_rows(&self, document: Digest) -> Result<bool, Error> {
        Ok(self.db.prepare_cached(HAS)?.exists([document.0])?)
    }

    /// Remembers the upload under way, so that a restart resumes it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn put_upload(&mut self, item: i64, upload: Option<&str>) -> Result<(), Error> {
        self.db.prepare_cached(with_its_blob!("upload = ?2"))?.execute(params![item, upload])?;
        fault::point("phone.upload.noted");
        Ok(())
    }

    /// The bytes of this row are durably at the bureau: ends the row (and every row of the same blob). A row that
    /// has ended already stays so.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_sent(&mut self, item: i64) -> Result<(), Error> {
        let change = self.change()?;
        end_row(&change, item)?;
        fault::point("phone.sent.in-transaction");
        change.commit()?;
        fault::point("phone.sent.committed");
        Ok(())
    }

    /// It failed and is tried again later.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_later(&mut self, item: i64, not_before_ms: i64) -> Result<(), Error> {
        const LATER: &str = with_its_blob!("tries = tries + 1, not_before_ms = ?2");
        self.db.prepare_cached(LATER)?.execute(params![item, not_before_ms])?;
        Ok(())
    }

    /// The bureau refuses it; shown, and tried again on command.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_blocked(&mut self, item: i64, reason: &str) -> Result<(), Error> {
        self.db.prepare_cached(with_its_blob!("blocked = ?2"))?.execute(params![item, reason])?;
        Ok(())
    }

    /// Makes everything due now, blocked rows included.
    ///
    /// # Errors
    /// [`Error`].
    pub fn retry_all(&mut self) -> Result<(), Error> {
        self.db.execute("update outbox set not_before_ms = 0, blocked = null", [])?;
        Ok(())
    }

    /// Makes due what waits for its next try; blocked rows stay so.
    ///
    /// # Errors
    /// [`Error`].
    pub fn due_now(&mut self) -> Result<(), Error> {
        self.db
            .execute("update outbox set not_before_ms = 0 where blocked is null and not_before_ms > 0", [])?;
        Ok(())
    }
}

/// The rows of one document.
pub(super) fn rows_of(db: &Connection, document: Digest) -> Result<Vec<OutboxItem>, Error> {
    db.prepare_cached(LIST_OF)?.query_and_then([document.0], outbox_item)?.collect()
}

/// Ends a row and every row of the same blob; gives how many.
pub(super) fn end_row(db: &Connection, item: i64) -> Result<usize, Error> {
    const BLOB: &str = "select blob from outbox where id = ?1";
    let blob: Option<Option<[u8; 32]>> =
        db.prepare_cached(BLOB)?.query_row([item], |row| row.get(0)).optional()?;
    let mut end = db.prepare_cached("delete from outbox where id = ?1 or blob = ?2")?;
    Ok(end.execute(params![item, blob.flatten()])?)
}

/// The row of a document itself: a report before everything, a site among the records, in the order made.
pub(super) fn add_document(
    db: &Connection,
    kind: DocumentKind,
    document: Digest,
    bytes: u64,
) -> Result<(), Error> {
    const ADD: &str = "insert into outbox (kind, document, bytes) values (?1, ?2, ?3)";
    let kind = match kind {
        DocumentKind::Report => OutboxKind::Report,
        DocumentKind::Inspection | DocumentKind::Site => OutboxKind::Record,
    };
    db.prepare_cached(ADD)?.execute(params![number(kind), document.0, to_size(bytes)])?;
    Ok(())
}

/// Names a blob of a document and queues it, unless it has reached the bureau with another document. Should the
/// bureau have lost it since, its answer to the document says so and [`Store::requeue`] brings the row back.
pub(super) fn add_blob(
    db: &Connection,
    kind: OutboxKind,
    document: Digest,
    (blob, bytes): (PhotoId, u64),
) -> Result<(), Error> {
    const NAME: &str = "insert into record_blob (document, blob, kind, bytes, removed)
        select ?2, ?3, ?1, ?4, coalesce((select max(removed) from record_blob where blob = ?3), 0) where true
        on conflict do nothing";
    const QUEUE: &str =
        "insert into outbox (kind, document, blob, bytes, tries, not_before_ms, blocked, upload)
        select ?1, ?2, ?3, ?4, coalesce(tries, 0), coalesce(not_before_ms, 0), blocked, upload
        from (select 1) left join (select * from outbox where blob = ?3 limit 1) on true
        where id is not null or not exists (select 1 from record_blob where blob = ?3 and document <> ?2)";
    let row = params![number(kind), document.0, blob.0, to_size(bytes)];
    if db.prepare_cached(NAME)?.execute(row)? > 0 {
        db.prepare_cached(QUEUE)?.execute(row)?;
    }
    Ok(())
}

fn number(kind: OutboxKind) -> u8 {
    match kind {
        OutboxKind::Report => 0,
        OutboxKind::Record => 1,
        OutboxKind::Derived => 2,
        OutboxKind::Original => 3,
    }
}

fn outbox_item(row: &Row<'_>) -> Result<OutboxItem, Error> {
    Ok(OutboxItem {
        id: get(row, "id")?,
        // The schema lets no other number in.
        kind: match get::<u8>(row, "kind")? {
            0 => OutboxKind::Report,
            1 => OutboxKind::Record,
            2 => OutboxKind::Derived,
            _ => OutboxKind::Original,
        },
        name: name(row)?,
        document: digest(row, "document")?,
        blob: get::<Option<[u8; 32]>>(row, "blob")?.map(Digest),
        bytes: size(row, "bytes")?,
        tries: get(row, "tries")?,
        not_before_ms: get(row, "not_before_ms")?,
        blocked: get(row, "blocked")?,
        upload: get(row, "upload")?,
    })
}

#[cfg(test)]
pub(super) const PLANNED: [(&str, &str); 3] = [
    (LIST, "COVERING INDEX record_head"),
    (LIST_OF, "COVERING INDEX record_head"),
    (HAS, "COVERING INDEX outbox_once (document=?"),
];
