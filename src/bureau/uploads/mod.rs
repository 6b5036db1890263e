//! Uploads at work: which bytes are held, who writes now, when an upload becomes a blob.
//!
//! One caller at a time touches an upload. A newcomer interrupts the one before it, whose connection most
//! likely broke without the bureau having noticed; what had arrived is kept.

mod limits;
mod places;
mod receive;
mod turn;

use std::io;
use std::sync::{PoisonError, RwLock};

use chrono::Utc;
use uuid::Uuid;

use super::Bureau;
use super::error::Refusal;
use super::photos::BlobStore;
use super::storage::uploads::{Admitted, NewUpload, Upload};
use crate::domain::id::{DeviceId, PhotoId};
use crate::fault;
use crate::wire::api::UploadPath;
use crate::wire::failure::Code;
use places::Places;
use receive::{receive, too_long};
use turn::{MyTurn, Turns};

pub use limits::{Limits, Patience};
pub(super) use receive::{Body, Checksum, Chunk};

const PREFIX: &str = "/v1/photos/uploads/";

/// The uploads of a bureau.
#[derive(Default)]
pub(super) struct Uploads {
    turns: Turns,
    places: Places,
    limits: RwLock<Limits>,
}

impl Uploads {
    /// The limits now.
    pub(super) fn limits(&self) -> Limits {
        *self.limits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other limits from now on.
    pub(super) fn set_limits(&self, limits: Limits) {
        *self.limits.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }
}

/// What a phone says of a new upload.
pub(super) struct Announced {
    /// The hash of the whole.
    pub(super) blob: PhotoId,
    /// Its length, bytes.
    pub(super) length: u64,
    /// Its `Upload-Metadata`, verbatim.
    pub(super) metadata: String,
}

/// The address of an upload.
pub(super) fn path(upload: Uuid) -> UploadPath {
    UploadPath(format!("{PREFIX}{upload}"))
}

/// Creates an upload.
pub(super) async fn create(
    bureau: &Bureau,
    device: DeviceId,
    announced: Announced,
) -> Result<Upload, Refusal> {
    let limits = bureau.0.uploads.limits();
    let Announced { blob, length, metadata } = announced;
    if length > limits.bytes {
        return Err(Refusal::new(Code::TooLarge, format!("a photo has at most {} bytes", limits.bytes)));
    }
    if length == 0 {
        return Err(Refusal::new(Code::HeaderWrong, "a photo has at least one byte"));
    }
    let now_ms = Utc::now().timestamp_millis();
    let upload = Upload { id: Uuid::new_v4(), device, blob, length, end_ms: limits.end(now_ms), done: false };
    // The row first: a crash in between leaves no file that nobody knows.
    admit(bureau, NewUpload { upload, metadata, now_ms }, &limits).await?;
    fault::point("bureau.upload.noted");
    let _turn = MyTurn::take(bureau, upload.id).await;
    if let Err(refusal) = disk(bureau, move |photos| photos.begin(upload.id)).await {
        bureau.storage().remove_upload(upload.id).await?;
        return Err(refusal);
    }
    // At a limit another creation may have removed it before there was a file; its phone hears so when it goes on.
    if bureau.storage().upload(upload.id).await?.is_none() {
        disk(bureau, move |photos| photos.discard(upload.id)).await?;
    }
    fault::point("bureau.upload.begun");
    Ok(upload)
}

/// At a limit, what the phone itself will not go on with gives way first: it never waits for lost answers.
async fn admit(bureau: &Bureau, new: NewUpload, limits: &Limits) -> Result<(), Refusal> {
    let Admitted::Refused { code, useless } = bureau.storage().add_upload(new.clone(), *limits).await? else {
        return Ok(());
    };
    if useless.is_empty() {
        return Err(full(code, limits));
    }
    for id in useless {
        remove(bureau, id).await?;
    }
    match bureau.storage().add_upload(new, *limits).await? {
        Admitted::Added => Ok(()),
        Admitted::Refused { code, .. } => Err(full(code, limits)),
    }
}

fn full(code: Code, limits: &Limits) -> Refusal {
    let detail = match code {
        Code::UploadsOpen => format!("a phone has at most {} unfinished uploads", limits.device_uploads),
        Code::UploadBytesOpen => {
            format!("the unfinished uploads of a phone have at most {} bytes", limits.device_bytes)
        }
        _ => format!("the bureau takes at most {} unfinished uploads", limits.uploads),
    };
    Refusal::new(code, format!("{detail}; nothing was lost, finish or delete one, or wait"))
}

/// The phone's own upload at this address.
pub(super) async fn require(bureau: &Bureau, device: DeviceId, path: &str) -> Result<Upload, Refusal> {
    let id = path.strip_prefix(PREFIX).and_then(|id| id.parse().ok()).ok_or_else(gone)?;
    let upload = bureau.storage().upload(id).await?.filter(|upload| upload.device == device);
    let now_ms = Utc::now().timestamp_millis();
    upload.filter(|upload| upload.done || upload.end_ms > now_ms).ok_or_else(gone)
}

fn gone() -> Refusal {
    Refusal::new(Code::UploadGone, "create the upload again")
}

/// How many bytes are durably held.
pub(super) async fn offset(bureau: &Bureau, upload: Upload) -> Result<u64, Refusal> {
    let mut turn = MyTurn::take(bureau, upload.id).await;
    let held = settle(bureau, upload, &mut turn).await?;
    turn.tell((held < upload.length).then_some(held));
    Ok(held)
}

/// What a chunk came to.
pub(super) struct Written {
    /// The new offset.
    pub(super) offset: u64,
    /// When the upload ends if nobody goes on with it, Unix milliseconds; none when it is finished.
    pub(super) end_ms: Option<i64>,
}

/// Adds a chunk; answers the new offset, after the last byte only when the blob is durable and noted. Runs to
/// its end even when the caller goes away, so that nothing that arrived is sent twice.
pub(super) async fn write(
    bureau: &Bureau,
    upload: Upload,
    chunk: Chunk,
    body: Body,
) -> Result<Written, Refusal> {
    let bureau = bureau.clone();
    let work = async move { write_here(&bureau, upload, chunk, body).await };
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))
}

async fn write_here(bureau: &Bureau, upload: Upload, chunk: Chunk, body: Body) -> Result<Written, Refusal> {
    let _place = bureau.0.uploads.places.take(upload.device, &bureau.0.uploads.limits())?;
    let mut turn = MyTurn::take(bureau, upload.id).await;
    let held = reached(bureau, upload, &mut turn, chunk.offset).await?;
    if held == upload.length {
        return Ok(Written { offset: held, end_ms: None });
    }
    // Already now: the request may take longer than there is left.
    let upload = Upload { end_ms: move_end(bureau, upload).await?, ..upload };
    if chunk.announced.is_some_and(|announced| announced > upload.length - held) {
        return Err(too_long());
    }
    let received = receive(bureau, upload, chunk, body, &mut turn).await;
    let now = settle(bureau, upload, &mut turn).await?;
    let end_ms = if now < upload.length { Some(move_end(bureau, upload).await?) } else { None };
    // What a broken connection brought is kept, but only the phone's next question will tell it.
    received?;
    turn.tell(None);
    Ok(Written { offset: now, end_ms })
}

/// The bytes held, which must be those that the sender counts on.
///
/// Of a request that broke off, the network may deliver the rest after the phone has asked what is held; then
/// more is held than the phone was told. Nobody was promised those bytes, so they go, and its word stands.
async fn reached(bureau: &Bureau, upload: Upload, turn: &mut MyTurn, offset: u64) -> Result<u64, Refusal> {
    let held = settle(bureau, upload, turn).await?;
    if held == offset {
        return Ok(held);
    }
    if held < upload.length && held > offset && turn.told() == Some(offset) {
        disk(bureau, move |photos| photos.cut(upload.id, offset)).await?;
        return Ok(offset);
    }
    Err(Refusal::new(Code::OffsetConflict, format!("{held} bytes are held")))
}

/// An upload that goes on ends later.
async fn move_end(bureau: &Bureau, upload: Upload) -> Result<i64, Refusal> {
    let (limits, now_ms) = (bureau.0.uploads.limits(), Utc::now().timestamp_millis());
    if !limits.worth_moving(upload.end_ms, now_ms) {
        return Ok(upload.end_ms);
    }
    bureau.storage().move_upload_end(upload.id, limits.end(now_ms)).await?;
    Ok(limits.end(now_ms))
}

/// Creates an upload and adds what comes with it. What arrived stays also when the connection breaks: then the
/// answer, should somebody hear it, says how much that is. Nothing is left behind when the bytes are refused.
pub(super) async fn create_with(
    bureau: &Bureau,
    device: DeviceId,
    announced: Announced,
    chunk: Chunk,
    body: Body,
) -> Result<(Upload, Written), Refusal> {
    let bureau = bureau.clone();
    let work = async move {
        let upload = create(&bureau, device, announced).await?;
        match write_here(&bureau, upload, chunk, body).await {
            Ok(written) => Ok((upload, written)),
            Err(Refusal { code: Code::TooSlow | Code::OffsetConflict | Code::Busy, .. }) => {
                let offset = offset(&bureau, upload).await?;
                Ok((upload, Written { offset, end_ms: Some(upload.end_ms) }))
            }
            Err(refusal) => {
                terminate(&bureau, upload).await?;
                Err(refusal)
            }
        }
    };
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Refusal::internal(error)))
}

/// Ends an upload; the blob that a finished one became stays.
pub(super) async fn terminate(bureau: &Bureau, upload: Upload) -> Result<(), Refusal> {
    remove(bureau, upload.id).await
}

async fn remove(bureau: &Bureau, id: Uuid) -> Result<(), Refusal> {
    let mut turn = MyTurn::take(bureau, id).await;
    turn.tell(None);
    disk(bureau, move |photos| photos.discard(id)).await?;
    Ok(bureau.storage().remove_upload(id).await?)
}

/// The bytes durably held; an upload that has all of them becomes its blob first, also when a crash came
/// between its last byte and that.
async fn settle(bureau: &Bureau, upload: Upload, turn: &mut MyTurn) -> Result<u64, Refusal> {
    if upload.done {
        return Ok(upload.length);
    }
    // A whole one is synced once, as the blob it becomes: `finish` does both.
    let at_rest = on_disk(bureau, move |photos| match photos.size(upload.id)? {
        size if size < upload.length => photos.held(upload.id).map(AtRest::Part),
        _ => photos.finish(upload.id, upload.blob).map(AtRest::Whole),
    });
    match at_rest.await? {
        Ok(AtRest::Part(held)) => return Ok(held),
        Ok(AtRest::Whole(true)) => {}
        Ok(AtRest::Whole(false)) => {
            turn.tell(None);
            bureau.storage().remove_upload(upload.id).await?;
            let other = "the whole has another hash than announced; create it again";
            return Err(Refusal::new(Code::ChecksumMismatch, other));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match on_disk(bureau, move |photos| photos.settle(upload.blob)).await? {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone()),
                settled => settled?,
            }
        }
        Err(error) => return Err(error.into()),
    }
    let now_ms = Utc::now().timestamp_millis();
    bureau.storage().finish_upload(upload, now_ms, bureau.0.uploads.limits().end(now_ms)).await?;
    Ok(upload.length)
}

/// What the disk holds of an upload, durably.
enum AtRest {
    /// So many bytes.
    Part(u64),
    /// Everything; whether it has the announced hash, and so is the blob now.
    Whole(bool),
}

/// Removes uploads that nobody went on with, and forgets those that are finished.
pub(super) async fn sweep(bureau: &Bureau) -> Result<(), Refusal> {
    let now_ms = Utc::now().timestamp_millis();
    for id in bureau.storage().uploads_ended(now_ms).await? {
        let mut turn = MyTurn::take(bureau, id).await;
        // Its phone may have gone on with it in between.
        if bureau.storage().upload(id).await?.is_some_and(|upload| upload.end_ms <= now_ms) {
            turn.tell(None);
            disk(bureau, move |photos| photos.discard(id)).await?;
            bureau.storage().remove_upload(id).await?;
        }
    }
    Ok(())
}

async fn disk<T: Send + 'static>(
    bureau: &Bureau,
    work: impl FnOnce(&dyn BlobStore) -> io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    Ok(on_disk(bureau, work).await??)
}

async fn on_disk<T: Send + 'static>(
    bureau: &Bureau,
    work: impl FnOnce(&dyn BlobStore) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, Refusal> {
    let photos = bureau.photos();
    tokio::task::spawn_blocking(move || work(&*photos)).await.map_err(Refusal::internal)
}

#[cfg(test)]
mod tests {
    use super::super::storage::setup::Fresh;
    use super::*;
    use crate::domain::id::Digest;

    #[tokio::test]
    async fn of_an_upload_whose_whole_was_refused_nothing_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let bureau = super::super::open(folder.path(), &Fresh::default()).unwrap();
        let (id, device) = (Uuid::from_u128(1), DeviceId(Uuid::from_u128(2)));
        let blob = Digest::of(b"announced");
        let upload = Upload { id, device, blob, length: 5, end_ms: i64::MAX, done: false };
        bureau.photos().begin(id).unwrap();
        assert_eq!(offset(&bureau, upload).await.unwrap(), 0);
        let remembered = || bureau.0.uploads.turns.remembered();
        assert_eq!(remembered(), 1, "what HEAD answered stands");
        let chunk = Chunk { offset: 0, announced: Some(5), checksum: None };
        let body = Box::pin(futures_util::stream::iter([Ok("other".into())]));
        let refused = write(&bureau, upload, chunk, body).await.err().unwrap();
        assert_eq!(refused.code, Code::ChecksumMismatch);
        assert_eq!(remembered(), 0);
    }
}
