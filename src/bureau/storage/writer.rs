//! The writer thread: commands wait in a bounded queue and are committed in batches.
//!
//! A batch is one transaction with a savepoint per command, so that one command's failure leaves the others'
//! work alone, and one fsync serves all. A reply is sent only after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{StorageError, Stored};

/// Commands that may wait; more are refused.
const QUEUE: usize = 1024;
/// Commands in one transaction.
const BATCH: usize = 256;

/// A command with the place its answer goes to.
trait Job: Send {
    /// Does the work; why it is not to be kept.
    fn run(&mut self, db: &Connection) -> Result<(), Failed>;
    /// Sends the answer, after the commit.
    fn answer(self: Box<Self>, committed: Result<(), Failed>);
}

/// What is told to every command of a batch that was not committed.
#[derive(Clone, Debug)]
enum Failed {
    Busy,
    Full,
    Broken(String),
}

impl From<&StorageError> for Failed {
    fn from(error: &StorageError) -> Self {
        match error {
            StorageError::Busy => Self::Busy,
            StorageError::Full => Self::Full,
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::from(&StorageError::from(error))
    }
}

impl From<Failed> for StorageError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Busy => Self::Busy,
            Failed::Full => Self::Full,
            Failed::Broken(text) => Self::Broken(text),
        }
    }
}

struct Command<T, F> {
    work: Option<F>,
    result: Stored<T>,
    to: oneshot::Sender<Stored<T>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Stored<T> + Send> Job for Command<T, F> {
    fn run(&mut self, db: &Connection) -> Result<(), Failed> {
        if let Some(work) = self.work.take() {
            // A bug in one command must not end the writer for everybody.
            self.result = catch_unwind(AssertUnwindSafe(|| work(db)))
                .unwrap_or_else(|_| Err(StorageError::Broken("a command panicked".to_owned())));
        }
        self.result.as_ref().map(|_| ()).map_err(Failed::from)
    }

    fn answer(self: Box<Self>, committed: Result<(), Failed>) {
        let result = match committed {
            Ok(()) => self.result,
            Err(failed) => Err(failed.into()),
        };
        // Whoever asked may have hung up; the work is durable all the same.
        let _ = self.to.send(result);
    }
}

/// The door to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns the connection.
    pub(super) fn start(db: Connection) -> Stored<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("bureau-writer".to_owned())
            .spawn(move || serve(&db, &jobs))
            .map_err(|e| StorageError::Broken(e.to_string()))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a command and waits until it is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let (to, answer) = oneshot::channel();
        let job = Command { work: Some(work), result: Err(StorageError::Closed), to };
        {
            let queue = self.queue.lock().map_err(|_| StorageError::Closed)?;
            let queue = queue.as_ref().ok_or(StorageError::Closed)?;
            queue.try_send(Box::new(job)).map_err(|error| match error {
                TrySendError::Full(_) => StorageError::Busy,
                TrySendError::Disconnected(_) => StorageError::Closed,
            })?;
        }
        answer.await.unwrap_or(Err(StorageError::Closed))
    }

    /// Takes nothing more and waits until what is queued is durable.
    pub(super) fn close(&self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread ended in a panic");
        }
    }
}

fn serve(db: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        let committed = commit(db, &mut batch, jobs);
        if let Err(failed) = &committed {
            tracing::error!(?failed, commands = batch.len(), "a batch was not committed");
            if !db.is_autocommit() && db.execute_batch("rollback").is_err() {
                tracing::error!("the failed batch could not be rolled back");
            }
        }
        for job in batch {
            job.answer(committed.clone());
        }
    }
}

fn commit(
    db: &Connection,
    batch: &mut Vec<Box<dyn Job>>,
    jobs: &Receiver<Box<dyn Job>>,
) -> Result<(), Failed> {
    db.prepare_cached("begin immediate")?.execute([])?;
    let mut next = 0;
    while next < batch.len() {
        one(db, &mut batch[next])?;
        next += 1;
        if batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
    }
    db.prepare_cached("commit")?.execute([])?;
    Ok(())
}

fn one(db: &Connection, job: &mut Box<dyn Job>) -> Result<(), Failed> {
    db.prepare_cached("savepoint command")?.execute([])?;
    if let Err(failed) = job.run(db) {
        if db.is_autocommit() {
            // Disk full and the like may make SQLite give up the whole transaction, the others' work with it.
            return Err(failed);
        }
        db.prepare_cached("rollback to command")?.execute([])?;
    }
    db.prepare_cached("release command")?.execute([])?;
    Ok(())
}
