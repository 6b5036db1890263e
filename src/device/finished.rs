//! What became of a finished visit, for the screen that says so.

use super::{Device, Error};
use crate::domain::document::DocumentKind;
use crate::domain::id::InspectionId;
use crate::domain::inspection::Inspection;
use crate::store::record::RecordRow;
use crate::wire::receipt::{Receipt, SignedReceipt};
use crate::wire::sealed::SealedDocument;

/// A finished visit in a few facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinishedVisit {
    /// What the site is called.
    pub site: String,
    /// Photos, as people count them.
    pub photos: usize,
    /// The number of the record's receipt, once the bureau has it.
    pub number: Option<String>,
    /// Whether the bureau has the visit's report; none when there is no report.
    pub report: Option<bool>,
}

impl Device {
    /// The last revision of a finished visit; `None` when this phone has none.
    pub async fn finished_visit(&self, visit: InspectionId) -> Result<Option<FinishedVisit>, Error> {
        self.read(move |_, store| {
            let rows = store.documents()?;
            let own = rows.iter().filter(|row| row.id == visit.into());
            let Some(row) = own.max_by_key(|row| row.revision) else { return Ok(None) };
            let envelope = store.envelope(row.id, row.revision)?.ok_or(Error::NotFound)?;
            let sealed: SealedDocument = serde_json::from_str(&envelope)?;
            let document: Inspection = serde_json::from_str(&sealed.document)?;
            let about = |row: &&RecordRow| row.kind == DocumentKind::Report && row.visit == Some(visit);
            let report = rows.iter().filter(about).max_by_key(|row| row.revision);
            Ok(Some(FinishedVisit {
                site: row.site.clone(),
                photos: document.photos.len(),
                number: row.record_receipt.as_deref().map(number).transpose()?,
                report: report.map(|row| row.record_receipt.is_some()),
            }))
        })
        .await
    }
}

/// The number in a receipt that was verified when it was kept.
fn number(envelope: &str) -> Result<String, Error> {
    let signed: SignedReceipt = serde_json::from_str(envelope)?;
    Ok(serde_json::from_str::<Receipt>(&signed.receipt)?.number)
}
