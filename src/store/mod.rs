//! The phone's SQLite: encrypted, synchronous, the only copy of a record until the bureau has it.
//!
//! Every method that changes something is one transaction, durable when it returns. No clock, no thread, no file
//! but the database and its key check; nothing here deletes a record.

mod answer;
mod column;
pub mod draft;
pub mod error;
pub mod finder;
pub mod fold;
pub mod hands;
pub mod index;
mod keycheck;
pub mod lost;
mod migrate;
mod open;
pub mod outbox;
mod photo;
pub mod practice;
pub mod receipts;
pub mod record;
pub mod report;
pub mod review;
pub mod search;
mod seek;
pub mod site;
mod visits;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

pub use error::{Error, OpenError};

/// The open database.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    finder: finder::Finder,
}

/// Version of the phone's schema, as written by this app.
pub const SCHEMA: u32 = migrate::KNOWN;

impl Store {
    /// Opens or creates the database with a raw 256-bit SQLCipher key, migrating it if it is older.
    ///
    /// Beside it lies `<path>.check`, which tells a wrong key from a damaged file.
    ///
    /// # Errors
    /// [`OpenError`]; in no case is anything deleted.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, OpenError> {
        open::open(path, key).map(|db| Self { db, finder: finder::Finder::default() })
    }

    /// A setting by name: JSON texts that upper layers own (`profile`, `settings`, `cursor`, …).
    ///
    /// # Errors
    /// [`Error`].
    pub fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let mut query = self.db.prepare_cached("select body from setting where name = ?1")?;
        Ok(query.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Writes or (with `None`) removes a setting.
    ///
    /// # Errors
    /// [`Error`].
    pub fn put_setting(&mut self, name: &str, value: Option<&str>) -> Result<(), Error> {
        let change = self.change()?;
        match value {
            Some(value) => write_setting(&change, name, value)?,
            None => remove_setting(&change, name)?,
        }
        Ok(change.commit()?)
    }

    /// A transaction that takes the write lock at once, so that it cannot fail half-way for want of it.
    fn change(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

fn write_setting(db: &Connection, name: &str, value: &str) -> Result<(), Error> {
    const PUT: &str = "insert into setting (name, body) values (?1, ?2)
        on conflict (name) do update set body = excluded.body";
    db.prepare_cached(PUT)?.execute([name, value])?;
    Ok(())
}

fn remove_setting(db: &Connection, name: &str) -> Result<(), Error> {
    db.prepare_cached("delete from setting where name = ?1")?.execute([name])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// The worker asks these at every step, under the one lock of the store.
    #[test]
    fn what_is_asked_of_every_record_is_read_without_its_long_texts() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("phone.db"), &[1; 32]).unwrap();
        let planned = [&outbox::PLANNED[..], &receipts::PLANNED, &record::PLANNED, &visits::PLANNED].concat();
        for (sql, part) in planned {
            let mut query = store.db.prepare(&format!("explain query plan {sql}")).unwrap();
            let nothing = vec![rusqlite::types::Null; query.parameter_count()];
            let read = query.query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail")).unwrap();
            let plan: Vec<String> = read.map(Result::unwrap).collect();
            assert!(plan.iter().any(|step| step.contains(part)), "{part}, {sql}: {plan:#?}");
        }
    }

    /// Here and not with the other claims, because only the connection itself can be told where the disk ends.
    #[test]
    fn a_full_disk_says_so_and_costs_nothing_that_was_stored() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("phone.db");
        let mut store = Store::open(&path, &[1; 32]).unwrap();
        let pages: u32 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.db.pragma_update_and_check(None, "max_page_count", pages + 20, |_| Ok(())).unwrap();
        let text = Uuid::nil().to_string().repeat(100);
        let (stored, refused) = (0..)
            .find_map(|n| store.put_setting(&n.to_string(), Some(&text)).err().map(|error| (n, error)))
            .unwrap();
        assert!(matches!(refused, Error::Full), "{refused:?}");
        assert!(stored > 5);
        store.put_setting("0", None).unwrap();
        store.put_setting("small", Some("fits again")).unwrap();
        drop(store);
        let store = Store::open(&path, &[1; 32]).unwrap();
        for n in 1..stored {
            assert_eq!(store.setting(&n.to_string()).unwrap().as_ref(), Some(&text), "{n} of {stored}");
        }
        assert_eq!(store.setting(&stored.to_string()).unwrap(), None);
        assert_eq!(store.setting("small").unwrap().as_deref(), Some("fits again"));
    }
}
