//! Photos by tus 1.0 (core, creation, creation with upload, checksum, expiration, termination), and
//! `HEAD /v1/photos/{sha256}`.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{OriginalUri, Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::super::Bureau;
use super::super::error::Refusal;
use super::super::session::Session;
use super::super::storage::uploads::Upload;
use super::super::uploads::{self, Chunk, Written};
use super::{body, tus};
use crate::domain::id::PhotoId;
use crate::wire::api::BureauApi as _;
use crate::wire::failure::Code;
use crate::wire::tus::{ALGORITHMS, EXTENSIONS, VERSION, header};

/// `OPTIONS`: what is spoken here; needs neither token nor version.
pub(super) async fn options(State(bureau): State<Bureau>) -> impl IntoResponse {
    let said = [
        (header::VERSION, VERSION.to_owned()),
        (header::EXTENSION, EXTENSIONS.to_owned()),
        (header::MAX_SIZE, bureau.0.uploads.limits().bytes.to_string()),
        (header::CHECKSUM_ALGORITHM, ALGORITHMS.to_owned()),
    ];
    (StatusCode::NO_CONTENT, said)
}

/// `POST /v1/photos`, with the first bytes or without.
pub(super) async fn create(session: Session, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    let (bureau, device) = (session.bureau(), session.device()?.id);
    let announced = tus::announced(&headers)?;
    let (upload, written) = if tus::brings_bytes(&headers)? {
        let chunk =
            Chunk { offset: 0, announced: body::announced(&headers), checksum: tus::checksum(&headers)? };
        let body = Box::pin(body::pieces(body, bureau.0.uploads.limits().patience));
        uploads::create_with(bureau, device, announced, chunk, body).await?
    } else {
        let upload = uploads::create(bureau, device, announced).await?;
        (upload, Written { offset: 0, end_ms: Some(upload.end_ms) })
    };
    let location = [(LOCATION, uploads::path(upload.id).0)];
    Ok((StatusCode::CREATED, location, tus::progress(&written)).into_response())
}

/// `POST` of an upload, by a sender that can say its method in a header only.
pub(super) async fn overridden(
    session: Session,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    match tus::text(&headers, header::METHOD_OVERRIDE) {
        Some("PATCH") => patch(session, uri, headers, body).await,
        Some("DELETE") => delete(session, uri).await,
        Some("HEAD") => offset(session, uri).await,
        _ => Err(Refusal::new(Code::WrongMethod, "an upload takes HEAD, PATCH and DELETE")),
    }
}

/// `HEAD` of an upload.
pub(super) async fn offset(session: Session, OriginalUri(uri): OriginalUri) -> Result<Response, Refusal> {
    let upload = own(&session, uri.path()).await?;
    let offset = uploads::offset(session.bureau(), upload).await?;
    let end_ms = (offset < upload.length).then_some(upload.end_ms);
    let metadata = session.bureau().storage().upload_metadata(upload.id).await?;
    let mut length = vec![(header::LENGTH, upload.length.to_string())];
    if !metadata.is_empty() {
        length.push((header::METADATA, metadata));
    }
    let length = AppendHeaders(length);
    let progress = tus::progress(&Written { offset, end_ms });
    Ok((StatusCode::OK, length, progress).into_response())
}

/// `PATCH` of an upload.
pub(super) async fn patch(
    session: Session,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    tus::require_bytes(&headers)?;
    let chunk = Chunk {
        offset: tus::number(&headers, header::OFFSET)?,
        announced: body::announced(&headers),
        checksum: tus::checksum(&headers)?,
    };
    let upload = own(&session, uri.path()).await?;
    let body = body::pieces(body, session.bureau().0.uploads.limits().patience);
    let written = uploads::write(session.bureau(), upload, chunk, Box::pin(body)).await?;
    Ok((StatusCode::NO_CONTENT, tus::progress(&written)).into_response())
}

/// `DELETE` of an upload.
pub(super) async fn delete(session: Session, OriginalUri(uri): OriginalUri) -> Result<Response, Refusal> {
    let upload = own(&session, uri.path()).await?;
    uploads::terminate(session.bureau(), upload).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn own(session: &Session, path: &str) -> Result<Upload, Refusal> {
    uploads::require(session.bureau(), session.device()?.id, path).await
}

/// `HEAD /v1/photos/{sha256}`: ours, not tus'.
pub(super) async fn is_there(
    session: Session,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Refusal> {
    let id = id.ok().and_then(|Path(id)| id.parse::<PhotoId>().ok());
    let Some(id) = id else { return Ok(StatusCode::NOT_FOUND) };
    Ok(if session.has_photo(id).await? { StatusCode::OK } else { StatusCode::NOT_FOUND })
}
