//! Refusals: every failure towards a phone, as a problem document with a stable code.

use std::io;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::storage::StorageError;
use crate::wire::PROBLEM_JSON;
use crate::wire::failure::{Code, Failure};
use crate::wire::tus::CHECKSUM_MISMATCH;

/// Why a phone's call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// What the phone acts on.
    pub code: Code,
    /// What happened to the data and what to do next.
    pub detail: String,
    /// Seconds to wait.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = (code == Code::Busy).then_some(2);
        Self { code, detail: detail.into(), retry_after }
    }

    /// Logs the cause and tells the phone only that it is ours.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a call failed");
        Self::new(Code::Internal, "the bureau failed; nothing was changed, send it again later")
    }

    /// Status and title of the code.
    fn kind(&self) -> (StatusCode, &'static str) {
        match self.code {
            Code::CodeWrong => (StatusCode::FORBIDDEN, "no such enrolment code"),
            Code::CodeExpired => (StatusCode::FORBIDDEN, "the enrolment code has ended"),
            Code::CodeUsed => (StatusCode::FORBIDDEN, "the enrolment code was used by another phone"),
            Code::TooManyTries => (StatusCode::TOO_MANY_REQUESTS, "too many tries"),
            Code::NotEnrolled => (StatusCode::UNAUTHORIZED, "not enrolled"),
            Code::Revoked => (StatusCode::FORBIDDEN, "this phone was withdrawn"),
            Code::NotYours => (StatusCode::FORBIDDEN, "another phone's"),
            Code::NotFound => (StatusCode::NOT_FOUND, "not found"),
            Code::Unreadable => (StatusCode::UNPROCESSABLE_ENTITY, "cannot be read"),
            Code::SealWrong => (StatusCode::UNPROCESSABLE_ENTITY, "the seal does not fit"),
            Code::AddressMismatch => (StatusCode::BAD_REQUEST, "not what the address says"),
            Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Code::OffsetConflict => (StatusCode::CONFLICT, "another offset"),
            Code::ChecksumMismatch => (checksum_mismatch(), "the checksum does not fit"),
            Code::UploadGone => (StatusCode::NOT_FOUND, "no such upload"),
            Code::ProtocolVersion => (StatusCode::PRECONDITION_FAILED, "not a version spoken here"),
            Code::StorageFull => (StatusCode::INSUFFICIENT_STORAGE, "the bureau's disk is full"),
            Code::Busy => (StatusCode::SERVICE_UNAVAILABLE, "the bureau cannot keep up"),
            Code::Internal | Code::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "the bureau failed"),
        }
    }
}

fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(CHECKSUM_MISMATCH).expect("460 is a status")
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy | StorageError::Closed => {
                Self::new(Code::Busy, "nothing was stored; send it again in a moment")
            }
            StorageError::Full => storage_full(),
            other => Self::internal(other),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => storage_full(),
            _ => Self::internal(error),
        }
    }
}

fn storage_full() -> Refusal {
    tracing::error!("the disk is full");
    Refusal::new(Code::StorageFull, "nothing was stored; the phone keeps everything and sends it again later")
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title) = self.kind();
        let code = serde_json::to_value(self.code).ok();
        let code = code.as_ref().and_then(|code| code.as_str()).unwrap_or("internal");
        let failure = Failure {
            kind: format!("urn:xieguan:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: self.code,
            detail: self.detail,
        };
        let body = serde_json::to_vec(&failure).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
