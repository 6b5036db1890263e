//! The phone's SQLite: encrypted, synchronous, the only copy of a record until the bureau has it.
//!
//! Every method that changes something is one transaction, durable when it returns.

pub mod draft;
pub mod error;
pub mod outbox;
pub mod record;
pub mod site;

use std::path::Path;

use rusqlite::Connection;

pub use error::{Error, OpenError};

/// The open database.
#[derive(Debug)]
pub struct Store {
    #[expect(dead_code, reason = "filled by the store work")]
    db: Connection,
}

impl Store {
    /// Opens or creates the database with a raw 256-bit SQLCipher key, migrating it if it is older.
    ///
    /// # Errors
    /// [`OpenError`]; in no case is anything deleted.
    pub fn open(_path: &Path, _key: &[u8; 32]) -> Result<Self, OpenError> {
        todo!()
    }

    /// A setting by name: JSON texts that upper layers own (`profile`, `settings`, `cursor`, …).
    ///
    /// # Errors
    /// [`Error`].
    pub fn setting(&self, _name: &str) -> Result<Option<String>, Error> {
        todo!()
    }

    /// Writes or (with `None`) removes a setting.
    ///
    /// # Errors
    /// [`Error`].
    pub fn put_setting(&mut self, _name: &str, _value: Option<&str>) -> Result<(), Error> {
        todo!()
    }
}
