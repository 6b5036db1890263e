//! Taking in a document: checked and read off the writer's thread, then stored whatever the rules say of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, FixedOffset, Utc};

use super::Bureau;
use super::error::Refusal;
use super::storage::documents::{NewDocument, Taken};
use super::storage::enrolment::Device;
use crate::domain::checklist::Library;
use crate::domain::finding::{Finding, level};
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Inspection, sheet_findings};
use crate::domain::problem::document_problems;
use crate::domain::site::LastVisit;
use crate::domain::text::cut;
use crate::wire::failure::Code;
use crate::wire::sealed::{MAX_DOCUMENT_BYTES, SealedDocument, Unreadable};

/// Where a document was put, and when.
#[derive(Clone, Copy)]
pub(super) struct Address {
    /// From the address.
    pub(super) id: InspectionId,
    /// From the address.
    pub(super) revision: u32,
    /// The bureau's clock.
    pub(super) now: DateTime<FixedOffset>,
}

impl Address {
    /// At this moment of the bureau's zone.
    pub(super) fn now(bureau: &Bureau, id: InspectionId, revision: u32) -> Self {
        Self { id, revision, now: Utc::now().with_timezone(&bureau.storage().zone()) }
    }
}

/// Stores a document that came as this envelope.
pub(super) async fn take(
    bureau: &Bureau,
    device: Device,
    address: Address,
    envelope: String,
) -> Result<Taken, Refusal> {
    let work = move || read(envelope, &device, address).map(|document| (document, device));
    let (read, device) = blocking(work).await?;
    let mut library = bureau.library().await?;
    if read.document.sheets.iter().any(|sheet| !library.contains_key(&sheet.checklist.hash)) {
        library = bureau.library_again().await?;
    }
    let document = blocking(move || describe(read, &device, address, &library)).await?;
    Ok(bureau.storage().put_document(document).await?)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))
}

struct Read {
    text: String,
    sealed: SealedDocument,
    document: Inspection,
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
    let document = sealed.open(&device.signing_key).map_err(|error| match error {
        Unreadable::Seal(_) => Refusal::new(Code::SealWrong, error.to_string()),
        Unreadable::Document(_) | Unreadable::Float => Refusal::new(Code::Unreadable, error.to_string()),
    })?;
    // Else a phone could seal another's words and stand in its way.
    if document.device != sealed.device {
        return Err(Refusal::new(Code::SealWrong, "the document names another phone than its seal"));
    }
    if (document.id, document.revision) != (address.id, address.revision) {
        return Err(Refusal::new(Code::AddressMismatch, "the document has another id or revision"));
    }
    Ok(Read { text, sealed, document })
}

fn describe(
    read: Read,
    device: &Device,
    address: Address,
    library: &Library,
) -> Result<NewDocument, Refusal> {
    let Read { text, sealed, document } = read;
    let known = document.sheets.iter().all(|sheet| library.contains_key(&sheet.checklist.hash));
    let findings = match known {
        true => sheet_findings(&document.sheets, library, document.day()),
        false => document.findings.clone(),
    };
    let json = |value| serde_json::to_string(value).map_err(Refusal::internal);
    let names: Vec<&str> = document.coordinators.iter().map(|c| c.name.as_str()).collect();
    let checklists: Vec<_> = document.sheets.iter().map(|sheet| &sheet.checklist).collect();
    Ok(NewDocument {
        digest: sealed.digest(),
        inspection: document.id,
        revision: document.revision,
        parent: document.parent,
        device: device.id,
        author: document.coordinators.first().map(|c| c.id),
        enrolled: device.coordinator,
        site: document.site.id,
        township: document.site.township.clone(),
        envelope: text,
        received_ms: address.now.timestamp_millis(),
        year: address.now.year(),
        site_title: document.site.title.clone(),
        coordinator_name: names.join("、"),
        checklists: json(&serde_json::json!(checklists))?,
        started_at: document.started_at.to_rfc3339(),
        finished_at: document.finished_at.to_rfc3339(),
        level: level(&findings).map(|level| level.letter()),
        failed: json(&failed(&findings))?,
        problems: json(&serde_json::json!(document_problems(&document, library)))?,
        distance_m: document.distance_m(),
        blobs: blobs(&document),
        last_visit: last_visit(&document, &findings, address.now),
    })
}

fn failed(findings: &[Finding]) -> serde_json::Value {
    let mut failed: BTreeMap<&str, u32> = BTreeMap::new();
    for finding in findings {
        *failed.entry(finding.level.letter()).or_default() += 1;
    }
    serde_json::json!(failed)
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

/// In a few short lines, because every phone of the township gets it; a clock that runs ahead must not make
/// this visit the last one for ever.
fn last_visit(document: &Inspection, findings: &[Finding], now: DateTime<FixedOffset>) -> LastVisit {
    LastVisit {
        inspection: document.id,
        at: document.finished_at.min(now),
        level: level(findings),
        problems: findings.iter().take(50).map(|finding| cut(&finding.problem, 120)).collect(),
    }
}
