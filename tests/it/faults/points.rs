//! Phone and bureau are ended at every named point, once inside and once after each durable transaction.

use xieguan::fault::POINTS;

use super::county::{AT_A_POINT, County, Ended, Phone};
use super::tally::{Tally, long, seed};
use crate::support::served::{bureau, said};
use std::os::unix::process::ExitStatusExt as _;

/// The points of this kind, in their order.
pub(super) fn points(begin: &'static [&'static str]) -> Vec<&'static str> {
    let of = |name: &&&str| begin.iter().any(|begin| name.starts_with(begin));
    POINTS.iter().filter(of).copied().collect()
}

fn rounds() -> usize {
    if long() { 6 } else { 1 }
}

/// The points of a phone's first start.
const FIRST: &[&str] = &["phone.keys.", "phone.enrol."];
/// Those of a visit and of sending it.
const VISIT: &[&str] = &[
    "phone.changes.",
    "phone.draft.",
    "phone.answer.",
    "phone.photo.",
    "phone.finish.",
    "phone.document.",
    "phone.upload.",
    "phone.sent.",
    "phone.receipt.",
];
/// Those of a bureau that was restored.
const LOST: &[&str] = &["phone.again.", "phone.lacks.", "phone.epoch.", "phone.doubt."];
const ROOM: &[&str] = &["phone.keep."];
const BUREAU_FIRST: &[&str] = &["bureau.enrol."];
const BUREAU: &[&str] = &["bureau.document.", "bureau.upload.", "bureau.blob."];
const FOLDER: &[&str] =
    &["bureau.absent.", "bureau.backup.", "bureau.photo.", "bureau.folder.", "bureau.restore."];

/// Those of a changed certificate, in the family of `certificates`.
pub(super) const PINS: &[&str] = &["phone.pins."];
pub(super) const CERTIFICATE: &[&str] = &["bureau.certificate."];

#[test]
fn every_point_belongs_to_a_family_below() {
    let families = [FIRST, VISIT, LOST, ROOM, BUREAU_FIRST, BUREAU, FOLDER, PINS, CERTIFICATE];
    let mut met: Vec<&str> = families.into_iter().flat_map(points).collect();
    met.sort_unstable();
    let mut listed = POINTS.to_vec();
    listed.sort_unstable();
    assert_eq!(met, listed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_killed_at_any_point_loses_nothing_and_sends_nothing_twice() {
    let mut tally = Tally::new("phone killed at every point", seed());
    let mut county = County::new().await;
    county.serve(None);
    for point in points(FIRST) {
        let mut phone = county.phone().await;
        let ended = county.walk(&mut phone, 0, Some(point)).await;
        assert_eq!(ended, Ended { phone: 1, bureau: 0 }, "{point} was not reached");
        county.check(&phone, &mut tally).await;
        tally.rounds += 1;
    }
    let before = county.link.bytes_up();
    tally.needed = 0;
    let mut phone = county.phone().await;
    county.walk(&mut phone, 0, None).await;
    for round in 0..rounds() {
        for point in points(VISIT) {
            // Later rounds end at later passages, where there are some.
            let at = if round == 0 { point.to_owned() } else { format!("{point}:{}", round + 1) };
            let ended = county.walk(&mut phone, 1, Some(&at)).await;
            assert!(round > 0 || ended.phone == 1, "{point} was not reached");
            tally.rounds += u64::from(ended.phone);
        }
    }
    county.check(&phone, &mut tally).await;
    tally.sent = county.link.bytes_up() - before;
    tally.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bureau_killed_at_any_point_loses_nothing_and_keeps_nothing_twice() {
    let mut tally = Tally::new("bureau killed at every point", seed());
    let mut county = County::new().await;
    for point in points(BUREAU_FIRST) {
        county.serve(Some(point));
        let mut phone = county.phone().await;
        let ended = county.walk(&mut phone, 0, None).await;
        assert_eq!(ended, Ended { phone: 0, bureau: 1 }, "{point} was not reached");
        county.check(&phone, &mut tally).await;
        tally.rounds += 1;
    }
    let mut phone = county.phone().await;
    county.walk(&mut phone, 0, None).await;
    let before = county.link.bytes_up();
    tally.needed = 0;
    for round in 0..rounds() {
        for point in points(BUREAU) {
            let at = if round == 0 { point.to_owned() } else { format!("{point}:{}", round + 1) };
            county.serve(Some(&at));
            let ended = county.walk(&mut phone, 1, None).await;
            assert!(round > 0 || ended.bureau == 1, "{point} was not reached");
            tally.rounds += u64::from(ended.bureau);
        }
    }
    county.check(&phone, &mut tally).await;
    tally.sent = county.link.bytes_up() - before;
    tally.end();
}

/// A command that is ended at a point, and then runs to its end.
fn killed_and_again(point: &str, command: &str, county: &County, more: &[&str]) -> String {
    let mut first = bureau(command, &county.data(), more);
    let output = first.env(xieguan::fault::DIE_AT, point).output().unwrap();
    assert_eq!(output.status.signal(), Some(AT_A_POINT), "bureau {command} did not reach {point}");
    run_again(command, county, more)
}

/// To its end; what was already whole when it was ended needs no second time.
fn run_again(command: &str, county: &County, more: &[&str]) -> String {
    let to = county.folder.path().join("backup");
    if command == "backup" && to.exists() {
        return "was whole".to_owned();
    }
    said(command, &county.data(), more)
}

fn lose_one_photo(county: &County) {
    let shelves = county.data().join("photos/blobs");
    let mut files: Vec<_> = std::fs::read_dir(&shelves)
        .unwrap()
        .flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    std::fs::remove_file(&files[0]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_a_restore_and_a_mending_killed_at_any_point_are_whole_the_second_time() {
    let mut tally = Tally::new("backup, restore, doctor, room: killed at every point", seed());
    let mut county = County::new().await;
    county.serve(None);
    let mut phone = county.phone().await;
    let backup = county.folder.path().join("backup");
    let path = backup.to_str().unwrap().to_owned();
    county.walk(&mut phone, 1, None).await;
    for point in points(&["bureau.backup.", "bureau.photo.", "bureau.folder."]) {
        let _ = std::fs::remove_dir_all(&backup);
        killed_and_again(point, "backup", &county, &[&path]);
        assert!(backup.join("backup.json").is_file() && !backup.with_extension("part").exists(), "{point}");
        tally.rounds += 1;
    }
    for point in points(&["bureau.absent."]) {
        lose_one_photo(&county);
        killed_and_again(point, "doctor", &county, &["--mend"]);
        county.walk(&mut phone, 0, None).await;
        tally.rounds += 1;
    }
    county.walk(&mut phone, 1, None).await;
    for point in points(&["bureau.restore.", "bureau.folder.", "bureau.photo."]) {
        county.stop();
        let restored = point == "bureau.restore.renamed";
        let mut first = bureau("restore", &county.data(), &[&path, "--replace"]);
        let output = first.env(xieguan::fault::DIE_AT, point).output().unwrap();
        assert_eq!(output.status.signal(), Some(AT_A_POINT), "bureau restore did not reach {point}");
        if !restored {
            said("restore", &county.data(), &[&path, "--replace"]);
        }
        county.serve(None);
        county.walk(&mut phone, 0, None).await;
        tally.rounds += 1;
    }
    for point in points(LOST) {
        county.stop();
        said("restore", &county.data(), &[&path, "--replace"]);
        county.serve(None);
        let ended = county.walk(&mut phone, 0, Some(point)).await;
        assert_eq!(ended.phone, 1, "{point} was not reached");
        tally.rounds += 1;
    }
    county.check(&phone, &mut tally).await;
    keep_room(&mut county, &mut phone, &mut tally).await;
    // What a restored bureau needs again is measured in `restored`.
    tally.needed = 0;
    tally.end();
}

/// The bureau asks phones to keep nothing: originals go, and the phone is ended while they do.
async fn keep_room(county: &mut County, phone: &mut Phone, tally: &mut Tally) {
    said("settings", &county.data(), &["--keep-days", "0"]);
    phone.errand.room = true;
    for point in points(ROOM) {
        let ended = county.walk(phone, 1, Some(point)).await;
        assert_eq!(ended.phone, 1, "{point} was not reached");
        tally.rounds += 1;
    }
    county.check(phone, tally).await;
}
