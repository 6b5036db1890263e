//! Photos for logged-in staff: only blobs that a record within the account's townships names.

use std::io::{self, Read};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};

use super::Desk;
use super::enter::Visitor;
use super::page::Trouble;
use crate::bureau::auth;
use crate::bureau::photos::Blob;
use crate::domain::id::PhotoId;
use crate::media::{self, Kind};

/// What is left to read of a blob.
type Bytes = Box<dyn Read + Send>;

/// Long edge of a thumbnail in pixels: twice what a page shows, for fine screens.
const THUMBNAIL_EDGE: u32 = 360;

/// A larger photo is not made small: decoding takes its bytes, and more, at once. Copies have less than one of these.
const THUMBNAIL_MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Thumbnails made at once; more wait.
pub(super) const THUMBNAILS: usize = 2;
/// What tells the kind of a picture.
const HEAD: usize = 64;
/// Bytes read at once for a browser.
const PIECE: usize = 64 * 1024;

/// A browser may keep a picture for an hour, for this person only; its bytes never change.
const PRIVATE: &str = "private, max-age=3600";

pub(super) async fn full(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let id = allowed(&desk, &visitor, &name).await?;
    let Blob { length, bytes } = open(&desk, id).await?;
    let (head, bytes) = piece(bytes, HEAD).await.map_err(|error| broken(id, &error))?;
    // Named by what the bytes are; anything that is no picture is never shown, only saved.
    let (kind, shown, ending) = match Kind::of(&head) {
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
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    // Piece by piece as the browser takes it: an original may be as large as all the memory for bodies.
    let rest = stream::try_unfold(bytes, async |bytes| {
        let (piece, bytes) = piece(bytes, PIECE).await?;
        Ok::<_, io::Error>((!piece.is_empty()).then_some((piece, bytes)))
    });
    Ok((headers, Body::from_stream(stream::iter([Ok(head)]).chain(rest))).into_response())
}

pub(super) async fn thumbnail(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let id = allowed(&desk, &visitor, &name).await?;
    let turn = Arc::clone(&desk.thumbnails).acquire_owned().await.map_err(|_| Trouble::Broken)?;
    let Blob { length, mut bytes } = open(&desk, id).await?;
    if length > THUMBNAIL_MAX_BYTES {
        tracing::warn!(%id, length, "a photo is too large to be shown small; it can be opened as it is");
        return Err(Trouble::NotFound);
    }
    let shrink = move || {
        // Until it is done: a browser that goes away does not end it.
        let _turn = turn;
        let mut whole = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        bytes.read_to_end(&mut whole).map_err(|error| broken(id, &error))?;
        media::thumbnail(&whole, THUMBNAIL_EDGE).map_err(|error| {
            tracing::warn!(%error, %id, "a held blob is no picture");
            Trouble::NotFound
        })
    };
    let small = tokio::task::spawn_blocking(shrink).await.map_err(|_| Trouble::Broken)??;
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

/// A held blob, opened.
async fn open(desk: &Desk, id: PhotoId) -> Result<Blob, Trouble> {
    let blobs = desk.bureau.photos();
    let opened = tokio::task::spawn_blocking(move || blobs.open(id)).await.map_err(|_| Trouble::Broken)?;
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Trouble::NotFound,
        _ => broken(id, &error),
    })
}

fn broken(id: PhotoId, error: &io::Error) -> Trouble {
    tracing::error!(%error, %id, "a photo could not be read");
    Trouble::Broken
}

/// The next bytes, at most so many and none at the end, and what is left to read.
async fn piece(mut bytes: Bytes, most: usize) -> io::Result<(Vec<u8>, Bytes)> {
    let read = move || {
        let mut piece = Vec::with_capacity(most);
        bytes.by_ref().take(most as u64).read_to_end(&mut piece)?;
        Ok((piece, bytes))
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}
