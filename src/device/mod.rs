//! Everything on this phone behind one asynchronous door: store, photos, keys, clock, worker.
//!
//! Named methods only; each change is durable when its future is ready. Screens never see the store.

pub mod begin;
pub mod clock;
pub mod enrol;
pub mod error;
pub mod habits;
pub mod hands;
pub mod keys;
mod last;
pub mod new_site;
pub mod outbox;
pub mod photo;
pub mod platform;
pub mod practice;
pub mod report;
pub mod sending;
pub mod storage;
pub mod round;
pub mod site;
pub mod visit;
pub mod work;

mod finish;
mod keep;
pub mod returned;
pub mod finished;
mod network;
mod open;
mod session;
mod vault;

use std::future::poll_fn;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use tokio::sync::watch;

pub use error::{EnrolError, Error, NoTicket, OpenError};

// What the screens match on; they name no other layer for it.
pub use crate::media::Refused;
pub use crate::store::OpenError as StoreOpenError;
pub use crate::wire::failure::Code;
pub use crate::wire::ticket::{BadTicket, Ticket};

use network::to_the_end;

use crate::domain::id::DeviceId;
use crate::media::folder::SealedFolder;
use crate::store::Store;
use crate::store::finder::Finder;
use crate::sync::worker::Standing;

/// What the platform gives a device.
pub struct Setup {
    /// The app's private folder.
    pub folder: PathBuf,
    /// The platform's key store.
    pub keys: Box<dyn keys::KeyStore>,
    /// The clock.
    pub clock: Arc<dyn clock::Clock>,
}

/// This phone. Cheap to clone.
#[derive(Clone)]
pub struct Device {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    secrets: vault::Secrets,
    clock: Arc<dyn clock::Clock>,
    store: Arc<Mutex<Store>>,
    finder: Finder,
    photos: Arc<SealedFolder>,
    changed: Arc<watch::Sender<u64>>,
    standing: Arc<watch::Sender<Standing>>,
    network: Mutex<network::Network>,
    link: Mutex<sending::Link>,
    sessions: Mutex<session::Sessions>,
    thumbnails: Mutex<photo::Thumbnails>,
    taking: Arc<photo::Taking>,
    patrols: Mutex<Arc<round::Patrols>>,
    /// Held by one writer at a time, in the order in which they came: two answers to one item, given quickly, must
    /// not overtake each other on the blocking threads.
    turn: Arc<tokio::sync::Mutex<()>>,
    enrolling: tokio::sync::Mutex<()>,
    /// The consent is taken back: no worker runs, whoever would start one.
    withdrawn: AtomicBool,
    batch: Mutex<outbox::Batch>,
}

impl Device {
    /// Opens or creates everything in the folder: keys at first start, store, photos, shipped checklists; starts
    /// the worker when enrolled.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is ever deleted.
    pub async fn open(setup: Setup) -> Result<Self, OpenError> {
        let opened = tokio::task::spawn_blocking(move || open::open(setup)).await;
        let (inner, profile) = opened.map_err(|error| OpenError::Folder(std::io::Error::other(error)))??;
        let device = Self { inner: Arc::new(inner) };
        if let Some(profile) = profile {
            device.start_worker(&profile);
        }
        Ok(device)
    }

    /// This phone's id.
    pub fn id(&self) -> DeviceId {
        self.inner.secrets.device
    }

    /// Counts up after every change; screens reload on it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// Stops the worker and waits for work under way.
    pub async fn close(&self) {
        self.stop_worker().await;
        // Writers are first come, first served, so this turn comes after all that are under way.
        let _turn = self.inner.turn.lock().await;
        // What the worker was writing when it ended is written under this lock.
        let _ = self.read(|_, _| Ok(())).await;
    }

    /// Runs a reading on a blocking thread.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner, &Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || work(&inner, &*locked(&inner.store)?)).await;
        done.map_err(|error| Error::Broken(error.to_string()))?
    }

    /// Runs a change on a blocking thread, in the order of the callers, and tells of it. The change is made and told
    /// even if the caller does not wait for it: a screen that is left takes nothing back.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner, &mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.in_turn(move |inner| {
            let result = work(inner, &mut *locked(&inner.store)?)?;
            inner.changed.send_modify(|count| *count += 1);
            Ok(result)
        })
        .await
    }

    /// Runs a change that no screen shows, in the order of the callers, without telling of it.
    async fn quietly(
        &self,
        work: impl FnOnce(&mut Store) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        self.in_turn(move |inner| work(&mut *locked(&inner.store)?)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let mut turn = Box::pin(inner.turn.clone().lock_owned());
        // Its place in the row is taken here, in the order of the callers; the rest needs nobody any more.
        let there = poll_fn(|context| Poll::Ready(turn.as_mut().poll(context))).await;
        to_the_end(async move {
            let turn = match there {
                Poll::Ready(turn) => turn,
                Poll::Pending => turn.await,
            };
            let done = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                work(&inner)
            });
            done.await.map_err(|error| Error::Broken(error.to_string()))?
        })
        .await
    }

    /// Runs work that needs no store (decoding, files) on a blocking thread.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.map_err(|error| Error::Broken(error.to_string()))?
    }
}

/// A thread that panicked inside leaves the value in doubt; that is an error, not another panic.
fn locked<T>(mutex: &Mutex<T>) -> Result<std::sync::MutexGuard<'_, T>, Error> {
    mutex.lock().map_err(|_| Error::Broken("a thread panicked while it held the lock".to_owned()))
}
