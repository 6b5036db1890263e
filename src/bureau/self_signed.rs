//! The bureau's own certificate, for a county without a domain: made here, kept in the data folder, changed in two
//! steps. Phones pin its fingerprint, so names and dates in it mean nothing.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::photos::sync_folder;
use super::tls::{BadCertificate, Source, fingerprint};
use crate::domain::id::Digest;
use crate::fault;

/// Below the data folder; goes into backups, because phones believe this certificate and no other.
pub(super) const FOLDER: &str = "tls";
const CURRENT: &str = "current.pem";
const NEXT: &str = "next.pem";

/// Why it was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum CannotMake {
    /// The folder or a file.
    #[error("the certificate could not be written: {0}")]
    File(#[from] io::Error),
    /// The server could not read it.
    #[error(
        "the data folder belongs to user {0} and the certificate could not be given to them ({1}), so none was made; run \
         this command as the user who runs the server"
    )]
    Owner(u32, io::Error),
    /// The maker of certificates.
    #[error("the certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// What is there cannot be read.
    #[error(transparent)]
    Bad(#[from] BadCertificate),
}

/// The certificates of a data folder. Every method is blocking.
#[derive(Clone, Debug)]
pub struct SelfSigned {
    folder: PathBuf,
}

impl SelfSigned {
    /// Those of this data folder, whether there are any or not.
    pub fn of(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// The one in use, if one was ever made.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn current(&self) -> Result<Option<Digest>, BadCertificate> {
        self.there(CURRENT)
    }

    /// The one to come, if one was made ahead.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn next(&self) -> Result<Option<Digest>, BadCertificate> {
        self.there(NEXT)
    }

    /// What phones have to know: the one in use first, then the one to come.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn shown(&self) -> Result<Vec<Digest>, BadCertificate> {
        Ok(self.current()?.into_iter().chain(self.next()?).collect())
    }

    /// Where the one in use stands; makes one where there is none.
    ///
    /// # Errors
    /// [`CannotMake`].
    pub fn require(&self) -> Result<Source, CannotMake> {
        let path = self.folder.join(CURRENT);
        if !path.exists() {
            self.make(CURRENT)?;
        }
        Ok(Source { certificate: path.clone(), key: path })
    }

    /// Makes the next one, unless it is there already; its fingerprint.
    ///
    /// # Errors
    /// [`CannotMake`].
    pub fn make_next(&self) -> Result<Digest, CannotMake> {
        if let Some(next) = self.next()? {
            return Ok(next);
        }
        self.make(NEXT)?;
        Ok(fingerprint(&self.folder.join(NEXT))?)
    }

    /// The next one takes the place of the one in use, whole: a server that looks sees the one or the other.
    ///
    /// # Errors
    /// [`CannotMake::File`], also when there is no next one.
    pub fn switch(&self) -> Result<(), CannotMake> {
        fs::rename(self.folder.join(NEXT), self.folder.join(CURRENT))?;
        File::open(&self.folder)?.sync_all()?;
        fault::point("bureau.certificate.switched");
        Ok(())
    }

    fn data(&self) -> &Path {
        self.folder.parent().filter(|data| !data.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn there(&self, name: &str) -> Result<Option<Digest>, BadCertificate> {
        let path = self.folder.join(name);
        if path.exists() { fingerprint(&path).map(Some) } else { Ok(None) }
    }

    /// Key and certificate in one file, which only its owner may read; durable before it has its name.
    fn make(&self, name: &str) -> Result<(), CannotMake> {
        let made = rcgen::generate_simple_self_signed(["bureau.invalid".to_owned()])?;
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.folder)?;
        sync_folder(self.data())?;
        let unfinished = self.folder.join(format!("{name}.part"));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(made.cert.pem().as_bytes())?;
        file.write_all(made.signing_key.serialize_pem().as_bytes())?;
        #[cfg(unix)]
        if let Err(error) = self.give_to_owner(&unfinished) {
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join(name))?;
        sync_folder(&self.folder)?;
        fault::point("bureau.certificate.made");
        Ok(())
    }

    /// Only its owner reads the file, and that must be who runs the server, not who ran this command (root, by sudo).
    #[cfg(unix)]
    fn give_to_owner(&self, file: &Path) -> Result<(), CannotMake> {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let owner = fs::metadata(self.data())?;
        for path in [file, &self.folder] {
            let now = fs::metadata(path)?;
            if now.uid() != owner.uid() {
                chown(path, Some(owner.uid()), Some(owner.gid()))
                    .map_err(|error| CannotMake::Owner(owner.uid(), error))?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, chown};

    use super::*;

    #[test]
    fn the_certificate_belongs_to_whom_the_data_folder_belongs() {
        let data = tempfile::tempdir().unwrap();
        let own = SelfSigned::of(data.path());
        own.require().unwrap();
        // Another user's, where the tests may say so; then the next one is made by sudo, as it were.
        let _ = chown(data.path(), Some(12_345), Some(12_345));
        let owner = fs::metadata(data.path()).unwrap();
        own.make_next().unwrap();
        for path in [own.folder.clone(), own.folder.join(NEXT)] {
            let found = fs::metadata(&path).unwrap();
            assert_eq!((found.uid(), found.gid()), (owner.uid(), owner.gid()), "{}", path.display());
        }
    }
}
