//! Taking in a document: checked and read off the writer's thread, then stored whatever the rules say of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, FixedOffset, Utc};
use serde::Serialize;

use super::Bureau;
use super::error::Refusal;
use super::storage::documents::{Brought, NewDocument, ReportRow, Taken};
use super::storage::enrolment::Device;
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Library;
use crate::domain::document::DocumentName;
use crate::domain::finding::{Finding, findings_of, level};
use crate::domain::id::PhotoId;
use crate::domain::inspection::{Coordinator, Inspection};
use crate::domain::judge::Judged;
use crate::domain::last::last_answers_of;
use crate::domain::new_site::NewSite;
use crate::domain::problem::{first_sheets, received_problems};
use crate::domain::report::{CONTENT_MAX_CHARS, Report, report_problems};
use crate::domain::site::{LastVisit, SiteSnapshot};
use crate::domain::text::{LISTED_CHARS, cut};
use crate::wire::failure::Code;
use crate::wire::sealed::{MAX_DOCUMENT_BYTES, Opened, SealedDocument, Unreadable};

/// Checklists of a visit that lists name.
const LISTED_CHECKLISTS: usize = 20;

/// Where a document was put, and when.
#[derive(Clone, Copy)]
pub(super) struct Address {
    /// From the address.
    pub(super) name: DocumentName,
    /// The bureau's clock.
    pub(super) now: DateTime<FixedOffset>,
}

impl Address {
    /// At this moment of the bureau's zone.
    pub(super) fn now(bureau: &Bureau, name: DocumentName) -> Self {
        Self { name, now: Utc::now().with_timezone(&bureau.storage().zone()) }
    }
}

/// Stores a document that came as this envelope.
pub(super) async fn take(
    bureau: &Bureau,
    device: Device,
    address: Address,
    envelope: String,
) -> Result<Taken, Refusal> {
    let library = bureau.library().await?;
    let work = move || {
        let read = read(envelope, &device, address)?;
        match knows(&library, &read.opened) {
            true => Ok(Described::Whole(Box::new(describe(read, &device, address, &library)?))),
            false => Ok(Described::Not(Box::new(read), device)),
        }
    };
    // One way to the blocking threads and back: reading is most of the work, so it is all done there.
    let document = match blocking(work).await? {
        Described::Whole(document) => document,
        Described::Not(read, device) => {
            let library = bureau.library_again().await?;
            Box::new(blocking(move || describe(*read, &device, address, &library)).await?)
        }
    };
    Ok(bureau.storage().put_document(*document).await?)
}

/// What became of reading a document with the checklists at hand.
enum Described {
    Whole(Box<NewDocument>),
    /// It names a checklist that another process may have brought meanwhile.
    Not(Box<Read>, Device),
}

fn knows(library: &Library, opened: &Opened) -> bool {
    match opened {
        Opened::Inspection(it) => it.sheets.iter().all(|sheet| library.contains_key(&sheet.checklist.hash)),
        Opened::Report(_) | Opened::Site(_) => true,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))
}

struct Read {
    text: String,
    sealed: SealedDocument,
    opened: Opened,
}

fn read(text: String, device: &Device, address: Address) -> Result<Read, Refusal> {
    let unreadable = |error: serde_json::Error| Refusal::new(Code::Unreadable, error.to_string());
    let sealed: SealedDocument = serde_json::from_str(&text).map_err(unreadable)?;
    if sealed.document.len() > MAX_DOCUMENT_BYTES {
        return Err(Refusal::new(
            Code::TooLarge,
            format!("a document has at most {MAX_DOCUMENT_BYTES} bytes"),
        ));
    }
    if sealed.device != device.id {
        return Err(Refusal::new(Code::NotYours, "sealed by another phone than the one that sends it"));
    }
    let opened = sealed.open_as(address.name.kind, &device.signing_key).map_err(|error| match error {
        Unreadable::Seal(_) => Refusal::new(Code::SealWrong, error.to_string()),
        Unreadable::Document(_) | Unreadable::Float => Refusal::new(Code::Unreadable, error.to_string()),
    })?;
    // Else a phone could seal another's words and stand in its way.
    if opened.device() != sealed.device {
        return Err(Refusal::new(Code::SealWrong, "the document names another phone than its seal"));
    }
    if opened.name() != address.name {
        return Err(Refusal::new(Code::AddressMismatch, "the document has another id or revision"));
    }
    Ok(Read { text, sealed, opened })
}

/// What lists show of the document, and what else it brings.
fn describe(
    read: Read,
    device: &Device,
    address: Address,
    library: &Library,
) -> Result<NewDocument, Refusal> {
    let new = match &read.opened {
        Opened::Inspection(document) => of_inspection(document, &address, library)?,
        Opened::Report(report) => of_report(report)?,
        Opened::Site(site) => of_site(site),
    };
    Ok(NewDocument {
        digest: read.sealed.digest(),
        name: address.name,
        device: device.id,
        enrolled: device.coordinator,
        envelope: read.text,
        received_ms: address.now.timestamp_millis(),
        year: address.now.year(),
        ..new
    })
}

fn json(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(Refusal::internal)
}

fn names(coordinators: &[Coordinator]) -> String {
    cut(&coordinators.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join("、"), LISTED_CHARS)
}

fn listed_checklists(document: &Inspection) -> Vec<ChecklistRef> {
    let all = document.sheets.iter().map(|sheet| &sheet.checklist).take(LISTED_CHECKLISTS);
    let short = |one: &ChecklistRef| ChecklistRef {
        code: cut(&one.code, LISTED_CHARS),
        version: cut(&one.version, LISTED_CHARS),
        hash: one.hash,
    };
    all.map(short).collect()
}

fn of_inspection(
    document: &Inspection,
    address: &Address,
    library: &Library,
) -> Result<NewDocument, Refusal> {
    let known = document.sheets.iter().all(|sheet| library.contains_key(&sheet.checklist.hash));
    let judged = Judged::all(first_sheets(document), library, document.day());
    let findings = match known {
        true => judged.iter().flat_map(findings_of).collect(),
        false => document.findings.clone(),
    };
    let problems = received_problems(document, library, &judged, &findings);
    let last_visit = last_visit(document, &findings, &judged, address.now);
    let brought = Brought::Visit {
        at_ms: last_visit.at.timestamp_millis(),
        last_visit: json(&last_visit)?,
        snapshot: Box::new(document.site.clone()),
    };
    Ok(NewDocument {
        parent: document.parent,
        author: document.coordinators.first().map(|c| c.id),
        coordinator_name: names(&document.coordinators),
        checklists: json(&listed_checklists(document))?,
        level: level(&findings).map(|level| level.letter()),
        failed: json(&failed(&findings))?,
        problems: json(&problems)?,
        distance_m: document.distance_m(),
        blobs: blobs(document),
        ..NewDocument::about(&document.site, document.started_at, document.finished_at, brought)
    })
}

fn of_report(report: &Report) -> Result<NewDocument, Refusal> {
    let brought = Brought::Report(ReportRow {
        visit: report.inspection,
        category: cut(&report.category, LISTED_CHARS),
        content: cut(&report.content, 2 * CONTENT_MAX_CHARS),
        attempts: u32::try_from(report.attempts.len()).unwrap_or(u32::MAX),
        problems: json(&report_problems(report))?,
    });
    let best = report.fix.as_ref().zip(report.site.place);
    Ok(NewDocument {
        parent: report.parent,
        author: report.coordinators.first().map(|c| c.id),
        coordinator_name: names(&report.coordinators),
        level: Some(report.level.letter()),
        distance_m: best.map(|(fix, place)| fix.place.distance_m(place)),
        ..NewDocument::about(&report.site, report.discovered_at, report.reported_at, brought)
    })
}

fn of_site(new: &NewSite) -> NewDocument {
    let brought = Brought::Site(Box::new(new.site.clone()));
    NewDocument {
        parent: new.parent,
        author: new.coordinators.first().map(|c| c.id),
        coordinator_name: names(&new.coordinators),
        ..NewDocument::about(&SiteSnapshot::from(&new.site), new.made_at, new.made_at, brought)
    }
}

fn failed(findings: &[Finding]) -> BTreeMap<&'static str, u32> {
    let mut failed = BTreeMap::new();
    for finding in findings {
        *failed.entry(finding.level.letter()).or_default() += 1;
    }
    failed
}

/// A blob that is both copy and original counts as a copy.
fn blobs(document: &Inspection) -> Vec<(PhotoId, bool)> {
    let mut blobs = BTreeMap::new();
    for photo in &document.photos {
        blobs.entry(photo.original).or_insert(true);
        blobs.insert(photo.derived, false);
    }
    blobs.into_iter().collect()
}

/// What a site shows of a visit. In a few short lines, because every phone of the township gets it; a clock that runs
/// ahead must not make this visit the last one for ever.
pub(super) fn last_visit(
    document: &Inspection,
    findings: &[Finding],
    judged: &[Judged<'_>],
    now: DateTime<FixedOffset>,
) -> LastVisit {
    LastVisit {
        inspection: document.id,
        at: document.finished_at.min(now),
        level: level(findings),
        problems: findings.iter().take(50).map(|finding| cut(&finding.problem, 120)).collect(),
        answers: last_answers_of(judged),
    }
}
