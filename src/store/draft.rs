//! Drafts, saved answer by answer.

use chrono::{DateTime, FixedOffset};

use super::{Error, Store};
use crate::domain::answer::Answer;
use crate::domain::confidential::Secret;
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Attestation, Draft, Photo};
use crate::domain::place::{Fix, NoFix};

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Which.
    pub id: InspectionId,
    /// Site title.
    pub site: String,
    /// When it was last touched.
    pub touched_at: DateTime<FixedOffset>,
    /// Sheet and item where the coordinator was, to return to.
    pub at: Option<(u32, String)>,
}

/// A photo about to be taken: written before the camera opens, because the phone may kill the app behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPhoto {
    /// For which draft.
    pub draft: InspectionId,
    /// For which item; none for the site as a whole.
    pub item: Option<String>,
    /// Since when.
    pub since: DateTime<FixedOffset>,
}

impl Store {
    /// Adds a new draft.
    ///
    /// # Errors
    /// [`Error::Exists`].
    pub fn add_draft(&mut self, _draft: &Draft) -> Result<(), Error> {
        todo!()
    }

    /// The draft put together from its rows.
    ///
    /// # Errors
    /// [`Error`].
    pub fn draft(&self, _id: InspectionId) -> Result<Option<Draft>, Error> {
        todo!()
    }

    /// All drafts, last touched first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn drafts(&self) -> Result<Vec<DraftRow>, Error> {
        todo!()
    }

    /// Writes one answer; an empty answer removes it. `photos` inside the answer is ignored: photos belong to
    /// [`Store::add_photo`]. Also remembers the item as the place to return to.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_answer(
        &mut self,
        _draft: InspectionId,
        _sheet: u32,
        _item: &str,
        _answer: &Answer,
        _now: DateTime<FixedOffset>,
    ) -> Result<(), Error> {
        todo!()
    }

    /// Adds a photo whose sealed files are already durable, to the draft and (if named) its item, and clears the
    /// expectation it fulfils. Adding the same original twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_photo(&mut self, _draft: InspectionId, _sheet: u32, _photo: &Photo) -> Result<(), Error> {
        todo!()
    }

    /// Takes a photo out of the draft; its files stay.
    ///
    /// # Errors
    /// [`Error`].
    pub fn remove_photo(&mut self, _draft: InspectionId, _original: PhotoId) -> Result<(), Error> {
        todo!()
    }

    /// Remembers or forgets the photo about to be taken.
    ///
    /// # Errors
    /// [`Error`].
    pub fn expect_photo(&mut self, _expected: Option<&ExpectedPhoto>) -> Result<(), Error> {
        todo!()
    }

    /// The photo that was about to be taken.
    ///
    /// # Errors
    /// [`Error`].
    pub fn expected_photo(&self) -> Result<Option<ExpectedPhoto>, Error> {
        todo!()
    }

    /// Keeps a position.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_fix(&mut self, _draft: InspectionId, _fix: &Fix) -> Result<(), Error> {
        todo!()
    }

    /// Records why there is no position.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_no_fix(&mut self, _draft: InspectionId, _no_fix: Option<&NoFix>) -> Result<(), Error> {
        todo!()
    }

    /// Writes the guidance.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_guidance(&mut self, _draft: InspectionId, _guidance: &str) -> Result<(), Error> {
        todo!()
    }

    /// Writes signature or refusal.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_attestation(
        &mut self,
        _draft: InspectionId,
        _attestation: Option<&Attestation>,
    ) -> Result<(), Error> {
        todo!()
    }

    /// Writes a confidential text and, in the same transaction, its digest into the answer.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_secret(&mut self, _draft: InspectionId, _sheet: u32, _secret: &Secret) -> Result<(), Error> {
        todo!()
    }

    /// The confidential texts of a draft.
    ///
    /// # Errors
    /// [`Error`].
    pub fn secrets(&self, _draft: InspectionId) -> Result<Vec<Secret>, Error> {
        todo!()
    }

    /// Puts a draft aside; [`Store::restore_draft`] brings it back.
    ///
    /// # Errors
    /// [`Error`].
    pub fn discard_draft(&mut self, _id: InspectionId) -> Result<(), Error> {
        todo!()
    }

    /// Brings a discarded draft back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn restore_draft(&mut self, _id: InspectionId) -> Result<(), Error> {
        todo!()
    }
}
