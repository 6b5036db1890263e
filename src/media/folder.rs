//! The phone's photos at rest: a folder of sealed files, each named by the SHA-256 of its content.
//!
//! A file is there whole or not at all: it is written under another name, made durable and then
//! renamed. Lengths, offsets and hashes are always those of the plain bytes. One process owns a
//! folder at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rand::RngCore as _;
use rand::rngs::OsRng;

pub use super::segments::SealedFile;
use super::segments::{Sealer, seal};
use crate::domain::id::{Digest, PhotoId};

/// Proves the key before any photo is touched. Its name can be no photo's.
const KEY_CHECK: &str = "key-check";
/// What [`KEY_CHECK`] holds, sealed.
const KEY_CHECK_TEXT: &[u8] = b"xieguan photo folder 1";
/// The mark of a file still being written.
const UNFINISHED: &str = ".part";

/// Why the folder could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The storage is full; nothing was changed, and the same call works once there is room.
    #[error("no space left for photos")]
    Full,
    /// No such photo in the folder.
    #[error("no such photo in the folder")]
    Missing,
    /// The file is not what was written: cut, changed, swapped, or another kind of file.
    #[error("the stored photo was changed or is damaged")]
    Tampered,
    /// The folder was made with another key. Nothing was touched.
    #[error("the photo folder cannot be unlocked with this key")]
    WrongKey,
    /// Anything else the file system says.
    #[error("photo folder: {0}")]
    Io(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// A content-addressed folder of sealed files.
#[derive(Debug)]
pub struct SealedFolder {
    dir: PathBuf,
    sealer: Sealer,
}

impl SealedFolder {
    /// Opens the folder, making it if needed, and clears away files a crash left half-written.
    pub fn open(dir: impl Into<PathBuf>, key: [u8; 32]) -> Result<Self, Error> {
        let folder = Self { dir: dir.into(), sealer: Sealer::new(key) };
        fs::create_dir_all(&folder.dir)?;
        folder.check_key()?;
        for entry in fs::read_dir(&folder.dir)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.ends_with(UNFINISHED)) {
                remove_if_there(&entry.path())?;
            }
        }
        Ok(folder)
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keeps the bytes durably and names them; keeping the same bytes again changes nothing.
    pub fn put(&self, bytes: &[u8]) -> Result<PhotoId, Error> {
        let id = Digest::of(bytes);
        // A damaged copy is no reason to lose the good bytes in hand.
        match self.read(&id) {
            // Whoever wrote it may have been stopped before its name was durable.
            Ok(_) => return self.sync_dir().map(|()| id),
            Err(Error::Missing | Error::Tampered) => {}
            Err(error) => return Err(error),
        }
        self.write(&id.to_string(), &seal(&self.sealer, &id, bytes))?;
        Ok(id)
    }

    /// Opens a photo for reading at any offset.
    pub fn get(&self, id: &PhotoId) -> Result<SealedFile, Error> {
        let file = File::open(self.path(id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing,
            _ => error.into(),
        })?;
        SealedFile::open(file, self.sealer.clone(), *id)
    }

    /// The whole photo.
    pub fn read(&self, id: &PhotoId) -> Result<Vec<u8>, Error> {
        let file = self.get(id)?;
        file.read_at(0, usize::try_from(file.len()).map_err(|_| Error::Tampered)?)
    }

    /// Removes a photo; one that is not there is no error.
    pub fn remove(&self, id: &PhotoId) -> Result<(), Error> {
        remove_if_there(&self.path(id))?;
        self.sync_dir()
    }

    /// The photos in the folder, in the order of their names.
    pub fn list(&self) -> Result<Vec<PhotoId>, Error> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            if let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
                ids.push(id);
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// A name made of a digest's hex digits cannot lead out of the folder.
    fn path(&self, id: &PhotoId) -> PathBuf {
        self.dir.join(id.to_string())
    }

    /// A folder without a check file is new, or lost that file: then any photo can vouch.
    fn check_key(&self) -> Result<(), Error> {
        let id = Digest::of(KEY_CHECK_TEXT);
        let unlocked = |opened: Result<SealedFile, Error>| match opened {
            Err(Error::Tampered) => Err(Error::WrongKey),
            other => other.map(drop),
        };
        match File::open(self.dir.join(KEY_CHECK)) {
            Ok(file) => unlocked(SealedFile::open(file, self.sealer.clone(), id)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let photos = self.list()?;
                if !photos.is_empty() && photos.iter().all(|id| unlocked(self.get(id)).is_err()) {
                    return Err(Error::WrongKey);
                }
                self.write(KEY_CHECK, &seal(&self.sealer, &id, KEY_CHECK_TEXT))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Temporary name, durable content, rename, durable folder: in this order a crash leaves
    /// either the whole file or none under its name.
    fn write(&self, name: &str, sealed: &[u8]) -> Result<(), Error> {
        let unfinished = self.dir.join(format!("{name}-{:016x}{UNFINISHED}", OsRng.next_u64()));
        let written =
            write_durably(&unfinished, sealed).and_then(|()| fs::rename(&unfinished, self.dir.join(name)));
        if let Err(error) = written {
            // The first error is the one that matters; a leftover is cleared at the next start.
            let _ = fs::remove_file(&unfinished);
            return Err(error.into());
        }
        self.sync_dir()
    }

    fn sync_dir(&self) -> Result<(), Error> {
        Ok(File::open(&self.dir)?.sync_all()?)
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        // The same numbers on every Unix we run on.
        const ENOSPC: i32 = 28;
        const EIO: i32 = 5;
        for (number, full) in [(ENOSPC, true), (EIO, false)] {
            let error = Error::from(io::Error::from_raw_os_error(number));
            assert_eq!(matches!(error, Error::Full), full, "{error:?}");
        }
    }

    #[test]
    fn neither_key_nor_cipher_shows_in_debug_output() {
        let dir = tempfile::tempdir().unwrap();
        let folder = SealedFolder::open(dir.path(), [0xAB; 32]).unwrap();
        let text = format!("{folder:?}");
        assert!(!text.contains("171") && !text.to_lowercase().contains("ab, "), "{text}");
    }
}
