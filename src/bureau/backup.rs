//! A bureau's data folder as a whole: backed up while it serves, restored as a new life, looked through. Blocking.
//!
//! A backup is a folder with the database as of one moment, every photo that database names, what else belongs to the
//! bureau, and `backup.json`. It has its name only when it is whole: until then it is called `NAME.part`.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::part::{Part, WRITING, whole, with_suffix};
use super::photos::{hash, place, sync_folder};
use super::self_signed::{self, SelfSigned};
use super::storage::backup::{self, Look, NewLife};
use super::storage::{DATABASE, StorageError};
use super::{PHOTOS, folder};
use crate::domain::id::{BureauId, Epoch, PhotoId};
use crate::fault;

/// Says what the backup is; written last.
const MANIFEST: &str = "backup.json";
/// The form of a backup that this program writes and reads.
const VERSION: u32 = 1;
/// Held by the server of a data folder.
pub(super) const SERVING: &str = "serving.lock";
/// Where damaged photos are put.
const DAMAGED: &str = "damaged";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    xieguan_backup: u32,
    /// Whose.
    pub bureau: BureauId,
    /// The bureau's name.
    pub name: String,
    /// The life of the data.
    pub epoch: Epoch,
    /// When.
    pub made_at: DateTime<FixedOffset>,
    /// Signed documents in it.
    pub documents: u64,
    /// Photo files in it.
    pub photos: u64,
    /// Bytes of these.
    pub photo_bytes: u64,
}

/// Why it was not done; the folders named are as they were.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is something already.
    #[error("{0} exists and is not empty")]
    Taken(PathBuf),
    /// One would lie in the other.
    #[error("{0} lies inside the data folder; a backup belongs on another disk")]
    Inside(PathBuf),
    /// Another program is at it.
    #[error("another program is writing {0}")]
    Busy(PathBuf),
    /// A restore was cut off, and nothing stands under the name yet.
    #[error(
        "a restore into {0} was cut off, so nothing was begun there; run `bureau restore` again, or remove {1} if what \
         it was to bring is not wanted"
    )]
    Unfinished(PathBuf, PathBuf),
    /// A server runs on the folder.
    #[error("{0} is being served; stop that server first")]
    Served(PathBuf),
    /// No backup, or not whole, or of another form.
    #[error("{0} is no whole backup: {1}")]
    NoBackup(PathBuf, String),
    /// The database does not hold together.
    #[error("the database in {0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// The server could not read it.
    #[error(
        "{0} belongs to user {1}, and what was restored could not be given to them ({2}); run this command as that user, \
         or as root"
    )]
    Owner(PathBuf, u32, io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] StorageError),
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, io::Error),
}

/// What a backup or a restore came to.
#[derive(Clone, Debug)]
pub struct Done {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Photos that the database named and that were missing or damaged; noted as absent in what was written.
    pub absent: Vec<PhotoId>,
    /// The new life, after a restore.
    pub life: Option<NewLife>,
    /// Where the folder is now that stood in the way of a restore.
    pub aside: Option<PathBuf>,
    /// The folder that was put aside showed another certificate of its own than what was restored.
    pub other_certificate: bool,
}

/// What the doctor found.
#[derive(Clone, Debug)]
pub struct Health {
    /// The database.
    pub look: Look,
    /// Photos that are not there.
    pub missing: Vec<PhotoId>,
    /// Photos that are there with other bytes.
    pub damaged: Vec<PhotoId>,
    /// Photo files that no row names: a crash came between file and row; harmless.
    pub unnamed: usize,
    /// Receipts that were taken back, after mending.
    pub taken_back: Option<usize>,
}

impl Health {
    /// Whether nothing is lost.
    pub fn is_well(&self) -> bool {
        self.look.troubles.is_empty() && self.missing.is_empty() && self.damaged.is_empty()
    }
}

/// The result of everything here.
pub(super) type Tried<T> = Result<T, Trouble>;

/// Backs a data folder up while it may be served.
///
/// # Errors
/// [`Trouble`]; then there is no backup of this name.
pub fn back_up(folder: &Path, to: &Path) -> Tried<Done> {
    let (folder, to) = (whole(folder)?, whole(to)?);
    if to.starts_with(&folder) {
        return Err(Trouble::Inside(to));
    }
    if !is_free(&to)? {
        return Err(Trouble::Taken(to));
    }
    let part = Part::begin(&to)?;
    backup::copy(&folder.join(DATABASE), &part.path.join(DATABASE))?;
    fault::point("bureau.backup.database");
    let look = backup::look(&part.path.join(DATABASE))?;
    if let Some(first) = look.troubles.first() {
        return Err(Trouble::Damaged(folder, first.clone()));
    }
    let (absent, manifest) = part.fill(&folder, look, "bureau backup", None)?;
    part.write(MANIFEST, &manifest)?;
    part.whole()?;
    part.finish(&to)?;
    fault::point("bureau.backup.renamed");
    Ok(Done { manifest, absent, life: None, aside: None, other_certificate: false })
}

/// Restores a backup as a new life of its bureau. A folder that is not empty is put aside if `replace` says so, never
/// removed.
///
/// # Errors
/// [`Trouble`]; then the data folder is as it was, or (after a crash between two renames) it is gone from its name and
/// stands under the name put aside: restoring again finishes it.
pub fn restore(from: &Path, folder: &Path, replace: bool) -> Tried<Done> {
    let (from, folder) = (whole(from)?, whole(folder)?);
    let manifest = manifest(&from)?;
    let look = backup::look(&from.join(DATABASE))?;
    if let Some(first) = look.troubles.first() {
        return Err(Trouble::Damaged(from, first.clone()));
    }
    if look.bureau != manifest.bureau || look.epoch != manifest.epoch {
        return Err(Trouble::NoBackup(from, "database and backup.json are of different bureaus".to_owned()));
    }
    let free = is_free(&folder)?;
    if !free && !replace {
        return Err(Trouble::Taken(folder));
    }
    let _served = if free { None } else { Some(not_served(&folder)?) };
    let part = Part::begin(&folder)?;
    copy_file(&from.join(DATABASE), &part.path.join(DATABASE))?;
    let made_at = manifest.made_at;
    let (absent, _) = part.fill(&from, look, "bureau restore", Some(made_at))?;
    fault::point("bureau.restore.copied");
    let now_ms = Utc::now().timestamp_millis();
    let life = backup::begin_new_life(&part.path.join(DATABASE), &from.to_string_lossy(), now_ms)?;
    let other_certificate = brings_another_certificate(&part.path, &folder);
    part.give_to_owner(&folder)?;
    part.whole()?;
    // Only now, so that the name is empty no longer than two renames take.
    let aside = if free { None } else { Some(put_aside(&folder)?) };
    fault::point("bureau.restore.aside");
    if let Err(trouble) = part.finish(&folder) {
        if let Some(aside) = &aside {
            // What stood there stands there again; if even that fails, the error says where it is.
            fs::rename(aside, &folder).map_err(at(aside))?;
        }
        return Err(trouble);
    }
    fault::point("bureau.restore.renamed");
    Ok(Done { manifest, absent, life: Some(life), aside, other_certificate })
}

/// Looks through a data folder, every byte of it; with `mend` photos that are missing or damaged are noted as absent,
/// so that the phones that have them send them again. May be done beside a running server.
///
/// # Errors
/// [`Trouble`].
pub fn examine(folder: &Path, mend: bool) -> Tried<Health> {
    let folder = whole(folder)?;
    let database = folder.join(DATABASE);
    let look = backup::look(&database)?;
    let photos = folder.join(PHOTOS);
    let (mut missing, mut damaged) = (Vec::new(), Vec::new());
    for (blob, bytes) in &look.blobs {
        match is_whole(&place(&photos, *blob), *blob, *bytes)? {
            Some(true) => {}
            Some(false) => damaged.push(*blob),
            None => missing.push(*blob),
        }
    }
    let unnamed = files(&photos)?.saturating_sub(look.blobs.len() - missing.len());
    let mut taken_back = None;
    if mend && !(missing.is_empty() && damaged.is_empty()) {
        // The file first: as long as it stands in its place it could be taken for the whole one.
        let to = photos.join(DAMAGED);
        for blob in &damaged {
            let stood = place(&photos, *blob);
            fs::create_dir_all(&to)
                .and_then(|()| fs::rename(&stood, to.join(blob.to_string())))
                .and_then(|()| sync_folder(&to))
                .and_then(|()| stood.parent().map_or(Ok(()), sync_folder))
                .map_err(at(&to))?;
        }
        let absent: Vec<PhotoId> = missing.iter().chain(&damaged).copied().collect();
        let now_ms = Utc::now().timestamp_millis();
        taken_back = Some(backup::note_absent(&database, &absent, "bureau doctor", now_ms)?);
    }
    Ok(Health { look, missing, damaged, unnamed, taken_back })
}

impl Part {
    /// Whoever ran this (root, by sudo): it must belong to whom what stood there belongs, or else the folder around it,
    /// because a server runs on it.
    fn give_to_owner(&self, name: &Path) -> Tried<()> {
        let stood = name.exists();
        let model = if stood { name } else { name.parent().unwrap_or(Path::new("/")) };
        let owner = folder::owner(model).map_err(at(model))?;
        match folder::give(&self.path, owner) {
            Err(error) if stood => Err(Trouble::Owner(name.to_owned(), owner.user, error)),
            // Somebody made it in a folder that is not theirs, as in /tmp: then it is theirs.
            _ => Ok(()),
        }
    }

    /// Brings every photo that the database names, and what else belongs to the bureau. Photos that are missing or
    /// damaged are noted as absent in the copy, so that it is whole in itself.
    fn fill(
        &self,
        from: &Path,
        look: Look,
        who: &str,
        made_at: Option<DateTime<FixedOffset>>,
    ) -> Tried<(Vec<PhotoId>, Manifest)> {
        let (source, target) = (from.join(PHOTOS), self.path.join(PHOTOS));
        fs::create_dir_all(target.join("blobs")).map_err(at(&target))?;
        let (mut absent, mut photo_bytes) = (Vec::new(), 0);
        for (blob, bytes) in &look.blobs {
            if is_whole(&place(&source, *blob), *blob, *bytes)? == Some(true) {
                give(&place(&source, *blob), &place(&target, *blob))?;
                photo_bytes += bytes;
            } else {
                absent.push(*blob);
            }
            fault::point("bureau.photo.copied");
        }
        for name in beside(from)? {
            copy_file(&from.join(&name), &self.path.join(&name))?;
        }
        copy_certificates(from, &self.path)?;
        let now = Utc::now();
        if !absent.is_empty() {
            backup::note_absent(&self.path.join(DATABASE), &absent, who, now.timestamp_millis())?;
        }
        let manifest = Manifest {
            xieguan_backup: VERSION,
            bureau: look.bureau,
            name: look.name,
            epoch: look.epoch,
            made_at: made_at.unwrap_or_else(|| {
                DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now).fixed_offset()
            }),
            documents: look.documents,
            photos: (look.blobs.len() - absent.len()) as u64,
            photo_bytes,
        };
        Ok((absent, manifest))
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Tried<()> {
        let path = self.path.join(name);
        let text =
            serde_json::to_vec_pretty(value).map_err(|error| Trouble::Disk(path.clone(), error.into()))?;
        fs::write(&path, text).map_err(at(&path))
    }
}

fn manifest(from: &Path) -> Tried<Manifest> {
    let no = |why: String| Trouble::NoBackup(from.to_owned(), why);
    let text = fs::read(from.join(MANIFEST)).map_err(|error| no(format!("{MANIFEST}: {error}")))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| no(format!("{MANIFEST}: {error}")))?;
    match manifest.xieguan_backup {
        VERSION => Ok(manifest),
        other => Err(no(format!("it is of form {other}, this program reads {VERSION}"))),
    }
}

/// The bureau's own certificates with their keys: phones pin them, so a restored bureau must have the same.
fn copy_certificates(from: &Path, to: &Path) -> Tried<()> {
    let (kept, copies) = (from.join(self_signed::FOLDER), to.join(self_signed::FOLDER));
    if !kept.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().mode(0o700).create(&copies).map_err(at(&copies))?;
    beside(&kept)?.iter().try_for_each(|name| copy_file(&kept.join(name), &copies.join(name)))
}

/// Whether phones that believe the certificate shown until now would not believe the restored one.
fn brings_another_certificate(restored: &Path, stood: &Path) -> bool {
    let shown = |data: &Path| SelfSigned::of(data).current().ok().flatten();
    shown(stood).is_some_and(|until_now| shown(restored) != Some(until_now))
}

/// What else belongs to the bureau: plain files beside the database.
fn beside(folder: &Path) -> Tried<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let other = text.starts_with(DATABASE) || [SERVING, WRITING, MANIFEST].contains(&&*text);
        if !other && !text.ends_with(".part") && entry.file_type().map_err(at(folder))?.is_file() {
            names.push(PathBuf::from(name));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a photo's file has the bytes it is named by; `None` when there is no file.
fn is_whole(path: &Path, blob: PhotoId, bytes: u64) -> Tried<Option<bool>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble::Disk(path.to_owned(), error)),
    };
    let length = file.metadata().map_err(at(path))?.len();
    Ok(Some(length == bytes && hash(&mut file).map_err(at(path))? == blob))
}

/// Photo files on the shelves.
fn files(photos: &Path) -> Tried<usize> {
    let shelves = photos.join("blobs");
    let mut count = 0;
    for shelf in fs::read_dir(&shelves).map_err(at(&shelves))? {
        let shelf = shelf.map_err(at(&shelves))?.path();
        count += fs::read_dir(&shelf).map_err(at(&shelf))?.count();
    }
    Ok(count)
}

/// A photo's file never changes: a second name for it is enough where the disk is the same.
fn give(from: &Path, to: &Path) -> Tried<()> {
    let shelf = to.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(shelf).map_err(at(shelf))?;
    if fs::hard_link(from, to).is_ok() { Ok(()) } else { copy_file(from, to) }
}

fn copy_file(from: &Path, to: &Path) -> Tried<()> {
    fs::copy(from, to).map(drop).map_err(at(to))
}

fn not_served(folder: &Path) -> Tried<File> {
    let path = folder.join(SERVING);
    let file = File::create(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Trouble::Served(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(Trouble::Disk(path, error)),
    }
}

fn put_aside(folder: &Path) -> Tried<PathBuf> {
    let aside = (1..).map(|n| with_suffix(folder, &format!(".replaced-{n}"))).find(|path| !path.exists());
    let aside = aside.unwrap_or_else(|| with_suffix(folder, ".replaced"));
    fs::rename(folder, &aside).map_err(at(folder))?;
    Ok(aside)
}

/// Not there, or an empty folder.
fn is_free(path: &Path) -> Tried<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Trouble::Disk(path.to_owned(), error)),
    }
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Trouble {
    let path = path.to_owned();
    move |error| Trouble::Disk(path, error)
}
