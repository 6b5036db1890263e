//! A visit from start to finish.

use std::sync::Arc;

use super::{Device, Error};
use crate::domain::answer::{Answer, ChecklistRef};
use crate::domain::checklist::Library;
use crate::domain::id::{InspectionId, SiteId};
use crate::domain::inspection::{Attestation, Draft, Inspection, Origin};
use crate::domain::place::{Fix, Mock, NoFix};
use crate::store::draft::DraftRow;

/// A draft with the checklists it is filled against.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The draft.
    pub draft: Draft,
    /// Where the coordinator was: sheet and item.
    pub at: Option<(u32, String)>,
    /// The checklists of its sheets.
    pub library: Arc<Library>,
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
    /// Starts a visit and returns its id.
    pub async fn start_visit(
        &self,
        _site: SiteId,
        _checklists: &[ChecklistRef],
        _origin: Origin,
    ) -> Result<InspectionId, Error> {
        todo!()
    }

    /// Drafts, last touched first.
    pub async fn drafts(&self) -> Result<Vec<DraftRow>, Error> {
        todo!()
    }

    /// A draft with its checklists.
    pub async fn visit(&self, _id: InspectionId) -> Result<Option<Visit>, Error> {
        todo!()
    }

    /// Stores one answer; durable when ready. Photos inside are ignored (see `add_photo`).
    pub async fn answer(
        &self,
        _visit: InspectionId,
        _sheet: u32,
        _item: &str,
        _answer: Answer,
    ) -> Result<(), Error> {
        todo!()
    }

    /// Stores a confidential text; an empty one removes it.
    pub async fn put_secret(
        &self,
        _visit: InspectionId,
        _sheet: u32,
        _item: &str,
        _part: &str,
        _text: &str,
    ) -> Result<(), Error> {
        todo!()
    }

    /// Offers a position; kept when it is the first or better than those kept.
    pub async fn offer_fix(&self, _visit: InspectionId, _fix: OfferedFix) -> Result<Fix, Error> {
        todo!()
    }

    /// Records that there is no position, and why.
    pub async fn no_fix(&self, _visit: InspectionId, _no_fix: Option<NoFix>) -> Result<(), Error> {
        todo!()
    }

    /// Stores the guidance.
    pub async fn put_guidance(&self, _visit: InspectionId, _text: &str) -> Result<(), Error> {
        todo!()
    }

    /// Stores signature or refusal.
    pub async fn attest(&self, _visit: InspectionId, _attestation: Option<Attestation>) -> Result<(), Error> {
        todo!()
    }

    /// Finishes: document written, sealed, stored with its outbox rows in one transaction; the worker wakes.
    ///
    /// # Errors
    /// [`Error::Unfinished`] with everything that is still missing, [`Error::NotEnrolled`].
    pub async fn finish(&self, _visit: InspectionId) -> Result<Inspection, Error> {
        todo!()
    }

    /// Puts a draft aside; it can be restored.
    pub async fn discard(&self, _visit: InspectionId) -> Result<(), Error> {
        todo!()
    }

    /// Brings a discarded draft back.
    pub async fn restore(&self, _visit: InspectionId) -> Result<(), Error> {
        todo!()
    }
}
