//! What can go wrong, by what the caller does about it.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE,
    SQLITE_IOERR_SHMSIZE,
};

/// Why the database is not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key does not open it (SQLCipher reports a wrong key like corruption); nothing was touched.
    #[error("the key does not open the database; nothing was touched")]
    CannotUnlock,
    /// Damaged beyond reading although the key is right; renamed aside, never deleted.
    #[error("the database is damaged and was kept at {kept}")]
    Corrupt {
        /// Where the damaged file is now.
        kept: PathBuf,
    },
    /// Written by a newer app; nothing was touched.
    #[error("the database is of version {found}, this app knows up to {known}")]
    Newer {
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// No room on the phone.
    #[error("no room on the phone")]
    Full,
    /// Anything else.
    #[error("database: {0}")]
    Sql(rusqlite::Error),
    /// The file system.
    #[error("file: {0}")]
    Io(std::io::Error),
}

/// Why a call failed; nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such draft, record, site or photo.
    #[error("not found")]
    NotFound,
    /// It exists already.
    #[error("exists already")]
    Exists,
    /// No room on the phone.
    #[error("no room on the phone")]
    Full,
    /// A stored text cannot be read.
    #[error("a stored document cannot be read: {0}")]
    Stored(#[from] serde_json::Error),
    /// Anything else.
    #[error("database: {0}")]
    Sql(rusqlite::Error),
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Sql(error) }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|sqlite| sqlite.extended_code) {
            _ if is_full(&error) => Self::Full,
            // Foreign keys here always lead to what the caller named: a draft, sheet or document.
            Some(SQLITE_CONSTRAINT_FOREIGNKEY) => Self::NotFound,
            Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) => Self::Exists,
            _ => Self::Sql(error),
        }
    }
}

/// SQLite says “full” for a write without room, and this I/O error when there is none for the WAL's index.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|sqlite| {
        sqlite.code == ErrorCode::DiskFull || sqlite.extended_code == SQLITE_IOERR_SHMSIZE
    })
}

/// Whether the bytes make no sense under the key: damage, or the wrong key.
pub(super) fn is_unreadable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}
