//! What the bureau sent back: what it says, whose it is, and the correction with everything filled in already.

use std::sync::Arc;

pub use crate::store::review::Correcting;

use super::report::said;
use super::visit::worker_of;
use super::{Device, Error, Inner};
use crate::domain::answer::Sheet;
use crate::domain::checklist::{Checklist, Library};
use crate::domain::finding::guidance;
use crate::domain::id::InspectionId;
use crate::domain::inspection::{Draft, Inspection};
use crate::domain::review::{Outcome, Review};
use crate::store::Store;
use crate::store::review::{Correction, ReviewRow};
use crate::wire::sealed::SealedDocument;

/// Who can correct a returned record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whoever works on this phone now.
    Mine,
    /// Somebody else of this phone: the name.
    Anothers(String),
    /// Of two copies the bureau goes by the one that another phone sent.
    OtherCopy,
    /// Nobody on this phone: the record is not here.
    Elsewhere,
}

/// What the bureau says of a record, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Which.
    pub inspection: InspectionId,
    /// Its site's title; empty when nobody says.
    pub site: String,
    /// What the bureau says.
    pub review: Review,
    /// Who can correct it.
    pub whose: Whose,
    /// How far that is.
    pub correcting: Correcting,
}

/// A reviewed record to be looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewedRecord {
    /// What the bureau says of it.
    pub returned: Returned,
    /// The record, if it is on this phone.
    pub record: Option<Inspection>,
    /// Its checklists.
    pub library: Arc<Library>,
}

impl Device {
    /// Records that the bureau sent back and that nobody has begun to correct, the latest first.
    pub async fn returned(&self) -> Result<Vec<Returned>, Error> {
        self.read(|_, store| {
            let rows = store.returned()?.into_iter();
            rows.map(|row| seen(store, row).map(|(returned, _)| returned)).collect()
        })
        .await
    }

    /// What the bureau says of a visit, with the record that it is about; `None` when it says nothing (any more).
    pub async fn reviewed(&self, inspection: InspectionId) -> Result<Option<ReviewedRecord>, Error> {
        self.read(move |_, store| {
            let Some(review) = store.review(inspection)? else { return Ok(None) };
            let (returned, record) = seen(store, store.review_row(review)?)?;
            let mut library = store.library()?;
            let sheets = record.iter().flat_map(|record| &record.sheets);
            let named: Vec<_> = sheets.map(|sheet| sheet.checklist.hash).collect();
            library.retain(|hash, _| named.contains(hash));
            Ok(Some(ReviewedRecord { returned, record, library: Arc::new(library) }))
        })
        .await
    }

    /// What the bureau says of a visit now.
    pub async fn review_of(&self, inspection: InspectionId) -> Result<Option<Review>, Error> {
        self.read(move |_, store| Ok(store.review(inspection)?)).await
    }

    /// Everything that the bureau says of records.
    pub async fn reviews(&self) -> Result<Vec<Review>, Error> {
        self.read(|_, store| Ok(store.reviews()?)).await
    }

    /// Begins the correction of a returned record, or goes on with the one begun: a draft of the next revision with
    /// everything the record says but the signature.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not returned, is another's, or is not on this phone.
    pub async fn correct(&self, inspection: InspectionId) -> Result<(), Error> {
        self.write(move |inner, store| correct(inner, store, inspection)).await
    }
}

/// Whose it is, and the record when it is here. A text that this app cannot read is as good as none.
fn seen(store: &Store, row: ReviewRow) -> Result<(Returned, Option<Inspection>), Error> {
    let ReviewRow { review, correcting, record, sibling } = row;
    let record = record.and_then(|record| serde_json::from_str::<Inspection>(&record.document).ok());
    let whose = match &record {
        Some(record) => whose(store, record)?,
        None if sibling => Whose::OtherCopy,
        None => Whose::Elsewhere,
    };
    let site = record.as_ref().map_or_else(|| review.site.clone(), |record| record.site.title.clone());
    Ok((Returned { inspection: review.inspection, site, review, whose, correcting }, record))
}

fn whose(store: &Store, record: &Inspection) -> Result<Whose, Error> {
    let me = worker_of(store)?;
    Ok(match record.coordinators.first().zip(me) {
        Some((author, me)) if author.id != me => Whose::Anothers(author.name.clone()),
        _ => Whose::Mine,
    })
}

fn correct(inner: &Inner, store: &mut Store, inspection: InspectionId) -> Result<(), Error> {
    if store.draft(inspection)?.is_some() {
        return Ok(());
    }
    let review = store.review(inspection)?.ok_or(Error::NotFound)?;
    let record = store.reviewed(&review)?.ok_or(Error::NotFound)?;
    let document: Inspection = serde_json::from_str(&record.document)?;
    let last = store.last_revision(inspection)?.unwrap_or(record.revision);
    let mine = whose(store, &document)? == Whose::Mine;
    if review.outcome != Outcome::Returned || !mine || last > record.revision {
        return Err(Error::NotFound);
    }
    if store.discarded(inspection)?.is_some() {
        return Ok(store.restore_draft(inspection)?);
    }
    let sealed: SealedDocument = serde_json::from_str(&record.envelope)?;
    let ready = ready_guidance(&document, &store.library()?);
    let correction = Correction {
        sidecar: sealed.sidecar,
        ready_guidance: if document.guidance == ready { ready } else { String::new() },
        at: review.items.first().map(|one| (one.sheet, one.item.clone())),
        report: said(store, &document)?,
        begun_at: inner.clock.now(),
    };
    Ok(store.add_correction(&Draft::correcting(document, record.digest), &correction)?)
}

/// The guidance that the findings of a record give by themselves.
fn ready_guidance(document: &Inspection, library: &Library) -> String {
    let sheets = document.sheets.iter();
    let known: Vec<(&Checklist, &Sheet)> =
        sheets.filter_map(|sheet| Some((library.get(&sheet.checklist.hash)?, sheet))).collect();
    guidance(&known, document.day())
}
