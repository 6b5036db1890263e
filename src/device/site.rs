//! Sites for the screens: looked for, looked at.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::round::{Calendar, Listed};
use super::work::{self, OpenDraft};
use super::{Device, Error, Inner, enrol, locked};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Checklist;
use crate::domain::id::SiteId;
use crate::domain::inspection::Coordinator;
use crate::domain::site::{LastVisit, Site};
use crate::store::Store;
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

/// Checklists with the names they are published by.
pub type Offered = Vec<(ChecklistRef, Checklist)>;

/// A site's page shows at most so many visits of this phone.
const VISITS: u32 = 10;

/// What stands on a site's page.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteFile {
    /// The site, and what is due.
    pub listed: Listed,
    /// This phone's own visits and the last one the bureau told of, newest first.
    pub visits: Vec<LastVisit>,
    /// Drafts under way there.
    pub drafts: Vec<OpenDraft>,
    /// Today in the bureau's zone, for what expires.
    pub today: NaiveDate,
    /// Whether there is a checklist for it.
    pub can_inspect: bool,
}

/// What a visit to a site can be made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The site.
    pub site: Site,
    /// The checklists for its kinds.
    pub offered: Offered,
    /// Who may come along.
    pub colleagues: Vec<Coordinator>,
    /// How far from the registered place is questioned, metres.
    pub fence_m: u32,
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

    /// What stands on a site's page; none when the site is not here.
    pub async fn site_file(&self, id: SiteId) -> Result<Option<SiteFile>, Error> {
        self.read(move |inner, store| {
            let Some(site) = store.site(id)? else { return Ok(None) };
            let calendar = Calendar::now(inner, store)?;
            let own = store.visits_to(id, VISITS)?;
            let mut visits: Vec<LastVisit> =
                site.last_visit.iter().cloned().chain(own.iter().cloned()).collect();
            visits.sort_by_key(|visit| Reverse(visit.at));
            // The bureau tells of this phone's own visits too.
            let mut seen = HashSet::new();
            visits.retain(|visit| seen.insert(visit.inspection));
            let own_ms = own.first().map(|visit| visit.at.timestamp_millis());
            let can_inspect = !offered_for(store, &site)?.is_empty();
            let drafts = work::drafts_of(store, id)?;
            let today = calendar.today();
            let listed = calendar.list(store, site, own_ms)?;
            Ok(Some(SiteFile { listed, visits, drafts, today, can_inspect }))
        })
        .await
    }

    /// What a visit to a site can be made of; none when the site is not here.
    pub async fn plan(&self, id: SiteId) -> Result<Option<Plan>, Error> {
        self.read(move |_, store| {
            let Some(site) = store.site(id)? else { return Ok(None) };
            let settings = enrol::kept_settings(store)?;
            let me = enrol::kept_profile(store)?.map(|profile| profile.enrolled.coordinator.id);
            let mut colleagues = settings.colleagues;
            colleagues.retain(|colleague| Some(colleague.id) != me);
            Ok(Some(Plan {
                offered: offered_for(store, &site)?,
                site,
                colleagues,
                fence_m: settings.fence_m,
            }))
        })
        .await
    }

    /// One site.
    pub async fn site(&self, id: SiteId) -> Result<Option<Site>, Error> {
        self.read(move |_, store| Ok(store.site(id)?)).await
    }

    /// The checklists offered for a site's kinds.
    pub async fn checklists_for(&self, site: &Site) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        let site = site.clone();
        self.read(move |_, store| offered_for(store, &site)).await
    }
}

/// The checklists for a site, in the order of its kinds: the most telling kind's first.
fn offered_for(store: &Store, site: &Site) -> Result<Offered, Error> {
    let mut offered = store.offered_checklists()?;
    let rank = |checklist: &Checklist| site.kinds.iter().position(|kind| checklist.site_kinds.contains(kind));
    offered.retain(|(_, checklist)| rank(checklist).is_some());
    offered.sort_by_key(|(_, checklist)| rank(checklist));
    Ok(offered)
}
