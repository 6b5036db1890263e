//! The worker's hands: store and photos on blocking threads, the bureau's answers noted, its standing told.

use std::future::Future;
use std::sync::PoisonError;

use tokio::sync::watch;

use super::client::CallError;
use super::worker::{Parts, Standing};
use crate::media::folder;
use crate::store::{self, Store};

/// Why a row or a pull did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halt {
    /// The bureau or the way to it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The phone's database; nothing is known about the row.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What should be sent is not there any more or damaged: a person must look.
    #[error("{0}")]
    Photo(String),
}

pub(super) struct Desk {
    pub(super) parts: Parts,
    pub(super) ended: Ended,
    pub(super) standing: watch::Sender<Standing>,
}

/// Set when the worker is told to end. What only waits for the store's lock then writes nothing any more: the phone may
/// be another coordinator's by the time it gets the lock.
#[derive(Clone, Debug, Default)]
pub struct Ended(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Ended {
    /// Whether it is set; asked while the store is locked.
    pub fn is_set(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }

    pub(super) fn set(&self) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Desk {
    pub(super) fn now_ms(&self) -> i64 {
        (self.parts.now_ms)()
    }

    /// Tells a change of the standing; one that changes nothing wakes nobody.
    pub(super) fn tell(&self, change: impl FnOnce(&mut Standing)) {
        self.standing.send_if_modified(|standing| {
            let before = standing.clone();
            change(standing);
            *standing != before
        });
    }

    /// Reads or writes the store; its lock is held only inside.
    pub(super) async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Halt> {
        let (store, ended) = (std::sync::Arc::clone(&self.parts.store), self.ended.clone());
        let work = move || {
            // A panic elsewhere has rolled its transaction back: what the lock guards is sound.
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            (!ended.is_set()).then(|| work(&mut store))
        };
        match blocking(work).await {
            Some(done) => Ok(done?),
            // The task is being ended, and this with it.
            None => std::future::pending().await,
        }
    }

    /// As [`Desk::store`], and tells the screens.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Halt> {
        let done = self.store(work).await?;
        self.changed();
        Ok(done)
    }

    /// Tells the screens that the store is other than before.
    pub(super) fn changed(&self) {
        self.parts.changed.send_modify(|count| *count += 1);
    }

    /// Opens a photo; one that is gone or damaged is for a person, anything else passes.
    pub(super) async fn photo<T: Send + 'static>(
        &self,
        work: impl FnOnce(&folder::SealedFolder) -> Result<T, folder::Error> + Send + 'static,
    ) -> Result<T, Halt> {
        let photos = std::sync::Arc::clone(&self.parts.photos);
        blocking(move || work(&photos)).await.map_err(|error| match error {
            folder::Error::Missing | folder::Error::Tampered | folder::Error::WrongKey => {
                Halt::Photo(error.to_string())
            }
            other => CallError::here(other.to_string()).into(),
        })
    }

    /// Whether the network of this moment may carry an original.
    pub(super) async fn originals(&self) -> bool {
        let originals = std::sync::Arc::clone(&self.parts.originals);
        blocking(move || originals()).await
    }

    /// Makes a call and notes whether the bureau answered, whatever it said.
    pub(super) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let answer = call.await;
        let reached = !matches!(&answer, Err(CallError::Later(later)) if later.code.is_none());
        if reached {
            let now = self.now_ms();
            self.tell(|standing| standing.contact_ms = Some(now));
        }
        answer
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}
