//! The beginning of a visit: what the coordinator chose becomes a draft, durable before the first question.

use super::session::Session;
use super::vault::uuid_at;
use super::visit::{OfferedFix, moment};
use super::{Device, Error, Inner, enrol, locked};
use crate::domain::answer::{ChecklistRef, Sheet};
use crate::domain::id::{CoordinatorId, InspectionId, SiteId};
use crate::domain::inspection::{Coordinator, Draft, Origin};
use crate::domain::place::NoFix;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::site::SiteSnapshot;
use crate::store::Store;

/// What a visit begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// Where.
    pub site: SiteId,
    /// One sheet each, in this order.
    pub checklists: Vec<ChecklistRef>,
    /// Why.
    pub origin: Origin,
    /// Who comes along: one of the bureau's list of colleagues.
    pub second: Option<CoordinatorId>,
    /// The best position so far.
    pub fix: Option<OfferedFix>,
    /// Why there is none.
    pub no_fix: Option<NoFix>,
}

impl Device {
    /// Begins a visit with everything that was chosen, in one transaction; gives its id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the site, a checklist or the colleague is not on this phone, [`Error::NoPlace`] when
    /// the position is none, [`Error::Unfinished`] when the second coordinator is the first.
    pub async fn begin_visit(&self, beginning: Beginning) -> Result<InspectionId, Error> {
        self.write(move |inner, store| begin(inner, store, beginning)).await
    }

    /// Begins a visit of which only site, checklists and reason are known; gives its id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the site or a checklist is not on this phone.
    pub async fn start_visit(
        &self,
        site: SiteId,
        checklists: &[ChecklistRef],
        origin: Origin,
    ) -> Result<InspectionId, Error> {
        let checklists = checklists.to_vec();
        let beginning = Beginning { site, checklists, origin, second: None, fix: None, no_fix: None };
        self.begin_visit(beginning).await
    }
}

fn begin(inner: &Inner, store: &mut Store, beginning: Beginning) -> Result<InspectionId, Error> {
    let site = store.site(beginning.site)?.ok_or(Error::NotFound)?;
    let library = store.library()?;
    if !beginning.checklists.iter().all(|checklist| library.contains_key(&checklist.hash)) {
        return Err(Error::NotFound);
    }
    let now = moment(inner);
    let fix = match &beginning.fix {
        Some(offered) => Some(offered.to_fix(now.wall).ok_or(Error::NoPlace)?),
        None => None,
    };
    let draft = Draft {
        id: InspectionId(uuid_at(now.wall_ms)),
        revision: 1,
        parent: None,
        site: SiteSnapshot::from(&site),
        origin: beginning.origin,
        coordinators: people(store, beginning.second)?,
        started_at: now.wall,
        visit_ended_at: None,
        sheets: beginning.checklists.into_iter().map(Sheet::new).collect(),
        photos: Vec::new(),
        no_fix: beginning.no_fix.filter(|_| fix.is_none()),
        fixes: fix.iter().cloned().collect(),
        guidance: String::new(),
        attestation: None,
    };
    store.add_draft(&draft)?;
    let mut session = Session::started(now);
    fix.iter().for_each(|fix| session.see(fix, now));
    locked(&inner.sessions)?.insert(draft.id, session);
    Ok(draft.id)
}

/// The author and who comes along. Before the enrolment there is no author, and nobody to come along.
fn people(store: &Store, second: Option<CoordinatorId>) -> Result<Vec<Coordinator>, Error> {
    let author = enrol::kept_profile(store)?.map(|profile| profile.enrolled.coordinator);
    let mut people: Vec<Coordinator> = author.into_iter().collect();
    let Some(second) = second else { return Ok(people) };
    if people.iter().any(|first| first.id == second) {
        let same = Problem { item: None, kind: ProblemKind::SameCoordinator };
        return Err(Error::Unfinished(vec![same]));
    }
    let known = enrol::kept_settings(store)?.colleagues.into_iter().find(|one| one.id == second);
    people.push(known.ok_or(Error::NotFound)?);
    Ok(people)
}
