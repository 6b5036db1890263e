//! The key check: a small file beside the database that says whether a key is the right one without opening it.
//!
//! SQLCipher reports a wrong key exactly like a damaged file. The one must touch nothing, the other is renamed
//! aside, so the difference is kept apart from the database: a random salt and SHA-256 over salt and key. The key
//! is 256 random bits, so its hash tells nobody anything.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

const CONTEXT: &[u8] = b"xieguan key check v1\n";
const SALT: usize = 16;
const LENGTH: usize = SALT + 32;

/// What the check says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the database's key.
    Fits,
    /// It is not, or the check itself is damaged.
    Differs,
    /// There is no check.
    Absent,
}

pub(super) fn judge(check: &Path, key: &[u8; 32]) -> io::Result<Verdict> {
    let held = match fs::read(check) {
        Ok(held) => held,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verdict::Absent),
        Err(error) => return Err(error),
    };
    let fits = held.split_first_chunk::<SALT>().is_some_and(|(salt, hash)| hash == hash_of(salt, key));
    Ok(if fits { Verdict::Fits } else { Verdict::Differs })
}

/// Writes the check so that it is whole or absent, and durable on return.
pub(super) fn write(check: &Path, key: &[u8; 32]) -> io::Result<()> {
    let salt: [u8; SALT] = rand::random();
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&hash_of(&salt, key));
    // A name of its own, should two processes start at once.
    let mut name = check.as_os_str().to_owned();
    name.push(format!("-{:08x}", rand::random::<u32>()));
    let new = Path::new(&name);
    let mut file = File::create(new)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(new, check)?;
    sync_folder(check)
}

/// Makes the names in the folder of this file durable.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        // Windows cannot open a folder as a file, and needs no such call.
        Some(folder) if cfg!(unix) => {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()
        }
        _ => Ok(()),
    }
}

fn hash_of(salt: &[u8; SALT], key: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(CONTEXT).chain_update(salt).chain_update(key).finalize().into()
}
