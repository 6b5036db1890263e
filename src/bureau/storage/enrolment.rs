//! Enrolment codes and phones. Codes and tokens are kept as hashes only.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::accounts::insert_audit;
use super::row::{bytes32, uuid};
use super::{Storage, Stored};
use crate::domain::id::{CoordinatorId, DeviceId};
use crate::domain::inspection::Coordinator;
use crate::domain::seal::PublicKey;
use crate::domain::site::Township;
use crate::fault;

/// A code to be given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// SHA-256 of its plain form.
    pub hash: [u8; 32],
    /// Whom it is for.
    pub coordinator: CoordinatorId,
    /// When it ends, Unix milliseconds.
    pub expires_ms: i64,
}

/// A phone asking to be enrolled; its proof was checked.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// SHA-256 of the code's plain form.
    pub code_hash: [u8; 32],
    /// The phone.
    pub device: DeviceId,
    /// Its key for seals.
    pub signing_key: PublicKey,
    /// Its key to encrypt to.
    pub sealing_key: PublicKey,
    /// SHA-256 of its new token.
    pub token_hash: [u8; 32],
    /// Version of the app.
    pub app_version: String,
    /// When, Unix milliseconds.
    pub now_ms: i64,
}

/// What an enrolment code was good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The phone is enrolled for this coordinator and these townships.
    Enrolled(Coordinator, Vec<Township>),
    /// No such code.
    Wrong,
    /// The code has ended.
    Expired,
    /// Another phone used it, or this one did before it was withdrawn.
    Used,
    /// This phone is known with another signing key.
    OtherKey,
}

/// An enrolled phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The phone.
    pub id: DeviceId,
    /// Who works on it.
    pub coordinator: CoordinatorId,
    /// Its key for seals.
    pub signing_key: PublicKey,
    /// Whether the bureau has withdrawn it.
    pub revoked: bool,
}

impl Storage {
    /// Stores codes to be given out.
    pub async fn add_codes(&self, codes: Vec<NewCode>, now_ms: i64) -> Stored<()> {
        const INSERT: &str = "insert into enrolment_code (code_hash, coordinator, created_ms, expires_ms)
            values (?, ?, ?, ?)";
        self.write(move |db| {
            for code in &codes {
                let coordinator = code.coordinator.0.as_bytes();
                db.prepare_cached(INSERT)?.execute(params![
                    code.hash,
                    coordinator,
                    now_ms,
                    code.expires_ms
                ])?;
            }
            insert_audit(db, "bureau enrol", "codes", &codes.len().to_string(), now_ms)
        })
        .await
    }

    /// Enrols a phone if its code is good.
    pub async fn enrol(&self, phone: NewDevice) -> Stored<Admission> {
        let admission = self.write(move |db| enrol(db, &phone)).await?;
        fault::point("bureau.enrol.committed");
        Ok(admission)
    }

    /// Who else works in a township of this coordinator.
    pub async fn colleagues(&self, coordinator: CoordinatorId) -> Stored<Vec<Coordinator>> {
        self.read(move |db| colleagues_of(db, coordinator)).await
    }

    /// The phone of a bearer token, by the token's SHA-256.
    pub async fn device_by_token(&self, token_hash: [u8; 32]) -> Stored<Option<Device>> {
        const SELECT: &str = "select d.id, t.coordinator, d.signing_key, d.revoked_ms is not null as revoked
            from device_token t join device d on d.id = t.device where t.token_hash = ?";
        self.read(move |db| Ok(db.prepare_cached(SELECT)?.query_row([token_hash], device_row).optional()?))
            .await
    }

    /// Keeps a phone's database key, sealed to the bureau.
    pub async fn put_rescue_key(&self, device: DeviceId, sealed: String) -> Stored<()> {
        self.write(move |db| {
            db.prepare_cached("update device set sealed_database_key = ? where id = ?")?
                .execute(params![sealed, device.0.as_bytes()])?;
            Ok(())
        })
        .await
    }
}

fn enrol(db: &Connection, phone: &NewDevice) -> Stored<Admission> {
    const CODE: &str = "select coordinator, expires_ms, used_by from enrolment_code where code_hash = ?";
    let code = db.prepare_cached(CODE)?.query_row([phone.code_hash], |row| {
        Ok((
            uuid(row, "coordinator")?,
            row.get::<_, i64>("expires_ms")?,
            row.get::<_, Option<Vec<u8>>>("used_by")?,
        ))
    });
    let Some((coordinator, expires_ms, used_by)) = code.optional()? else { return Ok(Admission::Wrong) };
    // A phone may repeat its code, should the answer have been lost, but not once it was withdrawn: whoever has a lost
    // phone has its old code too.
    let withdrawn = used_by.is_some() && is_revoked(db, phone.device)?;
    if withdrawn || used_by.is_some_and(|device| device != phone.device.0.as_bytes()) {
        return Ok(Admission::Used);
    }
    if expires_ms <= phone.now_ms {
        return Ok(Admission::Expired);
    }
    if !put_device(db, phone, CoordinatorId(coordinator))? {
        return Ok(Admission::OtherKey);
    }
    db.prepare_cached("update enrolment_code set used_by = ?, used_ms = ? where code_hash = ?")?
        .execute(params![phone.device.0.as_bytes(), phone.now_ms, phone.code_hash])?;
    let mut query = db.prepare_cached("select id, name, organisation from coordinator where id = ?")?;
    let coordinator = query.query_row([coordinator.as_bytes()], coordinator_row)?;
    fault::point("bureau.enrol.in-transaction");
    insert_audit(db, &format!("device {}", phone.device), "enrol", &coordinator.name, phone.now_ms)?;
    let townships = townships_of(db, coordinator.id)?;
    Ok(Admission::Enrolled(coordinator, townships))
}

/// `false` when the phone is known with another signing key: its old seals must stay checkable. What the phone heard
/// counts no more: from the enrolment on it believes the certificates of its QR code.
fn put_device(db: &Connection, phone: &NewDevice, coordinator: CoordinatorId) -> Stored<bool> {
    const PUT: &str = "insert into device
          (id, coordinator, signing_key, sealing_key, token_hash, app_version, enrolled_ms)
        values (:id, :coordinator, :signing, :sealing, :token, :app, :now)
        on conflict (id) do update set coordinator = excluded.coordinator,
          sealing_key = excluded.sealing_key, token_hash = excluded.token_hash,
          app_version = excluded.app_version, enrolled_ms = excluded.enrolled_ms, revoked_ms = null, heard = 0
        where signing_key = excluded.signing_key";
    let revoked = is_revoked(db, phone.device)?;
    let changed = db.prepare_cached(PUT)?.execute(named_params! {
        ":id": phone.device.0.as_bytes(),
        ":coordinator": coordinator.0.as_bytes(),
        ":signing": phone.signing_key.0,
        ":sealing": phone.sealing_key.0,
        ":token": phone.token_hash,
        ":app": phone.app_version,
        ":now": phone.now_ms,
    })?;
    if changed == 1 {
        if revoked {
            // Taking the phone back in for one person must not bring the others' withdrawn tokens to life.
            db.prepare_cached("delete from device_token where device = ?1")?
                .execute([phone.device.0.as_bytes()])?;
        }
        put_token(db, phone, coordinator)?;
    }
    Ok(changed == 1)
}

fn is_revoked(db: &Connection, device: DeviceId) -> Stored<bool> {
    let mut query =
        db.prepare_cached("select exists (select 1 from device where id = ?1 and revoked_ms is not null)")?;
    Ok(query.query_row([device.0.as_bytes()], |row| row.get(0))?)
}

/// In place of the coordinator's older token on this phone; the others' tokens stay good.
fn put_token(db: &Connection, phone: &NewDevice, coordinator: CoordinatorId) -> Stored<()> {
    const PUT: &str = "insert into device_token (token_hash, device, coordinator, issued_ms)
        values (?1, ?2, ?3, ?4)
        on conflict (device, coordinator) do update set token_hash = excluded.token_hash,
          issued_ms = excluded.issued_ms";
    db.prepare_cached(PUT)?.execute(params![
        phone.token_hash,
        phone.device.0.as_bytes(),
        coordinator.0.as_bytes(),
        phone.now_ms
    ])?;
    Ok(())
}

fn device_row(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId(uuid(row, "id")?),
        coordinator: CoordinatorId(uuid(row, "coordinator")?),
        signing_key: PublicKey(bytes32(row, "signing_key")?),
        revoked: row.get("revoked")?,
    })
}

pub(super) fn coordinator_row(row: &Row<'_>) -> rusqlite::Result<Coordinator> {
    Ok(Coordinator {
        id: CoordinatorId(uuid(row, "id")?),
        name: row.get("name")?,
        organisation: row.get("organisation")?,
    })
}

/// Who else works in a township of this coordinator.
pub(super) fn colleagues_of(db: &Connection, coordinator: CoordinatorId) -> Stored<Vec<Coordinator>> {
    const SELECT: &str = "select id, name, organisation from coordinator where id != ?1 and id in
          (select coordinator from coordinator_township where township in
            (select township from coordinator_township where coordinator = ?1))
        order by name, id";
    let mut query = db.prepare_cached(SELECT)?;
    let rows = query.query_map([coordinator.0.as_bytes()], coordinator_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
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
