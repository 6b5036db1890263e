//! A bureau restored from an older backup gets back, by itself, exactly what it lacks.

use xieguan::bureau::self_signed::SelfSigned;
use xieguan::bureau::storage::DATABASE;
use xieguan::domain::id::Digest;

use super::county::County;
use super::tally::{Tally, seed};
use crate::support::served::{bureau, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_bureau_gets_back_what_came_after_the_backup_and_hardly_a_byte_more() {
    let mut tally = Tally::new("restored from an older backup", seed());
    let mut county = County::new().await;
    county.serve(None);
    let mut phone = county.phone().await;
    phone.errand.picture = 800;
    county.walk(&mut phone, 1, None).await;
    county.check(&phone, &mut tally).await;
    let before_backup = tally.needed;
    let backup = county.folder.path().join("backup");
    let path = backup.to_str().unwrap().to_owned();
    // While it is served.
    let told = said("backup", &county.data(), &[&path]);
    assert!(told.contains("3 documents, 4 photos"), "{told}");
    county.walk(&mut phone, 1, None).await;
    county.stop();
    let told = said("restore", &county.data(), &[&path, "--replace"]);
    assert!(told.contains("3 documents, 4 photos") && told.contains("new life"), "{told}");
    assert!(told.contains(".replaced-1"), "what stood there is kept: {told}");
    county.serve(None);
    let before = county.link.bytes_up();
    county.walk(&mut phone, 0, None).await;
    tally.sent = county.link.bytes_up() - before;
    tally.needed = 0;
    county.check(&phone, &mut tally).await;
    // Both visits are there again; only the second had to travel.
    tally.needed -= before_backup;
    tally.rounds = 1;
    let ratio = tally.end();
    assert!(ratio < 1.05, "{ratio}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_enrolled_after_the_backup_keeps_everything_and_sends_it_with_a_new_code() {
    let mut tally = Tally::new("enrolled after the backup", seed());
    let mut county = County::new().await;
    let backup = county.folder.path().join("backup");
    let path = backup.to_str().unwrap().to_owned();
    said("backup", &county.data(), &[&path]);
    county.serve(None);
    let mut phone = county.phone().await;
    county.walk(&mut phone, 2, None).await;
    county.stop();
    let told = said("restore", &county.data(), &[&path, "--replace"]);
    assert!(told.contains("needs a new code"), "{told}");
    county.serve(None);
    let before = county.link.bytes_up();
    phone.errand.code = county.code().await;
    phone.errand.again = true;
    county.walk(&mut phone, 1, None).await;
    tally.sent = county.link.bytes_up() - before;
    county.check(&phone, &mut tally).await;
    tally.rounds = 1;
    tally.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_that_the_bureaus_disk_lost_or_spoiled_is_found_by_the_doctor_and_comes_back() {
    let mut tally = Tally::new("photos lost and spoiled on the bureau's disk", seed());
    let mut county = County::new().await;
    county.serve(None);
    let mut phone = county.phone().await;
    county.walk(&mut phone, 2, None).await;
    assert!(said("doctor", &county.data(), &[]).contains("all is well"));
    let mut files = Vec::new();
    for shelf in std::fs::read_dir(county.data().join("photos/blobs")).unwrap() {
        files.extend(std::fs::read_dir(shelf.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    files.sort();
    std::fs::remove_file(&files[0]).unwrap();
    let mut spoiled = std::fs::read(&files[1]).unwrap();
    spoiled[7] ^= 1;
    std::fs::write(&files[1], spoiled).unwrap();
    let looked = bureau("doctor", &county.data(), &[]).output().unwrap();
    let told = String::from_utf8(looked.stdout).unwrap();
    assert!(!looked.status.success() && told.contains("is missing") && told.contains("is damaged"), "{told}");
    // Beside the running server.
    assert!(said("doctor", &county.data(), &["--mend"]).contains("noted as absent"));
    let before = county.link.bytes_up();
    county.walk(&mut phone, 0, None).await;
    tally.sent = county.link.bytes_up() - before;
    tally.rounds = 1;
    county.check(&phone, &mut tally).await;
    assert!(said("doctor", &county.data(), &[]).contains("all is well"));
    // Two small files of sixteen and no document: what went up is headers.
    assert!(tally.sent < tally.needed / 3, "{} bytes for two files of {}", tally.sent, tally.needed);
    tally.needed = 0;
    tally.end();
}

#[test]
fn while_a_restore_is_unfinished_nobody_finds_an_empty_bureau_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    said("demo", &data, &[]);
    said("backup", &data, &[backup.to_str().unwrap()]);
    let restore = ["--replace", backup.to_str().unwrap()];
    let database = data.join("bureau.sqlite");
    for (point, stands) in [("bureau.folder.whole", true), ("bureau.restore.aside", false)] {
        let mut first = bureau("restore", &data, &restore);
        let killed = first.env(xieguan::fault::DIE_AT, point).output().unwrap();
        assert!(!killed.status.success());
        assert_eq!(database.is_file(), stands, "{point}: all is durable before the old one is put aside");
    }
    let lock = folder.path().join("data.part").join("writing.lock");
    let held = std::fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    for words in ["another program is writing", "was cut off"] {
        for (command, more) in [("serve", ["--listen", "127.0.0.1:0"].as_slice()), ("demo", &[])] {
            let refused = bureau(command, &data, more).output().unwrap();
            let told = String::from_utf8(refused.stderr).unwrap();
            assert!(!refused.status.success() && told.contains(words), "bureau {command}: {told}");
            assert!(!data.exists(), "nothing was made");
        }
        held.unlock().unwrap();
    }
    said("restore", &data, &restore);
    assert!(said("doctor", &data, &[]).contains("all is well"));
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "writing.lock"), "{left:?}");
}

#[test]
fn a_restore_explains_itself_and_touches_nothing_that_it_should_not() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    assert!(bureau("demo", &data, &[]).output().unwrap().status.success());
    let refused = |command: &str, folder: &std::path::Path, more: &[&str], words: &str| {
        let output = bureau(command, folder, more).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(words), "bureau {command}: {told}");
    };
    let path = backup.to_str().unwrap();
    let certificate = data.join("tls").join("current.pem");
    std::fs::create_dir(data.join("tls")).unwrap();
    std::fs::write(&certificate, "what phones pin").unwrap();
    std::fs::set_permissions(&certificate, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    refused("backup", &data, &[data.join("inside").to_str().unwrap()], "inside the data folder");
    refused("restore", &data, &[path], "no whole backup");
    said("backup", &data, &[path]);
    refused("backup", &data, &[path], "not empty");
    refused("restore", &data, &[path], "not empty");
    refused("backup", &folder.path().join("typo"), &[path], "there is no bureau in");
    let elsewhere = folder.path().join("elsewhere");
    said("restore", &elsewhere, &[path]);
    assert!(said("doctor", &elsewhere, &[]).contains("all is well"));
    let copy = elsewhere.join("tls").join("current.pem");
    assert_eq!(std::fs::read(&copy).unwrap(), b"what phones pin");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "the key stays its owner's");
    let database = backup.join("bureau.sqlite");
    let mut spoiled = std::fs::read(&database).unwrap();
    let middle = spoiled.len() / 2;
    spoiled[middle..middle + 4096].fill(0xA5);
    std::fs::write(&database, spoiled).unwrap();
    refused("restore", &folder.path().join("third"), &[path], "");
    assert!(!folder.path().join("third").exists(), "a damaged backup is not restored");
    let given = said("settings", &elsewhere, &["--keep-days", "30", "--keep-free-mb", "0"]);
    assert!(given.contains("keep-days 30") && given.contains("keep-free-mb 0"), "{given}");
    assert!(said("settings", &elsewhere, &[]).contains("keep-days 30"));
}

/// What `sudo bureau restore` leaves must be the server's, and what is in the backup must not become so.
#[test]
fn what_is_restored_belongs_to_whom_the_data_folder_belongs() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    said("demo", &data, &[]);
    SelfSigned::of(&data).require().unwrap();
    put_photo(&data);
    said("backup", &data, &[backup.to_str().unwrap()]);
    let whose = |path: &std::path::Path| std::fs::symlink_metadata(path).unwrap().uid();
    let (me, owners) = (whose(&backup), || (all_in(&data), all_in(&backup)));
    let before = owners().1.len();
    // Another user's, where the tests may say so.
    let _ = chown(&data, Some(12_345), Some(12_345));
    let owner = whose(&data);
    for again in [false, true] {
        if again {
            // An empty folder says whose it is as well.
            std::fs::rename(&data, folder.path().join("gone")).unwrap();
            std::fs::create_dir(&data).unwrap();
            let _ = chown(&data, Some(12_345), Some(12_345));
        }
        said("restore", &data, &["--replace", backup.to_str().unwrap()]);
        let (restored, kept) = owners();
        assert!(restored.len() > 4, "{restored:?}");
        assert!(restored.iter().all(|path| whose(path) == owner), "{restored:?}");
        assert!(kept.len() == before && kept.iter().all(|path| whose(path) == me), "{kept:?}");
    }
}

/// A photo that the database names.
#[expect(clippy::disallowed_methods, reason = "quicker than a phone that sends one")]
fn put_photo(data: &std::path::Path) {
    let (bytes, db) = (b"a photo", rusqlite::Connection::open(data.join(DATABASE)).unwrap());
    let id = Digest::of(bytes);
    let shelf = data.join(format!("photos/blobs/{:02x}", id.0[0]));
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::write(shelf.join(id.to_string()), bytes).unwrap();
    db.execute("insert into blob values (?, ?, 1)", (id.0, bytes.len() as i64)).unwrap();
}

/// A folder and everything in it.
fn all_in(path: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![path.to_owned()];
    if path.is_dir() {
        all.extend(std::fs::read_dir(path).unwrap().flat_map(|entry| all_in(&entry.unwrap().path())));
    }
    all
}

#[test]
fn a_restore_says_that_it_brings_back_an_older_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    said("demo", &data, &[]);
    let own = SelfSigned::of(&data);
    own.require().unwrap();
    said("backup", &data, &[backup.to_str().unwrap()]);
    let restore = ["--replace", backup.to_str().unwrap()];
    assert!(!said("restore", &data, &restore).contains("certificate"));
    own.make_next().unwrap();
    own.switch().unwrap();
    let newer = own.current().unwrap();
    let told = said("restore", &data, &restore);
    assert!(told.contains("older one is back"), "{told}");
    // What it says can be done as it says it.
    let from = told.split("copy current.pem from ").nth(1).unwrap().split(" to ").next().unwrap();
    assert_ne!(own.current().unwrap(), newer);
    std::fs::copy(std::path::Path::new(from).join("current.pem"), data.join("tls/current.pem")).unwrap();
    assert_eq!(own.current().unwrap(), newer);
}
