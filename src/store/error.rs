//! What can go wrong, by what the caller does about it.

use std::path::PathBuf;

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
    Io(#[from] std::io::Error),
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
