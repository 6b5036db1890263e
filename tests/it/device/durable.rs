//! The phone says “kept” of nothing that its disk did not sync: it holds the only copy.

use std::process::Command;

use xieguan::domain::inspection::PhotoSource;

use super::{Phone, fill, picture, records, visit};
use crate::support::pictures::camera_jpeg;
use crate::support::unsynced::Unsynced;

const LOG: &str = "*/xieguan.db-wal";

/// Runs this test again in a process of its own, whose disk can be told what not to sync.
#[tokio::test]
async fn a_phone_says_kept_of_nothing_that_its_disk_did_not_sync() {
    if let Some(disk) = Unsynced::of_this_process() {
        return on_this_disk(&disk).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let inner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("device::durable::a_phone_says_kept_of_nothing_that_its_disk_did_not_sync")
        .envs(Unsynced::new(folder.path()).environment())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && said.contains("1 passed"), "{said}\n{inner:?}");
}

async fn on_this_disk(disk: &Unsynced) {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    let answer = || records::answer(&[("ok", records::yes_no(true))]);
    disk.refuse(LOG);
    device.answer(id, 0, "WR-04", answer()).await.unwrap_err();
    disk.relent();
    device.answer(id, 0, "WR-04", answer()).await.unwrap();

    // Bytes, their names, and the row that names them. The third time both names are there, and neither is synced.
    let shoot =
        async |bytes: Vec<u8>| device.add_photo(id, 0, Some("WR-12"), PhotoSource::Camera, bytes).await;
    for pattern in ["*/photos/*", "*/photos", "*/photos", "*/photos", LOG] {
        disk.refuse(pattern);
        let added = shoot(picture()).await;
        assert!(added.is_err(), "{pattern}: {added:?}");
        disk.relent();
    }
    shoot(picture()).await.unwrap();
    shoot(camera_jpeg(800, 600, 1)).await.unwrap();

    fill(&device, id, &phone.clock).await;
    disk.refuse(LOG);
    device.finish(id).await.unwrap_err();
    disk.relent();
    assert_eq!(device.visit(id).await.unwrap().unwrap().draft.photos.len(), 2, "the draft stays");
    device.finish(id).await.unwrap();
}
