//! Received documents: stored verbatim once, numbered, receipted, noted at their site.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, named_params, params};

use super::row::digest;
use super::{Identity, Storage, Stored, receipts, seed};
use crate::domain::id::{CoordinatorId, DeviceId, Digest, InspectionId, PhotoId, SiteId};
use crate::domain::site::{LastVisit, Site, Township};
use crate::wire::receipt::{ReceiptKind, Stored as Receipted};

/// A document that was read and whose seal was checked, with what lists show of it.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Hash of the signed bytes.
    pub digest: Digest,
    /// The visit.
    pub inspection: InspectionId,
    /// Its revision.
    pub revision: u32,
    /// What it corrects.
    pub parent: Option<Digest>,
    /// The phone that sealed it.
    pub device: DeviceId,
    /// Its author as named in the document.
    pub author: Option<CoordinatorId>,
    /// Who is enrolled on the phone now; stands in for an author the bureau does not know.
    pub enrolled: CoordinatorId,
    /// The site.
    pub site: SiteId,
    /// The site's township at the visit.
    pub township: Township,
    /// The envelope exactly as it came.
    pub envelope: String,
    /// When, Unix milliseconds.
    pub received_ms: i64,
    /// The year of its number, in the bureau's zone.
    pub year: i32,
    /// The site's title at the visit.
    pub site_title: String,
    /// The coordinators' names.
    pub coordinator_name: String,
    /// Json of the checklists' names.
    pub checklists: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// Letter of the highest level found.
    pub level: Option<&'static str>,
    /// Json of failed items by level.
    pub failed: String,
    /// Json of what the rules say against it.
    pub problems: String,
    /// Metres from the registered position.
    pub distance_m: Option<u32>,
    /// The blobs it names, and which are originals.
    pub blobs: Vec<(PhotoId, bool)>,
    /// What its site shows from now on.
    pub last_visit: LastVisit,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// It was not here before.
    pub new: bool,
    /// Its receipts and what is missing.
    pub receipted: Receipted,
}

/// Who may have the stored bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The envelope as it came.
    Yours(String),
    /// It is another phone's.
    NotYours,
    /// There is none.
    Nothing,
}

impl Storage {
    /// Stores a document with its receipt, or finds it stored: the answer is the same.
    pub async fn put_document(&self, document: NewDocument) -> Stored<Taken> {
        let identity = Arc::clone(&self.identity);
        self.write(move |db| put(db, &identity, &document)).await
    }

    /// The stored envelope of a phone's record; the newest, should it have sent several.
    pub async fn document_of(
        &self,
        device: DeviceId,
        inspection: InspectionId,
        revision: u32,
    ) -> Stored<Found> {
        const SELECT: &str = "select envelope, device = ?1 as mine from document
            where inspection = ?2 and revision = ?3 order by mine desc, received_ms desc, number desc limit 1";
        self.read(move |db| {
            let values = params![device.0.as_bytes(), inspection.0.as_bytes(), revision];
            let found = db
                .prepare_cached(SELECT)?
                .query_row(values, |row| Ok((row.get::<_, String>("envelope")?, row.get::<_, bool>("mine")?)))
                .optional()?;
            Ok(match found {
                Some((envelope, true)) => Found::Yours(envelope),
                Some((_, false)) => Found::NotYours,
                None => Found::Nothing,
            })
        })
        .await
    }
}

fn put(db: &Connection, identity: &Identity, document: &NewDocument) -> Stored<Taken> {
    if let Some(record) = receipts::of(db, document.digest, ReceiptKind::Record)? {
        let complete = receipts::of(db, document.digest, ReceiptKind::Complete)?;
        let missing = missing(db, document.digest)?;
        return Ok(Taken { new: false, receipted: Receipted { record, complete, missing } });
    }
    insert(db, document, &next_number(db, document.year)?)?;
    for (blob, original) in &document.blobs {
        db.prepare_cached("insert into document_blob (document, blob, original) values (?, ?, ?)")?
            .execute(params![document.digest.0, blob.0, original])?;
    }
    let now_ms = document.received_ms;
    let record = receipts::issue(db, identity, document.digest, ReceiptKind::Record, now_ms)?;
    let missing = missing(db, document.digest)?;
    let complete = match missing.as_slice() {
        [] => Some(receipts::issue(db, identity, document.digest, ReceiptKind::Complete, now_ms)?),
        _ => None,
    };
    note_visit(db, document)?;
    db.prepare_cached("update device set seen_ms = ? where id = ?")?
        .execute(params![now_ms, document.device.0.as_bytes()])?;
    Ok(Taken { new: true, receipted: Receipted { record, complete, missing } })
}

fn next_number(db: &Connection, year: i32) -> Stored<String> {
    const NEXT: &str = "insert into record_number (year, last) values (?, 1)
        on conflict (year) do update set last = last + 1 returning last";
    let number: i64 = db.prepare_cached(NEXT)?.query_row([year], |row| row.get(0))?;
    Ok(format!("{year}-{number:06}"))
}

fn insert(db: &Connection, document: &NewDocument, number: &str) -> Stored<()> {
    const INSERT: &str =
        "insert into document (digest, inspection, revision, parent, device, coordinator, site,
          township, township_name, envelope, number, received_ms, site_title, coordinator_name, checklists,
          started_at, finished_at, level, failed, problems, distance_m)
        values (:digest, :inspection, :revision, :parent, :device,
          coalesce((select id from coordinator where id = :author), :enrolled), :site,
          :township, :township_name, :envelope, :number, :received_ms, :site_title, :coordinator_name,
          :checklists, :started_at, :finished_at, :level, :failed, :problems, :distance_m)";
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":digest": document.digest.0,
        ":inspection": document.inspection.0.as_bytes(),
        ":revision": document.revision,
        ":parent": document.parent.map(|parent| parent.0),
        ":device": document.device.0.as_bytes(),
        ":author": document.author.map(|author| author.0.into_bytes()),
        ":enrolled": document.enrolled.0.as_bytes(),
        ":site": document.site.0.as_bytes(),
        ":township": document.township.code,
        ":township_name": document.township.name,
        ":envelope": document.envelope,
        ":number": number,
        ":received_ms": document.received_ms,
        ":site_title": document.site_title,
        ":coordinator_name": document.coordinator_name,
        ":checklists": document.checklists,
        ":started_at": document.started_at,
        ":finished_at": document.finished_at,
        ":level": document.level,
        ":failed": document.failed,
        ":problems": document.problems,
        ":distance_m": document.distance_m,
    })?;
    Ok(())
}

/// The blobs a document names that are not held.
pub(super) fn missing(db: &Connection, document: Digest) -> Stored<Vec<PhotoId>> {
    const SELECT: &str = "select n.blob from document_blob n left join blob b on b.id = n.blob
        where n.document = ? and b.id is null order by n.original, n.blob";
    let mut query = db.prepare_cached(SELECT)?;
    let rows = query.query_map([document.0], |row| digest(row, "blob"))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Shows the visit at its site, unless the site is not known or was visited later.
fn note_visit(db: &Connection, document: &NewDocument) -> Stored<()> {
    let mut query = db.prepare_cached("select body from site where id = ? and body is not null")?;
    let body: Option<String> = query.query_row([document.site.0.as_bytes()], |row| row.get(0)).optional()?;
    let Some(body) = body else { return Ok(()) };
    let mut site: Site = serde_json::from_str(&body)?;
    if site.last_visit.as_ref().is_some_and(|last| last.at > document.last_visit.at) {
        return Ok(());
    }
    site.last_visit = Some(document.last_visit.clone());
    seed::put_site(db, &site)
}
