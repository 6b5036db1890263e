//! Photos: from the camera's bytes to sealed files named in the draft.

use super::{Device, Error};
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Photo, PhotoSource};
use crate::store::draft::ExpectedPhoto;

impl Device {
    /// Remembers for which item the camera opens, because the phone may kill the app behind it.
    pub async fn expect_photo(&self, _visit: InspectionId, _item: Option<String>) -> Result<(), Error> {
        todo!()
    }

    /// The photo that was expected when the app ended, if any.
    pub async fn expected_photo(&self) -> Result<Option<ExpectedPhoto>, Error> {
        todo!()
    }

    /// Gives up the expectation (the coordinator cancelled).
    pub async fn forget_expected_photo(&self) -> Result<(), Error> {
        todo!()
    }

    /// Takes a picture's bytes: checked, stamped, sealed and durable when ready. The item's best known position
    /// goes into the stamp.
    ///
    /// # Errors
    /// [`Error::Picture`] when it is no picture or too large, [`Error::Full`].
    pub async fn add_photo(
        &self,
        _visit: InspectionId,
        _sheet: u32,
        _item: Option<&str>,
        _source: PhotoSource,
        _bytes: Vec<u8>,
    ) -> Result<Photo, Error> {
        todo!()
    }

    /// Takes a photo out of the draft.
    pub async fn remove_photo(&self, _visit: InspectionId, _original: PhotoId) -> Result<(), Error> {
        todo!()
    }

    /// The bytes of a blob, opened.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn photo(&self, _id: PhotoId) -> Result<Vec<u8>, Error> {
        todo!()
    }

    /// A small JPEG of a blob, long edge `edge` pixels.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn thumbnail(&self, _id: PhotoId, _edge: u32) -> Result<Vec<u8>, Error> {
        todo!()
    }
}
