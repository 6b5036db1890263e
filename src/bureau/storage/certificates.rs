//! The bureau's own certificate: what phones are told of it, and whether they have heard it.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::row::json;
use super::setup::Identity;
use super::{Storage, Stored};
use crate::domain::id::{DeviceId, Digest};
use crate::fault;
use crate::wire::enrolment::Settings;
use crate::wire::pins::Pins;

impl Storage {
    /// Tells phones from now on which certificates the bureau shows, the one in use first; `false` when they are told
    /// so already. A clock that was set back takes nothing from a later word.
    pub async fn announce_certificates(&self, certificates: Vec<Digest>, now_ms: i64) -> Stored<bool> {
        let identity = std::sync::Arc::clone(&self.identity);
        let told = self.write(move |db| announce(db, &identity, certificates, now_ms)).await?;
        if told {
            fault::point("bureau.certificate.announced");
        }
        Ok(told)
    }

    /// The certificates that phones are told of; none when nothing was ever said.
    pub async fn announced_certificates(&self) -> Stored<Option<Vec<Digest>>> {
        let identity = std::sync::Arc::clone(&self.identity);
        self.read(move |db| Ok(announced(&settings(db)?, &identity).map(|pins| pins.certificates))).await
    }

    /// Notes that a phone has the newest settings.
    pub(super) async fn note_heard(&self, device: DeviceId, since: u64) -> Stored<()> {
        self.write(move |db| {
            let heard = i64::try_from(since).unwrap_or(i64::MAX);
            db.prepare_cached("update device set heard = ?1 where id = ?2 and heard < ?1")?
                .execute(params![heard, device.0.as_bytes()])?;
            Ok(())
        })
        .await
    }
}

/// Whether a phone that has everything up to `since` confirms the newest settings for the first time.
pub(super) fn confirms(db: &Connection, device: DeviceId, since: u64) -> Stored<bool> {
    let newest = newest(db)?;
    if newest == 0 || i64::try_from(since).is_ok_and(|since| since < newest) {
        return Ok(false);
    }
    let mut query = db.prepare_cached("select heard from device where id = ?")?;
    let heard: Option<i64> = query.query_row([device.0.as_bytes()], |row| row.get(0)).optional()?;
    Ok(heard.is_some_and(|heard| heard < newest))
}

/// The sequence of the newest settings among the changes; 0 when they never changed.
pub(super) fn newest(db: &Connection) -> Stored<i64> {
    const SELECT: &str =
        "select seq from change where kind = 'settings' and id = 'settings' and township = ''";
    Ok(db.prepare_cached(SELECT)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn settings(db: &Connection) -> Stored<Settings> {
    Ok(db.query_row("select settings from bureau", [], |row| json(row, "settings"))?)
}

fn announced(settings: &Settings, identity: &Identity) -> Option<Pins> {
    let signed = settings.certificates.as_ref()?;
    signed.open(&identity.public.signing_key, identity.public.id).ok()
}

fn announce(db: &Connection, identity: &Identity, certificates: Vec<Digest>, now_ms: i64) -> Stored<bool> {
    let settings = settings(db)?;
    let before = announced(&settings, identity);
    if before.as_ref().is_some_and(|before| before.certificates == certificates) {
        return Ok(false);
    }
    let after_before = before.map_or(0, |before| before.sequence.saturating_add(1));
    let sequence = u64::try_from(now_ms).unwrap_or(0).max(after_before);
    let pins = Pins { bureau: identity.public.id, sequence, certificates };
    let settings = Settings { certificates: Some(pins.sign(&identity.signing)?), ..settings };
    db.execute("update bureau set settings = ?", [serde_json::to_string(&settings)?])?;
    super::changes::note(db, "settings", "settings", "")?;
    let fingerprints: Vec<String> = pins.certificates.iter().map(ToString::to_string).collect();
    super::accounts::insert_audit(db, "bureau", "certificates", &fingerprints.join(" "), now_ms)?;
    fault::point("bureau.certificate.in-transaction");
    Ok(true)
}
