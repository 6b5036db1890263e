//! Blobs that are durably held, and uploads on their way to become one. Their bytes are `photos`' business.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, named_params, params};
use uuid::Uuid;

use super::super::uploads::Limits;
use super::row::{digest, uuid};
use super::{Identity, Storage, StorageError, Stored, documents, receipts};
use crate::domain::id::{DeviceId, PhotoId};
use crate::fault;
use crate::wire::failure::Code;
use crate::wire::receipt::ReceiptKind;

/// An upload as it was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name in the address.
    pub id: Uuid,
    /// The phone that made it.
    pub device: DeviceId,
    /// The hash its bytes must have.
    pub blob: PhotoId,
    /// How many bytes.
    pub length: u64,
    /// When it is removed if nobody goes on with it, Unix milliseconds.
    pub end_ms: i64,
    /// Whether it became its blob.
    pub done: bool,
}

/// An upload to be created.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The upload.
    pub upload: Upload,
    /// Its `Upload-Metadata`, verbatim.
    pub metadata: String,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
}

/// Whether there was room for a new upload.
pub enum Admitted {
    /// It is there.
    Added,
    /// It is not.
    Refused {
        /// [`Code::UploadsOpen`], [`Code::UploadBytesOpen`] or [`Code::UploadsFull`].
        code: Code,
        /// Unfinished uploads of the same phone that it will not go on with; without them there may be room.
        useless: Vec<Uuid>,
    },
}

impl Storage {
    /// Keeps a new upload if the limits allow one more.
    pub async fn add_upload(&self, new: NewUpload, limits: Limits) -> Stored<Admitted> {
        self.write(move |db| add_upload(db, &new, &limits)).await
    }

    /// The upload of this name.
    pub async fn upload(&self, id: Uuid) -> Stored<Option<Upload>> {
        // A finished one whose photo turned out not to be held any more is no finished one.
        const SELECT: &str = "select id, device, blob, length, end_ms, done_ms is not null
            and exists (select 1 from blob where blob.id = upload.blob) as done from upload where id = ?";
        self.read(move |db| {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Upload {
                    id: uuid(row, "id")?,
                    device: DeviceId(uuid(row, "device")?),
                    blob: digest(row, "blob")?,
                    length: row.get::<_, i64>("length")?.unsigned_abs(),
                    end_ms: row.get("end_ms")?,
                    done: row.get("done")?,
                })
            };
            Ok(db.prepare_cached(SELECT)?.query_row([id.as_bytes()], row).optional()?)
        })
        .await
    }

    /// The `Upload-Metadata` an upload was created with, verbatim; empty without one.
    pub async fn upload_metadata(&self, id: Uuid) -> Stored<String> {
        self.read(move |db| {
            let mut query = db.prepare_cached("select metadata from upload where id = ?")?;
            Ok(query.query_row([id.as_bytes()], |row| row.get(0)).optional()?.unwrap_or_default())
        })
        .await
    }

    /// Gives an upload another end, Unix milliseconds.
    pub async fn move_upload_end(&self, id: Uuid, end_ms: i64) -> Stored<()> {
        self.write(move |db| {
            let mut update = db.prepare_cached("update upload set end_ms = ? where id = ?")?;
            update.execute(params![end_ms, id.as_bytes()])?;
            Ok(())
        })
        .await
    }

    /// Forgets an upload; harmless when there is none.
    pub async fn remove_upload(&self, id: Uuid) -> Stored<()> {
        self.write(move |db| {
            db.prepare_cached("delete from upload where id = ?")?.execute([id.as_bytes()])?;
            Ok(())
        })
        .await
    }

    /// The uploads whose end is not after a moment, Unix milliseconds.
    pub async fn uploads_ended(&self, now_ms: i64) -> Stored<Vec<Uuid>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("select id from upload where end_ms <= ?")?;
            let rows = query.query_map([now_ms], |row| uuid(row, "id"))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Whether a blob is held.
    pub async fn has_blob(&self, id: PhotoId) -> Stored<bool> {
        self.read(move |db| {
            let mut query = db.prepare_cached("select exists (select 1 from blob where id = ?)")?;
            Ok(query.query_row([id.0], |row| row.get(0))?)
        })
        .await
    }

    /// Notes that an upload became its blob, which is durably held, and completes the documents that waited for
    /// nothing else. The caller has synced the bytes before. The upload is remembered until `end_ms`, so that a
    /// lost last answer is not an error.
    pub async fn finish_upload(&self, upload: Upload, now_ms: i64, end_ms: i64) -> Stored<()> {
        const DONE: &str = "update upload set done_ms = ?, end_ms = ? where id = ? and done_ms is null";
        let identity = Arc::clone(&self.identity);
        let bytes = whole(upload.length)?;
        self.write(move |db| {
            db.prepare_cached(DONE)?.execute(params![now_ms, end_ms, upload.id.as_bytes()])?;
            put_blob(db, &identity, upload.blob, bytes, now_ms)
        })
        .await?;
        fault::point("bureau.blob.committed");
        Ok(())
    }
}

fn add_upload(db: &Connection, new: &NewUpload, limits: &Limits) -> Stored<Admitted> {
    const INSERT: &str = "insert into upload (id, device, blob, length, created_ms, end_ms, metadata)
        values (:id, :device, :blob, :length, :now, :end, :metadata)";
    let upload = &new.upload;
    if let Some(code) = refused(db, new, limits)? {
        return Ok(Admitted::Refused { code, useless: useless(db, upload)? });
    }
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":id": upload.id.as_bytes(),
        ":device": upload.device.0.as_bytes(),
        ":blob": upload.blob.0,
        ":length": whole(upload.length)?,
        ":now": new.now_ms,
        ":end": upload.end_ms,
        ":metadata": new.metadata,
    })?;
    Ok(Admitted::Added)
}

const OF_ALL: &str = "select count(*) from upload where done_ms is null and end_ms > ?";

/// Which limit one more upload would pass.
fn refused(db: &Connection, new: &NewUpload, limits: &Limits) -> Stored<Option<Code>> {
    const OF_DEVICE: &str = "select count(*), coalesce(sum(length), 0) from upload
        where device = ? and done_ms is null and end_ms > ?";
    let upload = &new.upload;
    let (count, bytes): (u32, i64) = db
        .prepare_cached(OF_DEVICE)?
        .query_row(params![upload.device.0.as_bytes(), new.now_ms], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if count >= limits.device_uploads {
        return Ok(Some(Code::UploadsOpen));
    }
    if bytes.unsigned_abs().saturating_add(upload.length) > limits.device_bytes {
        return Ok(Some(Code::UploadBytesOpen));
    }
    let all: u32 = db.prepare_cached(OF_ALL)?.query_row([new.now_ms], |row| row.get(0))?;
    Ok((all >= limits.uploads).then_some(Code::UploadsFull))
}

/// A phone's unfinished uploads that it will not go on with: an answer was lost and it began again, or the bytes
/// came another way.
fn useless(db: &Connection, upload: &Upload) -> Stored<Vec<Uuid>> {
    const SELECT: &str = "select id from upload u where device = :device and done_ms is null and (
        blob = :blob
        or exists (select 1 from blob b where b.id = u.blob)
        or exists (select 1 from upload n where n.device = u.device and n.blob = u.blob and n.rowid > u.rowid))";
    let mut query = db.prepare_cached(SELECT)?;
    let given = named_params! { ":device": upload.device.0.as_bytes(), ":blob": upload.blob.0 };
    let rows = query.query_map(given, |row| uuid(row, "id"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn whole(bytes: u64) -> Stored<i64> {
    i64::try_from(bytes).map_err(|e| StorageError::Broken(e.to_string()))
}

fn put_blob(db: &Connection, identity: &Identity, id: PhotoId, bytes: i64, now_ms: i64) -> Stored<()> {
    const WAITING: &str = "select n.document from document_blob n where n.blob = ? and not exists
        (select 1 from receipt r where r.document = n.document and r.complete = 1)";
    let added = db
        .prepare_cached("insert into blob (id, bytes, stored_ms) values (?, ?, ?) on conflict do nothing")?
        .execute(params![id.0, bytes, now_ms])?;
    if added == 0 {
        return Ok(());
    }
    fault::point("bureau.blob.in-transaction");
    let mut query = db.prepare_cached(WAITING)?;
    let waiting = query.query_map([id.0], |row| digest(row, "document"))?.collect::<Result<Vec<_>, _>>()?;
    for document in waiting {
        if documents::missing(db, document)?.is_empty() {
            receipts::issue(db, identity, document, ReceiptKind::Complete, now_ms)?;
        }
    }
    fault::point("bureau.blob.receipted");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::row::plan;
    use super::*;

    /// The writer asks at every creation, and finished ones are kept for a week.
    #[test]
    fn unfinished_uploads_are_counted_without_a_look_at_the_finished_ones() {
        assert_eq!(plan(OF_ALL), ["SEARCH upload USING COVERING INDEX upload_unfinished (end_ms>?)"]);
    }
}
