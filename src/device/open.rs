//! Opening: in an order in which a crash at any point leaves a folder that the next start understands.
//!
//! Keys are durable before the first byte they protect. Where data is there but its key is not, nothing is touched.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::enrol::{self, Profile};
use super::vault::Secrets;
use super::{Error, Inner, OpenError, Setup, habits, hands, keep, locked, sending};
use crate::domain::checklist::SHIPPED;
use crate::fault;
use crate::media::folder::{self, SealedFolder};
use crate::store::{self, Store};

/// The database; files beside it and damaged ones kept aside begin with the same name.
const DATABASE: &str = "xieguan.db";
/// The folder of sealed photos.
const PHOTOS: &str = "photos";

/// Opens or creates everything; also gives the enrolment, if there is one.
pub(super) fn open(setup: Setup) -> Result<(Inner, Option<Profile>), OpenError> {
    let Setup { folder, keys, clock } = setup;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(OpenError::Folder)?;
    let secrets = secrets(&folder, keys.as_ref(), clock.now_ms())?;
    let mut store = open_store(&folder, &secrets)?;
    let photos = SealedFolder::open(folder.join(PHOTOS), secrets.photo_key).map_err(photos_closed)?;
    store.put_checklists(SHIPPED).map_err(store_broken)?;
    hands::pull_again_after_update(&mut store).map_err(device_broken)?;
    let profile = enrol::kept_profile(&store).map_err(device_broken)?;
    let withdrawn = habits::withdrawn(&store);
    let decided = sending::decided(&store).unwrap_or_default();
    let inner = Inner {
        folder,
        secrets,
        clock,
        finder: store.finder(),
        store: Arc::new(Mutex::new(store)),
        photos: Arc::new(photos),
        changed: Arc::new(watch::Sender::new(0)),
        standing: Arc::new(watch::Sender::new(super::network::at_rest())),
        network: Mutex::default(),
        link: Mutex::new(sending::Link::of(decided)),
        sessions: Mutex::default(),
        thumbnails: Mutex::default(),
        taking: Arc::default(),
        patrols: Mutex::default(),
        turn: Arc::default(),
        enrolling: tokio::sync::Mutex::default(),
        withdrawn: AtomicBool::new(withdrawn),
        batch: Mutex::default(),
    };
    // Nobody can put back now what was taken out; room is no reason not to open.
    if let Err(error) = locked(&inner.store).and_then(|mut store| keep::sweep(&inner, &mut store)) {
        tracing::warn!(%error, "photos that were taken out are still here");
    }
    Ok((inner, profile))
}

/// The secrets from the key store; new ones, saved first, where there is nothing yet that old ones protect.
fn secrets(folder: &Path, keys: &dyn super::keys::KeyStore, now_ms: i64) -> Result<Secrets, OpenError> {
    let locked = |reason: String| OpenError::CannotUnlock(reason);
    let blob = keys.load().map_err(|error| locked(format!("the key store does not answer: {error}")))?;
    let reason = match blob.map(|blob| Secrets::from_blob(&blob)) {
        Some(Ok(secrets)) => return Ok(secrets),
        Some(Err(reason)) => reason,
        None => "the key store holds no key".to_owned(),
    };
    if holds_data(folder).map_err(OpenError::Folder)? {
        return Err(locked(reason));
    }
    let secrets = Secrets::make(now_ms);
    let blob = secrets.to_blob().map_err(|error| OpenError::Folder(error.into()))?;
    keys.save(&blob).map_err(OpenError::Folder)?;
    fault::point("phone.keys.saved");
    Ok(secrets)
}

/// Whether anything here was written with a key.
fn holds_data(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if entry?.file_name().to_string_lossy().starts_with(DATABASE) {
            return Ok(true);
        }
    }
    match fs::read_dir(folder.join(PHOTOS)) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn open_store(folder: &Path, secrets: &Secrets) -> Result<Store, OpenError> {
    Store::open(&folder.join(DATABASE), &secrets.database_key).map_err(|error| match error {
        store::OpenError::CannotUnlock => OpenError::CannotUnlock(error.to_string()),
        other => OpenError::Store(other),
    })
}

fn photos_closed(error: folder::Error) -> OpenError {
    match error {
        folder::Error::WrongKey => OpenError::CannotUnlock(error.to_string()),
        folder::Error::Full => OpenError::Store(store::OpenError::Full),
        other => OpenError::Folder(io::Error::other(other)),
    }
}

fn device_broken(error: Error) -> OpenError {
    match error {
        Error::Full => OpenError::Store(store::OpenError::Full),
        other => OpenError::Folder(io::Error::other(other)),
    }
}

fn store_broken(error: store::Error) -> OpenError {
    match error {
        store::Error::Full => OpenError::Store(store::OpenError::Full),
        other => OpenError::Folder(io::Error::other(other)),
    }
}
