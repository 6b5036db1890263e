//! Killed at any moment: what was acknowledged is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use xieguan::store::Store;

use super::sample::{KEY, Phone, empty, moment, note, site, visit};

const FOLDER: &str = "XIEGUAN_STORE_CHILD_DB";
const FROM: &str = "XIEGUAN_STORE_CHILD_FROM";
const ROUNDS: u32 = 8;

/// The other process of the test below: answers one item after the other and says so, until it is killed.
#[test]
fn the_killed_one_writes_nothing_unless_it_is_started_for_it() {
    let Some(path) = std::env::var_os(FOLDER) else { return };
    let from: u32 = std::env::var(FROM).unwrap().parse().unwrap();
    let mut store = Store::open(Path::new(&path), &KEY).unwrap();
    for n in from.. {
        store
            .put_answer(visit(1), n % 2, &format!("{n}"), &note(&format!("说明 {n}")), moment(n.into()))
            .unwrap();
        writeln!(std::io::stdout(), "\nanswered {n}").unwrap();
    }
}

#[test]
fn every_acknowledged_answer_is_there_after_sigkill() {
    let mut phone = Phone::new();
    phone.store.add_draft(&empty(1, &site(1, "石桥村集中供水站"))).unwrap();
    let Phone { folder, store } = phone;
    drop(store);
    let path = folder.path().join("phone.db");
    let mut next = 0;
    for round in 0..ROUNDS {
        let wanted = rand::random::<u32>() % 40;
        let last = answer_until_killed(&path, next, wanted);
        let store = Store::open(&path, &KEY).unwrap();
        let draft = store.draft(visit(1)).unwrap().unwrap();
        let mut stored: Vec<u32> = draft
            .sheets
            .iter()
            .flat_map(|sheet| sheet.answers.keys())
            .map(|item| item.parse().unwrap())
            .collect();
        stored.sort_unstable();
        let count = u32::try_from(stored.len()).unwrap();
        assert_eq!(stored, (0..count).collect::<Vec<_>>(), "round {round}: a hole");
        // The one after the last acknowledged may have been committed without a word.
        assert!(count == last + 1 || count == last + 2, "round {round}: {last} acknowledged, {count} stored");
        for n in 0..count {
            assert_eq!(draft.sheets[(n % 2) as usize].answers[&n.to_string()], note(&format!("说明 {n}")));
        }
        next = count;
    }
}

/// Starts the other process, kills it some time after `wanted` more answers, and gives the last acknowledged.
fn answer_until_killed(path: &Path, from: u32, wanted: u32) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::crash::the_killed_one_writes_nothing_unless_it_is_started_for_it",
            "--nocapture",
        ])
        .env(FOLDER, path)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut last = None;
    let mut killed = false;
    for n in lines.filter_map(|line| line.strip_prefix("answered ")?.parse::<u32>().ok()) {
        last = Some(n);
        if n >= from + wanted && !killed {
            // SIGKILL, while it is at the next one; what it has said by then is still read.
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the other process ended by itself after {last:?}");
    last.unwrap()
}
