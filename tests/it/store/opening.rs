//! Opening: only with the right key, only what is ours to read, and never at the cost of a byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use xieguan::store::{OpenError, Store};

use super::sample::{
    KEY, OTHER_KEY, Phone, empty, finished, half_filled, moment, note, photo, secret, site, visit,
};

/// A connection past the store, as only a test may have.
pub(super) fn raw(path: &Path) -> Connection {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    db
}

/// Every file of the folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

/// The folder of a phone that died: database, a WAL that nobody folded in, and the key check.
fn died() -> TempDir {
    let mut phone = Phone::new();
    phone.store.add_draft(&half_filled()).unwrap();
    let copy = TempDir::new().unwrap();
    for (name, bytes) in files(phone.folder.path()).iter().filter(|(name, _)| !name.ends_with("-shm")) {
        fs::write(copy.path().join(name), bytes).unwrap();
    }
    assert!(fs::metadata(copy.path().join("phone.db-wal")).unwrap().len() > 0);
    copy
}

#[test]
fn a_phone_that_died_finds_everything_in_the_log() {
    let folder = died();
    let store = Store::open(&folder.path().join("phone.db"), &KEY).unwrap();
    assert_eq!(store.draft(half_filled().id).unwrap(), Some(half_filled()));
}

#[test]
fn opening_twice_is_harmless_one_after_the_other_and_at_once() {
    let mut phone = Phone::new();
    phone.store.add_draft(&half_filled()).unwrap();
    let mut second = Store::open(&phone.path(), &KEY).unwrap();
    second.put_guidance(half_filled().id, "第二").unwrap();
    phone.store.put_setting("profile", Some("{}")).unwrap();
    drop(second);
    let phone = phone.reopened();
    assert_eq!(phone.store.draft(half_filled().id).unwrap().unwrap().guidance, "第二");
    assert_eq!(phone.store.setting("profile").unwrap().as_deref(), Some("{}"));
}

#[test]
fn two_first_starts_at_once_make_one_database() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("phone.db");
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Store::open(&path, &KEY).map(drop))).collect();
        starts.into_iter().for_each(|start| start.join().unwrap().unwrap());
    });
    assert!(Store::open(&path, &KEY).is_ok());
}

#[test]
fn a_wrong_key_touches_nothing_with_or_without_the_key_check() {
    let folder = died();
    for with_check in [true, false] {
        if !with_check {
            fs::remove_file(folder.path().join("phone.db.check")).unwrap();
        }
        let before = files(folder.path());
        let refused = Store::open(&folder.path().join("phone.db"), &OTHER_KEY);
        assert!(matches!(refused, Err(OpenError::CannotUnlock)), "{refused:?}");
        assert_eq!(files(folder.path()), before, "with check: {with_check}");
    }
    let store = Store::open(&folder.path().join("phone.db"), &KEY).unwrap();
    assert_eq!(store.draft(half_filled().id).unwrap(), Some(half_filled()));
}

#[test]
fn a_lost_or_damaged_key_check_is_written_anew_once_the_key_has_proved_itself() {
    let folder = died();
    let check = folder.path().join("phone.db.check");
    for damage in [None, Some(b"short".as_slice())] {
        match damage {
            None => fs::remove_file(&check).unwrap(),
            Some(bytes) => fs::write(&check, bytes).unwrap(),
        }
        drop(Store::open(&folder.path().join("phone.db"), &KEY).unwrap());
        assert_eq!(fs::metadata(&check).unwrap().len(), 48);
    }
}

#[test]
fn without_a_key_check_damage_counts_as_a_wrong_key_and_nothing_is_touched() {
    let folder = damaged();
    fs::remove_file(folder.path().join("phone.db.check")).unwrap();
    let before = files(folder.path());
    let refused = Store::open(&folder.path().join("phone.db"), &KEY);
    assert!(matches!(refused, Err(OpenError::CannotUnlock)), "{refused:?}");
    assert_eq!(files(folder.path()), before);
}

/// A database whose first page is noise, with a log that fits nothing.
fn damaged() -> TempDir {
    let Phone { folder, store } = Phone::new();
    drop(store);
    let path = folder.path().join("phone.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0xee);
    fs::write(&path, bytes).unwrap();
    fs::write(folder.path().join("phone.db-wal"), [0xdd; 5000]).unwrap();
    folder
}

#[test]
fn a_damaged_file_is_kept_aside_with_its_log_and_the_app_starts_anew() {
    let folder = damaged();
    let path = folder.path().join("phone.db");
    let before = files(folder.path());
    for n in 1..=2 {
        fs::write(&path, &before["phone.db"]).unwrap();
        fs::write(folder.path().join("phone.db-wal"), &before["phone.db-wal"]).unwrap();
        let Err(OpenError::Corrupt { kept }) = Store::open(&path, &KEY) else { panic!("opened") };
        assert_eq!(kept, folder.path().join(format!("phone.db.corrupt-{n}")));
        let after = files(folder.path());
        assert_eq!(after[&format!("phone.db.corrupt-{n}")], before["phone.db"]);
        assert_eq!(after[&format!("phone.db.corrupt-{n}-wal")], before["phone.db-wal"]);
        assert!(!path.exists());
    }
    assert!(Store::open(&path, &KEY).unwrap().drafts().unwrap().is_empty());
}

/// Every table of the schema, each with a page of its own even when empty.
const TABLES: usize = 14;

#[test]
fn damage_behind_the_first_page_is_found_at_the_start() {
    let Phone { folder, store } = Phone::new();
    drop(store);
    let path = folder.path().join("phone.db");
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 2000] ^= 1;
        fs::write(&path, bytes).unwrap();
        match Store::open(&path, &KEY) {
            Err(OpenError::Corrupt { .. }) => found += 1,
            // An index is not read at the start; SQLCipher authenticates its pages when it is.
            Ok(_) => {}
            Err(other) => panic!("page {page}: {other:?}"),
        }
    }
    assert!(found >= TABLES, "{found}");
    fs::write(&path, &whole[..4096 * 3]).unwrap();
    assert!(matches!(Store::open(&path, &KEY), Err(OpenError::Corrupt { .. })));
}

#[test]
fn an_emptied_file_does_not_cost_the_log_beside_it() {
    let folder = died();
    let path = folder.path().join("phone.db");
    let log = fs::read(folder.path().join("phone.db-wal")).unwrap();
    fs::write(&path, b"").unwrap();
    let refused = Store::open(&path, &KEY);
    assert!(matches!(refused, Err(OpenError::Corrupt { .. })), "{refused:?}");
    assert_eq!(fs::read(folder.path().join("phone.db.corrupt-1-wal")).unwrap(), log);
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let Phone { folder, store } = Phone::new();
    drop(store);
    let path = folder.path().join("phone.db");
    raw(&path).pragma_update(None, "user_version", 99).unwrap();
    let before = files(folder.path());
    let refused = Store::open(&path, &KEY);
    assert!(matches!(refused, Err(OpenError::Newer { found: 99, known: 2 })), "{refused:?}");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_file_that_is_newer_only_in_its_log_is_refused_with_the_log_left_as_it_is() {
    let Phone { folder, store } = Phone::new();
    drop(store);
    let path = folder.path().join("phone.db");
    let newer = raw(&path);
    newer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let mut before = files(folder.path());
    assert!(!before["phone.db-wal"].is_empty());
    let refused = Store::open(&path, &KEY);
    assert!(matches!(refused, Err(OpenError::Newer { found: 99, known: 2 })), "{refused:?}");
    let mut after = files(folder.path());
    // The log's index is made anew by whoever opens it and holds nothing of its own.
    before.remove("phone.db-shm");
    after.remove("phone.db-shm");
    assert_eq!(after, before);
}

#[test]
fn no_file_ever_shows_a_plain_word() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "PLAINWORD石桥"));
    phone.store.add_draft(&draft).unwrap();
    phone.store.put_answer(draft.id, 0, "WR-01", &note("PLAINWORD"), moment(1)).unwrap();
    phone.store.put_secret(draft.id, 0, &secret("PLAINWORD")).unwrap();
    let shows = |folder: &Path| {
        let found = |bytes: &[u8]| {
            bytes.windows(9).any(|w| w == b"PLAINWORD" || w == b"SQLite fo" || w == b"WATER_RUR")
        };
        files(folder).into_iter().filter(|(_, bytes)| found(bytes)).map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(shows(phone.folder.path()), Vec::<String>::new());
    let phone = phone.reopened();
    assert_eq!(shows(phone.folder.path()), Vec::<String>::new());
    assert!(fs::metadata(phone.path()).unwrap().len() > 4096);
}

/// The released schema: made by version 1, opened by every later one. To make one for a new schema, set
/// `XIEGUAN_WRITE_FIXTURE` to a folder and run this test.
#[test]
fn a_database_of_version_1_opens_with_everything_in_it() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures");
    if let Some(folder) = std::env::var_os("XIEGUAN_WRITE_FIXTURE") {
        write_fixture(Path::new(&folder));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("device_v1.db");
    for name in ["device_v1.db", "device_v1.db.check"] {
        fs::copy(fixture.join(name), folder.path().join(name)).unwrap();
    }
    let store = Store::open(&path, &KEY).unwrap();
    assert_eq!(store.draft(half_filled().id).unwrap(), Some(half_filled()));
    assert_eq!(store.drafts().unwrap()[0].at, Some((0, "WR-16".to_owned())));
    let record = finished(&empty(2, &site(2, "第二水站")), &[photo(5, None), photo(6, None)]);
    let sent: Vec<_> = store.outbox().unwrap().iter().map(|row| (row.name.id, row.blob, row.bytes)).collect();
    let derived = record.derived.iter().map(|(id, bytes)| (visit(2).into(), Some(*id), *bytes));
    let originals = record.originals.iter().map(|(id, bytes)| (visit(2).into(), Some(*id), *bytes));
    let document = (visit(2).into(), None, record.document.len() as u64);
    assert_eq!(sent, [document].into_iter().chain(derived).chain(originals).collect::<Vec<_>>());
    assert_eq!(store.envelope(visit(2), 1).unwrap(), Some(record.envelope));
    assert_eq!(store.sites("石桥", 9).unwrap(), [site(1, "石桥村集中供水站")]);
    assert_eq!(store.setting("cursor").unwrap().as_deref(), Some("17"));
}

fn write_fixture(folder: &Path) {
    use xieguan::store::site::Change;
    let mut store = Store::open(&folder.join("device_v1.db"), &KEY).unwrap();
    store.apply_changes(&[Change::Site(Box::new(site(1, "石桥村集中供水站")))], "17").unwrap();
    let draft = half_filled();
    store.add_draft(&draft).unwrap();
    store.put_answer(draft.id, 0, "WR-16", &draft.sheets[0].answers["WR-16"], moment(40)).unwrap();
    let second = empty(2, &site(2, "第二水站"));
    store.add_draft(&second).unwrap();
    store.finish(&finished(&second, &[photo(5, None), photo(6, None)])).unwrap();
}
