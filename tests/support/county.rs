//! A demo county in a real bureau process, and records that reach it as a phone's do: sealed and sent over HTTP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Duration, FixedOffset, Utc};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use uuid::Uuid;
use xieguan::domain::answer::PartValue;
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::finding::{Disposition, Handling, guidance};
use xieguan::domain::id::{DeviceId, Digest, InspectionId, PhotoId};
use xieguan::domain::inspection::{
    Attestation, Clock, Draft, Finishing, Photo, PhotoSource, STATEMENT, UnsignedCause,
};
use xieguan::domain::place::{Fix, Mock, Place};
use xieguan::domain::review::Review;
use xieguan::domain::seal::{Purpose, canonical, public_key, sign};
use xieguan::domain::site::Site;
use xieguan::media::{Stamp, StampFix, prepare};
use xieguan::sync::client::Client;
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::changes::Known;
use xieguan::wire::enrolment::{EnrolRequest, Enrolled, EnrolmentCode};
use xieguan::wire::sealed::SealedDocument;

use crate::pictures::camera_jpeg;
use crate::records::{answer, compliant_sheet, draft, library, number, water_rural, yes_no};

/// A bureau process over a demo county in a folder of its own.
pub(crate) struct County {
    pub(crate) address: String,
    /// The reviewer's password.
    pub(crate) reviewer: String,
    /// The password of `clerk`, a viewer who sees 样板乡 only.
    pub(crate) clerk: String,
    codes: Vec<EnrolmentCode>,
    server: Child,
    folder: TempDir,
}

fn bureau(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bureau"));
    command.args(arguments).arg("--data").arg(folder).env("RUST_LOG", "warn");
    command
}

fn said(mut command: Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

impl County {
    pub(crate) fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let logins = said(bureau(folder.path(), &["demo"]))?;
        let reviewer = logins.lines().find_map(|line| line.strip_prefix("login: reviewer / "));
        let reviewer = reviewer.context("the demo's reviewer")?.to_owned();
        let clerk = "clerk-0123456789".to_owned();
        add_account(folder.path(), &["--name", "clerk", "--role", "viewer", "--township", "样板乡"], &clerk)?;
        let codes = said(bureau(folder.path(), &["enrol", "--count", "4", "--json"]))?;
        let mut server = bureau(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("bureau serve")?;
        let mut lines = BufReader::new(server.stdout.take().context("its words")?).lines();
        let address = lines.find_map(|line| Some(line.ok()?.strip_prefix("listening on ")?.to_owned()));
        Ok(Self {
            address: address.context("the bureau named no address")?,
            reviewer,
            clerk,
            codes: serde_json::from_str(&codes)?,
            server,
            folder,
        })
    }

    /// Adds an account for the whole county while the bureau serves; gives its password.
    pub(crate) fn account(&self, name: &str, role: &str) -> Result<String> {
        let password = format!("{name}-0123456789");
        add_account(self.folder.path(), &["--name", name, "--role", role], &password)?;
        Ok(password)
    }

    /// Enrols a phone with the n-th code.
    pub(crate) async fn phone(&self, n: usize) -> Result<Phone> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let code = self.codes.get(n).context("a code")?.code.clone();
        let (device, key) = (DeviceId(Uuid::now_v7()), SigningKey::from_bytes(&[n as u8 + 1; 32]));
        let request = EnrolRequest {
            proof: sign(&key, Purpose::Enrolment, &EnrolRequest::proven(&code, device)),
            code,
            device,
            signing_key: public_key(&key),
            sealing_key: public_key(&key),
            app_version: "0.1.0".to_owned(),
        };
        let enrolled = Client::new(&self.address, None)?.enrol(&request).await?;
        let client = Client::new(&self.address, Some(&enrolled.token))?;
        Ok(Phone { client, device, key, enrolled })
    }
}

impl Drop for County {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn add_account(folder: &Path, who: &[&str], password: &str) -> Result<()> {
    let words = [&["adduser"], who, &["--password-stdin"]].concat();
    let mut child = bureau(folder, &words).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("its input")?.write_all(password.as_bytes())?;
    ensure!(child.wait()?.success(), "adduser failed");
    Ok(())
}

/// An enrolled phone, as far as the bureau can tell.
pub(crate) struct Phone {
    client: Client,
    device: DeviceId,
    key: SigningKey,
    enrolled: Enrolled,
}

/// A record that the bureau holds.
pub(crate) struct Sent {
    pub(crate) digest: Digest,
    pub(crate) document: String,
    pub(crate) derived: Vec<PhotoId>,
    pub(crate) missing: usize,
}

fn now() -> DateTime<FixedOffset> {
    let china = FixedOffset::east_opt(8 * 3600).expect("an offset");
    Utc::now().with_timezone(&china)
}

impl Phone {
    /// The rural waterworks of this phone's townships.
    pub(crate) async fn sites(&self) -> Result<Vec<Site>> {
        let page = self.client.changes(None).await?;
        let site = |known| if let Known::Site(site) = known { Some(*site) } else { None };
        let sites = page.changes.iter().filter_map(|change| site(change.known()?));
        Ok(sites.filter(|site| site.kinds.iter().any(|kind| kind == "WATER_RURAL")).collect())
    }

    /// A visit that went well, at this site.
    pub(crate) fn good_visit(&self, site: &Site) -> Draft {
        let mut visit = draft(compliant_sheet());
        visit.id = InspectionId(Uuid::now_v7());
        visit.site = site.into();
        visit.coordinators = vec![self.enrolled.coordinator.clone()];
        visit.started_at = now() - Duration::minutes(24);
        let middle = site.place.unwrap_or(Place { lat_e7: 306_600_000, lon_e7: 1_040_600_000 });
        visit.fixes = vec![Fix {
            place: Place { lat_e7: middle.lat_e7 + 1_400, lon_e7: middle.lon_e7 + 900 },
            accuracy_m: 6,
            provider: "webview".to_owned(),
            at: visit.started_at,
            mock: Mock::Unknown,
        }];
        visit.attestation = Some(Attestation::Signed {
            name: "张示例".to_owned(),
            role: "管水员".to_owned(),
            statement: STATEMENT.to_owned(),
            strokes: signature(),
        });
        visit
    }

    /// A visit that found the disinfection off and too little chlorine, with two photos.
    pub(crate) fn bad_visit(&self, site: &Site) -> Result<(Draft, Vec<Vec<u8>>)> {
        let mut visit = self.good_visit(site);
        let (first, first_bytes) = self.photo(&visit, "WR-09", 1)?;
        let (second, second_bytes) = self.photo(&visit, "WR-15", 6)?;
        let sheet = &mut visit.sheets[0];
        let mut off = answer(&[
            ("ok", yes_no(false)),
            ("agent", PartValue::One { choice: "hypochlorite".to_owned() }),
            ("substitute", PartValue::One { choice: "manual".to_owned() }),
        ]);
        off.note = "次氯酸钠发生器停用三天，管水员每天人工投加一次。".to_owned();
        off.photos = vec![first.original];
        off.handling = Some(Handling {
            problem: "设备停用".to_owned(),
            disposition: Some(Disposition::Reported),
            deadline: None,
        });
        sheet.answers.insert("WR-09".to_owned(), off);
        let mut low = answer(&[("value", number("0.02"))]);
        low.photos = vec![second.original];
        low.handling = Some(Handling {
            problem: String::new(),
            disposition: Some(Disposition::Guided),
            deadline: visit.started_at.date_naive().checked_add_days(chrono::Days::new(14)),
        });
        sheet.answers.insert("WR-15".to_owned(), low);
        let (_, checklist) = water_rural();
        visit.guidance = guidance(&[(&checklist, &visit.sheets[0])], visit.day());
        visit.photos = vec![first, second];
        Ok((visit, [first_bytes, second_bytes].concat()))
    }

    /// A picture taken for an item: what the record says of it, and the two blobs, copy first.
    fn photo(&self, visit: &Draft, item: &str, orientation: u16) -> Result<(Photo, Vec<Vec<u8>>)> {
        let original = camera_jpeg(1200, 900, orientation);
        let fix = visit.fixes.first().context("a position")?;
        let stamp = Stamp {
            site: visit.site.title.clone(),
            item: item.to_owned(),
            taken_at: visit.started_at,
            place: Some(StampFix {
                lat_e7: fix.place.lat_e7,
                lon_e7: fix.place.lon_e7,
                accuracy_m: fix.accuracy_m,
            }),
            township: visit.site.township.name.clone(),
            coordinator: self.enrolled.coordinator.name.clone(),
            record_tail: visit.id.tail(),
            from_album: false,
            clock_uncertain: false,
        };
        let prepared = prepare(&original, &stamp)?;
        let photo = Photo {
            original: prepared.original,
            original_bytes: original.len() as u64,
            derived: prepared.derived_id,
            derived_bytes: prepared.derived.len() as u64,
            item: Some(item.to_owned()),
            taken_at: visit.started_at,
            source: PhotoSource::Camera,
            fix: Some(fix.clone()),
        };
        Ok((photo, vec![prepared.derived, original]))
    }

    /// The correction of what was sent, signed again; the caller changes what it likes.
    pub(crate) fn correction(&self, sent: &Sent) -> Result<Draft> {
        let mut draft = Draft::correcting(serde_json::from_str(&sent.document)?, sent.digest);
        draft.attestation = Some(refusal());
        Ok(draft)
    }

    /// What the bureau says of a visit to this phone now.
    pub(crate) async fn review(&self, visit: InspectionId) -> Result<Option<Review>> {
        let page = self.client.changes(None).await?;
        let review = |known| match known {
            Known::Review(review) if review.inspection == visit => Some(*review),
            _ => None,
        };
        Ok(page.changes.iter().filter_map(|change| review(change.known()?)).next())
    }

    /// Finishes, seals and sends a visit, then these of its blobs.
    pub(crate) async fn send(&self, visit: Draft, blobs: Vec<Vec<u8>>) -> Result<Sent> {
        let facts = Finishing {
            finished_at: visit.started_at + Duration::minutes(24),
            clock: Clock { offset_s: Some(2), elapsed_s: 1440, jumps: Vec::new() },
            bureau: self.enrolled.bureau.id,
            device: self.device,
            app_version: "0.1.0".to_owned(),
        };
        let document = visit.finish(facts, &library());
        let text = canonical(&document)?;
        let sealed = SealedDocument::seal(text, self.device, &self.key, None);
        let stored = self
            .client
            .put_document(
                DocumentName::new(DocumentKind::Inspection, document.id, document.revision),
                &sealed,
            )
            .await?;
        let sent = blobs.len();
        for bytes in blobs {
            let upload = self.client.create_upload(Digest::of(&bytes), bytes.len() as u64).await?;
            self.client.upload_chunk(&upload, 0, bytes).await?;
        }
        Ok(Sent {
            digest: sealed.digest(),
            document: sealed.document,
            derived: document.photos.iter().map(|photo| photo.derived).collect(),
            missing: stored.missing.len().saturating_sub(sent),
        })
    }
}

/// The attestation of somebody who would not sign.
pub(crate) fn refusal() -> Attestation {
    Attestation::Unsigned {
        cause: UnsignedCause::Refused,
        reason: "负责人说要先问上级".to_owned(),
        witness: "村委会 孙示例".to_owned(),
    }
}

/// Three strokes that look written.
fn signature() -> Vec<Vec<[u16; 2]>> {
    let wave = |from: u16, high: u16, turns: u16| {
        (0..60)
            .map(|step| {
                let angle = f64::from(step * turns) / 9.5;
                let y = 200.0 + f64::from(high) * angle.sin() * (1.0 - f64::from(step) / 90.0);
                [from + step * 4, y as u16]
            })
            .collect()
    };
    vec![wave(80, 120, 2), wave(340, 90, 3), wave(600, 70, 4)]
}
