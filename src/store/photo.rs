//! Photos of a draft, in the order taken, and the one that the camera is open for.
//!
//! Rows only: the sealed bytes are durable before a row names them, and stay when the row goes.

use rusqlite::{Connection, Row, params};

use super::column::{get, json, moment, to_json, uuid};
use super::draft::{ExpectedPhoto, require_open};
use super::{Error, Store};
use crate::domain::answer::Sheet;
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::Photo;
use crate::fault;

impl Store {
    /// Adds a photo whose sealed files are already durable, to the draft and (if named) its item, and clears the
    /// expectation it fulfils. Adding the same original twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_photo(&mut self, draft: InspectionId, sheet: u32, photo: &Photo) -> Result<(), Error> {
        const FULFIL: &str = "delete from expected_photo where draft = ?1 and item is ?2";
        let change = self.change()?;
        require_open(&change, draft)?;
        insert(&change, draft, photo.item.as_ref().map(|_| sheet), photo)?;
        change.prepare_cached(FULFIL)?.execute(params![draft.0.as_bytes(), photo.item])?;
        fault::point("phone.photo.in-transaction");
        change.commit()?;
        fault::point("phone.photo.committed");
        Ok(())
    }

    /// Takes a photo out of the draft; its files stay.
    ///
    /// # Errors
    /// [`Error`].
    pub fn remove_photo(&mut self, draft: InspectionId, original: PhotoId) -> Result<(), Error> {
        const REMOVE: &str = "delete from draft_photo where draft = ?1 and original = ?2";
        self.db.prepare_cached(REMOVE)?.execute(params![draft.0.as_bytes(), original.0])?;
        Ok(())
    }

    /// Remembers or forgets the photo about to be taken.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn expect_photo(&mut self, expected: Option<&ExpectedPhoto>) -> Result<(), Error> {
        const PUT: &str = "insert or replace into expected_photo (one, draft, sheet, item, since) values (1, ?1, ?2, ?3, ?4)";
        match expected {
            Some(ExpectedPhoto { draft, sheet, item, since }) => {
                let row = params![draft.0.as_bytes(), sheet, item, since.to_rfc3339()];
                self.db.prepare_cached(PUT)?.execute(row)?
            }
            None => self.db.execute("delete from expected_photo", [])?,
        };
        Ok(())
    }

    /// The photo that was about to be taken, for a draft still open.
    ///
    /// # Errors
    /// [`Error`].
    pub fn expected_photo(&self) -> Result<Option<ExpectedPhoto>, Error> {
        const GET: &str = "select draft, sheet, item, since from expected_photo
            where (select discarded from draft where draft.id = expected_photo.draft) = 0";
        self.db.prepare_cached(GET)?.query_and_then([], expected_photo)?.next().transpose()
    }
}

fn expected_photo(row: &Row<'_>) -> Result<ExpectedPhoto, Error> {
    Ok(ExpectedPhoto {
        draft: InspectionId(uuid(row, "draft")?),
        sheet: get(row, "sheet")?,
        item: get(row, "item")?,
        since: moment(row, "since")?,
    })
}

/// Adds the row unless the original is there.
pub(super) fn insert(
    db: &Connection,
    draft: InspectionId,
    sheet: Option<u32>,
    photo: &Photo,
) -> Result<(), Error> {
    const ADD: &str = "insert into draft_photo (draft, original, sheet, item, body)
        values (?1, ?2, ?3, ?4, ?5) on conflict (draft, original) do nothing";
    let row = params![draft.0.as_bytes(), photo.original.0, sheet, photo.item, to_json(photo)?];
    db.prepare_cached(ADD)?.execute(row)?;
    Ok(())
}

/// The sheet whose answer lists the photo; a document names only the item.
pub(super) fn sheet_of(sheets: &[Sheet], photo: &Photo) -> Option<u32> {
    let item = photo.item.as_ref()?;
    let lists = |sheet: &Sheet| sheet.answers.get(item).is_some_and(|a| a.photos.contains(&photo.original));
    (0..).zip(sheets).find(|(_, sheet)| lists(sheet)).map(|(n, _)| n)
}

/// Every photo in the order taken; those of items also go into their answers.
pub(super) fn fill(db: &Connection, draft: InspectionId, sheets: &mut [Sheet]) -> Result<Vec<Photo>, Error> {
    let mut query = db.prepare_cached("select sheet, body from draft_photo where draft = ?1 order by seq")?;
    let mut rows = query.query([draft.0.as_bytes()])?;
    let mut photos = Vec::new();
    while let Some(row) = rows.next()? {
        let photo: Photo = json(row, "body")?;
        let sheet = get::<Option<u32>>(row, "sheet")?.and_then(|n| sheets.get_mut(n as usize));
        if let (Some(sheet), Some(item)) = (sheet, &photo.item) {
            sheet.answers.entry(item.clone()).or_default().photos.push(photo.original);
        }
        photos.push(photo);
    }
    Ok(photos)
}
