//! A county of real programs: `bureau serve` on a folder, a link before it, and phones as processes. Whatever is ended
//! is started again, until the phone says that all is done; then what it was assured of is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::Utc;
use tempfile::TempDir;
use uuid::Uuid;
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::documents::Found;
use xieguan::bureau::storage::enrolment::NewCode;
use xieguan::bureau::storage::seed::County as Filling;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::id::{CoordinatorId, DeviceId, Digest, DocumentId, SiteId};
use xieguan::domain::inspection::{Coordinator, Inspection};
use xieguan::domain::report::Report;
use xieguan::domain::site::{Site, Township};
use xieguan::fault::DIE_AT;
use xieguan::wire::enrolment::plain_code;
use xieguan::wire::receipt::ReceiptKind;
use xieguan::wire::sealed::SealedDocument;

use super::tally::Tally;
use super::walker::{Errand, Walker};
use crate::support::served::{Served, bureau};
use crate::support::trouble::Trouble;

/// Everything comes within this time, or the test fails.
const PATIENCE: Duration = Duration::from_secs(180);
/// SIGABRT: how a program ends at a point.
pub(super) const AT_A_POINT: i32 = 6;

/// What a phone was assured of, over all its lives.
#[derive(Clone, Debug, Default)]
pub(super) struct Assured {
    answers: Vec<(String, String)>,
    photos: Vec<(String, Digest)>,
    finished: Vec<(String, Digest)>,
    complete: BTreeSet<Digest>,
    sites: Vec<String>,
    /// The last list of its documents: kind, id, revision, hash.
    documents: Vec<(DocumentKind, DocumentId, u32, Digest)>,
    /// Documents that were ever seen blocked, with the reason.
    blocked: BTreeSet<String>,
    pub(super) was_full: bool,
    pub(super) enrolled: bool,
    device: Option<DeviceId>,
    /// The certificates it believed at the end of its last life.
    pub(super) pins: Vec<Digest>,
    done: bool,
}

impl Assured {
    /// How many visits it was told are finished.
    pub(super) fn finished_visits(&self) -> usize {
        self.finished.len()
    }

    /// How many answers, photos and ends of visits it was assured of.
    pub(super) fn count(&self) -> usize {
        self.answers.len() + self.photos.len() + self.finished.len()
    }

    /// Whether the visit that was finished last is proven complete.
    pub(super) fn is_last_complete(&self) -> bool {
        self.finished.last().is_some_and(|(_, digest)| self.complete.contains(digest))
    }

    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["answered", visit, item] => self.answers.push(((*visit).to_owned(), (*item).to_owned())),
            ["photographed", visit, photo] => {
                self.photos.push(((*visit).to_owned(), photo.parse().unwrap()));
            }
            ["finished", visit, digest] => self.finished.push(((*visit).to_owned(), digest.parse().unwrap())),
            ["complete", digest] => drop(self.complete.insert(digest.parse().unwrap())),
            ["site", id] => self.sites.push((*id).to_owned()),
            ["blocked", why @ ..] => drop(self.blocked.insert(why.join(" "))),
            ["document", kind, id, revision, digest] => {
                let kind = DocumentKind::ALL.into_iter().find(|known| known.plural() == *kind).unwrap();
                let (id, revision) = (id.parse().unwrap(), revision.parse().unwrap());
                let digest = digest.parse().unwrap();
                self.documents.retain(|known| known.3 != digest);
                self.documents.push((kind, id, revision, digest));
            }
            ["full"] => self.was_full = true,
            ["pin", certificate] => self.pins.push(certificate.parse().unwrap()),
            ["enrolled"] => self.enrolled = true,
            ["device", id] => self.device = Some(id.parse().unwrap()),
            ["done"] => self.done = true,
            _ => {}
        }
    }
}

/// A phone's folder, its code, and what it was assured of.
pub(super) struct Phone {
    pub(super) errand: Errand,
    pub(super) assured: Assured,
}

/// How often something was ended at a point in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) phone: u32,
    pub(super) bureau: u32,
}

pub(super) struct County {
    pub(super) folder: TempDir,
    pub(super) link: Trouble,
    pub(super) serving: Option<Served>,
    coordinators: Vec<Coordinator>,
    phones: usize,
    /// Where the data folder can be seen, when it is on a disk of its own.
    pub(super) elsewhere: Option<PathBuf>,
    /// Given to `bureau serve`.
    pub(super) environment: Vec<(String, String)>,
    /// Whether it serves with a certificate of its own.
    pub(super) self_signed: bool,
}

impl County {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let township = Township { code: "000000101".to_owned(), name: "示例镇".to_owned() };
        let coordinators: Vec<Coordinator> = ["王示例", "李示例"]
            .into_iter()
            .map(|name| Coordinator {
                id: CoordinatorId(Uuid::now_v7()),
                name: name.to_owned(),
                organisation: "示例镇卫生院".to_owned(),
            })
            .collect();
        let site = Site {
            id: SiteId(Uuid::now_v7()),
            name: "示例镇石桥村集中供水站".to_owned(),
            nickname: String::new(),
            kinds: vec!["WATER_RURAL".to_owned()],
            address: "示例镇石桥村".to_owned(),
            township: township.clone(),
            place: None,
            credit_code: String::new(),
            licences: Vec::new(),
            contacts: Vec::new(),
            last_visit: None,
        };
        let filling = Filling {
            townships: vec![township.clone()],
            coordinators: coordinators.iter().map(|c| (c.clone(), vec![township.code.clone()])).collect(),
            sites: vec![site],
            logins: Vec::new(),
        };
        let link = Trouble::to("127.0.0.1:9".parse().unwrap()).await;
        let county = Self {
            folder,
            link,
            serving: None,
            coordinators,
            phones: 0,
            elsewhere: None,
            environment: Vec::new(),
            self_signed: false,
        };
        let storage = Storage::open(&county.data(), &Fresh::default()).unwrap();
        storage.fill(filling, 0).await.unwrap();
        storage.close();
        county
    }

    pub(super) fn data(&self) -> PathBuf {
        self.elsewhere.clone().unwrap_or_else(|| self.folder.path().join("bureau"))
    }

    /// Starts the server, or starts it again; it may be told where to end.
    pub(super) fn serve(&mut self, die_at: Option<&str>) {
        self.stop();
        let mut command = bureau("serve", &self.data(), &["--listen", "127.0.0.1:0"]);
        command.args(self.self_signed.then_some("--self-signed"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(point) = die_at {
            command.env(DIE_AT, point);
        }
        self.serve_by(command);
    }

    /// Starts the server by this command.
    pub(super) fn serve_by(&mut self, command: Command) {
        let serving = Served::start_by(command);
        self.link.lead_to(serving.address());
        self.serving = Some(serving);
    }

    /// Ends the server.
    pub(super) fn stop(&mut self) {
        self.serving = None;
    }

    /// A phone that is not enrolled yet.
    pub(super) async fn phone(&mut self) -> Phone {
        self.phones += 1;
        let folder = self.folder.path().join(format!("phone-{}", self.phones));
        let (mut url, code) = (self.link.url(), self.code().await);
        let certificate = self.serving.as_ref().and_then(|serving| serving.fingerprint);
        if certificate.is_some() {
            url = url.replace("http://", "https://");
        }
        let errand =
            Errand { folder, url, code, certificate, visits: 0, room: false, again: false, picture: 96 };
        Phone { errand, assured: Assured::default() }
    }

    /// A fresh code.
    pub(super) async fn code(&self) -> String {
        let storage = Storage::open(&self.data(), &Fresh::default()).unwrap();
        let code = Uuid::new_v4().simple().to_string();
        let now = Utc::now().timestamp_millis();
        let coordinator = self.coordinators[self.phones % self.coordinators.len()].id;
        let hash = Digest::of(plain_code(&code).as_bytes()).0;
        let new = NewCode { hash, coordinator, expires_ms: now + 3_600_000 };
        storage.add_codes(vec![new], now).await.unwrap();
        storage.close();
        code
    }

    /// Lets the phone make so many visits more and runs it until everything is delivered. It may be told where to end;
    /// whatever ends is started again without being told.
    pub(super) async fn walk(&mut self, phone: &mut Phone, visits: usize, die_at: Option<&str>) -> Ended {
        phone.errand.visits += visits;
        let walker = Walker::start(&phone.errand, die_at);
        self.walk_with(phone, walker, |_, _, _| {}).await
    }

    /// Goes on with a walker; `meanwhile` is called again and again.
    pub(super) async fn walk_with(
        &mut self,
        phone: &mut Phone,
        mut walker: Walker,
        mut meanwhile: impl FnMut(&mut Self, &mut Walker, &Assured),
    ) -> Ended {
        let mut ended = Ended::default();
        let (began, mut helped) = (Instant::now(), Instant::now());
        phone.assured.done = false;
        phone.assured.pins.clear();
        loop {
            walker.listen();
            let over = walker.ended();
            for line in walker.said.drain(..) {
                phone.assured.hear(&line);
            }
            match over {
                Some(None) if phone.assured.done => return ended,
                Some(None) => panic!("the phone went home before it was done"),
                Some(Some(_)) => {
                    ended.phone += 1;
                    walker = Walker::start(&phone.errand, None);
                }
                None => {}
            }
            if self.serving.as_mut().is_some_and(Served::ended) {
                ended.bureau += 1;
                self.serve(None);
            }
            if helped.elapsed() > Duration::from_millis(300) {
                // A tap on “try now” would free what is blocked, and nobody would know that it was.
                walker.network_returned();
                helped = Instant::now();
            }
            meanwhile(self, &mut walker, &phone.assured);
            assert!(
                began.elapsed() < PATIENCE,
                "the phone is not done; it was assured of {:?}",
                phone.assured
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everything the phone was ever assured of against what the bureau's folder holds.
    pub(super) async fn check(&self, phone: &Phone, tally: &mut Tally) {
        let storage = Storage::open(&self.data(), &Fresh::default()).unwrap();
        let device = phone.assured.device.unwrap();
        let mut inspections: BTreeMap<String, Inspection> = BTreeMap::new();
        let mut reports: BTreeMap<String, u32> = BTreeMap::new();
        for blocked in &phone.assured.blocked {
            tally.conflicts.push(format!("{blocked} (blocked on the phone)"));
        }
        for (kind, id, revision, digest) in &phone.assured.documents {
            let name = DocumentName::new(*kind, *id, *revision);
            let what = name.path();
            let Found::Yours(text) = storage.document_of(device, name).await.unwrap() else {
                tally.lost.push(format!("{what} is not at the bureau"));
                continue;
            };
            let sealed: SealedDocument = serde_json::from_str(&text).unwrap();
            if sealed.digest() != *digest {
                tally.conflicts.push(format!("{what} is another document at the bureau"));
            }
            tally.needed += text.len() as u64;
            match kind {
                DocumentKind::Inspection => {
                    let document: Inspection = serde_json::from_str(&sealed.document).unwrap();
                    self.check_photos(&document, tally);
                    let received = storage.received(*digest).await.unwrap();
                    if received.is_none_or(|received| !received.siblings.is_empty()) {
                        tally.conflicts.push(format!("{what} has siblings"));
                    }
                    inspections.insert(id.to_string(), document);
                }
                DocumentKind::Report => {
                    let report: Report = serde_json::from_str(&sealed.document).unwrap();
                    *reports.entry(report.inspection.to_string()).or_default() += 1;
                }
                DocumentKind::Site => {}
            }
        }
        let assured = &phone.assured;
        for (visit, item) in &assured.answers {
            let there = inspections.get(visit).is_some_and(|it| it.sheets[0].answers.contains_key(item));
            if !there {
                tally.lost.push(format!("the answer to {item} of visit {visit}"));
            }
        }
        for (visit, photo) in &assured.photos {
            let there =
                inspections.get(visit).is_some_and(|it| it.photos.iter().any(|p| p.original == *photo));
            if !there {
                tally.lost.push(format!("photo {photo} of visit {visit}"));
            }
        }
        let digests: BTreeSet<Digest> = assured.documents.iter().map(|known| known.3).collect();
        let finished = assured.finished.iter().map(|(_, digest)| digest);
        for digest in finished.chain(&assured.complete).filter(|digest| !digests.contains(digest)) {
            tally.lost.push(format!("the document {digest}"));
        }
        for site in &assured.sites {
            if !assured
                .documents
                .iter()
                .any(|(kind, id, ..)| *kind == DocumentKind::Site && id.to_string() == *site)
            {
                tally.lost.push(format!("the site {site}"));
            }
        }
        for (visit, _) in reports.iter().filter(|(_, count)| **count > 1) {
            tally.duplicated.push(format!("the findings of visit {visit} were reported twice"));
        }
        self.check_once(&storage, device, assured.documents.len(), tally).await;
        storage.close();
    }

    fn check_photos(&self, document: &Inspection, tally: &mut Tally) {
        for blob in document.blobs() {
            let name = blob.to_string();
            let path = self.data().join("photos/blobs").join(&name[..2]).join(&name);
            match std::fs::read(&path) {
                Ok(bytes) if Digest::of(&bytes) == blob => tally.needed += bytes.len() as u64,
                Ok(_) => tally.lost.push(format!("photo {blob} has other bytes")),
                Err(error) => tally.lost.push(format!("photo {blob}: {error}")),
            }
        }
    }

    /// One receipt of each kind for each document of a phone.
    pub(super) async fn check_once(
        &self,
        storage: &Storage,
        device: DeviceId,
        documents: usize,
        tally: &mut Tally,
    ) {
        let (mut since, mut receipts) = (0, Vec::new());
        loop {
            let page = storage.receipts_since(device, since).await.unwrap();
            let key = storage.identity().public.signing_key;
            receipts.extend(page.receipts.iter().map(|signed| signed.open(&key).unwrap()));
            since = page.last;
            if !page.more {
                break;
            }
        }
        let of = |kind| receipts.iter().filter(|receipt| receipt.kind == kind).count();
        if (of(ReceiptKind::Record), of(ReceiptKind::Complete)) != (documents, documents) {
            tally.duplicated.push(format!("{} receipts for {documents} documents", receipts.len()));
        }
    }
}

/// The phone's id, out of the key file below its folder.
pub(super) fn device_of(folder: &Path) -> DeviceId {
    let text = std::fs::read(folder.join("keys").join("device.key")).unwrap();
    let blob: serde_json::Value = serde_json::from_slice(&text).unwrap();
    serde_json::from_value(blob["device"].clone()).unwrap()
}
