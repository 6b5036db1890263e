//! The writer thread: commands wait in a bounded queue and are committed in batches.
//!
//! A batch is one transaction with a savepoint per command, so that one command's failure leaves the others'
//! work alone, and one fsync serves all. A reply is sent only after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{StorageError, Stored};

/// Commands that may wait; more are refused.
pub(super) const QUEUE: usize = 1024;
/// Commands in one transaction.
const BATCH: usize = 256;
/// How long readers are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(2);

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

/// What the writer did since it started.
#[derive(Debug, Default)]
pub(super) struct Counts {
    queued: AtomicU64,
    commands: AtomicU64,
    batches: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// [`Counts`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Commands that were in batches, whatever became of them.
    pub commands: u64,
    /// Batches begun.
    pub batches: u64,
    /// Commands refused because the queue was full.
    pub refused: u64,
    /// Batches that could not be committed.
    pub failed: u64,
}

/// The door to the writer thread.
pub(super) struct Writer {
    counts: Arc<Counts>,
    queue: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns the connection.
    pub(super) fn start(db: Connection, waiting: usize) -> Stored<Self> {
        let (queue, jobs) = sync_channel(waiting);
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let work = move || {
            serve(&db, &jobs, &counting);
            settle(&db);
        };
        let thread = std::thread::Builder::new().name("bureau-writer".to_owned()).spawn(work);
        let thread = thread.map_err(|e| StorageError::Broken(e.to_string()))?;
        Ok(Self { counts, queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Commands that wait or are being worked on.
    pub(super) fn waiting(&self) -> u64 {
        let counts = &*self.counts;
        counts.queued.load(Ordering::Relaxed).saturating_sub(counts.commands.load(Ordering::Relaxed))
    }

    /// What it did so far.
    pub(super) fn written(&self) -> Written {
        let at = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &*self.counts;
        Written {
            commands: at(&counts.commands),
            batches: at(&counts.batches),
            refused: at(&counts.refused),
            failed: at(&counts.failed),
        }
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
                TrySendError::Full(_) => {
                    self.counts.refused.fetch_add(1, Ordering::Relaxed);
                    StorageError::Busy
                }
                TrySendError::Disconnected(_) => StorageError::Closed,
            })?;
            self.counts.queued.fetch_add(1, Ordering::Relaxed);
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

fn serve(db: &Connection, jobs: &Receiver<Box<dyn Job>>, counts: &Counts) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        let committed = commit(db, &mut batch, jobs);
        counts.batches.fetch_add(1, Ordering::Relaxed);
        counts.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
        if let Err(failed) = &committed {
            counts.failed.fetch_add(1, Ordering::Relaxed);
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

/// Moves what was committed from the log into the database file, so that a copy of the folder is small and whole.
/// What cannot be moved is not lost: the next start finds it in the log.
fn settle(db: &Connection) {
    let moved = db
        .busy_timeout(LAST_WAIT)
        .and_then(|()| db.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0)));
    match moved {
        Ok(0) => {}
        Ok(_) => tracing::info!("somebody still reads; the log is kept for the next start"),
        Err(error) => tracing::warn!(%error, "the log is kept for the next start"),
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A writer over a table of whole numbers; a number below zero makes the commit fail.
    #[expect(clippy::disallowed_methods, reason = "a database of the test's own")]
    fn writer() -> (Writer, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let db = Connection::open(folder.path().join("writer.sqlite")).unwrap();
        let schema = "pragma journal_mode = wal; pragma foreign_keys = on;
            create table positive (n integer primary key) strict;
            create table number (n integer primary key, p integer references positive deferrable initially deferred) strict;";
        db.execute_batch(schema).unwrap();
        (Writer::start(db, QUEUE).unwrap(), folder)
    }

    fn add(db: &Connection, n: i64) -> Stored<i64> {
        let stranger = (n < 0).then_some(n);
        db.prepare_cached("insert into number values (?, ?)")?.execute(rusqlite::params![n, stranger])?;
        Ok(n)
    }

    /// Runs commands that all wait before the first of them ends, so that they are one batch.
    fn batch(writer: &Writer, commands: Vec<fn(&Connection) -> Stored<i64>>) -> Vec<Stored<i64>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (go, gone) = mpsc::channel();
        let holder = writer.run(move |_| {
            gone.recv().unwrap();
            Ok(0)
        });
        let all = futures_util::future::join_all(commands.into_iter().map(|command| writer.run(command)));
        let started = async { go.send(()).unwrap() };
        // The order of polling: the holder is queued, then all others, then it is let go.
        let (_, results, ()) = runtime.block_on(async { tokio::join!(holder, all, started) });
        results
    }

    fn held(writer: &Writer) -> Vec<i64> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let all = writer.run(|db| {
            let mut query = db.prepare("select n from number order by n")?;
            let rows = query.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        });
        runtime.block_on(all).unwrap()
    }

    #[test]
    fn a_command_that_fails_or_panics_leaves_the_others_of_its_batch_alone() {
        let (writer, _folder) = writer();
        let results = batch(
            &writer,
            vec![
                |db| add(db, 1),
                |db| {
                    add(db, 2)?;
                    add(db, 1)
                },
                |db| {
                    add(db, 3)?;
                    panic!("a bug in one command")
                },
                |db| add(db, 4),
            ],
        );
        assert!(matches!(results[..], [Ok(1), Err(_), Err(_), Ok(4)]), "{results:?}");
        assert_eq!(held(&writer), [1, 4]);
        assert_eq!(writer.written().batches, 2);
        writer.close();
    }

    #[test]
    fn a_batch_whose_commit_fails_is_acknowledged_to_nobody_and_the_next_one_is_well() {
        let (writer, _folder) = writer();
        let results = batch(&writer, vec![|db| add(db, 1), |db| add(db, -1), |db| add(db, 2)]);
        assert!(results.iter().all(Result::is_err), "{results:?}");
        assert!(held(&writer).is_empty());
        assert_eq!(writer.written().failed, 1);
        let results = batch(&writer, vec![|db| add(db, 1), |db| add(db, 2)]);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(held(&writer), [1, 2]);
    }

    #[test]
    fn what_was_queued_before_the_close_is_durable_after_it_and_nothing_is_taken_any_more() {
        let (writer, folder) = writer();
        let results = batch(&writer, vec![|db| add(db, 1), |db| add(db, 2)]);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        writer.close();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert!(matches!(runtime.block_on(writer.run(|db| add(db, 3))), Err(StorageError::Closed)));
        let log = std::fs::metadata(folder.path().join("writer.sqlite-wal"));
        assert_eq!(log.map_or(0, |log| log.len()), 0);
    }
}
