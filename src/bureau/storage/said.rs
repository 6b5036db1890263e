//! Decisions as they leave the bureau, in the order in which they were made, with every word that was said.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, Row};
use serde::Serialize;

use super::Stored;
use super::export::{Given, Place, ROWS, Scope, rows};
use super::inbox::township;
use super::row::{digest, json, moment, uuid};
use crate::domain::id::{Digest, InspectionId};
use crate::domain::review::{ItemComment, Verdict};
use crate::domain::site::Township;

/// A decision as a line of a table; a scope's days are those on which it was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// Its number.
    pub sequence: u64,
    /// The number that people quote of the document it is about.
    pub number: String,
    /// The visit.
    pub inspection: InspectionId,
    /// The document's revision.
    pub revision: u32,
    /// The document's hash.
    pub document: Digest,
    /// What the site was called at the visit.
    pub site_title: String,
    /// Its township at the visit.
    pub township: Township,
    /// What, as [`Verdict::name`] writes it.
    pub verdict: String,
    /// On the whole; may be empty.
    pub comment: String,
    /// On items.
    pub items: Vec<ItemComment>,
    /// Log-in name.
    pub account: String,
    /// How the account was called then.
    pub by: String,
    /// When, in the bureau's zone.
    pub at: DateTime<FixedOffset>,
}

impl Said {
    /// What was decided; none for a word of a newer program.
    pub fn verdict(&self) -> Option<Verdict> {
        Verdict::of_name(&self.verdict)
    }
}

const SAID: &str =
    "select x.seq, x.verdict, x.comment, x.items, x.account, x.shown_as, x.at_ms, x.inspection,
      d.number, d.revision, d.digest, d.site_title, d.township, d.township_name
    from decision x join document d on d.digest = x.document
    where x.seq > :after and x.seq <= :last and (:form is null or d.form = :form)
      and (:township is null or d.township = :township)
      and (:since is null or x.at_ms >= :since) and (:until is null or x.at_ms < :until) order by x.seq";

impl Given for Said {
    fn page(db: &Connection, zone: FixedOffset, scope: &Scope, place: Place) -> Stored<Vec<Self>> {
        rows(db, &format!("{SAID} limit {ROWS}"), scope, place, |row| said(row, zone), |_| true)
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }

    fn last(db: &Connection) -> Stored<u64> {
        let mut query = db.prepare_cached("select coalesce(max(seq), 0) from decision")?;
        Ok(query.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}

fn said(row: &Row<'_>, zone: FixedOffset) -> rusqlite::Result<Said> {
    Ok(Said {
        sequence: row.get::<_, i64>("seq")?.unsigned_abs(),
        number: row.get("number")?,
        inspection: InspectionId(uuid(row, "inspection")?),
        revision: row.get("revision")?,
        document: digest(row, "digest")?,
        site_title: row.get("site_title")?,
        township: township(row)?,
        verdict: row.get("verdict")?,
        comment: row.get("comment")?,
        items: json(row, "items")?,
        account: row.get("account")?,
        by: row.get("shown_as")?,
        at: moment(row.get("at_ms")?, zone),
    })
}
