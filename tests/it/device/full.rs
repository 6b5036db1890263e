//! A phone without room: a real, small file system in a mount namespace of the test's own.

use std::path::PathBuf;
use std::process::Command;

use xieguan::device::{Device, Error, Setup};
use xieguan::domain::answer::Answer;
use xieguan::domain::id::InspectionId;
use xieguan::domain::inspection::{Origin, PhotoSource};
use xieguan::store::Store;
use xieguan::store::record::KeptReceipt;
use xieguan::store::site::Change;
use xieguan::sync::HEARD;
use xieguan::wire::receipt::{Receipt, ReceiptKind};

use super::{Phone, site};
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
    in_small_disk("device::full::a_full_phone_says_so_keeps_what_it_had_and_goes_on_once_there_is_room");
}

/// Runs this one test again in a process that has three megabytes in the folder that [`FOLDER`] names.
fn in_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let inner = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec"])
        .arg("mount -t tmpfs -o size=3m none \"$0\"; exec \"$@\"")
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(test)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && said.contains("1 passed"), "{said}\n{:?}", inner);
}

fn store_of(folder: &std::path::Path, phone: &Phone) -> Store {
    let blob: serde_json::Value = serde_json::from_slice(&std::fs::read(phone.key_file()).unwrap()).unwrap();
    let key: [u8; 32] = serde_json::from_value(blob["database_key"].clone()).unwrap();
    Store::open(&folder.join("data").join("xieguan.db"), &key).unwrap()
}

/// The phone with its data in this folder; at its first start it gets a site and an enrolment.
async fn opened(folder: &std::path::Path, phone: &Phone) -> Device {
    let open = || {
        let setup = Setup { folder: folder.join("data"), keys: phone.keys(), clock: phone.clock.clone() };
        async move { Device::open(setup).await.unwrap() }
    };
    if !folder.join("data").exists() {
        open().await.close().await;
        let mut store = store_of(folder, phone);
        store.apply_changes(&[Change::Site(Box::new(site()))], "1").unwrap();
        let profile = serde_json::to_string(&super::profile()).unwrap();
        store.put_setting("profile", Some(&profile)).unwrap();
    }
    open().await
}

/// Takes all that is left, to the last byte; the file that does.
fn fill_up(folder: &std::path::Path) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut room = 4 << 20;
    while room > 0 {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        if std::io::Write::write_all(&mut file, &vec![0; room]).is_err() {
            room /= 2;
        }
    }
    ballast
}

async fn fill_the_phone(folder: &std::path::Path) {
    let phone = Phone::new();
    let device = opened(folder, &phone).await;
    let offered = device.checklists_for(&site()).await.unwrap();
    let visit = device.start_visit(site().id, &[offered[0].0.clone()], Origin::Routine).await.unwrap();
    let first = records::answer(&[("ok", records::yes_no(true))]);
    device.answer(visit, 0, "WR-04", first.clone()).await.unwrap();

    let ballast = fill_up(folder);
    let photo =
        device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, camera_jpeg(1200, 900, 1)).await;
    assert!(matches!(photo, Err(Error::Full)), "{photo:?}");
    let (refused, last_kept) = answer_until_full(&device, visit).await;
    assert!(matches!(refused, Error::Full), "{refused:?}");

    std::fs::remove_file(ballast).unwrap();
    device.close().await;
    drop(device);
    let device = opened(folder, &phone).await;
    let kept = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!(kept.sheets[0].answers["WR-04"], first);
    assert_eq!(kept.sheets[0].answers.get("WR-05").map(|answer| answer.note.as_str()), last_kept.as_deref());
    assert_eq!(kept.photos, []);
    device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, camera_jpeg(800, 600, 1)).await.unwrap();
}

/// As the other: on three megabytes, of which a delivered original takes a third.
#[tokio::test]
async fn a_photo_for_which_there_is_no_room_takes_that_of_an_original_the_bureau_holds_even_of_today() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return press(std::path::Path::new(&folder)).await;
    }
    in_small_disk(
        "device::full::a_photo_for_which_there_is_no_room_takes_that_of_an_original_the_bureau_holds_even_of_today",
    );
}

async fn press(folder: &std::path::Path) {
    let phone = Phone::new();
    let device = opened(folder, &phone).await;
    let id = super::visit(&device).await;
    super::fill(&device, id, &phone.clock).await;
    let big = [camera_jpeg(1600, 1200, 1), vec![0; 1 << 20]].concat();
    let sent = device.add_photo(id, 0, Some("WR-12"), PhotoSource::Camera, big).await.unwrap();
    device.finish(id).await.unwrap();
    let next = super::visit(&device).await;
    device.close().await;
    drop(device);
    deliver(folder, &phone);

    let device = opened(folder, &phone).await;
    assert_eq!(device.free_originals().await.unwrap(), 0, "short of room, but it came today");
    // Room for a few rows, not for a picture.
    let ballast = std::fs::OpenOptions::new().write(true).open(fill_up(folder)).unwrap();
    ballast.set_len(ballast.metadata().unwrap().len() - 128 * 1024).unwrap();
    let small = [camera_jpeg(800, 600, 1), vec![0; 256 << 10]].concat();
    let taken = device.add_photo(next, 0, Some("WR-12"), PhotoSource::Camera, small).await.unwrap();
    assert_eq!(device.visit(next).await.unwrap().unwrap().draft.photos, [taken]);
    assert!(matches!(device.photo(sent.original).await, Err(Error::NotFound)));
    device.photo(sent.derived).await.unwrap();
}

/// Puts into the store what a bureau's answers to everything in the outbox would have put there, some minutes ago.
fn deliver(folder: &std::path::Path, phone: &Phone) {
    let mut store = store_of(folder, phone);
    let profile = super::profile();
    let row = store.documents().unwrap().remove(0);
    for (sequence, kind) in [(1, ReceiptKind::Record), (2, ReceiptKind::Complete)] {
        let receipt = Receipt {
            kind,
            document: row.digest,
            inspection: row.id,
            revision: row.revision,
            number: "2026-000001".to_owned(),
            received_at: records::moment(),
            sequence,
            bureau: profile.enrolled.bureau.id,
            epoch: profile.enrolled.bureau.epoch,
        };
        let signed = receipt.sign(&ed25519_dalek::SigningKey::from_bytes(&[7; 32])).unwrap();
        let envelope = serde_json::to_string(&signed).unwrap();
        let complete = kind == ReceiptKind::Complete;
        store.put_receipt(&KeptReceipt { document: row.digest, complete, envelope }).unwrap();
    }
    while let Some(row) = store.outbox().unwrap().first() {
        store.mark_sent(row.id).unwrap();
    }
    let heard = (records::moment() + chrono::Duration::minutes(10)).timestamp_millis();
    store.put_setting(HEARD, Some(&heard.to_string())).unwrap();
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
