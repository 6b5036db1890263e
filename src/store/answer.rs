//! Answers, one row each, and the confidential texts whose digests stand in them.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::column::{get, json, to_json};
use super::draft::{found, require_open};
use super::{Error, Store};
use crate::domain::answer::{Answer, PartValue, Sheet};
use crate::domain::confidential::Secret;
use crate::domain::id::InspectionId;
use crate::fault;

impl Store {
    /// Writes one answer; an empty answer removes it. Photos and confidential parts inside the answer are ignored:
    /// they belong to [`Store::add_photo`] and [`Store::put_secret`], and stay as they are. Also remembers the item
    /// as the place to return to.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_answer(
        &mut self,
        draft: InspectionId,
        sheet: u32,
        item: &str,
        answer: &Answer,
        now: DateTime<FixedOffset>,
    ) -> Result<(), Error> {
        const TOUCH: &str = "update draft set touched_at = ?4, touched_ms = ?5, at_sheet = ?2, at_item = ?3
            where id = ?1 and discarded = 0
                and exists (select 1 from draft_sheet where draft = ?1 and sheet = ?2)";
        let change = self.change()?;
        let touched = params![draft.0.as_bytes(), sheet, item, now.to_rfc3339(), now.timestamp_millis()];
        found(change.prepare_cached(TOUCH)?.execute(touched)?)?;
        let mut kept = answer.clone();
        kept.parts.retain(|_, value| !is_confidential(value));
        let before = stored(&change, draft, sheet, item)?.unwrap_or_default();
        kept.parts.extend(before.parts.into_iter().filter(|(_, value)| is_confidential(value)));
        write(&change, draft, sheet, item, &kept)?;
        fault::point("phone.answer.in-transaction");
        change.commit()?;
        fault::point("phone.answer.committed");
        Ok(())
    }

    /// Writes a confidential text and, in the same transaction, its digest into the answer; an empty text removes
    /// both.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_secret(&mut self, draft: InspectionId, sheet: u32, secret: &Secret) -> Result<(), Error> {
        const PUT: &str = "insert into secret (draft, sheet, item, part, body) values (?1, ?2, ?3, ?4, ?5)
            on conflict do update set body = excluded.body";
        const REMOVE: &str = "delete from secret where draft = ?1 and sheet = ?2 and item = ?3 and part = ?4";
        let change = self.change()?;
        require_open(&change, draft)?;
        let mut answer = stored(&change, draft, sheet, &secret.item)?.unwrap_or_default();
        let Secret { item, part, .. } = secret;
        if secret.text.is_empty() {
            change.prepare_cached(REMOVE)?.execute(params![draft.0.as_bytes(), sheet, item, part])?;
            answer.parts.remove(part);
        } else {
            let body = to_json(secret)?;
            change.prepare_cached(PUT)?.execute(params![draft.0.as_bytes(), sheet, item, part, body])?;
            answer.parts.insert(part.clone(), PartValue::Confidential { digest: secret.digest() });
        }
        write(&change, draft, sheet, item, &answer)?;
        Ok(change.commit()?)
    }

    /// The confidential texts of a draft.
    ///
    /// # Errors
    /// [`Error`].
    pub fn secrets(&self, draft: InspectionId) -> Result<Vec<Secret>, Error> {
        const LIST: &str = "select body from secret where draft = ?1 order by sheet, item, part";
        let mut query = self.db.prepare_cached(LIST)?;
        query.query_and_then([draft.0.as_bytes()], |row| json(row, "body"))?.collect()
    }
}

fn is_confidential(value: &PartValue) -> bool {
    matches!(value, PartValue::Confidential { .. })
}

fn stored(db: &Connection, draft: InspectionId, sheet: u32, item: &str) -> Result<Option<Answer>, Error> {
    const GET: &str = "select body from answer where draft = ?1 and sheet = ?2 and item = ?3";
    let key = params![draft.0.as_bytes(), sheet, item];
    let body: Option<String> = db.prepare_cached(GET)?.query_row(key, |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

/// Writes the row of an answer, its photos left out; none for an empty one.
pub(super) fn write(
    db: &Connection,
    draft: InspectionId,
    sheet: u32,
    item: &str,
    answer: &Answer,
) -> Result<(), Error> {
    const PUT: &str = "insert into answer (draft, sheet, item, body) values (?1, ?2, ?3, ?4)
        on conflict do update set body = excluded.body";
    const REMOVE: &str = "delete from answer where draft = ?1 and sheet = ?2 and item = ?3";
    let row = Answer { photos: Vec::new(), ..answer.clone() };
    if row.is_empty() {
        db.prepare_cached(REMOVE)?.execute(params![draft.0.as_bytes(), sheet, item])?;
    } else {
        db.prepare_cached(PUT)?.execute(params![draft.0.as_bytes(), sheet, item, to_json(&row)?])?;
    }
    Ok(())
}

/// Puts the stored answers into their sheets.
pub(super) fn fill(db: &Connection, draft: InspectionId, sheets: &mut [Sheet]) -> Result<(), Error> {
    let mut query = db.prepare_cached("select sheet, item, body from answer where draft = ?1")?;
    let mut rows = query.query([draft.0.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let sheet: u32 = get(row, "sheet")?;
        if let Some(sheet) = sheets.get_mut(sheet as usize) {
            sheet.answers.insert(get(row, "item")?, json(row, "body")?);
        }
    }
    Ok(())
}
