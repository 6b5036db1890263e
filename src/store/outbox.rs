//! What still has to reach the bureau (待上传). There is no stored “sending”: a crash leaves a row that is due.

use super::{Error, Store};
use crate::domain::id::{Digest, InspectionId, PhotoId};

/// What a row sends; the order is the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutboxKind {
    /// An information report.
    Report,
    /// A finished record.
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
    /// The record it belongs to.
    pub record: InspectionId,
    /// And its revision.
    pub revision: u32,
    /// Hash of the record's document.
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

impl Store {
    /// Every row, in order of kind, then age.
    ///
    /// # Errors
    /// [`Error`].
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, Error> {
        todo!()
    }

    /// Remembers the upload under way, so that a restart resumes it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn put_upload(&mut self, _item: i64, _upload: Option<&str>) -> Result<(), Error> {
        todo!()
    }

    /// The bytes of this row are durably at the bureau: ends the row (and every row of the same blob).
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_sent(&mut self, _item: i64) -> Result<(), Error> {
        todo!()
    }

    /// It failed and is tried again later.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_later(&mut self, _item: i64, _not_before_ms: i64) -> Result<(), Error> {
        todo!()
    }

    /// The bureau refuses it; shown, and tried again on command.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mark_blocked(&mut self, _item: i64, _reason: &str) -> Result<(), Error> {
        todo!()
    }

    /// Makes everything due now, blocked rows included.
    ///
    /// # Errors
    /// [`Error`].
    pub fn retry_all(&mut self) -> Result<(), Error> {
        todo!()
    }

    /// The bureau says that it lacks these blobs of the document: rows that were ended come back.
    ///
    /// # Errors
    /// [`Error`].
    pub fn requeue(&mut self, _document: Digest, _missing: &[PhotoId]) -> Result<(), Error> {
        todo!()
    }
}
