//! What is on its way, for the outbox screen.

use tokio::sync::watch;

use super::{Device, Error, locked};
use crate::domain::document::DocumentName;
use crate::domain::id::DocumentId;
use crate::wire::api::BureauApi as _;
use crate::wire::sealed::SealedDocument;

pub use crate::store::record::RecordRow;
pub use crate::sync::worker::Standing;

impl Device {
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

    /// Pauses or resumes sending; a restart of the app resumes.
    pub async fn pause(&self, paused: bool) -> Result<(), Error> {
        self.with_worker(|worker| worker.pause(paused))
    }

    /// Bytes this process has written to the bureau's socket.
    pub fn bytes_sent(&self) -> u64 {
        locked(&self.inner.network).map_or(0, |network| network.bytes_sent())
    }
}
