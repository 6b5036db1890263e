//! What leaves the bureau: documents in the order of their receipts, page by page.
//!
//! A page is one short read transaction: however slowly the pages are taken, the log can be folded into the
//! database meanwhile. The last sequence is fixed at the beginning, so that an export is of one moment.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, named_params};
use serde::Serialize;

use super::accounts::insert_audit;
use super::inbox::{level, township};
use super::row::{bytes32, digest, json, moment, odd, time, uuid};
use super::{DATABASE, MIGRATIONS, Storage, StorageError, Stored, connect, inbox, seed, setup};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::{Level, Library};
use crate::domain::document::DocumentKind;
use crate::domain::id::{DeviceId, Digest, DocumentId, PhotoId, SiteId};
use crate::domain::seal::{PublicKey, Signature};
use crate::domain::site::Township;
use crate::wire::enrolment::Settings;
use crate::wire::receipt::SignedReceipt;
use crate::wire::sealed::SealedDocument;

/// Rows on a page.
pub(super) const ROWS: u32 = 500;
/// A page of whole documents ends after so many bytes of them.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Which documents; an absent field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of this kind.
    pub kind: Option<DocumentKind>,
    /// Code of the township.
    pub township: Option<String>,
    /// Received at or after, Unix milliseconds.
    pub since_ms: Option<i64>,
    /// Received before, Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// Where an export is: after this sequence, up to that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The last one given.
    pub after: u64,
    /// The last one that belongs to it.
    pub last: u64,
}

/// A record as a line of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Of its receipt.
    pub sequence: u64,
    /// The number people quote.
    pub number: String,
    /// The visit.
    pub inspection: DocumentId,
    /// Its revision.
    pub revision: u32,
    /// When it came, in the bureau's zone.
    pub received_at: DateTime<FixedOffset>,
    /// The site.
    pub site: SiteId,
    /// What it was called at the visit.
    pub site_title: String,
    /// Its township at the visit.
    pub township: Township,
    /// The coordinators' names, 、 between them.
    pub coordinators: String,
    /// The checklists filled.
    pub checklists: Vec<ChecklistRef>,
    /// Start of the visit.
    pub started_at: DateTime<FixedOffset>,
    /// End of the visit.
    pub finished_at: DateTime<FixedOffset>,
    /// Highest level found.
    pub level: Option<Level>,
    /// Failed items by level.
    pub failed: BTreeMap<Level, u32>,
    /// How much the rules say against it.
    pub problems: u32,
    /// Metres between the best position and the registered one.
    pub distance_m: Option<u32>,
    /// Blobs it names.
    pub blobs: u32,
    /// Of these, held.
    pub blobs_held: u32,
    /// Its hash.
    pub digest: Digest,
}

/// A document as it was signed, with what is needed to check it elsewhere. The sidecar with confidential parts is
/// not in it.
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    /// Of its receipt.
    pub sequence: u64,
    /// The number people quote.
    pub number: String,
    /// What it is.
    pub kind: DocumentKind,
    /// When it came, in the bureau's zone.
    pub received_at: DateTime<FixedOffset>,
    /// The phone that sealed it.
    pub device: DeviceId,
    /// The key its seal is checked with.
    pub signing_key: PublicKey,
    /// The signed text, verbatim.
    pub document: String,
    /// The seal.
    pub seal: Signature,
    /// The bureau's `record` receipt.
    pub record: SignedReceipt,
    /// Its `complete` receipt, once every photo was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<SignedReceipt>,
}

/// A photo that a document names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedPhoto {
    /// Of the document's receipt.
    pub sequence: u64,
    /// The document's number.
    pub number: String,
    /// The photo's hash.
    pub photo: PhotoId,
    /// An original, not a watermarked copy.
    pub original: bool,
    /// Its bytes; `None` when it is not held.
    pub bytes: Option<u64>,
}

/// What can be given in pages.
pub trait Given: Sized + Send + 'static {
    /// The next ones, oldest first; none when there are no more.
    ///
    /// # Errors
    /// The database's.
    fn page(db: &Connection, zone: FixedOffset, scope: &Scope, place: Place) -> Stored<Vec<Self>>;

    /// Where it stands.
    fn sequence(&self) -> u64;

    /// Where the last one stands that is there now.
    ///
    /// # Errors
    /// The database's.
    fn last(db: &Connection) -> Stored<u64> {
        let mut query = db.prepare_cached("select coalesce(max(sequence), 0) from receipt")?;
        Ok(query.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}

const WHICH: &str = "from receipt r join document d on d.digest = r.document
    where r.complete = 0 and r.sequence > :after and r.sequence <= :last and (:form is null or d.form = :form)
      and (:township is null or d.township = :township)
      and (:since is null or d.received_ms >= :since) and (:until is null or d.received_ms < :until)";

/// Runs a query over the documents in question and takes rows while `more` wants them.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    scope: &Scope,
    place: Place,
    mut row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    mut more: impl FnMut(&T) -> bool,
) -> Stored<Vec<T>> {
    let whole = |sequence: u64| i64::try_from(sequence).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(sql)?;
    let mut found = query.query(named_params! {
        ":after": whole(place.after),
        ":last": whole(place.last),
        ":form": scope.kind.map(DocumentKind::number),
        ":township": scope.township,
        ":since": scope.since_ms,
        ":until": scope.until_ms,
    })?;
    let mut page = Vec::new();
    while let Some(next) = found.next()? {
        let one = row(next)?;
        let enough = !more(&one);
        page.push(one);
        if enough {
            break;
        }
    }
    Ok(page)
}

impl Given for Line {
    fn page(db: &Connection, zone: FixedOffset, scope: &Scope, place: Place) -> Stored<Vec<Self>> {
        let sql = format!(
            "select r.sequence, d.number, d.inspection, d.revision, d.received_ms, d.site, d.site_title, d.township,
              d.township_name, d.coordinator_name, d.checklists, d.started_at, d.finished_at, d.level, d.failed,
              json_array_length(d.problems) + coalesce(json_extract(d.problems, '$[#-1].count') - 1, 0) as problems,
              d.distance_m, d.digest,
              (select count(*) from document_blob n where n.document = d.digest) as blobs,
              (select count(*) from document_blob n join blob b on b.id = n.blob where n.document = d.digest)
                as blobs_held
            {WHICH} order by r.sequence limit {ROWS}"
        );
        rows(db, &sql, scope, place, |row| line(row, zone), |_| true)
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }
}

fn line(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<Line> {
    Ok(Line {
        sequence: sequence(row)?,
        number: row.get("number")?,
        inspection: DocumentId(uuid(row, "inspection")?),
        revision: row.get("revision")?,
        received_at: moment(row.get("received_ms")?, zone),
        site: SiteId(uuid(row, "site")?),
        site_title: row.get("site_title")?,
        township: township(row)?,
        coordinators: row.get("coordinator_name")?,
        checklists: json(row, "checklists")?,
        started_at: time(row, "started_at")?,
        finished_at: time(row, "finished_at")?,
        level: level(row)?,
        failed: json(row, "failed")?,
        problems: row.get("problems")?,
        distance_m: row.get("distance_m")?,
        blobs: row.get("blobs")?,
        blobs_held: row.get("blobs_held")?,
        digest: digest(row, "digest")?,
    })
}

fn sequence(row: &Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>("sequence").map(i64::unsigned_abs)
}

impl Given for Paper {
    fn page(db: &Connection, zone: FixedOffset, scope: &Scope, place: Place) -> Stored<Vec<Self>> {
        let sql = format!(
            "select r.sequence, d.number, d.form, d.received_ms, d.envelope, r.envelope as record,
              (select c.envelope from receipt c where c.document = d.digest and c.complete = 1) as complete,
              (select v.signing_key from device v where v.id = d.device) as signing_key
            {WHICH} order by r.sequence"
        );
        let mut bytes = 0;
        rows(
            db,
            &sql,
            scope,
            place,
            |row| paper(row, zone),
            |paper: &Self| {
                bytes += paper.document.len();
                bytes < PAGE_BYTES
            },
        )
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }
}

fn paper(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<Paper> {
    let envelope: SealedDocument = json(row, "envelope")?;
    let complete: Option<String> = row.get("complete")?;
    Ok(Paper {
        sequence: sequence(row)?,
        number: row.get("number")?,
        kind: DocumentKind::of_number(row.get("form")?).unwrap_or(DocumentKind::Inspection),
        received_at: moment(row.get("received_ms")?, zone),
        device: envelope.device,
        signing_key: PublicKey(bytes32(row, "signing_key")?),
        document: envelope.document,
        seal: envelope.seal,
        record: json(row, "record")?,
        complete: complete.map(|text| serde_json::from_str(&text).map_err(odd)).transpose()?,
    })
}

impl Given for NamedPhoto {
    fn page(db: &Connection, _: FixedOffset, scope: &Scope, place: Place) -> Stored<Vec<Self>> {
        // A page holds whole documents, so that the next one can begin after a sequence.
        let sql = format!(
            "with page as (select r.sequence, d.number, d.digest {WHICH}
                and exists (select 1 from document_blob n where n.document = d.digest)
              order by r.sequence limit {ROWS})
            select p.sequence, p.number, n.blob, n.original, b.bytes
            from page p join document_blob n on n.document = p.digest left join blob b on b.id = n.blob
            order by p.sequence, n.original, n.blob"
        );
        let row = |row: &Row<'_>| {
            Ok(Self {
                sequence: sequence(row)?,
                number: row.get("number")?,
                photo: digest(row, "blob")?,
                original: row.get("original")?,
                bytes: row.get::<_, Option<i64>>("bytes")?.map(i64::unsigned_abs),
            })
        };
        rows(db, &sql, scope, place, row, |_| true)
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl Storage {
    /// Where an export of everything that is there now ends.
    pub async fn last_sequence<T: Given>(&self) -> Stored<u64> {
        self.read_for_staff(T::last).await
    }

    /// The next ones of an export.
    pub async fn export_page<T: Given>(&self, scope: Scope, place: Place) -> Stored<Vec<T>> {
        let zone = self.zone();
        self.read_for_staff(move |db| T::page(db, zone, &scope, place)).await
    }
}

/// A bureau's database as another process reads it, beside the one that serves. Everything is blocking.
pub struct Source {
    db: Connection,
    zone: FixedOffset,
}

impl Source {
    /// Opens it for reading only.
    ///
    /// # Errors
    /// [`StorageError::Newer`]; [`StorageError::Broken`] also for one that an older program wrote.
    pub fn open(folder: &Path) -> Stored<Self> {
        let db = connect(&folder.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version: i64 = db.query_row("pragma user_version", [], |row| row.get(0))?;
        match usize::try_from(version).unwrap_or(usize::MAX).cmp(&MIGRATIONS.len()) {
            Ordering::Greater => return Err(StorageError::Newer(version)),
            Ordering::Less => {
                let older = "an older program wrote the database; start `bureau serve` once with this one";
                return Err(StorageError::Broken(older.to_owned()));
            }
            Ordering::Equal => {}
        }
        let settings: Settings =
            db.query_row("select settings from bureau", [], |row| json(row, "settings"))?;
        Ok(Self { db, zone: setup::zone(&settings) })
    }

    /// The zone in which the bureau counts days.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// Where an export of everything that is there now ends.
    ///
    /// # Errors
    /// The database's.
    pub fn last_sequence<T: Given>(&self) -> Stored<u64> {
        T::last(&self.db)
    }

    /// The next ones of an export.
    ///
    /// # Errors
    /// The database's.
    pub fn page<T: Given>(&self, scope: &Scope, place: Place) -> Stored<Vec<T>> {
        let transaction = self.db.unchecked_transaction()?;
        let page = T::page(&transaction, self.zone, scope, place);
        transaction.finish()?;
        page
    }

    /// All townships by code.
    ///
    /// # Errors
    /// The database's.
    pub fn townships(&self) -> Stored<Vec<Township>> {
        inbox::townships(&self.db)
    }

    /// The checklists.
    ///
    /// # Errors
    /// The database's.
    pub fn library(&self) -> Stored<Library> {
        seed::library(&self.db)
    }
}

/// Notes an export in the audit log of a bureau that another process may be serving.
///
/// # Errors
/// The database's; then nothing may be given out.
pub fn note_export(folder: &Path, subject: &str, now_ms: i64) -> Stored<()> {
    let mut db = connect(&folder.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "synchronous", "full")?;
    // SQLite's own waiting looks seldom enough to miss every gap that a busy writer leaves.
    db.busy_handler(Some(|tries| {
        std::thread::sleep(Duration::from_millis(1));
        tries < 20_000
    }))?;
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    insert_audit(&transaction, "bureau export", "export", subject, now_ms)?;
    Ok(transaction.commit()?)
}
