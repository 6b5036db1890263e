//! Finished records: immutable texts, the receipts for them.

use chrono::{DateTime, FixedOffset};

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
    /// The `record` receipt's text, verified.
    pub record_receipt: Option<String>,
    /// The `complete` receipt's text, verified.
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
    pub fn finish(&mut self, _finished: &Finished) -> Result<(), Error> {
        todo!()
    }

    /// All records, newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn records(&self) -> Result<Vec<RecordRow>, Error> {
        todo!()
    }

    /// A record's envelope, as it is sent.
    ///
    /// # Errors
    /// [`Error`].
    pub fn envelope(&self, _id: InspectionId, _revision: u32) -> Result<Option<String>, Error> {
        todo!()
    }

    /// The document's text by its hash.
    ///
    /// # Errors
    /// [`Error`].
    pub fn document(&self, _digest: Digest) -> Result<Option<String>, Error> {
        todo!()
    }

    /// Keeps a verified receipt. A `record` receipt ends the record's outbox row, a `complete` one all of its rows.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no such document is here.
    pub fn put_receipt(&mut self, _receipt: &KeptReceipt) -> Result<(), Error> {
        todo!()
    }
}
