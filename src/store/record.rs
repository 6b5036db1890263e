//! Finished records: immutable texts, the receipts for them.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{digest, get, moment, size, to_size, uuid};
use super::outbox::{OutboxKind, add_blob, add_document};
use super::{Error, Store};
use crate::domain::checklist::Level;
use crate::domain::id::{Digest, InspectionId, PhotoId};

/// A record at the moment of finishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Which.
    pub id: InspectionId,
    /// Which revision.
    pub revision: u32,
    /// Hash of `document`.
    pub digest: Digest,
    /// The signed text.
    pub document: String,
    /// The whole envelope as it will be sent (JSON of `wire::sealed::SealedDocument`).
    pub envelope: String,
    /// For lists.
    pub site: String,
    /// When.
    pub finished_at: DateTime<FixedOffset>,
    /// Highest level found.
    pub level: Option<Level>,
    /// Watermarked copies to send, with their sizes in bytes.
    pub derived: Vec<(PhotoId, u64)>,
    /// Originals to send, with their sizes in bytes.
    pub originals: Vec<(PhotoId, u64)>,
}

/// A record in a list, with how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Which.
    pub id: InspectionId,
    /// Which revision.
    pub revision: u32,
    /// Hash of the document.
    pub digest: Digest,
    /// Site title.
    pub site: String,
    /// When finished.
    pub finished_at: DateTime<FixedOffset>,
    /// Highest level found.
    pub level: Option<Level>,
    /// The `record` receipt's envelope, verified.
    pub record_receipt: Option<String>,
    /// The `complete` receipt's envelope, verified.
    pub complete_receipt: Option<String>,
    /// Blobs the record names.
    pub blobs: u32,
    /// Of these, still to send.
    pub blobs_left: u32,
    /// Bytes of document and blobs.
    pub bytes: u64,
    /// Of these, still to send.
    pub bytes_left: u64,
    /// Why something of it is blocked.
    pub blocked: Option<String>,
    /// Tries that failed since the last success, over its rows: the most.
    pub tries: u32,
}

/// A receipt to keep: verified by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReceipt {
    /// The document it is about.
    pub document: Digest,
    /// Whether it covers every blob.
    pub complete: bool,
    /// The signed envelope (JSON of `wire::receipt::SignedReceipt`), verbatim.
    pub envelope: String,
}

impl Store {
    /// Turns the draft into a record: document, outbox rows and the end of the draft in one transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such draft, [`Error::Exists`] when this revision is finished.
    pub fn finish(&mut self, finished: &Finished) -> Result<(), Error> {
        const SITE: &str = "select site_id from draft where id = ?1 and revision = ?2 and discarded = 0";
        let change = self.change()?;
        let key = params![finished.id.0.as_bytes(), finished.revision];
        if change.prepare_cached("select 1 from record where id = ?1 and revision = ?2")?.exists(key)? {
            return Err(Error::Exists);
        }
        let site: Option<[u8; 16]> =
            change.prepare_cached(SITE)?.query_row(key, |row| row.get(0)).optional()?;
        insert_record(&change, finished, &site.ok_or(Error::NotFound)?)?;
        add_document(&change, finished.digest, finished.document.len() as u64)?;
        for blob in &finished.derived {
            add_blob(&change, OutboxKind::Derived, finished.digest, *blob)?;
        }
        for blob in &finished.originals {
            add_blob(&change, OutboxKind::Original, finished.digest, *blob)?;
        }
        change.prepare_cached("delete from draft where id = ?1")?.execute([finished.id.0.as_bytes()])?;
        Ok(change.commit()?)
    }

    /// All records, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn records(&self) -> Result<Vec<RecordRow>, Error> {
        self.db.prepare_cached(RECORDS)?.query_and_then([], record_row)?.collect()
    }

    /// A record's envelope, as it is sent.
    ///
    /// # Errors
    /// [`Error`].
    pub fn envelope(&self, id: InspectionId, revision: u32) -> Result<Option<String>, Error> {
        const GET: &str = "select envelope from record where id = ?1 and revision = ?2";
        let key = params![id.0.as_bytes(), revision];
        Ok(self.db.prepare_cached(GET)?.query_row(key, |row| row.get(0)).optional()?)
    }

    /// The document's text by its hash.
    ///
    /// # Errors
    /// [`Error`].
    pub fn document(&self, digest: Digest) -> Result<Option<String>, Error> {
        let mut query = self.db.prepare_cached("select document from record where digest = ?1")?;
        Ok(query.query_row([digest.0], |row| row.get(0)).optional()?)
    }

    /// Keeps a verified receipt; a newer one of the same kind takes its place. A `record` receipt ends the record's
    /// outbox row, a `complete` one all of its rows and, as the bureau holds their blobs, other records' rows of the
    /// same blobs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn put_receipt(&mut self, receipt: &KeptReceipt) -> Result<(), Error> {
        const PUT: &str = "insert into receipt (document, complete, envelope) values (?1, ?2, ?3)
            on conflict do update set envelope = excluded.envelope";
        const END_RECORD: &str = "delete from outbox where document = ?1 and blob is null";
        const END_ALL: &str = "delete from outbox where document = ?1
            or blob in (select blob from record_blob where document = ?1)";
        let change = self.change()?;
        let row = params![receipt.document.0, receipt.complete, receipt.envelope];
        change.prepare_cached(PUT)?.execute(row)?;
        let end = if receipt.complete { END_ALL } else { END_RECORD };
        change.prepare_cached(end)?.execute([receipt.document.0])?;
        Ok(change.commit()?)
    }
}

fn insert_record(db: &Connection, finished: &Finished, site: &[u8; 16]) -> Result<(), Error> {
    const ADD: &str =
        "insert into record (digest, id, revision, site_id, site_title, finished_at, finished_ms,
            level, bytes, document, envelope)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    db.prepare_cached(ADD)?.execute(params![
        finished.digest.0,
        finished.id.0.as_bytes(),
        finished.revision,
        site,
        finished.site,
        finished.finished_at.to_rfc3339(),
        finished.finished_at.timestamp_millis(),
        finished.level.map(Level::letter),
        to_size(finished.document.len() as u64),
        finished.document,
        finished.envelope,
    ])?;
    Ok(())
}

const RECORDS: &str = "select id, revision, digest, site_title, finished_at, level,
        (select envelope from receipt where document = digest and complete = 0) as record_receipt,
        (select envelope from receipt where document = digest and complete = 1) as complete_receipt,
        (select count(*) from record_blob where document = digest) as blobs,
        (select count(blob) from outbox where document = digest) as blobs_left,
        bytes + (select coalesce(sum(b.bytes), 0) from record_blob b where b.document = digest) as bytes,
        (select coalesce(sum(o.bytes), 0) from outbox o where o.document = digest) as bytes_left,
        (select blocked from outbox o where o.document = digest and blocked is not null
            order by o.kind, o.id limit 1) as blocked,
        (select coalesce(max(tries), 0) from outbox where document = digest) as tries
    from record order by finished_ms desc, rowid desc";

fn record_row(row: &Row<'_>) -> Result<RecordRow, Error> {
    Ok(RecordRow {
        id: InspectionId(uuid(row, "id")?),
        revision: get(row, "revision")?,
        digest: digest(row, "digest")?,
        site: get(row, "site_title")?,
        finished_at: moment(row, "finished_at")?,
        level: get::<Option<String>>(row, "level")?.as_deref().and_then(level),
        record_receipt: get(row, "record_receipt")?,
        complete_receipt: get(row, "complete_receipt")?,
        blobs: get(row, "blobs")?,
        blobs_left: get(row, "blobs_left")?,
        bytes: size(row, "bytes")?,
        bytes_left: size(row, "bytes_left")?,
        blocked: get(row, "blocked")?,
        tries: get(row, "tries")?,
    })
}

fn level(letter: &str) -> Option<Level> {
    [Level::I, Level::C, Level::B, Level::A].into_iter().find(|level| level.letter() == letter)
}
