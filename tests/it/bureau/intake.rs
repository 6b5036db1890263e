//! Intake under pressure: a bounded queue, batches of which each command stands for itself, and a stop that keeps
//! its word.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rusqlite::Connection;
use tokio::sync::mpsc;
use xieguan::bureau::photos::Folder;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::storage::{DATABASE, Storage};
use xieguan::domain::id::Digest;
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::Stored;

use super::office::{Office, Phone, Visit, refused};
use super::process::{Acknowledged, check_all, first_site, phones, send_until_killed};
use crate::support::served::{Served, codes, run};

/// Another process's write, during which the writer has to wait.
pub(super) struct Lock(Connection);

impl Lock {
    #[expect(clippy::disallowed_methods, reason = "stands for another process")]
    pub(super) fn take(folder: &Path) -> Self {
        let db = Connection::open(folder.join(DATABASE)).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        db.execute_batch("begin immediate").unwrap();
        Self(db)
    }

    pub(super) fn release(self) {
        self.0.execute_batch("rollback").unwrap();
    }
}

pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn a_full_queue_refuses_with_a_time_to_come_back_and_loses_nothing() {
    const WAITING: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open_with_queue(folder.path(), &Fresh::default(), WAITING).unwrap();
    let photos = Folder::open(&folder.path().join("photos")).unwrap();
    let office = Office::over(folder, storage, Arc::new(photos), Default::default()).await;
    let phone = office.phone(0).await;
    let visits: Vec<Visit> = (0..3 * WAITING).map(|_| phone.visit(&office.site, |_| {})).collect();

    let lock = Lock::take(office.folder());
    let storage = office.bureau.storage().clone();
    let sending = join_all(visits.iter().map(|visit| phone.put(visit)));
    // One is in the writer's hands, the queue is full, the rest is refused.
    let full = async {
        let expected = (visits.len() - WAITING - 1) as u64;
        until("the rest is refused", || storage.written().refused >= expected).await;
        lock.release();
    };
    let (answers, ()) = tokio::join!(sending, full);
    let (mut kept, mut again) = (0, Vec::new());
    for (answer, visit) in answers.into_iter().zip(&visits) {
        if answer.status() == 201 {
            kept += 1;
            continue;
        }
        assert_eq!(answer.headers()["retry-after"], "2");
        assert_eq!(refused(answer, 503).await, Code::Busy);
        again.push(visit);
    }
    assert_eq!((kept, office.held().await), (WAITING + 1, (WAITING + 1) as u64));
    for visit in again {
        assert_eq!(phone.put(visit).await.status(), 201);
    }
    assert_eq!(office.held().await, visits.len() as u64);
}

#[tokio::test]
async fn twins_in_one_batch_get_one_receipt_with_the_same_bytes() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let (visit, other) = (phone.visit(&office.site, |_| {}), phone.visit(&office.site, |_| {}));
    let storage = office.bureau.storage().clone();
    let before = storage.written();
    let lock = Lock::take(office.folder());
    let together = join_all([&visit, &other, &visit, &visit, &other, &visit].map(|visit| phone.put(visit)));
    let released = async {
        until("all six wait", || storage.waiting() == 6).await;
        lock.release();
    };
    let (answers, ()) = tokio::join!(together, released);
    let after = storage.written();
    assert_eq!((after.commands - before.commands, after.batches - before.batches), (6, 1));
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 201, 201]);
    let bodies = join_all(answers.into_iter().map(|answer| answer.text())).await;
    let different: BTreeSet<String> = bodies.into_iter().map(Result::unwrap).collect();
    assert_eq!((different.len(), office.held().await), (2, 2));
}

#[tokio::test]
async fn a_stop_under_load_keeps_everything_it_acknowledged_and_leaves_no_log_behind() {
    const PHONES: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    assert!(run("demo", folder.path(), &[]).status.success());
    let mut serving = Served::start(folder.path(), &[]);
    let phones = phones(folder.path(), &serving.base, PHONES).await;
    let site = first_site(&phones[0]).await;
    let shared: Vec<Arc<Phone>> = phones.into_iter().map(Arc::new).collect();
    let (to, mut from) = mpsc::unbounded_channel();
    let send =
        |phone: &Arc<Phone>| tokio::spawn(send_until_killed(Arc::clone(phone), site.clone(), to.clone()));
    let senders: Vec<_> = shared.iter().map(send).collect();
    drop(to);
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    for _ in 0..40 {
        acknowledged.push(from.recv().await.unwrap());
    }
    assert!(serving.terminate().success());
    join_all(senders).await.into_iter().for_each(|sender| sender.unwrap());
    while let Some(said) = from.recv().await {
        acknowledged.push(said);
    }
    let log = folder.path().join(format!("{DATABASE}-wal"));
    assert_eq!(std::fs::metadata(&log).map_or(0, |log| log.len()), 0, "the log was not folded in");

    serving = Served::start(folder.path(), &[]);
    let mut phones: Vec<Phone> = shared.into_iter().map(|phone| Arc::into_inner(phone).unwrap()).collect();
    phones.iter_mut().for_each(|phone| phone.base = serving.base.clone());
    check_all(&phones, acknowledged).await;
}

#[tokio::test]
async fn an_upload_that_a_stop_cut_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run("demo", folder.path(), &[]).status.success());
    let mut serving = Served::start(folder.path(), &[]);
    let code = codes(folder.path(), 1).remove(0);
    let mut phone = Phone::enrolled(&serving.base, &code.code).await;
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).take(1_000_000).collect();
    let id = Digest::of(&bytes);
    let path = phone.create(id, bytes.len()).await;
    assert_eq!(phone.patch(&path, 0, &bytes[..300_000]).send().await.unwrap().status(), 204);

    // A sender that stops in the middle keeps its connection open; the bureau waits for it, but not for ever.
    let (sender, body) = mpsc::unbounded_channel::<Result<Vec<u8>, std::io::Error>>();
    sender.send(Ok(bytes[300_000..600_000].to_vec())).unwrap();
    let body = futures_util::stream::unfold(body, |mut body| async { Some((body.recv().await?, body)) });
    let slow = phone.patch(&path, 300_000, &[]).body(reqwest::Body::wrap_stream(body));
    let slow = tokio::spawn(slow.send());
    let upload = folder.path().join("photos/uploads").join(path.rsplit('/').next().unwrap().replace('-', ""));
    until("the first pieces are there", || std::fs::metadata(&upload).is_ok_and(|file| file.len() > 300_000))
        .await;
    assert!(serving.terminate().success());
    assert!(!slow.await.unwrap().is_ok_and(|answer| answer.status().is_success()));
    drop(sender);

    serving = Served::start(folder.path(), &[]);
    phone.base = serving.base.clone();
    let held = phone.offset(&path).await;
    assert!((300_000..=600_000).contains(&held), "{held}");
    assert_eq!(phone.patch(&path, held, &bytes[held..]).send().await.unwrap().status(), 204);
    assert!(phone.has(id).await);
}

#[tokio::test]
async fn the_counts_of_the_writer_are_for_monitoring_and_name_nothing() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let stored: Stored = phone.put(&visit).await.json().await.unwrap();
    assert!(!stored.record.receipt.is_empty());
    let answer = office.http.get(format!("{}/metrics", office.base)).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let text = answer.text().await.unwrap();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap().parse::<u64>().unwrap()
    };
    assert!(value("xieguan_writer_commands_total") >= value("xieguan_writer_batches_total"));
    assert!(value("xieguan_writer_batches_total") > 0);
    assert_eq!(value("xieguan_writer_refused_total"), 0);
    assert!(!text.contains(&visit.id.to_string()) && !text.contains("示例"), "{text}");
}
