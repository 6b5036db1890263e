//! What is on its way, for the outbox screen.

use tokio::sync::watch;

use chrono::{DateTime, FixedOffset};

use super::{Device, Error, enrol, locked};
use crate::domain::document::DocumentName;
use crate::domain::id::{Digest, DocumentId};
use crate::wire::api::BureauApi as _;
use crate::wire::receipt::SignedReceipt;
use crate::wire::sealed::SealedDocument;

pub use crate::store::record::RecordRow;
pub use crate::sync::worker::Standing;

/// A receipt to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownReceipt {
    /// Whether it covers every picture, or the document alone.
    pub complete: bool,
    /// The signed text, verbatim.
    pub text: String,
    /// Whether the bureau of this phone signed it for this document; checked just now.
    pub verified: bool,
    /// The number people quote.
    pub number: String,
    /// When the bureau held it durably, by the bureau's clock.
    pub received_at: Option<DateTime<FixedOffset>>,
}

impl Device {
    /// A document of this phone with the receipts for it, each checked again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn receipts(&self, document: Digest) -> Result<(RecordRow, Vec<ShownReceipt>), Error> {
        self.read(move |_, store| {
            let mut rows = store.documents()?.into_iter();
            let row = rows.find(|row| row.digest == document).ok_or(Error::NotFound)?;
            let key = enrol::kept_profile(store)?.map(|profile| profile.enrolled.bureau.signing_key);
            let kept = [(&row.record_receipt, false), (&row.complete_receipt, true)];
            let shown = kept.into_iter().filter_map(|(envelope, complete)| {
                let signed: SignedReceipt = serde_json::from_str(envelope.as_deref()?).ok()?;
                let checked = key.and_then(|key| signed.open_for(&key, document).ok());
                let said: Option<serde_json::Value> = serde_json::from_str(&signed.receipt).ok();
                let text = |name: &str| said.as_ref()?.get(name)?.as_str().map(str::to_owned);
                Some(ShownReceipt {
                    complete,
                    verified: checked.is_some(),
                    number: text("number").unwrap_or_default(),
                    received_at: text("received_at").and_then(|at| DateTime::parse_from_rfc3339(&at).ok()),
                    text: signed.receipt.clone(),
                })
            });
            let shown = shown.collect();
            Ok((row, shown))
        })
        .await
    }

    /// Every record of a visit with how far it has come, newest first.
    pub async fn records(&self) -> Result<Vec<RecordRow>, Error> {
        self.read(|_, store| Ok(store.records()?)).await
    }

    /// Everything signed with how far it has come, newest first: records, reports, sites made in the field.
    pub async fn documents(&self) -> Result<Vec<RecordRow>, Error> {
        self.read(|_, store| Ok(store.documents()?)).await
    }

    /// The envelope of a document as it is sent.
    pub async fn envelope(
        &self,
        id: impl Into<DocumentId>,
        revision: u32,
    ) -> Result<Option<SealedDocument>, Error> {
        let id = id.into();
        self.read(move |_, store| match store.envelope(id, revision)? {
            Some(text) => Ok(Some(serde_json::from_str(&text)?)),
            None => Ok(None),
        })
        .await
    }

    /// A document as the bureau holds it now, for comparing with [`Device::envelope`].
    ///
    /// # Errors
    /// [`Error::NotEnrolled`]; [`Error::Broken`] with the reason when the bureau does not give it.
    pub async fn refetch(&self, name: DocumentName) -> Result<SealedDocument, Error> {
        let client = self.client()?;
        client.get_document(name).await.map_err(|error| Error::Broken(error.to_string()))
    }

    /// How the worker stands; idle before enrolment.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.inner.standing.subscribe()
    }

    /// Everything due now, blocked rows included; pulls changes too.
    pub async fn retry(&self) -> Result<(), Error> {
        self.write(|_, store| Ok(store.retry_all()?)).await?;
        self.with_worker(|worker| worker.wake())
    }

    /// Bytes this process has written to the bureau's socket.
    pub fn bytes_sent(&self) -> u64 {
        locked(&self.inner.network).map_or(0, |network| network.bytes_sent())
    }
}
