//! Senders who take all they can get: they hold up themselves and nobody else.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream;
use reqwest::{Body, RequestBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use xieguan::domain::site::Site;
use xieguan::wire::changes::ChangesPage;
use xieguan::wire::failure::Code;

use super::intake::{Lock, until};
use super::office::{Office, Phone, Visit, client, refused};

const MIB: usize = 1024 * 1024;

/// A request of which everything but the last byte has been sent.
async fn unfinished(base: &str, line: &str, token: &str, announced: usize) -> TcpStream {
    let mut stream = head(base, line, token, announced).await;
    stream.write_all(&vec![b' '; announced - 1]).await.unwrap();
    stream
}

/// A request of which nothing but the head has been sent.
async fn head(base: &str, line: &str, token: &str, announced: usize) -> TcpStream {
    let host = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-length: {announced}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// All that one phone may hold, in two requests that it does not finish.
pub(super) async fn greedy(phone: &Phone, path: &str) -> Vec<TcpStream> {
    let (line, before) = (format!("PUT {path}"), held(&phone.base).await);
    let whole = |announced| unfinished(&phone.base, &line, phone.token(), announced);
    let streams = vec![whole(9 * MIB).await, whole(7 * MIB - 8 * 1024).await];
    until_held(&phone.base, before + 16 * MIB - 8 * 1024).await;
    streams
}

/// The memory that bodies and answers take, as the bureau says it.
async fn held(base: &str) -> usize {
    let text = client().get(format!("{base}/metrics")).send().await.unwrap().text().await.unwrap();
    text.lines().find_map(|line| line.strip_prefix("xieguan_memory_bytes ")?.parse().ok()).unwrap()
}

/// Waits until they take so much.
pub(super) async fn until_held(base: &str, bytes: usize) {
    for _ in 0..1200 {
        if held(base).await >= bytes {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never {bytes}, but {}", held(base).await);
}

/// A body of a length that is not told.
pub(super) fn untold(bytes: Vec<u8>) -> Body {
    Body::wrap_stream(stream::iter([Ok::<_, std::io::Error>(bytes)]))
}

/// Something that is no document; a bureau that has room says so.
pub(super) fn nonsense(phone: &Phone, path: &str) -> RequestBuilder {
    phone.http.put(format!("{}{path}", phone.base)).bearer_auth(phone.token()).body(untold(b"{}".to_vec()))
}

/// Waits until this request is answered so.
pub(super) async fn until_answered(request: impl Fn() -> RequestBuilder, status: u16) {
    for _ in 0..1200 {
        if request().send().await.unwrap().status() == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never answered with {status}");
}

#[tokio::test]
async fn a_phone_that_takes_all_it_can_is_told_to_wait_and_no_other_is() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let visit = phone.visit(&office.site, |_| {});
    let mut held = greedy(&phone, &visit.path()).await;
    // It announces as much again as there is for all.
    let line = format!("PUT {}", visit.path());
    for _ in 0..7 {
        held.push(head(&office.base, &line, phone.token(), 9 * MIB).await);
    }
    let busy = nonsense(&phone, &visit.path()).send().await.unwrap();
    assert_eq!(busy.headers()["retry-after"], "2");
    assert_eq!(refused(busy, 503).await, Code::Busy);

    let theirs = other.visit(&office.site, |_| {});
    assert_eq!(refused(nonsense(&other, &theirs.path()).send().await.unwrap(), 422).await, Code::Unreadable);
    let large = other.visit(&office.site, |draft| draft.guidance = "长".repeat(1_000_000));
    for visit in [theirs, large] {
        assert_eq!(other.put(&visit).await.status(), 201);
    }
    drop(held);
    until_answered(|| nonsense(&phone, &visit.path()), 422).await;
    assert_eq!(phone.put(&visit).await.status(), 201);
}

#[tokio::test]
async fn announcing_alone_takes_nothing() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let line = format!("PUT {}", visit.path());
    let mut silent = join_all((0..7).map(|_| head(&office.base, &line, phone.token(), 9 * MIB))).await;
    let smaller = (0..20).map(|_| head(&office.base, &line, phone.token(), MIB - 8 * 1024));
    silent.extend(join_all(smaller).await);
    // They are heard before the next one, most likely; whether or not, it gets through.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(nonsense(&phone, &visit.path()).send().await.unwrap().status(), 422);
    assert_eq!(phone.put(&visit).await.status(), 201);
    drop(silent);
}

#[tokio::test]
async fn enrolment_goes_on_when_phones_hold_everything_and_strangers_trickle() {
    let office = Office::open().await;
    let (mut phones, mut held) = (Vec::new(), Vec::new());
    for n in 0..5 {
        phones.push(office.phone(n % 2).await);
    }
    let visit = phones[4].visit(&office.site, |_| {});
    for phone in &phones[..4] {
        held.extend(greedy(phone, &visit.path()).await);
    }
    assert_eq!(nonsense(&phones[4], &visit.path()).send().await.unwrap().status(), 503);
    let strange = |_| unfinished(&office.base, "POST /v1/enrol", "", 8 * 1024);
    held.extend(join_all((0..100).map(strange)).await);

    let newcomer = Phone::new(&office.base);
    let request = serde_json::to_vec(&newcomer.request(&office.code(0, 600).await)).unwrap();
    let enrol = newcomer.http.post(format!("{}/v1/enrol", office.base)).body(untold(request));
    assert_eq!(enrol.send().await.unwrap().status(), 200);
    let long = newcomer.http.post(format!("{}/v1/enrol", office.base)).body(vec![b' '; 8 * 1024 + 1]);
    assert_eq!(refused(long.send().await.unwrap(), 413).await, Code::TooLarge);
    drop(held);
    until_answered(|| nonsense(&phones[4], &visit.path()), 422).await;
}

/// A visit whose envelope is so long that one phone may have two of them at once, and no third.
fn long(phone: &Phone, site: &Site) -> Visit {
    let visit = phone.visit(site, |draft| draft.guidance = "\"".repeat(1_900_000));
    let length = serde_json::to_string(&visit.sealed).unwrap().len();
    assert!((16 * MIB / 3..8 * MIB).contains(&length), "{length}");
    visit
}

/// An answer that has begun, and of which nobody takes the rest.
async fn unread(phone: &Phone, path: &str) -> TcpStream {
    let (host, token) = (phone.base.strip_prefix("http://").unwrap(), phone.token());
    // Little of the answer finds room on the way.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(host.parse().unwrap()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn changes_that_nobody_takes_count_too() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let all = phone.get("/v1/changes").send().await.unwrap().json::<ChangesPage>().await.unwrap();
    // The bureau's own file of a site may be as long as it likes.
    let long = Site { address: "长".repeat(2_000_000), ..office.site.clone() };
    office.bureau.storage().put_site(long).await.unwrap();
    let path = format!("/v1/changes?since={}", all.cursor.0);
    let unread = [unread(&phone, &path).await, unread(&phone, &path).await];
    until_held(&office.base, 12 * MIB - MIB).await;
    assert_eq!(refused(phone.get(&path).send().await.unwrap(), 503).await, Code::Busy);
    assert_eq!(other.get("/v1/changes").send().await.unwrap().status(), 200);
    drop(unread);
    until_answered(|| phone.get(&path), 200).await;
}

#[tokio::test]
async fn answers_that_nobody_takes_count_and_hold_up_their_phone_only() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let visit = long(&phone, &office.site);
    assert_eq!(phone.put(&visit).await.status(), 201);
    let unread = [unread(&phone, &visit.path()).await, unread(&phone, &visit.path()).await];
    let third = phone.get(&visit.path()).send().await.unwrap();
    assert_eq!(refused(third, 503).await, Code::Busy);
    let theirs = long(&other, &office.site);
    assert_eq!(other.put(&theirs).await.status(), 201);
    assert_eq!(other.get(&theirs.path()).send().await.unwrap().status(), 200);
    drop(unread);
    until_answered(|| phone.get(&visit.path()), 200).await;
    let whole = phone.get(&visit.path()).send().await.unwrap().text().await.unwrap();
    assert_eq!(whole, serde_json::to_string(&visit.sealed).unwrap());
}

#[tokio::test]
async fn what_waits_for_the_writer_counts_also_when_its_sender_is_gone() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visits: Vec<Visit> = (0..3).map(|_| long(&phone, &office.site)).collect();
    assert_eq!(phone.put(&visits[2]).await.status(), 201);
    let storage = office.bureau.storage().clone();
    let lock = Lock::take(office.folder());
    let sending = join_all(visits[..2].iter().map(|visit| phone.put(visit)));
    tokio::select! {
        _ = sending => panic!("nothing can be stored yet"),
        () = until("both wait", || storage.waiting() == 2) => {}
    }
    let read = phone.get(&visits[2].path()).send().await.unwrap();
    assert_eq!(refused(read, 503).await, Code::Busy);
    lock.release();
    for visit in &visits {
        until_answered(|| phone.get(&visit.path()), 200).await;
    }
    assert_eq!(office.held().await, 3);
}
