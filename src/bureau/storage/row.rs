//! Turning columns into the ids and times of `domain`, and back.

use chrono::{DateTime, FixedOffset, Utc};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::id::Digest;

/// A column of 32 bytes.
pub(super) struct Bytes32(pub(super) [u8; 32]);

impl FromSql for Bytes32 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 32, blob_size: bytes.len() })
    }
}

/// A column with a UUID's 16 bytes.
pub(super) struct Id(pub(super) Uuid);

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        Uuid::from_slice(bytes)
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() })
    }
}

pub(super) fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    row.get::<_, Id>(column).map(|id| id.0)
}

pub(super) fn bytes32(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; 32]> {
    row.get::<_, Bytes32>(column).map(|bytes| bytes.0)
}

pub(super) fn digest(row: &Row<'_>, column: &str) -> rusqlite::Result<Digest> {
    bytes32(row, column).map(Digest)
}

/// A json column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(odd)
}

/// A time kept as RFC 3339 text. Also with a year that RFC 3339 does not have: documents may bring one, and a line
/// that cannot be read would take its whole page along.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<FixedOffset>> {
    let text: String = row.get(column)?;
    text.parse().map_err(odd)
}

/// Unix milliseconds in a zone.
pub(super) fn moment(ms: i64, zone: FixedOffset) -> DateTime<FixedOffset> {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default().with_timezone(&zone)
}

/// A stored value that this program would not have written.
pub(super) fn odd(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

/// How SQLite goes about a query, a step each.
#[cfg(test)]
pub(super) fn plan(sql: &str) -> Vec<String> {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    super::MIGRATIONS.iter().for_each(|script| db.execute_batch(script).unwrap());
    let mut query = db.prepare(&format!("explain query plan {sql}")).unwrap();
    let nothing = vec![rusqlite::types::Null; query.parameter_count()];
    let steps = query.query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail")).unwrap();
    steps.map(Result::unwrap).collect()
}
