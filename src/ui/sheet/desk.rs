//! What the sheet's handlers do: change the answer on the screen and hand it to the writer, take photos, keep fixes.

use std::collections::{BTreeMap, BTreeSet};

use dioxus::prelude::*;

use super::interrupted::forget_expected;
use super::spot::{Spot, item_of, show, show_sheet};
use super::undo::{Undo, brought_back, took};
use super::{Change, Edit};
use crate::device::Device;
use crate::device::visit::{OfferedFix, Visit};
use crate::domain::answer::{Answer, PartValue};
use crate::domain::id::{Digest, InspectionId, PhotoId};
use crate::domain::inspection::{Photo, PhotoSource};
use crate::ui::camera::{Camera, Shot};
use crate::ui::say::Trouble;
use crate::ui::writer::{Write, Writer, use_writer};

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
    /// Where the coordinator is.
    pub(super) at: Signal<Option<Spot>>,
    /// The sheet that is shown.
    pub(super) sheet: Signal<u32>,
    /// Sections that are folded.
    pub(super) closed: Signal<BTreeSet<(u32, String)>>,
    pub(super) picture: Signal<Option<Picture>>,
    /// What the last change took away.
    pub(super) undo: Signal<Option<Undo>>,
    /// The draft is put aside.
    pub(super) aside: Signal<bool>,
    /// Counts how often an item's card was made anew, because its fields hold what was typed.
    pub(super) remade: Signal<BTreeMap<Spot, u32>>,
    /// The answer before the typing that goes on.
    typing: Signal<Option<(Spot, Answer)>>,
    pub(super) writer: Writer,
}

/// The desk of a visit, opened at `start`.
pub(super) fn use_desk(visit: Visit, start: Option<Spot>) -> Desk {
    let id = visit.draft.id;
    let writer = use_writer(id);
    Desk {
        id,
        visit: use_signal(|| visit),
        sheet: use_signal(|| start.as_ref().map_or(0, |(sheet, _)| *sheet)),
        at: use_signal(|| start),
        closed: use_signal(BTreeSet::new),
        picture: use_signal(|| None),
        undo: use_signal(|| None),
        aside: use_signal(|| false),
        remade: use_signal(BTreeMap::new),
        typing: use_signal(|| None),
        writer,
    }
}

impl Desk {
    pub(super) fn edit(mut self, device: &Device, spot: Spot, edit: Edit) {
        if self.at.peek().as_ref() != Some(&spot)
            && edit != Edit::Left
            && !matches!(edit, Edit::Go(_))
            && item_of(&spot).is_some()
        {
            self.at.set(Some(spot.clone()));
        }
        match edit {
            Edit::Now(change) => self.writer.now(self.change(&spot, change, false)),
            Edit::Typed(change) => self.writer.soon(self.change(&spot, change, true)),
            Edit::Secret(part, text) => self.keep_secret(&spot, part, text),
            Edit::Left => {
                self.typing.set(None);
                self.writer.flush();
            }
            Edit::Photo(source) => {
                let device = device.clone();
                spawn(async move { self.photograph(&device, spot, source).await });
            }
            Edit::Go(to) => self.go(to),
            Edit::Remove(original) => {
                let device = device.clone();
                spawn(async move { self.take_out(&device, spot, original).await });
            }
        }
    }

    /// Goes to an item: its sheet and section open, and it comes into view.
    pub(super) fn go(mut self, spot: Spot) {
        self.open(&spot);
        show(&spot, true);
        self.at.set(Some(spot));
    }

    /// Opens the sheet and the section of an item.
    pub(super) fn open(mut self, (sheet, item): &Spot) {
        if *self.sheet.peek() != *sheet {
            self.sheet.set(*sheet);
            show_sheet(*sheet);
        }
        let section = {
            let visit = self.visit.peek();
            let of_sheet = visit.draft.sheets.get(*sheet as usize);
            let checklist = of_sheet.and_then(|sheet| visit.library.get(&sheet.checklist.hash));
            let holds = |section: &&crate::domain::checklist::Section| {
                section.items.iter().any(|one| one.code == *item)
            };
            checklist.and_then(|c| c.sections.iter().find(holds)).map(|section| section.code.clone())
        };
        if let Some(code) = section {
            let key = (*sheet, code);
            if self.closed.peek().contains(&key) {
                self.closed.write().remove(&key);
            }
        }
    }

    /// Shows another sheet of the visit from its top.
    pub(super) fn turn_to(mut self, sheet: u32) {
        self.sheet.set(sheet);
        self.at.set(None);
        document::eval("document.querySelector('#sheet .scroll').scrollTop = 0");
        show_sheet(sheet);
    }

    /// Remembers an item that was scrolled to. Losing this at a kill loses nothing that was given.
    pub(super) async fn arrive(mut self, device: &Device, spot: Spot) {
        let before = self.at.peek().clone();
        if let Err(error) = device.stand_at(self.id, spot.0, &spot.1).await {
            tracing::debug!(%error, "the place on the sheet could not be kept");
        }
        // Whoever went somewhere meanwhile is there.
        if *self.at.peek() == before {
            self.at.set(Some(spot));
        }
    }

    /// Puts the draft aside or brings it back, after everything given before is saved.
    pub(super) fn put_aside(mut self, aside: bool) {
        self.writer.flush();
        self.writer.now(Write::Aside(aside));
        self.aside.set(aside);
    }

    fn change(mut self, spot: &Spot, change: Change, typed: bool) -> Write {
        let before = self.answer(spot);
        self.with_answer(spot, |answer| change.apply(answer));
        let after = self.answer(spot);
        let before = match &*self.typing.peek() {
            Some((place, first)) if typed && place == spot => first.clone(),
            _ => before,
        };
        self.typing.set(typed.then(|| (spot.clone(), before.clone())));
        let undo = took(&before, &after).then(|| Undo::Answer { spot: spot.clone(), before });
        if *self.undo.peek() != undo {
            self.undo.set(undo);
        }
        Write::Answer(spot.0, spot.1.clone(), after)
    }

    /// Brings back what the last change took away.
    pub(super) fn undo(mut self, device: &Device) {
        let Some(undo) = self.undo.take() else { return };
        self.typing.set(None);
        match undo {
            Undo::Answer { spot, before } => {
                let back = brought_back(before, &self.answer(&spot));
                self.with_answer(&spot, |answer| answer.clone_from(&back));
                self.writer.now(Write::Answer(spot.0, spot.1.clone(), back));
                *self.remade.write().entry(spot.clone()).or_default() += 1;
                self.go(spot);
            }
            Undo::Photo { spot, photo } => {
                let device = device.clone();
                spawn(async move {
                    match device.restore_photo(self.id, spot.0, photo.clone()).await {
                        Ok(()) => self.keep(&spot, photo),
                        Err(error) => self.say(&spot, PictureAt::Failed(Trouble::of(&error))),
                    }
                });
            }
        }
    }

    fn answer(&self, spot: &Spot) -> Answer {
        let visit = self.visit.peek();
        let sheet = visit.draft.sheets.get(spot.0 as usize);
        sheet.and_then(|sheet| sheet.answers.get(&spot.1)).cloned().unwrap_or_default()
    }

    fn with_answer(&mut self, spot: &Spot, change: impl FnOnce(&mut Answer)) {
        let mut visit = self.visit.write();
        if let Some(sheet) = visit.draft.sheets.get_mut(spot.0 as usize).filter(|_| !spot.1.is_empty()) {
            change(sheet.answers.entry(spot.1.clone()).or_default());
        }
    }

    /// The screen holds a stand-in for the hash, which is made where the salt is: in the device.
    fn keep_secret(mut self, spot: &Spot, part: String, text: String) {
        let stands_in = PartValue::Confidential { digest: Digest::of(b"kept on this phone") };
        let kept = !text.is_empty();
        self.with_answer(spot, |answer| {
            if kept {
                answer.parts.insert(part.clone(), stands_in)
            } else {
                answer.parts.remove(&part)
            };
        });
        self.writer.soon(Write::Secret(spot.0, spot.1.clone(), part, text));
    }

    fn say(&mut self, spot: &Spot, at: PictureAt) {
        self.picture.set(Some(Picture { spot: spot.clone(), at }));
    }

    /// From the open camera to the thumbnail in the strip. The expectation is stored before the camera opens,
    /// because the phone may kill the app behind it.
    async fn photograph(mut self, device: &Device, spot: Spot, source: PhotoSource) {
        self.writer.flush();
        let item = item_of(&spot).map(str::to_owned);
        if let Err(error) = device.expect_photo(self.id, spot.0, item).await {
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
                    match device.add_photo(self.id, spot.0, item_of(&spot), source, bytes).await {
                        Ok(photo) => self.keep(&spot, photo),
                        Err(error) => trouble = Some(Trouble::of(&error)),
                    }
                }
            }
        }
        forget_expected(device).await;
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

    async fn take_out(mut self, device: &Device, spot: Spot, original: PhotoId) {
        if let Err(error) = device.remove_photo(self.id, original).await {
            return self.say(&spot, PictureAt::Failed(Trouble::of(&error)));
        }
        self.with_answer(&spot, |answer| answer.photos.retain(|id| *id != original));
        let photos = &mut self.visit.write().draft.photos;
        let taken = photos.iter().position(|photo| photo.original == original).map(|n| photos.remove(n));
        self.undo.set(taken.map(|photo| Undo::Photo { spot, photo }));
    }

    pub(super) async fn keep_fix(mut self, device: &Device, fix: OfferedFix) {
        match device.offer_fix(self.id, fix).await {
            Ok(fix) => self.visit.write().draft.fixes.push(fix),
            Err(error) => tracing::warn!(%error, "a position could not be kept"),
        }
    }
}
