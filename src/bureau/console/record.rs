//! One record, loaded with everything that is checked anew for each reader: seal, blobs, receipts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::FixedOffset;
use dioxus::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::decide::{Notice, inspection, other};
use super::decide_page::{Deciding, kept, remarks};
use super::enter::Visitor;
use super::page::{Trouble, page};
use super::record_page::{Evidence, Originals, RecordPage, Seal};
use super::typed::Typed;
use super::versions_page::Compared;
use crate::bureau::Bureau;
use crate::bureau::auth;
use crate::bureau::storage::accounts::Role;
use crate::bureau::storage::inbox::{NamedBlob, Received};
use crate::bureau::storage::reports::ReportLine;
use crate::domain::checklist::Library;
use crate::domain::difference::differences;
use crate::domain::id::{Digest, PhotoId};
use crate::domain::inspection::Inspection;
use crate::domain::seal::{PublicKey, Purpose, verify};
use crate::domain::text::Language;
use crate::view::photo::PhotoLink;
use crate::view::record::Record;
use crate::view::words::words;
use crate::wire::receipt::SignedReceipt;

/// Documents of the same revision that are shown beside the page's own; all are listed.
const MAX_TWINS: usize = 4;

/// Originals are hashed again for every reader, up to this many bytes; past it the page says that it did not.
const REHASHED_BYTES: u64 = 256 * 1024 * 1024;

/// How the page is shown: with what a reviewer typed, when nothing could be done with it.
pub(super) struct Shown {
    pub(super) typed: Typed,
    pub(super) notice: Option<Notice>,
    pub(super) status: StatusCode,
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let received = load(&desk, &visitor, &name).await?;
    let shown = Shown { typed: Typed::default(), notice: None, status: StatusCode::OK };
    page_of(&desk, &visitor, received, shown).await
}

/// The page of a record.
pub(super) async fn page_of(
    desk: &Desk,
    visitor: &Visitor,
    received: Received,
    shown: Shown,
) -> Result<Response, Trouble> {
    let storage = desk.bureau.storage();
    let library = desk.bureau.library().await?;
    let originals = originals(desk, &received.blobs).await?;
    let (document, received) =
        desk.aside(move || (inspection(&received.envelope.document).map(Arc::new), received)).await?;
    let reports = storage.reports_of(received.row.inspection).await?;
    let sees = |code: &str| visitor.session.as_ref().is_some_and(|s| auth::sees(&s.account, code));
    let reports = reports.into_iter().filter(|line| sees(&line.township.code)).collect();
    let (status, title) = (shown.status, received.row.site_title.clone());
    let deciding = deciding(desk, visitor, &received, shown).await?;
    let compared = compared(desk, &received, document.as_deref()).await?;
    let language = visitor.language;
    let zone = storage.zone();
    let bureau = Facts::of(&desk.bureau);
    let loaded =
        Loaded { bureau, received, document, library, originals, reports, deciding, compared, language };
    let worked = desk.aside(move || worked_out(loaded)).await?;
    let who = visitor.session.as_ref().map(|s| s.account.shown_as.clone()).unwrap_or_default();
    let now = chrono::Utc::now().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let printed = (words(language).console.page.printed)(&who, &now);
    // `Rc` inside the closure only: a page must not hold one across an await.
    let body = move || {
        let Worked { evidence, record, deciding, compared } = worked.clone();
        let record = record.map(Rc::new);
        rsx! { RecordPage { record, evidence, deciding, compared, printed: printed.clone(), language } }
    };
    Ok(page(desk, visitor, status, &title, body).await)
}

/// What a page says of the bureau, and judges by.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    pub(super) signing_key: PublicKey,
    pub(super) zone: FixedOffset,
    fence_m: u32,
}

impl Facts {
    pub(super) fn of(bureau: &Bureau) -> Self {
        let identity = bureau.storage().identity();
        let fence_m = identity.settings.fence_m;
        Self { signing_key: identity.public.signing_key, zone: identity.zone(), fence_m }
    }
}

/// Everything about a record, as it was found.
struct Loaded {
    bureau: Facts,
    received: Received,
    document: Option<Arc<Inspection>>,
    library: Arc<Library>,
    originals: Originals,
    reports: Vec<ReportLine>,
    deciding: Deciding,
    compared: Vec<Compared>,
    language: Language,
}

/// What its page shows.
#[derive(Clone)]
struct Worked {
    evidence: Evidence,
    record: Option<Record>,
    deciding: Deciding,
    compared: Vec<Compared>,
}

fn worked_out(loaded: Loaded) -> Worked {
    let Loaded { bureau, received, library, originals, reports, mut deciding, compared, language, .. } =
        loaded;
    let digest = received.row.digest;
    let stands = |signed: &SignedReceipt| signed.open_for(&bureau.signing_key, digest).ok();
    let document = loaded.document.as_deref();
    let changed = match (document, compared.iter().find(|one| !one.twin)) {
        (Some(document), Some(before)) => differences(&before.document, document).items,
        _ => Vec::new(),
    };
    deciding.kept = kept(&deciding, document, &library, language);
    let record = document.map(|document| Record {
        photos: links(document, &received.blobs),
        remarks: remarks(&deciding, document, &library, &changed, language),
        document: document.clone(),
        library: library.clone(),
        zone: bureau.zone,
    });
    let evidence = Evidence {
        seal: seal(&received),
        originals,
        outside: received.row.distance_m.filter(|m| *m > bureau.fence_m),
        record_receipt: stands(&received.record),
        complete_receipt: received.complete.as_ref().and_then(stands),
        sender: received.sender,
        siblings: received.siblings,
        reports,
        problems: received.problems,
        row: received.row,
    };
    Worked { evidence, record, deciding, compared }
}

async fn deciding(
    desk: &Desk,
    visitor: &Visitor,
    received: &Received,
    shown: Shown,
) -> Result<Deciding, Trouble> {
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let scope = account.township.as_ref().map(|own| own.code.clone());
    let may = account.role >= Role::Reviewer;
    let next = match may {
        true => desk.bureau.storage().next_to_review(scope, received.row.inspection).await?,
        false => None,
    };
    Ok(Deciding {
        row: received.row.clone(),
        decisions: received.decisions.clone(),
        seen: received.seen,
        choosable: received.choosable.clone(),
        head: received.siblings.iter().find(|row| row.counts).cloned(),
        may,
        token: visitor.form_token.clone(),
        typed: shown.typed,
        kept: Vec::new(),
        notice: shown.notice,
        next,
    })
}

/// The document that this one corrects, and those of the same revision.
async fn compared(
    desk: &Desk,
    received: &Received,
    document: Option<&Inspection>,
) -> Result<Vec<Compared>, Trouble> {
    let Some(document) = document else { return Ok(Vec::new()) };
    let own = &received.row;
    let before = received.siblings.iter().filter(|row| row.revision < own.revision);
    let parent = before.clone().find(|row| Some(row.digest) == document.parent);
    let parent = parent.or_else(|| before.max_by_key(|row| row.revision));
    let twins = received.siblings.iter().filter(|row| row.revision == own.revision).take(MAX_TWINS);
    let mut compared = Vec::new();
    for row in parent.into_iter().chain(twins) {
        if let Some(document) = other(desk, row.digest).await? {
            compared.push(Compared { row: row.clone(), document, twin: row.revision == own.revision });
        }
    }
    Ok(compared)
}

/// The signed bytes, verbatim, as a file.
pub(super) async fn document(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let received = load(&desk, &visitor, &name).await?;
    let who = visitor.session.as_ref().map(|s| s.account.name.clone()).unwrap_or_default();
    desk.bureau.storage().audit(&who, "download", &received.row.number, desk.now_ms()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", received.row.number)),
    ];
    Ok((headers, received.envelope.document).into_response())
}

/// The record, when it exists and the account may see its township; the two cannot be told apart outside.
pub(super) async fn load(desk: &Desk, visitor: &Visitor, name: &str) -> Result<Received, Trouble> {
    let digest: Digest = name.parse().map_err(|_| Trouble::NotFound)?;
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let mut received = desk.bureau.storage().received(digest).await?.ok_or(Trouble::NotFound)?;
    if !auth::sees(account, &received.row.township.code) {
        return Err(Trouble::NotFound);
    }
    received.siblings.retain(|row| auth::sees(account, &row.township.code));
    Ok(received)
}

/// The seal over the stored bytes, checked now.
fn seal(received: &Received) -> Seal {
    let bytes = received.envelope.document.as_bytes();
    let same = Digest::of(bytes) == received.row.digest;
    let key = &received.sender.signing_key;
    let fits = verify(key, Purpose::Document, bytes, &received.envelope.seal).is_ok();
    if same && fits { Seal::Valid } else { Seal::Broken }
}

/// Whether the originals are here with the bytes they are named by.
async fn originals(desk: &Desk, blobs: &[NamedBlob]) -> Result<Originals, Trouble> {
    let all: Vec<NamedBlob> = blobs.iter().filter(|blob| blob.original).copied().collect();
    let held: Vec<PhotoId> = all.iter().filter(|blob| blob.held).map(|blob| blob.id).collect();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let (named, here) = (count(all.len()), count(held.len()));
    let store = desk.bureau.photos();
    let check = move || {
        let mut left = REHASHED_BYTES;
        let mut broken = 0;
        for id in held {
            let Ok(mut blob) = store.open(id) else {
                broken += 1;
                continue;
            };
            left = left.checked_sub(blob.length)?;
            broken += u64::from(!has_hash(&mut blob.bytes, id));
        }
        Some(broken)
    };
    let broken = tokio::task::spawn_blocking(check).await.map_err(|_| Trouble::Broken)?;
    Ok(match broken {
        Some(0) if named == 0 => Originals::None,
        Some(broken) if broken > 0 => Originals::Broken(broken),
        _ if here < named => Originals::Missing { held: here, named },
        Some(_) => Originals::Equal(named),
        None => Originals::Unchecked(named),
    })
}

fn has_hash(bytes: &mut dyn std::io::Read, id: PhotoId) -> bool {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match bytes.read(&mut piece) {
            Ok(0) => return hasher.finalize().as_slice() == id.0,
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

/// Where the page finds each photo; copies are shown, originals opened.
fn links(document: &Inspection, blobs: &[NamedBlob]) -> BTreeMap<PhotoId, PhotoLink> {
    let held: BTreeSet<PhotoId> = blobs.iter().filter(|blob| blob.held).map(|blob| blob.id).collect();
    let link = |photo: &crate::domain::inspection::Photo| {
        let copy = held.contains(&photo.derived);
        let original = held.contains(&photo.original);
        PhotoLink {
            thumbnail: copy.then(|| format!("/photos/{}/thumbnail", photo.derived)),
            full: copy.then(|| format!("/photos/{}", photo.derived)),
            original: original.then(|| format!("/photos/{}", photo.original)),
            original_held: original,
        }
    };
    document.photos.iter().map(|photo| (photo.original, link(photo))).collect()
}
