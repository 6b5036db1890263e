//! How values lie in columns: ids and digests as blobs, documents as JSON, moments as RFC 3339 with offset.

use chrono::{DateTime, FixedOffset};
use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use uuid::Uuid;

use super::Error;
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{Digest, DocumentId};

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}

/// A JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, Error> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)?)
}

/// A JSON column that may be null.
pub(super) fn json_option<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, Error> {
    match get::<Option<String>>(row, column)? {
        Some(text) => Ok(Some(serde_json::from_str(&text)?)),
        None => Ok(None),
    }
}

/// A moment, its offset kept.
pub(super) fn moment(row: &Row<'_>, column: &str) -> Result<DateTime<FixedOffset>, Error> {
    let text: String = get(row, column)?;
    DateTime::parse_from_rfc3339(&text).map_err(|bad| Error::Stored(serde_json::Error::custom(bad)))
}

/// A moment that may be null.
pub(super) fn moment_option(row: &Row<'_>, column: &str) -> Result<Option<DateTime<FixedOffset>>, Error> {
    match get::<Option<String>>(row, column)? {
        Some(_) => moment(row, column).map(Some),
        None => Ok(None),
    }
}

pub(super) fn get<T: FromSql>(row: &Row<'_>, column: &str) -> Result<T, Error> {
    Ok(row.get(column)?)
}

pub(super) fn uuid(row: &Row<'_>, column: &str) -> Result<Uuid, Error> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

pub(super) fn digest(row: &Row<'_>, column: &str) -> Result<Digest, Error> {
    Ok(Digest(row.get(column)?))
}

/// SQLite counts to 2⁶³ only; no file is that long.
pub(super) fn to_size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

pub(super) fn size(row: &Row<'_>, column: &str) -> Result<u64, Error> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

/// A document's name from the columns `form`, `record` and `revision`; the schema lets no other form in.
pub(super) fn name(row: &Row<'_>) -> Result<DocumentName, Error> {
    let kind = DocumentKind::of_number(get(row, "form")?).unwrap_or(DocumentKind::Inspection);
    Ok(DocumentName::new(kind, DocumentId(uuid(row, "record")?), get(row, "revision")?))
}
