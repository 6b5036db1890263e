//! A folder that is being written beside its later name: `NAME.part`, locked. Blocking.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::backup::{Tried, Trouble, at};
use super::photos::sync_folder;
use crate::fault;

/// Held while a folder is written, so that two programs do not write one.
pub(super) const WRITING: &str = "writing.lock";

/// A folder that is being written beside its later name.
pub(super) struct Part {
    pub(super) path: PathBuf,
    _writing: File,
}

impl Part {
    /// Begins it; what an interrupted program left under this name is removed.
    pub(super) fn begin(name: &Path) -> Tried<Self> {
        let path = with_suffix(name, ".part");
        let lock = path.join(WRITING);
        if path.exists() {
            if is_held(&lock) {
                return Err(Trouble::Busy(path));
            }
            fs::remove_dir_all(&path).map_err(at(&path))?;
        }
        // The bureau's keys are in it.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(at(&path))?;
        let writing = File::create(&lock).map_err(at(&lock))?;
        match writing.try_lock() {
            Ok(()) => Ok(Self { path, _writing: writing }),
            Err(TryLockError::WouldBlock) => Err(Trouble::Busy(path)),
            Err(TryLockError::Error(error)) => Err(Trouble::Disk(lock, error)),
        }
    }

    /// Makes all of it durable.
    pub(super) fn whole(&self) -> Tried<()> {
        sync_all(&self.path)?;
        fault::point("bureau.folder.whole");
        Ok(())
    }

    /// Gives it its name.
    pub(super) fn finish(self, name: &Path) -> Tried<()> {
        fs::rename(&self.path, name).map_err(at(name))?;
        let parent = name.parent().unwrap_or(Path::new("/"));
        sync_folder(parent).map_err(at(parent))?;
        // Last: as long as the name is empty, the lock says why. One that stays locks nothing.
        let _ = fs::remove_file(name.join(WRITING));
        Ok(())
    }
}

/// Nothing may be begun in a folder that a restore is about to fill.
///
/// # Errors
/// [`Trouble::Busy`], and [`Trouble::Unfinished`] when that restore was cut off.
pub(super) fn not_awaited(folder: &Path) -> Tried<()> {
    let folder = whole(folder)?;
    let part = with_suffix(&folder, ".part");
    let lock = part.join(WRITING);
    match lock.exists() {
        false => Ok(()),
        true if is_held(&lock) => Err(Trouble::Busy(part)),
        true => Err(Trouble::Unfinished(folder, part)),
    }
}

fn is_held(lock: &Path) -> bool {
    File::open(lock).is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Every file and folder below, durable.
fn sync_all(folder: &Path) -> Tried<()> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
        }
    }
    sync_folder(folder).map_err(at(folder))
}

/// From the root, with the links of what exists followed.
pub(super) fn whole(path: &Path) -> Tried<PathBuf> {
    if let Ok(found) = path.canonicalize() {
        return Ok(found);
    }
    let path = std::path::absolute(path).map_err(at(path))?;
    match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => Ok(parent.join(name)),
        _ => Ok(path),
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
