//! The bytes of photos: growing uploads, and finished blobs named by their hash, in one folder.
//!
//! Behind [`BlobStore`], so that an object store can take the folder's place; nothing here knows SQL or HTTP.
//! Everything is blocking.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::id::{Digest, PhotoId};
use crate::fault;

/// A finished blob, opened.
pub struct Blob {
    /// How many bytes.
    pub length: u64,
    /// The bytes.
    pub bytes: Box<dyn Read + Send>,
}

/// Where photos are kept. The caller makes sure that one upload is touched by one caller at a time.
pub trait BlobStore: Send + Sync + 'static {
    /// Starts an upload without bytes.
    ///
    /// # Errors
    /// The disk's.
    fn begin(&self, upload: Uuid) -> io::Result<()>;

    /// How many bytes of an upload are durable when this returns.
    ///
    /// # Errors
    /// `NotFound` without such an upload; the disk's.
    fn held(&self, upload: Uuid) -> io::Result<u64>;

    /// How many bytes of an upload there are, durable or not.
    ///
    /// # Errors
    /// `NotFound` without such an upload; the disk's.
    fn size(&self, upload: Uuid) -> io::Result<u64> {
        self.held(upload)
    }

    /// Writes bytes at an offset; durable after the next [`BlobStore::held`].
    ///
    /// # Errors
    /// `NotFound` without such an upload; the disk's, and then [`BlobStore::cut`] takes back what was written.
    fn append(&self, upload: Uuid, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Shortens an upload.
    ///
    /// # Errors
    /// `NotFound` without such an upload; the disk's.
    fn cut(&self, upload: Uuid, length: u64) -> io::Result<()>;

    /// Makes an upload the blob of this name, durably; `false`, and the upload is gone, when its bytes do not
    /// have that hash. Equal content merges.
    ///
    /// # Errors
    /// `NotFound` without such an upload; the disk's.
    fn finish(&self, upload: Uuid, id: PhotoId) -> io::Result<bool>;

    /// Removes an upload; harmless without one.
    ///
    /// # Errors
    /// The disk's.
    fn discard(&self, upload: Uuid) -> io::Result<()>;

    /// Makes sure that a blob is here to stay: a crash may have come between its name and [`BlobStore::finish`]'s end.
    ///
    /// # Errors
    /// `NotFound` without such a blob; the disk's.
    fn settle(&self, id: PhotoId) -> io::Result<()>;

    /// Opens a blob.
    ///
    /// # Errors
    /// `NotFound` without such a blob; the disk's.
    fn open(&self, id: PhotoId) -> io::Result<Blob>;
}

/// A folder: `uploads/<id>` while growing, then `blobs/<aa>/<hash>`.
pub struct Folder {
    uploads: PathBuf,
    blobs: PathBuf,
}

impl Folder {
    /// Opens the folder, making it when it is not there.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let (uploads, blobs) = (folder.join("uploads"), folder.join("blobs"));
        fs::create_dir_all(&uploads)?;
        fs::create_dir_all(&blobs)?;
        sync_folder(folder)?;
        if let Some(data) = folder.parent().filter(|data| !data.as_os_str().is_empty()) {
            sync_folder(data)?;
        }
        Ok(Self { uploads, blobs })
    }

    fn upload(&self, id: Uuid) -> PathBuf {
        self.uploads.join(id.simple().to_string())
    }

    fn shelf(&self, id: PhotoId) -> PathBuf {
        self.blobs.join(format!("{:02x}", id.0[0]))
    }

    fn writable(&self, upload: Uuid) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.upload(upload))
    }
}

impl BlobStore for Folder {
    fn begin(&self, upload: Uuid) -> io::Result<()> {
        File::create_new(self.upload(upload))?;
        // What is told of its bytes later holds only if its name does.
        sync_folder(&self.uploads)
    }

    fn held(&self, upload: Uuid) -> io::Result<u64> {
        let file = self.writable(upload)?;
        file.sync_data()?;
        Ok(file.metadata()?.len())
    }

    fn size(&self, upload: Uuid) -> io::Result<u64> {
        Ok(fs::metadata(self.upload(upload))?.len())
    }

    fn append(&self, upload: Uuid, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.writable(upload)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn cut(&self, upload: Uuid, length: u64) -> io::Result<()> {
        self.writable(upload)?.set_len(length)
    }

    fn finish(&self, upload: Uuid, id: PhotoId) -> io::Result<bool> {
        let path = self.upload(upload);
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        if hash(&mut file)? != id {
            fs::remove_file(path)?;
            return Ok(false);
        }
        file.sync_all()?;
        let shelf = self.shelf(id);
        fs::create_dir_all(&shelf)?;
        fs::rename(path, shelf.join(id.to_string()))?;
        self.settle(id)?;
        fault::point("bureau.upload.renamed");
        Ok(true)
    }

    fn settle(&self, id: PhotoId) -> io::Result<()> {
        let shelf = self.shelf(id);
        fs::metadata(shelf.join(id.to_string()))?;
        sync_folder(&shelf)?;
        // Also when the shelf was here: another upload may have made it this moment.
        sync_folder(&self.blobs)
    }

    fn discard(&self, upload: Uuid) -> io::Result<()> {
        match fs::remove_file(self.upload(upload)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn open(&self, id: PhotoId) -> io::Result<Blob> {
        let file = File::open(self.shelf(id).join(id.to_string()))?;
        Ok(Blob { length: file.metadata()?.len(), bytes: Box::new(file) })
    }
}

/// Where a finished blob stands in a photo folder.
pub(super) fn place(folder: &Path, id: PhotoId) -> PathBuf {
    folder.join("blobs").join(format!("{:02x}", id.0[0])).join(id.to_string())
}

/// The SHA-256 of what is left to read of a file.
pub(super) fn hash(file: &mut File) -> io::Result<PhotoId> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Digest(hasher.finalize().into())),
            read => hasher.update(&piece[..read]),
        }
    }
}

/// Makes names in a folder durable; Windows has no such call and needs none.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
