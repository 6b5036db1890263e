//! What the phone makes of every answer it may get, at every step of a record: nothing that is not the bureau's word
//! is success, nothing ends a row, and what may pass is tried again.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use xieguan::store::outbox::{OutboxItem, OutboxKind};
use xieguan::sync::worker::{Why, Worker};

use crate::support::odd_bureau::{Odd, OddBureau, Quirk};
use crate::support::phone::{Phone, until};

/// What helps against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Later,
    SignIn,
    Blocked,
}

use Class::{Blocked, Later, SignIn};

const HTML: &str = "<html><title>示例网络 登录</title></html>";
const REVOKED: &str = r#"{"type":"urn:xieguan:revoked","title":"t","status":403,"code":"revoked"}"#;
const TOO_LARGE: &str = r#"{"type":"urn:xieguan:too_large","title":"t","status":413,"code":"too_large"}"#;
const SEAL: &str = r#"{"type":"urn:xieguan:seal_wrong","title":"t","status":422,"code":"seal_wrong"}"#;
const FULL: &str = r#"{"type":"urn:xieguan:storage_full","title":"t","status":507,"code":"storage_full"}"#;

/// Status, body, whether it names the bureau, Retry-After; and what it means, to whatever it is the answer.
const ANSWERS: &[(u16, &str, bool, Option<&str>, Class)] = &[
    // Somebody else's: a portal, a proxy, a router. Whatever it says, it is not the bureau's word.
    (200, HTML, false, None, Later),
    (200, "{}", false, None, Later),
    (201, HTML, false, None, Later),
    (204, "", false, None, Later),
    (302, "", false, None, Later),
    (401, HTML, false, None, Later),
    (403, HTML, false, None, Later),
    (404, HTML, false, None, Later),
    (407, HTML, false, None, Later),
    (410, HTML, false, None, Later),
    (413, HTML, false, None, Later),
    (422, SEAL, false, None, Later),
    (502, HTML, false, None, Later),
    (511, HTML, false, None, Later),
    // The bureau's, or one that a proxy on the way has spoilt.
    (202, HTML, true, None, Later),
    (206, "{}", true, None, Later),
    (302, "", true, None, Later),
    (307, "", true, None, Later),
    (408, "", true, None, Later),
    (425, "", true, None, Later),
    (429, "", true, Some("7"), Later),
    (500, "", true, None, Later),
    (502, HTML, true, None, Later),
    (503, "", true, Some("7"), Later),
    (503, "", true, Some("Fri, 31 Dec 2100 00:00:00 GMT"), Later),
    (507, FULL, true, None, Later),
    (401, "", true, None, SignIn),
    (403, REVOKED, true, None, SignIn),
    (413, TOO_LARGE, true, None, Blocked),
    (422, SEAL, true, None, Blocked),
];

/// A phone with one finished record; where `begun`, the record is there and an upload of each photo begun.
async fn scene(on: &str) -> (OddBureau, Phone) {
    let bureau = OddBureau::start().await;
    let phone = Phone::new();
    phone.finish(bureau.id, &[(1_000, 2_000)]);
    if on == "HEAD" {
        let mut store = phone.store();
        let photos: Vec<OutboxItem> =
            store.outbox().unwrap().into_iter().filter(|row| row.blob.is_some()).collect();
        photos.iter().for_each(|row| store.put_upload(row.id, Some("/v1/photos/begun")).unwrap());
    }
    (bureau, phone)
}

fn worker(bureau: &OddBureau, phone: &Phone) -> Worker {
    let enrolment = bureau.enrolment();
    phone.worker(Phone::hasty(&format!("http://{}", bureau.address), &enrolment), &enrolment)
}

/// By whom and why it is kept waiting; none where a spoilt answer may be either's.
fn why(odd: Odd) -> Option<Why> {
    match (odd.named, odd.status) {
        (false, _) => Some(Why::Portal),
        (true, 429 | 503) => Some(Why::BureauBusy),
        (true, 507) => Some(Why::BureauFull),
        (true, 302 | 307 | 408 | 425 | 500 | 502) => Some(Why::Other),
        _ => None,
    }
}

fn rows(phone: &Phone) -> Vec<OutboxItem> {
    phone.store().outbox().unwrap()
}

fn kinds(phone: &Phone) -> Vec<OutboxKind> {
    rows(phone).iter().map(|row| row.kind).collect()
}

/// Runs the worker until it has made up its mind about the rows that got this answer.
async fn meets(odd: Odd, class: Class) {
    let (bureau, phone) = scene(odd.on).await;
    bureau.set(Quirk::Answers(odd));
    let began = chrono::Utc::now().timestamp_millis();
    let worker = worker(&bureau, &phone);
    let mut standing = worker.standing();
    match class {
        Later => {
            let waiting = until(&worker, |standing| standing.waiting.is_some()).await.waiting.unwrap();
            assert!(why(odd).is_none_or(|why| waiting.why == why), "{odd:?}: {waiting:?}");
        }
        SignIn => drop(until(&worker, |standing| standing.sign_in.is_some()).await),
        Blocked => {
            let blocked = || rows(&phone).iter().any(|row| row.blocked.is_some());
            let reached = standing.wait_for(|_| blocked());
            let reached = tokio::time::timeout(std::time::Duration::from_secs(60), reached).await;
            assert!(reached.is_ok(), "{odd:?}: {:?}", rows(&phone));
        }
    }
    let left = rows(&phone);
    let photos = [OutboxKind::Derived, OutboxKind::Original];
    assert!(kinds(&phone).ends_with(&photos), "{odd:?}: {left:?}");
    assert_eq!(bureau.held().blobs.len(), 0, "{odd:?}");
    let record = phone.record();
    assert_eq!(record.complete_receipt, None, "{odd:?}");
    assert_eq!(record.record_receipt.is_none(), odd.on.starts_with("PUT"), "{odd:?}");
    assert_eq!(left.iter().any(|row| row.blocked.is_some()), class == Blocked, "{odd:?}: {left:?}");
    if class == Later {
        let asked = if odd.retry_after.is_some() { 6_900 } else { 1_900 };
        let tried: Vec<_> = left.iter().filter(|row| row.tries > 0).collect();
        assert!(!tried.is_empty(), "{odd:?}: {left:?}");
        let late = tried.iter().all(|row| row.not_before_ms >= began + asked);
        assert!(late, "{odd:?}: asked to wait {asked} ms from {began}, {left:?}");
    }
    worker.stop().await;
    bureau.set(Quirk::None);
    phone.store().retry_all().unwrap();
    let worker = self::worker(&bureau, &phone);
    until(&worker, |standing| standing.idle).await;
    assert_eq!(kinds(&phone), [], "{odd:?}");
    assert!(phone.record().complete_receipt.is_some(), "{odd:?}");
}

async fn every_answer_to(on: &'static str) {
    for &(status, body, named, retry_after, class) in ANSWERS {
        meets(Odd { on, status, named, body, retry_after }, class).await;
    }
}

#[tokio::test]
async fn every_answer_to_a_record_is_classed_by_what_helps_against_it() {
    every_answer_to("PUT /v1/inspections").await;
    // Not for the whole of the others: a bureau's 200 and 204 are right answers there.
    for status in [200, 201, 204] {
        for body in ["", HTML, "{\"record\":{\"receipt\":\"{}\"", "null"] {
            let odd = Odd { on: "PUT /v1/inspections", status, named: true, body, retry_after: None };
            meets(odd, Later).await;
        }
    }
}

#[tokio::test]
async fn every_answer_to_a_new_upload_is_classed_by_what_helps_against_it() {
    every_answer_to("POST /v1/photos").await;
}

#[tokio::test]
async fn every_answer_to_a_chunk_is_classed_by_what_helps_against_it() {
    every_answer_to("PATCH").await;
    for status in [200, 201, 204, 409, 460] {
        meets(Odd { on: "PATCH", status, named: true, body: "", retry_after: None }, Later).await;
    }
}

#[tokio::test]
async fn every_answer_to_where_an_upload_stands_is_classed_by_what_helps_against_it() {
    every_answer_to("HEAD").await;
    for status in [200, 201, 204] {
        meets(Odd { on: "HEAD", status, named: true, body: "", retry_after: None }, Later).await;
    }
}

/// A server that reads a request and says this, and then resets the connection.
async fn breaks_off_after(said: &'static str) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut piece = [0; 4096];
            let _ = stream.read(&mut piece).await;
            let _ = stream.write_all(said.as_bytes()).await;
            let _ = stream.set_zero_linger();
        }
    });
    address
}

#[tokio::test]
async fn an_answer_that_breaks_off_anywhere_is_none() {
    let closed = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let cut = [
        "",
        "HTTP/1.",
        "HTTP/1.1 200 O",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"rec",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "<html>not even this protocol</html>",
    ];
    let mut places = vec![closed];
    for said in cut {
        places.push(breaks_off_after(said).await);
    }
    for (n, address) in places.into_iter().enumerate() {
        let (bureau, phone) = scene("PUT").await;
        let enrolment = bureau.enrolment();
        let worker = phone.worker(Phone::hasty(&format!("http://{address}"), &enrolment), &enrolment);
        let standing = until(&worker, |standing| standing.waiting.is_some()).await;
        assert_eq!((standing.contact_ms, standing.sign_in), (None, None), "{n}");
        assert_eq!(kinds(&phone), [OutboxKind::Record, OutboxKind::Derived, OutboxKind::Original], "{n}");
        let record = phone.record();
        assert_eq!((record.record_receipt, record.blocked), (None, None), "{n}");
    }
}

/// Every try to make rows due is counted and fails; the store takes everything else.
const NOTHING_DUE: &str = "create table try (n integer);
    create trigger injected before update of not_before_ms on outbox when new.not_before_ms = 0
    begin insert into try values (1); select raise(fail, 'injected'); end";

#[tokio::test]
async fn a_store_that_fails_when_the_network_returns_holds_up_nothing_and_is_asked_again_with_pauses() {
    let (bureau, phone) = scene("PUT").await;
    let later = chrono::Utc::now().timestamp_millis() + 600_000;
    for row in rows(&phone) {
        phone.store().mark_later(row.id, later).unwrap();
    }
    let raw = phone.raw();
    raw.execute_batch(NOTHING_DUE).unwrap();
    let worker = worker(&bureau, &phone);
    let began = std::time::Instant::now();
    until(&worker, |standing| standing.waiting.is_some() && standing.offset_ms.is_some()).await;
    worker.network_returned();
    let tries = || raw.query_row("select count(*) from try", [], |row| row.get::<_, i64>(0)).unwrap();
    until(&worker, |_| tries() > 0).await;
    // Every turn used to try it again: now each failure waits longer, at least 2, 4, 8 seconds.
    for _ in 0..8 {
        let (other, _) = phone.finish(bureau.id, &[]);
        worker.wake();
        bureau.until(|held| held.documents.contains_key(&other)).await;
    }
    let (tried, after_s) = (tries(), i64::try_from(began.elapsed().as_secs()).unwrap());
    assert!(tried <= 2 + after_s / 2, "{tried} tries in {after_s} s");
    raw.execute_batch("drop trigger injected").unwrap();
    until(&worker, |standing| standing.idle).await;
    assert_eq!(kinds(&phone), [], "what waited for the network went when the store could say so");
}
