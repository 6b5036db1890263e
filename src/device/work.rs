//! What is under way: drafts with how far they are.

use super::visit::mine;
use super::{Device, Error};
use crate::domain::id::SiteId;
use crate::domain::summary::summary;
use crate::store::Store;
use crate::store::draft::DraftRow;

/// A draft in a list, with how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDraft {
    /// The draft.
    pub row: DraftRow,
    /// Items answered, over all its sheets.
    pub answered: u32,
    /// Items asked.
    pub total: u32,
}

impl Device {
    /// The drafts of whoever works now with how far they are, last touched first.
    pub async fn open_drafts(&self) -> Result<Vec<OpenDraft>, Error> {
        self.read(|_, store| counted(store, mine(store, store.drafts()?)?)).await
    }
}

/// The open drafts of a site.
pub(super) fn drafts_of(store: &Store, site: SiteId) -> Result<Vec<OpenDraft>, Error> {
    counted(store, mine(store, store.drafts_of(site)?)?)
}

fn counted(store: &Store, rows: Vec<DraftRow>) -> Result<Vec<OpenDraft>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let library = store.library()?;
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(draft) = store.draft(row.id)? else { continue };
        let known =
            draft.sheets.iter().filter_map(|sheet| Some((library.get(&sheet.checklist.hash)?, sheet)));
        let counts = known.map(|(checklist, sheet)| summary(checklist, sheet, draft.day()));
        let (answered, total) = counts.fold((0, 0), |(a, t), count| (a + count.answered, t + count.total));
        drafts.push(OpenDraft { row, answered, total });
    }
    Ok(drafts)
}
