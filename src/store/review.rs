//! What the bureau says of records, and the draft that corrects one.

use chrono::{DateTime, FixedOffset};
use rusqlite::{OptionalExtension as _, Row, params};

use super::column::{digest, get, json};
use super::report::{self, ReportDraft};
use super::{Error, Store};
use crate::domain::id::{Digest, InspectionId};
use crate::domain::inspection::Draft;
use crate::domain::review::{Outcome, Review};

/// How far the correction is that a review asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correcting {
    /// None is asked for (any more): the record is accepted, or a later revision is finished here.
    Over,
    /// Nobody here has begun it.
    Wanted,
    /// Its draft is open.
    Begun,
}

/// What the bureau says of a visit, and what is here of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// What the bureau says.
    pub review: Review,
    /// How far the correction is.
    pub correcting: Correcting,
    /// The record that it is about; none when it is not on this phone.
    pub record: Option<ReviewedRecord>,
    /// Whether this phone has another document of the same visit.
    pub sibling: bool,
}

/// The record that a review is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedRecord {
    /// Hash of the document.
    pub digest: Digest,
    /// Its revision.
    pub revision: u32,
    /// The signed text.
    pub document: String,
    /// The envelope as it was sent.
    pub envelope: String,
}

/// What a correction begins with beside its draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// The sealed confidential texts of the record, which only the bureau can open.
    pub sidecar: Option<String>,
    /// The guidance, if it is the one that the findings give: then it goes on following them.
    pub ready_guidance: String,
    /// Where to begin: sheet and item.
    pub at: Option<(u32, String)>,
    /// What was reported of the visit already; none where nothing was.
    pub report: Option<ReportDraft>,
    /// When it was begun.
    pub begun_at: DateTime<FixedOffset>,
}

impl Store {
    /// What the bureau says of a visit.
    ///
    /// # Errors
    /// [`Error`].
    pub fn review(&self, inspection: InspectionId) -> Result<Option<Review>, Error> {
        let mut query = self.db.prepare_cached("select body from review where inspection = ?1")?;
        query.query_and_then([inspection.0.as_bytes()], |row| json(row, "body"))?.next().transpose()
    }

    /// Everything that the bureau says of records.
    ///
    /// # Errors
    /// [`Error`].
    pub fn reviews(&self) -> Result<Vec<Review>, Error> {
        let mut query = self.db.prepare_cached("select body from review")?;
        query.query_and_then([], |row| json(row, "body"))?.collect()
    }

    /// The records that the bureau sent back and that nobody here has begun to correct, the latest first. Those that
    /// are not on this phone are among them.
    ///
    /// # Errors
    /// [`Error`].
    pub fn returned(&self) -> Result<Vec<ReviewRow>, Error> {
        let mut returned = Vec::new();
        for review in self.reviews()? {
            if self.correcting(&review)? == Correcting::Wanted {
                returned.push(self.review_row(review)?);
            }
        }
        returned.sort_by_key(|row| std::cmp::Reverse(row.review.at));
        Ok(returned)
    }

    /// A review with what is here of its visit.
    ///
    /// # Errors
    /// [`Error`].
    pub fn review_row(&self, review: Review) -> Result<ReviewRow, Error> {
        let correcting = self.correcting(&review)?;
        let record = self.reviewed(&review)?;
        let sibling = record.is_none() && self.last_revision(review.inspection)?.is_some();
        Ok(ReviewRow { review, correcting, record, sibling })
    }

    /// The record that a review is about, if it is on this phone.
    ///
    /// # Errors
    /// [`Error`].
    pub fn reviewed(&self, review: &Review) -> Result<Option<ReviewedRecord>, Error> {
        const GET: &str =
            "select digest, revision, document, envelope from record where id = ?1 and form = 1";
        let read = |row: &Row<'_>| -> Result<ReviewedRecord, Error> {
            Ok(ReviewedRecord {
                digest: digest(row, "digest")?,
                revision: get(row, "revision")?,
                document: get(row, "document")?,
                envelope: get(row, "envelope")?,
            })
        };
        let mut query = self.db.prepare_cached(GET)?;
        for record in query.query_and_then([review.inspection.0.as_bytes()], read)? {
            let record = record?;
            if review.is_of(record.digest, record.revision) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Begins the correction of a record: the draft with everything that the record says, in one transaction.
    ///
    /// # Errors
    /// [`Error::Exists`] when the visit has a draft, or this revision is finished.
    pub fn add_correction(&mut self, draft: &Draft, correction: &Correction) -> Result<(), Error> {
        const PUT: &str = "update draft set sidecar = ?2, ready_guidance = ?3, at_sheet = ?4, at_item = ?5,
                touched_at = ?6, touched_ms = ?7 where id = ?1";
        self.put_draft(draft, |change| {
            change.prepare_cached(PUT)?.execute(params![
                draft.id.0.as_bytes(),
                correction.sidecar,
                correction.ready_guidance,
                correction.at.as_ref().map(|(sheet, _)| sheet),
                correction.at.as_ref().map(|(_, item)| item),
                correction.begun_at.to_rfc3339(),
                correction.begun_at.timestamp_millis(),
            ])?;
            correction.report.iter().try_for_each(|said| report::begin(change, draft.id, said))
        })
    }

    /// The sealed confidential texts that a correction took over.
    ///
    /// # Errors
    /// [`Error`].
    pub fn carried_sidecar(&self, draft: InspectionId) -> Result<Option<String>, Error> {
        let mut query = self.db.prepare_cached("select sidecar from draft where id = ?1")?;
        Ok(query.query_row([draft.0.as_bytes()], |row| row.get(0)).optional()?.flatten())
    }

    fn correcting(&self, review: &Review) -> Result<Correcting, Error> {
        const DRAFT: &str = "select 1 from draft where id = ?1 and discarded = 0";
        let later = self.last_revision(review.inspection)?.is_some_and(|last| last > review.revision);
        if later || review.outcome != Outcome::Returned {
            return Ok(Correcting::Over);
        }
        let begun = self.db.prepare_cached(DRAFT)?.exists([review.inspection.0.as_bytes()])?;
        Ok(if begun { Correcting::Begun } else { Correcting::Wanted })
    }

    /// The last revision of a visit that was finished here.
    ///
    /// # Errors
    /// [`Error`].
    pub fn last_revision(&self, inspection: InspectionId) -> Result<Option<u32>, Error> {
        const LAST: &str = "select max(revision) from record where id = ?1 and form = 1";
        Ok(self.db.prepare_cached(LAST)?.query_row([inspection.0.as_bytes()], |row| row.get(0))?)
    }
}
