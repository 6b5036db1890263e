//! The practice visit: a draft like any other, but for the flag that keeps it from every list of work, from
//! finishing and so from the outbox; and the only draft whose rows are ever deleted.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension as _;

use super::column::json;
use super::draft::{DraftRow, draft_row};
use super::{Error, Store};
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Draft, Photo};

impl Store {
    /// Adds a practice visit.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is a draft of this id.
    pub fn add_practice(&mut self, draft: &Draft) -> Result<(), Error> {
        self.put_draft(draft, |change| {
            change
                .prepare_cached("update draft set practice = 1 where id = ?1")?
                .execute([draft.id.0.as_bytes()])?;
            Ok(())
        })
    }

    /// The practice visit, the newest if there should be several.
    ///
    /// # Errors
    /// [`Error`].
    pub fn practice(&self) -> Result<Option<DraftRow>, Error> {
        const GET: &str =
            "select id, coordinators, site_title, touched_at, at_sheet, at_item, parent from draft
            where practice = 1 and discarded = 0 order by touched_ms desc, rowid desc limit 1";
        self.db.prepare_cached(GET)?.query_and_then([], draft_row)?.next().transpose()
    }

    /// Whether this draft is practice.
    ///
    /// # Errors
    /// [`Error`].
    pub fn is_practice(&self, id: InspectionId) -> Result<bool, Error> {
        let mut query = self.db.prepare_cached("select 1 from draft where id = ?1 and practice = 1")?;
        Ok(query.exists([id.0.as_bytes()])?)
    }

    /// Where the coordinator was in a draft: sheet and item.
    ///
    /// # Errors
    /// [`Error`].
    pub fn draft_at(&self, id: InspectionId) -> Result<Option<(u32, String)>, Error> {
        const GET: &str = "select at_sheet, at_item from draft where id = ?1";
        let at = self.db.prepare_cached(GET)?.query_row([id.0.as_bytes()], |row| {
            Ok((row.get::<_, Option<u32>>(0)?, row.get::<_, Option<String>>(1)?))
        });
        Ok(at.optional()?.and_then(|(sheet, item)| sheet.zip(item)))
    }

    /// The blobs of a practice visit that nothing else on the phone names.
    ///
    /// # Errors
    /// [`Error`].
    pub fn practice_blobs(&self, id: InspectionId) -> Result<Vec<PhotoId>, Error> {
        const OWN: &str = "select body from draft_photo where draft in
            (select id from draft where id = ?1 and practice = 1)";
        const OTHERS: &str = "select body from draft_photo where draft <> ?1";
        const IN_RECORD: &str = "select 1 from record_blob where blob = ?1";
        let blobs = |sql: &str| -> Result<BTreeSet<PhotoId>, Error> {
            let mut query = self.db.prepare_cached(sql)?;
            let mut blobs = BTreeSet::new();
            for photo in query.query_and_then([id.0.as_bytes()], |row| json::<Photo>(row, "body"))? {
                let photo = photo?;
                blobs.extend([photo.original, photo.derived]);
            }
            Ok(blobs)
        };
        let others = blobs(OTHERS)?;
        let mut alone = Vec::new();
        for blob in blobs(OWN)?.difference(&others) {
            if !self.db.prepare_cached(IN_RECORD)?.exists([blob.0])? {
                alone.push(*blob);
            }
        }
        Ok(alone)
    }

    /// Deletes a practice visit with all its rows. A draft that is no practice stays as it is.
    ///
    /// # Errors
    /// [`Error`].
    pub fn end_practice(&mut self, id: InspectionId) -> Result<(), Error> {
        self.db
            .prepare_cached("delete from draft where id = ?1 and practice = 1")?
            .execute([id.0.as_bytes()])?;
        Ok(())
    }
}
