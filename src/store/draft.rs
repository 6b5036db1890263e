//! Drafts: the header, the list, and the whole put together from its rows.
//!
//! Answers and confidential texts are written in `answer`, photos in `photo`. Every write names a draft that is
//! neither finished nor put aside, else it is refused.

use chrono::{DateTime, FixedOffset};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{get, json, json_option, moment, moment_option, to_json, uuid};
use super::{Error, Store, answer, photo};
use crate::domain::answer::Sheet;
use crate::domain::id::{Digest, InspectionId};
use crate::domain::inspection::{Attestation, Coordinator, Draft};
use crate::domain::place::{Fix, NoFix};
use crate::fault;

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Which.
    pub id: InspectionId,
    /// Whose it is: the first of its coordinators; none before enrolment.
    pub author: Option<Coordinator>,
    /// Site title.
    pub site: String,
    /// When it was last touched.
    pub touched_at: DateTime<FixedOffset>,
    /// It corrects a record that the bureau sent back.
    pub correction: bool,
    /// Sheet and item where the coordinator was, to return to.
    pub at: Option<(u32, String)>,
}

/// A photo about to be taken: written before the camera opens, because the phone may kill the app behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPhoto {
    /// For which draft.
    pub draft: InspectionId,
    /// For which sheet of it; 0 for the site as a whole.
    pub sheet: u32,
    /// For which item; none for the site as a whole.
    pub item: Option<String>,
    /// Since when.
    pub since: DateTime<FixedOffset>,
}

/// One value of a draft's header; the draft must be open.
const PUT_NO_FIX: &str = "update draft set no_fix = ?2 where id = ?1 and discarded = 0";
const PUT_GUIDANCE: &str = "update draft set guidance = ?2 where id = ?1 and discarded = 0";
const PUT_ATTESTATION: &str = "update draft set attestation = ?2 where id = ?1 and discarded = 0";

impl Store {
    /// Adds a new draft.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one of this id (even put aside), or this revision is finished.
    pub fn add_draft(&mut self, draft: &Draft) -> Result<(), Error> {
        self.put_draft(draft, |_| Ok(()))
    }

    /// Writes a new draft, and what `further` adds to its row, in one transaction.
    pub(super) fn put_draft(
        &mut self,
        draft: &Draft,
        further: impl FnOnce(&Connection) -> Result<(), Error>,
    ) -> Result<(), Error> {
        const FINISHED: &str = "select 1 from record where id = ?1 and revision = ?2";
        let change = self.change()?;
        if change.prepare_cached(FINISHED)?.exists(params![draft.id.0.as_bytes(), draft.revision])? {
            return Err(Error::Exists);
        }
        insert_header(&change, draft)?;
        for (n, sheet) in (0..).zip(&draft.sheets) {
            change
                .prepare_cached("insert into draft_sheet (draft, sheet, checklist) values (?1, ?2, ?3)")?
                .execute(params![draft.id.0.as_bytes(), n, to_json(&sheet.checklist)?])?;
            for (item, answer) in &sheet.answers {
                answer::write(&change, draft.id, n, item, answer)?;
            }
        }
        for taken in &draft.photos {
            photo::insert(&change, draft.id, photo::sheet_of(&draft.sheets, taken), taken)?;
        }
        for fix in &draft.fixes {
            insert_fix(&change, draft.id, fix)?;
        }
        further(&change)?;
        fault::point("phone.draft.in-transaction");
        change.commit()?;
        fault::point("phone.draft.committed");
        Ok(())
    }

    /// The draft put together from its rows; none when it is finished or put aside.
    ///
    /// # Errors
    /// [`Error`].
    pub fn draft(&self, id: InspectionId) -> Result<Option<Draft>, Error> {
        // One transaction, so that the parts fit each other whoever else writes.
        let view = self.db.unchecked_transaction()?;
        let Some(mut draft) = header(&view, id)? else { return Ok(None) };
        draft.sheets = sheets(&view, id)?;
        answer::fill(&view, id, &mut draft.sheets)?;
        draft.photos = photo::fill(&view, id, &mut draft.sheets)?;
        draft.fixes = fixes(&view, id)?;
        Ok(Some(draft))
    }

    /// All drafts but those put aside and practice, last touched first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn drafts(&self) -> Result<Vec<DraftRow>, Error> {
        const LIST: &str =
            "select id, coordinators, site_title, touched_at, at_sheet, at_item, parent from draft
            where discarded = 0 and practice = 0 order by touched_ms desc, rowid desc";
        self.db.prepare_cached(LIST)?.query_and_then([], draft_row)?.collect()
    }

    /// Keeps a position.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_fix(&mut self, draft: InspectionId, fix: &Fix) -> Result<(), Error> {
        let change = self.change()?;
        require_open(&change, draft)?;
        insert_fix(&change, draft, fix)?;
        Ok(change.commit()?)
    }

    /// Records why there is no position.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_no_fix(&mut self, draft: InspectionId, no_fix: Option<&NoFix>) -> Result<(), Error> {
        let body = no_fix.map(to_json).transpose()?;
        self.put_header(PUT_NO_FIX, draft, &body)
    }

    /// Writes the guidance.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_guidance(&mut self, draft: InspectionId, guidance: &str) -> Result<(), Error> {
        self.put_header(PUT_GUIDANCE, draft, &guidance)
    }

    /// Writes signature or refusal.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_attestation(
        &mut self,
        draft: InspectionId,
        attestation: Option<&Attestation>,
    ) -> Result<(), Error> {
        let body = attestation.map(to_json).transpose()?;
        self.put_header(PUT_ATTESTATION, draft, &body)
    }

    /// Puts a draft aside; [`Store::restore_draft`] brings it back.
    ///
    /// # Errors
    /// [`Error`].
    pub fn discard_draft(&mut self, id: InspectionId) -> Result<(), Error> {
        self.db.execute("update draft set discarded = 1 where id = ?1", [id.0.as_bytes()])?;
        Ok(())
    }

    /// The site title of a draft that was put aside.
    ///
    /// # Errors
    /// [`Error`].
    pub fn discarded(&self, id: InspectionId) -> Result<Option<String>, Error> {
        const GET: &str = "select site_title from draft where id = ?1 and discarded = 1";
        Ok(self.db.prepare_cached(GET)?.query_row([id.0.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// Brings a discarded draft back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn restore_draft(&mut self, id: InspectionId) -> Result<(), Error> {
        found(self.db.execute("update draft set discarded = 0 where id = ?1", [id.0.as_bytes()])?)
    }

    /// Remembers where the coordinator is, to return to. The draft does not count as touched.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn stand_at(&mut self, draft: InspectionId, sheet: u32, item: &str) -> Result<(), Error> {
        const PUT: &str = "update draft set at_sheet = ?2, at_item = ?3 where id = ?1 and discarded = 0
            and exists (select 1 from draft_sheet where draft = ?1 and sheet = ?2)";
        found(self.db.prepare_cached(PUT)?.execute(params![draft.0.as_bytes(), sheet, item])?)
    }

    fn put_header(&mut self, sql: &str, draft: InspectionId, value: &dyn ToSql) -> Result<(), Error> {
        found(self.db.prepare_cached(sql)?.execute(params![draft.0.as_bytes(), value])?)
    }
}

/// A change of a row that must be there.
pub(super) fn found(rows: usize) -> Result<(), Error> {
    if rows == 0 { Err(Error::NotFound) } else { Ok(()) }
}

pub(super) fn require_open(db: &Connection, draft: InspectionId) -> Result<(), Error> {
    let mut query = db.prepare_cached("select 1 from draft where id = ?1 and discarded = 0")?;
    if query.exists([draft.0.as_bytes()])? { Ok(()) } else { Err(Error::NotFound) }
}

fn insert_header(db: &Connection, draft: &Draft) -> Result<(), Error> {
    const ADD: &str =
        "insert into draft (id, revision, parent, site_id, site_title, site, origin, coordinators,
            started_at, no_fix, guidance, attestation, touched_at, touched_ms, visit_ended_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?9, ?13, ?14)";
    db.prepare_cached(ADD)?.execute(params![
        draft.id.0.as_bytes(),
        draft.revision,
        draft.parent.map(|parent| parent.0),
        draft.site.id.0.as_bytes(),
        draft.site.title,
        to_json(&draft.site)?,
        to_json(&draft.origin)?,
        to_json(&draft.coordinators)?,
        draft.started_at.to_rfc3339(),
        draft.no_fix.as_ref().map(to_json).transpose()?,
        draft.guidance,
        draft.attestation.as_ref().map(to_json).transpose()?,
        draft.started_at.timestamp_millis(),
        draft.visit_ended_at.map(|at| at.to_rfc3339()),
    ])?;
    Ok(())
}

fn insert_fix(db: &Connection, draft: InspectionId, fix: &Fix) -> Result<(), Error> {
    db.prepare_cached("insert into draft_fix (draft, body) values (?1, ?2)")?
        .execute(params![draft.0.as_bytes(), to_json(fix)?])?;
    Ok(())
}

/// Everything of the draft that is one row; its lists are still empty.
fn header(db: &Connection, id: InspectionId) -> Result<Option<Draft>, Error> {
    const GET: &str = "select id, revision, parent, site, origin, coordinators, started_at, no_fix, guidance,
            attestation, visit_ended_at
        from draft where id = ?1 and discarded = 0";
    let read = |row: &Row<'_>| -> Result<Draft, Error> {
        Ok(Draft {
            id: InspectionId(uuid(row, "id")?),
            revision: get(row, "revision")?,
            parent: get::<Option<[u8; 32]>>(row, "parent")?.map(Digest),
            site: json(row, "site")?,
            origin: json(row, "origin")?,
            coordinators: json(row, "coordinators")?,
            started_at: moment(row, "started_at")?,
            visit_ended_at: moment_option(row, "visit_ended_at")?,
            sheets: Vec::new(),
            photos: Vec::new(),
            fixes: Vec::new(),
            no_fix: json_option(row, "no_fix")?,
            guidance: get(row, "guidance")?,
            attestation: json_option(row, "attestation")?,
        })
    };
    db.prepare_cached(GET)?.query_and_then([id.0.as_bytes()], read)?.next().transpose()
}

fn sheets(db: &Connection, draft: InspectionId) -> Result<Vec<Sheet>, Error> {
    const LIST: &str = "select checklist from draft_sheet where draft = ?1 order by sheet";
    let mut query = db.prepare_cached(LIST)?;
    query.query_and_then([draft.0.as_bytes()], |row| Ok(Sheet::new(json(row, "checklist")?)))?.collect()
}

fn fixes(db: &Connection, draft: InspectionId) -> Result<Vec<Fix>, Error> {
    let mut query = db.prepare_cached("select body from draft_fix where draft = ?1 order by seq")?;
    query.query_and_then([draft.0.as_bytes()], |row| json(row, "body"))?.collect()
}

pub(super) fn draft_row(row: &Row<'_>) -> Result<DraftRow, Error> {
    let sheet: Option<u32> = get(row, "at_sheet")?;
    Ok(DraftRow {
        id: InspectionId(uuid(row, "id")?),
        author: json::<Vec<Coordinator>>(row, "coordinators")?.into_iter().next(),
        site: get(row, "site_title")?,
        touched_at: moment(row, "touched_at")?,
        correction: get::<Option<[u8; 32]>>(row, "parent")?.is_some(),
        at: sheet.zip(get(row, "at_item")?),
    })
}
