//! Uploads at work: which bytes are held, who writes now, when an upload becomes a blob.
//!
//! One caller at a time touches an upload. A newcomer interrupts the one before it, whose connection most
//! likely broke without the bureau having noticed; what had arrived is kept.

mod receive;
mod turn;

use std::io;

use chrono::Utc;
use uuid::Uuid;

use super::Bureau;
use super::error::Refusal;
use super::photos::BlobStore;
use super::storage::uploads::Upload;
use crate::domain::id::{DeviceId, PhotoId};
use crate::fault;
use crate::wire::api::UploadPath;
use crate::wire::failure::Code;
use receive::{receive, too_long};
use turn::MyTurn;

pub(super) use receive::{Body, Checksum, Chunk};
pub(super) use turn::Turns;

/// The largest photo taken; a 120-megapixel original stays under it.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// Uploads not finished after this time are removed.
const KEEP_MS: i64 = 7 * 24 * 3600 * 1000;

const PREFIX: &str = "/v1/photos/uploads/";

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
