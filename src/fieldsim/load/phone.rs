//! One client: a really enrolled phone with keys of its own, and what it checks when the clock has stopped.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use ed25519_dalek::SigningKey;
use rand::rngs::{OsRng, StdRng};
use rand::{Rng as _, SeedableRng as _};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Method, RequestBuilder};
use uuid::Uuid;

use super::Checked;
use super::blank::{Author, Blank, ByDigest, Camera, Sealed};
use super::figures::Batches;
use super::sender::{Sent, Work};
use crate::domain::id::{DeviceId, Digest};
use crate::domain::seal::{PublicKey, Purpose, public_key, sign};
use crate::domain::site::Site;
use crate::wire::changes::{ChangesPage, Known};
use crate::wire::enrolment::{EnrolRequest, Enrolled};
use crate::wire::receipt::{ReceiptKind, ReceiptsPage, Stored};
use crate::wire::tus::{self, header};

/// Different records that a phone's documents are made of.
const BLANKS: usize = 8;

/// Connections to the bureau with this phone's token.
#[derive(Clone)]
pub(super) struct Line {
    http: Client,
    base: Arc<str>,
    bearer: Arc<str>,
}

impl Line {
    fn new(base: &str, token: &str) -> anyhow::Result<Self> {
        // Somebody else in this process may have installed it; cleartext needs none, its builder does.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().http1_only().build()?;
        let base = base.trim_end_matches('/').into();
        Ok(Self { http, base, bearer: format!("Bearer {token}").into() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header(AUTHORIZATION, &*self.bearer)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(super) fn put(&self, path: &str) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path).header(header::RESUMABLE, tus::VERSION)
    }

    pub(super) fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path).header(header::RESUMABLE, tus::VERSION)
    }
}

/// The phone.
pub(super) struct Phone {
    line: Line,
    device: DeviceId,
    key: SigningKey,
    enrolled: Enrolled,
    sites: Vec<Site>,
    documents: Vec<Sealed>,
    camera: Option<Camera>,
    document_bytes: usize,
}

impl Phone {
    /// Enrols and learns the sites.
    pub(super) async fn enrol(base: &str, code: &str) -> anyhow::Result<Self> {
        ensure!(
            base.starts_with("http://"),
            "the load is sent without encryption, to this machine: http://…"
        );
        let (device, key) = (DeviceId(Uuid::now_v7()), SigningKey::generate(&mut OsRng));
        let request = EnrolRequest {
            code: code.to_owned(),
            device,
            signing_key: public_key(&key),
            sealing_key: PublicKey([9; 32]),
            proof: sign(&key, Purpose::Enrolment, &EnrolRequest::proven(code, device)),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let line = Line::new(base, "")?;
        let answer = line.post("/v1/enrol").json(&request).send().await?;
        ensure!(answer.status().is_success(), "not enrolled: {}", answer.text().await.unwrap_or_default());
        let enrolled: Enrolled = answer.json().await?;
        let line = Line::new(base, &enrolled.token)?;
        let sites = sites(&line).await?;
        ensure!(!sites.is_empty(), "the bureau has no site for {}", enrolled.coordinator.name);
        let (documents, camera) = (Vec::new(), None);
        Ok(Self { line, device, key, enrolled, sites, documents, camera, document_bytes: 0 })
    }

    /// Fills and seals `count` documents. Blocking; takes a while.
    pub(super) fn prepare(
        &mut self,
        number: u64,
        count: usize,
        answers: usize,
        photo_kb: Option<usize>,
    ) -> anyhow::Result<()> {
        let mut rng = StdRng::seed_from_u64(number);
        let photo_bytes = photo_kb.unwrap_or(0) * 1024;
        let author = Author { enrolled: &self.enrolled, device: self.device, key: &self.key };
        let mut blanks = Vec::new();
        for _ in 0..BLANKS {
            let site = &self.sites[rng.gen_range(0..self.sites.len())];
            blanks.push(Arc::new(Blank::new(&author, site, answers, photo_bytes, &mut rng)?));
        }
        let camera = (photo_bytes > 0).then(|| Camera::new(photo_bytes, &mut rng));
        let seal = |n: usize| {
            let id = Uuid::now_v7();
            let photo = camera.as_ref().map(|camera| Digest::of(&camera.picture(id)));
            blanks[n % BLANKS].seal(id, photo, &self.key)
        };
        self.documents = (0..count).map(seal).collect();
        self.document_bytes = blanks.iter().map(|blank| blank.envelope_bytes()).sum::<usize>() / BLANKS;
        self.camera = camera;
        Ok(())
    }

    /// Bytes of an envelope, on average.
    pub(super) fn document_bytes(&self) -> usize {
        self.document_bytes
    }

    /// Some envelopes, for the probe.
    pub(super) fn sample(&self) -> Vec<Vec<u8>> {
        self.documents.iter().take(BLANKS).map(Sealed::envelope).collect()
    }

    /// Hands over what is to be sent.
    pub(super) fn work(&mut self) -> Work {
        let documents = std::mem::take(&mut self.documents);
        Work { line: self.line.clone(), documents, camera: self.camera.clone() }
    }

    /// How the bureau's writer worked so far; nothing when it does not say.
    pub(super) async fn batches(&self) -> Batches {
        match self.line.get("/metrics").send().await {
            Ok(answer) if answer.status().is_success() => {
                Batches::read(&answer.text().await.unwrap_or_default())
            }
            _ => Batches::default(),
        }
    }

    /// Checks every receipt, that the bureau lists every acknowledged document with that receipt, and that some
    /// of them come back as they were sent.
    pub(super) async fn check(&self, sent: &Sent, refetch: usize) -> anyhow::Result<Checked> {
        let mut checked = Checked::default();
        let by_digest: ByDigest<'_> =
            sent.acknowledged.iter().map(|(sealed, _)| (sealed.digest, sealed)).collect();
        let key = &self.enrolled.bureau.signing_key;
        let mut given = BTreeMap::new();
        for (sealed, answer) in &sent.acknowledged {
            let stored: Stored = serde_json::from_slice(answer).context("an answer without a receipt")?;
            for receipt in [Some(&stored.record), stored.complete.as_ref()].into_iter().flatten() {
                receipt.open_for(key, sealed.digest).context("a receipt that is worth nothing")?;
                checked.receipts_verified += 1;
            }
            given.insert(sealed.digest, stored.record.receipt);
        }
        self.compare_lists(&by_digest, &given, &mut checked).await?;
        let step = (sent.acknowledged.len() / refetch.max(1)).max(1);
        for (sealed, _) in sent.acknowledged.iter().step_by(step).take(refetch) {
            let back = self.line.get(&format!("/v1/inspections/{}/1", sealed.id)).send().await?;
            ensure!(back.bytes().await? == sealed.envelope(), "document {} came back changed", sealed.id);
            checked.refetched_equal += 1;
        }
        Ok(checked)
    }

    async fn compare_lists(
        &self,
        ours: &ByDigest<'_>,
        given: &BTreeMap<Digest, String>,
        checked: &mut Checked,
    ) -> anyhow::Result<()> {
        let mut since = 0;
        loop {
            let page = self.line.get(&format!("/v1/receipts?since={since}")).send().await?;
            let page: ReceiptsPage = page.json().await.context("no page of receipts")?;
            for signed in &page.receipts {
                let receipt = signed.open(&self.enrolled.bureau.signing_key)?;
                if !ours.contains_key(&receipt.document) {
                    continue;
                }
                match receipt.kind {
                    ReceiptKind::Complete => checked.complete += 1,
                    ReceiptKind::Record if given.get(&receipt.document) == Some(&signed.receipt) => {
                        checked.present += 1;
                    }
                    ReceiptKind::Record => bail!("the bureau lists another receipt for {}", receipt.document),
                }
            }
            since = page.last;
            if !page.more {
                return Ok(());
            }
        }
    }
}

async fn sites(line: &Line) -> anyhow::Result<Vec<Site>> {
    let mut sites = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let since = cursor.as_ref().map(|cursor| format!("?since={cursor}")).unwrap_or_default();
        let page: ChangesPage = line.get(&format!("/v1/changes{since}")).send().await?.json().await?;
        for change in page.changes.iter().filter_map(|change| change.known()) {
            if let Known::Site(site) = change {
                sites.push(*site);
            }
        }
        if !page.more {
            return Ok(sites);
        }
        cursor = Some(page.cursor.0);
    }
}
