//! What the sheet's handlers do: change the answer on the screen and hand it to the writer, take photos, keep fixes.

use std::collections::BTreeSet;

use dioxus::prelude::*;

use super::model::Spot;
use super::{Change, Edit};
use crate::device::Device;
use crate::device::visit::{OfferedFix, Visit};
use crate::domain::answer::Answer;
use crate::domain::id::InspectionId;
use crate::domain::inspection::{Photo, PhotoSource};
use crate::ui::camera::{Camera, Shot};
use crate::ui::say::Trouble;
use crate::ui::writer::{Write, Writer};

/// What happens to a picture: for which item, in which words, and whether it went wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) spot: Spot,
    pub(super) at: PictureAt,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum PictureAt {
    Reading(u32, u32, u8),
    Preparing,
    Failed(Trouble),
}

/// What the handlers of this screen work on.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Desk {
    pub(super) id: InspectionId,
    pub(super) visit: Signal<Visit>,
    pub(super) at: Signal<Option<Spot>>,
    pub(super) closed: Signal<BTreeSet<(u32, String)>>,
    pub(super) picture: Signal<Option<Picture>>,
    pub(super) writer: Writer,
}

impl Desk {
    pub(super) fn edit(mut self, device: &Device, spot: Spot, edit: Edit) {
        if self.at.peek().as_ref() != Some(&spot) && edit != Edit::Left {
            self.at.set(Some(spot.clone()));
        }
        match edit {
            Edit::Now(change) => self.writer.now(self.change(&spot, change)),
            Edit::Typed(change) => self.writer.soon(self.change(&spot, change)),
            Edit::Secret(part, text) => self.writer.soon(Write::Secret(spot.0, spot.1, part, text)),
            Edit::Left => self.writer.flush(),
            Edit::Photo(source) => {
                let device = device.clone();
                spawn(async move { self.photograph(&device, spot, source).await });
            }
            Edit::Remove(original) => {
                let device = device.clone();
                spawn(async move {
                    match device.remove_photo(self.id, original).await {
                        Ok(()) => {
                            self.with_answer(&spot, |answer| answer.photos.retain(|id| *id != original))
                        }
                        Err(error) => self.say(&spot, PictureAt::Failed(Trouble::of(&error))),
                    }
                });
            }
        }
    }

    fn change(mut self, spot: &Spot, change: Change) -> Write {
        self.with_answer(spot, |answer| change.apply(answer));
        let visit = self.visit.peek();
        let answer = visit.draft.sheets.get(spot.0 as usize).and_then(|sheet| sheet.answers.get(&spot.1));
        Write::Answer(spot.0, spot.1.clone(), answer.cloned().unwrap_or_default())
    }

    fn with_answer(&mut self, spot: &Spot, change: impl FnOnce(&mut Answer)) {
        let mut visit = self.visit.write();
        if let Some(sheet) = visit.draft.sheets.get_mut(spot.0 as usize) {
            change(sheet.answers.entry(spot.1.clone()).or_default());
        }
    }

    fn say(&mut self, spot: &Spot, at: PictureAt) {
        self.picture.set(Some(Picture { spot: spot.clone(), at }));
    }

    /// From the open camera to the thumbnail in the strip. The expectation is stored before the camera opens,
    /// because the phone may kill the app behind it.
    async fn photograph(mut self, device: &Device, spot: Spot, source: PhotoSource) {
        self.writer.flush();
        if let Err(error) = device.expect_photo(self.id, Some(spot.1.clone())).await {
            return self.say(&spot, PictureAt::Failed(Trouble::of(&error)));
        }
        self.picture.set(None);
        let mut camera = Camera::open(source);
        let mut trouble = None;
        while let Some(shot) = camera.next().await {
            match shot {
                Shot::Reading(file, of, percent) => self.say(&spot, PictureAt::Reading(file, of, percent)),
                Shot::Refused => trouble = Some(Trouble::NoPicture),
                Shot::Cancelled => break,
                Shot::File(bytes) => {
                    self.say(&spot, PictureAt::Preparing);
                    match device.add_photo(self.id, spot.0, Some(&spot.1), source, bytes).await {
                        Ok(photo) => self.keep(&spot, photo),
                        Err(error) => trouble = Some(Trouble::of(&error)),
                    }
                }
            }
        }
        if let Err(error) = device.forget_expected_photo().await {
            tracing::warn!(%error, "an expected photo could not be forgotten");
        }
        self.picture.set(trouble.map(|trouble| Picture { spot, at: PictureAt::Failed(trouble) }));
    }

    fn keep(&mut self, spot: &Spot, photo: Photo) {
        let original = photo.original;
        let held = self.visit.peek().draft.photos.iter().any(|p| p.original == original);
        if !held {
            self.visit.write().draft.photos.push(photo);
        }
        self.with_answer(spot, |answer| {
            if !answer.photos.contains(&original) {
                answer.photos.push(original);
            }
        });
    }

    pub(super) async fn keep_fix(mut self, device: &Device, fix: OfferedFix) {
        match device.offer_fix(self.id, fix).await {
            Ok(fix) => self.visit.write().draft.fixes.push(fix),
            Err(error) => tracing::warn!(%error, "a position could not be kept"),
        }
    }
}
