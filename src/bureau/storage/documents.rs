//! Received documents: stored verbatim once, numbered, receipted, noted at their site.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate};
use rusqlite::{Connection, OptionalExtension as _, named_params, params};
use uuid::Uuid;

use super::row::digest;
use super::{Identity, Storage, Stored, decisions, receipts, seed};
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{CoordinatorId, DeviceId, Digest, DocumentId, InspectionId, PhotoId, SiteId};
use crate::domain::site::{LastVisit, Site, SiteSnapshot, Township};
use crate::domain::text::{LISTED_CHARS, cut};
use crate::fault;
use crate::wire::receipt::{ReceiptKind, Stored as Receipted};

/// A document that was read and whose seal was checked, with what lists show of it.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Hash of the signed bytes.
    pub digest: Digest,
    /// What it is called.
    pub name: DocumentName,
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
    /// RFC 3339: a visit's start, a report's discovery, the making of a site.
    pub started_at: String,
    /// RFC 3339: a visit's end, a report's writing.
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
    /// What else is stored for it.
    pub brought: Brought,
}

/// What a kind of document brings beside its own row.
#[derive(Clone, Debug)]
pub enum Brought {
    /// A visit: what its site shows from now on; the site itself, should it not be known.
    Visit {
        /// Json of [`crate::domain::site::LastVisit`].
        last_visit: String,
        /// Its moment, Unix milliseconds.
        at_ms: i64,
        /// The site as it stood.
        snapshot: Box<SiteSnapshot>,
    },
    /// A report's own columns.
    Report(ReportRow),
    /// A site made in the field.
    Site(Box<Site>),
}

/// A report's own columns.
#[derive(Clone, Debug)]
pub struct ReportRow {
    /// The visit it comes from.
    pub visit: InspectionId,
    /// 信息类别.
    pub category: String,
    /// 信息内容.
    pub content: String,
    /// Tries to reach somebody.
    pub attempts: u32,
    /// Json of what the rules say against it.
    pub problems: String,
}

impl NewDocument {
    /// A document about a site with nothing said of it yet; the caller fills in the rest. What lists show is cut to
    /// what they can bear: they hold many at once, and whoever is enrolled can make each as long as a document.
    pub fn about(
        site: &SiteSnapshot,
        from: DateTime<FixedOffset>,
        to: DateTime<FixedOffset>,
        brought: Brought,
    ) -> Self {
        Self {
            digest: Digest([0; 32]),
            name: DocumentName::new(DocumentKind::Inspection, DocumentId(Uuid::nil()), 0),
            parent: None,
            device: DeviceId(Uuid::nil()),
            author: None,
            enrolled: CoordinatorId(Uuid::nil()),
            site: site.id,
            township: Township {
                code: cut(&site.township.code, LISTED_CHARS),
                name: cut(&site.township.name, LISTED_CHARS),
            },
            envelope: String::new(),
            received_ms: 0,
            year: 0,
            site_title: cut(&site.title, LISTED_CHARS),
            coordinator_name: String::new(),
            checklists: "[]".to_owned(),
            started_at: listed(from),
            finished_at: listed(to),
            level: None,
            failed: "{}".to_owned(),
            problems: "[]".to_owned(),
            distance_m: None,
            blobs: Vec::new(),
            brought,
        }
    }
}

/// RFC 3339, which has the years 0 to 9999: a clock beyond them is shown at their end. The document says what it said.
fn listed(at: DateTime<FixedOffset>) -> String {
    let end = match at.year() {
        ..0 => NaiveDate::from_ymd_opt(0, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)),
        0..=9999 => None,
        _ => NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59)),
    };
    end.and_then(|end| end.and_local_timezone(at.timezone()).single()).unwrap_or(at).to_rfc3339()
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
        let taken = self.write(move |db| put(db, &identity, &document)).await?;
        fault::point("bureau.document.committed");
        Ok(taken)
    }

    /// The stored envelope of a phone's record; the newest, should it have sent several.
    pub async fn document_of(&self, device: DeviceId, name: DocumentName) -> Stored<Found> {
        const SELECT: &str = "select envelope, device = ?1 as mine from document
            where inspection = ?2 and revision = ?3 and form = ?4 order by mine desc, received_ms desc, number desc limit 1";
        self.read(move |db| {
            let values =
                params![device.0.as_bytes(), name.id.0.as_bytes(), name.revision, name.kind.number()];
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
    fault::point("bureau.document.in-transaction");
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
    match &document.brought {
        Brought::Visit { last_visit, at_ms, snapshot } => {
            let visit = InspectionId(document.name.id.0);
            if decisions::receive(db, visit, document.digest, document.name.revision)? {
                note_visit(db, document.device, last_visit, *at_ms, snapshot)?;
            }
        }
        Brought::Report(report) => insert_report(db, document.digest, report)?,
        Brought::Site(site) => note_new_site(db, document.device, site)?,
    }
    db.prepare_cached("update device set seen_ms = ? where id = ?")?
        .execute(params![now_ms, document.device.0.as_bytes()])?;
    fault::point("bureau.document.receipted");
    Ok(Taken { new: true, receipted: Receipted { record, complete, missing } })
}

pub(super) fn next_number(db: &Connection, year: i32) -> Stored<String> {
    const NEXT: &str = "insert into record_number (year, last) values (?, 1)
        on conflict (year) do update set last = last + 1 returning last";
    let number: i64 = db.prepare_cached(NEXT)?.query_row([year], |row| row.get(0))?;
    Ok(format!("{year}-{number:06}"))
}

fn insert(db: &Connection, document: &NewDocument, number: &str) -> Stored<()> {
    const INSERT: &str =
        "insert into document (digest, inspection, revision, parent, device, coordinator, site,
          township, township_name, envelope, number, received_ms, site_title, coordinator_name, checklists,
          started_at, finished_at, level, failed, problems, distance_m, form)
        values (:digest, :inspection, :revision, :parent, :device,
          coalesce((select id from coordinator where id = :author), :enrolled), :site,
          :township, :township_name, :envelope, :number, :received_ms, :site_title, :coordinator_name,
          :checklists, :started_at, :finished_at, :level, :failed, :problems, :distance_m, :form)";
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":digest": document.digest.0,
        ":inspection": document.name.id.0.as_bytes(),
        ":revision": document.name.revision,
        ":form": document.name.kind.number(),
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

fn insert_report(db: &Connection, document: Digest, report: &ReportRow) -> Stored<()> {
    const INSERT: &str = "insert into report (document, visit, category, content, attempts, problems)
        values (?, ?, ?, ?, ?, ?)";
    db.prepare_cached(INSERT)?.execute(params![
        document.0,
        report.visit.0.as_bytes(),
        report.category,
        report.content,
        report.attempts,
        report.problems,
    ])?;
    Ok(())
}

/// Shows the visit at its site. One that the bureau never heard of (its own document is lost or still under way)
/// gets a file from what the record says of it.
fn note_visit(
    db: &Connection,
    device: DeviceId,
    last_visit: &str,
    at_ms: i64,
    snapshot: &SiteSnapshot,
) -> Stored<()> {
    if seed::put_last_visit(db, snapshot.id, last_visit, at_ms)? {
        return Ok(());
    }
    put_from_field(db, device, Site::from(snapshot))?;
    seed::put_last_visit(db, snapshot.id, last_visit, at_ms)?;
    Ok(())
}

/// Of two documents of a visit the other one counts from now on: its site shows what that one says.
pub(super) fn show_chosen_visit(db: &Connection, site: SiteId, last_visit: &LastVisit) -> Stored<()> {
    let text = serde_json::to_string(last_visit)?;
    seed::put_last_visit(db, site, &text, last_visit.at.timestamp_millis()).map(drop)
}

/// Keeps a site made in the field. A file that the bureau itself wrote or removed stays as it is: the document is
/// there to be looked at.
fn note_new_site(db: &Connection, device: DeviceId, new: &Site) -> Stored<()> {
    const STANDS: &str = "select body is not null and made_in_field, township from site where id = ?";
    let mut query = db.prepare_cached(STANDS)?;
    let stands: Option<(bool, String)> =
        query.query_row([new.id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((replaceable, township)) = stands
        && (!replaceable || own_township(db, device, &township)?.is_none())
    {
        return Ok(());
    }
    // What the field says of visits, the records say better.
    put_from_field(db, device, Site { last_visit: None, ..new.clone() })
}

/// Makes a site's file from a document, in a township of those who work with its phone and in no other: every phone
/// there gets it, and townships are the bureau's to name. Otherwise there is no file; the document itself stays as it
/// was signed, however long its words are, and shows the site to whoever reads it.
fn put_from_field(db: &Connection, device: DeviceId, site: Site) -> Stored<()> {
    let Some(township) = own_township(db, device, &site.township.code)? else { return Ok(()) };
    let site = Site { township, ..site.in_bounds() };
    seed::put_site(db, &site)?;
    db.prepare_cached("update site set made_in_field = 1 where id = ?")?.execute([site.id.0.as_bytes()])?;
    Ok(())
}

/// The township of this code, if one of the coordinators who are enrolled on the phone works there: the phone may be
/// in other hands than those that made the document.
fn own_township(db: &Connection, device: DeviceId, code: &str) -> Stored<Option<Township>> {
    const SELECT: &str = "select code, name from township where code = ?1 and code <> ''
        and code in (select c.township from device_token t
          join coordinator_township c on c.coordinator = t.coordinator where t.device = ?2)";
    let mut query = db.prepare_cached(SELECT)?;
    let row = |row: &rusqlite::Row<'_>| Ok(Township { code: row.get("code")?, name: row.get("name")? });
    Ok(query.query_row(params![code, device.0.as_bytes()], row).optional()?)
}
