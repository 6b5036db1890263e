//! Room on the phone: what photos take, which originals may go, and what a helper at the other end of the telephone
//! wants to know.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Device, Error, Inner, enrol, network};
use crate::domain::id::PhotoId;
use crate::domain::seal::PublicKey;
use crate::store::record::SentOriginal;
use crate::store::{self, Store};
use crate::wire::enrolment::Settings;
use crate::wire::receipt::{ReceiptKind, SignedReceipt};

/// What photos take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Pictures on this phone, copies and originals.
    pub pictures: usize,
    /// Originals that may go: their records' receipts say “complete” and are older than the days of keeping.
    pub removable: usize,
    /// Bytes these take.
    pub removable_bytes: u64,
    /// The days of keeping, as the bureau sets them.
    pub keep_days: u16,
}

/// What a helper wants to know. Nothing of it is about a person or a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// Version of the app.
    pub app: String,
    /// Version of the schema.
    pub schema: u32,
    /// Operating system and processor.
    pub platform: String,
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Drafts, practice left out.
    pub drafts: usize,
    /// Signed documents.
    pub documents: usize,
    /// Of these, with a `complete` receipt.
    pub complete: usize,
    /// Rows still to send.
    pub queued: usize,
    /// Codes of rows that the bureau refused.
    pub blocked: Vec<String>,
    /// Sites.
    pub sites: usize,
    /// Checklists.
    pub checklists: usize,
    /// Bureau clock minus phone clock, seconds.
    pub offset_s: Option<i64>,
    /// Last answer of the bureau in this process, Unix milliseconds.
    pub contact_ms: Option<i64>,
    /// Why the worker waits.
    pub waiting: Option<String>,
    /// Why the phone must be enrolled again.
    pub sign_in: Option<String>,
}

impl Device {
    /// What photos take, and what may go.
    pub async fn room(&self) -> Result<Room, Error> {
        self.read(|inner, store| {
            let (removable, keep_days) = removable(inner, store)?;
            let held = inner.photos.list()?;
            let there: Vec<&u64> = removable
                .iter()
                .filter(|(blob, _)| held.binary_search(blob).is_ok())
                .map(|(_, b)| b)
                .collect();
            Ok(Room {
                pictures: held.len(),
                removable: there.len(),
                removable_bytes: there.into_iter().sum(),
                keep_days,
            })
        })
        .await
    }

    /// Removes the originals that may go, and nothing else; gives how many bytes were freed.
    pub async fn free_originals(&self) -> Result<u64, Error> {
        self.write(|inner, store| {
            let (removable, _) = removable(inner, store)?;
            let held = inner.photos.list()?;
            let mut freed = 0;
            for (blob, bytes) in removable {
                if held.binary_search(&blob).is_ok() {
                    inner.photos.remove(&blob)?;
                    freed += bytes;
                }
            }
            Ok(freed)
        })
        .await
    }

    /// What a helper wants to know.
    pub async fn diagnostics(&self) -> Result<Diagnostics, Error> {
        self.read(|inner, store| {
            let documents = store.documents()?;
            let rows = store.outbox()?;
            let standing = inner.standing.borrow().clone();
            let code = |reason: &String| reason.split(':').next().unwrap_or_default().to_owned();
            Ok(Diagnostics {
                app: super::visit::APP_VERSION.to_owned(),
                schema: store::SCHEMA,
                platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                enrolled: enrol::kept_profile(store)?.is_some(),
                drafts: store.drafts()?.len(),
                complete: documents.iter().filter(|row| row.complete_receipt.is_some()).count(),
                documents: documents.len(),
                queued: rows.len(),
                blocked: rows.iter().filter_map(|row| row.blocked.as_ref()).map(code).collect(),
                sites: store.sites("", u32::MAX)?.len(),
                checklists: store.library()?.len(),
                offset_s: network::offset_s(inner, store)?,
                contact_ms: standing.contact_ms,
                waiting: standing.waiting.map(|(why, _)| why),
                sign_in: standing.sign_in,
            })
        })
        .await
    }
}

/// Originals all of whose records are receipted as complete by this phone's bureau, longer ago than the days of
/// keeping, by the bureau's own clock; each with its bytes.
fn removable(inner: &Inner, store: &Store) -> Result<(BTreeMap<PhotoId, u64>, u16), Error> {
    let Some(profile) = enrol::kept_profile(store)? else { return Ok((BTreeMap::new(), 0)) };
    let kept = store.setting(enrol::SETTINGS)?.and_then(|text| serde_json::from_str::<Settings>(&text).ok());
    let keep_days = kept.unwrap_or(profile.enrolled.settings).keep_days;
    let key = profile.enrolled.bureau.signing_key;
    let before_ms = inner.clock.now_ms() - TimeDelta::days(keep_days.into()).num_milliseconds();
    let mut found: BTreeMap<PhotoId, (u64, bool)> = BTreeMap::new();
    for original in store.sent_originals()? {
        let good = received_ms(&original, &key).is_some_and(|at| at < before_ms);
        let entry = found.entry(original.blob).or_insert((original.bytes, true));
        entry.1 &= good;
    }
    let good = found.into_iter().filter(|(_, (_, good))| *good).map(|(blob, (bytes, _))| (blob, bytes));
    Ok((good.collect(), keep_days))
}

/// When the bureau held everything, if its signature says so.
fn received_ms(original: &SentOriginal, key: &PublicKey) -> Option<i64> {
    let signed: SignedReceipt = serde_json::from_str(&original.receipt).ok()?;
    let receipt = signed.open_for(key, original.document).ok()?;
    (receipt.kind == ReceiptKind::Complete).then_some(receipt.received_at.timestamp_millis())
}
