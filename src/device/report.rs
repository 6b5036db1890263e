//! The information report of a visit: telephone first, then in writing, at once or with the visit's end.
//!
//! What is reported follows from the findings. A report sealed before the visit ends is a document of its own with
//! its own row in the outbox; the end of the visit adds a revision only for what the sealed one does not say.

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::visit::Visit;
use super::{Device, Error, Inner, enrol, finish, network, visit};
use crate::domain::checklist::{Level, Library};
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{InspectionId, ReportId};
use crate::domain::inspection::{Coordinator, Draft, Finishing, Inspection, sheet_findings};
use crate::domain::report::{
    Attempt, Callee, How, Outcome, Report, ReportedItem, Reporting, ready_content, report, reportable,
};
use crate::domain::seal::canonical;
use crate::domain::site::SiteSnapshot;
use crate::store::Store;
use crate::store::record::QueuedDocument;
use crate::store::report::ReportDraft;
use crate::wire::sealed::SealedDocument;

/// How the report of a visit stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportState {
    /// The site as the visit knows it.
    pub site: SiteSnapshot,
    /// Who reports, if anybody is known yet.
    pub coordinator: Option<Coordinator>,
    /// What is reported, the most serious first; empty when nothing is.
    pub items: Vec<ReportedItem>,
    /// When the first of it was seen, if somebody noted it.
    pub discovered_at: Option<DateTime<FixedOffset>>,
    /// When the first of level A was, in a correction the first new one; the two hours count from here.
    pub urgent_at: Option<DateTime<FixedOffset>>,
    /// What will be sent: as typed, or as the findings give it.
    pub content: String,
    /// Whether it was typed.
    pub typed: bool,
    /// As the findings give it.
    pub ready: String,
    /// Tries to reach somebody, in order, each with its number.
    pub attempts: Vec<(i64, Attempt)>,
    /// The revision sealed last.
    pub signed: Option<SignedReport>,
    /// Whether sealing now would say anything that the sealed revision does not.
    pub adds: bool,
    /// Nothing of it is ever sent, and nobody is really called.
    pub practice: bool,
    /// The phone's clock, read with all this.
    pub now: DateTime<FixedOffset>,
}

/// A sealed revision.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedReport {
    /// Which.
    pub revision: u32,
    /// When it was sealed.
    pub reported_at: DateTime<FixedOffset>,
    /// Whether the bureau has it: its verified receipt is here.
    pub received: bool,
}

impl Device {
    /// How the report of a visit stands; `None` when there is no such draft.
    pub async fn report_state(&self, visit: InspectionId) -> Result<Option<ReportState>, Error> {
        self.read(move |inner, store| {
            let Some(draft) = store.draft(visit)? else { return Ok(None) };
            let author = enrol::kept_profile(store)?.map(|profile| profile.enrolled.coordinator);
            state(inner, store, draft, author).map(Some)
        })
        .await
    }

    /// Notes that findings to be reported are there (those of level A by their places, `0-WR-09`), with the moment
    /// of the first. Says whether the immediate sheet should open by itself: one of level A is new.
    pub async fn note_findings(&self, visit: InspectionId, urgent: Vec<String>) -> Result<bool, Error> {
        self.write(move |inner, store| {
            let new = store.note_findings(visit, fresh(inner), inner.clock.now(), &urgent)?;
            Ok(!new.is_empty())
        })
        .await
    }

    /// Keeps the report's content as typed; `None`: it follows the findings again.
    pub async fn put_report_content(
        &self,
        visit: InspectionId,
        content: Option<String>,
    ) -> Result<(), Error> {
        self.write(move |inner, store| {
            Ok(store.put_report_content(visit, fresh(inner), content.as_deref())?)
        })
        .await
    }

    /// Notes that somebody is called or written to now; gives the try's number.
    pub async fn add_attempt(&self, visit: InspectionId, to: Callee, how: How) -> Result<i64, Error> {
        self.write(move |inner, store| {
            let attempt = Attempt { at: inner.clock.now(), to, how, outcome: Outcome::NotKnown };
            Ok(store.add_attempt(visit, fresh(inner), &attempt)?)
        })
        .await
    }

    /// Notes what came of a try.
    pub async fn put_outcome(&self, visit: InspectionId, number: i64, outcome: Outcome) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.put_outcome(visit, number, outcome)?)).await
    }

    /// Seals the report now, before the visit ends, and wakes the worker: it goes ahead of everything. `None` when
    /// there is nothing to report, or nothing that the sealed revision does not say.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Practice`]; what was typed and tried stays, and goes with the end of the visit.
    pub async fn send_report(&self, visit: InspectionId) -> Result<Option<Report>, Error> {
        self.write(move |inner, store| {
            let mut draft = store.draft(visit)?.ok_or(Error::NotFound)?;
            if store.is_practice(visit)? {
                return Err(Error::Practice);
            }
            let enrolled = enrol::kept_profile(store)?.ok_or(Error::NotEnrolled)?.enrolled;
            if draft.coordinators.is_empty() {
                draft.coordinators.push(enrolled.coordinator);
            }
            visit::watch_clock(inner, store, visit)?;
            let facts = finish::facts(inner, store, visit, enrolled.bureau.id)?;
            let library = store.library()?;
            let Some((report, queued)) = report_of(inner, store, &draft, &facts, &library)? else {
                return Ok(None);
            };
            store.queue_document(&queued)?;
            network::wake(inner)?;
            Ok(Some(report))
        })
        .await
    }

    /// Opens the dialler (`tel:`) or the messages (`sms:`) outside the app.
    ///
    /// # Errors
    /// [`Error::Broken`] when the phone has none.
    pub async fn open_outside(&self, address: String) -> Result<(), Error> {
        self.aside(move |_| {
            super::platform::open_outside(&address).map_err(|error| Error::Broken(error.to_string()))
        })
        .await
    }

    /// Writes the guidance from the ready sentences; it follows the findings until somebody types.
    pub async fn put_ready_guidance(&self, visit: InspectionId, text: &str) -> Result<(), Error> {
        let text = text.to_owned();
        self.write(move |_, store| Ok(store.put_ready_guidance(visit, &text)?)).await
    }

    /// A draft with its checklists, and its guidance as last written from the ready sentences.
    pub async fn review(&self, visit: InspectionId) -> Result<Option<(Visit, String)>, Error> {
        let Some(found) = self.visit(visit).await? else { return Ok(None) };
        let ready = self.read(move |_, store| Ok(store.ready_guidance(visit)?)).await?;
        Ok(Some((found, ready)))
    }
}

fn fresh(inner: &Inner) -> ReportId {
    ReportId(super::vault::uuid_at(inner.clock.now_ms()))
}

/// What is kept of the report; of one that nobody touched, a new id.
fn reporting(inner: &Inner, store: &Store, visit: InspectionId) -> Result<Reporting, Error> {
    let kept = store.report_draft(visit)?;
    let signed = match store.report_of(visit)? {
        Some((digest, text)) => Some((digest, serde_json::from_str(&text)?)),
        None => None,
    };
    Ok(match kept {
        Some(kept) => Reporting {
            id: kept.id,
            discovered_at: kept.discovered_at,
            content: kept.content,
            attempts: kept.attempts.into_iter().map(|(_, attempt)| attempt).collect(),
            signed,
        },
        None => {
            // Sealed before anything was noted of it.
            let of = |said: &Report| (Some(said.discovered_at), said.attempts.clone());
            let (discovered_at, attempts) = signed.as_ref().map(|(_, said)| of(said)).unwrap_or_default();
            Reporting { id: fresh(inner), discovered_at, content: None, attempts, signed }
        }
    })
}

/// What a correction's report begins with: all that was reported of the visit, so that none of it counts as new and no
/// call is asked for again. `None` where nothing was reported.
pub(super) fn said(store: &Store, corrected: &Inspection) -> Result<Option<ReportDraft>, Error> {
    let Some((_, text)) = store.report_of(corrected.id)? else { return Ok(None) };
    let said: Report = serde_json::from_str(&text)?;
    let follows = said.content == ready_content(&said.site, &said.items);
    let place = |item: &ReportedItem| {
        let sheet = corrected.sheets.iter().position(|sheet| sheet.checklist.code == item.checklist)?;
        Some(format!("{sheet}-{}", item.item))
    };
    Ok(Some(ReportDraft {
        id: said.id,
        discovered_at: Some(said.discovered_at),
        urgent_at: None,
        opened: said.items.iter().filter(|item| item.level == Level::A).filter_map(place).collect(),
        content: (!follows).then_some(said.content),
        attempts: said.attempts.into_iter().map(|attempt| (0, attempt)).collect(),
    }))
}

/// The report of a draft, sealed and ready to be queued; `None` when there is nothing (more) to say.
pub(super) fn report_of(
    inner: &Inner,
    store: &Store,
    draft: &Draft,
    facts: &Finishing,
    library: &Library,
) -> Result<Option<(Report, QueuedDocument)>, Error> {
    let reporting = reporting(inner, store, draft.id)?;
    let Some(report) = report(draft, &reporting, facts, library) else { return Ok(None) };
    let sealed =
        SealedDocument::seal(canonical(&report)?, inner.secrets.device, &inner.secrets.signing_key(), None);
    let queued = QueuedDocument {
        name: DocumentName::new(DocumentKind::Report, report.id, report.revision),
        digest: sealed.digest(),
        document: sealed.document.clone(),
        envelope: serde_json::to_string(&sealed)?,
        visit: Some(draft.id),
        site: report.site.id,
        site_title: report.site.title.clone(),
        made_at: report.reported_at,
        level: Some(report.level),
    };
    Ok(Some((report, queued)))
}

fn state(
    inner: &Inner,
    store: &Store,
    mut draft: Draft,
    author: Option<Coordinator>,
) -> Result<ReportState, Error> {
    let practice = store.is_practice(draft.id)?;
    let library = store.library()?;
    let kept = store.report_draft(draft.id)?;
    let reporting = reporting(inner, store, draft.id)?;
    let items = reportable(&sheet_findings(&draft.sheets, &library, draft.day()));
    let ready = ready_content(&draft.site, &items);
    if draft.coordinators.is_empty() {
        draft.coordinators.extend(author);
    }
    let now = inner.clock.now();
    // Only whether there would be a report counts here, not whose.
    let facts = Finishing {
        finished_at: now,
        clock: Default::default(),
        bureau: crate::domain::id::BureauId(Uuid::nil()),
        device: inner.secrets.device,
        app_version: String::new(),
    };
    let adds = report(&draft, &reporting, &facts, &library).is_some();
    let signed = reporting.signed.as_ref().map(|(_, said)| (said.id, said.revision, said.reported_at));
    let signed = match signed {
        Some((id, revision, reported_at)) => {
            let row =
                store.documents()?.into_iter().find(|row| row.id == id.into() && row.revision == revision);
            let received = row.is_some_and(|row| row.record_receipt.is_some());
            Some(SignedReport { revision, reported_at, received })
        }
        None => None,
    };
    Ok(ReportState {
        site: draft.site,
        coordinator: draft.coordinators.into_iter().next(),
        discovered_at: reporting.discovered_at,
        urgent_at: kept.as_ref().and_then(|kept| kept.urgent_at),
        typed: reporting.content.is_some(),
        content: reporting.content.unwrap_or_else(|| ready.clone()),
        ready,
        attempts: kept.map(|kept| kept.attempts).unwrap_or_default(),
        items,
        signed,
        adds,
        practice,
        now,
    })
}
