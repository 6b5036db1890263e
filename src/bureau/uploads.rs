//! Uploads at work: which bytes are held, who writes now, when an upload becomes a blob.
//!
//! One caller at a time touches an upload. A newcomer interrupts the one before it, whose connection most
//! likely broke without the bureau having noticed; what had arrived is kept.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use chrono::Utc;
use futures_util::{Stream, StreamExt as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedMutexGuard, watch};
use uuid::Uuid;

use super::Bureau;
use super::error::Refusal;
use super::photos::BlobStore;
use super::storage::uploads::Upload;
use crate::domain::id::{DeviceId, PhotoId};
use crate::fault;
use crate::wire::api::UploadPath;
use crate::wire::failure::Code;

/// The largest photo taken; a 120-megapixel original stays under it.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// Uploads not finished after this time are removed.
const KEEP_MS: i64 = 7 * 24 * 3600 * 1000;

/// Bytes gathered before they go to the disk.
const PIECE: usize = 256 * 1024;

const PREFIX: &str = "/v1/photos/uploads/";

/// The bytes of a request, already watched for stalling.
pub(super) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Refusal>> + Send>>;

/// What a `PATCH` says of itself.
pub(super) struct Chunk {
    /// Where it goes on.
    pub(super) offset: u64,
    /// Its length, when known beforehand.
    pub(super) announced: Option<u64>,
    /// What its bytes must hash to.
    pub(super) checksum: Option<Checksum>,
}

/// A running hash and what it must come to.
pub(super) enum Checksum {
    /// SHA-1, which tus asks every server for.
    Sha1(Sha1, Vec<u8>),
    /// SHA-256.
    Sha256(Sha256, Vec<u8>),
}

impl Checksum {
    /// By the algorithm's name in tus.
    pub(super) fn new(algorithm: &str, expected: Vec<u8>) -> Option<Self> {
        match algorithm {
            "sha1" => Some(Self::Sha1(Sha1::new(), expected)),
            "sha256" => Some(Self::Sha256(Sha256::new(), expected)),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn fits(self) -> bool {
        match self {
            Self::Sha1(hash, expected) => hash.finalize().as_slice() == expected,
            Self::Sha256(hash, expected) => hash.finalize().as_slice() == expected,
        }
    }
}

/// Whose turn it is, per upload.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Uuid, Arc<Turn>>>);

struct Turn {
    lock: Arc<tokio::sync::Mutex<()>>,
    newcomers: watch::Sender<u64>,
}

struct MyTurn {
    bureau: Bureau,
    upload: Uuid,
    turn: Arc<Turn>,
    newcomers: watch::Receiver<u64>,
    lock: Option<OwnedMutexGuard<()>>,
}

impl MyTurn {
    /// Interrupts whoever has the turn, and waits for it to put down its pen.
    async fn take(bureau: &Bureau, upload: Uuid) -> Self {
        let turn = {
            let mut turns = bureau.0.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Turn { lock: Arc::default(), newcomers: watch::Sender::new(0) });
            Arc::clone(turns.entry(upload).or_insert_with(new))
        };
        turn.newcomers.send_modify(|count| *count += 1);
        let lock = Arc::clone(&turn.lock).lock_owned().await;
        let newcomers = turn.newcomers.subscribe();
        Self { bureau: bureau.clone(), upload, turn, newcomers, lock: Some(lock) }
    }

    async fn interrupted(&mut self) {
        if self.newcomers.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for MyTurn {
    fn drop(&mut self) {
        self.lock.take();
        let mut turns = self.bureau.0.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody else holds it but the map, and nobody can come to while the map is locked.
        if Arc::strong_count(&self.turn) == 2 {
            turns.remove(&self.upload);
        }
    }
}

/// The address of an upload.
pub(super) fn path(upload: Uuid) -> UploadPath {
    UploadPath(format!("{PREFIX}{upload}"))
}

/// Creates an upload.
pub(super) async fn create(
    bureau: &Bureau,
    device: DeviceId,
    blob: PhotoId,
    length: u64,
) -> Result<Uuid, Refusal> {
    if length > MAX_BYTES {
        return Err(Refusal::new(Code::TooLarge, format!("a photo has at most {MAX_BYTES} bytes")));
    }
    if length == 0 {
        return Err(Refusal::new(Code::Unreadable, "a photo has at least one byte"));
    }
    let upload = Upload { id: Uuid::new_v4(), device, blob, length };
    disk(bureau, move |photos| photos.begin(upload.id)).await?;
    fault::point("bureau.upload.begun");
    bureau.storage().add_upload(upload, Utc::now().timestamp_millis()).await?;
    fault::point("bureau.upload.noted");
    Ok(upload.id)
}

/// The phone's own upload at this address.
pub(super) async fn require(bureau: &Bureau, device: DeviceId, path: &str) -> Result<Upload, Refusal> {
    let id = path.strip_prefix(PREFIX).and_then(|id| id.parse().ok()).ok_or_else(gone)?;
    let upload = bureau.storage().upload(id).await?;
    upload.filter(|upload| upload.device == device).ok_or_else(gone)
}

fn gone() -> Refusal {
    Refusal::new(Code::UploadGone, "create the upload again")
}

/// How many bytes are durably held.
pub(super) async fn offset(bureau: &Bureau, upload: Upload) -> Result<u64, Refusal> {
    let _turn = MyTurn::take(bureau, upload.id).await;
    settle(bureau, upload).await
}

/// Adds a chunk; answers the new offset, after the last byte only when the blob is durable and noted. Runs to
/// its end even when the caller goes away, so that nothing that arrived is sent twice.
pub(super) async fn write(bureau: &Bureau, upload: Upload, chunk: Chunk, body: Body) -> Result<u64, Refusal> {
    let bureau = bureau.clone();
    let work = async move {
        let mut turn = MyTurn::take(&bureau, upload.id).await;
        let held = settle(&bureau, upload).await?;
        if held != chunk.offset {
            return Err(Refusal::new(Code::OffsetConflict, format!("{held} bytes are held")));
        }
        if held == upload.length {
            return Ok(held);
        }
        if chunk.announced.is_some_and(|announced| announced > upload.length - held) {
            return Err(too_long());
        }
        let received = receive(&bureau, upload, chunk, body, &mut turn).await;
        let now = settle(&bureau, upload).await?;
        // What a broken connection brought is kept, but only the phone's next question will tell it.
        received.map(|()| now)
    };
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))
}

fn too_long() -> Refusal {
    Refusal::new(Code::TooLarge, "more bytes than announced; none of these were kept")
}

async fn receive(
    bureau: &Bureau,
    upload: Upload,
    chunk: Chunk,
    mut body: Body,
    turn: &mut MyTurn,
) -> Result<(), Refusal> {
    let mut at = chunk.offset;
    let mut checksum = chunk.checksum;
    loop {
        let (piece, end) = gather(&mut body, turn).await;
        if let Some(checksum) = &mut checksum {
            checksum.update(&piece);
        }
        let after = at + piece.len() as u64;
        if after > upload.length {
            disk(bureau, move |photos| photos.cut(upload.id, chunk.offset)).await?;
            return Err(too_long());
        }
        append(bureau, upload.id, at, piece).await?;
        fault::point("bureau.upload.appended");
        at = after;
        match end {
            End::More => {}
            End::Whole if checksum.is_none_or(Checksum::fits) => return Ok(()),
            End::Whole => {
                disk(bureau, move |photos| photos.cut(upload.id, chunk.offset)).await?;
                return Err(Refusal::new(Code::ChecksumMismatch, "the chunk was not kept; send it again"));
            }
            End::Cut(refusal) => return Err(refusal),
        }
    }
}

enum End {
    More,
    Whole,
    Cut(Refusal),
}

/// Bytes for one write to the disk, and what comes after them.
async fn gather(body: &mut Body, turn: &mut MyTurn) -> (Vec<u8>, End) {
    let mut piece = Vec::new();
    while piece.len() < PIECE {
        let next = tokio::select! {
            // What has arrived is taken before the turn is given up.
            biased;
            next = body.next() => next,
            () = turn.interrupted() => {
                Some(Err(Refusal::new(Code::OffsetConflict, "the upload goes on over another connection")))
            }
        };
        match next {
            Some(Ok(bytes)) => piece.extend_from_slice(&bytes),
            Some(Err(refusal)) => return (piece, End::Cut(refusal)),
            None => return (piece, End::Whole),
        }
    }
    (piece, End::More)
}

/// All or none of the piece.
async fn append(bureau: &Bureau, upload: Uuid, at: u64, piece: Vec<u8>) -> Result<(), Refusal> {
    if piece.is_empty() {
        return Ok(());
    }
    disk(bureau, move |photos| {
        photos.append(upload, at, &piece).inspect_err(|_| {
            if let Err(error) = photos.cut(upload, at) {
                tracing::error!(%error, "a half-written piece could not be taken back");
            }
        })
    })
    .await
}

/// The bytes durably held; an upload that has all of them becomes its blob first, also when a crash came
/// between its last byte and that.
async fn settle(bureau: &Bureau, upload: Upload) -> Result<u64, Refusal> {
    let held = tokio_disk(bureau, move |photos| photos.held(upload.id)).await?;
    match held {
        Ok(held) if held < upload.length => return Ok(held),
        Ok(_) => finish(bureau, upload).await?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let there = tokio_disk(bureau, move |photos| photos.open(upload.blob)).await?;
            there.map_err(|_| gone())?;
        }
        Err(error) => return Err(error.into()),
    }
    bureau.storage().put_blob(upload.blob, upload.length, Utc::now().timestamp_millis()).await?;
    Ok(upload.length)
}

async fn finish(bureau: &Bureau, upload: Upload) -> Result<(), Refusal> {
    if disk(bureau, move |photos| photos.finish(upload.id, upload.blob)).await? {
        return Ok(());
    }
    bureau.storage().remove_upload(upload.id).await?;
    Err(Refusal::new(Code::ChecksumMismatch, "the whole has another hash than announced; create it again"))
}

/// Removes uploads that nobody went on with.
pub(super) async fn sweep(bureau: &Bureau) -> Result<(), Refusal> {
    for id in bureau.storage().uploads_before(Utc::now().timestamp_millis() - KEEP_MS).await? {
        let _turn = MyTurn::take(bureau, id).await;
        disk(bureau, move |photos| photos.discard(id)).await?;
        bureau.storage().remove_upload(id).await?;
    }
    Ok(())
}

async fn disk<T: Send + 'static>(
    bureau: &Bureau,
    work: impl FnOnce(&dyn BlobStore) -> io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    Ok(tokio_disk(bureau, work).await??)
}

async fn tokio_disk<T: Send + 'static>(
    bureau: &Bureau,
    work: impl FnOnce(&dyn BlobStore) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, Refusal> {
    let photos = bureau.photos();
    tokio::task::spawn_blocking(move || work(&*photos)).await.map_err(Refusal::internal)
}
