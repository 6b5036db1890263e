//! What the bureau is filled with: townships, coordinators, sites, checklists, demo accounts.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use uuid::Uuid;

use super::accounts::{Account, insert_account};
use super::changes::{note, note_site};
use super::row::{json, odd};
use super::{Storage, StorageError, Stored};
use crate::domain::checklist::{Checklist, Library};
use crate::domain::id::{Digest, SiteId};
use crate::domain::inspection::Coordinator;
use crate::domain::site::{Site, Township};

/// What a new demo county holds.
#[derive(Clone, Debug, Default)]
pub struct County {
    /// Its townships.
    pub townships: Vec<Township>,
    /// Its coordinators, each with the codes of its townships.
    pub coordinators: Vec<(Coordinator, Vec<String>)>,
    /// Its sites.
    pub sites: Vec<Site>,
    /// Accounts with argon2 string and the password in the clear.
    pub logins: Vec<(Account, String, String)>,
}

impl Storage {
    /// Fills an empty bureau, in one transaction.
    pub async fn fill(&self, county: County, now_ms: i64) -> Stored<()> {
        self.write(move |db| fill(db, &county, now_ms)).await
    }

    /// The demo's accounts and their passwords.
    pub async fn demo_logins(&self) -> Stored<Vec<(String, String)>> {
        self.read(|db| {
            let mut query = db.prepare_cached("select account, password from demo_login order by account")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Puts a site as it now is; phones of its township hear of it, and of the one it left.
    pub async fn put_site(&self, site: Site) -> Stored<()> {
        self.write(move |db| put_site(db, &site)).await
    }

    /// Removes a site; its phones get a tombstone. `false` when there is none.
    pub async fn remove_site(&self, id: SiteId) -> Stored<bool> {
        self.write(move |db| {
            let Some(township) = township_of(db, id)? else { return Ok(false) };
            db.prepare_cached("update site set body = null where id = ?")?.execute([id.0.as_bytes()])?;
            note_site(db, id, &[&township])?;
            Ok(true)
        })
        .await
    }

    /// The sites of the county that are not gone.
    pub async fn sites(&self) -> Stored<Vec<Site>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("select body, last_visit from site where body is not null order by id")?;
            let rows = query.query_map([], site_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The sites that coordinators made and nobody at the bureau has looked through, by id.
    pub async fn sites_made_in_field(&self) -> Stored<Vec<SiteId>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "select id from site where made_in_field = 1 and body is not null order by id",
            )?;
            let rows = query.query_map([], |row| super::row::uuid(row, "id").map(SiteId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Offers a checklist to phones, its published text verbatim; `false` when it was offered already.
    pub async fn put_checklist(&self, text: String) -> Stored<bool> {
        self.write(move |db| offer_checklist(db, &text)).await
    }

    /// Every checklist ever published here, by content hash.
    pub async fn library(&self) -> Stored<Library> {
        self.read(library).await
    }

    /// The coordinators with the townships of each.
    pub async fn coordinators(&self) -> Stored<Vec<(Coordinator, Vec<Township>)>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("select id, name, organisation from coordinator order by id")?;
            let rows = query.query_map([], super::enrolment::coordinator_row)?;
            let all: Vec<Coordinator> = rows.collect::<Result<_, _>>()?;
            let with = |c: Coordinator| {
                let townships = super::enrolment::townships_of(db, c.id)?;
                Ok((c, townships))
            };
            all.into_iter().map(with).collect()
        })
        .await
    }

    /// Adds a coordinator who works in a township, which is made when it is not there.
    pub async fn add_coordinator(&self, coordinator: Coordinator, township: Township) -> Stored<()> {
        self.write(move |db| {
            insert_township(db, &township)?;
            insert_coordinator(db, &coordinator, &[township.code])?;
            // Phones hear of a new colleague with their settings.
            note(db, "settings", "settings", "")
        })
        .await
    }
}

fn fill(db: &Connection, county: &County, now_ms: i64) -> Stored<()> {
    let used: bool = db.query_row("select exists (select 1 from township)", [], |row| row.get(0))?;
    if used {
        return Err(StorageError::Exists);
    }
    for township in &county.townships {
        insert_township(db, township)?;
    }
    for (coordinator, townships) in &county.coordinators {
        insert_coordinator(db, coordinator, townships)?;
    }
    for site in &county.sites {
        put_site(db, site)?;
    }
    for (account, hash, password) in &county.logins {
        insert_account(db, account, hash, now_ms)?;
        db.execute("insert into demo_login (account, password) values (?, ?)", [&account.name, password])?;
    }
    Ok(())
}

fn insert_township(db: &Connection, township: &Township) -> Stored<()> {
    db.prepare_cached("insert into township (code, name) values (?, ?) on conflict do nothing")?
        .execute([&township.code, &township.name])?;
    Ok(())
}

fn insert_coordinator(db: &Connection, coordinator: &Coordinator, townships: &[String]) -> Stored<()> {
    let id: &Uuid = &coordinator.id.0;
    db.prepare_cached("insert into coordinator (id, name, organisation) values (?, ?, ?)")?
        .execute(params![id.as_bytes(), coordinator.name, coordinator.organisation])?;
    for township in townships {
        db.prepare_cached("insert into coordinator_township (coordinator, township) values (?, ?)")?
            .execute(params![id.as_bytes(), township])?;
    }
    Ok(())
}

fn township_of(db: &Connection, site: SiteId) -> Stored<Option<String>> {
    let mut query = db.prepare_cached("select township from site where id = ?")?;
    Ok(query.query_row([site.0.as_bytes()], |row| row.get(0)).optional()?)
}

fn site_row(row: &Row<'_>) -> rusqlite::Result<Site> {
    let site: Site = json(row, "body")?;
    let last_visit: Option<String> = row.get("last_visit")?;
    let last_visit = last_visit.map(|text| serde_json::from_str(&text)).transpose().map_err(odd)?;
    Ok(Site { last_visit, ..site })
}

/// Stores a site's file and notes the change. A file that says nothing of a visit leaves the last one known.
pub(super) fn put_site(db: &Connection, site: &Site) -> Stored<()> {
    const PUT: &str = "insert into site (id, township, body, last_visit, last_visit_ms)
        values (:id, :township, :body, :visit, :visit_ms)
        on conflict (id) do update set township = excluded.township, body = excluded.body,
          last_visit = coalesce(excluded.last_visit, last_visit),
          last_visit_ms = coalesce(excluded.last_visit_ms, last_visit_ms)";
    insert_township(db, &site.township)?;
    let before = township_of(db, site.id)?;
    let visit = site.last_visit.as_ref();
    db.prepare_cached(PUT)?.execute(named_params! {
        ":id": site.id.0.as_bytes(),
        ":township": site.township.code,
        ":body": serde_json::to_string(&Site { last_visit: None, ..site.clone() })?,
        ":visit": visit.map(serde_json::to_string).transpose()?,
        ":visit_ms": visit.map(|visit| visit.at.timestamp_millis()),
    })?;
    let now = site.township.code.as_str();
    match before.as_deref() {
        Some(before) if before != now => note_site(db, site.id, &[before, now]),
        _ => note_site(db, site.id, &[now]),
    }
}

/// Shows a visit at its site, unless the site was visited later (another revision of the visit shown is the same visit)
/// or is gone; `false` when the bureau has no file.
pub(super) fn put_last_visit(db: &Connection, site: SiteId, visit: &str, at_ms: i64) -> Stored<bool> {
    const PUT: &str = "update site set last_visit = ?1, last_visit_ms = ?2
        where id = ?3 and body is not null and (coalesce(last_visit_ms, ?2) <= ?2
          or json_extract(last_visit, '$.inspection') = json_extract(?1, '$.inspection')) returning township";
    let township: Option<String> = db
        .prepare_cached(PUT)?
        .query_row(params![visit, at_ms, site.0.as_bytes()], |row| row.get(0))
        .optional()?;
    match township {
        Some(township) => note_site(db, site, &[&township]).map(|()| true),
        None => Ok(township_of(db, site)?.is_some()),
    }
}

/// Stores a checklist and notes the change, unless it is offered already.
pub(super) fn offer_checklist(db: &Connection, text: &str) -> Stored<bool> {
    const PUT: &str = "insert into checklist (hash, code, version, body, offered) values (?, ?, ?, ?, 1)
        on conflict (hash) do update set offered = 1 where offered = 0";
    let checklist: Checklist = serde_json::from_str(text)?;
    let hash = Digest::of(text.as_bytes());
    let changed =
        db.prepare_cached(PUT)?.execute(params![hash.0, checklist.code, checklist.version, text])?;
    if changed == 1 {
        note(db, "checklist", &hash.to_string(), "")?;
    }
    Ok(changed == 1)
}

pub(super) fn library(db: &Connection) -> Stored<Library> {
    let mut query = db.prepare_cached("select body from checklist")?;
    let texts = query.query_map([], |row| row.get::<_, String>(0))?;
    let mut library = Library::new();
    for text in texts {
        let text = text?;
        library.insert(Digest::of(text.as_bytes()), serde_json::from_str(&text)?);
    }
    Ok(library)
}
