//! Photos: from the camera's bytes to sealed files named in the draft.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::sync::watch;

use super::keep::Need;
use super::network::to_the_end;
use super::{Device, Error, Inner, keep, locked, network, session, visit};
use crate::domain::id::{InspectionId, PhotoId};
use crate::domain::inspection::{Draft, Photo, PhotoSource};
use crate::domain::place::Fix;
use crate::fault;
use crate::media::{self, Stamp, StampFix, folder};
use crate::store::Store;

pub use crate::store::draft::ExpectedPhoto;

/// So many thumbnails stay in memory: a screen or two of them, some hundred kilobytes.
const THUMBNAILS: usize = 48;

/// Thumbnails made last, newest at the back.
pub(super) type Thumbnails = VecDeque<((PhotoId, u32), Arc<Vec<u8>>)>;

impl Device {
    /// Remembers for which item the camera opens, because the phone may kill the app behind it.
    pub async fn expect_photo(
        &self,
        visit: InspectionId,
        sheet: u32,
        item: Option<String>,
    ) -> Result<(), Error> {
        self.write(move |inner, store| {
            let expected = ExpectedPhoto { draft: visit, sheet, item, since: inner.clock.now() };
            Ok(store.expect_photo(Some(&expected))?)
        })
        .await
    }

    /// The photo that was expected when the app ended, if any. One whose draft is gone is forgotten.
    pub async fn expected_photo(&self) -> Result<Option<ExpectedPhoto>, Error> {
        if let Some(expected) = self.read(|_, store| Ok(store.expected_photo()?)).await? {
            self.all_taken(expected.draft).await;
        }
        let expected = self
            .read(|_, store| {
                let Some(expected) = store.expected_photo()? else { return Ok(None) };
                let waits = store.draft(expected.draft)?.is_some();
                Ok(Some((expected, waits)))
            })
            .await?;
        match expected {
            Some((expected, true)) => Ok(Some(expected)),
            Some((_, false)) => self.forget_expected_photo().await.map(|()| None),
            None => Ok(None),
        }
    }

    /// Gives up the expectation (the coordinator cancelled).
    pub async fn forget_expected_photo(&self) -> Result<(), Error> {
        self.write(|_, store| Ok(store.expect_photo(None)?)).await
    }

    /// Takes a picture's bytes: checked, stamped, sealed and durable when ready. The newest position goes with it,
    /// else the best of the visit; a picture from the album carries none and the moment of its import.
    ///
    /// # Errors
    /// [`Error::Picture`] when it is no picture or too large, [`Error::Full`], [`Error::NotFound`] when the visit
    /// has no such sheet or item.
    pub async fn add_photo(
        &self,
        visit: InspectionId,
        sheet: u32,
        item: Option<&str>,
        source: PhotoSource,
        bytes: Vec<u8>,
    ) -> Result<Photo, Error> {
        let (device, item) = (self.clone(), item.map(str::to_owned));
        let taken = Taken::begin(&self.inner.taking, visit);
        // The camera's own file is gone: who leaves the screen takes nothing back.
        to_the_end(async move {
            let _taken = taken;
            let ((item, fix), stamp) =
                device.read(move |inner, store| facts(inner, store, visit, sheet, item, source)).await?;
            if device.read(keep::is_short).await? {
                device.make_room(Need::Usual).await;
            }
            let shot = Arc::new(Shot { visit, sheet, item, fix, source, bytes, stamp });
            match device.keep_shot(shot.clone()).await {
                Err(Error::Full) if device.make_room(Need::Pressing).await > 0 => {
                    device.keep_shot(shot).await
                }
                kept => kept,
            }
        })
        .await
    }

    /// Gives how many bytes were freed; whether that is enough shows when the photo is written.
    async fn make_room(&self, need: Need) -> u64 {
        let freed = self.write(move |inner, store| keep::make_room(inner, store, need)).await;
        freed.unwrap_or_else(|error| {
            tracing::warn!(%error, "no room was made");
            0
        })
    }

    async fn keep_shot(&self, shot: Arc<Shot>) -> Result<Photo, Error> {
        let sealing = shot.clone();
        let photo = self.aside(move |inner| seal(inner, &sealing)).await?;
        self.write(move |inner, store| {
            visit::watch_clock(inner, store, shot.visit)?;
            // The same picture may have been here for an earlier visit, and have gone since it was looked for.
            if matches!(inner.photos.get(&photo.original), Err(folder::Error::Missing)) {
                inner.photos.put(&shot.bytes)?;
            }
            store.add_photo(shot.visit, shot.sheet, &photo)?;
            Ok(photo)
        })
        .await
    }

    /// Waits for the photos of this visit that are being made ready, so that who looks at it sees them.
    pub(super) async fn all_taken(&self, visit: InspectionId) {
        let mut taking = self.inner.taking.subscribe();
        // It never ends before this device does.
        let _ = taking.wait_for(|taking| !taking.contains_key(&visit)).await;
    }

    /// Takes a photo out of the draft.
    pub async fn remove_photo(&self, visit: InspectionId, original: PhotoId) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.remove_photo(visit, original)?)).await
    }

    /// Puts a photo back that was taken out; its files never went. It comes last in its strip.
    pub async fn restore_photo(&self, visit: InspectionId, sheet: u32, photo: Photo) -> Result<(), Error> {
        self.write(move |_, store| Ok(store.restore_photo(visit, sheet, &photo)?)).await
    }

    /// The bytes of a blob, opened.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn photo(&self, id: PhotoId) -> Result<Vec<u8>, Error> {
        self.aside(move |inner| Ok(inner.photos.read(&id)?)).await
    }

    /// A small JPEG of a blob, long edge `edge` pixels.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn thumbnail(&self, id: PhotoId, edge: u32) -> Result<Vec<u8>, Error> {
        self.aside(move |inner| {
            let name = (id, edge);
            let made = locked(&inner.thumbnails)?.iter().find(|(n, _)| *n == name).map(|(_, t)| t.clone());
            if let Some(thumbnail) = made {
                return Ok(thumbnail.to_vec());
            }
            let thumbnail = media::thumbnail(&inner.photos.read(&id)?, edge)?;
            let mut kept = locked(&inner.thumbnails)?;
            if kept.len() >= THUMBNAILS {
                kept.pop_front();
            }
            kept.push_back((name, Arc::new(thumbnail.clone())));
            Ok(thumbnail)
        })
        .await
    }
}

/// Photos that are being made ready, by visit.
pub(super) type Taking = watch::Sender<BTreeMap<InspectionId, u32>>;

/// One of them, until it is dropped.
struct Taken {
    taking: Arc<Taking>,
    visit: InspectionId,
}

impl Taken {
    fn begin(taking: &Arc<Taking>, visit: InspectionId) -> Self {
        taking.send_modify(|taking| *taking.entry(visit).or_default() += 1);
        Self { taking: Arc::clone(taking), visit }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.taking.send_modify(|taking| {
            let left = taking.remove(&self.visit).unwrap_or_default().saturating_sub(1);
            if left > 0 {
                taking.insert(self.visit, left);
            }
        });
    }
}

/// A picture as it came, and where it belongs.
struct Shot {
    visit: InspectionId,
    sheet: u32,
    item: Option<String>,
    fix: Option<Fix>,
    source: PhotoSource,
    bytes: Vec<u8>,
    stamp: Stamp,
}

/// A photo's item and position, and what is printed on it.
type Facts = ((Option<String>, Option<Fix>), Stamp);

fn facts(
    inner: &Inner,
    store: &Store,
    visit: InspectionId,
    sheet: u32,
    item: Option<String>,
    source: PhotoSource,
) -> Result<Facts, Error> {
    let draft = store.draft(visit)?.ok_or(Error::NotFound)?;
    let item_line = match &item {
        Some(code) => item_line(store, &draft, sheet, code)?,
        None => String::new(),
    };
    let now = visit::moment(inner);
    let fix = match source {
        PhotoSource::Camera => fix_now(inner, &draft, now)?,
        PhotoSource::Album => None,
    };
    let place = fix.as_ref().map(|fix| StampFix {
        lat_e7: fix.place.lat_e7,
        lon_e7: fix.place.lon_e7,
        accuracy_m: fix.accuracy_m,
    });
    let names: Vec<&str> = draft.coordinators.iter().map(|c| c.name.as_str()).collect();
    let stamp = Stamp {
        coordinator: names.join("、"),
        site: draft.site.title.clone(),
        item: item_line,
        taken_at: now.wall,
        place,
        township: draft.site.township.name.clone(),
        record_tail: draft.id.tail(),
        from_album: source == PhotoSource::Album,
        clock_uncertain: network::offset_s(inner, store)?.is_none(),
    };
    Ok(((item, fix), stamp))
}

/// Code and sentence of the item, in Chinese as the whole stamp.
fn item_line(store: &Store, draft: &Draft, sheet: u32, code: &str) -> Result<String, Error> {
    let sheet = usize::try_from(sheet).ok().and_then(|n| draft.sheets.get(n)).ok_or(Error::NotFound)?;
    let library = store.library()?;
    let item = library.get(&sheet.checklist.hash).and_then(|list| list.item(code)).ok_or(Error::NotFound)?;
    Ok(format!("{code} {}", item.text.zh))
}

fn fix_now(inner: &Inner, draft: &Draft, now: session::Moment) -> Result<Option<Fix>, Error> {
    let fresh = locked(&inner.sessions)?.get(&draft.id).and_then(|session| session.fresh_fix(now));
    // A photo that a correction adds was not taken during the visit.
    let of_visit = draft.fixes.iter().filter(|_| draft.parent.is_none());
    Ok(fresh.or_else(|| of_visit.min_by_key(|fix| fix.accuracy_m).cloned()))
}

/// Both files are durable when this returns, before any row names them.
fn seal(inner: &Inner, shot: &Shot) -> Result<Photo, Error> {
    let prepared = media::prepare(&shot.bytes, &shot.stamp)?;
    let original = inner.photos.put(&shot.bytes)?;
    fault::point("phone.photo.original");
    let derived = inner.photos.put(&prepared.derived)?;
    fault::point("phone.photo.files");
    Ok(Photo {
        original,
        original_bytes: shot.bytes.len() as u64,
        derived,
        derived_bytes: prepared.derived.len() as u64,
        item: shot.item.clone(),
        taken_at: shot.stamp.taken_at,
        source: shot.source,
        fix: shot.fix.clone(),
    })
}
