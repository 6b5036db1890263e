//! A bureau in memory that can be told to misbehave. It checks nothing and keeps no part of a chunk that broke off;
//! the real bureau does better in both.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use chrono::Utc;
use ed25519_dalek::SigningKey;
use serde::Serialize;
use tokio::sync::watch;
use uuid::Uuid;
use xieguan::domain::id::{BureauId, Digest, Epoch, InspectionId};
use xieguan::domain::inspection::Inspection;
use xieguan::domain::seal::public_key;
use xieguan::wire::changes::{Change, ChangesPage, Cursor};
use xieguan::wire::failure::{Code, Failure};
use xieguan::wire::receipt::{Held as HeldLine, Receipt, ReceiptKind, ReceiptsPage, SignedReceipt, Stored};
use xieguan::wire::sealed::SealedDocument;
use xieguan::wire::{BUREAU_HEADER, tus};

use super::phone::Enrolment;

/// One answer in place of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    /// To requests whose method and path begin so; they have no effect.
    pub(crate) on: &'static str,
    pub(crate) status: u16,
    /// Whether the answer names the bureau, as one of its own does.
    pub(crate) named: bool,
    pub(crate) body: &'static str,
    pub(crate) retry_after: Option<&'static str>,
}

/// How it misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// Not at all.
    #[default]
    None,
    /// It names itself otherwise than at enrolment.
    OtherBureau,
    /// It does not name itself.
    Nameless,
    /// It sends elsewhere.
    Redirects,
    /// Its JSON ends early.
    CutsJson,
    /// Receipts are signed with another key.
    ForgesReceipts,
    /// Receipts are about another document.
    MixesUpReceipts,
    /// Receipts are another bureau's, well signed.
    LendsReceipts,
    /// It refuses every document, saying this.
    Refuses(StatusCode, Code),
    /// It turns the phone away.
    Revokes,
    /// It forgets every upload when it is asked for one.
    ForgetsUploads,
    /// It answers otherwise to some requests.
    Answers(Odd),
    /// It takes chunks, but answers none until it is told otherwise.
    HoldsChunks,
}

/// What it holds.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) quirk: Quirk,
    pub(crate) epoch: Option<Epoch>,
    pub(crate) documents: HashMap<Digest, Inspection>,
    pub(crate) blobs: HashMap<Digest, Vec<u8>>,
    pub(crate) uploads: HashMap<String, (Digest, u64, Vec<u8>)>,
    pub(crate) changes: Vec<Change>,
    /// Method and path of every request.
    pub(crate) requests: Vec<String>,
    /// How often the whole list of receipts was asked for.
    pub(crate) whole_lists: usize,
    /// It does not say what it holds in all, as bureaus before the comparison.
    pub(crate) silent: bool,
    /// Chunks under way now, and the most there ever were.
    pub(crate) chunks: usize,
    pub(crate) most_chunks: usize,
    receipts: Vec<(Digest, ReceiptKind, SignedReceipt)>,
}

impl Held {
    /// As after its disk lost a file and its doctor noted it: the blob and the proof of completeness are gone.
    pub(crate) fn lose_blob(&mut self, blob: Digest) {
        self.blobs.remove(&blob).unwrap();
        self.receipts.retain(|(_, kind, _)| *kind != ReceiptKind::Complete);
    }

    /// A receipt that this phone's own list does not know of.
    pub(crate) fn add_strange_receipt(&mut self, like: Digest) {
        let (.., signed) = self.receipts.iter().find(|(document, ..)| *document == like).unwrap().clone();
        self.receipts.push((Digest::of(b"strange"), ReceiptKind::Record, signed));
    }

    /// As if the documents that are not this phone's any more had never been sent.
    pub(crate) fn forget_strays(&mut self) {
        let Self { receipts, documents, .. } = self;
        receipts.retain(|(document, ..)| documents.contains_key(document));
    }

    /// As after a restore from a backup that is older than the receipts.
    pub(crate) fn forget_receipts(&mut self) {
        self.receipts.clear();
    }
}

/// The bureau, listening.
#[derive(Clone)]
pub(crate) struct OddBureau {
    pub(crate) address: SocketAddr,
    pub(crate) id: BureauId,
    key: SigningKey,
    held: Arc<Mutex<Held>>,
    /// Told when anything happens there.
    stirred: Arc<watch::Sender<()>>,
}

impl OddBureau {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bureau = Self {
            address: listener.local_addr().unwrap(),
            id: BureauId(Uuid::now_v7()),
            key: SigningKey::from_bytes(&[9; 32]),
            held: Arc::default(),
            stirred: Arc::new(watch::channel(()).0),
        };
        bureau.held().epoch = Some(Epoch(Uuid::now_v7()));
        let router = Router::new().fallback(answer).with_state(bureau.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        bureau
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    pub(crate) fn set(&self, quirk: Quirk) {
        self.held().quirk = quirk;
        self.stirred.send_replace(());
    }

    /// Waits until what it holds is so; what it never comes to is a failed test, not a hanging one.
    pub(crate) async fn until(&self, mut is: impl FnMut(&Held) -> bool) {
        let mut stirred = self.stirred.subscribe();
        let reached = stirred.wait_for(|()| is(&self.held()));
        let reached = tokio::time::timeout(Duration::from_secs(60), reached).await.is_ok();
        assert!(reached, "the odd bureau was asked {:?}", self.held().requests);
    }

    /// Takes a chunk and answers it when it may.
    async fn hold_chunk(&self) {
        let mut stirred = self.stirred.subscribe();
        {
            let mut held = self.held();
            held.chunks += 1;
            held.most_chunks = held.most_chunks.max(held.chunks);
        }
        self.stirred.send_replace(());
        // Also when the phone's end of the connection is gone, and with it this future.
        let _under_way = Chunk(self.clone());
        let _ = stirred.wait_for(|()| self.held().quirk != Quirk::HoldsChunks).await;
    }

    pub(crate) fn enrolment(&self) -> Enrolment {
        Enrolment { bureau: self.id, bureau_key: public_key(&self.key), token: "token".to_owned() }
    }

    /// A well signed receipt for a document that this phone has not any more.
    pub(crate) fn add_stray_receipt(&self, document: Digest) {
        let mut held = self.held();
        let sequence = held.receipts.len() as u64 + 1;
        let receipt = Receipt {
            kind: ReceiptKind::Record,
            document,
            inspection: InspectionId(Uuid::now_v7()).into(),
            revision: 1,
            number: format!("2026-{sequence:06}"),
            received_at: Utc::now().fixed_offset(),
            sequence,
            bureau: self.id,
            epoch: held.epoch.unwrap(),
        };
        let signed = receipt.sign(&self.key).unwrap();
        held.receipts.push((document, ReceiptKind::Record, signed));
    }

    /// Requests whose method and path begin so.
    pub(crate) fn asked(&self, start: &str) -> usize {
        self.held().requests.iter().filter(|request| request.starts_with(start)).count()
    }

    fn odd(&self, odd: Odd) -> Response {
        let mut answer = reply(StatusCode::from_u16(odd.status).unwrap());
        if odd.named {
            answer = answer.header(BUREAU_HEADER, self.id.to_string());
        }
        if let Some(after) = odd.retry_after {
            answer = answer.header("retry-after", after);
        }
        answer.header("location", "/login").body(Body::from(odd.body)).unwrap()
    }

    fn receipt(&self, held: &mut Held, document: Digest, kind: ReceiptKind) -> SignedReceipt {
        if let Some((.., receipt)) = held.receipts.iter().find(|(d, k, _)| (*d, *k) == (document, kind)) {
            return receipt.clone();
        }
        let inspection = &held.documents[&document];
        let sequence = held.receipts.len() as u64 + 1;
        let receipt = Receipt {
            kind,
            document: if held.quirk == Quirk::MixesUpReceipts { Digest::of(b"another") } else { document },
            inspection: inspection.id.into(),
            revision: inspection.revision,
            number: format!("2026-{sequence:06}"),
            received_at: Utc::now().fixed_offset(),
            sequence,
            bureau: if held.quirk == Quirk::LendsReceipts { BureauId(Uuid::now_v7()) } else { self.id },
            epoch: held.epoch.unwrap(),
        };
        let forged = SigningKey::from_bytes(&[8; 32]);
        let key = if held.quirk == Quirk::ForgesReceipts { &forged } else { &self.key };
        let signed = receipt.sign(key).unwrap();
        if !matches!(
            held.quirk,
            Quirk::MixesUpReceipts | Quirk::LendsReceipts | Quirk::ForgesReceipts | Quirk::CutsJson
        ) {
            held.receipts.push((document, kind, signed.clone()));
        }
        signed
    }

    fn put_document(&self, held: &mut Held, body: &[u8]) -> Response {
        let sealed: SealedDocument = serde_json::from_slice(body).unwrap();
        let digest = sealed.digest();
        held.documents.insert(digest, serde_json::from_str(&sealed.document).unwrap());
        let missing = missing(held, digest);
        let record = self.receipt(held, digest, ReceiptKind::Record);
        let complete = missing.is_empty().then(|| self.receipt(held, digest, ReceiptKind::Complete));
        json(StatusCode::CREATED, &Stored { record, complete, missing })
    }

    fn create(&self, held: &mut Held, headers: &HeaderMap) -> Response {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        let blob = tus::metadata_value(&text(tus::header::METADATA), "sha256").unwrap().parse().unwrap();
        let path = format!("/v1/photos/{}", Uuid::now_v7().simple());
        let upload = (blob, text(tus::header::LENGTH).parse().unwrap(), Vec::new());
        held.uploads.insert(path.clone(), upload);
        reply(StatusCode::CREATED).header("location", path).body(Body::empty()).unwrap()
    }

    fn patch(&self, held: &mut Held, path: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        let Some((blob, length, bytes)) = held.uploads.get_mut(path) else {
            return failure(StatusCode::NOT_FOUND, Code::UploadGone);
        };
        if headers[tus::header::OFFSET] != bytes.len().to_string() {
            return failure(StatusCode::CONFLICT, Code::OffsetConflict);
        }
        let (_, checksum) = tus::decode_checksum(headers[tus::header::CHECKSUM].to_str().unwrap()).unwrap();
        assert_eq!(checksum, Digest::of(body).0);
        bytes.extend_from_slice(body);
        let (offset, blob) = (bytes.len(), *blob);
        if offset as u64 == *length {
            assert_eq!(Digest::of(bytes), blob);
            let bytes = held.uploads.remove(path).unwrap().2;
            held.blobs.insert(blob, bytes);
            let complete: Vec<_> =
                held.documents.keys().copied().filter(|digest| missing(held, *digest).is_empty()).collect();
            for digest in complete {
                self.receipt(held, digest, ReceiptKind::Complete);
            }
        }
        reply(StatusCode::NO_CONTENT)
            .header(tus::header::OFFSET, offset.to_string())
            .body(Body::empty())
            .unwrap()
    }

    fn changes(&self, held: &Held, since: usize) -> Response {
        let page = ChangesPage {
            bureau: self.id,
            epoch: held.epoch.unwrap(),
            now: Utc::now().fixed_offset(),
            changes: held.changes.iter().skip(since).take(1).cloned().collect(),
            cursor: Cursor(held.changes.len().min(since + 1).to_string()),
            more: since + 1 < held.changes.len(),
        };
        json(StatusCode::OK, &page)
    }

    fn receipts(&self, held: &mut Held, since: usize) -> Response {
        held.whole_lists += usize::from(since == 0);
        let receipts: Vec<_> = held.receipts.iter().skip(since).map(|(.., signed)| signed.clone()).collect();
        let last = (since + receipts.len()) as u64;
        let (bureau, epoch) = (self.id, held.epoch.unwrap());
        let all = held.receipts.iter().map(|(document, kind, _)| (*document, *kind == ReceiptKind::Complete));
        let held = (!held.silent).then(|| HeldLine::of(all));
        json(StatusCode::OK, &ReceiptsPage { bureau, epoch, receipts, last, more: false, held })
    }

    fn route(&self, method: &Method, path: &str, since: usize, headers: &HeaderMap, body: &[u8]) -> Response {
        let held = &mut *self.held();
        held.requests.push(format!("{method} {path}"));
        if held.quirk == Quirk::ForgetsUploads {
            held.uploads.clear();
        }
        match (method.as_str(), path) {
            _ if held.quirk == Quirk::Revokes => failure(StatusCode::FORBIDDEN, Code::Revoked),
            ("PUT", path) if path.starts_with("/v1/inspections/") => match held.quirk {
                Quirk::Refuses(status, code) => failure(status, code),
                _ => self.put_document(held, body),
            },
            ("GET", "/v1/changes") => self.changes(held, since),
            ("GET", "/v1/receipts") => self.receipts(held, since),
            ("POST", "/v1/photos") => self.create(held, headers),
            ("PATCH", path) => self.patch(held, path, headers, body),
            ("HEAD", path) => match (held.uploads.get(path), path.rsplit('/').next().unwrap().parse()) {
                (Some((.., bytes)), _) => reply(StatusCode::OK)
                    .header(tus::header::OFFSET, bytes.len().to_string())
                    .body(Body::empty())
                    .unwrap(),
                (None, Ok(blob)) if held.blobs.contains_key(&blob) => {
                    reply(StatusCode::OK).body(Body::empty()).unwrap()
                }
                _ => failure(StatusCode::NOT_FOUND, Code::NotFound),
            },
            _ => failure(StatusCode::NOT_FOUND, Code::NotFound),
        }
    }
}

struct Chunk(OddBureau);

impl Drop for Chunk {
    fn drop(&mut self) {
        self.0.held().chunks -= 1;
        self.0.stirred.send_replace(());
    }
}

fn missing(held: &Held, document: Digest) -> Vec<Digest> {
    held.documents[&document].blobs().into_iter().filter(|blob| !held.blobs.contains_key(blob)).collect()
}

async fn answer(State(bureau): State<OddBureau>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // A chunk that broke off is nobody's.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return failure(StatusCode::BAD_REQUEST, Code::Unreadable);
    };
    if head.method == Method::PATCH {
        bureau.hold_chunk().await;
    }
    let asked = format!("{} {}", head.method, head.uri.path());
    let quirk = bureau.held().quirk;
    if let Quirk::Answers(odd) = quirk
        && asked.starts_with(odd.on)
    {
        bureau.held().requests.push(asked);
        return bureau.odd(odd);
    }
    let since = head.uri.query().and_then(|query| query.strip_prefix("since=")?.parse().ok()).unwrap_or(0);
    let mut answer = bureau.route(&head.method, head.uri.path(), since, &head.headers, &body);
    bureau.stirred.send_replace(());
    let quirk = bureau.held().quirk;
    let name = if quirk == Quirk::OtherBureau { Uuid::now_v7() } else { bureau.id.0 };
    if !matches!(quirk, Quirk::Nameless | Quirk::Redirects) {
        answer.headers_mut().insert(BUREAU_HEADER, name.to_string().parse().unwrap());
    }
    match quirk {
        Quirk::Redirects => {
            let elsewhere = reply(StatusCode::FOUND).header("location", "http://127.0.0.1:9/login");
            elsewhere.body(Body::empty()).unwrap()
        }
        Quirk::CutsJson => {
            let (head, body) = answer.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            Response::from_parts(head, Body::from(bytes.slice(..bytes.len() / 2)))
        }
        _ => answer,
    }
}

fn reply(status: StatusCode) -> axum::http::response::Builder {
    Response::builder().status(status)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    reply(status).body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
}

fn failure(status: StatusCode, code: Code) -> Response {
    let words = "the odd bureau's words".to_owned();
    let failure =
        Failure { kind: String::new(), title: String::new(), status: status.as_u16(), code, detail: words };
    json(status, &failure)
}
