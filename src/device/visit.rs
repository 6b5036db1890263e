//! A visit while it is filled: every call is durable when it returns.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;

use super::session::{Moment, Session};
use super::vault::random;
use super::{Device, Error, Inner, enrol, locked};
use crate::domain::answer::Answer;
use crate::domain::checklist::Library;
use crate::domain::confidential::Secret;
use crate::domain::id::{CoordinatorId, InspectionId, PhotoId};
use crate::domain::inspection::{Attestation, ClockJump, Draft};
use crate::domain::last::LastTime;
use crate::domain::place::{Fix, Mock, NoFix, Place};
use crate::store::Store;

pub use crate::store::draft::DraftRow;

/// Version of this app, as written into documents.
pub const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A draft with the checklists it is filled against.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The draft.
    pub draft: Draft,
    /// Where the coordinator was: sheet and item.
    pub at: Option<(u32, String)>,
    /// The checklists of its sheets.
    pub library: Arc<Library>,
    /// What was answered at the site's last visit, as far as this phone knows.
    pub last: Option<Arc<LastTime>>,
    /// Originals of a correction that are not on this phone any more: the bureau has them.
    pub away: Arc<BTreeSet<PhotoId>>,
}

/// A position as the webview (or a simulation) reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedFix {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Metres.
    pub accuracy_m: f64,
    /// Unix milliseconds of the fix.
    pub at_ms: i64,
    /// `webview`, `simulated`, …
    pub provider: String,
    /// Whether it may be faked.
    pub mock: Mock,
}

impl Device {
    /// The drafts of whoever works now, last touched first; those begun before any enrolment are everybody's.
    pub async fn drafts(&self) -> Result<Vec<DraftRow>, Error> {
        self.read(|_, store| mine(store, store.drafts()?)).await
    }

    /// A draft with its checklists, when its photos are ready.
    pub async fn visit(&self, id: InspectionId) -> Result<Option<Visit>, Error> {
        self.all_taken(id).await;
        self.read(move |inner, store| {
            let Some(draft) = store.draft(id)? else { return Ok(None) };
            let away = away(inner, &draft);
            let at = store.draft_at(id)?;
            let mut library = store.library()?;
            let last = super::last::last_time(store, &draft, &library)?.map(Arc::new);
            library.retain(|hash, _| draft.sheets.iter().any(|sheet| sheet.checklist.hash == *hash));
            Ok(Some(Visit { draft, at, library: Arc::new(library), last, away: Arc::new(away) }))
        })
        .await
    }

    /// Stores one answer; durable when ready. Photos inside are ignored (see `add_photo`).
    pub async fn answer(
        &self,
        visit: InspectionId,
        sheet: u32,
        item: &str,
        answer: Answer,
    ) -> Result<(), Error> {
        let item = item.to_owned();
        self.write(move |inner, store| {
            watch_clock(inner, store, visit)?;
            Ok(store.put_answer(visit, sheet, &item, &answer, inner.clock.now())?)
        })
        .await
    }

    /// Remembers the item that is looked at, to return to it.
    pub async fn stand_at(&self, visit: InspectionId, sheet: u32, item: &str) -> Result<(), Error> {
        let item = item.to_owned();
        self.write(move |_, store| Ok(store.stand_at(visit, sheet, &item)?)).await
    }

    /// Stores a confidential text; an empty one removes it.
    pub async fn put_secret(
        &self,
        visit: InspectionId,
        sheet: u32,
        item: &str,
        part: &str,
        text: &str,
    ) -> Result<(), Error> {
        let secret =
            Secret { item: item.to_owned(), part: part.to_owned(), salt: random(), text: text.to_owned() };
        self.write(move |_, store| Ok(store.put_secret(visit, sheet, &secret)?)).await
    }

    /// Offers a position; kept when it is the first or better than those kept. Gives the best one kept. A first
    /// position ends “no position”. A correction keeps the positions of the visit: where it is written is not where
    /// the site was seen.
    ///
    /// # Errors
    /// [`Error::NoPlace`] when the numbers are no place on Earth or the accuracy is none.
    pub async fn offer_fix(&self, visit: InspectionId, offered: OfferedFix) -> Result<Fix, Error> {
        let fix = offered.to_fix(self.inner.clock.now()).ok_or(Error::NoPlace)?;
        self.write(move |inner, store| {
            let draft = store.draft(visit)?.ok_or(Error::NotFound)?;
            watch_clock(inner, store, visit)?;
            if let Some(session) = locked(&inner.sessions)?.get_mut(&visit) {
                session.see(&fix, moment(inner));
            }
            let best = draft.fixes.into_iter().min_by_key(|kept| kept.accuracy_m);
            match best {
                best if draft.parent.is_some() => Ok(best.unwrap_or(fix)),
                Some(best) if best.accuracy_m <= fix.accuracy_m => Ok(best),
                _ => {
                    store.add_fix(visit, &fix)?;
                    if draft.no_fix.is_some() {
                        store.put_no_fix(visit, None)?;
                    }
                    Ok(fix)
                }
            }
        })
        .await
    }

    /// Records that there is no position, and why.
    pub async fn no_fix(&self, visit: InspectionId, no_fix: Option<NoFix>) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.put_no_fix(visit, no_fix.as_ref())?)).await
    }

    /// Stores the guidance.
    pub async fn put_guidance(&self, visit: InspectionId, text: &str) -> Result<(), Error> {
        let text = text.to_owned();
        self.write(move |_, store| Ok(store.put_guidance(visit, &text)?)).await
    }

    /// Stores signature or refusal.
    pub async fn attest(&self, visit: InspectionId, attestation: Option<Attestation>) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.put_attestation(visit, attestation.as_ref())?)).await
    }

    /// Puts a draft aside; it can be restored.
    pub async fn discard(&self, visit: InspectionId) -> Result<(), Error> {
        self.all_taken(visit).await;
        self.write(move |_, store| Ok(store.discard_draft(visit)?)).await
    }

    /// The site of a draft that was put aside; none when there is no such draft.
    pub async fn discarded(&self, visit: InspectionId) -> Result<Option<String>, Error> {
        self.read(move |_, store| Ok(store.discarded(visit)?)).await
    }

    /// Brings a discarded draft back.
    pub async fn restore(&self, visit: InspectionId) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.restore_draft(visit)?)).await
    }
}

/// Only a correction can name what is not here: photos of a visit under way are never removed.
fn away(inner: &Inner, draft: &Draft) -> BTreeSet<PhotoId> {
    let photos = draft.photos.iter().filter(|_| draft.parent.is_some()).map(|photo| photo.original);
    photos.filter(|id| inner.photos.get(id).is_err()).collect()
}

/// Who works on this phone now.
pub(super) fn worker_of(store: &Store) -> Result<Option<CoordinatorId>, Error> {
    Ok(enrol::kept_profile(store)?.map(|profile| profile.enrolled.coordinator.id))
}

/// Those of these drafts that are not somebody else's.
pub(super) fn mine(store: &Store, mut drafts: Vec<DraftRow>) -> Result<Vec<DraftRow>, Error> {
    let me = worker_of(store)?;
    drafts.retain(|row| !is_anothers(row, me));
    Ok(drafts)
}

/// Whether a draft stays with somebody who does not work now.
pub(super) fn is_anothers(row: &DraftRow, me: Option<CoordinatorId>) -> bool {
    row.author.as_ref().zip(me).is_some_and(|(author, me)| author.id != me)
}

impl OfferedFix {
    /// The position in whole numbers, once and for all; `now` lends its zone, and stands in for an impossible time.
    /// Accuracy is rounded up, and no sensor is better than a metre.
    pub(super) fn to_fix(&self, now: DateTime<chrono::FixedOffset>) -> Option<Fix> {
        if !self.accuracy_m.is_finite() || self.accuracy_m < 0.0 {
            return None;
        }
        let at = DateTime::from_timestamp_millis(self.at_ms).map(|at| at.with_timezone(now.offset()));
        Some(Fix {
            place: Place::from_degrees(self.lat, self.lon)?,
            accuracy_m: self.accuracy_m.ceil().max(1.0) as u32,
            provider: self.provider.clone(),
            at: super::clock::whole_seconds(at.unwrap_or(now)),
            mock: self.mock,
        })
    }
}

/// Both clocks, read now.
pub(super) fn moment(inner: &Inner) -> Moment {
    Moment { wall: inner.clock.now(), wall_ms: inner.clock.now_ms(), monotonic: inner.clock.monotonic() }
}

/// Compares the clocks; a jump is kept with the visit, because the process may end before the visit does.
pub(super) fn watch_clock(inner: &Inner, store: &mut Store, visit: InspectionId) -> Result<(), Error> {
    let now = moment(inner);
    let jump = locked(&inner.sessions)?.entry(visit).or_insert_with(|| Session::resumed(now)).jump(now);
    if let Some(jump) = jump {
        let mut jumps = kept_jumps(store, visit)?;
        jumps.push(jump);
        store.put_setting(&jumps_of(visit), Some(&serde_json::to_string(&jumps)?))?;
    }
    Ok(())
}

/// The jumps of the wall clock during a visit.
pub(super) fn kept_jumps(store: &Store, visit: InspectionId) -> Result<Vec<ClockJump>, Error> {
    let kept = store.setting(&jumps_of(visit))?;
    Ok(kept.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text))?)
}

/// The name of the setting that holds them.
pub(super) fn jumps_of(visit: InspectionId) -> String {
    format!("jumps.{visit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lat: f64, lon: f64, accuracy_m: f64, at_ms: i64) -> OfferedFix {
        OfferedFix { lat, lon, accuracy_m, at_ms, provider: "webview".to_owned(), mock: Mock::Unknown }
    }

    #[test]
    fn positions_become_whole_numbers_in_the_phones_zone_with_accuracy_rounded_up() {
        let now = DateTime::parse_from_rfc3339("2026-03-04T09:00:00+08:00").unwrap();
        let fix = offered(30.123_456_78, 104.0, 4.2, 1_772_586_000_900).to_fix(now).unwrap();
        assert_eq!((fix.place.lat_e7, fix.place.lon_e7, fix.accuracy_m), (301_234_568, 1_040_000_000, 5));
        assert_eq!(fix.at.to_rfc3339(), "2026-03-04T09:00:00+08:00");
        assert_eq!(offered(0.0, 0.0, 0.0, 0).to_fix(now).unwrap().accuracy_m, 1);
        assert_eq!(offered(0.0, 0.0, 1e300, i64::MAX).to_fix(now).unwrap().at, now);
    }

    #[test]
    fn what_is_no_position_is_refused() {
        let now = DateTime::parse_from_rfc3339("2026-03-04T09:00:00+08:00").unwrap();
        let (nan, infinite) = (f64::NAN, f64::INFINITY);
        for (lat, lon, accuracy) in
            [(nan, 0.0, 5.0), (0.0, infinite, 5.0), (90.1, 0.0, 5.0), (0.0, 0.0, nan), (0.0, 0.0, -1.0)]
        {
            assert_eq!(offered(lat, lon, accuracy, 0).to_fix(now), None, "{lat} {lon} {accuracy}");
        }
    }
}
