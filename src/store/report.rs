//! The information report of a visit under way: what was typed, whom the coordinator tried to reach, and for which
//! items the immediate sheet has opened by itself. It ends with its draft; what was signed is a record.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, Row, params};

use super::column::{get, json, moment_option, to_json, uuid};
use super::draft::{found, require_open};
use super::{Error, Store};
use crate::domain::id::{InspectionId, ReportId};
use crate::domain::report::{Attempt, Outcome};

/// The report of a draft as far as it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportDraft {
    /// Its id, the same for every revision.
    pub id: ReportId,
    /// When the first finding of level A or B was seen.
    pub discovered_at: Option<DateTime<FixedOffset>>,
    /// When the first of level A was; in a correction the first new one.
    pub urgent_at: Option<DateTime<FixedOffset>>,
    /// The content as typed; none while it follows the findings.
    pub content: Option<String>,
    /// The items (`0-WR-09`) for which the immediate sheet has opened by itself.
    pub opened: Vec<String>,
    /// Tries to reach somebody, in order, each with its number.
    pub attempts: Vec<(i64, Attempt)>,
}

impl Store {
    /// The report of a draft; none before anything was kept of it.
    ///
    /// # Errors
    /// [`Error`].
    pub fn report_draft(&self, draft: InspectionId) -> Result<Option<ReportDraft>, Error> {
        const GET: &str =
            "select id, discovered_at, urgent_at, content, opened from report_draft where draft = ?1";
        let mut query = self.db.prepare_cached(GET)?;
        let row = query.query_and_then([draft.0.as_bytes()], report_draft)?.next().transpose()?;
        let Some(mut report) = row else { return Ok(None) };
        report.attempts = attempts(&self.db, draft)?;
        Ok(Some(report))
    }

    /// Notes that findings to be reported were seen now, if none were before; `urgent` are those of level A. Gives
    /// those of them that were not urgent before: the two hours count from the first of these.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn note_findings(
        &mut self,
        draft: InspectionId,
        fresh: ReportId,
        now: DateTime<FixedOffset>,
        urgent: &[String],
    ) -> Result<Vec<String>, Error> {
        const NOTE: &str = "update report_draft set discovered_at = coalesce(discovered_at, ?2),
                urgent_at = coalesce(urgent_at, ?3), opened = ?4 where draft = ?1";
        let change = self.change()?;
        require_row(&change, draft, fresh)?;
        let mut query = change.prepare_cached("select opened from report_draft where draft = ?1")?;
        let mut opened: Vec<String> = query
            .query_and_then([draft.0.as_bytes()], |row| json(row, "opened"))?
            .next()
            .transpose()?
            .unwrap_or_default();
        drop(query);
        let new: Vec<String> = urgent.iter().filter(|item| !opened.contains(item)).cloned().collect();
        opened.extend(new.iter().cloned());
        let now = now.to_rfc3339();
        let since = (!new.is_empty()).then_some(&now);
        change.prepare_cached(NOTE)?.execute(params![draft.0.as_bytes(), now, since, to_json(&opened)?])?;
        change.commit()?;
        Ok(new)
    }

    /// Keeps the content as typed; `None`: it follows the findings again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_report_content(
        &mut self,
        draft: InspectionId,
        fresh: ReportId,
        content: Option<&str>,
    ) -> Result<(), Error> {
        let change = self.change()?;
        require_row(&change, draft, fresh)?;
        change
            .prepare_cached("update report_draft set content = ?2 where draft = ?1")?
            .execute(params![draft.0.as_bytes(), content])?;
        Ok(change.commit()?)
    }

    /// Adds a try to reach somebody; gives its number.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn add_attempt(
        &mut self,
        draft: InspectionId,
        fresh: ReportId,
        attempt: &Attempt,
    ) -> Result<i64, Error> {
        let change = self.change()?;
        require_row(&change, draft, fresh)?;
        insert_attempt(&change, draft, attempt)?;
        let number = change.last_insert_rowid();
        change.commit()?;
        Ok(number)
    }

    /// Says what came of a try.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of this number.
    pub fn put_outcome(&mut self, draft: InspectionId, number: i64, outcome: Outcome) -> Result<(), Error> {
        let change = self.change()?;
        let mut query =
            change.prepare_cached("select body from contact_attempt where draft = ?1 and seq = ?2")?;
        let key = params![draft.0.as_bytes(), number];
        let attempt: Option<Attempt> =
            query.query_and_then(key, |row| json(row, "body"))?.next().transpose()?;
        drop(query);
        let attempt = Attempt { outcome, ..attempt.ok_or(Error::NotFound)? };
        let put = change
            .prepare_cached("update contact_attempt set body = ?2 where seq = ?1")?
            .execute(params![number, to_json(&attempt)?])?;
        found(put)?;
        Ok(change.commit()?)
    }

    /// Writes the guidance from the ready sentences, and remembers that it was; see [`Store::ready_guidance`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when the draft is gone.
    pub fn put_ready_guidance(&mut self, draft: InspectionId, text: &str) -> Result<(), Error> {
        const PUT: &str =
            "update draft set guidance = ?2, ready_guidance = ?2 where id = ?1 and discarded = 0";
        found(self.db.prepare_cached(PUT)?.execute(params![draft.0.as_bytes(), text])?)
    }

    /// The guidance as it was last written from the ready sentences; a guidance that differs was typed.
    ///
    /// # Errors
    /// [`Error`].
    pub fn ready_guidance(&self, draft: InspectionId) -> Result<String, Error> {
        let mut query = self.db.prepare_cached("select ready_guidance from draft where id = ?1")?;
        let found = query
            .query_and_then([draft.0.as_bytes()], |row| get(row, "ready_guidance"))?
            .next()
            .transpose()?;
        Ok(found.unwrap_or_default())
    }
}

/// The report that a correction begins with; its tries get new numbers.
pub(super) fn begin(db: &Connection, draft: InspectionId, report: &ReportDraft) -> Result<(), Error> {
    const ADD: &str = "insert into report_draft (draft, id, discovered_at, urgent_at, content, opened)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
    let moment = |at: Option<DateTime<FixedOffset>>| at.map(|at| at.to_rfc3339());
    db.prepare_cached(ADD)?.execute(params![
        draft.0.as_bytes(),
        report.id.0.as_bytes(),
        moment(report.discovered_at),
        moment(report.urgent_at),
        report.content,
        to_json(&report.opened)?,
    ])?;
    report.attempts.iter().try_for_each(|(_, attempt)| insert_attempt(db, draft, attempt))
}

fn insert_attempt(db: &Connection, draft: InspectionId, attempt: &Attempt) -> Result<(), Error> {
    db.prepare_cached("insert into contact_attempt (draft, body) values (?1, ?2)")?
        .execute(params![draft.0.as_bytes(), to_json(attempt)?])?;
    Ok(())
}

/// The draft must be open; its report's row is made when it is not there yet.
fn require_row(db: &Connection, draft: InspectionId, fresh: ReportId) -> Result<(), Error> {
    require_open(db, draft)?;
    db.prepare_cached("insert into report_draft (draft, id) values (?1, ?2) on conflict do nothing")?
        .execute(params![draft.0.as_bytes(), fresh.0.as_bytes()])?;
    Ok(())
}

fn attempts(db: &Connection, draft: InspectionId) -> Result<Vec<(i64, Attempt)>, Error> {
    let mut query =
        db.prepare_cached("select seq, body from contact_attempt where draft = ?1 order by seq")?;
    query.query_and_then([draft.0.as_bytes()], |row| Ok((get(row, "seq")?, json(row, "body")?)))?.collect()
}

fn report_draft(row: &Row<'_>) -> Result<ReportDraft, Error> {
    Ok(ReportDraft {
        id: ReportId(uuid(row, "id")?),
        discovered_at: moment_option(row, "discovered_at")?,
        urgent_at: moment_option(row, "urgent_at")?,
        content: get(row, "content")?,
        opened: json(row, "opened")?,
        attempts: Vec::new(),
    })
}
