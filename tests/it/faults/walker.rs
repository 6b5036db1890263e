//! A phone as a process of its own, without screens: a real `Device` that is told how many visits to make, makes them,
//! sends them, and says on its standard output whatever it was assured of. It may be ended at any moment and goes on
//! where it was.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use xieguan::device::clock::SystemClock;
use xieguan::device::keys::FileKeyStore;
use xieguan::device::new_site::FieldSite;
use xieguan::device::visit::OfferedFix;
use xieguan::device::{Device, Error, Setup};
use xieguan::domain::document::DocumentKind;
use xieguan::domain::id::{Digest, InspectionId};
use xieguan::domain::inspection::{Attestation, Origin, PhotoSource, STATEMENT};
use xieguan::domain::place::Mock;
use xieguan::fault::DIE_AT;

use crate::support::pictures::camera_jpeg;
use crate::support::records;

const FOLDER: &str = "XIEGUAN_WALKER_FOLDER";
const URL: &str = "XIEGUAN_WALKER_URL";
const CODE: &str = "XIEGUAN_WALKER_CODE";
const VISITS: &str = "XIEGUAN_WALKER_VISITS";
const ROOM: &str = "XIEGUAN_WALKER_ROOM";
const AGAIN: &str = "XIEGUAN_WALKER_AGAIN";
const CERTIFICATE: &str = "XIEGUAN_WALKER_CERTIFICATE";
const PICTURE: &str = "XIEGUAN_WALKER_PICTURE";

/// What a walker is told.
#[derive(Clone, Debug)]
pub(super) struct Errand {
    pub(super) folder: PathBuf,
    pub(super) url: String,
    pub(super) code: String,
    /// As the QR code says it.
    pub(super) certificate: Option<Digest>,
    /// Visits in all, those of earlier lives included.
    pub(super) visits: usize,
    /// Wait also until nothing may be removed any more.
    pub(super) room: bool,
    /// Enrol with this code although the phone is enrolled.
    pub(super) again: bool,
    /// Width of its pictures in pixels.
    pub(super) picture: u16,
}

/// The running process; ended with its owner.
pub(super) struct Walker {
    child: Child,
    stdin: ChildStdin,
    lines: mpsc::Receiver<String>,
    /// What it has said so far, apart from what was already taken.
    pub(super) said: Vec<String>,
}

impl Walker {
    /// Starts it; `wrap` may put another program before it.
    pub(super) fn start(errand: &Errand, die_at: Option<&str>) -> Self {
        Self::start_in(errand, die_at, &[])
    }

    /// As [`Walker::start`], through another program.
    pub(super) fn start_in(errand: &Errand, die_at: Option<&str>, through: &[String]) -> Self {
        let myself = std::env::current_exe().unwrap();
        let mut command = match through {
            [] => Command::new(myself),
            [program, rest @ ..] => {
                let mut command = Command::new(program);
                command.args(rest).arg(myself);
                command
            }
        };
        command
            .args(["--exact", "faults::walker::a_walker_walks_only_when_it_is_started_for_it", "--nocapture"])
            .env(FOLDER, &errand.folder)
            .env(URL, &errand.url)
            .env(CODE, &errand.code)
            .env(CERTIFICATE, errand.certificate.map(|it| it.to_string()).unwrap_or_default())
            .env(VISITS, errand.visits.to_string())
            .env(ROOM, if errand.room { "1" } else { "0" })
            .env(AGAIN, if errand.again { "1" } else { "0" })
            .env(PICTURE, errand.picture.to_string())
            .env_remove(DIE_AT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(point) = die_at {
            command.env(DIE_AT, point);
        }
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                if let Some(said) = line.strip_prefix("walker: ") {
                    let _ = to.send(said.to_owned());
                }
            }
        });
        Self { child, stdin, lines, said: Vec::new() }
    }

    /// Takes what it said meanwhile.
    pub(super) fn listen(&mut self) {
        self.said.extend(self.lines.try_iter());
    }

    /// As a network that is there again, which frees no blocked row; one that has ended does not hear it.
    pub(super) fn network_returned(&mut self) {
        let _ = self.stdin.write_all(b"back\n").and_then(|()| self.stdin.flush());
    }

    /// How it ended, if it has: the number of the signal, or none when it ended by itself. All it said is taken then.
    pub(super) fn ended(&mut self) -> Option<Option<i32>> {
        let status = self.child.try_wait().unwrap()?;
        // The pipe ends with the process; what is in it is still read.
        self.said.extend(self.lines.iter());
        assert!(status.success() || status.signal().is_some(), "{status}: {:?}", self.said.last());
        Some(status.signal())
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Walker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\nwalker: {line}").and_then(|()| out.flush());
}

/// The other process.
#[test]
fn a_walker_walks_only_when_it_is_started_for_it() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let text = |name: &str| std::env::var(name).unwrap();
    let errand = Errand {
        folder: folder.into(),
        url: text(URL),
        code: text(CODE),
        certificate: text(CERTIFICATE).parse().ok(),
        visits: text(VISITS).parse().unwrap(),
        room: text(ROOM) == "1",
        again: text(AGAIN) == "1",
        picture: text(PICTURE).parse().unwrap(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(walk(errand));
}

async fn walk(errand: Errand) {
    let device = open(&errand.folder).await;
    say(format_args!("device {}", device.id()));
    let told = device.clone();
    let on = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if line == "back" {
                let _ = on.block_on(told.network_returned());
            }
        }
    });
    if errand.again {
        device.enrol_pinned(&errand.url, &errand.code, errand.certificate).await.unwrap();
        say("enrolled");
    }
    while device.profile().await.unwrap().is_none() {
        match device.enrol_pinned(&errand.url, &errand.code, errand.certificate).await {
            Ok(_) => say("enrolled"),
            Err(error) => {
                say(format_args!("not enrolled: {error}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    while !make_visits(&device, &errand).await {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    wait_until_delivered(&device, errand.room).await;
    for row in device.documents().await.unwrap() {
        let kind = row.kind.plural();
        say(format_args!("document {kind} {} {} {}", row.id, row.revision, row.digest));
    }
    for pin in device.profile().await.unwrap().unwrap().pins {
        say(format_args!("pin {pin}"));
    }
    device.close().await;
    say("done");
}

async fn open(folder: &Path) -> Device {
    let keys = Box::new(FileKeyStore::new(folder.join("keys").join("device.key")));
    Device::open(Setup { folder: folder.join("data"), keys, clock: Arc::new(SystemClock) }).await.unwrap()
}

/// Goes on with what is half made, then makes what is still to be made; `false` when the phone had no room for it.
async fn make_visits(device: &Device, errand: &Errand) -> bool {
    loop {
        let drafts = device.drafts().await.unwrap();
        let made = device.records().await.unwrap().len();
        let visit = match drafts.first() {
            Some(row) => Ok(row.id),
            None if made >= errand.visits => return true,
            None => begin(device, made).await,
        };
        let walked = match visit {
            Ok(visit) => carry_on(device, visit, errand.picture).await,
            Err(error) => Err(error),
        };
        match walked {
            Ok(()) => {}
            Err(Error::Full) => {
                say("full");
                return false;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub(super) async fn begin(device: &Device, made: usize) -> Result<InspectionId, Error> {
    let mut changes = device.changes();
    let site = loop {
        let mut sites = device.sites("石桥", 10).await?;
        if let Some(site) = sites.pop() {
            break site;
        }
        let _ = tokio::time::timeout(Duration::from_millis(200), changes.changed()).await;
    };
    let sites = device.documents().await?.iter().filter(|row| row.kind == DocumentKind::Site).count();
    if sites <= made {
        let new = FieldSite {
            name: format!("新发现的水窖{made}"),
            nickname: String::new(),
            kinds: vec!["WATER_RURAL".to_owned()],
            township: site.township.clone(),
            address: String::new(),
            fix: None,
        };
        say(format_args!("site {}", device.add_site(new).await?));
    }
    let (name, _) = records::water_rural();
    let visit = device.start_visit(site.id, &[name], Origin::Routine).await?;
    say(format_args!("began {visit}"));
    Ok(visit)
}

/// Everything that is not there yet: answers (two of them bad enough for a report), a photo, the signature, the end.
pub(super) async fn carry_on(device: &Device, visit: InspectionId, width: u16) -> Result<(), Error> {
    let Some(there) = device.visit(visit).await? else { return Ok(()) };
    let there = there.draft;
    for (item, answer) in records::serious_sheet().answers {
        if there.sheets[0].answers.contains_key(&item) {
            continue;
        }
        device.answer(visit, 0, &item, answer).await?;
        say(format_args!("answered {visit} {item}"));
    }
    let provider = "webview".to_owned();
    let at_ms = chrono::Utc::now().timestamp_millis();
    let fix =
        OfferedFix { lat: 30.664_2, lon: 104.069_2, accuracy_m: 6.0, at_ms, provider, mock: Mock::Unknown };
    device.offer_fix(visit, fix).await?;
    for item in ["WR-12", "WR-20"] {
        if there.photos.iter().any(|photo| photo.item.as_deref() == Some(item)) {
            continue;
        }
        // No two pictures are the same: the seconds alone would let one blob stand for several.
        let mut picture = camera_jpeg(width, width / 4 * 3, 1);
        picture.extend(uuid::Uuid::new_v4().into_bytes());
        let photo = device.add_photo(visit, 0, Some(item), PhotoSource::Camera, picture).await?;
        say(format_args!("photographed {visit} {}", photo.original));
    }
    let strokes = vec![vec![[100, 200], [300, 250]]];
    let (name, role) = ("张示例".to_owned(), String::new());
    let signed = Attestation::Signed { name, role, statement: STATEMENT.to_owned(), strokes };
    device.attest(visit, Some(signed)).await?;
    device.finish(visit).await?;
    let row = device.records().await?.into_iter().find(|row| row.id == visit.into()).unwrap();
    say(format_args!("finished {visit} {}", row.digest));
    Ok(())
}

/// Until the bureau was heard in this life, both sides agree, everything is complete, and (if asked) room was made.
/// Gives which documents were blocked meanwhile, and why: nothing but a person's word frees one, so none goes unseen.
pub(super) async fn wait_until_delivered(device: &Device, room: bool) -> BTreeSet<String> {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let mut blocked = BTreeSet::new();
    loop {
        let rows = device.documents().await.unwrap();
        for (row, reason) in rows.iter().filter_map(|row| Some((row, row.blocked.as_ref()?))) {
            let seen = format!("{}: {reason}", row.name().path());
            // Said before a person's word frees it, so that the rest of the round still says something.
            say(format_args!("blocked {seen}"));
            blocked.insert(seen);
            device.retry().await.unwrap();
        }
        for row in rows.iter().filter(|row| row.complete_receipt.is_some()) {
            let mut shown = shown.lock().unwrap();
            if !shown.contains(&row.digest) {
                shown.push(row.digest);
                say(format_args!("complete {}", row.digest));
            }
        }
        let standing = device.standing().borrow().clone();
        let complete = rows.iter().all(|row| row.complete_receipt.is_some() && row.bytes_left == 0);
        let agreed = standing.idle && standing.contact_ms.is_some();
        let roomy = async {
            let room = device.room().await.unwrap();
            room.keep_days == 0 && room.removable == 0
        };
        if complete && agreed && (!room || roomy.await) {
            return blocked;
        }
        if room && complete && agreed {
            // It goes by itself within the hour; the coordinator taps.
            device.free_originals().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
