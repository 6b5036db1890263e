//! tus 1.0 to the letter: what every answer says, creation with bytes, late bytes, termination.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Response;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::wire::failure::Code;
use xieguan::wire::tus::encode_metadata;

use super::office::{Office, refused};
use super::photos::{begin_patch, bytes};

pub(super) const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

pub(super) fn named(id: PhotoId) -> String {
    encode_metadata(&[("sha256", &id.to_string())])
}

pub(super) fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// The files of unfinished uploads.
pub(super) fn growing(office: &Office) -> Vec<PathBuf> {
    fs::read_dir(office.folder().join("photos/uploads")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Waits for something that comes by itself; never for long when it works.
pub(super) async fn until(mut comes: impl FnMut() -> bool) {
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
        (phone.tus("HEAD", "/v1/photos/uploads/%FF%FE").send().await.unwrap(), 404),
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
