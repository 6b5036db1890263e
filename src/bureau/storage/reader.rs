//! A few read-only connections, used on blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::{StorageError, Stored, connect};

/// Short queries at the same time, phones' above all; more wait.
pub(super) const CONNECTIONS: usize = 4;
/// The console's lists and exports at the same time.
pub(super) const FOR_STAFF: usize = 3;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path, connections: usize) -> Stored<Self> {
        let open = |_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let idle = (0..connections).map(open).collect::<Stored<Vec<_>>>()?;
        Ok(Self { idle: Arc::new(Mutex::new(idle)), turns: Arc::new(Semaphore::new(connections)) })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StorageError::Closed)?;
        let idle = Arc::clone(&self.idle);
        let work = move || {
            // Until the connection is back: a caller who goes away does not end the query.
            let _turn = turn;
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

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    #[tokio::test]
    async fn queries_whose_callers_went_away_keep_their_turns_until_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any.sqlite3");
        let new = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        drop(connect(&path, new).unwrap());
        let readers = Arc::new(Readers::new(&path, CONNECTIONS).unwrap());
        let read = |query: Box<dyn FnOnce() -> u8 + Send>| {
            let readers = Arc::clone(&readers);
            tokio::spawn(async move { readers.run(move |_| Ok(query())).await })
        };
        let (begun, mut begins) = mpsc::unbounded_channel();
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            let (end, ends) = oneshot::channel::<()>();
            let begun = begun.clone();
            let slow = read(Box::new(move || {
                let _ = begun.send(());
                let _ = ends.blocking_recv();
                0
            }));
            begins.recv().await.unwrap();
            slow.abort();
            assert!(slow.await.unwrap_err().is_cancelled());
            held.push(end);
        }
        assert_eq!(readers.turns.available_permits(), 0, "every connection is lent");
        let next = read(Box::new(|| 7));
        tokio::task::yield_now().await;
        drop(held);
        assert_eq!(next.await.unwrap().unwrap(), 7);
    }
}
