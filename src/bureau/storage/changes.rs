//! What phones hear of: an ordered list of things that changed; their state is read where it lives.

use chrono::FixedOffset;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::decisions::{of_coordinator, of_device, review_for};
use super::enrolment::colleagues_of;
use super::{Storage, Stored, certificates};
use crate::domain::id::{CoordinatorId, DeviceId, Digest, SiteId};
use crate::wire::changes::Change;
use crate::wire::enrolment::Settings;

/// Changes on a page.
const PAGE: usize = 500;
/// Bytes of their bodies, beyond which a page ends early: a phone refuses an answer that is much longer, and would then
/// never pull again; and pages of all phones are held at once.
const PAGE_BYTES: usize = 512 * 1024;

/// Whose phone asks.
#[derive(Clone, Copy)]
struct Asker {
    device: DeviceId,
    coordinator: CoordinatorId,
    zone: FixedOffset,
}

/// A page as the database knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Oldest first.
    pub changes: Vec<Change>,
    /// Sequence of the last change that was looked at for this page.
    pub last: u64,
    /// Whether there are more.
    pub more: bool,
}

struct Noted {
    seq: i64,
    kind: String,
    id: String,
}

impl Storage {
    /// The changes after a sequence that this phone, with this coordinator on it, has to hear of. Asking for what came
    /// after the newest settings confirms that it has those.
    pub async fn changes_since(
        &self,
        device: DeviceId,
        coordinator: CoordinatorId,
        since: u64,
    ) -> Stored<Page> {
        let asker = Asker { device, coordinator, zone: self.zone() };
        let asked =
            move |db: &Connection| Ok((page(db, asker, since)?, certificates::confirms(db, device, since)?));
        let (page, confirms) = self.read(asked).await?;
        if confirms {
            self.note_heard(device, since).await?;
        }
        Ok(page)
    }
}

fn page(db: &Connection, asker: Asker, since: u64) -> Stored<Page> {
    const SELECT: &str = "select seq, kind, id from change where seq > ?1
        and (township in ('', ?4, ?5) or township in
          (select township from coordinator_township where coordinator = ?2)) order by seq limit ?3";
    let after = i64::try_from(since).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(SELECT)?;
    let own = (of_device(asker.device), of_coordinator(asker.coordinator));
    let key = params![after, asker.coordinator.0.as_bytes(), PAGE as i64 + 1, own.0, own.1];
    let rows =
        query.query_map(key, |row| Ok(Noted { seq: row.get(0)?, kind: row.get(1)?, id: row.get(2)? }))?;
    let mut noted: Vec<Noted> = rows.collect::<Result<_, _>>()?;
    let more = noted.len() > PAGE;
    noted.truncate(PAGE);
    // One for the phone and one for its coordinator say the same.
    noted.dedup_by(|next, last| {
        let same = next.kind == last.kind && next.id == last.id;
        if same {
            last.seq = next.seq;
        }
        same
    });
    let mut page = Page { changes: Vec::new(), last: after.unsigned_abs(), more };
    let mut bytes = 0;
    for noted in &noted {
        let change = change(db, asker, noted)?;
        bytes += change.body.as_ref().map_or(Ok(0), length)?;
        // One at least, however long: else nothing after it would ever come.
        if bytes > PAGE_BYTES && !page.changes.is_empty() {
            return Ok(Page { more: true, ..page });
        }
        page.last = noted.seq.unsigned_abs();
        page.changes.push(change);
    }
    if !more {
        // Everything up to here was looked at, whosever it is: who hears little must not look at it all again.
        page.last = page.last.max(last(db)?.unsigned_abs());
    }
    Ok(page)
}

fn last(db: &Connection) -> Stored<i64> {
    let mut query = db.prepare_cached("select coalesce(max(seq), 0) from change")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

fn length(body: &serde_json::Value) -> Stored<usize> {
    Ok(serde_json::to_vec(body)?.len())
}

/// The state of a noted thing as this phone may see it; without a body when it may not, or is gone.
fn change(db: &Connection, asker: Asker, noted: &Noted) -> Stored<Change> {
    let coordinator = asker.coordinator;
    let body = match noted.kind.as_str() {
        "site" => site(db, coordinator, &noted.id)?,
        "checklist" => checklist(db, &noted.id)?,
        "settings" => Some(serde_json::to_value(settings(db, coordinator)?)?),
        "review" => review_for(db, (asker.device, coordinator), &noted.id, asker.zone)?
            .map(serde_json::to_value)
            .transpose()?,
        _ => None,
    };
    Ok(Change { kind: noted.kind.clone(), id: noted.id.clone(), body })
}

fn site(db: &Connection, coordinator: CoordinatorId, id: &str) -> Stored<Option<serde_json::Value>> {
    const SELECT: &str = "select body, last_visit from site where id = ? and body is not null and township in
        (select township from coordinator_township where coordinator = ?)";
    let Ok(id) = id.parse::<SiteId>() else { return Ok(None) };
    let mut query = db.prepare_cached(SELECT)?;
    let values = params![id.0.as_bytes(), coordinator.0.as_bytes()];
    let found: Option<(String, Option<String>)> =
        query.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((body, visit)) = found else { return Ok(None) };
    let mut body: serde_json::Value = serde_json::from_str(&body)?;
    if let (Some(visit), Some(fields)) = (visit, body.as_object_mut()) {
        fields.insert("last_visit".to_owned(), serde_json::from_str(&visit)?);
    }
    Ok(Some(body))
}

fn checklist(db: &Connection, hash: &str) -> Stored<Option<serde_json::Value>> {
    let Ok(hash) = hash.parse::<Digest>() else { return Ok(None) };
    let mut query = db.prepare_cached("select body from checklist where hash = ? and offered = 1")?;
    let text: Option<String> = query.query_row([hash.0], |row| row.get(0)).optional()?;
    Ok(text.map(serde_json::Value::String))
}

/// The bureau's settings as this coordinator's phone gets them: with the names of those it may go with.
fn settings(db: &Connection, coordinator: CoordinatorId) -> Stored<Settings> {
    let mut query = db.prepare_cached("select settings from bureau")?;
    let text: String = query.query_row([], |row| row.get(0))?;
    let settings: Settings = serde_json::from_str(&text)?;
    Ok(Settings { colleagues: colleagues_of(db, coordinator)?, ..settings })
}

/// Notes that a thing changed, for the phones of a township, for one phone or coordinator (`decisions::of_device`), or
/// (empty) for all.
pub(super) fn note(db: &Connection, kind: &str, id: &str, township: &str) -> Stored<()> {
    db.prepare_cached("insert or replace into change (kind, id, township) values (?, ?, ?)")?
        .execute(params![kind, id, township])?;
    Ok(())
}

/// Notes that a site changed; where it moved, its old township hears of it too. One that lies nowhere concerns no
/// phone: nowhere must not be taken for everywhere.
pub(super) fn note_site(db: &Connection, id: SiteId, townships: &[&str]) -> Stored<()> {
    let id = id.to_string();
    let mut somewhere = townships.iter().filter(|township| !township.is_empty());
    somewhere.try_for_each(|township| note(db, "site", &id, township))
}
