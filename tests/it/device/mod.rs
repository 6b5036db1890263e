//! The phone behind its door: real store, real photos, real keys in files; the clock alone is turned by hand.

mod enrol;
mod durable;
mod full;
mod reports;
mod own;
mod photos;
mod pinned;
mod practice;
mod returned;
mod round;
mod sheet;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;
use xieguan::device::clock::Clock;
use xieguan::device::enrol::Profile;
use xieguan::device::keys::{FileKeyStore, KeyStore};
use xieguan::device::visit::OfferedFix;
use xieguan::device::{Device, Error, OpenError, Setup};
use xieguan::domain::answer::ChecklistRef;
use xieguan::domain::checklist::Checklist;
use xieguan::domain::id::{BureauId, CoordinatorId, Digest, Epoch, InspectionId, SiteId};
use xieguan::domain::inspection::Inspection;
use xieguan::domain::inspection::{Attestation, Coordinator, Origin, PhotoSource};
use xieguan::domain::place::{Mock, NoFix, NoFixReason, Place};
use xieguan::domain::problem::ProblemKind;
use xieguan::domain::seal::{PublicKey, public_key};
use xieguan::domain::site::{Site, Township};
use xieguan::store::Store;
use xieguan::store::site::Change;
use xieguan::wire::enrolment::{BureauIdentity, Enrolled, Settings};
use xieguan::wire::sidecar::{open_secrets, sealing_public_key};

use crate::support::records;

/// A bureau's X25519 secret; it is the test that opens sidecars here.
const BUREAU_SECRET: [u8; 32] = [9; 32];

struct HandClock {
    ms: AtomicI64,
    monotonic_ms: AtomicU64,
}

impl HandClock {
    fn new() -> Arc<Self> {
        let ms = records::moment().timestamp_millis();
        Arc::new(Self { ms: AtomicI64::new(ms), monotonic_ms: AtomicU64::new(5_000) })
    }

    /// Time passes.
    fn pass(&self, seconds: u64) {
        self.monotonic_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.turn(i64::try_from(seconds).unwrap());
    }

    /// Somebody turns the wall clock.
    fn turn(&self, seconds: i64) {
        self.ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<FixedOffset> {
        let now = DateTime::from_timestamp_millis(self.now_ms()).unwrap();
        now.with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap())
    }

    fn now_ms(&self) -> i64 {
        self.ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic_ms.load(Ordering::SeqCst))
    }
}

/// A phone's folders, and the clock that all its starts share.
struct Phone {
    dir: tempfile::TempDir,
    clock: Arc<HandClock>,
}

impl Phone {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), clock: HandClock::new() }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn key_file(&self) -> PathBuf {
        self.dir.path().join("keys").join("device.key")
    }

    fn keys(&self) -> Box<FileKeyStore> {
        Box::new(FileKeyStore::new(self.key_file()))
    }

    async fn start_with(&self, keys: Box<dyn KeyStore>) -> Result<Device, OpenError> {
        Device::open(Setup { folder: self.data(), keys, clock: self.clock.clone() }).await
    }

    async fn start(&self) -> Device {
        self.start_with(self.keys()).await.unwrap()
    }

    /// Puts into the store, between two starts, what an enrolment and a pull would have put there.
    fn seed(&self, seed: impl FnOnce(&mut Store)) {
        let blob: serde_json::Value = serde_json::from_slice(&fs::read(self.key_file()).unwrap()).unwrap();
        let key: [u8; 32] = serde_json::from_value(blob["database_key"].clone()).unwrap();
        seed(&mut Store::open(&self.data().join("xieguan.db"), &key).unwrap());
    }

    /// A phone that knows one site.
    async fn with_site() -> Self {
        let phone = Self::new();
        phone.start().await.close().await;
        phone.seed(|store| store.apply_changes(&[Change::Site(Box::new(site()))], "1").unwrap());
        phone
    }

    /// A phone that knows one site and is enrolled at a bureau it cannot reach.
    async fn enrolled() -> Self {
        let phone = Self::with_site().await;
        let profile = serde_json::to_string(&profile()).unwrap();
        phone.seed(|store| store.put_setting("profile", Some(&profile)).unwrap());
        phone
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.dir.path(), &mut found);
        found
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

fn site() -> Site {
    Site {
        id: SiteId(Uuid::from_u128(0xa1)),
        name: "示例镇石桥村集中供水站".to_owned(),
        nickname: String::new(),
        kinds: vec!["WATER_RURAL".to_owned()],
        address: "示例镇石桥村".to_owned(),
        township: Township { code: "000000101".to_owned(), name: "示例镇".to_owned() },
        place: Place::from_degrees(30.664_1, 104.069_0),
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    }
}

fn profile() -> Profile {
    Profile {
        pins: Vec::new(),
        // Nobody listens on this port of this machine.
        address: "http://127.0.0.1:9".to_owned(),
        enrolled: Enrolled {
            token: "sample-token".to_owned(),
            coordinator: Coordinator {
                id: CoordinatorId(Uuid::from_u128(0xc1)),
                name: "王示例".to_owned(),
                organisation: "示例镇卫生院".to_owned(),
            },
            townships: vec![site().township],
            bureau: BureauIdentity {
                id: BureauId(Uuid::from_u128(0xb1)),
                name: "示例县卫生监督所".to_owned(),
                epoch: Epoch(Uuid::from_u128(0xe1)),
                signing_key: public_key(&ed25519_dalek::SigningKey::from_bytes(&[7; 32])),
                sealing_key: sealing_public_key(&BUREAU_SECRET),
            },
            settings: Settings::default(),
        },
    }
}

fn picture() -> Vec<u8> {
    let (width, height) = (640_u16, 480_u16);
    let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height) * 3).map(|n| (n / 97) as u8).collect();
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 85);
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    jpeg
}

fn fix(lat: f64, accuracy_m: f64, clock: &HandClock) -> OfferedFix {
    let provider = "webview".to_owned();
    OfferedFix { lat, lon: 104.069_2, accuracy_m, at_ms: clock.now_ms(), provider, mock: Mock::Unknown }
}

async fn visit(device: &Device) -> InspectionId {
    let (name, _) = records::water_rural();
    device.start_visit(site().id, &[name], Origin::Routine).await.unwrap()
}

/// Everything answered, compliant and signed; only [`Device::finish`] is left.
async fn fill(device: &Device, visit: InspectionId, clock: &HandClock) {
    for (item, answer) in records::compliant_sheet().answers {
        device.answer(visit, 0, &item, answer).await.unwrap();
    }
    device.offer_fix(visit, fix(30.664_2, 6.0, clock)).await.unwrap();
    sign(device, visit).await;
}

async fn sign(device: &Device, visit: InspectionId) {
    let signed = Attestation::Signed {
        name: "张示例".to_owned(),
        role: String::new(),
        statement: String::new(),
        strokes: vec![vec![[1, 2], [3, 4]]],
    };
    device.attest(visit, Some(signed)).await.unwrap();
}

/// A key store that fails.
struct NoKeys;

impl KeyStore for NoKeys {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Err(io::Error::other("no room in the key store"))
    }
}

/// A key store that does not answer.
struct MuteKeys;

impl KeyStore for MuteKeys {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Err(io::Error::other("locked"))
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_database_is_made_before_its_key_is_safe() {
    let phone = Phone::new();
    assert!(matches!(phone.start_with(Box::new(NoKeys)).await, Err(OpenError::Folder(_))));
    assert_eq!(phone.files(), BTreeMap::new());
    phone.start().await;
}

#[tokio::test]
async fn a_start_that_ended_after_the_keys_goes_on_with_them() {
    let phone = Phone::new();
    let id = phone.start().await.id();
    fs::remove_dir_all(phone.data()).unwrap();
    assert_eq!(phone.start().await.id(), id);
}

#[tokio::test]
async fn without_its_key_the_data_stays_untouched() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    device.add_photo(visit, 0, None, PhotoSource::Camera, picture()).await.unwrap();
    device.close().await;
    drop(device);
    let other = Phone::new();
    other.start().await.close().await;
    let strange = fs::read(other.key_file()).unwrap();
    let (key, before) = (fs::read(phone.key_file()).unwrap(), phone.files());
    let unopened = |opened: Result<Device, OpenError>, why: &str| {
        assert!(matches!(opened, Err(OpenError::CannotUnlock(_))), "{why}");
    };

    unopened(phone.start_with(Box::new(MuteKeys)).await, "mute");
    assert_eq!(phone.files(), before);
    for (blob, why) in [(&strange[..], "another phone's"), (b"{", "damaged"), (b"", "empty")] {
        fs::write(phone.key_file(), blob).unwrap();
        unopened(phone.start_with(phone.keys()).await, why);
        fs::write(phone.key_file(), &key).unwrap();
        assert_eq!(phone.files(), before, "{why}");
    }
    fs::remove_file(phone.key_file()).unwrap();
    unopened(phone.start_with(phone.keys()).await, "lost");
    fs::write(phone.key_file(), &key).unwrap();
    assert_eq!(phone.files(), before);

    assert!(phone.start().await.visit(visit).await.unwrap().is_some());
}

#[tokio::test]
async fn everything_given_is_there_after_a_restart() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
    device.put_guidance(visit, "1. 请补齐卫生管理制度。").await.unwrap();
    device.expect_photo(visit, 0, Some("WR-02".to_owned())).await.unwrap();
    let before = device.visit(visit).await.unwrap().unwrap();
    assert_eq!(before.draft.sheets[0].answers.len(), records::compliant_sheet().answers.len());
    drop(device);

    let device = phone.start().await;
    assert_eq!(device.visit(visit).await.unwrap().unwrap(), before);
    let expected = device.expected_photo().await.unwrap().unwrap();
    assert_eq!((expected.draft, expected.item.as_deref()), (visit, Some("WR-02")));
}

#[tokio::test]
async fn of_answers_given_quickly_the_last_one_stays() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    let given = (0..60).map(|n| {
        let answer = xieguan::domain::answer::Answer { note: n.to_string(), ..Default::default() };
        device.answer(visit, 0, "WR-04", answer)
    });
    for done in futures_util::future::join_all(given).await {
        done.unwrap();
    }
    let kept = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!(kept.sheets[0].answers["WR-04"].note, "59");
}

#[tokio::test]
async fn what_is_no_picture_is_refused_and_the_draft_stays_as_it_is() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    let before = device.visit(visit).await.unwrap();
    let mut cut = picture();
    cut.truncate(600);
    for (bytes, why) in [(Vec::new(), "empty"), (b"no picture at all".to_vec(), "text"), (cut, "cut")] {
        let added = device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, bytes).await;
        assert!(matches!(added, Err(Error::Picture(_))), "{why}: {added:?}");
    }
    let nowhere = device.add_photo(visit, 0, Some("XX-99"), PhotoSource::Camera, picture()).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));
    assert_eq!(device.visit(visit).await.unwrap(), before);
}

#[tokio::test]
async fn a_photo_keeps_the_cameras_bytes_and_knows_where_it_was_taken() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    device.offer_fix(visit, fix(30.664_2, 6.0, &phone.clock)).await.unwrap();
    phone.clock.pass(30);
    device.offer_fix(visit, fix(30.664_9, 11.0, &phone.clock)).await.unwrap();
    let taken = device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
    assert_eq!(taken.original, Digest::of(&picture()));
    assert_eq!(device.photo(taken.original).await.unwrap(), picture());
    assert_eq!(device.photo(taken.derived).await.unwrap().len() as u64, taken.derived_bytes);
    assert_eq!(taken.fix.unwrap().place.lat_e7, 306_649_000, "the newest position, not the best");
    let thumbnail = device.thumbnail(taken.derived, 96).await.unwrap();
    assert!(thumbnail.len() < 10_000 && thumbnail == device.thumbnail(taken.derived, 96).await.unwrap());

    phone.clock.pass(600);
    let mut later = picture();
    later.push(0);
    let later = device.add_photo(visit, 0, None, PhotoSource::Camera, later).await.unwrap();
    assert_eq!(later.fix.unwrap().place.lat_e7, 306_642_000, "an old position is no better than the best");
    let mut album = picture();
    album.extend([0, 0]);
    let album = device.add_photo(visit, 0, None, PhotoSource::Album, album).await.unwrap();
    assert_eq!(album.fix, None, "nobody knows where an album's picture was taken");
}

#[tokio::test]
async fn the_first_and_every_better_position_is_kept_and_nonsense_refused() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    let no_fix = NoFix { reason: NoFixReason::NoSignal, landmark: "村委会对面".to_owned() };
    device.no_fix(visit, Some(no_fix)).await.unwrap();
    for (lat, accuracy) in [(f64::NAN, 5.0), (30.0, f64::NAN), (30.0, -1.0), (91.0, 5.0)] {
        let offered = device.offer_fix(visit, fix(lat, accuracy, &phone.clock)).await;
        assert!(matches!(offered, Err(Error::NoPlace)), "{lat} {accuracy}");
    }
    let draft = device.visit(visit).await.unwrap().unwrap().draft;
    assert!(draft.fixes.is_empty() && draft.no_fix.is_some());
    for (accuracy, best) in [(20.2, 21), (30.0, 21), (8.0, 8), (8.0, 8)] {
        let offered = device.offer_fix(visit, fix(30.664_2, accuracy, &phone.clock)).await.unwrap();
        assert_eq!(offered.accuracy_m, best);
    }
    let draft = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!(draft.fixes.iter().map(|fix| fix.accuracy_m).collect::<Vec<_>>(), [21, 8]);
    assert_eq!(draft.no_fix, None);
}

#[tokio::test]
async fn finishing_too_early_says_what_is_missing_and_keeps_the_draft() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    device.answer(visit, 0, "WR-03", Default::default()).await.unwrap();
    device.attest(visit, None).await.unwrap();
    let Err(Error::Unfinished(problems)) = device.finish(visit).await else { panic!("finished") };
    let unanswered = problems.iter().filter(|p| p.kind == ProblemKind::Unanswered);
    assert_eq!(unanswered.map(|p| p.item.as_deref()).collect::<Vec<_>>(), [Some("WR-03")]);
    assert!(problems.iter().any(|p| p.kind == ProblemKind::NoAttestation));
    assert!(device.visit(visit).await.unwrap().is_some() && device.records().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_visit_started_before_the_enrolment_is_finished_after_it() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    assert!(matches!(device.finish(visit).await, Err(Error::NotEnrolled)));
    assert!(device.visit(visit).await.unwrap().is_some());
    drop(device);
    let enrolment = serde_json::to_string(&profile()).unwrap();
    phone.seed(|store| store.put_setting("profile", Some(&enrolment)).unwrap());
    let inspection = phone.start().await.finish(visit).await.unwrap();
    assert_eq!(inspection.coordinators, [profile().enrolled.coordinator]);
    assert_eq!(inspection.clock.elapsed_s, 0, "the visit began before this start");
}

#[tokio::test]
async fn a_finished_record_is_sealed_whole_and_queued() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let mut changes = device.changes();
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    phone.clock.pass(371);
    let photo = device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
    changes.borrow_and_update();
    let inspection = device.finish(visit).await.unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(inspection.clock.elapsed_s, 371);
    assert_eq!((inspection.clock.offset_s, &inspection.clock.jumps[..]), (None, &[][..]));
    assert_eq!(inspection.blobs(), [photo.derived, photo.original]);

    let sealed = device.envelope(visit, 1).await.unwrap().unwrap();
    assert_eq!(sealed.open::<Inspection>(&signing_key(&phone)).unwrap(), inspection);
    assert_eq!((sealed.device, &sealed.sidecar), (device.id(), &None));
    let rows = device.records().await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.digest, row.blobs, row.blobs_left), (sealed.digest(), 2, 2));
    assert!(device.drafts().await.unwrap().is_empty());
    assert!(matches!(device.finish(visit).await, Err(Error::NotFound)));
}

/// The public half of what the key file holds; a device tells it to nobody but the bureau.
fn signing_key(phone: &Phone) -> PublicKey {
    let blob: serde_json::Value = serde_json::from_slice(&fs::read(phone.key_file()).unwrap()).unwrap();
    let seed: [u8; 32] = serde_json::from_value(blob["signing_seed"].clone()).unwrap();
    public_key(&ed25519_dalek::SigningKey::from_bytes(&seed))
}

#[tokio::test]
async fn a_turned_clock_is_told_in_the_record_even_after_a_restart() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    phone.clock.pass(60);
    phone.clock.turn(-7200);
    fill(&device, visit, &phone.clock).await;
    drop(device);
    let device = phone.start().await;
    let inspection = device.finish(visit).await.unwrap();
    let told: Vec<i64> = inspection.clock.jumps.iter().map(|jump| jump.by_s).collect();
    assert_eq!(told, [-7200]);
}

/// A checklist with one confidential part, for a site of the same kind.
const INFORMANT: &str = r#"{"code":"SAMPLE","version":"1","title":{"zh":"示例","en":"Sample"},"area":"sample",
"info_category":"示例","site_kinds":["WATER_RURAL"],"core":false,"patrols_per_year":1,"valid_from":"2026-01-01",
"sources":[],"sections":[{"code":"s","title":{"zh":"示例","en":"Sample"},"items":[{"code":"SA-01",
"text":{"zh":"有举报人","en":"There is an informant"},"parts":[{"key":"who","type":"confidential","max_chars":60}],
"basis":[],"photo":"none","level":"I","evidence":"proposal"}]}]}"#;

#[tokio::test]
async fn a_confidential_text_reaches_the_bureau_and_no_document() {
    let phone = Phone::enrolled().await;
    phone.seed(|store| store.apply_changes(&[Change::Checklist(INFORMANT.to_owned())], "2").unwrap());
    let (name, _): (ChecklistRef, _) = Checklist::parse(INFORMANT.as_bytes()).unwrap();
    let device = phone.start().await;
    let visit = device.start_visit(site().id, &[name], Origin::Complaint).await.unwrap();
    device.offer_fix(visit, fix(30.664_2, 6.0, &phone.clock)).await.unwrap();
    sign(&device, visit).await;
    assert!(matches!(device.finish(visit).await, Err(Error::Unfinished(_))));
    let text = "举报人示例，住示例镇东街";
    device.put_secret(visit, 0, "SA-01", "who", text).await.unwrap();
    device.finish(visit).await.unwrap();

    let sealed = device.envelope(visit, 1).await.unwrap().unwrap();
    let envelope = serde_json::to_string(&sealed).unwrap();
    assert!(!envelope.contains("举报人示例") && !envelope.contains("东街"), "{envelope}");
    let secrets = open_secrets(&BUREAU_SECRET, &sealed.sidecar.unwrap()).unwrap();
    assert_eq!((secrets.len(), secrets[0].text.as_str()), (1, text));
    assert!(sealed.document.contains(&secrets[0].digest().to_string()));
    let plain = phone
        .files()
        .into_iter()
        .find(|(_, bytes)| bytes.windows("举报人示例".len()).any(|window| window == "举报人示例".as_bytes()));
    assert_eq!(plain.map(|(path, _)| path), None, "at rest it is encrypted");
}

#[tokio::test]
async fn an_aside_draft_comes_back_and_its_expected_photo_does_not_wait() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let visit = visit(&device).await;
    device.expect_photo(visit, 0, None).await.unwrap();
    device.discard(visit).await.unwrap();
    assert!(device.drafts().await.unwrap().is_empty());
    assert_eq!(device.expected_photo().await.unwrap(), None);
    device.restore(visit).await.unwrap();
    assert_eq!(device.drafts().await.unwrap().len(), 1);
}
