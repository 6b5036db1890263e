//! Blobs that are durably held, and uploads on their way to become one. Their bytes are `photos`' business.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, named_params, params};
use uuid::Uuid;

use super::row::{digest, uuid};
use super::{Identity, Storage, StorageError, Stored, documents, receipts};
use crate::domain::id::{DeviceId, PhotoId};
use crate::fault;
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
}

impl Storage {
    /// Keeps a new upload.
    pub async fn add_upload(&self, upload: Upload, now_ms: i64) -> Stored<()> {
        const INSERT: &str = "insert into upload (id, device, blob, length, created_ms)
            values (:id, :device, :blob, :length, :now)";
        let length = whole(upload.length)?;
        self.write(move |db| {
            db.prepare_cached(INSERT)?.execute(named_params! {
                ":id": upload.id.as_bytes(),
                ":device": upload.device.0.as_bytes(),
                ":blob": upload.blob.0,
                ":length": length,
                ":now": now_ms,
            })?;
            Ok(())
        })
        .await
    }

    /// The upload of this name.
    pub async fn upload(&self, id: Uuid) -> Stored<Option<Upload>> {
        const SELECT: &str = "select id, device, blob, length from upload where id = ?";
        self.read(move |db| {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Upload {
                    id: uuid(row, "id")?,
                    device: DeviceId(uuid(row, "device")?),
                    blob: digest(row, "blob")?,
                    length: row.get::<_, i64>("length")?.unsigned_abs(),
                })
            };
            Ok(db.prepare_cached(SELECT)?.query_row([id.as_bytes()], row).optional()?)
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

    /// The uploads created before a moment, Unix milliseconds.
    pub async fn uploads_before(&self, created_ms: i64) -> Stored<Vec<Uuid>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("select id from upload where created_ms < ?")?;
            let rows = query.query_map([created_ms], |row| uuid(row, "id"))?;
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

    /// Notes that a blob is durably held, and completes the documents that waited for nothing else. The caller
    /// has synced the bytes before.
    pub async fn put_blob(&self, id: PhotoId, bytes: u64, now_ms: i64) -> Stored<()> {
        let identity = Arc::clone(&self.identity);
        let bytes = whole(bytes)?;
        self.write(move |db| put_blob(db, &identity, id, bytes, now_ms)).await?;
        fault::point("bureau.blob.committed");
        Ok(())
    }
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
