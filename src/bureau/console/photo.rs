//! Photos for logged-in staff: only blobs that a record within the account's townships names.

use std::io::Read as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::Desk;
use super::enter::Visitor;
use super::page::Trouble;
use crate::bureau::auth;
use crate::domain::id::PhotoId;
use crate::media::{self, Kind};

/// Long edge of a thumbnail in pixels: twice what a page shows, for fine screens.
const THUMBNAIL_EDGE: u32 = 360;

/// A browser may keep a picture for an hour, for this person only; its bytes never change.
const PRIVATE: &str = "private, max-age=3600";

pub(super) async fn full(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let id = allowed(&desk, &visitor, &name).await?;
    let bytes = read(&desk, id).await?;
    // Named by what the bytes are; anything that is no picture is never shown, only saved.
    let (kind, shown, ending) = match Kind::of(&bytes) {
        Ok(Kind::Jpeg) => ("image/jpeg", "inline", "jpg"),
        Ok(Kind::Png) => ("image/png", "inline", "png"),
        Ok(Kind::Webp) => ("image/webp", "inline", "webp"),
        Err(_) => ("application/octet-stream", "attachment", "bin"),
    };
    let file = format!("{shown}; filename=\"{}.{ending}\"", &id.to_string()[..16]);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, PRIVATE.to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn thumbnail(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let id = allowed(&desk, &visitor, &name).await?;
    let bytes = read(&desk, id).await?;
    let small = tokio::task::spawn_blocking(move || media::thumbnail(&bytes, THUMBNAIL_EDGE)).await;
    let small = small.map_err(|_| Trouble::Broken)?.map_err(|error| {
        tracing::warn!(%error, %id, "a held blob is no picture");
        Trouble::NotFound
    })?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, PRIVATE)], small).into_response())
}

/// The blob's name, when a record that the account may see names it.
async fn allowed(desk: &Desk, visitor: &Visitor, name: &str) -> Result<PhotoId, Trouble> {
    let id: PhotoId = name.parse().map_err(|_| Trouble::NotFound)?;
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let records = desk.bureau.storage().records_of_blob(id).await?;
    let may = records.iter().any(|(_, township)| auth::sees(account, &township.code));
    if may { Ok(id) } else { Err(Trouble::NotFound) }
}

/// All bytes of a held blob.
pub(super) async fn read(desk: &Desk, id: PhotoId) -> Result<Vec<u8>, Trouble> {
    let blobs = desk.bureau.photos();
    let read = move || {
        let mut blob = blobs.open(id)?;
        let mut bytes = Vec::with_capacity(usize::try_from(blob.length).unwrap_or(0));
        blob.bytes.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = tokio::task::spawn_blocking(read).await.map_err(|_| Trouble::Broken)?;
    bytes.map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Trouble::NotFound;
        }
        tracing::error!(%error, %id, "a photo could not be read");
        Trouble::Broken
    })
}
