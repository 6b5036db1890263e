//! What this phone itself knows of visits to a site: finished records and open drafts.

use std::collections::HashMap;

use rusqlite::Row;

use super::column::{get, uuid};
use super::draft::DraftRow;
use super::{Error, Store};
use crate::domain::finding::level;
use crate::domain::id::SiteId;
use crate::domain::inspection::Inspection;
use crate::domain::site::LastVisit;

/// Documents that are inspections.
const INSPECTIONS: u8 = 1;
const FINISHED: &str = "select site_id, max(finished_ms) as finished_ms from record
    where form = ?1 group by site_id";

impl Store {
    /// The newest visit to each site that was finished on this phone, Unix milliseconds.
    ///
    /// # Errors
    /// [`Error`].
    pub fn finished_visits(&self) -> Result<HashMap<SiteId, i64>, Error> {
        let read = |row: &Row<'_>| Ok((SiteId(uuid(row, "site_id")?), get(row, "finished_ms")?));
        self.db.prepare_cached(FINISHED)?.query_and_then([INSPECTIONS], read)?.collect()
    }

    /// The visits to a site that were finished on this phone, newest first, each in its last revision.
    ///
    /// # Errors
    /// [`Error`].
    pub fn visits_to(&self, site: SiteId, limit: u32) -> Result<Vec<LastVisit>, Error> {
        const LIST: &str = "select document from record r where site_id = ?1 and form = ?2
                and revision = (select max(revision) from record other where other.id = r.id)
            order by finished_ms desc limit ?3";
        let mut query = self.db.prepare_cached(LIST)?;
        let texts =
            query.query_and_then((site.0.as_bytes(), INSPECTIONS, limit), |row| get(row, "document"))?;
        let visits = texts.map(|text: Result<String, Error>| Ok(visit(&serde_json::from_str(&text?)?)));
        visits.collect()
    }

    /// The sites with an open draft.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sites_in_work(&self) -> Result<Vec<SiteId>, Error> {
        const LIST: &str = "select distinct site_id from draft where discarded = 0 and practice = 0";
        self.db.prepare_cached(LIST)?.query_and_then([], |row| Ok(SiteId(uuid(row, "site_id")?)))?.collect()
    }

    /// The open drafts of a site, last touched first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn drafts_of(&self, site: SiteId) -> Result<Vec<DraftRow>, Error> {
        const LIST: &str = "select id from draft where site_id = ?1 and discarded = 0";
        let mut query = self.db.prepare_cached(LIST)?;
        let ids = query.query_and_then([site.0.as_bytes()], |row| uuid(row, "id"))?;
        let ids: Vec<_> = ids.collect::<Result<_, Error>>()?;
        let mut drafts = self.drafts()?;
        drafts.retain(|draft| ids.contains(&draft.id.0));
        Ok(drafts)
    }

    /// Changes whenever another checklist is offered or one is withdrawn.
    ///
    /// # Errors
    /// [`Error`].
    pub fn checklists_mark(&self) -> Result<(i64, i64), Error> {
        const MARK: &str = "select coalesce(max(seq), 0), coalesce(sum(offered), 0) from checklist";
        Ok(self.db.prepare_cached(MARK)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

fn visit(document: &Inspection) -> LastVisit {
    LastVisit {
        inspection: document.id,
        at: document.finished_at,
        level: level(&document.findings),
        problems: document.findings.iter().map(|finding| finding.problem.clone()).collect(),
        // The sheet reads them from the document itself.
        answers: Vec::new(),
    }
}

#[cfg(test)]
pub(super) const PLANNED: [(&str, &str); 1] = [(FINISHED, "COVERING INDEX record_by_site")];
