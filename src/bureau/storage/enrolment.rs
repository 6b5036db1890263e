//! Enrolment codes and phones.

use rusqlite::{Connection, Row};

use super::Stored;
use super::row::uuid;
use crate::domain::id::CoordinatorId;
use crate::domain::inspection::Coordinator;
use crate::domain::site::Township;

pub(super) fn coordinator_row(row: &Row<'_>) -> rusqlite::Result<Coordinator> {
    Ok(Coordinator {
        id: CoordinatorId(uuid(row, "id")?),
        name: row.get("name")?,
        organisation: row.get("organisation")?,
    })
}

pub(super) fn townships_of(db: &Connection, coordinator: CoordinatorId) -> Stored<Vec<Township>> {
    const SELECT: &str =
        "select t.code, t.name from coordinator_township c join township t on t.code = c.township
        where c.coordinator = ? order by t.code";
    let mut query = db.prepare_cached(SELECT)?;
    let rows = query
        .query_map([coordinator.0.as_bytes()], |row| Ok(Township { code: row.get(0)?, name: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
