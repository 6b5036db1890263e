//! Sites for the screens: looked for, looked at.

use std::sync::Arc;

use super::round::{Calendar, Listed};
use super::{Device, Error, Inner, locked};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Checklist;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::store::index::Index;
use crate::store::search;

pub use crate::store::index::Query;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The best, best first.
    pub sites: Vec<Listed>,
    /// How many there are in all.
    pub total: usize,
    /// How many sites this phone has, whatever was looked for.
    pub all: usize,
    /// The kinds of all its sites with how many have each, the most frequent first.
    pub kinds: Vec<(String, usize)>,
}

/// The index, built now if nobody has searched yet: page by page, so that an answer given meanwhile waits for one
/// page only.
pub(super) fn index(inner: &Inner) -> Result<Arc<Index>, Error> {
    let finder = &inner.finder;
    let _turn = match finder.ready() {
        Some(index) => return Ok(index),
        None => finder.turn(),
    };
    loop {
        if let Some(index) = finder.ready() {
            return Ok(index);
        }
        let ticket = finder.begin();
        let built = search::build(|after| Ok::<_, Error>(locked(&inner.store)?.search_page(after)?))?;
        finder.finish(ticket, built);
    }
}

impl Device {
    /// Looks for sites. Searching holds nothing that a writer waits for; only the few found are read from the store.
    pub async fn find(&self, query: Query) -> Result<Found, Error> {
        self.aside(move |inner| {
            let index = index(inner)?;
            let hits = index.search(&query);
            let store = locked(&inner.store)?;
            let calendar = Calendar::now(inner, &store)?;
            let own = store.finished_visits()?;
            let sites = store.sites_of(&hits.ids)?.into_iter();
            let sites = sites.map(|site| {
                let own = own.get(&site.id).copied();
                calendar.list(&store, site, own)
            });
            let sites = sites.collect::<Result<_, _>>()?;
            drop(store);
            Ok(Found { sites, total: hits.total, all: index.len(), kinds: index.kinds() })
        })
        .await
    }

    /// Sites that hold the text, or all; best matches first.
    pub async fn sites(&self, text: &str, limit: u32) -> Result<Vec<Site>, Error> {
        let query = Query { text: text.to_owned(), limit: limit as usize, ..Query::default() };
        Ok(self.find(query).await?.sites.into_iter().map(|listed| listed.site).collect())
    }

    /// One site.
    pub async fn site(&self, id: SiteId) -> Result<Option<Site>, Error> {
        self.read(move |_, store| Ok(store.site(id)?)).await
    }

    /// The checklists offered for a site's kinds.
    pub async fn checklists_for(&self, site: &Site) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        let kinds = site.kinds.clone();
        self.read(move |_, store| {
            let mut offered = store.offered_checklists()?;
            offered.retain(|(_, checklist)| checklist.site_kinds.iter().any(|kind| kinds.contains(kind)));
            Ok(offered)
        })
        .await
    }
}
