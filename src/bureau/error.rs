//! Refusals: every failure towards a phone, as a problem document with a stable code.

use std::io;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::storage::StorageError;
use crate::wire::PROBLEM_JSON;
use crate::wire::failure::{Code, Failure};

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
        Self { code, detail: detail.into(), retry_after: code.retry_after() }
    }

    /// Logs the cause and tells the phone only that it is ours.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a call failed");
        Self::new(Code::Internal, "the bureau failed; nothing was changed, send it again later")
    }
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
        let failure = Failure::new(self.code, self.detail);
        let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
