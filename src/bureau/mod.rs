//! The bureau: storage, the phones' interface, the console.
//!
//! [`open`] a data folder, turn it into a [`router`] or [`serve`] it; there are no globals, so that a test can
//! have as many bureaus as it likes. A reply is sent only after what it says is durable.

pub mod storage;
pub mod photos;
pub mod backup;
mod folder;
mod part;
pub mod error;
pub mod secret;
pub mod password;
pub mod auth;
pub mod throttle;
mod memory;
mod intake;
mod metrics;
pub mod export;
pub mod uploads;
mod enrolment;
pub mod session;
mod api;
pub mod console;
pub mod connections;
mod listener;
mod secured;
pub mod self_signed;
pub mod tls;
mod running;
mod demo;
pub mod cli;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::domain::checklist::Library;
use crate::wire::BUREAU_HEADER;
use photos::BlobStore;
use storage::setup::Fresh;
use storage::{Storage, StorageError};
use throttle::Throttle;

pub use running::{serve, serve_tls};

/// Folder of the photos in the data folder.
pub const PHOTOS: &str = "photos";

/// A bureau at work; clones share it.
#[derive(Clone)]
pub struct Bureau(Arc<Parts>);

struct Parts {
    storage: Storage,
    photos: Arc<dyn BlobStore>,
    library: Mutex<Arc<Library>>,
    uploads: uploads::Uploads,
    enrolments: Throttle,
    memory: memory::Memory,
    connections: RwLock<connections::Limits>,
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The database.
    #[error(transparent)]
    Database(#[from] StorageError),
    /// The photo folder.
    #[error("the photo folder cannot be opened: {0}")]
    Photos(#[from] std::io::Error),
}

/// Opens the bureau in a data folder, making it when it is not there. Blocking.
///
/// # Errors
/// [`CannotOpen`].
pub fn open(folder: &Path, fresh: &Fresh) -> Result<Bureau, CannotOpen> {
    let storage = Storage::open(folder, fresh)?;
    let photos = photos::Folder::open(&folder.join(PHOTOS))?;
    Ok(Bureau::new(storage, Arc::new(photos)))
}

impl Bureau {
    /// A bureau over this database and these photos.
    pub fn new(storage: Storage, photos: Arc<dyn BlobStore>) -> Self {
        Self(Arc::new(Parts {
            storage,
            photos,
            library: Mutex::default(),
            uploads: uploads::Uploads::default(),
            enrolments: Throttle::new(5, Duration::from_secs(600)),
            memory: memory::Memory::default(),
            connections: RwLock::default(),
        }))
    }

    /// Its database.
    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }

    /// Its photos; blocking.
    pub fn photos(&self) -> Arc<dyn BlobStore> {
        Arc::clone(&self.0.photos)
    }

    /// Limits uploads otherwise than usual, from now on.
    pub fn limit_uploads(&self, limits: uploads::Limits) {
        self.0.uploads.set_limits(limits);
    }

    /// Limits the connections of servers that begin from now on otherwise than usual.
    pub fn limit_connections(&self, limits: connections::Limits) {
        *self.0.connections.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    fn connection_limits(&self) -> connections::Limits {
        *self.0.connections.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checklists as last read; [`Bureau::library_again`] for one that is not among them.
    pub async fn library(&self) -> Result<Arc<Library>, StorageError> {
        let known = Arc::clone(&self.0.library.lock().unwrap_or_else(PoisonError::into_inner));
        if known.is_empty() { self.library_again().await } else { Ok(known) }
    }

    /// Reads the checklists again: another process may have imported some.
    pub async fn library_again(&self) -> Result<Arc<Library>, StorageError> {
        let library = Arc::new(self.storage().library().await?);
        *self.0.library.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&library);
        Ok(library)
    }

    /// Finishes what was accepted and takes nothing more. Blocking.
    pub fn close(&self) {
        self.storage().close();
    }
}

/// Every route of the bureau: the phones' interface and the console.
pub fn router(bureau: Bureau) -> Router {
    let id = bureau.storage().identity().public.id.to_string();
    let id = HeaderValue::from_str(&id).expect("a uuid is a header value");
    Router::new()
        .merge(api::routes(bureau.clone()))
        .merge(console::routes(bureau))
        .layer(SetResponseHeaderLayer::overriding(HeaderName::from_static(BUREAU_HEADER), id))
}
