//! Enrolment codes as QR codes: pictures in a folder, or on the terminal.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Sentence, say};
use crate::domain::id::Digest;
use crate::media::qr;
use crate::wire::enrolment::EnrolmentCode;
use crate::wire::ticket::Ticket;

/// Where QR codes go.
pub(super) enum Place {
    Terminal,
    Folder(PathBuf),
}

impl Place {
    /// `-` is the terminal; a folder is made if needed.
    pub(super) fn open(path: &Path) -> Result<Self, Sentence> {
        if path == Path::new("-") {
            return Ok(Self::Terminal);
        }
        fs::create_dir_all(path)
            .map_err(|error| Sentence::new(format!("{} cannot be written to: {error}", path.display())))?;
        Ok(Self::Folder(path.to_owned()))
    }

    /// Writes or prints one for each code.
    /// The certificate's fingerprint goes with it where the bureau made the certificate itself.
    pub(super) fn give(
        &self,
        address: &str,
        certificate: Option<Digest>,
        codes: &[EnrolmentCode],
    ) -> Result<(), Sentence> {
        for (n, code) in codes.iter().enumerate() {
            let text = Ticket::new(address, &code.code).pinned(certificate).to_text()?;
            match self {
                Self::Terminal => {
                    say(format_args!(
                        "\n{}  {}\n{}",
                        code.coordinator,
                        code.township,
                        drawn(qr::terminal(&text))?
                    ));
                }
                Self::Folder(folder) => {
                    let path = folder.join(format!("{:03}-{}.png", n + 1, plain(&code.coordinator)));
                    write(&path, &drawn(qr::png(&text))?)?;
                    say(format_args!("{}", path.display()));
                }
            }
        }
        Ok(())
    }
}

/// Refuses an address that no phone could read back.
pub(super) fn check(address: &str) -> Result<(), Sentence> {
    let read = Ticket::new(address, "ABCD-EFGH").to_text().map(|text| Ticket::read(&text));
    match read {
        Ok(Ok(_)) => Ok(()),
        _ => Err(Sentence::new(format!(
            "{address} is no address for phones; it begins with https:// and has no blanks. No code was made"
        ))),
    }
}

fn drawn<T>(picture: Option<T>) -> Result<T, Sentence> {
    picture.ok_or_else(|| Sentence::new("the address is too long for a QR code; the codes above are good"))
}

/// A name that is a file's name everywhere.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).take(32).collect()
}

/// Whoever holds the picture can enrol, so only the owner reads the file.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Sentence> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| Sentence::new(format!("{} was not written: {error}", path.display())))
}
