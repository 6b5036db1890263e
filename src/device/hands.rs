//! Several coordinators on one phone, in turn: each enrolled once with an own code, and from then on the phone passes
//! from hand to hand without a network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::enrol::{CURSOR, PROFILE, Profile, SETTINGS, kept_profile};
use super::network::to_the_end;
use super::visit::{APP_VERSION, is_anothers, worker_of};
use super::{Device, EnrolError, Error};
use crate::domain::id::CoordinatorId;
use crate::domain::inspection::Coordinator;
use crate::store::Store;
use crate::store::hands::Handover;

/// The others' enrolments, a setting of the store.
const ASIDE: &str = "profiles_aside";

/// Which version of the app pulled what is here.
const PULLED_BY: &str = "pulled_by";

/// Somebody enrolled on this phone who does not work on it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub coordinator: Coordinator,
    /// Visits they began on this phone and have not finished.
    pub drafts: usize,
}

/// An enrolment that waits, with what was pulled for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Aside {
    profile: Profile,
    cursor: Option<String>,
    settings: Option<String>,
}

impl Device {
    /// Who else is enrolled on this phone, in the order of their names.
    pub async fn hands(&self) -> Result<Vec<Hand>, Error> {
        self.read(|_, store| {
            let mut drafts: BTreeMap<CoordinatorId, usize> = BTreeMap::new();
            for author in store.drafts()?.into_iter().filter_map(|row| row.author) {
                *drafts.entry(author.id).or_default() += 1;
            }
            let hand = |aside: Aside| {
                let coordinator = aside.profile.enrolled.coordinator;
                Hand { drafts: drafts.get(&coordinator.id).copied().unwrap_or(0), coordinator }
            };
            let mut hands: Vec<_> = kept(store)?.into_iter().map(hand).collect();
            hands.sort_by(|a, b| a.coordinator.name.cmp(&b.coordinator.name));
            Ok(hands)
        })
        .await
    }

    /// Whose drafts wait on this phone for an author who is not enrolled on it any more: name and how many.
    pub async fn others_drafts(&self) -> Result<Vec<(String, usize)>, Error> {
        self.read(|_, store| {
            let me = worker_of(store)?;
            let hands = kept(store)?;
            let is_here = |author: &Coordinator| {
                hands.iter().any(|aside| aside.profile.enrolled.coordinator.id == author.id)
            };
            let mut counted: BTreeMap<String, usize> = BTreeMap::new();
            let drafts = store.drafts()?.into_iter().filter(|row| is_anothers(row, me));
            for author in drafts.filter_map(|row| row.author).filter(|author| !is_here(author)) {
                *counted.entry(author.name).or_default() += 1;
            }
            Ok(counted.into_iter().collect())
        })
        .await
    }

    /// Gives the phone to somebody enrolled on it: their sites, their drafts, their name. Works without a network;
    /// what waits for upload goes on being sent.
    ///
    /// # Errors
    /// [`EnrolError::Stranger`] when they are not enrolled here; then nothing changed.
    pub async fn hand_over(&self, to: CoordinatorId) -> Result<Profile, Error> {
        let device = self.clone();
        to_the_end(async move {
            let _one_at_a_time = device.inner.enrolling.lock().await;
            device.stop_worker().await;
            let handed = device.write(move |_, store| hand_over(store, to)).await;
            // Whoever has the phone now, also after a failure.
            if let Some(profile) = device.profile().await? {
                device.start_worker(&profile);
                device.with_worker(|worker| worker.wake())?;
            }
            handed
        })
        .await
    }
}

fn hand_over(store: &mut Store, to: CoordinatorId) -> Result<Profile, Error> {
    let mut others = kept(store)?;
    let is_next = |aside: &Aside| aside.profile.enrolled.coordinator.id == to;
    let place = others.iter().position(is_next).ok_or(EnrolError::Stranger)?;
    let next = others.swap_remove(place);
    others.extend(current(store)?);
    let profile = next.profile.clone();
    hand(store, next, others, Vec::new(), false)?;
    Ok(profile)
}

/// Stores a new enrolment, all or nothing, and puts the one before it aside. Everything is pulled again, because
/// nothing says what was pulled for it. Where the bureau was reached counts for everybody's enrolment there: all share
/// its certificates, and an address that it left behind would be out of reach for ever.
pub(super) fn take_over(
    store: &mut Store,
    profile: &Profile,
    also: Vec<(&'static str, Option<String>)>,
) -> Result<(), Error> {
    let mut others = kept(store)?;
    others.extend(current(store)?);
    others.retain(|aside| aside.profile.enrolled.coordinator.id != profile.enrolled.coordinator.id);
    let bureau = profile.enrolled.bureau.id;
    for aside in others.iter_mut().filter(|aside| aside.profile.enrolled.bureau.id == bureau) {
        aside.profile.address.clone_from(&profile.address);
    }
    hand(store, new(profile)?, others, also, false)
}

/// The same for the first enrolment at another bureau: nothing that was pulled before is shown any more, and nobody
/// else is enrolled there.
pub(super) fn begin_anew(
    store: &mut Store,
    profile: &Profile,
    also: Vec<(&'static str, Option<String>)>,
) -> Result<(), Error> {
    hand(store, new(profile)?, Vec::new(), also, true)
}

/// Another version of the app may read what this phone has passed over: after an update everything is pulled again, for
/// everybody who works on it.
pub(super) fn pull_again_after_update(store: &mut Store) -> Result<(), Error> {
    if store.setting(PULLED_BY)?.as_deref() == Some(APP_VERSION) {
        return Ok(());
    }
    let mut others = kept(store)?;
    if !others.is_empty() {
        others.iter_mut().for_each(|aside| aside.cursor = None);
        store.put_setting(ASIDE, Some(&json(&others)?))?;
    }
    store.put_setting(CURSOR, None)?;
    // Last: cut off before this, it is all done once more.
    Ok(store.put_setting(PULLED_BY, Some(APP_VERSION))?)
}

fn new(profile: &Profile) -> Result<Aside, Error> {
    let settings = Some(json(&profile.enrolled.settings)?);
    Ok(Aside { profile: profile.clone(), cursor: None, settings })
}

fn hand(
    store: &mut Store,
    next: Aside,
    others: Vec<Aside>,
    also: Vec<(&'static str, Option<String>)>,
    forget_sites: bool,
) -> Result<(), Error> {
    let codes = |profile: &Profile| {
        profile.enrolled.townships.iter().map(|township| township.code.clone()).collect::<Vec<_>>()
    };
    let mut settings = also;
    settings.push((ASIDE, Some(json(&others)?)));
    settings.push((CURSOR, next.cursor));
    settings.push((SETTINGS, next.settings));
    settings.push((PROFILE, Some(json(&next.profile)?)));
    let handover = Handover {
        settings,
        forget_sites,
        mine: codes(&next.profile),
        others: others.iter().flat_map(|aside| codes(&aside.profile)).collect(),
    };
    Ok(store.hand_over(&handover)?)
}

fn current(store: &Store) -> Result<Option<Aside>, Error> {
    let Some(profile) = kept_profile(store)? else { return Ok(None) };
    let settings = store.setting(SETTINGS)?;
    // What a restored bureau has told so far would be doubted again with the next one's pull, which does not name it.
    let cursor = if store.doubts()? { None } else { store.setting(CURSOR)? };
    Ok(Some(Aside { profile, cursor, settings }))
}

/// A list that this version cannot read counts as empty: they enrol again.
fn kept(store: &Store) -> Result<Vec<Aside>, Error> {
    let text = store.setting(ASIDE)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}
