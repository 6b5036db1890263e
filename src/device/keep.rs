//! Keeping what was sent: originals that the bureau holds go after some time, or sooner for want of room.
//!
//! First they are marked in the store, then their files go; what a crash leaves between is finished the next time.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use tokio::sync::watch;

use super::{Error, Inner, enrol, locked, platform};
use crate::domain::id::PhotoId;
use crate::domain::keep::{Delivered, Keeping, may_go};
use crate::domain::seal::PublicKey;
use crate::fault;
use crate::store::Store;
use crate::store::record::SentOriginal;
use crate::sync::HEARD;
use crate::sync::worker::Standing;
use crate::wire::enrolment::Settings;
use crate::wire::receipt::{ReceiptKind, SignedReceipt};

/// How often originals are looked through while the phone rests.
const EVERY: Duration = Duration::from_secs(3600);

/// What may go now, and why.
#[derive(Clone, Debug, Default)]
pub(super) struct Going {
    /// The originals, each with its bytes.
    pub(super) originals: BTreeMap<PhotoId, u64>,
    /// What the bureau decided; none before enrolment.
    pub(super) settings: Option<Settings>,
    /// Free bytes, where the phone says.
    pub(super) free_bytes: Option<u64>,
}

/// Originals all of whose records are receipted as complete by this phone's bureau, as far as the rule lets them go.
pub(super) fn going(inner: &Inner, store: &Store) -> Result<Going, Error> {
    let free_bytes = platform::free_bytes(inner.photos.dir());
    let Some(profile) = enrol::kept_profile(store)? else {
        return Ok(Going { free_bytes, ..Going::default() });
    };
    let kept = store.setting(enrol::SETTINGS)?.and_then(|text| serde_json::from_str::<Settings>(&text).ok());
    let settings = kept.unwrap_or(profile.enrolled.settings);
    let keeping = Keeping { days: settings.keep_days, floor_bytes: floor_bytes(&settings) };
    let heard_ms = store.setting(HEARD)?.and_then(|text| text.parse().ok());
    let held = inner.photos.list()?;
    let mut delivered = delivered(store, &profile.enrolled.bureau.signing_key)?;
    delivered.retain(|original| held.binary_search(&original.blob).is_ok());
    let go = may_go(&delivered, keeping, heard_ms, free_bytes);
    let bytes: BTreeMap<PhotoId, u64> =
        delivered.iter().map(|original| (original.blob, original.bytes)).collect();
    let originals = go.into_iter().filter_map(|blob| Some((blob, *bytes.get(&blob)?))).collect();
    Ok(Going { originals, settings: Some(settings), free_bytes })
}

fn floor_bytes(settings: &Settings) -> u64 {
    u64::from(settings.keep_free_mb) * 1_000_000
}

/// Originals whose every document has a `complete` receipt that the bureau signed, checked now.
fn delivered(store: &Store, key: &PublicKey) -> Result<Vec<Delivered>, Error> {
    let mut found: BTreeMap<PhotoId, Option<Delivered>> = BTreeMap::new();
    for original in store.sent_originals()? {
        let complete = complete_ms(&original, key);
        let entry = found.entry(original.blob).or_insert(Some(Delivered {
            blob: original.blob,
            bytes: original.bytes,
            complete_ms: i64::MIN,
        }));
        *entry = entry.zip(complete).map(|(so_far, complete_ms)| Delivered {
            complete_ms: so_far.complete_ms.max(complete_ms),
            ..so_far
        });
    }
    Ok(found.into_values().flatten().collect())
}

/// When the bureau held everything, if its signature says so.
fn complete_ms(original: &SentOriginal, key: &PublicKey) -> Option<i64> {
    let signed: SignedReceipt = serde_json::from_str(&original.receipt).ok()?;
    let receipt = signed.open_for(key, original.document).ok()?;
    (receipt.kind == ReceiptKind::Complete).then_some(receipt.received_at.timestamp_millis())
}

/// Removes what may go, and what an earlier, interrupted removal left; gives how many bytes were freed.
pub(super) fn make_room(inner: &Inner, store: &mut Store) -> Result<u64, Error> {
    let going: Vec<PhotoId> = going(inner, store)?.originals.into_keys().collect();
    if !going.is_empty() {
        store.mark_removed(&going)?;
    }
    let held = inner.photos.list()?;
    let mut freed = 0;
    for (blob, bytes) in store.removed_originals()? {
        if held.binary_search(&blob).is_ok() {
            inner.photos.remove(&blob)?;
            fault::point("phone.keep.removed");
            freed += bytes;
        }
    }
    Ok(freed)
}

/// Whether the phone has less room than the bureau wants left.
pub(super) fn is_short(inner: &Inner, store: &Store) -> Result<bool, Error> {
    let floor = floor_bytes(&enrol::kept_settings(store)?);
    Ok(platform::free_bytes(inner.photos.dir()).is_some_and(|free| free < floor))
}

/// Makes room whenever everything is sent, at most every hour; ends with the worker.
pub(super) async fn keep_room(inner: Weak<Inner>, mut standing: watch::Receiver<Standing>) {
    loop {
        if standing.wait_for(|standing| standing.idle).await.is_err() {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        let work = move || make_room(&inner, &mut *locked(&inner.store)?);
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(freed)) if freed > 0 => tracing::info!(freed, "delivered originals were removed"),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "no room was made"),
            Err(error) => tracing::warn!(%error, "no room was made"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
