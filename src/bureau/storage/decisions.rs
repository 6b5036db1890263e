//! What reviewers decide: appended, never changed; with each the audit line and what phones hear, in one transaction.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use uuid::Uuid;

use super::accounts::insert_audit;
use super::changes::note;
use super::documents::show_chosen_visit;
use super::row::{digest, json, moment, odd, uuid};
use super::{Storage, Stored};
use crate::domain::document::DocumentKind;
use crate::domain::id::{CoordinatorId, DeviceId, Digest, InspectionId, SiteId};
use crate::domain::review::{ItemComment, Outcome, Review, Standing, Verdict, Version, counting};
use crate::domain::site::LastVisit;

/// What a reviewer had before the eyes: whoever decided, or sent a new revision, since then is not passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Number of the visit's last decision; 0 before the first.
    pub last: u64,
    /// Documents of the visit.
    pub versions: u32,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.last, self.versions)
    }
}

impl FromStr for Seen {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (last, versions) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { last: last.parse()?, versions: versions.parse()? })
    }
}

/// A decision as the console hands it in; the account may see and review the document.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// About which document.
    pub document: Digest,
    /// What.
    pub verdict: Verdict,
    /// On the whole.
    pub comment: String,
    /// On items.
    pub items: Vec<ItemComment>,
    /// What was seen.
    pub seen: Seen,
    /// Log-in name.
    pub account: String,
    /// How the account is called.
    pub shown_as: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What the site shows after a choice.
    pub last_visit: Option<CountingVisit>,
}

/// What a site shows of the document that a choice makes count: the chosen one, or the newest correction of it.
#[derive(Clone, Debug)]
pub struct CountingVisit {
    /// The document.
    pub document: Digest,
    /// Its site.
    pub site: SiteId,
    /// What it says there.
    pub last_visit: LastVisit,
}

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub seq: u64,
    /// About which document.
    pub document: Digest,
    /// Of which revision.
    pub revision: u32,
    /// What.
    pub verdict: Verdict,
    /// On the whole.
    pub comment: String,
    /// On items.
    pub items: Vec<ItemComment>,
    /// Log-in name.
    pub account: String,
    /// Who.
    pub by: String,
    /// When, in the bureau's zone.
    pub at: DateTime<FixedOffset>,
}

impl Decision {
    /// Whether somebody who hands this in has already said it.
    fn says(&self, new: &NewDecision) -> bool {
        (self.document, self.verdict, &self.account) == (new.document, new.verdict, &new.account)
            && (&self.comment, &self.items) == (&new.comment, &new.items)
    }
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It stands.
    Done,
    /// Somebody was faster, or a new revision came; nothing was written.
    Overtaken,
    /// It cannot be said of this document as it stands; nothing was written.
    NotNow,
}

const VERSIONS: &str = "select digest, parent, revision from document
    where inspection = ? and form = 1 order by rowid";

const MARK: &str = "update document set counts = (digest = ?2) where inspection = ?1 and form = 1";

/// From its index alone, which SQLite would not choose by itself; a test in `inbox` looks.
pub(super) const NEXT: &str = "select digest from document indexed by document_to_review
    where form = 1 and counts = 1 and standing in ('new', 'corrected') and inspection <> ?2
      and (?1 is null or township = ?1)
    order by received_ms, rowid limit 1";

const HISTORY: &str =
    "select x.seq, x.document, d.revision, x.verdict, x.comment, x.items, x.account, x.shown_as, x.at_ms
    from decision x join document d on d.digest = x.document where x.inspection = ? order by x.seq";

impl Storage {
    /// Writes a decision, unless something happened that its author has not seen.
    pub async fn decide(&self, new: NewDecision) -> Stored<Decided> {
        let zone = self.zone();
        self.write(move |db| decide(db, &new, zone)).await
    }

    /// The document of its visit that counts once this one is chosen; none for no record.
    pub async fn counting_if_chosen(&self, document: Digest) -> Stored<Option<Digest>> {
        const FIND: &str = "select inspection from document where digest = ? and form = 1";
        self.read(move |db| {
            let mut query = db.prepare_cached(FIND)?;
            let visit = query.query_row([document.0], |row| uuid(row, "inspection")).optional()?;
            let Some(visit) = visit.map(InspectionId) else { return Ok(None) };
            Ok(counting(&versions(db, visit)?, Some(document)))
        })
        .await
    }

    /// The record that has waited longest for a reviewer, within a township scope, this visit left out.
    pub async fn next_to_review(
        &self,
        township: Option<String>,
        but: InspectionId,
    ) -> Stored<Option<Digest>> {
        self.read_for_staff(move |db| {
            let mut query = db.prepare_cached(NEXT)?;
            let key = params![township, but.0.as_bytes()];
            Ok(query.query_row(key, |row| digest(row, "digest")).optional()?)
        })
        .await
    }
}

fn decide(db: &Connection, new: &NewDecision, zone: FixedOffset) -> Stored<Decided> {
    const FIND: &str = "select inspection, revision, standing, number from document
        where digest = ? and form = 1";
    let mut query = db.prepare_cached(FIND)?;
    let found = query.query_row([new.document.0], |row| {
        let visit = InspectionId(uuid(row, "inspection")?);
        Ok((visit, row.get::<_, u32>("revision")?, standing(row)?, row.get::<_, String>("number")?))
    });
    let Some((visit, revision, standing, number)) = found.optional()? else {
        return Ok(Decided::NotNow);
    };
    let (versions, history) = (versions(db, visit)?, history(db, visit, zone)?);
    if history.last().is_some_and(|last| last.says(new)) {
        // A second press of the same button, or a page that was sent again: it is done.
        return Ok(Decided::Done);
    }
    if seen(&versions, &history) != new.seen {
        return Ok(Decided::Overtaken);
    }
    if !new.verdict.is_allowed(new.document, standing, &versions, chosen(&history)) {
        return Ok(Decided::NotNow);
    }
    insert(db, new, visit)?;
    match new.verdict.leads_to(revision) {
        Some(standing) => {
            db.prepare_cached("update document set standing = ? where digest = ?")?
                .execute(params![standing.name(), new.document.0])?;
        }
        None => {
            let counts = counting(&versions, Some(new.document));
            mark_counting(db, visit, counts)?;
            if let Some(shown) = new.last_visit.as_ref().filter(|shown| counts == Some(shown.document)) {
                show_chosen_visit(db, shown.site, &shown.last_visit)?;
            }
        }
    }
    insert_audit(db, &new.account, new.verdict.name(), &number, new.at_ms)?;
    tell_phones(db, visit)?;
    Ok(Decided::Done)
}

fn insert(db: &Connection, new: &NewDecision, visit: InspectionId) -> Stored<()> {
    const INSERT: &str =
        "insert into decision (document, inspection, verdict, comment, items, account, shown_as, at_ms)
        values (:document, :inspection, :verdict, :comment, :items, :account, :shown_as, :at_ms)";
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":document": new.document.0,
        ":inspection": visit.0.as_bytes(),
        ":verdict": new.verdict.name(),
        ":comment": new.comment,
        ":items": serde_json::to_string(&new.items)?,
        ":account": new.account,
        ":shown_as": new.shown_as,
        ":at_ms": new.at_ms,
    })?;
    Ok(())
}

/// A new document of a visit came: whether it is the one that counts. Phones hear that what was decided before is
/// over, should it be.
pub(super) fn receive(db: &Connection, visit: InspectionId, document: Digest, revision: u32) -> Stored<bool> {
    if revision > 1 {
        db.prepare_cached("update document set standing = ? where digest = ?")?
            .execute(params![Standing::undecided(revision).name(), document.0])?;
    }
    let versions = versions(db, visit)?;
    if versions.len() == 1 {
        return Ok(true);
    }
    let counts = counting(&versions, last_choice(db, visit)?);
    mark_counting(db, visit, counts)?;
    let decided =
        db.prepare_cached("select 1 from decision where inspection = ?")?.exists([visit.0.as_bytes()])?;
    if decided {
        tell_phones(db, visit)?;
    }
    Ok(counts == Some(document))
}

fn mark_counting(db: &Connection, visit: InspectionId, counts: Option<Digest>) -> Stored<()> {
    db.prepare_cached(MARK)?.execute(params![visit.0.as_bytes(), counts.map(|digest| digest.0)])?;
    Ok(())
}

fn versions(db: &Connection, visit: InspectionId) -> Stored<Vec<Version>> {
    let mut query = db.prepare_cached(VERSIONS)?;
    let rows = query.query_map([visit.0.as_bytes()], |row| {
        Ok(Version {
            digest: digest(row, "digest")?,
            // Phones write their parents themselves; one that is no digest names nothing here.
            parent: row.get::<_, Option<[u8; 32]>>("parent")?.map(Digest),
            revision: row.get("revision")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn last_choice(db: &Connection, visit: InspectionId) -> Stored<Option<Digest>> {
    const LAST: &str = "select document from decision where inspection = ? and verdict = 'choose'
        order by seq desc limit 1";
    let mut query = db.prepare_cached(LAST)?;
    Ok(query.query_row([visit.0.as_bytes()], |row| digest(row, "document")).optional()?)
}

/// Every decision about a visit, oldest first.
pub(super) fn history(db: &Connection, visit: InspectionId, zone: FixedOffset) -> Stored<Vec<Decision>> {
    let mut query = db.prepare_cached(HISTORY)?;
    let rows = query.query_map([visit.0.as_bytes()], |row| decision(row, zone))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn decision(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<Decision> {
    let verdict: String = row.get("verdict")?;
    Ok(Decision {
        seq: row.get::<_, i64>("seq")?.unsigned_abs(),
        document: digest(row, "document")?,
        revision: row.get("revision")?,
        verdict: Verdict::of_name(&verdict).ok_or_else(|| odd(std::io::Error::other(verdict)))?,
        comment: row.get("comment")?,
        items: json(row, "items")?,
        account: row.get("account")?,
        by: row.get("shown_as")?,
        at: moment(row.get("at_ms")?, zone),
    })
}

fn chosen(history: &[Decision]) -> Option<Digest> {
    history.iter().rev().find(|one| one.verdict == Verdict::Choose).map(|one| one.document)
}

fn seen(versions: &[Version], history: &[Decision]) -> Seen {
    Seen {
        last: history.last().map_or(0, |last| last.seq),
        versions: u32::try_from(versions.len()).unwrap_or(u32::MAX),
    }
}

/// What a reviewer of this visit sees now, and which of its documents a choice would change something for.
pub(super) fn before_deciding(
    db: &Connection,
    visit: InspectionId,
    history: &[Decision],
) -> Stored<(Seen, Vec<Digest>)> {
    let versions = versions(db, visit)?;
    let choosable =
        |one: &&Version| Verdict::Choose.is_allowed(one.digest, Standing::New, &versions, chosen(history));
    let choosable = versions.iter().filter(choosable).map(|one| one.digest).collect();
    Ok((seen(&versions, history), choosable))
}

pub(super) fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let name: String = row.get("standing")?;
    // The table's check admits no other word.
    Ok(Standing::of_name(&name).unwrap_or_default())
}

/// Whom a change is for, where it is not for a township.
pub(super) fn of_device(device: DeviceId) -> String {
    format!("device/{device}")
}

/// See [`of_device`].
pub(super) fn of_coordinator(coordinator: CoordinatorId) -> String {
    format!("coordinator/{coordinator}")
}

/// Every phone that sent a document of the visit, and every phone of its authors, hears how it stands.
fn tell_phones(db: &Connection, visit: InspectionId) -> Stored<()> {
    let mut query = db.prepare_cached(
        "select distinct device, coordinator from document where inspection = ? and form = ?",
    )?;
    let key = params![visit.0.as_bytes(), DocumentKind::Inspection.number()];
    let rows = query.query_map(key, |row| {
        Ok((DeviceId(uuid(row, "device")?), CoordinatorId(uuid(row, "coordinator")?)))
    })?;
    let mut whom: Vec<String> = Vec::new();
    for row in rows {
        let (device, coordinator) = row?;
        whom.extend([of_device(device), of_coordinator(coordinator)]);
    }
    whom.sort_unstable();
    whom.dedup();
    let id = visit.to_string();
    whom.iter().try_for_each(|whom| note(db, "review", &id, whom))
}

/// What a phone hears of a visit: the decision about the document that counts, while it stands. Only for a phone that
/// sent a document of it, or whose coordinator made one.
pub(super) fn review_for(
    db: &Connection,
    (device, coordinator): (DeviceId, CoordinatorId),
    id: &str,
    zone: FixedOffset,
) -> Stored<Option<Review>> {
    const MINE: &str =
        "select 1 from document where inspection = ?1 and form = 1 and (device = ?2 or coordinator = ?3)";
    const COUNTS: &str = "select d.digest, d.revision, d.site_title, d.number, d.standing from document d
        where d.inspection = ? and d.form = 1 and d.counts = 1";
    let Ok(visit) = id.parse::<Uuid>().map(InspectionId) else { return Ok(None) };
    let mine = params![visit.0.as_bytes(), device.0.as_bytes(), coordinator.0.as_bytes()];
    if !db.prepare_cached(MINE)?.exists(mine)? {
        return Ok(None);
    }
    let found = db.prepare_cached(COUNTS)?.query_row([visit.0.as_bytes()], |row| {
        let (site, number) = (row.get::<_, String>("site_title")?, row.get::<_, String>("number")?);
        Ok((digest(row, "digest")?, row.get::<_, u32>("revision")?, standing(row)?, site, number))
    });
    let Some((document, revision, standing, site, number)) = found.optional()? else { return Ok(None) };
    let outcome = match standing {
        Standing::Accepted => Outcome::Accepted,
        Standing::Returned => Outcome::Returned,
        Standing::New | Standing::Corrected => return Ok(None),
    };
    let of_this = |one: &Decision| one.document == document && one.verdict != Verdict::Choose;
    let last = history(db, visit, zone)?.into_iter().rev().find(of_this);
    Ok(last.map(|last| Review {
        inspection: visit,
        revision,
        document: Some(document),
        outcome,
        comment: last.comment,
        items: last.items,
        by: last.by,
        at: last.at,
        site,
        number,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The writer does this for every record: a look at all of them would make each slower than the one before.
    #[test]
    fn the_documents_of_a_visit_are_found_by_its_id_and_not_by_a_look_at_every_record() {
        let db = Connection::open_in_memory().unwrap();
        for migration in ["001_init", "002_path"] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/bureau");
            let text = std::fs::read_to_string(format!("{folder}/{migration}.sql")).unwrap();
            db.execute_batch(&text).unwrap();
        }
        for sql in [VERSIONS, MARK] {
            let mut query = db.prepare(&format!("explain query plan {sql}")).unwrap();
            let nothing = vec![rusqlite::types::Null; query.parameter_count()];
            let plan: Vec<String> = query
                .query_map(rusqlite::params_from_iter(nothing), |row| row.get("detail"))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert!(plan[0].contains("document_of_inspection (inspection=?"), "{sql}: {plan:?}");
        }
    }
}
