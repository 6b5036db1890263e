//! The phones of a bureau: who has them, when they were heard, and their withdrawal.

use rusqlite::{Row, params};

use super::accounts::insert_audit;
use super::row::uuid;
use super::{Storage, Stored, certificates};
use crate::domain::id::DeviceId;

/// A phone that was enrolled once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// The phone.
    pub device: DeviceId,
    /// Names of those enrolled on it, the one who enrolled last first.
    pub coordinators: Vec<String>,
    /// Version of its app at its last enrolment.
    pub app_version: String,
    /// When it was last enrolled, Unix milliseconds.
    pub enrolled_ms: i64,
    /// When a document last came from it, Unix milliseconds.
    pub seen_ms: Option<i64>,
    /// When it was withdrawn, Unix milliseconds.
    pub revoked_ms: Option<i64>,
    /// Whether it confirmed the newest settings, and with them the newest word about certificates.
    pub knows_settings: bool,
}

impl Storage {
    /// Every phone, withdrawn ones too, by the name of its coordinator.
    pub async fn phones(&self) -> Stored<Vec<Phone>> {
        const SELECT: &str = "select d.id, d.app_version, d.enrolled_ms, d.seen_ms, d.revoked_ms, d.heard,
              (select json_group_array(name order by issued_ms desc, name) from device_token t
                join coordinator c on c.id = t.coordinator where t.device = d.id) as names
            from device d join coordinator c on c.id = d.coordinator order by c.name, d.id";
        self.read(|db| {
            let newest = certificates::newest(db)?;
            let mut query = db.prepare(SELECT)?;
            let rows = query.query_map([], |row| phone(row, newest))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Withdraws a phone; `false` when there is none.
    pub async fn revoke_device(&self, device: DeviceId, now_ms: i64) -> Stored<bool> {
        self.write(move |db| {
            let changed = db
                .prepare_cached("update device set revoked_ms = ? where id = ?")?
                .execute(params![now_ms, device.0.as_bytes()])?;
            if changed == 1 {
                insert_audit(db, "bureau phones", "withdraw", &device.to_string(), now_ms)?;
            }
            Ok(changed == 1)
        })
        .await
    }
}

fn phone(row: &Row<'_>, newest: i64) -> rusqlite::Result<Phone> {
    Ok(Phone {
        device: DeviceId(uuid(row, "id")?),
        coordinators: super::row::json(row, "names")?,
        app_version: row.get("app_version")?,
        enrolled_ms: row.get("enrolled_ms")?,
        seen_ms: row.get("seen_ms")?,
        revoked_ms: row.get("revoked_ms")?,
        knows_settings: row.get::<_, i64>("heard")? >= newest,
    })
}
