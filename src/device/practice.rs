//! Practice: a visit to a made-up site on a real checklist. Nothing of it is ever signed, queued or sent.

use uuid::Uuid;

use super::vault::uuid_at;
use super::visit::{self, DraftRow};
use super::{Device, Error, enrol};
use crate::domain::answer::{ChecklistRef, Sheet};
use crate::domain::checklist::{Checklist, SHIPPED};
use crate::domain::id::{CoordinatorId, InspectionId, SiteId};
use crate::domain::inspection::{Coordinator, Draft, Origin};
use crate::domain::site::{Site, SiteSnapshot, Township};

impl Device {
    /// Starts a practice visit, or goes on with the one there is. Needs neither enrolment nor network.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub async fn start_practice(&self) -> Result<InspectionId, Error> {
        self.write(|inner, store| {
            if let Some(row) = store.practice()? {
                return Ok(row.id);
            }
            let (name, checklist) = shortest().ok_or(Error::NotFound)?;
            let author = enrol::kept_profile(store)?.map(|profile| profile.enrolled.coordinator);
            let now = visit::moment(inner);
            let draft = Draft {
                id: InspectionId(uuid_at(now.wall_ms)),
                revision: 1,
                parent: None,
                site: SiteSnapshot::from(&sample_site(&checklist)),
                origin: Origin::default(),
                coordinators: vec![author.unwrap_or_else(nobody)],
                started_at: now.wall,
                visit_ended_at: None,
                sheets: vec![Sheet::new(name)],
                photos: Vec::new(),
                fixes: Vec::new(),
                no_fix: None,
                guidance: String::new(),
                attestation: None,
            };
            store.add_practice(&draft)?;
            Ok(draft.id)
        })
        .await
    }

    /// The practice visit, if one is open.
    pub async fn practice(&self) -> Result<Option<DraftRow>, Error> {
        self.read(|_, store| Ok(store.practice()?)).await
    }

    /// Throws a practice visit away, its photos included; nothing else, whatever is asked for.
    pub async fn end_practice(&self, visit: InspectionId) -> Result<(), Error> {
        self.write(move |inner, store| {
            // The files first: a crash between leaves a visit that can be thrown away once more.
            for blob in store.practice_blobs(visit)? {
                inner.photos.remove(&blob)?;
            }
            store.end_practice(visit)?;
            if let Ok(mut sessions) = super::locked(&inner.sessions) {
                sessions.remove(&visit);
            }
            Ok(store.put_setting(&visit::jumps_of(visit), None)?)
        })
        .await
    }
}

/// The shipped checklist with the fewest items: practice is a walk, not a morning.
fn shortest() -> Option<(ChecklistRef, Checklist)> {
    let read = SHIPPED.iter().filter_map(|text| Checklist::parse(text.as_bytes()).ok());
    read.min_by_key(|(_, checklist)| checklist.items().count())
}

/// A site that is nobody's.
fn sample_site(checklist: &Checklist) -> Site {
    Site {
        id: SiteId(Uuid::nil()),
        name: "【练习】示例单位".to_owned(),
        nickname: String::new(),
        kinds: checklist.site_kinds.iter().take(1).cloned().collect(),
        address: "示例县示例镇示例村".to_owned(),
        township: Township { code: "000000000".to_owned(), name: "示例镇".to_owned() },
        place: None,
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    }
}

fn nobody() -> Coordinator {
    Coordinator { id: CoordinatorId(Uuid::nil()), name: "练习".to_owned(), organisation: String::new() }
}
