//! Opening the database, and telling apart the ways in which that fails.
//!
//! Nothing is written before the key is known to fit. A plain open would not do: SQLite replays and removes the WAL
//! of a file it cannot even read. So page 1 is looked at first through an immutable, read-only connection, which
//! takes no lock and makes no file; it is authenticated, so reading it proves the key.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::OpenError;
use super::error::is_unreadable;
use super::keycheck::{self, Verdict};
use super::migrate;

/// A second connection exists only for moments (a rescue copy, a test); its writes are waited for.
const BUSY: Duration = Duration::from_secs(5);

/// How often a start that meets another one tries to open, and what lies between.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// What SQLite keeps beside the main file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

pub(super) fn open(path: &Path, key: &[u8; 32]) -> Result<Connection, OpenError> {
    let check = with_suffix(path, ".check");
    let verdict = keycheck::judge(&check, key)?;
    // In this order: whoever else is creating the database writes the main file before the WAL.
    let log = length(&with_suffix(path, "-wal"))?;
    if length(path)? == 0 {
        // SQLite deletes the WAL of an empty file; it may hold everything.
        return create(path, &check, verdict, log > 0, key);
    }
    match (look(path, key)?, verdict) {
        (Some(found), _) => migrate::require_known(found)?,
        (None, Verdict::Fits) => {}
        (None, Verdict::Differs | Verdict::Absent) => return Err(OpenError::CannotUnlock),
    }
    if verdict != Verdict::Fits {
        keycheck::write(&check, key)?;
    }
    unlock_or_set_aside(path, key)
}

/// There is no database, or an empty one.
fn create(
    path: &Path,
    check: &Path,
    verdict: Verdict,
    orphaned_log: bool,
    key: &[u8; 32],
) -> Result<Connection, OpenError> {
    match verdict {
        Verdict::Differs => return Err(OpenError::CannotUnlock),
        Verdict::Absent if orphaned_log => return Err(OpenError::CannotUnlock),
        Verdict::Fits if orphaned_log => return Err(set_aside(path)?),
        // First, so that every database with a byte in it has one.
        Verdict::Absent => keycheck::write(check, key)?,
        Verdict::Fits => {}
    }
    unlock_or_set_aside(path, key)
}

fn unlock_or_set_aside(path: &Path, key: &[u8; 32]) -> Result<Connection, OpenError> {
    match unlock_patiently(path, key) {
        Err(OpenError::Sql(error)) if is_unreadable(&error) => Err(set_aside(path)?),
        other => other,
    }
}

/// SQLite answers “busy” at once, without waiting, where two connections turn a new file to WAL together.
fn unlock_patiently(path: &Path, key: &[u8; 32]) -> Result<Connection, OpenError> {
    for _ in 1..TRIES {
        match unlock(path, key) {
            Err(OpenError::Sql(error)) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(BETWEEN_TRIES);
            }
            other => return other,
        }
    }
    unlock(path, key)
}

/// The version in the main file if the key opens its first page. Touches nothing.
fn look(path: &Path, key: &[u8; 32]) -> Result<Option<u32>, OpenError> {
    let path =
        path.to_str().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the path is not UTF-8"))?;
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?;
    give_key(&db, key)?;
    match migrate::version(&db) {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_unreadable(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unlock(path: &Path, key: &[u8; 32]) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    give_key(&db, key)?;
    // A file that is refused below keeps its WAL as it is.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    migrate::require_known(migrate::version(&db)?)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // The phone holds the only copy: a commit is on the medium before it is acknowledged.
    db.pragma_update(None, "synchronous", "full")?;
    // Apple's fsync does not reach the medium by itself.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Android has no folder for temporary files, and those would not be encrypted.
    db.pragma_update(None, "temp_store", "memory")?;
    migrate::migrate(&mut db)?;
    touch_tables(&db)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(db)
}

fn give_key(db: &Connection, key: &[u8; 32]) -> rusqlite::Result<()> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    // It would print to the terminal what is told apart, and reported, here.
    db.pragma_update(None, "cipher_log_level", "none")?;
    // A raw key: a passphrase would cost 256,000 rounds at every open and add nothing to 256 random bits.
    db.pragma_update(None, "key", format!("x'{hex}'"))
}

/// Reads the schema and the way to a first row of every table. `quick_check` would decrypt every page of a file that
/// holds a county's sites, at every start; each page is authenticated when it is read anyway, so damage further in
/// is found then and never mistaken for data.
fn touch_tables(db: &Connection) -> rusqlite::Result<()> {
    let mut tables = db.prepare("select name from sqlite_schema where type = 'table'")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        db.prepare(&format!("select * from \"{name}\" limit 1"))?.exists([])?;
    }
    Ok(())
}

/// Renames the damaged database and what lies beside it, together, to the first free name.
fn set_aside(path: &Path) -> io::Result<OpenError> {
    let taken = |kept: &Path| kept.exists() || BESIDE.iter().any(|beside| with_suffix(kept, beside).exists());
    let kept = (1_u32..)
        .map(|n| with_suffix(path, &format!(".corrupt-{n}")))
        .find(|kept| !taken(kept))
        .ok_or(ErrorKind::AlreadyExists)?;
    for suffix in [""].iter().chain(&BESIDE) {
        match fs::rename(with_suffix(path, suffix), with_suffix(&kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    keycheck::sync_folder(path)?;
    Ok(OpenError::Corrupt { kept })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Length of a file; zero when there is none.
fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}
