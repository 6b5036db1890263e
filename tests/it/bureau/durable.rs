//! Nobody is told of anything that the disk did not sync: neither the log, nor bytes, nor their names.

use xieguan::domain::id::Digest;
use xieguan::domain::seal::canonical;
use xieguan::wire::changes::{ChangesPage, Known};
use xieguan::wire::tus::encode_metadata;

use super::office::{Phone, photo, refused};
use crate::support::served::{self, Served};
use crate::support::unsynced::Unsynced;

/// A log's file, as SQLite names it.
const LOG: &str = "*/bureau.sqlite-wal";

#[tokio::test]
async fn a_bureau_acknowledges_nothing_that_its_disk_did_not_sync_and_takes_it_afterwards() {
    let (folder, aside) = (served::county(), tempfile::tempdir().unwrap());
    let disk = Unsynced::new(aside.path());
    let mut serve = served::bureau("serve", folder.path(), &["--listen", "127.0.0.1:0"]);
    serve.envs(disk.environment());
    let serving = Served::start_by(serve);

    let code = served::code(folder.path());
    disk.refuse(LOG);
    refused(Phone::new(&serving.base).enrol(&code).await, 500).await;
    disk.relent();
    let phone = Phone::enrolled(&serving.base, &code).await;

    let page: ChangesPage = phone.get("/v1/changes").send().await.unwrap().json().await.unwrap();
    let site = page.changes.iter().find_map(|change| match change.known().unwrap() {
        Known::Site(site) => Some(*site),
        _ => None,
    });
    let (whole, second): (&[u8], &[u8]) = (b"the bytes of one photo", b"and those of another");
    let visit = phone.visit(&site.unwrap(), |draft| draft.photos = vec![photo(whole, second)]);
    disk.refuse(LOG);
    refused(phone.put(&visit).await, 500).await;
    disk.relent();
    assert_eq!(phone.put(&visit).await.status(), 201, "it was not half there");

    // The name of an upload.
    let id = Digest::of(whole);
    disk.refuse("*/uploads");
    let create = phone.tus("POST", "/v1/photos").header("upload-length", whole.len());
    let create = create.header("upload-metadata", encode_metadata(&[("sha256", &id.to_string())]));
    refused(create.send().await.unwrap(), 500).await;
    disk.relent();
    let path = phone.create(id, whole.len()).await;

    // Its first bytes.
    disk.refuse("*/uploads/*");
    refused(phone.patch(&path, 0, &whole[..5]).send().await.unwrap(), 500).await;
    let head = phone.tus("HEAD", &path).send().await.unwrap();
    assert!(!head.status().is_success(), "an offset that is told has to stand");
    disk.relent();
    let held = phone.offset(&path).await;
    assert!(held <= 5, "{held}");

    // Its last bytes, and the names that it gets at the end: on its shelf, and the shelf's own.
    for pattern in ["*/uploads/*", "*/blobs/??", "*/blobs"] {
        disk.refuse(pattern);
        let at = phone.tus("HEAD", &path).send().await.unwrap();
        let at = at.headers().get("upload-offset").map(|at| at.to_str().unwrap().parse::<usize>().unwrap());
        let at = at.unwrap_or(held).min(whole.len());
        let last = phone.patch(&path, at, &whole[at..]).send().await.unwrap();
        assert!(!last.status().is_success(), "{pattern}: {}", last.status());
        assert!(!phone.has(id).await, "{pattern}");
        disk.relent();
    }
    for bytes in [whole, second] {
        phone.upload(bytes).await;
        assert!(phone.has(Digest::of(bytes)).await);
    }
    let again: serde_json::Value = phone.put(&visit).await.json().await.unwrap();
    assert!(again["complete"].is_object(), "{}", canonical(&again).unwrap());
}
