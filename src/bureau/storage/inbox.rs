//! What the console reads: the inbox of received records, and one record with everything around it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::decisions::{self, Decision, Seen, standing};
use super::row::{bytes32, digest, json, moment, time, uuid};
use super::{Storage, Stored};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Level;
use crate::domain::id::{CoordinatorId, DeviceId, Digest, InspectionId, PhotoId, SiteId};
use crate::domain::inspection::Coordinator;
use crate::domain::problem::Problem;
use crate::domain::review::Standing;
use crate::domain::seal::PublicKey;
use crate::domain::site::Township;
use crate::wire::receipt::{ReceiptKind, SignedReceipt};
use crate::wire::sealed::SealedDocument;

/// Rows on a page.
pub const PAGE: u32 = 50;

/// Which records to list; an absent field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Whether all photos are there.
    pub status: Option<Status>,
    /// Where they stand.
    pub standing: Option<Standing>,
    /// Code of the township; an account with a township scope always sets it.
    pub township: Option<String>,
    /// Highest level found.
    pub level: Option<Level>,
    /// Only with failed items.
    pub only_failed: bool,
    /// Part of the site's title, a coordinator's name or the number; blank does not restrict.
    pub text: String,
    /// From 0, [`PAGE`] rows each, newest first.
    pub page: u32,
}

/// What a record is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Photos are outstanding.
    Waiting,
    /// Everything is held.
    Complete,
}

/// A record in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxRow {
    /// The hash of its bytes, which names it.
    pub digest: Digest,
    /// The visit.
    pub inspection: InspectionId,
    /// Its revision.
    pub revision: u32,
    /// The number people quote.
    pub number: String,
    /// When it came, in the bureau's zone.
    pub received_at: DateTime<FixedOffset>,
    /// The site.
    pub site: SiteId,
    /// What the site was called at the visit.
    pub site_title: String,
    /// The site's township at the visit.
    pub township: Township,
    /// The coordinators' names as in the record, 、 between them.
    pub coordinator_name: String,
    /// The checklists filled; titles are in the library.
    pub checklists: Vec<ChecklistRef>,
    /// Start of the visit.
    pub started_at: DateTime<FixedOffset>,
    /// End of the visit.
    pub finished_at: DateTime<FixedOffset>,
    /// Highest level found.
    pub level: Option<Level>,
    /// Failed items by level.
    pub failed: BTreeMap<Level, u32>,
    /// Metres between the best position and the registered one.
    pub distance_m: Option<u32>,
    /// Blobs it names.
    pub blobs: u32,
    /// Of these, held.
    pub blobs_held: u32,
    /// Where it stands.
    pub standing: Standing,
    /// Of the visit's documents it is the one that counts.
    pub counts: bool,
    /// The visit has another document of the same revision.
    pub twins: bool,
}

impl InboxRow {
    /// Whether every photo is there.
    pub fn status(&self) -> Status {
        if self.blobs == self.blobs_held { Status::Complete } else { Status::Waiting }
    }
}

/// How many visits with a record there are within a township scope, the other filters aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// All.
    pub total: u64,
    /// With photos outstanding.
    pub waiting: u64,
    /// Received since the given moment.
    pub today: u64,
    /// By highest level found; records without a finding are not in it.
    pub levels: BTreeMap<Level, u64>,
    /// By where they stand.
    pub standings: HashMap<Standing, u64>,
}

/// A blob that a record names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedBlob {
    /// Its hash.
    pub id: PhotoId,
    /// Whether the bureau holds it.
    pub held: bool,
    /// An original, not a watermarked copy.
    pub original: bool,
}

/// The phone a record came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The phone.
    pub device: DeviceId,
    /// The key its seals are checked with.
    pub signing_key: PublicKey,
    /// Who the bureau enrolled on it.
    pub coordinator: Coordinator,
    /// App version at enrolment.
    pub app_version: String,
    /// When it was enrolled.
    pub enrolled_at: DateTime<FixedOffset>,
}

/// One record with everything around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// As in the list.
    pub row: InboxRow,
    /// What the rules say against it.
    pub problems: Vec<Problem>,
    /// The envelope; its document is what was signed, verbatim.
    pub envelope: SealedDocument,
    /// The blobs it names, copies before originals.
    pub blobs: Vec<NamedBlob>,
    /// The `record` receipt.
    pub record: SignedReceipt,
    /// The `complete` receipt, once all blobs are held.
    pub complete: Option<SignedReceipt>,
    /// The phone.
    pub sender: Sender,
    /// Other documents of the same visit, any revision, oldest first.
    pub siblings: Vec<InboxRow>,
    /// What was decided about any of them, oldest first.
    pub decisions: Vec<Decision>,
    /// What a reviewer of this page has seen.
    pub seen: Seen,
    /// The documents of the visit that a choice would make count.
    pub choosable: Vec<Digest>,
}

const ROW: &str = "select d.digest, d.inspection, d.revision, d.number, d.received_ms, d.site, d.site_title,
    d.township, d.township_name, d.coordinator_name, d.checklists, d.started_at, d.finished_at, d.level,
    d.failed, d.distance_m, d.standing, d.counts,
    exists (select 1 from document t where t.inspection = d.inspection and t.form = 1
      and t.revision = d.revision and t.digest <> d.digest) as twins,
    (select count(*) from document_blob n where n.document = d.digest) as blobs,
    (select count(*) from document_blob n join blob b on b.id = n.blob where n.document = d.digest)
      as blobs_held
    from document d";

/// The inbox is of visits, each by the document that counts; reports have their own list.
const MATCHES: &str = "where d.form = 1 and d.counts = 1 and (:township is null or d.township = :township)
    and (:standing is null or d.standing = :standing)
    and (:level is null or d.level = :level)
    and (not :only_failed or d.level is not null)
    and (:complete is null or :complete = exists
      (select 1 from receipt r where r.document = d.digest and r.complete = 1))
    and (:text = '' or d.site_title like :like escape '\\' or d.coordinator_name like :like escape '\\'
      or d.number like :like escape '\\')";

const COUNTS: &str = "select d.level, d.standing, count(*) as total,
    sum(d.received_ms >= :since) as today,
    sum(not exists (select 1 from receipt r where r.document = d.digest and r.complete = 1)) as waiting
    from document d where d.form = 1 and d.counts = 1 and (:township is null or d.township = :township)
    group by d.level, d.standing";

fn matching() -> String {
    format!("select count(*) from document d {MATCHES}")
}

impl Storage {
    /// One page of the inbox, newest first, and how many records match in all.
    pub async fn inbox(&self, filter: InboxFilter) -> Stored<(Vec<InboxRow>, u64)> {
        let zone = self.zone();
        self.read_for_staff(move |db| list(db, &filter, zone)).await
    }

    /// Counts within a township scope (`None`: the county); `since_ms` is where today begins.
    pub async fn inbox_counts(&self, township: Option<String>, since_ms: i64) -> Stored<InboxCounts> {
        self.read_for_staff(move |db| counts(db, township.as_deref(), since_ms)).await
    }

    /// The record of this digest. The caller checks the account's township against `row.township`.
    pub async fn received(&self, digest: Digest) -> Stored<Option<Received>> {
        let zone = self.zone();
        self.read_for_staff(move |db| received(db, digest, zone)).await
    }

    /// The signed text of a record.
    pub async fn document_text(&self, digest: Digest) -> Stored<Option<String>> {
        self.read_for_staff(move |db| {
            let mut query =
                db.prepare_cached("select envelope from document where digest = ? and form = 1")?;
            let found = query.query_row([digest.0], |row| json::<SealedDocument>(row, "envelope"));
            Ok(found.optional()?.map(|envelope| envelope.document))
        })
        .await
    }

    /// The digest of the record with this number.
    pub async fn digest_of_number(&self, number: &str) -> Stored<Option<Digest>> {
        let number = number.to_owned();
        self.read_for_staff(move |db| {
            let mut query = db.prepare_cached("select digest from document where number = ?")?;
            Ok(query.query_row([number], |row| digest(row, "digest")).optional()?)
        })
        .await
    }

    /// The records that name this blob: whether an account may see a photo depends on theirs.
    pub async fn records_of_blob(&self, blob: PhotoId) -> Stored<Vec<(Digest, Township)>> {
        const SELECT: &str = "select d.digest, d.township, d.township_name
            from document_blob n join document d on d.digest = n.document where n.blob = ?";
        self.read_for_staff(move |db| {
            let mut query = db.prepare_cached(SELECT)?;
            let rows = query.query_map([blob.0], |row| Ok((digest(row, "digest")?, township(row)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// All townships by code.
    pub async fn townships(&self) -> Stored<Vec<Township>> {
        self.read_for_staff(townships).await
    }
}

pub(super) fn townships(db: &Connection) -> Stored<Vec<Township>> {
    let mut query = db.prepare_cached("select code, name from township order by code")?;
    let rows = query.query_map([], |row| Ok(Township { code: row.get(0)?, name: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn list(db: &Connection, filter: &InboxFilter, zone: FixedOffset) -> Stored<(Vec<InboxRow>, u64)> {
    let text = filter.text.trim();
    let like = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let level = filter.level.map(Level::letter);
    let standing = filter.standing.map(Standing::name);
    let complete = filter.status.map(|status| status == Status::Complete);
    let sql = format!("{ROW} {MATCHES} order by d.received_ms desc, d.number desc limit :limit offset :skip");
    let mut query = db.prepare_cached(&sql)?;
    let skip = i64::from(filter.page) * i64::from(PAGE);
    let values = named_params! {
        ":township": filter.township, ":standing": standing, ":level": level, ":only_failed": filter.only_failed, ":complete": complete, ":text": text, ":like": like,
        ":limit": PAGE, ":skip": skip,
    };
    let rows = query.query_map(values, |row| inbox_row(row, zone))?.collect::<Result<_, _>>()?;
    let mut count = db.prepare_cached(&matching())?;
    let values = named_params! {
        ":township": filter.township, ":standing": standing, ":level": level, ":only_failed": filter.only_failed, ":complete": complete, ":text": text, ":like": like,
    };
    let matching: i64 = count.query_row(values, |row| row.get(0))?;
    Ok((rows, matching.unsigned_abs()))
}

fn counts(db: &Connection, township: Option<&str>, since_ms: i64) -> Stored<InboxCounts> {
    let mut query = db.prepare_cached(COUNTS)?;
    let mut rows = query.query(named_params! {":since": since_ms, ":township": township})?;
    let mut counted = InboxCounts::default();
    while let Some(row) = rows.next()? {
        let total = row.get::<_, i64>("total")?.unsigned_abs();
        counted.total += total;
        counted.today += row.get::<_, i64>("today")?.unsigned_abs();
        counted.waiting += row.get::<_, i64>("waiting")?.unsigned_abs();
        if let Some(level) = level(row)? {
            *counted.levels.entry(level).or_default() += total;
        }
        *counted.standings.entry(standing(row)?).or_default() += total;
    }
    Ok(counted)
}

fn received(db: &Connection, digest: Digest, zone: FixedOffset) -> Stored<Option<Received>> {
    let mut query = db.prepare_cached(&format!("{ROW} where d.form = 1 and d.digest = ?"))?;
    let Some(row) = query.query_row([digest.0], |row| inbox_row(row, zone)).optional()? else {
        return Ok(None);
    };
    let mut query = db.prepare_cached("select envelope, problems from document where digest = ?")?;
    let (envelope, problems) =
        query.query_row([digest.0], |row| Ok((json(row, "envelope")?, json(row, "problems")?)))?;
    let record = super::receipts::of(db, digest, ReceiptKind::Record)?
        .ok_or_else(|| super::StorageError::Broken(format!("document {digest} has no receipt")))?;
    let sql = format!(
        "{ROW} where d.form = 1 and d.inspection = ? and d.digest <> ? order by d.revision, d.received_ms"
    );
    let mut query = db.prepare_cached(&sql)?;
    let siblings =
        query.query_map(params![row.inspection.0.as_bytes(), digest.0], |row| inbox_row(row, zone))?;
    let siblings = siblings.collect::<Result<_, _>>()?;
    let decisions = decisions::history(db, row.inspection, zone)?;
    let (seen, choosable) = decisions::before_deciding(db, row.inspection, &decisions)?;
    Ok(Some(Received {
        problems,
        envelope,
        blobs: blobs(db, digest)?,
        record,
        complete: super::receipts::of(db, digest, ReceiptKind::Complete)?,
        sender: sender(db, digest, zone)?,
        siblings,
        decisions,
        seen,
        choosable,
        row,
    }))
}

fn blobs(db: &Connection, document: Digest) -> Stored<Vec<NamedBlob>> {
    const SELECT: &str = "select n.blob, n.original, b.id is not null as held
        from document_blob n left join blob b on b.id = n.blob where n.document = ? order by n.original, n.blob";
    let mut query = db.prepare_cached(SELECT)?;
    let rows = query.query_map([document.0], |row| {
        Ok(NamedBlob { id: digest(row, "blob")?, held: row.get("held")?, original: row.get("original")? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn sender(db: &Connection, document: Digest, zone: FixedOffset) -> Stored<Sender> {
    const SELECT: &str = "select v.id, v.signing_key, v.app_version, v.enrolled_ms,
        c.id as coordinator, c.name, c.organisation
        from document d join device v on v.id = d.device join coordinator c on c.id = d.coordinator
        where d.digest = ?";
    Ok(db.prepare_cached(SELECT)?.query_row([document.0], |row| {
        Ok(Sender {
            device: DeviceId(uuid(row, "id")?),
            signing_key: PublicKey(bytes32(row, "signing_key")?),
            coordinator: Coordinator {
                id: CoordinatorId(uuid(row, "coordinator")?),
                name: row.get("name")?,
                organisation: row.get("organisation")?,
            },
            app_version: row.get("app_version")?,
            enrolled_at: moment(row.get("enrolled_ms")?, zone),
        })
    })?)
}

fn inbox_row(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<InboxRow> {
    Ok(InboxRow {
        digest: digest(row, "digest")?,
        inspection: InspectionId(uuid(row, "inspection")?),
        revision: row.get("revision")?,
        number: row.get("number")?,
        received_at: moment(row.get("received_ms")?, zone),
        site: SiteId(uuid(row, "site")?),
        site_title: row.get("site_title")?,
        township: township(row)?,
        coordinator_name: row.get("coordinator_name")?,
        checklists: json(row, "checklists")?,
        started_at: time(row, "started_at")?,
        finished_at: time(row, "finished_at")?,
        level: level(row)?,
        failed: json(row, "failed")?,
        distance_m: row.get("distance_m")?,
        blobs: row.get("blobs")?,
        blobs_held: row.get("blobs_held")?,
        standing: standing(row)?,
        counts: row.get("counts")?,
        twins: row.get("twins")?,
    })
}

pub(super) fn township(row: &Row<'_>) -> rusqlite::Result<Township> {
    Ok(Township { code: row.get("township")?, name: row.get("township_name")? })
}

pub(super) fn level(row: &Row<'_>) -> rusqlite::Result<Option<Level>> {
    let letter: Option<String> = row.get("level")?;
    Ok(letter.and_then(|letter| {
        [Level::I, Level::C, Level::B, Level::A].into_iter().find(|level| level.letter() == letter)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::row::plan;
    use super::*;

    /// Staff open these pages all day, and a record's row is as long as its envelope.
    #[test]
    fn counts_and_what_is_to_be_reviewed_next_are_read_from_indexes_alone() {
        for (sql, index) in [
            (COUNTS, "document_listed"),
            (matching().as_str(), "document_listed"),
            (decisions::NEXT, "document_to_review"),
        ] {
            let plan = plan(sql);
            let wanted = format!("USING COVERING INDEX {index} (form=? AND counts=?)");
            assert!(plan[0].contains(&wanted), "{sql}: {plan:?}");
        }
    }
}
