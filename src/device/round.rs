//! What is due: how often each kind of site is to be visited, and which sites come next.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::site::index;
use super::{Device, Error, Inner, enrol, locked};
use crate::domain::due::{Due, due, due_on, patrols_per_year};
use crate::domain::id::SiteId;
use crate::domain::place::Place;
use crate::domain::site::{LastVisit, Site};
use crate::store::Store;

/// A site in a list, with what this phone knows beyond the bureau's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The site.
    pub site: Site,
    /// The later of the bureau's last visit and this phone's own.
    pub last: Option<LastVisit>,
    /// When it is to be visited; none where no checklist asks for visits.
    pub due: Option<Due>,
}

/// What today's round could be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    /// The most pressing, the nearest first among equals; sites with an open draft are left out.
    pub sites: Vec<Listed>,
    /// How many are overdue or due until the end of the month, those left out of `sites` included.
    pub due: usize,
    /// The next one that is due later, when nothing is due now.
    pub later: Option<Listed>,
    /// How many sites this phone has.
    pub all: usize,
}

/// Patrols a year by kind of site, with the mark of the checklists it was made from.
#[derive(Debug, Default)]
pub(super) struct Patrols {
    mark: (i64, i64),
    by_kind: BTreeMap<String, u8>,
}

impl Patrols {
    fn of(&self, kinds: &[String]) -> u8 {
        kinds.iter().filter_map(|kind| self.by_kind.get(kind)).copied().max().unwrap_or(0)
    }
}

/// What dates are reckoned with.
pub(super) struct Calendar {
    today: NaiveDate,
    zone: FixedOffset,
    patrols: Arc<Patrols>,
}

impl Calendar {
    /// Reads the bureau's zone and the checklists; parsing those is saved as long as they stay the same.
    pub(super) fn now(inner: &Inner, store: &Store) -> Result<Self, Error> {
        let zone = bureau_zone(store)?;
        let today = inner.clock.now().with_timezone(&zone).date_naive();
        let mark = store.checklists_mark()?;
        let mut known = locked(&inner.patrols)?;
        if known.mark != mark {
            let offered: Vec<_> =
                store.offered_checklists()?.into_iter().map(|(_, checklist)| checklist).collect();
            let kinds = offered.iter().flat_map(|checklist| &checklist.site_kinds);
            let by_kind = kinds
                .map(|kind| (kind.clone(), patrols_per_year(std::slice::from_ref(kind), &offered)))
                .collect();
            *known = Arc::new(Patrols { mark, by_kind });
        }
        Ok(Self { today, zone, patrols: Arc::clone(&known) })
    }

    /// Today in the bureau's zone.
    pub(super) fn today(&self) -> NaiveDate {
        self.today
    }

    /// The day of a moment in the bureau's zone.
    fn day(&self, ms: i64) -> Option<NaiveDate> {
        DateTime::from_timestamp_millis(ms).map(|at| at.with_timezone(&self.zone).date_naive())
    }

    fn due(&self, patrols: u8, last_ms: Option<i64>) -> Option<(Due, NaiveDate)> {
        let on = due_on(patrols, last_ms.and_then(|ms| self.day(ms)), self.today)?;
        Some((due(on, self.today), on))
    }

    /// A site with its last visit and what is due there.
    pub(super) fn list(&self, store: &Store, site: Site, own_ms: Option<i64>) -> Result<Listed, Error> {
        let told = site.last_visit.as_ref().map(|visit| visit.at.timestamp_millis());
        // Its document is only read where it is news.
        let last = match own_ms {
            Some(own) if told.is_none_or(|told| own > told) => {
                store.visits_to(site.id, 1)?.into_iter().next()
            }
            _ => site.last_visit.clone(),
        };
        let due = self.due(self.patrols.of(&site.kinds), told.max(own_ms)).map(|(due, _)| due);
        Ok(Listed { site, last, due })
    }
}

/// The zone in which the bureau counts days.
pub(super) fn bureau_zone(store: &Store) -> Result<FixedOffset, Error> {
    let minutes = enrol::kept_settings(store)?.zone_minutes;
    let zone = FixedOffset::east_opt(minutes.saturating_mul(60)).or_else(|| FixedOffset::east_opt(8 * 3_600));
    zone.ok_or_else(|| Error::Broken("no zone".to_owned()))
}

/// The order of the round: pressing, near, early.
type Press = (u8, u32, NaiveDate, SiteId);

impl Device {
    /// What is due, the most pressing first, at most so many.
    pub async fn round(&self, here: Option<Place>, limit: usize) -> Result<Round, Error> {
        self.aside(move |inner| {
            let index = index(inner)?;
            let (calendar, own, in_work) = {
                let store = locked(&inner.store)?;
                let in_work: HashSet<SiteId> = store.sites_in_work()?.into_iter().collect();
                (Calendar::now(inner, &store)?, store.finished_visits()?, in_work)
            };
            let patrols: Vec<u8> = index.kind_sets().iter().map(|set| calendar.patrols.of(set)).collect();
            let mut pressing: Vec<Press> = Vec::new();
            for brief in index.briefs().filter(|brief| !in_work.contains(&brief.id)) {
                let last = brief.visited_ms.max(own.get(&brief.id).copied());
                let Some((due, on)) = calendar.due(patrols[brief.kind_set], last) else { continue };
                let far = here.zip(brief.place).map_or(u32::MAX, |(here, place)| here.roughly_m(place));
                let far = if due.is_now() { far } else { u32::MAX };
                pressing.push((due.bucket(), far, on, brief.id));
            }
            let due = pressing.iter().filter(|press| press.0 < 3).count();
            let store = locked(&inner.store)?;
            let sites = listed(&store, &calendar, &own, first(&mut pressing, due.min(limit)))?;
            let later = match due {
                0 => listed(&store, &calendar, &own, first(&mut pressing, 1))?.pop(),
                _ => None,
            };
            Ok(Round { sites, due, later, all: index.len() })
        })
        .await
    }
}

/// The first so many in order, without sorting the rest.
fn first(pressing: &mut [Press], wanted: usize) -> Vec<SiteId> {
    let wanted = wanted.min(pressing.len());
    if wanted == 0 {
        return Vec::new();
    }
    if wanted < pressing.len() {
        pressing.select_nth_unstable(wanted - 1);
    }
    let first = &mut pressing[..wanted];
    first.sort_unstable();
    first.iter().map(|press| press.3).collect()
}

fn listed(
    store: &Store,
    calendar: &Calendar,
    own: &HashMap<SiteId, i64>,
    ids: Vec<SiteId>,
) -> Result<Vec<Listed>, Error> {
    let sites = store.sites_of(&ids)?.into_iter();
    sites
        .map(|site| {
            let own = own.get(&site.id).copied();
            calendar.list(store, site, own)
        })
        .collect()
}
