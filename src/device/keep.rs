//! Keeping what was sent: originals that the bureau holds go after some time, or sooner for want of room.
//!
//! First they are marked in the store, then their files go; what a crash leaves between is finished the next time.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use tokio::sync::watch;

use super::{Error, Inner, enrol, locked, platform};
use crate::domain::id::PhotoId;
use crate::domain::keep::{Delivered, FLOOR_DAYS, Keeping, may_go};
use crate::domain::seal::PublicKey;
use crate::fault;
use crate::store::Store;
use crate::store::record::SentOriginal;
use crate::sync::worker::Standing;
use crate::sync::{HEARD, PROOFS_DOUBTED};
use crate::wire::enrolment::Settings;
use crate::wire::receipt::{Receipt, ReceiptKind, SignedReceipt};

/// How often originals are looked through while the phone rests.
const EVERY: Duration = Duration::from_secs(3600);

/// What a photo needs that could not be kept, twice over.
const PRESSING: u64 = 128 * 1024 * 1024;

/// How much room is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// As the bureau decided.
    Usual,
    /// A photo just taken could not be kept.
    Pressing,
}

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
pub(super) fn going(inner: &Inner, store: &Store, need: Need) -> Result<Going, Error> {
    let free_bytes = platform::free_bytes(inner.photos.dir());
    let Some(profile) = enrol::kept_profile(store)? else {
        return Ok(Going { free_bytes, ..Going::default() });
    };
    let kept = store.setting(enrol::SETTINGS)?.and_then(|text| serde_json::from_str::<Settings>(&text).ok());
    let settings = kept.unwrap_or(profile.enrolled.settings);
    let (days, floor) = (settings.keep_days, floor_bytes(&settings));
    let keeping = match need {
        Need::Usual => Keeping { days, floor_bytes: floor, floor_days: FLOOR_DAYS },
        Need::Pressing => Keeping { days, floor_bytes: floor.min(PRESSING), floor_days: 0 },
    };
    if store.setting(PROOFS_DOUBTED)?.is_some() {
        // The bureau may have lost what these originals alone still show.
        return Ok(Going { settings: Some(settings), free_bytes, ..Going::default() });
    }
    let heard_ms = store.setting(HEARD)?.and_then(|text| text.parse().ok());
    let held = inner.photos.list()?;
    let mut sent: BTreeMap<PhotoId, Vec<SentOriginal>> = BTreeMap::new();
    for original in store.sent_originals()? {
        if held.binary_search(&original.blob).is_ok() {
            sent.entry(original.blob).or_default().push(original);
        }
    }
    let delivered: Vec<Delivered> = sent.values().filter_map(|documents| delivered(documents)).collect();
    let key = &profile.enrolled.bureau.signing_key;
    // Checking signatures takes a while, so it comes last, for those that would go.
    let signed = |blob: &PhotoId| sent.get(blob).is_some_and(|all| all.iter().all(|one| is_signed(one, key)));
    let go = may_go(&delivered, keeping, heard_ms, free_bytes).into_iter().filter(signed);
    let originals = go.filter_map(|blob| Some((blob, sent.get(&blob)?.first()?.bytes))).collect();
    Ok(Going { originals, settings: Some(settings), free_bytes })
}

fn floor_bytes(settings: &Settings) -> u64 {
    u64::from(settings.keep_free_mb) * 1_000_000
}

/// An original with when the last of its documents was complete, as their receipts say; the signatures are checked
/// later.
fn delivered(documents: &[SentOriginal]) -> Option<Delivered> {
    let said = |one: &SentOriginal| {
        let signed: SignedReceipt = serde_json::from_str(&one.receipt).ok()?;
        let receipt: Receipt = serde_json::from_str(&signed.receipt).ok()?;
        Some(receipt.received_at.timestamp_millis())
    };
    let times: Option<Vec<i64>> = documents.iter().map(said).collect();
    let first = documents.first()?;
    Some(Delivered { blob: first.blob, bytes: first.bytes, complete_ms: times?.into_iter().max()? })
}

/// Whether the bureau's signature says that it held everything of this document.
fn is_signed(original: &SentOriginal, key: &PublicKey) -> bool {
    let signed: Option<SignedReceipt> = serde_json::from_str(&original.receipt).ok();
    let receipt = signed.and_then(|signed| signed.open_for(key, original.document).ok());
    receipt.is_some_and(|receipt| receipt.kind == ReceiptKind::Complete)
}

/// Removes what may go, and what an earlier, interrupted removal left; gives how many bytes were freed.
pub(super) fn make_room(inner: &Inner, store: &mut Store, need: Need) -> Result<u64, Error> {
    let going: Vec<PhotoId> = going(inner, store, need)?.originals.into_keys().collect();
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

/// Removes the files of photos that were taken out of their drafts before this start, so that nobody can put them back
/// any more.
pub(super) fn sweep(inner: &Inner, store: &mut Store) -> Result<(), Error> {
    let loose = store.loose_blobs()?;
    for blob in &loose {
        inner.photos.remove(blob)?;
    }
    if !loose.is_empty() {
        tracing::info!(files = loose.len(), "photos that were taken out were removed");
    }
    Ok(store.end_loose()?)
}

/// Whether the phone has less room than the bureau wants left.
pub(super) fn is_short(inner: &Inner, store: &Store) -> Result<bool, Error> {
    let floor = floor_bytes(&enrol::kept_settings(store)?);
    Ok(platform::free_bytes(inner.photos.dir()).is_some_and(|free| free < floor))
}

/// Makes room whenever everything is sent that goes by itself, at most every hour; ends with the worker.
pub(super) async fn keep_room(inner: Weak<Inner>, mut standing: watch::Receiver<Standing>) {
    loop {
        if standing.wait_for(Standing::rests).await.is_err() {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        let work = move || make_room(&inner, &mut *locked(&inner.store)?, Need::Usual);
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(freed)) if freed > 0 => tracing::info!(freed, "delivered originals were removed"),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "no room was made"),
            Err(error) => tracing::warn!(%error, "no room was made"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
