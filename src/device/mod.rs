//! Everything on this phone behind one asynchronous door: store, photos, keys, clock, worker.
//!
//! Named methods only; each change is durable when its future is ready. Screens never see the store.

pub mod clock;
pub mod enrol;
pub mod error;
pub mod keys;
pub mod outbox;
pub mod photo;
pub mod site;
pub mod visit;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

pub use error::{Error, OpenError};

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
    #[expect(dead_code, reason = "filled by the device work")]
    inner: Arc<()>,
}

impl Device {
    /// Opens or creates everything in the folder: keys at first start, store, photos, shipped checklists; starts
    /// the worker when enrolled.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is ever deleted.
    pub async fn open(_setup: Setup) -> Result<Self, OpenError> {
        todo!()
    }

    /// Counts up after every change; screens reload on it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        todo!()
    }

    /// Stops the worker and waits for work under way.
    pub async fn close(&self) {
        todo!()
    }
}
