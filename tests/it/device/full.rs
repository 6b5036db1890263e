//! A phone without room: a real, small file system in a mount namespace of the test's own.

use std::process::Command;

use xieguan::device::{Device, Error, Setup};
use xieguan::domain::answer::Answer;
use xieguan::domain::id::InspectionId;
use xieguan::domain::inspection::{Origin, PhotoSource};

use super::{HandClock, Phone, site};
use crate::support::pictures::camera_jpeg;
use crate::support::records;

/// Names the folder to mount on, in the process that runs inside the namespace.
const FOLDER: &str = "XIEGUAN_TEST_SMALL_DISK";

/// The outer process only makes the namespace: the claim is checked by the inner one, on three megabytes.
#[tokio::test]
async fn a_full_phone_says_so_keeps_what_it_had_and_goes_on_once_there_is_room() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return fill_the_phone(std::path::Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let inner = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec"])
        .arg("mount -t tmpfs -o size=3m none \"$0\"; exec \"$@\"")
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("device::full::a_full_phone_says_so_keeps_what_it_had_and_goes_on_once_there_is_room")
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && said.contains("1 passed"), "{said}\n{:?}", inner);
}

async fn fill_the_phone(folder: &std::path::Path) {
    let phone = Phone::new();
    let open = || {
        let setup = Setup { folder: folder.join("data"), keys: phone.keys(), clock: HandClock::new() };
        async move { Device::open(setup).await.unwrap() }
    };
    open().await.close().await;
    let blob: serde_json::Value = serde_json::from_slice(&std::fs::read(phone.key_file()).unwrap()).unwrap();
    let key: [u8; 32] = serde_json::from_value(blob["database_key"].clone()).unwrap();
    {
        use xieguan::store::{Store, site::Change};
        let mut store = Store::open(&folder.join("data").join("xieguan.db"), &key).unwrap();
        store.apply_changes(&[Change::Site(Box::new(site()))], "1").unwrap();
    }

    let device = open().await;
    let offered = device.checklists_for(&site()).await.unwrap();
    let visit = device.start_visit(site().id, &[offered[0].0.clone()], Origin::Routine).await.unwrap();
    let first = records::answer(&[("ok", records::yes_no(true))]);
    device.answer(visit, 0, "WR-04", first.clone()).await.unwrap();

    // All that is left, to the last byte.
    let ballast = folder.join("ballast");
    let mut room = 4 << 20;
    while room > 0 {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        if std::io::Write::write_all(&mut file, &vec![0; room]).is_err() {
            room /= 2;
        }
    }
    let photo =
        device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, camera_jpeg(1200, 900, 1)).await;
    assert!(matches!(photo, Err(Error::Full)), "{photo:?}");
    let (refused, last_kept) = answer_until_full(&device, visit).await;
    assert!(matches!(refused, Error::Full), "{refused:?}");

    std::fs::remove_file(ballast).unwrap();
    device.close().await;
    drop(device);
    let device = open().await;
    let kept = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!(kept.sheets[0].answers["WR-04"], first);
    assert_eq!(kept.sheets[0].answers.get("WR-05").map(|answer| answer.note.as_str()), last_kept.as_deref());
    assert_eq!(kept.photos, []);
    device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, camera_jpeg(800, 600, 1)).await.unwrap();
}

/// Writes ever longer notes until one is refused; the note of the last that was acknowledged.
async fn answer_until_full(device: &Device, visit: InspectionId) -> (Error, Option<String>) {
    let mut kept = None;
    loop {
        let longer = kept.as_ref().map_or(1 << 14, |note: &String| note.len() * 2);
        let note = "长".repeat(longer / 3);
        let answer = Answer { note: note.clone(), ..records::answer(&[("ok", records::yes_no(false))]) };
        match device.answer(visit, 0, "WR-05", answer).await {
            Ok(()) => kept = Some(note),
            Err(refused) => return (refused, kept),
        }
    }
}
