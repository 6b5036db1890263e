//! `PUT` and `GET /v1/{reports,inspections,sites}/{id}/{revision}`.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get as get_route, put as put_route};

use super::super::Bureau;
use super::super::error::Refusal;
use super::super::session::Session;
use super::body;
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::DocumentId;
use crate::wire::failure::Code;
use crate::wire::receipt::Stored;
use crate::wire::sealed::MAX_DOCUMENT_BYTES;

/// A document as a JSON string may double; the rest is for the sidecar.
const MAX_ENVELOPE_BYTES: usize = 2 * MAX_DOCUMENT_BYTES + 1024 * 1024;

/// `PUT` of one kind.
pub(super) fn taking(kind: DocumentKind) -> MethodRouter<Bureau> {
    put_route(move |session, path, headers, body| put(kind, session, path, headers, body))
}

/// `GET` of one kind.
pub(super) fn giving(kind: DocumentKind) -> MethodRouter<Bureau> {
    get_route(move |session, path| get(kind, session, path))
}

async fn put(
    kind: DocumentKind,
    session: Session,
    path: Named,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Stored>), Refusal> {
    let name = address(kind, path)?;
    let holder = session.holder()?;
    let (envelope, share) = body::text(session.bureau(), holder, &headers, body, MAX_ENVELOPE_BYTES).await?;
    // To its end even when the caller goes away: what is read, or waits for the writer, counts all that time.
    let work = async move {
        let taken = session.put_envelope(name, envelope).await;
        drop(share);
        taken
    };
    let taken = tokio::spawn(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))?;
    let status = if taken.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(taken.receipted)))
}

async fn get(kind: DocumentKind, session: Session, path: Named) -> Result<impl IntoResponse, Refusal> {
    let share = session.bureau().0.memory.share(session.holder()?);
    let envelope = session.get_envelope(address(kind, path)?).await?;
    Ok(([(CONTENT_TYPE, "application/json")], share.keep(envelope)?))
}

/// Id and revision in an address, which may be anything.
type Named = Result<Path<(String, String)>, PathRejection>;

fn address(kind: DocumentKind, path: Named) -> Result<DocumentName, Refusal> {
    let named = path.ok().and_then(|Path((id, revision))| {
        Some(DocumentName::new(kind, id.parse::<DocumentId>().ok()?, revision.parse().ok()?))
    });
    named.ok_or_else(|| {
        Refusal::new(Code::NotFound, format!("an address is /v1/{}/<uuid>/<number>", kind.plural()))
    })
}
