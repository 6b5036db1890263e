//! Photos by tus: cut and resumed, checked, merged, completed; disks that are full, connections that stall.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Digest as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use uuid::Uuid;
use xieguan::bureau::photos::{Blob, BlobStore, Folder};
use xieguan::bureau::uploads::Limits;
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::{ReceiptKind, ReceiptsPage, Stored};

use super::office::{Office, Phone, photo, refused};

/// Bytes without pattern, the same every time.
pub(super) fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Sends the head of a `PATCH` for `announced` bytes, and these of them.
pub(super) async fn begin_patch(phone: &Phone, path: &str, announced: usize, bytes: &[u8]) -> TcpStream {
    let host = phone.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: {announced}\r\n\r\n",
        phone.token()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

#[tokio::test]
async fn a_cut_upload_goes_on_where_it_broke_off() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let (whole, half) = (bytes(700_000), 350_000);
    let id = Digest::of(&whole);
    let path = phone.create(id, whole.len()).await;
    let mut stream = begin_patch(&phone, &path, whole.len(), &whole[..half]).await;
    stream.shutdown().await.unwrap();
    // The bureau hangs up when it has seen the end.
    let _ = stream.read_to_end(&mut Vec::new()).await;

    assert_eq!(phone.offset(&path).await, half);
    assert!(!phone.has(id).await);
    let early = phone.patch(&path, 0, &whole[..10]).send().await.unwrap();
    assert_eq!(refused(early, 409).await, Code::OffsetConflict);
    let rest = phone.patch(&path, half, &whole[half..]).send().await.unwrap();
    assert_eq!(rest.status(), 204);
    assert_eq!(rest.headers()["upload-offset"], whole.len().to_string().as_str());
    assert!(phone.has(id).await);
    // A lost last answer: the upload still says that it is whole.
    assert_eq!(phone.offset(&path).await, whole.len());
    let Blob { length, bytes: mut held } = office.bureau.photos().open(id).unwrap();
    let mut back = Vec::new();
    io::Read::read_to_end(&mut held, &mut back).unwrap();
    assert_eq!((length, back), (whole.len() as u64, whole));
}

#[tokio::test]
async fn a_chunk_counts_only_with_its_checksum_by_either_algorithm() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = bytes(1000);
    let path = phone.create(Digest::of(&whole), whole.len()).await;
    let send = |offset: usize, to: usize, checksum: String| {
        phone.patch(&path, offset, &whole[offset..to]).header("upload-checksum", checksum).send()
    };
    let sha1 = |bytes: &[u8]| format!("sha1 {}", STANDARD.encode(sha1::Sha1::digest(bytes)));
    let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Digest::of(bytes).0));

    for wrong in [sha1(b"other"), sha256(b"other")] {
        assert_eq!(refused(send(0, 400, wrong).await.unwrap(), 460).await, Code::ChecksumMismatch);
        assert_eq!(phone.offset(&path).await, 0);
    }
    let unknown = send(0, 400, "md5 AAAA".to_owned()).await.unwrap();
    assert_eq!(refused(unknown, 400).await, Code::HeaderWrong);
    assert_eq!(send(0, 400, sha1(&whole[..400])).await.unwrap().status(), 204);
    assert_eq!(send(400, 1000, sha256(&whole[400..])).await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_whole_with_another_hash_than_announced_is_no_photo() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let announced = Digest::of(b"what was announced");
    let path = phone.create(announced, 1000).await;
    let answer = phone.patch(&path, 0, &bytes(1000)).send().await.unwrap();
    assert_eq!(refused(answer, 460).await, Code::ChecksumMismatch);
    assert!(!phone.has(announced).await);
    assert!(!phone.has(Digest::of(&bytes(1000))).await);
    let gone = phone.patch(&path, 0, b"again").send().await.unwrap();
    assert_eq!(refused(gone, 404).await, Code::UploadGone);
}

#[tokio::test]
async fn tus_says_what_it_can_and_refuses_what_it_cannot() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let options = phone.http.request("OPTIONS".parse().unwrap(), format!("{}/v1/photos", office.base));
    let options = options.send().await.unwrap();
    assert_eq!(options.headers()["tus-version"], "1.0.0");
    assert_eq!(
        options.headers()["tus-extension"],
        "creation,creation-with-upload,checksum,expiration,termination"
    );
    assert_eq!(options.headers()["tus-checksum-algorithm"], "sha1,sha256");
    let max: u64 = options.headers()["tus-max-size"].to_str().unwrap().parse().unwrap();

    let create = |length: u64, metadata: &str| {
        phone
            .tus("POST", "/v1/photos")
            .header("upload-length", length)
            .header("upload-metadata", metadata)
            .send()
    };
    let named = xieguan::wire::tus::encode_metadata(&[("sha256", &Digest::of(b"x").to_string())]);
    assert_eq!(refused(create(max + 1, &named).await.unwrap(), 413).await, Code::TooLarge);
    assert_eq!(refused(create(0, &named).await.unwrap(), 400).await, Code::HeaderWrong);
    assert_eq!(refused(create(5, "name eA==").await.unwrap(), 400).await, Code::HeaderWrong);
    let old = phone.http.post(format!("{}/v1/photos", office.base)).bearer_auth(phone.token());
    let old = old.header("tus-resumable", "0.2.2").send().await.unwrap();
    assert_eq!(
        (&old.headers()["tus-version"], &old.headers()["tus-resumable"]),
        (&"1.0.0".parse().unwrap(), &"1.0.0".parse().unwrap())
    );
    assert_eq!(refused(old, 412).await, Code::ProtocolVersion);

    let path = phone.create(Digest::of(b"12345"), 5).await;
    assert_eq!(refused(phone.patch(&path, 0, b"123456").send().await.unwrap(), 413).await, Code::TooLarge);
    assert_eq!(refused(other.patch(&path, 0, b"12345").send().await.unwrap(), 404).await, Code::UploadGone);
    let plain = phone.tus("PATCH", &path).header("upload-offset", 0).body("12345").send().await.unwrap();
    assert_eq!(refused(plain, 415).await, Code::MediaType);
    assert_eq!(phone.offset(&path).await, 0);
}

#[tokio::test]
async fn equal_photos_merge_and_each_upload_ends_well() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let whole = bytes(5000);
    let id = Digest::of(&whole);
    let (one, two) = (phone.create(id, 5000).await, other.create(id, 5000).await);
    assert_ne!(one, two);
    let both = tokio::join!(phone.patch(&one, 0, &whole).send(), other.patch(&two, 0, &whole).send());
    assert_eq!(
        (both.0.unwrap().status(), both.1.unwrap().status()),
        (204.try_into().unwrap(), 204.try_into().unwrap())
    );
    assert!(phone.has(id).await && other.has(id).await);
    assert_eq!((phone.offset(&one).await, other.offset(&two).await), (5000, 5000));
}

#[tokio::test]
async fn the_complete_receipt_comes_exactly_with_the_last_blob() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |draft| {
        draft.photos = vec![photo(b"original 1", b"copy 1"), photo(b"original 2", b"copy 2")];
    });
    phone.upload(b"copy 1").await;
    let put = async || phone.put(&visit).await.json::<Stored>().await.unwrap();
    let first = put().await;
    assert_eq!(first.complete, None);
    assert_eq!(first.missing.len(), 3);
    assert!(!first.missing.contains(&Digest::of(b"copy 1")));
    for (n, last) in [(b"original 1".as_slice(), false), (b"copy 2", false), (b"original 2", true)] {
        phone.upload(n).await;
        let receipts = phone.get("/v1/receipts").send().await.unwrap().json::<ReceiptsPage>().await.unwrap();
        assert_eq!(receipts.receipts.len(), if last { 2 } else { 1 });
        let now = put().await;
        assert_eq!(
            (now.record == first.record, now.complete.is_some(), now.missing.is_empty()),
            (true, last, last)
        );
        assert_eq!(receipts.receipts.get(1), now.complete.as_ref());
    }
    let key = &office.bureau.storage().identity().public.signing_key;
    let complete = put().await.complete.unwrap().open_for(key, visit.sealed.digest()).unwrap();
    assert_eq!(complete.kind, ReceiptKind::Complete);
    // Everything there already: a second record of the same photos is complete at once.
    let again = phone.visit(&office.site, |draft| draft.photos = vec![photo(b"original 1", b"copy 1")]);
    assert!(phone.put(&again).await.json::<Stored>().await.unwrap().complete.is_some());
}

/// A folder on a disk that can be full, and that tells when bytes arrive.
struct Watched {
    folder: Folder,
    full: AtomicBool,
    arrived: Notify,
    /// What the next upload waits for before it has a file.
    hold: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Watched {
    fn new(folder: Folder) -> Self {
        Self { folder, full: AtomicBool::new(false), arrived: Notify::new(), hold: Mutex::default() }
    }
}

impl BlobStore for Watched {
    fn begin(&self, upload: Uuid) -> io::Result<()> {
        let hold = self.hold.lock().unwrap().take();
        if let Some(hold) = hold {
            self.arrived.notify_one();
            hold.recv().unwrap();
        }
        self.folder.begin(upload)
    }
    fn held(&self, upload: Uuid) -> io::Result<u64> {
        self.folder.held(upload)
    }
    fn append(&self, upload: Uuid, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            self.folder.append(upload, offset, &bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.folder.append(upload, offset, bytes)?;
        self.arrived.notify_one();
        Ok(())
    }
    fn cut(&self, upload: Uuid, length: u64) -> io::Result<()> {
        self.folder.cut(upload, length)
    }
    fn finish(&self, upload: Uuid, id: PhotoId) -> io::Result<bool> {
        self.folder.finish(upload, id)
    }
    fn discard(&self, upload: Uuid) -> io::Result<()> {
        self.folder.discard(upload)
    }
    fn settle(&self, id: PhotoId) -> io::Result<()> {
        self.folder.settle(id)
    }
    fn open(&self, id: PhotoId) -> io::Result<Blob> {
        self.folder.open(id)
    }
}

async fn watched() -> (Office, Arc<Watched>) {
    let mut watched = None;
    let office = Office::open_with(|folder| {
        let made = Arc::new(Watched::new(folder));
        watched = Some(Arc::clone(&made));
        made
    });
    (office.await, watched.unwrap())
}

#[tokio::test]
async fn a_full_disk_refuses_with_507_keeps_what_was_there_and_takes_the_rest_later() {
    let (office, disk) = watched().await;
    let phone = office.phone(0).await;
    let whole = bytes(1000);
    let path = phone.create(Digest::of(&whole), 1000).await;
    phone.patch(&path, 0, &whole[..300]).send().await.unwrap();
    disk.full.store(true, Ordering::SeqCst);
    let full = phone.patch(&path, 300, &whole[300..]).send().await.unwrap();
    assert_eq!(refused(full, 507).await, Code::StorageFull);
    disk.full.store(false, Ordering::SeqCst);
    assert_eq!(phone.offset(&path).await, 300);
    assert_eq!(phone.patch(&path, 300, &whole[300..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_newcomer_takes_over_from_a_connection_that_went_silent() {
    let (office, disk) = watched().await;
    let phone = office.phone(0).await;
    let whole = bytes(700_000);
    let path = phone.create(Digest::of(&whole), whole.len()).await;
    let _silent = begin_patch(&phone, &path, whole.len(), &whole[..350_000]).await;
    disk.arrived.notified().await;
    let held = phone.offset(&path).await;
    assert!((256 * 1024..=350_000).contains(&held), "{held}");
    assert_eq!(phone.patch(&path, held, &whole[held..]).send().await.unwrap().status(), 204);
    assert!(phone.has(Digest::of(&whole)).await);
}

#[tokio::test]
async fn a_creation_that_another_one_took_the_place_of_leaves_no_file() {
    let (office, disk) = watched().await;
    office.bureau.limit_uploads(Limits { device_uploads: 1, ..Limits::default() });
    let phone = office.phone(0).await;
    let whole = bytes(1000);
    let (go_on, hold) = mpsc::channel();
    *disk.hold.lock().unwrap() = Some(hold);
    let id = Digest::of(&whole);
    let (slow, fast) = tokio::join!(phone.create(id, 1000), async {
        disk.arrived.notified().await;
        // It may wait until the first one has its file, or not.
        let fast = phone.create(id, 1000);
        let going_on = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            go_on.send(()).unwrap();
        };
        tokio::join!(fast, going_on).0
    });
    let growing = || fs::read_dir(office.folder().join("photos/uploads")).unwrap().count();
    assert_eq!(growing(), 1, "the row that is left has a file, and no other");
    let gone = phone.patch(&slow, 0, &whole).send().await.unwrap();
    assert_eq!(refused(gone, 404).await, Code::UploadGone);
    assert_eq!(phone.patch(&fast, 0, &whole).send().await.unwrap().status(), 204);
    assert_eq!(growing(), 0);
}
