//! The bureau's SQLite database: the only place of this layer with SQL.
//!
//! One writer thread takes commands from a bounded queue and commits them in batches (see `writer`); readers
//! are a small pool of read-only connections on blocking threads. Nothing here knows HTTP.

mod writer;
mod reader;
mod row;
pub mod setup;
pub mod enrolment;
pub mod changes;
pub mod documents;
pub mod receipts;
pub mod uploads;
pub mod accounts;
pub mod decisions;
pub mod inbox;
pub mod reports;
pub mod export;
pub mod said;
pub mod seed;
pub mod backup;
pub mod certificates;
pub mod phones;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use reader::Readers;
use writer::Writer;

pub use setup::Identity;
pub use writer::Written;

/// Schema files in order; `user_version` counts those that ran.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/bureau/001_init.sql"),
    include_str!("../../../migrations/bureau/002_path.sql"),
];

/// File name of the database in the data folder.
pub const DATABASE: &str = "bureau.sqlite";

/// Why the database did not do it. Nothing of the failed command was kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The queue is full; try again in a moment.
    #[error("too many writes are waiting")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// It is there already.
    #[error("it exists already")]
    Exists,
    /// A newer program wrote the file; it is left untouched.
    #[error("the database is of version {0}, newer than this program")]
    Newer(i64),
    /// The thread that does it has ended.
    #[error("the database is closed")]
    Closed,
    /// Anything else.
    #[error("the database failed: {0}")]
    Broken(String),
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Broken(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StorageError {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("a stored json text: {error}"))
    }
}

/// The result of everything here.
pub type Stored<T> = Result<T, StorageError>;

/// The database, shared by clones.
#[derive(Clone)]
pub struct Storage {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    for_staff: Arc<Readers>,
    identity: Arc<Identity>,
}

impl Storage {
    /// Opens the database in this folder, making both when they are not there; `fresh` says how a new bureau
    /// is called and whether it is a demo. Blocking.
    ///
    /// # Errors
    /// [`StorageError::Newer`] for a file of a newer program, [`StorageError::Broken`] otherwise.
    pub fn open(folder: &Path, fresh: &setup::Fresh) -> Stored<Self> {
        Self::open_with_queue(folder, fresh, writer::QUEUE)
    }

    /// As [`Storage::open`], with so many commands that may wait.
    #[doc(hidden)]
    pub fn open_with_queue(folder: &Path, fresh: &setup::Fresh, waiting: usize) -> Stored<Self> {
        super::folder::make(folder).map_err(|e| StorageError::Broken(e.to_string()))?;
        let path = folder.join(DATABASE);
        let mut db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        migrate(&mut db)?;
        let identity = setup::identity_or_new(&mut db, fresh)?;
        let readers = Arc::new(Readers::new(&path, reader::CONNECTIONS)?);
        let for_staff = Arc::new(Readers::new(&path, reader::FOR_STAFF)?);
        let writer = Arc::new(Writer::start(db, waiting)?);
        Ok(Self { writer, readers, for_staff, identity: Arc::new(identity) })
    }

    /// Who this bureau is, with its secrets.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Finishes what was accepted, takes nothing more. Blocking.
    pub fn close(&self) {
        self.writer.close();
    }

    /// Commands that wait or are being worked on.
    pub fn waiting(&self) -> u64 {
        self.writer.waiting()
    }

    /// What the writer did since the start.
    pub fn written(&self) -> Written {
        self.writer.written()
    }

    /// Runs a command in the writer's next batch; returns after the commit is durable.
    async fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.writer.run(command).await
    }

    /// As [`Storage::read`], for what the console lists and exports: that may take long, and phones do not wait for
    /// it.
    async fn read_for_staff<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.for_staff.run(query).await
    }

    /// Runs a query on a blocking thread, within one read transaction.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.readers.run(query).await
    }

    /// Limits the database's size in pages, so that a test can fill the disk; zero lifts the limit.
    #[doc(hidden)]
    pub async fn limit_pages(&self, pages: u32) -> Stored<()> {
        self.write(move |db| {
            let used: u32 = db.query_row("pragma page_count", [], |row| row.get(0))?;
            let limit = if pages == 0 { u32::MAX - 1 } else { used + pages };
            Ok(db.query_row(&format!("pragma max_page_count = {limit}"), [], |_| Ok(()))?)
        })
        .await
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Stored<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Another process may write too: `bureau enrol` beside `bureau serve`.
    db.busy_timeout(Duration::from_secs(10))?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

fn migrate(db: &mut Connection) -> Stored<()> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("pragma user_version", [], |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(StorageError::Newer(version));
    }
    for script in &MIGRATIONS[done..] {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::domain::id::{CoordinatorId, DeviceId};

    #[tokio::test]
    async fn phones_are_answered_however_many_slow_pages_the_console_reads() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path(), &setup::Fresh::default()).unwrap();
        let (begun, begins) = mpsc::channel();
        let mut held = Vec::new();
        let mut pages = Vec::new();
        for _ in 0..2 * (reader::CONNECTIONS + reader::FOR_STAFF) {
            let (end, ends) = mpsc::channel::<()>();
            let (storage, begun) = (storage.clone(), begun.clone());
            let slow = move |_: &Connection| {
                let _ = begun.send(());
                let _ = ends.recv();
                Ok(())
            };
            pages.push(tokio::spawn(async move { storage.read_for_staff(slow).await }));
            held.push(end);
        }
        let all_begun =
            tokio::task::spawn_blocking(move || (0..reader::FOR_STAFF).for_each(|_| begins.recv().unwrap()));
        all_begun.await.unwrap();
        let (device, coordinator) = (DeviceId(uuid::Uuid::nil()), CoordinatorId(uuid::Uuid::nil()));
        let phone = async {
            assert_eq!(storage.device_by_token([7; 32]).await.unwrap(), None);
            assert!(!storage.changes_since(device, coordinator, 0).await.unwrap().changes.is_empty());
            assert_eq!(storage.receipts_since(device, 0).await.unwrap().receipts, []);
        };
        tokio::time::timeout(Duration::from_secs(60), phone).await.unwrap();
        drop(held);
        for page in pages {
            page.await.unwrap().unwrap();
        }
    }
}
