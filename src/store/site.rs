//! Sites and checklists as the bureau last told them.

use rusqlite::{Connection, params};

use super::column::{get, to_json};
use super::finder::Update;
use super::record::{QueuedDocument, queue};
use super::{Error, Store, search, write_setting};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::{Checklist, Library};
use crate::domain::document::DocumentKind;
use crate::domain::id::{Digest, InspectionId, SiteId};
use crate::domain::review::Review;
use crate::domain::site::Site;
use crate::fault;

/// One change from the bureau, to be applied with the others of its page in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A site, new or changed.
    Site(Box<Site>),
    /// A site is no longer mine; kept while a draft or unsent record names it.
    SiteGone(SiteId),
    /// A checklist, verbatim; one that this app cannot read is kept for a newer app, and neither offered nor listed.
    Checklist(String),
    /// Not offered for new visits any more; never removed while a draft uses it.
    ChecklistGone(Digest),
    /// What the bureau says of a record.
    Review(Box<Review>),
    /// It takes that back.
    ReviewGone(InspectionId),
    /// A setting (see [`Store::put_setting`]).
    Setting(&'static str, String),
}

impl Store {
    /// Applies a page of changes and remembers the cursor (setting `cursor`), together.
    ///
    /// # Errors
    /// [`Error`]; then neither changes nor cursor were stored.
    pub fn apply_changes(&mut self, changes: &[Change], cursor: &str) -> Result<(), Error> {
        let finder = self.finder.clone();
        let change = self.change()?;
        let mut updates = Vec::new();
        for one in changes {
            updates.extend(apply(&change, one)?);
        }
        sweep(&change)?;
        write_setting(&change, "cursor", cursor)?;
        fault::point("phone.changes.in-transaction");
        change.commit()?;
        fault::point("phone.changes.committed");
        finder.note(updates);
        Ok(())
    }

    /// Adds a site made in the field, and the signed document that tells the bureau of it, in one transaction. It
    /// stays until the bureau's own word of it comes, or the document is delivered and the site no longer the
    /// phone's.
    ///
    /// # Errors
    /// [`Error`]; then neither is stored.
    pub fn add_field_site(&mut self, site: &Site, document: &QueuedDocument) -> Result<(), Error> {
        let finder = self.finder.clone();
        let change = self.change()?;
        let update = put_site(&change, site)?;
        queue(&change, document)?;
        fault::point("phone.document.in-transaction");
        change.commit()?;
        fault::point("phone.document.committed");
        finder.note(vec![update]);
        Ok(())
    }

    /// Every site that is not gone.
    ///
    /// # Errors
    /// [`Error`].
    pub fn site_ids(&self) -> Result<Vec<SiteId>, Error> {
        search::all_ids(&self.db)
    }

    /// One site, even when it is gone but still named by a draft or unsent record.
    ///
    /// # Errors
    /// [`Error`].
    pub fn site(&self, id: SiteId) -> Result<Option<Site>, Error> {
        search::body(&self.db, id)
    }

    /// Adds the checklists that ship with the app; those already there stay as they are.
    ///
    /// # Errors
    /// [`Error::Stored`] when one is no checklist.
    pub fn put_checklists(&mut self, texts: &[&str]) -> Result<(), Error> {
        const ADD: &str = "insert into checklist (hash, body) values (?1, ?2) on conflict (hash) do nothing";
        let change = self.change()?;
        for text in texts {
            let (name, _) = Checklist::parse(text.as_bytes())?;
            change.prepare_cached(ADD)?.execute(params![name.hash.0, text])?;
        }
        Ok(change.commit()?)
    }

    /// Every checklist held, by hash, those no longer offered included.
    ///
    /// # Errors
    /// [`Error`].
    pub fn library(&self) -> Result<Library, Error> {
        let held = checklists(&self.db, "select body from checklist order by seq")?;
        Ok(held.into_iter().map(|(name, checklist)| (name.hash, checklist)).collect())
    }

    /// The newest offered version of each checklist, by code.
    ///
    /// # Errors
    /// [`Error`].
    pub fn offered_checklists(&self) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        let mut offered =
            checklists(&self.db, "select body from checklist where offered = 1 order by seq desc")?;
        // Stable: of equal versions the one that arrived last stays first.
        offered.sort_by(|(a, _), (b, _)| {
            a.code.cmp(&b.code).then_with(|| numbers(&b.version).cmp(&numbers(&a.version)))
        });
        offered.dedup_by(|(later, _), (kept, _)| later.code == kept.code);
        Ok(offered)
    }
}

/// Writes one change; gives what the index must be told once it is durable.
fn apply(db: &Connection, change: &Change) -> Result<Option<Update>, Error> {
    const OFFER: &str = "insert into checklist (hash, body) values (?1, ?2)
        on conflict (hash) do update set offered = 1";
    const PUT_REVIEW: &str = "insert into review (inspection, body) values (?1, ?2)
        on conflict (inspection) do update set body = excluded.body, doubted = 0";
    match change {
        Change::Site(site) if is_unsent(db, site.id)? => {
            // Made here, and the bureau has it from a visit's record only: it says more once it has the file itself.
            db.prepare_cached("update site set gone = 0, doubted = 0 where id = ?1")?
                .execute([site.id.0.as_bytes()])?;
        }
        Change::Site(site) => {
            return put_site(db, site).map(Some);
        }
        Change::SiteGone(id) => {
            return leave(db, *id).map(Some);
        }
        Change::Checklist(text) => {
            db.prepare_cached(OFFER)?.execute(params![Digest::of(text.as_bytes()).0, text])?;
        }
        Change::ChecklistGone(hash) => {
            db.prepare_cached("update checklist set offered = 0 where hash = ?1")?.execute([hash.0])?;
        }
        Change::Review(review) => {
            let row = params![review.inspection.0.as_bytes(), to_json(review)?];
            db.prepare_cached(PUT_REVIEW)?.execute(row)?;
        }
        Change::ReviewGone(id) => {
            db.prepare_cached("delete from review where inspection = ?1")?.execute([id.0.as_bytes()])?;
        }
        Change::Setting(name, value) => write_setting(db, name, value)?,
    }
    Ok(None)
}

/// Whether this phone made the site, and its document still waits to be sent.
fn is_unsent(db: &Connection, id: SiteId) -> Result<bool, Error> {
    const SENT: &str = "select 1 from record r join outbox o on o.document = r.digest
        where r.form = ?1 and r.id = ?2 and o.blob is null";
    let form = DocumentKind::Site.number();
    Ok(db.prepare_cached(SENT)?.exists(params![form, id.0.as_bytes()])?)
}

/// Writes a site with the row it is looked for by.
fn put_site(db: &Connection, site: &Site) -> Result<Update, Error> {
    // The column `search` is version 1's; what is looked for now stands in `site_search`.
    const PUT: &str = "insert into site (id, title, search, body) values (?1, ?2, '', ?3)
        on conflict (id) do update set gone = 0, doubted = 0, title = excluded.title, search = '', body = excluded.body";
    db.prepare_cached(PUT)?.execute(params![site.id.0.as_bytes(), site.title(), to_json(site)?])?;
    let indexed = search::indexed_of(site);
    search::put(db, &indexed)?;
    Ok(Update::Put(indexed))
}

/// Marks a site as gone; what is looked for does not show it any more.
pub(super) fn leave(db: &Connection, id: SiteId) -> Result<Update, Error> {
    // One that moved to the township of another coordinator of this phone stays theirs.
    db.prepare_cached("update site set gone = 1 where id = ?1 and gone = 0")?.execute([id.0.as_bytes()])?;
    search::remove(db, id)
}

/// Removes sites that are gone and that nothing here names any more.
pub(super) fn sweep(db: &Connection) -> Result<(), Error> {
    const SWEEP: &str = "delete from site where gone = 1
        and not exists (select 1 from draft where draft.site_id = site.id)
        and not exists (select 1 from record join outbox on outbox.document = record.digest
            where record.site_id = site.id)";
    db.execute(SWEEP, [])?;
    Ok(())
}

/// The checklists that this app can read, under the names their bytes give them.
fn checklists(db: &Connection, sql: &str) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([])?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        held.extend(Checklist::parse(get::<String>(row, "body")?.as_bytes()).ok());
    }
    Ok(held)
}

/// The numbers in a version, so that 2026.10 comes after 2026.9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}
