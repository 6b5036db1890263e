//! Device keys: made in software at first start, wrapped by the platform's key store.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Keeps one secret blob for the app: Android Keystore wraps it there, on desktop a file with tight permissions.
pub trait KeyStore: Send + Sync {
    /// The blob; `None` before the first start.
    ///
    /// # Errors
    /// The key store does not answer; the caller treats this as “cannot unlock” and touches nothing.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Stores the blob durably.
    ///
    /// # Errors
    /// It was not stored.
    fn save(&self, blob: &[u8]) -> io::Result<()>;
}

/// Keeps the blob in a file that only its owner may read, in a folder that only its owner may enter.
#[derive(Clone, Debug)]
pub struct FileKeyStore {
    path: PathBuf,
}

impl FileKeyStore {
    /// A key store in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

impl KeyStore for FileKeyStore {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(blob) => Ok(Some(blob)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Temporary name, durable content, rename, durable folder: a crash leaves the old blob, the new one or none.
    fn save(&self, blob: &[u8]) -> io::Result<()> {
        let folder = self.folder();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let unfinished = self.path.with_extension("part");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        // A leftover of a crash keeps the mode it was made with.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(blob)?;
        file.sync_all()?;
        fs::rename(&unfinished, &self.path)?;
        fs::File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_may_read_the_key_file_and_enter_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/device.key");
        let keys = FileKeyStore::new(&path);
        assert_eq!(keys.load().unwrap(), None);
        keys.save(b"blob").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(keys.load().unwrap().as_deref(), Some(&b"blob"[..]));
    }

    #[test]
    fn a_half_written_key_file_is_not_a_key_and_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("device.key");
        fs::write(path.with_extension("part"), "half-written and longer than the blob").unwrap();
        let keys = FileKeyStore::new(&path);
        assert_eq!(keys.load().unwrap(), None);
        keys.save(b"blob").unwrap();
        assert_eq!(keys.load().unwrap().as_deref(), Some(&b"blob"[..]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
