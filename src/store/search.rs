//! The rows that sites are looked for by, and the way from a search to its sites.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use super::column::{get, json, uuid};
use super::finder::{Finder, Update};
use super::fold::folded;
use super::index::{Index, Indexed, Query};
use super::{Error, Store};
use crate::domain::id::SiteId;
use crate::domain::place::Place;
use crate::domain::site::Site;

/// Rows read or made under one hold of the store's lock: some milliseconds.
const PAGE: u32 = 1_000;

/// A step of building the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Some sites; go on after the last of them.
    Sites(Vec<Indexed>),
    /// Rows of an older schema were made searchable; ask again.
    Again,
}

impl Store {
    /// The index's handle: searching needs no lock of the store.
    pub fn finder(&self) -> Finder {
        self.finder.clone()
    }

    /// The next sites for the index, in the order of their ids; the end when there are none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn search_page(&self, after: Option<SiteId>) -> Result<Page, Error> {
        const LIST: &str = "select site, folded, lat_e7, lon_e7, kinds, visited_ms from site_search
            where site > ?1 order by site limit ?2";
        if after.is_none() && self.make_searchable()? {
            return Ok(Page::Again);
        }
        let after = after.map_or(Vec::new(), |id| id.0.as_bytes().to_vec());
        let mut query = self.db.prepare_cached(LIST)?;
        let rows = query.query_and_then((after, PAGE), indexed)?;
        Ok(Page::Sites(rows.collect::<Result<_, _>>()?))
    }

    /// The sites of these ids, in this order; those that are gone meanwhile are left out.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sites_of(&self, ids: &[SiteId]) -> Result<Vec<Site>, Error> {
        let mut query = self.db.prepare_cached("select body from site where id = ?1 and gone = 0")?;
        let mut sites = Vec::with_capacity(ids.len());
        for id in ids {
            let site = query.query_and_then([id.0.as_bytes()], |row| json(row, "body"))?.next();
            sites.extend(site.transpose()?);
        }
        Ok(sites)
    }

    /// Sites whose texts hold every word; all for an empty text. Builds the index if need be, holding the store: for
    /// where nobody waits. See [`Index::search`] for the order.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sites(&self, text: &str, limit: u32) -> Result<Vec<Site>, Error> {
        let query = Query { text: text.to_owned(), limit: limit as usize, ..Query::default() };
        let index = match self.finder.ready() {
            Some(index) => index,
            None => {
                let ticket = self.finder.begin();
                let index = build(|after| self.search_page(after))?;
                self.finder.finish(ticket, index.clone());
                index.into()
            }
        };
        self.sites_of(&index.search(&query).ids)
    }

    /// Makes some sites of an older schema searchable; whether there were any.
    fn make_searchable(&self) -> Result<bool, Error> {
        const MISSING: &str = "select body from site where gone = 0
            and not exists (select 1 from site_search where site_search.site = site.id) limit ?1";
        let sites: Vec<Site> = {
            let mut query = self.db.prepare_cached(MISSING)?;
            query.query_and_then([PAGE], |row| json(row, "body"))?.collect::<Result<_, Error>>()?
        };
        let change = self.db.unchecked_transaction()?;
        for site in &sites {
            put(&change, &indexed_of(site))?;
        }
        change.commit()?;
        Ok(!sites.is_empty())
    }
}

/// Builds the index from pages.
///
/// # Errors
/// The first of a page.
pub fn build<E>(mut page: impl FnMut(Option<SiteId>) -> Result<Page, E>) -> Result<Index, E> {
    let mut index = Index::default();
    let mut after = None;
    loop {
        match page(after)? {
            Page::Again => {}
            Page::Sites(sites) => {
                let Some(last) = sites.last() else { return Ok(index) };
                after = Some(last.id);
                sites.iter().for_each(|site| index.put(site));
            }
        }
    }
}

/// A site as the index takes it in.
pub(super) fn indexed_of(site: &Site) -> Indexed {
    Indexed {
        id: site.id,
        folded: folded(site),
        place: site.place.filter(|place| place.is_on_earth()),
        kinds: site.kinds.join("\n"),
        visited_ms: site.last_visit.as_ref().map(|visit| visit.at.timestamp_millis()),
    }
}

/// Writes a site's row.
pub(super) fn put(db: &Connection, site: &Indexed) -> Result<(), Error> {
    const PUT: &str = "insert into site_search (site, folded, lat_e7, lon_e7, kinds, visited_ms)
        values (:site, :folded, :lat, :lon, :kinds, :visited)
        on conflict (site) do update set folded = excluded.folded, lat_e7 = excluded.lat_e7,
            lon_e7 = excluded.lon_e7, kinds = excluded.kinds, visited_ms = excluded.visited_ms";
    db.prepare_cached(PUT)?.execute(named_params! {
        ":site": site.id.0.as_bytes(),
        ":folded": site.folded,
        ":lat": site.place.map(|place| place.lat_e7),
        ":lon": site.place.map(|place| place.lon_e7),
        ":kinds": site.kinds,
        ":visited": site.visited_ms,
    })?;
    Ok(())
}

/// Removes a site's row; gives what the index must be told.
pub(super) fn remove(db: &Connection, id: SiteId) -> Result<Update, Error> {
    db.prepare_cached("delete from site_search where site = ?1")?.execute([id.0.as_bytes()])?;
    Ok(Update::Gone(id))
}

/// Every site's id, those gone left out.
pub(super) fn all_ids(db: &Connection) -> Result<Vec<SiteId>, Error> {
    let mut query = db.prepare_cached("select id from site where gone = 0 order by id")?;
    query.query_and_then([], |row| Ok(SiteId(uuid(row, "id")?)))?.collect()
}

/// One site's body.
pub(super) fn body(db: &Connection, id: SiteId) -> Result<Option<Site>, Error> {
    let mut query = db.prepare_cached("select body from site where id = ?1")?;
    let body: Option<String> = query.query_row([id.0.as_bytes()], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

fn indexed(row: &Row<'_>) -> Result<Indexed, Error> {
    let lat: Option<i32> = get(row, "lat_e7")?;
    let place = lat.zip(get(row, "lon_e7")?).map(|(lat_e7, lon_e7)| Place { lat_e7, lon_e7 });
    Ok(Indexed {
        id: SiteId(uuid(row, "site")?),
        folded: get(row, "folded")?,
        place,
        kinds: get(row, "kinds")?,
        visited_ms: get(row, "visited_ms")?,
    })
}
