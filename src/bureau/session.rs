//! One phone's side of the protocol at the bureau: `wire::api` as the phone that holds the token sees it.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use futures_util::stream;

use super::error::Refusal;
use super::intake::{self, Address};
use super::memory::Holder;
use super::storage::documents::{Found, Taken};
use super::storage::enrolment::Device;
use super::{Bureau, enrolment, uploads};
use crate::domain::document::DocumentName;
use crate::domain::id::{Digest, PhotoId};
use crate::wire::api::{BureauApi, UploadPath};
use crate::wire::changes::{ChangesPage, Cursor};
use crate::wire::enrolment::{EnrolRequest, Enrolled, RescueKey};
use crate::wire::failure::Code;
use crate::wire::receipt::{ReceiptsPage, Stored};
use crate::wire::sealed::SealedDocument;
use crate::wire::tus;

/// The longest sealed database key kept; a sealed 32-byte key has about 110 characters.
const RESCUE_KEY_MAX: usize = 4096;

/// A bureau as one phone sees it; without a phone only enrolment is answered.
#[derive(Clone)]
pub struct Session {
    bureau: Bureau,
    device: Option<Device>,
}

impl Session {
    /// Before enrolment.
    pub fn anonymous(bureau: Bureau) -> Self {
        Self { bureau, device: None }
    }

    /// The phone that holds this bearer token.
    ///
    /// # Errors
    /// [`Code::NotEnrolled`] and [`Code::Revoked`].
    pub async fn of_token(bureau: Bureau, token: &str) -> Result<Self, Refusal> {
        let device = bureau.storage().device_by_token(Digest::of(token.as_bytes()).0).await?;
        match device {
            None => Err(not_enrolled()),
            Some(device) if device.revoked => {
                Err(Refusal::new(Code::Revoked, "the bureau has withdrawn this phone; ask for a new code"))
            }
            Some(device) => Ok(Self { bureau, device: Some(device) }),
        }
    }

    /// The bureau.
    pub(super) fn bureau(&self) -> &Bureau {
        &self.bureau
    }

    /// The phone.
    pub(super) fn device(&self) -> Result<&Device, Refusal> {
        self.device.as_ref().ok_or_else(not_enrolled)
    }

    /// Whose memory its bodies take.
    pub(super) fn holder(&self) -> Result<Holder, Refusal> {
        self.device().map(|device| Holder::Phone(device.id))
    }

    /// Takes an envelope, keeping it exactly as it came.
    pub(super) async fn put_envelope(&self, name: DocumentName, envelope: String) -> Result<Taken, Refusal> {
        let address = Address::now(&self.bureau, name);
        intake::take(&self.bureau, self.device()?.clone(), address, envelope).await
    }

    /// The stored envelope, exactly as it came.
    pub(super) async fn get_envelope(&self, name: DocumentName) -> Result<String, Refusal> {
        match self.bureau.storage().document_of(self.device()?.id, name).await? {
            Found::Yours(envelope) => Ok(envelope),
            Found::NotYours => Err(Refusal::new(Code::NotYours, "only its author may have it")),
            Found::Nothing => Err(Refusal::new(Code::NotFound, "no such record")),
        }
    }
}

fn not_enrolled() -> Refusal {
    Refusal::new(Code::NotEnrolled, "enrol with a code of this bureau")
}

impl FromRequestParts<Bureau> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, bureau: &Bureau) -> Result<Self, Refusal> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(not_enrolled)?;
        Self::of_token(bureau.clone(), token.trim()).await
    }
}

/// Cursors of another epoch, and texts that are none, start from the beginning.
fn sequence(cursor: &Cursor, epoch: &str) -> u64 {
    let parts = cursor.0.split_once('.').filter(|(of, _)| *of == epoch);
    parts.and_then(|(_, sequence)| sequence.parse().ok()).unwrap_or(0)
}

impl BureauApi for Session {
    type Error = Refusal;

    async fn enrol(&self, request: &EnrolRequest) -> Result<Enrolled, Refusal> {
        enrolment::enrol(&self.bureau, request).await
    }

    async fn put_rescue_key(&self, key: &RescueKey) -> Result<(), Refusal> {
        let sealed = key.sealed_database_key.clone();
        if sealed.len() > RESCUE_KEY_MAX {
            return Err(Refusal::new(Code::TooLarge, "no sealed key is that long"));
        }
        Ok(self.bureau.storage().put_rescue_key(self.device()?.id, sealed).await?)
    }

    async fn changes(&self, since: Option<&Cursor>) -> Result<ChangesPage, Refusal> {
        let identity = self.bureau.storage().identity();
        let (bureau, epoch) = (identity.public.id, identity.public.epoch);
        let after = since.map_or(0, |cursor| sequence(cursor, &epoch.to_string()));
        let device = self.device()?;
        let page = self.bureau.storage().changes_since(device.id, device.coordinator, after).await?;
        Ok(ChangesPage {
            bureau,
            epoch,
            now: chrono::Utc::now().with_timezone(&identity.zone()),
            changes: page.changes,
            cursor: Cursor(format!("{epoch}.{}", page.last)),
            more: page.more,
        })
    }

    async fn put_document(&self, name: DocumentName, document: &SealedDocument) -> Result<Stored, Refusal> {
        let envelope = serde_json::to_string(document).map_err(Refusal::internal)?;
        Ok(self.put_envelope(name, envelope).await?.receipted)
    }

    async fn get_document(&self, name: DocumentName) -> Result<SealedDocument, Refusal> {
        serde_json::from_str(&self.get_envelope(name).await?).map_err(Refusal::internal)
    }

    async fn receipts(&self, since: u64) -> Result<ReceiptsPage, Refusal> {
        Ok(self.bureau.storage().receipts_since(self.device()?.id, since).await?)
    }

    async fn has_photo(&self, id: PhotoId) -> Result<bool, Refusal> {
        self.device()?;
        Ok(self.bureau.storage().has_blob(id).await?)
    }

    async fn create_upload(&self, id: PhotoId, bytes: u64) -> Result<UploadPath, Refusal> {
        let metadata = tus::encode_metadata(&[("sha256", &id.to_string())]);
        let announced = uploads::Announced { blob: id, length: bytes, metadata };
        let upload = uploads::create(&self.bureau, self.device()?.id, announced).await?;
        Ok(uploads::path(upload.id))
    }

    async fn upload_offset(&self, upload: &UploadPath) -> Result<u64, Refusal> {
        let upload = uploads::require(&self.bureau, self.device()?.id, &upload.0).await?;
        uploads::offset(&self.bureau, upload).await
    }

    async fn upload_chunk(&self, upload: &UploadPath, offset: u64, bytes: Vec<u8>) -> Result<u64, Refusal> {
        let upload = uploads::require(&self.bureau, self.device()?.id, &upload.0).await?;
        let announced = u64::try_from(bytes.len()).ok();
        let chunk = uploads::Chunk { offset, announced, checksum: None };
        let body = stream::iter([Ok(bytes.into())]);
        Ok(uploads::write(&self.bureau, upload, chunk, Box::pin(body)).await?.offset)
    }
}
