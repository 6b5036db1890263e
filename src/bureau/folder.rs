//! The data folder: whom it is open to. Blocking.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

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
