//! What an upload may take of a bureau: time, places, bytes, patience; and many phones at once.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::storage::{DATABASE, Storage};
use xieguan::bureau::uploads::{Limits, Patience};
use xieguan::domain::id::Digest;
use xieguan::wire::failure::Code;

use super::office::{Office, Phone, refused};
use super::photos::{begin_patch, bytes};
use super::tus::{BYTES, growing, header, named, until};

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
async fn an_upload_ends_later_as_soon_as_it_goes_on_also_when_the_request_breaks() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = bytes(10);
    let path = phone.create(Digest::of(&whole), 10).await;
    let id: Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let ends = async || office.bureau.storage().upload(id).await.unwrap().unwrap().end_ms;
    // Until a day later than it ended before.
    let later = async |before: i64| {
        for _ in 0..1200 {
            if ends().await > before + 24 * 3600 * 1000 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it still ends at {before}");
    };
    let keep = |days: u64| {
        let keep = Duration::from_secs(days * 24 * 3600);
        office.bureau.limit_uploads(Limits { keep, ..Limits::default() });
    };
    let before = ends().await;
    keep(14);
    let slow = begin_patch(&phone, &path, 10, &whole[..3]).await;
    later(before).await;
    let before = ends().await;
    keep(28);
    drop(slow);
    later(before).await;
    let held = phone.offset(&path).await;
    assert_eq!(phone.patch(&path, held, &whole[held..]).send().await.unwrap().status(), 204);
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

#[tokio::test]
async fn no_phone_takes_all_places_and_who_finds_none_comes_again() {
    let office = Office::open().await;
    let patience =
        Patience { silence: Duration::from_secs(3600), stretch: Duration::from_secs(3600), ..HASTY };
    office.bureau.limit_uploads(Limits { at_once: 3, device_at_once: 2, patience, ..Limits::default() });
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let whole = bytes(10);
    let mut silent = Vec::new();
    for _ in 0..2 {
        let path = phone.create(Digest::of(&whole), 10).await;
        silent.push(begin_patch(&phone, &path, 10, &whole[..1]).await);
    }
    let path = phone.create(Digest::of(&whole), 10).await;
    let mut busy = phone.patch(&path, 0, b"").send().await.unwrap();
    for _ in 0..1200 {
        if busy.status() == 503 {
            break;
        }
        // The silent ones are still on their way to their places.
        tokio::time::sleep(Duration::from_millis(50)).await;
        busy = phone.patch(&path, 0, b"").send().await.unwrap();
    }
    assert_eq!(header(&busy, "retry-after"), "2");
    assert_eq!(refused(busy, 503).await, Code::Busy);
    let theirs = other.create(Digest::of(&whole), 10).await;
    assert_eq!(other.patch(&theirs, 0, &whole).send().await.unwrap().status(), 204);
    drop(silent);
    for _ in 0..1200 {
        if phone.patch(&path, 0, &whole).send().await.unwrap().status() == 204 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no place came free");
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

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a database as an older bureau left it")]
async fn uploads_begun_before_the_update_go_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    db.execute_batch(include_str!("../../../migrations/bureau/001_init.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let (open, done, held) = (Uuid::from_u128(1), Uuid::from_u128(2), Digest::of(b"held"));
    let nobody = [0_u8; 16].as_slice();
    db.execute("insert into coordinator values (?, '', '')", [nobody]).unwrap();
    db.execute("insert into device values (?1, ?1, x'00', x'00', x'00', null, '', 0, null, null)", [nobody])
        .unwrap();
    db.execute("insert into blob values (?, 4, 1)", [held.0]).unwrap();
    for (id, blob) in [(open, Digest::of(b"open")), (done, held)] {
        let row = (id.as_bytes().as_slice(), nobody, blob.0, 4, 1000);
        db.execute("insert into upload values (?, ?, ?, ?, ?)", row).unwrap();
    }
    drop(db);
    let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
    for (id, done) in [(open, false), (done, true)] {
        let upload = storage.upload(id).await.unwrap().unwrap();
        assert_eq!((upload.end_ms, upload.done), (1000 + 7 * 24 * 3600 * 1000, done));
        assert_eq!(storage.upload_metadata(id).await.unwrap(), "");
    }
}
