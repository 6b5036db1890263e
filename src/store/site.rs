//! Sites and checklists as the bureau last told them.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::column::{get, json, to_json};
use super::{Error, Store, write_setting};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::{Checklist, Library};
use crate::domain::id::{Digest, SiteId};
use crate::domain::site::Site;

/// One change from the bureau, to be applied with the others of its page in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A site, new or changed.
    Site(Box<Site>),
    /// A site is no longer mine; kept while a draft or unsent record names it.
    SiteGone(SiteId),
    /// A checklist, verbatim; one that this app cannot read is kept for a newer app, and neither offered nor listed.
    Checklist(String),
    /// Not offered for new visits any more; never removed while a draft uses it.
    ChecklistGone(Digest),
    /// A setting (see [`Store::put_setting`]).
    Setting(&'static str, String),
}

/// A search looks for at most this many words; more only narrow what a few have already found.
const WORDS: usize = 4;

impl Store {
    /// Applies a page of changes and remembers the cursor (setting `cursor`), together.
    ///
    /// # Errors
    /// [`Error`]; then neither changes nor cursor were stored.
    pub fn apply_changes(&mut self, changes: &[Change], cursor: &str) -> Result<(), Error> {
        let change = self.change()?;
        for one in changes {
            apply(&change, one)?;
        }
        sweep(&change)?;
        write_setting(&change, "cursor", cursor)?;
        Ok(change.commit()?)
    }

    /// Sites whose name, nickname, address, contact or licence holds every word of the text; all for an empty one.
    /// Sites that are gone are left out. Those found earliest in their texts, the name first, come first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sites(&self, text: &str, limit: u32) -> Result<Vec<Site>, Error> {
        // `instr` finds % and _ as they are, where `like` would need escapes; an empty word is in every text.
        const FIND: &str = "select body from site where gone = 0 and instr(search, ?1) > 0
                and instr(search, ?2) > 0 and instr(search, ?3) > 0 and instr(search, ?4) > 0
            order by instr(search, ?1), title, id limit ?5";
        let folded = fold(text);
        let mut words = folded.split_whitespace().chain(std::iter::repeat(""));
        let [a, b, c, d]: [&str; WORDS] = std::array::from_fn(|_| words.next().unwrap_or_default());
        let mut query = self.db.prepare_cached(FIND)?;
        query.query_and_then(params![a, b, c, d, limit], |row| json(row, "body"))?.collect()
    }

    /// One site, even when it is gone but still named by a draft or unsent record.
    ///
    /// # Errors
    /// [`Error`].
    pub fn site(&self, id: SiteId) -> Result<Option<Site>, Error> {
        let mut query = self.db.prepare_cached("select body from site where id = ?1")?;
        let body: Option<String> = query.query_row([id.0.as_bytes()], |row| row.get(0)).optional()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }

    /// Adds the checklists that ship with the app; those already there stay as they are.
    ///
    /// # Errors
    /// [`Error::Stored`] when one is no checklist.
    pub fn put_checklists(&mut self, texts: &[&str]) -> Result<(), Error> {
        const ADD: &str = "insert into checklist (hash, body) values (?1, ?2) on conflict (hash) do nothing";
        let change = self.change()?;
        for text in texts {
            let (name, _) = Checklist::parse(text.as_bytes())?;
            change.prepare_cached(ADD)?.execute(params![name.hash.0, text])?;
        }
        Ok(change.commit()?)
    }

    /// Every checklist held, by hash, those no longer offered included.
    ///
    /// # Errors
    /// [`Error`].
    pub fn library(&self) -> Result<Library, Error> {
        let held = checklists(&self.db, "select body from checklist order by seq")?;
        Ok(held.into_iter().map(|(name, checklist)| (name.hash, checklist)).collect())
    }

    /// The newest offered version of each checklist, by code.
    ///
    /// # Errors
    /// [`Error`].
    pub fn offered_checklists(&self) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        let mut offered =
            checklists(&self.db, "select body from checklist where offered = 1 order by seq desc")?;
        // Stable: of equal versions the one that arrived last stays first.
        offered.sort_by(|(a, _), (b, _)| {
            a.code.cmp(&b.code).then_with(|| numbers(&b.version).cmp(&numbers(&a.version)))
        });
        offered.dedup_by(|(later, _), (kept, _)| later.code == kept.code);
        Ok(offered)
    }
}

fn apply(db: &Connection, change: &Change) -> Result<(), Error> {
    const PUT_SITE: &str = "insert into site (id, title, search, body) values (?1, ?2, ?3, ?4)
        on conflict (id) do update set gone = 0, title = excluded.title, search = excluded.search,
            body = excluded.body";
    const OFFER: &str = "insert into checklist (hash, body) values (?1, ?2)
        on conflict (hash) do update set offered = 1";
    match change {
        Change::Site(site) => {
            let row = params![site.id.0.as_bytes(), site.title(), searchable(site), to_json(site)?];
            db.prepare_cached(PUT_SITE)?.execute(row)?;
        }
        Change::SiteGone(id) => {
            db.prepare_cached("update site set gone = 1 where id = ?1")?.execute([id.0.as_bytes()])?;
        }
        Change::Checklist(text) => {
            db.prepare_cached(OFFER)?.execute(params![Digest::of(text.as_bytes()).0, text])?;
        }
        Change::ChecklistGone(hash) => {
            db.prepare_cached("update checklist set offered = 0 where hash = ?1")?.execute([hash.0])?;
        }
        Change::Setting(name, value) => write_setting(db, name, value)?,
    }
    Ok(())
}

/// Removes sites that are gone and that nothing here names any more.
fn sweep(db: &Connection) -> Result<(), Error> {
    const SWEEP: &str = "delete from site where gone = 1
        and not exists (select 1 from draft where draft.site_id = site.id)
        and not exists (select 1 from record join outbox on outbox.document = record.digest
            where record.site_id = site.id)";
    db.execute(SWEEP, [])?;
    Ok(())
}

/// The checklists that this app can read, under the names their bytes give them.
fn checklists(db: &Connection, sql: &str) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([])?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        held.extend(Checklist::parse(get::<String>(row, "body")?.as_bytes()).ok());
    }
    Ok(held)
}

/// The numbers in a version, so that 2026.10 comes after 2026.9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// Everything a site is looked for by, folded, the most telling first; a line each, so that no word spans two.
fn searchable(site: &Site) -> String {
    let mut lines = vec![&site.name, &site.nickname, &site.address, &site.credit_code];
    lines.extend(site.licences.iter().flat_map(|licence| [&licence.title, &licence.number]));
    lines.extend(site.contacts.iter().flat_map(|contact| [&contact.name, &contact.phone]));
    let lines: Vec<String> = lines.into_iter().map(|line| fold(line)).collect();
    lines.join("\n")
}

/// Case and width folded: what a phone's keyboard types and what a register prints meet here.
fn fold(text: &str) -> String {
    let narrow = text.chars().map(|c| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    });
    narrow.flat_map(char::to_lowercase).collect()
}
