//! Photos by tus 1.0 (core, creation, checksum), and `HEAD /v1/photos/{sha256}`.

use axum::body::Body;
use axum::extract::{OriginalUri, Path};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::super::error::Refusal;
use super::super::session::Session;
use super::super::uploads::{self, Checksum, Chunk};
use super::body;
use crate::domain::id::PhotoId;
use crate::wire::api::BureauApi as _;
use crate::wire::failure::Code;
use crate::wire::tus::{self, header};

/// `OPTIONS`: what is spoken here; needs neither token nor version.
pub(super) async fn options() -> impl IntoResponse {
    let max = uploads::MAX_BYTES.to_string();
    let said = [
        (header::VERSION, tus::VERSION.to_owned()),
        (header::EXTENSION, tus::EXTENSIONS.to_owned()),
        (header::MAX_SIZE, max),
        (header::CHECKSUM_ALGORITHM, tus::ALGORITHMS.to_owned()),
    ];
    (StatusCode::NO_CONTENT, said)
}

/// `POST /v1/photos`.
pub(super) async fn create(session: Session, headers: HeaderMap) -> Result<Response, Response> {
    version(&headers)?;
    let created = async {
        let length = number(&headers, header::LENGTH)?;
        let id = text(&headers, header::METADATA)
            .and_then(|metadata| tus::metadata_value(metadata, "sha256"))
            .and_then(|hash| hash.parse().ok())
            .ok_or_else(|| Refusal::new(Code::Unreadable, "Upload-Metadata needs sha256 in 64 hex digits"))?;
        session.create_upload(id, length).await
    };
    let path = created.await.map_err(Refusal::into_response)?;
    Ok((StatusCode::CREATED, [(LOCATION, path.0)]).into_response())
}

/// `HEAD` of an upload.
pub(super) async fn offset(
    session: Session,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Response> {
    version(&headers)?;
    let found = async {
        let upload = uploads::require(session.bureau(), session.device()?.id, uri.path()).await?;
        Ok((uploads::offset(session.bureau(), upload).await?, upload.length))
    };
    let (offset, length) = found.await.map_err(Refusal::into_response)?;
    let said = [(header::OFFSET, offset.to_string()), (header::LENGTH, length.to_string())];
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")], said).into_response())
}

/// `PATCH` of an upload.
pub(super) async fn patch(
    session: Session,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    version(&headers)?;
    if text(&headers, CONTENT_TYPE.as_str()) != Some(tus::OFFSET_OCTET_STREAM) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let written = async {
        let chunk = Chunk {
            offset: number(&headers, header::OFFSET)?,
            announced: body::announced(&headers),
            checksum: checksum(&headers)?,
        };
        let upload = uploads::require(session.bureau(), session.device()?.id, uri.path()).await?;
        uploads::write(session.bureau(), upload, chunk, Box::pin(body::pieces(body))).await
    };
    let offset = written.await.map_err(Refusal::into_response)?;
    Ok((StatusCode::NO_CONTENT, [(header::OFFSET, offset.to_string())]).into_response())
}

/// `HEAD /v1/photos/{sha256}`: ours, not tus'.
pub(super) async fn is_there(session: Session, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let Ok(id) = id.parse::<PhotoId>() else { return Ok(StatusCode::NOT_FOUND) };
    Ok(if session.has_photo(id).await? { StatusCode::OK } else { StatusCode::NOT_FOUND })
}

#[expect(clippy::result_large_err, reason = "the answer carries a header that no other refusal has")]
fn version(headers: &HeaderMap) -> Result<(), Response> {
    if text(headers, header::RESUMABLE) == Some(tus::VERSION) {
        return Ok(());
    }
    let refusal = Refusal::new(Code::ProtocolVersion, format!("send Tus-Resumable: {}", tus::VERSION));
    Err(([(header::VERSION, tus::VERSION)], refusal).into_response())
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Refusal> {
    let Some(value) = headers.get(header::CHECKSUM) else { return Ok(None) };
    let value = value.to_str().ok().and_then(tus::decode_checksum);
    let known = value.and_then(|(algorithm, expected)| Checksum::new(algorithm, expected));
    known.map(Some).ok_or_else(|| Refusal::new(Code::Unreadable, format!("checksums: {}", tus::ALGORITHMS)))
}

fn number(headers: &HeaderMap, name: &str) -> Result<u64, Refusal> {
    let number = text(headers, name).and_then(|value| value.parse().ok());
    number.ok_or_else(|| Refusal::new(Code::Unreadable, format!("{name} needs a number")))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
