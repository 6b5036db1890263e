//! A few read-only connections, used on blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::{StorageError, Stored, connect};

/// Queries at the same time; more wait.
const CONNECTIONS: usize = 4;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Semaphore,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Stored<Self> {
        let open = |_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let idle = (0..CONNECTIONS).map(open).collect::<Stored<Vec<_>>>()?;
        Ok(Self { idle: Arc::new(Mutex::new(idle)), turns: Semaphore::new(CONNECTIONS) })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let _turn = self.turns.acquire().await.map_err(|_| StorageError::Closed)?;
        let idle = Arc::clone(&self.idle);
        let work = move || {
            let db = Lent { db: take(&idle), idle };
            let db = db.db.as_ref().ok_or(StorageError::Closed)?;
            // One transaction, so that a page and its cursor are of the same moment.
            let transaction = db.unchecked_transaction()?;
            let result = query(&transaction);
            transaction.finish()?;
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|_| Err(StorageError::Broken("a query panicked".to_owned())))
    }
}

fn take(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    idle.lock().ok()?.pop()
}

/// Goes back to the pool also when a query panics.
struct Lent {
    db: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(db), Ok(mut idle)) = (self.db.take(), self.idle.lock()) {
            idle.push(db);
        }
    }
}
