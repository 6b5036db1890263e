//! What the console reads of information reports: the list, one report, the reports of a visit.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::inbox::{PAGE, Sender, level, sender, township};
use super::row::{digest, json, moment, time, uuid};
use super::{Storage, StorageError, Stored, receipts};
use crate::domain::checklist::Level;
use crate::domain::id::{Digest, InspectionId, ReportId, SiteId};
use crate::domain::report::ReportProblem;
use crate::domain::site::Township;
use crate::wire::receipt::{ReceiptKind, SignedReceipt};
use crate::wire::sealed::SealedDocument;

/// Which reports to list; an absent field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Code of the township; an account with a township scope always sets it.
    pub township: Option<String>,
    /// Its level.
    pub level: Option<Level>,
    /// Part of the site's title, the content, a coordinator's name or the number; blank does not restrict.
    pub text: String,
    /// From 0, [`PAGE`] rows each, newest first.
    pub page: u32,
}

/// A report in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The hash of its bytes, which names it.
    pub digest: Digest,
    /// The report.
    pub id: ReportId,
    /// Its revision.
    pub revision: u32,
    /// The number people quote.
    pub number: String,
    /// 信息类别.
    pub category: String,
    /// 信息内容.
    pub content: String,
    /// Highest level among its findings.
    pub level: Option<Level>,
    /// The site.
    pub site: SiteId,
    /// What the site was called.
    pub site_title: String,
    /// The site's township.
    pub township: Township,
    /// The coordinators' names, 、 between them.
    pub coordinator_name: String,
    /// 发现时间.
    pub discovered_at: DateTime<FixedOffset>,
    /// 报告时间.
    pub reported_at: DateTime<FixedOffset>,
    /// When it came, in the bureau's zone.
    pub received_at: DateTime<FixedOffset>,
    /// Tries to reach somebody.
    pub attempts: u32,
    /// The visit it comes from.
    pub visit: InspectionId,
    /// The record of that visit that counts, once it is here.
    pub record: Option<Digest>,
    /// What the rules say against it.
    pub problems: Vec<ReportProblem>,
}

/// One report with everything around it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedReport {
    /// As in the list.
    pub line: ReportLine,
    /// The envelope; its document is what was signed, verbatim.
    pub envelope: SealedDocument,
    /// The receipt.
    pub receipt: SignedReceipt,
    /// The phone.
    pub sender: Sender,
    /// Other reports of the same visit, oldest first.
    pub siblings: Vec<ReportLine>,
}

const LINE: &str = "select d.digest, d.inspection, d.revision, d.number, d.received_ms, d.site, d.site_title,
    d.township, d.township_name, d.coordinator_name, d.started_at, d.finished_at, d.level,
    r.visit, r.category, r.content, r.attempts, r.problems,
    (select v.digest from document v where v.inspection = r.visit and v.form = 1 and v.counts = 1) as record
    from document d join report r on r.document = d.digest";

const MATCHES: &str = "where d.form = 0 and (:township is null or d.township = :township)
    and (:level is null or d.level = :level)
    and (:text = '' or d.site_title like :like escape '\\' or d.coordinator_name like :like escape '\\'
      or d.number like :like escape '\\' or r.content like :like escape '\\')";

impl Storage {
    /// One page of reports, newest first, and how many match in all.
    pub async fn reports(&self, filter: ReportFilter) -> Stored<(Vec<ReportLine>, u64)> {
        let zone = self.zone();
        self.read_for_staff(move |db| list(db, &filter, zone)).await
    }

    /// How many reports there are within a township scope (`None`: the county).
    pub async fn report_count(&self, township: Option<String>) -> Stored<u64> {
        const COUNT: &str = "select count(*) from document where form = 0 and (?1 is null or township = ?1)";
        self.read_for_staff(move |db| {
            let count: i64 = db.prepare_cached(COUNT)?.query_row([township], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
        .await
    }

    /// The reports of a visit, oldest first.
    pub async fn reports_of(&self, visit: InspectionId) -> Stored<Vec<ReportLine>> {
        let zone = self.zone();
        self.read_for_staff(move |db| of_visit(db, visit, zone)).await
    }

    /// The report of this digest. The caller checks the account's township against `line.township`.
    pub async fn received_report(&self, digest: Digest) -> Stored<Option<ReceivedReport>> {
        let zone = self.zone();
        self.read_for_staff(move |db| received(db, digest, zone)).await
    }
}

fn list(db: &Connection, filter: &ReportFilter, zone: FixedOffset) -> Stored<(Vec<ReportLine>, u64)> {
    let text = filter.text.trim();
    let like = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let level = filter.level.map(Level::letter);
    let sql =
        format!("{LINE} {MATCHES} order by d.received_ms desc, d.number desc limit :limit offset :skip");
    let mut query = db.prepare_cached(&sql)?;
    let values = named_params! {
        ":township": filter.township, ":level": level, ":text": text, ":like": like,
        ":limit": PAGE, ":skip": i64::from(filter.page) * i64::from(PAGE),
    };
    let rows = query.query_map(values, |row| line(row, zone))?.collect::<Result<_, _>>()?;
    let count = format!("select count(*) from document d join report r on r.document = d.digest {MATCHES}");
    let values =
        named_params! { ":township": filter.township, ":level": level, ":text": text, ":like": like };
    let matching: i64 = db.prepare_cached(&count)?.query_row(values, |row| row.get(0))?;
    Ok((rows, matching.unsigned_abs()))
}

fn of_visit(db: &Connection, visit: InspectionId, zone: FixedOffset) -> Stored<Vec<ReportLine>> {
    let mut query =
        db.prepare_cached(&format!("{LINE} where r.visit = ? order by d.revision, d.received_ms"))?;
    let rows = query.query_map(params![visit.0.as_bytes()], |row| line(row, zone))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn received(db: &Connection, digest: Digest, zone: FixedOffset) -> Stored<Option<ReceivedReport>> {
    let mut query = db.prepare_cached(&format!("{LINE} where d.digest = ?"))?;
    let Some(line) = query.query_row([digest.0], |row| line(row, zone)).optional()? else {
        return Ok(None);
    };
    let mut query = db.prepare_cached("select envelope from document where digest = ?")?;
    let envelope = query.query_row([digest.0], |row| json(row, "envelope"))?;
    let receipt = receipts::of(db, digest, ReceiptKind::Record)?
        .ok_or_else(|| StorageError::Broken(format!("report {digest} has no receipt")))?;
    let mut siblings = of_visit(db, line.visit, zone)?;
    siblings.retain(|other| other.digest != digest);
    Ok(Some(ReceivedReport { envelope, receipt, sender: sender(db, digest, zone)?, siblings, line }))
}

fn line(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<ReportLine> {
    Ok(ReportLine {
        digest: digest(row, "digest")?,
        id: ReportId(uuid(row, "inspection")?),
        revision: row.get("revision")?,
        number: row.get("number")?,
        category: row.get("category")?,
        content: row.get("content")?,
        level: level(row)?,
        site: SiteId(uuid(row, "site")?),
        site_title: row.get("site_title")?,
        township: township(row)?,
        coordinator_name: row.get("coordinator_name")?,
        discovered_at: time(row, "started_at")?,
        reported_at: time(row, "finished_at")?,
        received_at: moment(row.get("received_ms")?, zone),
        attempts: row.get("attempts")?,
        visit: InspectionId(uuid(row, "visit")?),
        record: row.get::<_, Option<[u8; 32]>>("record")?.map(Digest),
        problems: json(row, "problems")?,
    })
}
