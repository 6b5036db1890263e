//! The data folder: whom it is open to, and whose it is. Blocking.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, lchown};
use std::path::Path;

use super::part::with_suffix;

/// Makes a folder for its owner alone, because the bureau's keys are in it; one that is there stays as it is.
///
/// # Errors
/// The disk's.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Whether every account of this machine may look into it.
pub(super) fn is_open(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0)
}

/// Whose something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// The user's number.
    pub(super) user: u32,
    group: u32,
}

/// Whose this file or folder is.
///
/// # Errors
/// The disk's.
pub(super) fn owner(path: &Path) -> io::Result<Owner> {
    let meta = fs::metadata(path)?;
    Ok(Owner { user: meta.uid(), group: meta.gid() })
}

/// Gives a folder and everything in it to somebody. A file that has a second name elsewhere is copied first: what stands
/// there belongs to whom it belonged.
///
/// # Errors
/// The disk's; only root may give away.
pub(super) fn give(path: &Path, to: Owner) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if meta.uid() != to.user {
        if meta.is_file() && meta.nlink() > 1 {
            let own = with_suffix(path, ".own");
            fs::copy(path, &own)?;
            fs::rename(&own, path)?;
        }
        lchown(path, Some(to.user), Some(to.group))?;
    }
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), to)?;
        }
    }
    Ok(())
}
