//! The headers of tus 1.0: read as hostile, written as the specification asks.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use chrono::DateTime;

use super::super::error::Refusal;
use super::super::uploads::{Announced, Checksum, Written};
use crate::domain::id::PhotoId;
use crate::wire::failure::Code;
use crate::wire::tus::{
    ALGORITHMS, MAX_METADATA, OFFSET_OCTET_STREAM, VERSION, decode_checksum, header, metadata_value,
};

/// Around every answer below `/photos`: asks for the version, except of `OPTIONS`, and says it; no answer to `HEAD`
/// may be cached. Our own question for a photo by its hash is not tus', and is not asked for a version.
pub(super) async fn spoken(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/photos" && !path.starts_with("/photos/uploads") {
        return next.run(request).await;
    }
    let asks = request.method() == Method::HEAD;
    let fits = text(request.headers(), header::RESUMABLE) == Some(VERSION);
    let mut response = if fits || request.method() == Method::OPTIONS {
        next.run(request).await
    } else {
        let refusal = Refusal::new(Code::ProtocolVersion, format!("send Tus-Resumable: {VERSION}"));
        (AppendHeaders([(header::VERSION, VERSION)]), refusal).into_response()
    };
    let name = HeaderName::from_static(header::RESUMABLE);
    response.headers_mut().insert(name, HeaderValue::from_static(VERSION));
    if asks {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// What a creation announces.
pub(super) fn announced(headers: &HeaderMap) -> Result<Announced, Refusal> {
    for not_offered in [header::DEFER_LENGTH, header::CONCAT] {
        if headers.contains_key(not_offered) {
            return Err(wrong(format!("{not_offered} is not offered; send Upload-Length")));
        }
    }
    let metadata = text(headers, header::METADATA).unwrap_or_default();
    let blob: Option<PhotoId> = metadata_value(metadata, "sha256").and_then(|hash| hash.parse().ok());
    let blob = blob.ok_or_else(|| {
        wrong(format!(
            "Upload-Metadata needs sha256, its 64 hex digits in base64, in {MAX_METADATA} bytes at most"
        ))
    })?;
    Ok(Announced { blob, length: number(headers, header::LENGTH)?, metadata: metadata.to_owned() })
}

/// Whether a creation brings bytes of the upload, which then must say so.
pub(super) fn brings_bytes(headers: &HeaderMap) -> Result<bool, Refusal> {
    let empty = match text(headers, CONTENT_LENGTH.as_str()) {
        Some(length) => length == "0",
        None => !headers.contains_key(TRANSFER_ENCODING),
    };
    if empty { Ok(false) } else { require_bytes(headers).map(|()| true) }
}

/// The media type of bytes of an upload.
pub(super) fn require_bytes(headers: &HeaderMap) -> Result<(), Refusal> {
    match text(headers, CONTENT_TYPE.as_str()) {
        Some(OFFSET_OCTET_STREAM) => Ok(()),
        _ => Err(Refusal::new(Code::MediaType, format!("nothing was kept; send {OFFSET_OCTET_STREAM}"))),
    }
}

/// `Upload-Checksum`, when there is one.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Refusal> {
    let Some(value) = headers.get(header::CHECKSUM) else { return Ok(None) };
    let value = value.to_str().ok().and_then(decode_checksum);
    let known = value.and_then(|(algorithm, expected)| Checksum::new(algorithm, expected));
    known.map(Some).ok_or_else(|| wrong(format!("checksums: {ALGORITHMS}, in base64")))
}

/// A header that is a whole number.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Result<u64, Refusal> {
    let digits = text(headers, name).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|value| value.parse().ok()).ok_or_else(|| wrong(format!("{name} needs a whole number")))
}

/// A header that is plain text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn wrong(detail: String) -> Refusal {
    Refusal::new(Code::HeaderWrong, detail)
}

/// Where an upload stands, and when it ends if nobody goes on with it.
pub(super) fn progress(written: &Written) -> AppendHeaders<Vec<(HeaderName, String)>> {
    let mut said = vec![(HeaderName::from_static(header::OFFSET), written.offset.to_string())];
    let end = written.end_ms.and_then(DateTime::from_timestamp_millis);
    // RFC 9110's date, as RFC 7231 had it.
    let end = end.map(|end| end.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    said.extend(end.map(|end| (HeaderName::from_static(header::EXPIRES), end)));
    AppendHeaders(said)
}
