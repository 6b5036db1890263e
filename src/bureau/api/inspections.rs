//! `PUT` and `GET /v1/inspections/{id}/{revision}`.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use super::super::error::Refusal;
use super::super::session::Session;
use super::body;
use crate::domain::id::InspectionId;
use crate::wire::failure::Code;
use crate::wire::receipt::Stored;
use crate::wire::sealed::MAX_DOCUMENT_BYTES;

/// A document as a JSON string may double; the rest is for the sidecar.
const MAX_ENVELOPE_BYTES: usize = 2 * MAX_DOCUMENT_BYTES + 1024 * 1024;

pub(super) async fn put(
    session: Session,
    Path((id, revision)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Stored>), Refusal> {
    let (id, revision) = address(&id, &revision)?;
    let envelope = body::text(session.bureau(), &headers, body, MAX_ENVELOPE_BYTES).await?;
    let taken = session.put_envelope(id, revision, envelope).await?;
    let status = if taken.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(taken.receipted)))
}

pub(super) async fn get(
    session: Session,
    Path((id, revision)): Path<(String, String)>,
) -> Result<impl IntoResponse, Refusal> {
    let (id, revision) = address(&id, &revision)?;
    let envelope = session.get_envelope(id, revision).await?;
    Ok(([(CONTENT_TYPE, "application/json")], envelope))
}

fn address(id: &str, revision: &str) -> Result<(InspectionId, u32), Refusal> {
    match (id.parse(), revision.parse()) {
        (Ok(id), Ok(revision)) => Ok((id, revision)),
        _ => Err(Refusal::new(Code::NotFound, "an address is /v1/inspections/<uuid>/<number>")),
    }
}
