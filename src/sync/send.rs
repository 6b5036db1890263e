//! Sending one row: a document with its receipt, or a photo.

use super::desk::Halt;
use super::lane::Lane;
use super::receipts;
use crate::domain::document::DocumentName;
use crate::domain::id::Digest;
use crate::store::outbox::OutboxItem;
use crate::store::receipts::KeptAnswer;
use crate::wire::api::BureauApi as _;
use crate::wire::receipt::{ReceiptKind, Stored};
use crate::wire::sealed::SealedDocument;

impl Lane {
    /// Sends a row; `true` when there is a receipt still to be asked for.
    pub(super) async fn send(&self, item: &OutboxItem) -> Result<bool, Halt> {
        match item.blob {
            Some(blob) => self.send_photo(item, blob).await,
            None => self.send_document(item.name, item.document).await.map(|()| false),
        }
    }

    /// Sends a document; sending it again is harmless and tells what the bureau lacks.
    pub(super) async fn send_document(&self, name: DocumentName, document: Digest) -> Result<(), Halt> {
        let text = self.desk.store(move |store| store.envelope(name.id, name.revision)).await?;
        let text = text.ok_or_else(|| Halt::Photo("the record's text is not on this phone".to_owned()))?;
        let envelope: SealedDocument = serde_json::from_str(&text)
            .map_err(|error| Halt::Photo(format!("the record's text cannot be read: {error}")))?;
        let client = self.desk.parts.client.clone();
        let stored = self.desk.call(client.put_document(name, &envelope)).await?;
        self.keep(document, stored).await
    }

    /// Keeps what the bureau said about a document: photos it holds need no sending, those it lacks do.
    async fn keep(&self, document: Digest, stored: Stored) -> Result<(), Halt> {
        let parts = &self.desk.parts;
        let record = receipts::check(parts, &stored.record, document, ReceiptKind::Record)?;
        let complete = stored
            .complete
            .map(|signed| receipts::check(parts, &signed, document, ReceiptKind::Complete))
            .transpose()?;
        let answer = KeptAnswer { record, complete, missing: stored.missing };
        self.desk.change(move |store| store.put_answer_of(&answer)).await
    }
}
