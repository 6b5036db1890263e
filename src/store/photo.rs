//! Photos of a draft, in the order taken, and the one that the camera is open for.
//!
//! Rows only: the sealed bytes are durable before a row names them, and stay when the row goes.

use rusqlite::{Connection, Row, params};

use super::column::{digest, get, json, moment, to_json, uuid};
use super::draft::{ExpectedPhoto, require_open};
use super::{Error, Store};
use crate::domain::answer::Sheet;
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Photo, PhotoSource};
use crate::fault;

impl Store {
    /// Adds a photo whose sealed files are already durable, to the draft and (if named) its item, and clears the
    /// expectation that a camera's photo fulfils; from the album more may come. Adding the same original twice changes
    /// nothing. An original that was removed after an earlier visit is here again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_photo(&mut self, draft: InspectionId, sheet: u32, photo: &Photo) -> Result<(), Error> {
        const FULFIL: &str = "delete from expected_photo where draft = ?1 and item is ?2";
        const HERE: &str = "update record_blob set removed = 0 where blob = ?1 and removed = 1";
        let change = self.change()?;
        require_open(&change, draft)?;
        insert(&change, draft, photo.item.as_ref().map(|_| sheet), photo)?;
        change.prepare_cached(HERE)?.execute([photo.original.0])?;
        if photo.source == PhotoSource::Camera {
            change.prepare_cached(FULFIL)?.execute(params![draft.0.as_bytes(), photo.item])?;
        }
        fault::point("phone.photo.in-transaction");
        change.commit()?;
        fault::point("phone.photo.committed");
        Ok(())
    }

    /// Puts a photo back that [`Store::remove_photo`] took out. It comes last in its strip. An original of a correction
    /// may have gone to make room: the bureau has it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn restore_photo(&mut self, draft: InspectionId, sheet: u32, photo: &Photo) -> Result<(), Error> {
        let change = self.change()?;
        require_open(&change, draft)?;
        insert(&change, draft, photo.item.as_ref().map(|_| sheet), photo)?;
        change.commit()?;
        Ok(())
    }

    /// Takes a photo out of the draft; its files stay until [`Store::loose_blobs`] is asked.
    ///
    /// # Errors
    /// [`Error`].
    pub fn remove_photo(&mut self, draft: InspectionId, original: PhotoId) -> Result<(), Error> {
        const NOTE: &str = "insert or ignore into loose_blob (blob)
            select original from draft_photo where draft = ?1 and original = ?2
            union select unhex(body ->> '$.derived') from draft_photo where draft = ?1 and original = ?2";
        const REMOVE: &str = "delete from draft_photo where draft = ?1 and original = ?2";
        let change = self.change()?;
        for statement in [NOTE, REMOVE] {
            change.prepare_cached(statement)?.execute(params![draft.0.as_bytes(), original.0])?;
        }
        change.commit()?;
        Ok(())
    }

    /// The blobs of photos that were taken out of drafts and that nothing names any more. Never those that this store
    /// merely does not know: a store made anew beside old photos knows none of them.
    ///
    /// # Errors
    /// [`Error`].
    pub fn loose_blobs(&self) -> Result<Vec<PhotoId>, Error> {
        const LIST: &str = "select blob from loose_blob l
            where not exists (select 1 from record_blob r where r.blob = l.blob)
            and not exists (select 1 from draft_photo p
                where p.original = l.blob or unhex(p.body ->> '$.derived') = l.blob) order by blob";
        self.db.prepare_cached(LIST)?.query_and_then([], |row| digest(row, "blob"))?.collect()
    }

    /// The files of [`Store::loose_blobs`] have gone; what is named again is loose no more.
    ///
    /// # Errors
    /// [`Error`].
    pub fn end_loose(&mut self) -> Result<(), Error> {
        self.db.execute("delete from loose_blob", [])?;
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
