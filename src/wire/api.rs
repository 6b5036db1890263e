//! The protocol as a trait: the phone's client and the bureau's service both implement it, so the compiler
//! keeps them in step.

use std::future::Future;

use super::changes::{ChangesPage, Cursor};
use super::enrolment::{EnrolRequest, Enrolled, RescueKey};
use super::receipt::{ReceiptsPage, Stored};
use super::sealed::SealedDocument;
use crate::domain::document::DocumentName;
use crate::domain::id::PhotoId;

/// An upload under way: the path the bureau gave it, such as `/v1/photos/0f3c…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPath(pub String);

/// What a bureau does for an enrolled phone. `enrol` needs no token; everything else does.
pub trait BureauApi {
    /// Why a call failed, seen from this end.
    type Error;

    /// `POST /v1/enrol`. The same code by the same device again gives a new token (a lost answer).
    fn enrol(&self, request: &EnrolRequest) -> impl Future<Output = Result<Enrolled, Self::Error>> + Send;

    /// `PUT /v1/rescue-key`.
    fn put_rescue_key(&self, key: &RescueKey) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// `GET /v1/changes?since=`.
    fn changes(
        &self,
        since: Option<&Cursor>,
    ) -> impl Future<Output = Result<ChangesPage, Self::Error>> + Send;

    /// `PUT /v1/{inspections,reports,sites}/{id}/{revision}`; idempotent.
    fn put_document(
        &self,
        name: DocumentName,
        document: &SealedDocument,
    ) -> impl Future<Output = Result<Stored, Self::Error>> + Send;

    /// `GET` of the same address: the stored bytes, for their author.
    fn get_document(
        &self,
        name: DocumentName,
    ) -> impl Future<Output = Result<SealedDocument, Self::Error>> + Send;

    /// `GET /v1/receipts?since=`.
    fn receipts(&self, since: u64) -> impl Future<Output = Result<ReceiptsPage, Self::Error>> + Send;

    /// `HEAD /v1/photos/{sha256}`: whether the bytes are already there.
    fn has_photo(&self, id: PhotoId) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// `POST /v1/photos` (tus creation).
    fn create_upload(
        &self,
        id: PhotoId,
        bytes: u64,
    ) -> impl Future<Output = Result<UploadPath, Self::Error>> + Send;

    /// `HEAD` of an upload: how many bytes are durably held.
    fn upload_offset(&self, upload: &UploadPath) -> impl Future<Output = Result<u64, Self::Error>> + Send;

    /// `PATCH` of an upload: the new offset. The last chunk answers only after the whole is durable and its
    /// hash fits.
    fn upload_chunk(
        &self,
        upload: &UploadPath,
        offset: u64,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}
