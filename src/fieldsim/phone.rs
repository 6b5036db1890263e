//! One phone's day: enrol, visit, send, compare.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::{Instant, timeout_at};

use super::script::{self, Step};
use super::{RunArgs, Tally, picture};
use crate::device::clock::{Clock as _, SystemClock};
use crate::device::keys::FileKeyStore;
use crate::device::outbox::RecordRow;
use crate::device::visit::OfferedFix;
use crate::device::{Device, Setup};
use crate::domain::document::DocumentKind;
use crate::domain::id::InspectionId;
use crate::domain::inspection::{Attestation, Inspection, Origin, PhotoSource, STATEMENT};
use crate::domain::place::{Mock, Place};
use crate::domain::seal::PublicKey;
use crate::domain::site::Site;
use crate::wire::receipt::{ReceiptKind, SignedReceipt};
use crate::wire::sealed::SealedDocument;

/// The kind of site whose checklist the script can walk.
const KIND: &str = "WATER_RURAL";
/// Where sites without a registered position are said to be.
const SOMEWHERE: Place = Place { lat_e7: 300_000_000, lon_e7: 1_040_000_000 };

/// Which phone, with which code, in which folder.
pub(super) struct Errand {
    pub(super) number: usize,
    pub(super) code: String,
    pub(super) folder: PathBuf,
}

/// The whole day; what goes wrong is in the tally.
pub(super) async fn day(errand: Errand, args: RunArgs) -> Tally {
    let number = errand.number;
    let mut tally = Tally::default();
    let limit = Instant::now() + Duration::from_secs(args.deadline_s);
    let all = async {
        let (device, bureau_key) = enrol(&errand, &args).await?;
        let worked = work(&device, &errand, &args, bureau_key, limit, &mut tally).await;
        tally.bytes_sent = device.bytes_sent();
        device.close().await;
        worked
    };
    match timeout_at(limit, all).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tally.failures.push(format!("phone {number}: {error:#}")),
        Err(_) => tally.failures.push(format!("phone {number}: not done within {} s", args.deadline_s)),
    }
    tally
}

async fn enrol(errand: &Errand, args: &RunArgs) -> anyhow::Result<(Device, PublicKey)> {
    let keys = Box::new(FileKeyStore::new(errand.folder.join("keys").join("device.key")));
    let setup = Setup { folder: errand.folder.clone(), keys, clock: Arc::new(SystemClock) };
    let device = Device::open(setup).await.context("open")?;
    let profile = match device.profile().await? {
        Some(profile) => profile,
        None => device.enrol(&args.bureau, &errand.code).await.context("enrol")?,
    };
    Ok((device, profile.enrolled.bureau.signing_key))
}

async fn work(
    device: &Device,
    errand: &Errand,
    args: &RunArgs,
    bureau_key: PublicKey,
    limit: Instant,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let sites = sites(device, limit).await?;
    // Phones must not make each other's pictures, whatever the seed.
    let mut rng = StdRng::seed_from_u64(args.seed.wrapping_mul(1_000_003).wrapping_add(errand.number as u64));
    for round in 0..args.visits {
        let site = &sites[rng.gen_range(0..sites.len())];
        let id = visit(device, site, args.photos, &mut rng).await;
        let visit = id.with_context(|| format!("visit {} at {}", round + 1, site.title()))?;
        tracing::info!(%visit, "finished");
    }
    let rows = sent(device, limit).await?;
    for row in rows {
        let compared = compare(device, &row, bureau_key, tally).await;
        compared.with_context(|| format!("record {}/{}", row.id, row.revision))?;
    }
    Ok(())
}

/// The sites of the right kind, as soon as the bureau has told of some.
async fn sites(device: &Device, limit: Instant) -> anyhow::Result<Vec<Site>> {
    let mut changes = device.changes();
    loop {
        let mut sites = device.sites("", u32::MAX).await?;
        sites.retain(|site| site.kinds.iter().any(|kind| kind == KIND));
        if !sites.is_empty() {
            // The order of a list is nobody's promise; the seed is.
            sites.sort_by_key(|site| site.id);
            return Ok(sites);
        }
        let told = timeout_at(limit, changes.changed()).await;
        told.context("no site of kind WATER_RURAL came")??;
    }
}

/// One visit from start to finish.
async fn visit(
    device: &Device,
    site: &Site,
    photos: usize,
    rng: &mut StdRng,
) -> anyhow::Result<InspectionId> {
    let (name, checklist) =
        device.checklists_for(site).await?.into_iter().next().context("no checklist for the site")?;
    let id = device.start_visit(site.id, std::slice::from_ref(&name), Origin::Routine).await?;
    device.offer_fix(id, fix(site, rng)).await.context("fix")?;
    let steps = script::walk(&name, &checklist, SystemClock.now(), photos, rng);
    let mut left = photos;
    for step in steps {
        let wants_photo = step.photo && left > 0;
        let item = step.item.clone();
        answer(device, id, step).await?;
        if wants_photo {
            left -= 1;
            photograph(device, id, Some(&item), rng).await.with_context(|| format!("photo of {item}"))?;
        }
    }
    for _ in 0..left {
        photograph(device, id, None, rng).await.context("photo of the site")?;
    }
    device.put_guidance(id, "1. 请按时清洗蓄水池，并做好记录。").await?;
    device.attest(id, Some(signature(rng))).await?;
    device.finish(id).await.context("finish")?;
    Ok(id)
}

async fn answer(device: &Device, id: InspectionId, step: Step) -> anyhow::Result<()> {
    device.answer(id, 0, &step.item, step.answer).await.with_context(|| format!("answer {}", step.item))?;
    for (part, text) in step.secrets {
        device.put_secret(id, 0, &step.item, &part, &text).await.context("secret")?;
    }
    Ok(())
}

async fn photograph(
    device: &Device,
    id: InspectionId,
    item: Option<&str>,
    rng: &mut StdRng,
) -> anyhow::Result<()> {
    device.expect_photo(id, 0, item.map(str::to_owned)).await?;
    let seed: u64 = rng.r#gen();
    let bytes = tokio::task::spawn_blocking(move || picture::camera(seed)).await??;
    device.add_photo(id, 0, item, PhotoSource::Camera, bytes).await?;
    Ok(())
}

/// Somewhere within some forty metres of the site.
fn fix(site: &Site, rng: &mut StdRng) -> OfferedFix {
    let place = site.place.unwrap_or(SOMEWHERE);
    let mut near = |e7: i32| f64::from(e7) / 1e7 + rng.gen_range(-0.000_3..0.000_3);
    let (lat, lon) = (near(place.lat_e7), near(place.lon_e7));
    OfferedFix {
        lat,
        lon,
        accuracy_m: rng.gen_range(4.0..20.0),
        at_ms: SystemClock.now_ms(),
        provider: "simulated".to_owned(),
        mock: Mock::Yes,
    }
}

/// A hand that wanders over the pad.
fn signature(rng: &mut StdRng) -> Attestation {
    let mut stroke = || {
        let mut at: [i32; 2] = [rng.gen_range(100..800), rng.gen_range(100..300)];
        let mut step = || {
            at = at.map(|v| (v + rng.gen_range(-30..=40)).clamp(0, 999));
            at.map(|v| u16::try_from(v).unwrap_or(0))
        };
        (0..24).map(|_| step()).collect()
    };
    let strokes = (0..5).map(|_| stroke()).collect();
    Attestation::Signed {
        name: "王示例".to_owned(),
        role: String::new(),
        statement: STATEMENT.to_owned(),
        strokes,
    }
}

/// Waits until every record has both receipts.
async fn sent(device: &Device, limit: Instant) -> anyhow::Result<Vec<RecordRow>> {
    let mut changes = device.changes();
    loop {
        let rows = device.documents().await?;
        if let Some(reason) = rows.iter().find_map(|row| row.blocked.as_ref()) {
            bail!("the bureau refuses a record: {reason}");
        }
        let waiting =
            rows.iter().filter(|row| row.record_receipt.is_none() || row.complete_receipt.is_none());
        let waiting = waiting.count();
        if waiting == 0 {
            return Ok(rows);
        }
        if timeout_at(limit, changes.changed()).await.is_err() {
            bail!(
                "{waiting} of {} records without both receipts; {:?}",
                rows.len(),
                *device.standing().borrow()
            );
        }
    }
}

/// Checks both receipts with the bureau's key, and the bureau's copy against ours.
async fn compare(
    device: &Device,
    row: &RecordRow,
    bureau_key: PublicKey,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let ours = device.envelope(row.id, row.revision).await?.context("no envelope")?;
    count(row, &ours, tally)?;
    let receipts =
        [(ReceiptKind::Record, &row.record_receipt), (ReceiptKind::Complete, &row.complete_receipt)];
    for (kind, text) in receipts {
        let signed: SignedReceipt = serde_json::from_str(text.as_deref().context("no receipt")?)?;
        let receipt = signed.open_for(&bureau_key, ours.digest())?;
        ensure!(receipt.kind == kind, "a {:?} receipt in place of {kind:?}", receipt.kind);
        tally.receipts_verified += 1;
    }
    let theirs = device.refetch(row.name()).await.context("fetch again")?;
    let equal = theirs.document == ours.document && theirs.seal == ours.seal && theirs.device == ours.device;
    ensure!(equal, "the bureau's copy differs");
    tally.refetched_equal += 1;
    Ok(())
}

fn count(row: &RecordRow, ours: &SealedDocument, tally: &mut Tally) -> anyhow::Result<()> {
    tally.documents += 1;
    tally.needed.insert(ours.digest(), ours.document.len() as u64);
    if row.kind != DocumentKind::Inspection {
        return Ok(());
    }
    let inspection: Inspection = serde_json::from_str(&ours.document)?;
    tally.records += 1;
    tally.photos += inspection.photos.len();
    for photo in &inspection.photos {
        tally.needed.insert(photo.original, photo.original_bytes);
        tally.needed.insert(photo.derived, photo.derived_bytes);
    }
    Ok(())
}
