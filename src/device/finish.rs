//! Finishing: the draft becomes a signed document with its outbox rows, in one transaction, and with it the
//! information report that its findings give.
//!
//! The store's lock is held from the last look at the draft until the record is there, so that no answer can fall
//! between them.

use rand::rngs::OsRng;

use super::{Device, Error, Inner, enrol, locked, network, report, visit};
use crate::domain::answer::{PartValue, Sheet};
use crate::domain::confidential::Secret;
use crate::domain::finding::level;
use crate::domain::id::{BureauId, InspectionId, PhotoId};
use crate::domain::inspection::{Clock, Draft, Finishing, Inspection, Photo};
use crate::domain::problem::draft_problems;
use crate::domain::seal::{PublicKey, canonical};
use crate::store::Store;
use crate::store::record::Finished;
use crate::wire::sealed::SealedDocument;
use crate::wire::sidecar::seal_secrets;

impl Device {
    /// Finishes: document written, sealed, stored with its outbox rows in one transaction, the information report of
    /// findings of level A and B with it (unless an earlier one says it all); the worker wakes.
    ///
    /// # Errors
    /// [`Error::Unfinished`] with everything that is still missing, [`Error::NotEnrolled`], [`Error::Practice`]; the
    /// draft stays.
    pub async fn finish(&self, visit: InspectionId) -> Result<Inspection, Error> {
        self.all_taken(visit).await;
        self.write(move |inner, store| {
            let inspection = finish(inner, store, visit)?;
            network::wake(inner)?;
            Ok(inspection)
        })
        .await
    }
}

fn finish(inner: &Inner, store: &mut Store, visit: InspectionId) -> Result<Inspection, Error> {
    let mut draft = store.draft(visit)?.ok_or(Error::NotFound)?;
    if store.is_practice(visit)? {
        return Err(Error::Practice);
    }
    let enrolled = enrol::kept_profile(store)?.ok_or(Error::NotEnrolled)?.enrolled;
    if draft.coordinators.is_empty() {
        // Started before the enrolment; whoever enrolled then is the author.
        draft.coordinators.push(enrolled.coordinator);
    }
    let library = store.library()?;
    let mut problems = draft_problems(&draft, &library);
    problems.retain(|problem| problem.blocks_finishing());
    if !problems.is_empty() {
        return Err(Error::Unfinished(problems));
    }
    visit::watch_clock(inner, store, visit)?;
    let facts = facts(inner, store, visit, enrolled.bureau.id)?;
    let report = report::report_of(inner, store, &draft, &facts, &library)?;
    let sidecar = sidecar(store, &draft, &enrolled.bureau.sealing_key)?;
    let inspection = draft.finish(facts, &library);
    let sealed = SealedDocument::seal(
        canonical(&inspection)?,
        inner.secrets.device,
        &inner.secrets.signing_key(),
        sidecar,
    );
    store.finish_with(&finished(&inspection, &sealed)?, report.as_ref().map(|(_, queued)| queued))?;
    // The record is safe from here on; a leftover setting harms nobody.
    if let Err(error) = store.put_setting(&visit::jumps_of(visit), None) {
        tracing::warn!(%error, "the clock's jumps were not cleared");
    }
    Ok(inspection)
}

/// What the phone knows at the moment of sealing.
pub(super) fn facts(
    inner: &Inner,
    store: &Store,
    visit: InspectionId,
    bureau: BureauId,
) -> Result<Finishing, Error> {
    Ok(Finishing {
        finished_at: inner.clock.now(),
        clock: clock_facts(inner, store, visit)?,
        bureau,
        device: inner.secrets.device,
        app_version: visit::APP_VERSION.to_owned(),
    })
}

fn clock_facts(inner: &Inner, store: &Store, visit: InspectionId) -> Result<Clock, Error> {
    let now = visit::moment(inner);
    Ok(Clock {
        offset_s: network::offset_s(inner, store)?,
        elapsed_s: locked(&inner.sessions)?.get(&visit).map_or(0, |session| session.elapsed_s(now)),
        jumps: visit::kept_jumps(store, visit)?,
    })
}

/// Only what the document still refers to goes to the bureau. What a correction took over is sealed to the bureau
/// already and goes again as it is; beside texts given anew it stays with the record that is corrected, which the
/// bureau keeps.
fn sidecar(store: &Store, draft: &Draft, bureau: &PublicKey) -> Result<Option<String>, Error> {
    let mut secrets = store.secrets(draft.id)?;
    secrets.retain(|secret| draft.sheets.iter().any(|sheet| refers_to(sheet, secret)));
    let sealed = seal_secrets(&secrets, bureau, &mut OsRng)
        .map_err(|error| Error::Broken(format!("sidecar: {error}")))?;
    match sealed {
        None if draft.sheets.iter().any(names_secret) => Ok(store.carried_sidecar(draft.id)?),
        sealed => Ok(sealed),
    }
}

fn names_secret(sheet: &Sheet) -> bool {
    let mut values = sheet.answers.values().flat_map(|answer| answer.parts.values());
    values.any(|value| matches!(value, PartValue::Confidential { .. }))
}

fn refers_to(sheet: &Sheet, secret: &Secret) -> bool {
    let parts = sheet.answers.get(&secret.item).map(|answer| &answer.parts);
    let value = parts.and_then(|parts| parts.get(&secret.part));
    matches!(value, Some(PartValue::Confidential { digest }) if *digest == secret.digest())
}

fn finished(inspection: &Inspection, sealed: &SealedDocument) -> Result<Finished, Error> {
    Ok(Finished {
        id: inspection.id,
        revision: inspection.revision,
        digest: sealed.digest(),
        document: sealed.document.clone(),
        envelope: serde_json::to_string(sealed)?,
        site: inspection.site.title.clone(),
        finished_at: inspection.finished_at,
        level: level(&inspection.findings),
        derived: each_once(inspection, |photo| (photo.derived, photo.derived_bytes)),
        originals: each_once(inspection, |photo| (photo.original, photo.original_bytes)),
    })
}

fn each_once(inspection: &Inspection, blob: impl Fn(&Photo) -> (PhotoId, u64)) -> Vec<(PhotoId, u64)> {
    let mut blobs: Vec<(PhotoId, u64)> = Vec::new();
    for photo in &inspection.photos {
        let blob = blob(photo);
        if !blobs.contains(&blob) {
            blobs.push(blob);
        }
    }
    blobs
}
