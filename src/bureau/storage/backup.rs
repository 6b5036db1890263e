//! A database as a whole: copied while it serves, looked through, and given a new life. Everything is blocking and
//! over connections of its own, so that it can be done beside a running server.

use std::path::Path;

use chrono::Datelike as _;
use rusqlite::{Connection, OpenFlags, params};
use uuid::Uuid;

use super::accounts::insert_audit;
use super::row::{digest, json, moment, uuid};
use super::{MIGRATIONS, StorageError, Stored, connect, migrate, receipts, setup};
use crate::domain::id::{BureauId, Digest, Epoch, PhotoId};
use crate::fault;
use crate::wire::enrolment::Settings;
use crate::wire::sealed::SealedDocument;

/// What a database says of itself.
#[derive(Clone, Debug)]
pub struct Look {
    /// Whose it is.
    pub bureau: BureauId,
    /// The bureau's name.
    pub name: String,
    /// The life of its data.
    pub epoch: Epoch,
    /// How many signed documents it holds.
    pub documents: u64,
    /// The blobs it says it holds, with their lengths.
    pub blobs: Vec<(PhotoId, u64)>,
    /// What is wrong with it, a sentence each; empty when nothing is.
    pub troubles: Vec<String>,
}

/// What a new life of the data changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLife {
    /// Its name.
    pub epoch: Epoch,
    /// Enrolment codes that were not used and were withdrawn: some may have been used since.
    pub codes: usize,
    /// Console sessions that ended.
    pub sessions: usize,
}

/// Copies the database as of one moment, while it may be in use. The copy is durable only after it was synced.
///
/// # Errors
/// [`StorageError`]; a copy that was begun stays.
pub fn copy(from: &Path, to: &Path) -> Stored<()> {
    let db = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let to =
        to.to_str().ok_or_else(|| StorageError::Broken("the name of the copy is not UTF-8".to_owned()))?;
    db.execute("vacuum into ?1", [to])?;
    Ok(())
}

/// Reads the whole database: its own structure, and that every signed text is the one it is named by.
///
/// # Errors
/// [`StorageError::Newer`]; [`StorageError::Broken`] when it is no bureau's.
pub fn look(path: &Path) -> Stored<Look> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version: i64 = db.query_row("pragma user_version", [], |row| row.get(0))?;
    if usize::try_from(version).unwrap_or(usize::MAX) > MIGRATIONS.len() {
        return Err(StorageError::Newer(version));
    }
    let mut troubles = structure(&db)?;
    let documents = documents(&db, &mut troubles)?;
    let (bureau, name, epoch) = db.query_row("select id, name, epoch from bureau", [], |row| {
        Ok((BureauId(uuid(row, "id")?), row.get("name")?, Epoch(uuid(row, "epoch")?)))
    })?;
    let mut query = db.prepare("select id, bytes from blob order by id")?;
    let blobs =
        query.query_map([], |row| Ok((digest(row, "id")?, row.get::<_, i64>("bytes")?.unsigned_abs())))?;
    let blobs = blobs.collect::<Result<_, _>>()?;
    Ok(Look { bureau, name, epoch, documents, blobs, troubles })
}

fn structure(db: &Connection) -> Stored<Vec<String>> {
    let mut query = db.prepare("pragma integrity_check(20)")?;
    let lines = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut troubles: Vec<String> = lines
        .into_iter()
        .filter(|line| line != "ok")
        .map(|line| format!("the database is damaged: {line}"))
        .collect();
    let mut query = db.prepare("pragma foreign_key_check")?;
    let orphans = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    if !orphans.is_empty() {
        troubles.push(format!("{} rows name something that is not there", orphans.len()));
    }
    Ok(troubles)
}

/// How many documents there are; those whose text is not what they are named by are told.
fn documents(db: &Connection, troubles: &mut Vec<String>) -> Stored<u64> {
    let mut query = db.prepare("select digest, envelope, number from document")?;
    let mut rows = query.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        let envelope: String = row.get("envelope")?;
        let sealed: Option<SealedDocument> = serde_json::from_str(&envelope).ok();
        if sealed.map(|sealed| sealed.digest()) != Some(digest(row, "digest")?) {
            troubles.push(format!("document {} is not what was signed", row.get::<_, String>("number")?));
        }
    }
    Ok(count)
}

/// Notes that blobs are not held after all: receipts that said `complete` for them do not stand any more, and the
/// next time a phone compares it sends them again. Gives how many receipts fell.
///
/// # Errors
/// [`StorageError`]; then nothing was changed.
pub fn note_absent(path: &Path, blobs: &[PhotoId], who: &str, now_ms: i64) -> Stored<usize> {
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate(&mut db)?;
    let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut fell = 0;
    for blob in blobs {
        fell += receipts::take_back(&change, *blob, now_ms)?;
        change.prepare_cached("delete from blob where id = ?1")?.execute([blob.0])?;
        insert_audit(&change, who, "photo absent", &Digest::to_string(blob), now_ms)?;
    }
    fault::point("bureau.absent.in-transaction");
    change.commit()?;
    fault::point("bureau.absent.committed");
    Ok(fell)
}

/// Begins a new life of restored data: phones compare from the beginning, everybody logs in again, codes that were not
/// used by then are withdrawn, and numbers go on at least ten thousand further, so that one that was given after the
/// backup is not given again.
///
/// # Errors
/// [`StorageError`]; then nothing was changed.
pub fn begin_new_life(path: &Path, from: &str, now_ms: i64) -> Stored<NewLife> {
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate(&mut db)?;
    let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let epoch = Uuid::now_v7();
    change.execute("update bureau set epoch = ?1", params![epoch.as_bytes()])?;
    let sessions = change.execute("delete from session", [])?;
    let codes = change.execute("delete from enrolment_code where used_by is null", [])?;
    change.execute("delete from upload", [])?;
    let settings: Settings =
        change.query_row("select settings from bureau", [], |row| json(row, "settings"))?;
    skip_numbers(&change, moment(now_ms, setup::zone(&settings)).year())?;
    insert_audit(&change, "bureau restore", "restore", from, now_ms)?;
    fault::point("bureau.restore.in-transaction");
    change.commit()?;
    Ok(NewLife { epoch: Epoch(epoch), codes, sessions })
}

/// Nobody knows how far the lost life counted after the backup, nor whether it saw this year begin.
fn skip_numbers(db: &Connection, year: i32) -> Stored<()> {
    const SKIP: &str = "update record_number set last = (last / 10000 + 2) * 10000";
    db.execute("insert into record_number (year, last) values (?1, 0) on conflict do nothing", [year])?;
    db.execute(SKIP, [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::setup::Fresh;
    use super::super::{DATABASE, Storage, documents};
    use super::*;

    #[test]
    fn a_number_that_was_given_after_the_backup_is_not_given_again() {
        let new_year = moment(1_798_732_800_000, setup::zone(&Fresh::default().settings));
        assert_eq!(new_year.to_rfc3339(), "2027-01-01T00:00:00+08:00");
        // The years of what came before the backup and after it; the second time the year changed between.
        for before in [2027, 2026] {
            let folder = tempfile::tempdir().unwrap();
            let (path, copied) = (folder.path().join(DATABASE), folder.path().join("copy"));
            Storage::open(folder.path(), &Fresh::default()).unwrap().close();
            let db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            let give = |db: &Connection, year: i32, count: usize| -> Vec<String> {
                (0..count).map(|_| documents::next_number(db, year).unwrap()).collect()
            };
            let change = db.unchecked_transaction().unwrap();
            let mut quoted = give(&change, before, 980);
            change.commit().unwrap();
            copy(&path, &copied).unwrap();
            let change = db.unchecked_transaction().unwrap();
            quoted.extend(give(&change, 2027, 2060));
            begin_new_life(&copied, "the backup", new_year.timestamp_millis()).unwrap();
            let restored = connect(&copied, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            let change = restored.unchecked_transaction().unwrap();
            for number in give(&change, 2027, 2060) {
                assert!(!quoted.contains(&number), "{number} was given before, too");
            }
        }
    }
}
