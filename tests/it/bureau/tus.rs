//! tus 1.0 to the letter: what every answer says, creation with bytes, expiration, termination, limits, and
//! senders that are slow, silent, late or many.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Response;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use xieguan::bureau::uploads::{Limits, Patience};
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::wire::failure::Code;
use xieguan::wire::tus::encode_metadata;

use super::office::{Office, Phone, refused};
use super::photos::{begin_patch, bytes};

const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

fn named(id: PhotoId) -> String {
    encode_metadata(&[("sha256", &id.to_string())])
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// The files of unfinished uploads.
fn growing(office: &Office) -> Vec<PathBuf> {
    fs::read_dir(office.folder().join("photos/uploads")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Waits for something that comes by itself; never for long when it works.
async fn until(mut comes: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if comes() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come within a minute");
}

#[tokio::test]
async fn every_answer_names_the_version_and_every_question_but_options_must() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let path = phone.create(Digest::of(b"12345"), 5).await;
    let to = |method: &str, path: &str| {
        phone
            .http
            .request(method.parse().unwrap(), format!("{}{path}", office.base))
            .bearer_auth(phone.token())
    };
    for (method, path) in [
        ("POST", "/v1/photos"),
        ("HEAD", &path),
        ("PATCH", &path),
        ("DELETE", &path),
        ("POST", &path),
        ("GET", "/v1/photos"),
    ] {
        for version in [None, Some("0.2.2")] {
            let request =
                version.into_iter().fold(to(method, path), |it, old| it.header("tus-resumable", old));
            let answer = request.send().await.unwrap();
            let said = (header(&answer, "tus-resumable"), header(&answer, "tus-version"));
            assert_eq!((answer.status().as_u16(), said), (412, ("1.0.0".to_owned(), "1.0.0".to_owned())));
        }
    }
    // Refused for other reasons, the version is still there.
    let nobody = phone.http.post(format!("{}/v1/photos", office.base)).header("tus-resumable", "1.0.0");
    let answers = [
        (nobody.send().await.unwrap(), 401),
        (phone.tus("GET", "/v1/photos").send().await.unwrap(), 405),
        (phone.tus("PUT", &path).send().await.unwrap(), 405),
        (phone.tus("HEAD", "/v1/photos/uploads/nonsense").send().await.unwrap(), 404),
        (phone.tus("DELETE", "/v1/photos/uploads/../uploads/x").send().await.unwrap(), 404),
        (to("OPTIONS", &path).send().await.unwrap(), 204),
    ];
    for (answer, status) in answers {
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0", "{status}");
    }
    assert_eq!(refused(phone.tus("PUT", &path).send().await.unwrap(), 405).await, Code::WrongMethod);
    assert_eq!(phone.offset(&path).await, 0);
}

#[tokio::test]
async fn a_question_is_never_cached_and_says_what_was_said_at_creation() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let metadata = format!("name 5YWJLmpwZw==, {},alone", named(Digest::of(b"12345")));
    let created =
        phone.tus("POST", "/v1/photos").header("upload-length", 5).header("upload-metadata", &metadata);
    let created = created.send().await.unwrap();
    assert_eq!(created.status(), 201);
    let path = header(&created, "location");
    let told = phone.tus("HEAD", &path).send().await.unwrap();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("upload-length", "5"),
        ("upload-offset", "0"),
        ("upload-metadata", &metadata),
    ] {
        assert_eq!(header(&told, name), value, "{name}");
    }
}

#[tokio::test]
async fn hostile_headers_are_refused_and_leave_nothing() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let good = named(Digest::of(b"12345"));
    let long = format!("{good},more {}", "A".repeat(5000));
    let twice = format!("{good},{good}");
    for (length, metadata) in [
        ("", good.as_str()),
        ("-1", &good),
        ("+5", &good),
        ("5.0", &good),
        ("0", &good),
        ("99999999999999999999999", &good),
        ("5", ""),
        ("5", "sha256"),
        ("5", "sha256 eA=="),
        ("5", &long),
        ("5", &twice),
    ] {
        let create = phone.tus("POST", "/v1/photos").header("upload-length", length);
        let answer = create.header("upload-metadata", metadata).send().await.unwrap();
        assert_eq!(refused(answer, 400).await, Code::HeaderWrong, "{length} {metadata:.40}");
    }
    for not_offered in [("upload-defer-length", "1"), ("upload-concat", "partial")] {
        let create = phone.tus("POST", "/v1/photos").header(not_offered.0, not_offered.1);
        let answer = create.header("upload-metadata", &good).send().await.unwrap();
        assert_eq!(refused(answer, 400).await, Code::HeaderWrong);
    }
    let plain = phone.tus("POST", "/v1/photos").header("upload-length", 5).header("upload-metadata", &good);
    assert_eq!(refused(plain.body("12345").send().await.unwrap(), 415).await, Code::MediaType);
    assert_eq!(growing(&office).len(), 0);
}

#[tokio::test]
async fn a_creation_may_bring_all_bytes_or_some() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = bytes(5000);
    let create = |id: PhotoId, brought: &[u8]| {
        let create = phone.tus("POST", "/v1/photos").header("upload-length", 5000).header(BYTES.0, BYTES.1);
        create.header("upload-metadata", named(id)).body(brought.to_vec())
    };
    let all = create(Digest::of(&whole), &whole).send().await.unwrap();
    assert_eq!((all.status().as_u16(), header(&all, "upload-offset")), (201, "5000".to_owned()));
    assert!(!all.headers().contains_key("upload-expires"));
    assert!(phone.has(Digest::of(&whole)).await);

    let other = bytes(6000)[1000..].to_vec();
    let some = create(Digest::of(&other), &other[..2000]).send().await.unwrap();
    assert_eq!((some.status().as_u16(), header(&some, "upload-offset")), (201, "2000".to_owned()));
    let path = header(&some, "location");
    assert_eq!(phone.patch(&path, 2000, &other[2000..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&other)).await);

    // What is refused leaves nothing to go on with.
    let wrong =
        create(Digest::of(b"none"), &whole).header("upload-checksum", "sha1 AAAA").send().await.unwrap();
    assert_eq!(refused(wrong, 460).await, Code::ChecksumMismatch);
    let another = create(Digest::of(b"none"), &whole).send().await.unwrap();
    assert_eq!(refused(another, 460).await, Code::ChecksumMismatch);
    let long = create(Digest::of(b"none"), &bytes(5001)).send().await.unwrap();
    assert_eq!(refused(long, 413).await, Code::TooLarge);
    assert_eq!(growing(&office).len(), 0);
}

#[tokio::test]
async fn a_creation_whose_connection_breaks_keeps_what_arrived() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = bytes(700_000);
    let host = phone.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /v1/photos HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         upload-length: 700000\r\nupload-metadata: {}\r\ncontent-type: application/offset+octet-stream\r\n\
         content-length: 700000\r\n\r\n",
        phone.token(),
        named(Digest::of(&whole))
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&whole[..350_000]).await.unwrap();
    stream.shutdown().await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    until(|| growing(&office).iter().any(|file| fs::metadata(file).unwrap().len() == 350_000)).await;

    let id = growing(&office)[0].file_name().unwrap().to_str().unwrap().to_owned();
    let path = format!("/v1/photos/uploads/{id}");
    assert_eq!(phone.offset(&path).await, 350_000);
    assert_eq!(phone.patch(&path, 350_000, &whole[350_000..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_rest_that_comes_after_the_question_does_not_spoil_its_answer() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = bytes(700_000);
    let path = phone.create(Digest::of(&whole), whole.len()).await;
    assert_eq!(phone.offset(&path).await, 0);
    // The network held back a request of before the question; now its first half comes through.
    let mut late = begin_patch(&phone, &path, whole.len(), &whole[..350_000]).await;
    late.shutdown().await.unwrap();
    let _ = late.read_to_end(&mut Vec::new()).await;
    until(|| fs::metadata(&growing(&office)[0]).unwrap().len() == 350_000).await;

    assert_eq!(phone.patch(&path, 0, &whole[..100_000]).send().await.unwrap().status(), 204);
    assert_eq!(phone.offset(&path).await, 100_000);
    // What was taken with an answer is never taken back.
    assert_eq!(phone.patch(&path, 100_000, &whole[100_000..200_000]).send().await.unwrap().status(), 204);
    let again = phone.patch(&path, 100_000, &whole[100_000..]).send().await.unwrap();
    assert_eq!(refused(again, 409).await, Code::OffsetConflict);
    assert_eq!(phone.patch(&path, 200_000, &whole[200_000..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn an_upload_is_ended_by_its_phone_and_by_no_other() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let path = phone.create(Digest::of(b"12345"), 5).await;
    phone.patch(&path, 0, b"123").send().await.unwrap();
    let theirs = other.tus("DELETE", &path).send().await.unwrap();
    assert_eq!(refused(theirs, 404).await, Code::UploadGone);
    assert_eq!(phone.offset(&path).await, 3);
    assert_eq!(phone.tus("DELETE", &path).send().await.unwrap().status(), 204);
    for (method, body) in [("HEAD", ""), ("PATCH", "45"), ("DELETE", "")] {
        let request = phone.tus(method, &path).header(BYTES.0, BYTES.1).header("upload-offset", 3);
        assert_eq!(request.body(body).send().await.unwrap().status(), 404, "{method}");
    }
    assert_eq!(growing(&office).len(), 0);
    // A finished one can be ended too; the photo stays.
    let whole = bytes(1000);
    let path = phone.create(Digest::of(&whole), 1000).await;
    phone.patch(&path, 0, &whole).send().await.unwrap();
    assert_eq!(phone.tus("DELETE", &path).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_sender_that_can_only_post_says_its_method_in_a_header() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let path = phone.create(Digest::of(b"12345"), 5).await;
    let post = |method: &str| phone.tus("POST", &path).header("x-http-method-override", method);
    let patch = post("PATCH").header("upload-offset", 0).header(BYTES.0, BYTES.1).body("123");
    assert_eq!(patch.send().await.unwrap().status(), 204);
    assert_eq!(header(&post("HEAD").send().await.unwrap(), "upload-offset"), "3");
    assert_eq!(refused(post("PUT").send().await.unwrap(), 405).await, Code::WrongMethod);
    assert_eq!(post("DELETE").send().await.unwrap().status(), 204);
    assert_eq!(phone.tus("HEAD", &path).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn an_upload_says_when_it_ends_and_is_removed_while_the_bureau_runs() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let create =
        |id| phone.tus("POST", "/v1/photos").header("upload-length", 5).header("upload-metadata", named(id));
    let created = create(Digest::of(b"12345")).send().await.unwrap();
    let path = header(&created, "location");
    let patched = phone.patch(&path, 0, b"12").send().await.unwrap();
    for answer in [&created, &patched, &phone.tus("HEAD", &path).send().await.unwrap()] {
        let said = header(answer, "upload-expires");
        let end =
            chrono::NaiveDateTime::parse_from_str(&said, "%a, %d %b %Y %H:%M:%S GMT").unwrap().and_utc();
        let days = (end - chrono::Utc::now()).num_hours().div_euclid(24);
        assert!((6..=7).contains(&days), "{said}");
    }
    // Finished, there is nothing left that could end.
    let last = phone.patch(&path, 2, b"345").send().await.unwrap();
    assert!(!last.headers().contains_key("upload-expires"));

    // A bureau that keeps them for an instant only.
    let mut brief =
        Office::open_limited(Limits { keep: Duration::from_millis(400), ..Limits::default() }).await;
    let phone = brief.phone(0).await;
    let path = phone.create(Digest::of(b"12345"), 5).await;
    until(|| growing(&brief).is_empty()).await;
    for method in ["HEAD", "DELETE"] {
        assert_eq!(phone.tus(method, &path).send().await.unwrap().status(), 404, "{method}");
    }
    let patch = phone.patch(&path, 0, b"12345").send().await.unwrap();
    assert_eq!(refused(patch, 404).await, Code::UploadGone);
    brief.stop().await;
}

#[tokio::test]
async fn each_limit_has_its_own_code_and_none_of_them_loses_what_is_held() {
    let office = Office::open().await;
    let usual = Limits::default();
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let create = |phone: &Phone, n: u8, length: u64| {
        let create = phone.tus("POST", "/v1/photos").header("upload-length", length);
        create.header("upload-metadata", named(Digest::of(&[n]))).send()
    };
    office.bureau.limit_uploads(Limits {
        bytes: 1000,
        device_uploads: 3,
        device_bytes: 2000,
        uploads: 4,
        ..usual
    });
    assert_eq!(refused(create(&phone, 0, 1001).await.unwrap(), 413).await, Code::TooLarge);
    let first = create(&phone, 0, 1000).await.unwrap();
    assert_eq!(first.status(), 201);
    let first = header(&first, "location");
    assert_eq!(phone.patch(&first, 0, &[1; 10]).send().await.unwrap().status(), 204);
    assert_eq!(create(&phone, 1, 500).await.unwrap().status(), 201);
    let bytes = create(&phone, 2, 501).await.unwrap();
    assert_eq!(header(&bytes, "retry-after"), "60");
    assert_eq!(refused(bytes, 429).await, Code::UploadBytesOpen);
    assert_eq!(create(&phone, 2, 1).await.unwrap().status(), 201);
    let open = create(&phone, 3, 1).await.unwrap();
    assert_eq!(header(&open, "retry-after"), "60");
    assert_eq!(refused(open, 429).await, Code::UploadsOpen);
    // Another phone's place is its own, as long as the bureau has any.
    assert_eq!(create(&other, 0, 1).await.unwrap().status(), 201);
    let full = create(&other, 1, 1).await.unwrap();
    assert_eq!(header(&full, "retry-after"), "60");
    assert_eq!(refused(full, 503).await, Code::UploadsFull);
    assert_eq!(phone.offset(&first).await, 10);
    assert_eq!(growing(&office).len(), 4);
    // One that ends makes room.
    assert_eq!(phone.tus("DELETE", &first).send().await.unwrap().status(), 204);
    assert_eq!(create(&phone, 3, 1000).await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_phone_whose_answers_are_lost_never_runs_into_a_limit() {
    let office = Office::open().await;
    office.bureau.limit_uploads(Limits { device_uploads: 3, ..Limits::default() });
    let phone = office.phone(0).await;
    let whole = bytes(1000);
    // It never hears the addresses and begins again each time.
    let mut path = String::new();
    for _ in 0..10 {
        path = phone.create(Digest::of(&whole), 1000).await;
    }
    assert!(growing(&office).len() <= 3);
    assert_eq!(phone.patch(&path, 0, &whole).send().await.unwrap().status(), 204);
    // What the bureau has is of no use as an upload any more.
    phone.create(Digest::of(b"a"), 1).await;
    phone.create(Digest::of(b"b"), 1).await;
    phone.create(Digest::of(b"c"), 1).await;
    let fourth = phone.tus("POST", "/v1/photos").header("upload-metadata", named(Digest::of(b"d")));
    let fourth = fourth.header("upload-length", 1).send().await.unwrap();
    assert_eq!(refused(fourth, 429).await, Code::UploadsOpen);
}

/// Impatient, but not so much that a busy machine makes a fast sender slow.
const HASTY: Patience = Patience {
    silence: Duration::from_secs(2),
    stretch: Duration::from_millis(500),
    least: 1000,
    whole: Duration::from_secs(3600),
};

#[tokio::test]
async fn a_silent_or_trickling_sender_is_cut_and_loses_nothing_that_arrived() {
    let office = Office::open().await;
    office.bureau.limit_uploads(Limits { patience: HASTY, ..Limits::default() });
    let phone = office.phone(0).await;
    let whole = bytes(5000);

    let silent = phone.create(Digest::of(&whole), 5000).await;
    let mut stream = begin_patch(&phone, &silent, 5000, &whole[..3000]).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let said = String::from_utf8(answer).unwrap();
    assert!(said.starts_with("HTTP/1.1 408 ") && said.contains(r#""code":"too_slow""#), "{said}");
    assert_eq!(phone.offset(&silent).await, 3000);

    let trickling = phone.create(Digest::of(&whole), 5000).await;
    let stream = begin_patch(&phone, &trickling, 5000, &whole[..10]).await;
    let (mut from, mut to) = stream.into_split();
    let drip = tokio::spawn({
        let rest = whole[10..].to_vec();
        async move {
            let mut sent = 10;
            for byte in rest {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if to.write_all(&[byte]).await.is_err() {
                    break;
                }
                sent += 1;
            }
            sent
        }
    });
    let mut answer = vec![0; 12];
    from.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
    drop(from);
    let sent = drip.await.unwrap();
    let held = phone.offset(&trickling).await;
    assert!((11..=sent).contains(&held), "{held} of {sent}");
    for (path, held) in [(&silent, 3000), (&trickling, held)] {
        assert_eq!(phone.patch(path, held, &whole[held..]).send().await.unwrap().status(), 204);
    }
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_creation_by_a_slow_sender_says_how_much_it_keeps() {
    let office = Office::open().await;
    office.bureau.limit_uploads(Limits { patience: HASTY, ..Limits::default() });
    let phone = office.phone(0).await;
    let whole = bytes(5000);
    let (to, from) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    to.send(Ok(whole[..2000].to_vec())).await.unwrap();
    let stream =
        futures_util::stream::unfold(from, async |mut from| from.recv().await.map(|next| (next, from)));
    let create = phone.tus("POST", "/v1/photos").header("upload-length", 5000).header(BYTES.0, BYTES.1);
    let create = create.header("upload-metadata", named(Digest::of(&whole)));
    let answer = create.body(reqwest::Body::wrap_stream(stream)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "upload-offset")), (201, "2000".to_owned()));
    drop(to);
    let path = header(&answer, "location");
    assert_eq!(phone.patch(&path, 2000, &whole[2000..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn eight_phones_with_the_same_photo_at_once_end_well_with_one_copy() {
    let office = Office::open().await;
    let whole = bytes(600_000);
    let id = Digest::of(&whole);
    let phones = join_all((0..8).map(|n| office.phone(n % 2))).await;
    let paths = join_all(phones.iter().map(|phone| phone.create(id, whole.len()))).await;
    let answers = phones.iter().zip(&paths).map(|(phone, path)| phone.patch(path, 0, &whole).send());
    for answer in join_all(answers).await {
        assert_eq!(answer.unwrap().status(), 204);
    }
    for (phone, path) in phones.iter().zip(&paths) {
        assert_eq!(phone.offset(path).await, whole.len());
        assert!(phone.has(id).await);
    }
    let shelf = office.folder().join(format!("photos/blobs/{:02x}", id.0[0]));
    let held: Vec<_> = fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!((held.len(), fs::read(&held[0]).unwrap() == whole), (1, true));
    assert_eq!(growing(&office).len(), 0);
}
