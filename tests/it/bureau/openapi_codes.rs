//! Every failure code as a real bureau gives it.

use std::fs;
use std::time::Duration;

use futures_util::stream;
use reqwest::{Body, RequestBuilder};
use serde_json::json;
use xieguan::bureau::uploads::{Limits, Patience};
use xieguan::domain::id::Digest;
use xieguan::domain::seal::Signature;
use xieguan::wire::tus::{OFFSET_OCTET_STREAM, encode_metadata};

use super::crowd::{greedy, nonsense};
use super::office::{Office, Phone};
use super::openapi::Recorder;

const RECORD: &str = "/inspections/{id}/{revision}";
const UPLOAD: &str = "/photos/uploads/{id}";

/// Brings about every code once.
pub(super) async fn failures(seen: &mut Recorder) {
    let office = Office::open().await;
    enrolments(&office, seen).await;
    documents(&office, seen).await;
    uploads(&office, seen).await;
    limits(&office, seen).await;
    overload(&office, seen).await;
    disk(&office, seen).await;
}

async fn enrolments(office: &Office, seen: &mut Recorder) {
    let phone = office.phone(0).await;
    let stranger = Phone::new(&office.base);
    let enrol = |seen: &mut Recorder| {
        let _ = seen;
        office.http.post(format!("{}/v1/enrol", office.base))
    };
    let used = office.code(0, 600).await;
    assert_eq!(Phone::new(&office.base).enrol(&used).await.status(), 200);
    for code in [office.code(0, -10).await, used, "WRONG-CODE".to_owned()] {
        let request = enrol(seen);
        seen.tell("POST", "/enrol", request, json!(stranger.request(&code))).await;
    }
    let mut unproven = stranger.request("WRONG-CODE");
    unproven.proof = Signature([7; 64]);
    for _ in 0..4 {
        let request = enrol(seen);
        seen.tell("POST", "/enrol", request, json!(unproven)).await;
    }
    let request = enrol(seen);
    seen.tell("POST", "/enrol", request, json!({ "code": "x" })).await;
    let nobody = office.http.get(format!("{}/v1/receipts", office.base)).bearer_auth("nobody's");
    seen.ask("GET", "/receipts", nobody).await;
    assert!(office.bureau.storage().revoke_device(phone.id, 1).await.unwrap());
    seen.ask("GET", "/changes", phone.get("/v1/changes")).await;
}

async fn documents(office: &Office, seen: &mut Recorder) {
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let visit = phone.visit(&office.site, |_| {});
    assert_eq!(phone.put(&visit).await.status(), 201);
    let put = |path: &str| phone.http.put(format!("{}{path}", office.base)).bearer_auth(phone.token());
    seen.ask("GET", RECORD, other.get(&visit.path())).await;
    let unknown = phone.visit(&office.site, |_| {});
    seen.ask("GET", RECORD, phone.get(&unknown.path())).await;
    seen.tell("PUT", RECORD, put(&unknown.path()), json!("nonsense")).await;
    seen.tell("PUT", RECORD, put(&unknown.path()), json!(visit.sealed)).await;
    let mut forged = visit.sealed.clone();
    forged.document.push(' ');
    seen.tell("PUT", RECORD, put(&visit.path()), json!(forged)).await;
    let large = json!({ "sealed_database_key": "x".repeat(5000) });
    seen.tell("PUT", "/rescue-key", put("/v1/rescue-key"), large).await;
}

fn create(phone: &Phone, whole: &[u8], length: u64) -> RequestBuilder {
    let metadata = encode_metadata(&[("sha256", &Digest::of(whole).to_string())]);
    phone.tus("POST", "/v1/photos").header("upload-length", length).header("upload-metadata", metadata)
}

async fn uploads(office: &Office, seen: &mut Recorder) {
    let phone = office.phone(0).await;
    let path = phone.create(Digest::of(b"12345"), 5).await;
    let versionless = office.http.delete(format!("{}{path}", office.base)).bearer_auth(phone.token());
    seen.ask("DELETE", UPLOAD, versionless).await;
    seen.ask("POST", "/photos", phone.tus("POST", "/v1/photos")).await;
    seen.ask("POST", UPLOAD, phone.tus("POST", &path).header("x-http-method-override", "PUT")).await;
    seen.ask("PATCH", UPLOAD, phone.tus("PATCH", &path).header("upload-offset", 0).body("1")).await;
    seen.ask("PATCH", UPLOAD, phone.patch(&path, 3, b"45")).await;
    seen.ask("PATCH", UPLOAD, phone.patch(&path, 0, b"1").header("upload-checksum", "sha1 AAAA")).await;
    let gone = "/v1/photos/uploads/0193bd1e-0000-7000-8000-000000000001";
    seen.ask("PATCH", UPLOAD, phone.patch(gone, 0, b"1")).await;

    let patience = Patience { silence: Duration::from_millis(200), ..Patience::USUAL };
    office.bureau.limit_uploads(Limits { patience, ..Limits::default() });
    let silent = stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let silent = phone.tus("PATCH", &path).header("upload-offset", 0).body(Body::wrap_stream(silent));
    seen.ask("PATCH", UPLOAD, silent.header("content-type", OFFSET_OCTET_STREAM)).await;
    office.bureau.limit_uploads(Limits::default());
}

async fn limits(office: &Office, seen: &mut Recorder) {
    let phone = office.phone(0).await;
    let usual = Limits::default();
    seen.ask("POST", "/photos", create(&phone, b"1", usual.bytes + 1)).await;
    phone.create(Digest::of(b"2"), 5).await;
    for limits in [
        Limits { device_uploads: 1, ..usual },
        Limits { device_bytes: 5, ..usual },
        Limits { uploads: 1, ..usual },
    ] {
        office.bureau.limit_uploads(limits);
        seen.ask("POST", "/photos", create(&phone, b"1", 1)).await;
    }
    office.bureau.limit_uploads(usual);
}

/// A sender that never finishes takes all the memory there is for its bodies.
async fn overload(office: &Office, seen: &mut Recorder) {
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let _held = greedy(&phone, &visit.path()).await;
    seen.ask("PUT", RECORD, nonsense(&phone, &visit.path())).await;
}

async fn disk(office: &Office, seen: &mut Recorder) {
    let phone = office.phone(0).await;
    office.bureau.storage().limit_pages(1).await.unwrap();
    for _ in 0..50 {
        let visit = phone.visit(&office.site, |draft| draft.guidance = "长".repeat(20_000));
        let put = phone.http.put(format!("{}{}", office.base, visit.path())).bearer_auth(phone.token());
        seen.tell("PUT", RECORD, put, json!(visit.sealed)).await;
        if seen.codes.contains("storage_full") {
            break;
        }
    }
    office.bureau.storage().limit_pages(0).await.unwrap();
    fs::remove_dir_all(office.folder().join("photos/uploads")).unwrap();
    seen.ask("POST", "/photos", create(&phone, b"1", 1)).await;
}
