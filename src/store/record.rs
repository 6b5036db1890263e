//! Signed documents (records, reports, sites made in the field): immutable texts, the receipts for them.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::column::{digest, get, moment, name, size, to_size};
use super::outbox::{OutboxKind, add_blob, add_document};
use super::{Error, Store};
use crate::domain::checklist::Level;
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{Digest, DocumentId, InspectionId, PhotoId, SiteId};
use crate::fault;

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

/// Another signed document at the moment it is made: an information report, or a site made in the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedDocument {
    /// What it is called.
    pub name: DocumentName,
    /// Hash of `document`.
    pub digest: Digest,
    /// The signed text.
    pub document: String,
    /// The whole envelope as it will be sent (JSON of `wire::sealed::SealedDocument`).
    pub envelope: String,
    /// The visit a report is about.
    pub visit: Option<InspectionId>,
    /// The site it is about.
    pub site: SiteId,
    /// For lists.
    pub site_title: String,
    /// When.
    pub made_at: DateTime<FixedOffset>,
    /// A report's level.
    pub level: Option<Level>,
}

/// A signed document in a list, with how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// What it is.
    pub kind: DocumentKind,
    /// Which.
    pub id: DocumentId,
    /// The visit a report is about.
    pub visit: Option<InspectionId>,
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
    /// Originals among them.
    pub originals: u32,
    /// Of these, still to send.
    pub originals_left: u32,
    /// Bytes of document and blobs.
    pub bytes: u64,
    /// Of these, still to send.
    pub bytes_left: u64,
    /// Originals that were complete at the bureau and removed here to make room.
    pub removed: u32,
    /// Why something of it is blocked.
    pub blocked: Option<String>,
    /// Tries that failed since the last success, over its rows: the most.
    pub tries: u32,
}

impl RecordRow {
    /// What it is called.
    pub fn name(&self) -> DocumentName {
        DocumentName::new(self.kind, self.id, self.revision)
    }
}

/// An original that has reached the bureau, once for every record that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentOriginal {
    /// Which.
    pub blob: PhotoId,
    /// Its size.
    pub bytes: u64,
    /// A document that names it.
    pub document: Digest,
    /// That document's `complete` receipt, as kept.
    pub receipt: String,
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
        self.finish_with(finished, None)
    }

    /// As [`Store::finish`], and the information report that the visit gives, in the same transaction.
    ///
    /// # Errors
    /// As [`Store::finish`]; then neither is stored.
    pub fn finish_with(&mut self, finished: &Finished, report: Option<&QueuedDocument>) -> Result<(), Error> {
        const SITE: &str = "select site_id from draft
            where id = ?1 and revision = ?2 and discarded = 0 and practice = 0";
        let change = self.change()?;
        let key = params![finished.id.0.as_bytes(), finished.revision];
        if change.prepare_cached("select 1 from record where id = ?1 and revision = ?2")?.exists(key)? {
            return Err(Error::Exists);
        }
        let site: Option<[u8; 16]> =
            change.prepare_cached(SITE)?.query_row(key, |row| row.get(0)).optional()?;
        if let Some(report) = report {
            queue(&change, report)?;
        }
        insert(&change, &row_of(finished, SiteId(Uuid::from_bytes(site.ok_or(Error::NotFound)?))))?;
        add_document(&change, DocumentKind::Inspection, finished.digest, finished.document.len() as u64)?;
        for blob in &finished.derived {
            add_blob(&change, OutboxKind::Derived, finished.digest, *blob)?;
        }
        for blob in &finished.originals {
            add_blob(&change, OutboxKind::Original, finished.digest, *blob)?;
        }
        change.prepare_cached("delete from draft where id = ?1")?.execute([finished.id.0.as_bytes()])?;
        fault::point("phone.finish.in-transaction");
        change.commit()?;
        fault::point("phone.finish.committed");
        Ok(())
    }

    /// Stores a report or a site made in the field with its outbox row, in one transaction.
    ///
    /// # Errors
    /// [`Error::Exists`] when this revision of it is stored already.
    pub fn queue_document(&mut self, document: &QueuedDocument) -> Result<(), Error> {
        let change = self.change()?;
        queue(&change, document)?;
        fault::point("phone.document.in-transaction");
        change.commit()?;
        fault::point("phone.document.committed");
        Ok(())
    }

    /// The records of visits, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn records(&self) -> Result<Vec<RecordRow>, Error> {
        Ok(self.documents()?.into_iter().filter(|row| row.kind == DocumentKind::Inspection).collect())
    }

    /// The signed text of the newest inspection of a site but one, as this phone made it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn last_document(&self, site: SiteId, but: InspectionId) -> Result<Option<String>, Error> {
        const GET: &str = "select document from record where site_id = ?1 and id <> ?2 and form = 1
            order by finished_ms desc, revision desc limit 1";
        let key = params![site.0.as_bytes(), but.0.as_bytes()];
        Ok(self.db.prepare_cached(GET)?.query_row(key, |row| row.get(0)).optional()?)
    }

    /// Every signed document, reports and sites too, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn documents(&self) -> Result<Vec<RecordRow>, Error> {
        self.db.prepare_cached(RECORDS)?.query_and_then([], record_row)?.collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error`].
    pub fn document_row(&self, document: Digest) -> Result<Option<RecordRow>, Error> {
        self.db.prepare_cached(RECORD)?.query_and_then([document.0], record_row)?.next().transpose()
    }

    /// The newest report about a visit: hash and signed text.
    ///
    /// # Errors
    /// [`Error`].
    pub fn report_of(&self, visit: InspectionId) -> Result<Option<(Digest, String)>, Error> {
        const GET: &str = "select digest, document from record
            where visit = ?1 and form = 0 order by revision desc limit 1";
        let read = |row: &Row<'_>| Ok((digest(row, "digest")?, get(row, "document")?));
        self.db.prepare_cached(GET)?.query_and_then([visit.0.as_bytes()], read)?.next().transpose()
    }

    /// A document's envelope, as it is sent.
    ///
    /// # Errors
    /// [`Error`].
    pub fn envelope(&self, id: impl Into<DocumentId>, revision: u32) -> Result<Option<String>, Error> {
        const GET: &str = "select envelope from record where id = ?1 and revision = ?2";
        let id = id.into();
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

    /// Originals that nothing on the phone still needs: named by records only, by no draft, not queued. Each with its
    /// bytes and the `complete` receipts of the records that name it; an original of a record without one is left
    /// out.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sent_originals(&self) -> Result<Vec<SentOriginal>, Error> {
        const LIST: &str = "select b.blob, b.bytes, b.document, r.envelope from record_blob b
            join receipt r on r.document = b.document and r.complete = 1
            where b.kind = 3
                and not exists (select 1 from outbox o where o.blob = b.blob)
                and not exists (select 1 from draft_photo p where p.original = b.blob)
                and not exists (select 1 from record_blob x where x.blob = b.blob and (x.kind <> 3
                    or not exists (select 1 from receipt y where y.document = x.document and y.complete = 1)))
            order by b.blob";
        let read = |row: &Row<'_>| -> Result<SentOriginal, Error> {
            Ok(SentOriginal {
                blob: digest(row, "blob")?,
                bytes: size(row, "bytes")?,
                document: digest(row, "document")?,
                receipt: get(row, "envelope")?,
            })
        };
        self.db.prepare_cached(LIST)?.query_and_then([], read)?.collect()
    }
}

pub(super) fn queue(db: &Connection, document: &QueuedDocument) -> Result<(), Error> {
    insert(db, document)?;
    add_document(db, document.name.kind, document.digest, document.document.len() as u64)
}

fn row_of(finished: &Finished, site: SiteId) -> QueuedDocument {
    QueuedDocument {
        name: DocumentName::new(DocumentKind::Inspection, finished.id, finished.revision),
        digest: finished.digest,
        document: finished.document.clone(),
        envelope: finished.envelope.clone(),
        visit: None,
        site,
        site_title: finished.site.clone(),
        made_at: finished.finished_at,
        level: finished.level,
    }
}

fn insert(db: &Connection, document: &QueuedDocument) -> Result<(), Error> {
    const ADD: &str =
        "insert into record (digest, id, revision, site_id, site_title, finished_at, finished_ms,
            level, bytes, document, envelope, form, visit)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    db.prepare_cached(ADD)?.execute(params![
        document.digest.0,
        document.name.id.0.as_bytes(),
        document.name.revision,
        document.site.0.as_bytes(),
        document.site_title,
        document.made_at.to_rfc3339(),
        document.made_at.timestamp_millis(),
        document.level.map(Level::letter),
        to_size(document.document.len() as u64),
        document.document,
        document.envelope,
        document.name.kind.number(),
        document.visit.map(|visit| visit.0.into_bytes()),
    ])?;
    Ok(())
}

/// What lists say of documents, of all or of one.
macro_rules! heads {
    ($from:literal) => {
        concat!(
            "select id as record, form, visit, revision, digest, site_title, finished_at, level,
        (select envelope from receipt where document = digest and complete = 0) as record_receipt,
        (select envelope from receipt where document = digest and complete = 1) as complete_receipt,
        (select count(*) from record_blob where document = digest) as blobs,
        (select count(blob) from outbox where document = digest) as blobs_left,
        (select count(*) from record_blob where document = digest and kind = 3) as originals,
        (select count(*) from outbox where document = digest and kind = 3) as originals_left,
        bytes + (select coalesce(sum(b.bytes), 0) from record_blob b where b.document = digest) as bytes,
        (select coalesce(sum(o.bytes), 0) from outbox o where o.document = digest) as bytes_left,
        (select count(*) from record_blob where document = digest and removed = 1) as removed,
        (select blocked from outbox o where o.document = digest and blocked is not null
            order by o.kind, o.id limit 1) as blocked,
        (select coalesce(max(tries), 0) from outbox where document = digest) as tries
    ",
            $from
        )
    };
}

const RECORDS: &str = heads!("from record indexed by record_list order by finished_ms desc, rowid desc");
const RECORD: &str = heads!("from record where digest = ?1");

fn record_row(row: &Row<'_>) -> Result<RecordRow, Error> {
    let name = name(row)?;
    Ok(RecordRow {
        kind: name.kind,
        id: name.id,
        visit: get::<Option<[u8; 16]>>(row, "visit")?.map(|id| InspectionId(Uuid::from_bytes(id))),
        revision: name.revision,
        digest: digest(row, "digest")?,
        site: get(row, "site_title")?,
        finished_at: moment(row, "finished_at")?,
        level: get::<Option<String>>(row, "level")?.as_deref().and_then(level),
        record_receipt: get(row, "record_receipt")?,
        complete_receipt: get(row, "complete_receipt")?,
        blobs: get(row, "blobs")?,
        blobs_left: get(row, "blobs_left")?,
        originals: get(row, "originals")?,
        originals_left: get(row, "originals_left")?,
        bytes: size(row, "bytes")?,
        bytes_left: size(row, "bytes_left")?,
        removed: get(row, "removed")?,
        blocked: get(row, "blocked")?,
        tries: get(row, "tries")?,
    })
}

fn level(letter: &str) -> Option<Level> {
    [Level::I, Level::C, Level::B, Level::A].into_iter().find(|level| level.letter() == letter)
}

#[cfg(test)]
pub(super) const PLANNED: [(&str, &str); 1] = [(RECORDS, "SCAN record USING COVERING INDEX record_list")];
