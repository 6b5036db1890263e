//! Connections that want nothing, or never come to the point: they hold up nobody and are gone after a while.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, timeout};
use xieguan::bureau::connections::Limits;
use xieguan::bureau::self_signed::SelfSigned;
use xieguan::bureau::tls::Certificates;
use xieguan::bureau::{Bureau, serve, serve_tls};

use super::crowd::{until_answered, until_held};
use super::office::{Office, Phone};

/// So patient with connections that a test never sees one closed for its slowness.
const ENDLESS: Limits = Limits {
    at_once: 16,
    grace: Duration::from_millis(50),
    head: Duration::from_secs(3600),
    silence: Duration::from_secs(3600),
};

/// As long as anything may take.
const MINUTE: Duration = Duration::from_secs(60);

/// Another server of the same bureau, with these limits.
async fn served(bureau: &Bureau, limits: Limits) -> String {
    bureau.limit_connections(limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, bureau.clone(), std::future::pending()));
    address.to_string()
}

async fn open(address: &str, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream
}

/// Whether the bureau has closed it.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = timeout(Duration::from_millis(1), stream.read(&mut [0; 64])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

/// Reads until the bureau closes it, within half a minute.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

async fn works(office: &Office, base: &str) {
    let phone = Phone::enrolled(base, &office.code(0, 600).await).await;
    let visit = phone.visit(&office.site, |_| {});
    assert_eq!(phone.put(&visit).await.status(), 201);
}

#[tokio::test]
async fn silent_and_dribbling_connections_give_way_to_a_phone() {
    let office = Office::open().await;
    let address = served(&office.bureau, ENDLESS).await;
    let mut held = join_all((0..300).map(|_| open(&address, b""))).await;
    held.extend(join_all((0..100).map(|_| open(&address, b"GET /healthz HTTP/1.1\r\nx: "))).await);
    let dribbling = async {
        let mut tick = interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            for stream in &mut held {
                let _ = stream.write_all(b"G").await;
            }
        }
    };
    let phone = async {
        works(&office, &format!("http://{address}")).await;
        works(&office, &format!("http://{address}")).await;
    };
    tokio::select! {
        () = dribbling => {}
        through = timeout(MINUTE, phone) => through.unwrap(),
    }
    let mut there = 0;
    for stream in &mut held {
        there += usize::from(!is_closed(stream).await);
    }
    assert!(there <= ENDLESS.at_once, "{there}");
}

#[tokio::test]
async fn a_connection_with_a_request_under_way_gives_way_to_nobody() {
    let office = Office::open().await;
    let limits = Limits { at_once: 1, ..ENDLESS };
    let address = served(&office.bureau, limits).await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let body = serde_json::to_vec(&visit.sealed).unwrap();
    let (first, last) = body.split_at(body.len() / 2);
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        visit.path(),
        phone.token(),
        body.len()
    );
    let mut sending = open(&address, head.as_bytes()).await;
    let mut go_on = [0; 25];
    sending.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    sending.write_all(first).await.unwrap();
    let asking = tokio::spawn(reqwest::get(format!("http://{address}/healthz")));
    tokio::time::sleep(8 * limits.grace).await;
    assert!(!asking.is_finished());
    sending.write_all(last).await.unwrap();
    // Answered, it is in the way of the one who waits.
    assert_eq!(timeout(MINUTE, asking).await.unwrap().unwrap().unwrap().status(), 200);
    assert!(rest(&mut sending).await.starts_with(b"HTTP/1.1 201 "));
}

#[tokio::test]
async fn a_head_has_its_time_and_a_slow_body_or_answer_has_more() {
    let office = Office::open().await;
    let limits = Limits { at_once: 512, head: Duration::from_millis(1500), ..ENDLESS };
    let address = served(&office.bureau, limits).await;
    let mut silent = open(&address, b"").await;
    let mut slow = open(&address, b"GET /healthz HTTP/1.1\r\nx: ").await;
    let mut second =
        open(&address, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HTTP/1.1\r\nx: ").await;
    let idle = open(&address, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let dribbling = async {
        let mut tick = interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            let _ = slow.write_all(b"x").await;
            let _ = second.write_all(b"x").await;
        }
    };
    let ends = async { assert!(rest(&mut silent).await.is_empty()) };
    // A body takes three times as long as a head may.
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let body = serde_json::to_vec(&visit.sealed).unwrap();
    let (pieces, pause) = (body.len().div_ceil(9), limits.head / 3);
    let pieces: Vec<Vec<u8>> = body.chunks(pieces).map(<[u8]>::to_vec).collect();
    let slowly = futures_util::stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::io::Error>(pieces.next()?), pieces))
    });
    let put = phone.http.put(format!("http://{address}{}", visit.path())).bearer_auth(phone.token());
    let put = put.body(Body::wrap_stream(slowly)).send();
    let all = async {
        let (answer, ()) = tokio::join!(put, ends);
        assert_eq!(answer.unwrap().status(), 201);
    };
    tokio::select! {
        () = dribbling => {}
        ended = timeout(MINUTE, all) => ended.unwrap(),
    }
    assert!(rest(&mut slow).await.is_empty());
    let said = String::from_utf8(rest(&mut second).await).unwrap();
    assert_eq!(said.matches("HTTP/1.1 200 ").count(), 1, "{said}");
    // Between two requests a connection may be silent for longer.
    let mut idle = idle;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let said = String::from_utf8(rest(&mut idle).await).unwrap();
    assert_eq!(said.matches("HTTP/1.1 200 ").count(), 2, "{said}");
}

#[tokio::test]
async fn silent_connections_hold_up_no_handshake() {
    let office = Office::open().await;
    office.bureau.limit_connections(ENDLESS);
    let own = SelfSigned::of(office.folder());
    let source = own.require().unwrap();
    let certificates = Arc::new(Certificates::open(source).unwrap());
    let pin = certificates.fingerprint().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let bureau = office.bureau.clone();
    tokio::spawn(async move { serve_tls(listener, &certificates, bureau, std::future::pending()).await });
    let _held = join_all((0..300).map(|_| open(&address, b""))).await;
    let client = xieguan::sync::client::Client::new(&format!("https://{address}"), Some("token")).unwrap();
    // Of a handshake that never comes, one has to wait for longer.
    let client = client.pinned(vec![pin]).unwrap();
    let changes = xieguan::wire::api::BureauApi::changes(&client, None);
    let refused = timeout(Duration::from_secs(15), changes).await.unwrap().unwrap_err();
    assert!(format!("{refused:?}").contains("NotEnrolled"), "{refused:?}");
}

#[tokio::test]
async fn forms_of_strangers_are_short_and_hold_up_no_phone() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let address = served(&office.bureau, Limits { at_once: 1000, ..ENDLESS }).await;
    let kind = "application/x-www-form-urlencoded";
    let post = |bytes: usize| {
        let login = office.http.post(format!("http://{address}/login")).body(vec![b'a'; bytes]);
        login.header("content-type", kind)
    };
    for bytes in [10, 9000] {
        assert_eq!(post(bytes).send().await.unwrap().status(), 403, "{bytes}");
    }
    // As much as strangers may hold together.
    let head =
        format!("POST /login HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: 8192\r\n\r\n");
    let unfinished = [head.into_bytes(), vec![b'a'; 8191]].concat();
    let held = join_all((0..512).map(|_| open(&address, &unfinished))).await;
    until_held(&format!("http://{address}"), 4 * 1024 * 1024).await;
    let busy = post(10).send().await.unwrap();
    assert_eq!(busy.status(), 503);
    let page = busy.text().await.unwrap();
    assert!(page.contains("现在太忙"), "{page}");
    assert_eq!(phone.put(&phone.visit(&office.site, |_| {})).await.status(), 201);
    drop(held);
    until_answered(|| post(10), 403).await;
}
