//! What the sheet shows, worked out from the visit: pure, so that it can be worked out again after every answer.

use std::sync::Arc;

use chrono::NaiveDate;

use super::remarks::Remark;
use crate::device::visit::Visit;
use crate::domain::answer::{Answer, PartValue};
use crate::domain::checklist::{Checklist, Item, Library, Limit, Part, PartKind};
use crate::domain::id::{Digest, PhotoId};
use crate::domain::inspection::{Photo, PhotoSource};
use crate::domain::judge::{Judgement, Verdict, asked_parts, compute, judge, limits_in_force};
use crate::domain::last::LastAnswer;
use crate::domain::text::Text;

/// An item, by its place in a shared library: as cheap to pass around as a number.
#[derive(Clone, Debug)]
pub struct ItemRef {
    library: Arc<Library>,
    checklist: Digest,
    section: usize,
    item: usize,
}

impl PartialEq for ItemRef {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.library, &other.library)
            && (self.checklist, self.section, self.item) == (other.checklist, other.section, other.item)
    }
}

impl ItemRef {
    /// The item at a place in the library.
    pub fn new(library: &Arc<Library>, checklist: Digest, section: usize, item: usize) -> Self {
        Self { library: library.clone(), checklist, section, item }
    }

    /// The item; its place was taken from this very library.
    pub fn get(&self) -> Option<(&Checklist, &Item)> {
        let checklist = self.library.get(&self.checklist)?;
        Some((checklist, checklist.sections.get(self.section)?.items.get(self.item)?))
    }
}

/// A section of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionView {
    /// Which sheet.
    pub sheet: u32,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: Text,
    /// Items asked.
    pub total: u32,
    /// Of these, answered.
    pub answered: u32,
    /// Of these, failed.
    pub failed: u32,
    /// Of these, with a comment of the bureau.
    pub remarks: u32,
    /// The items asked.
    pub cards: Vec<CardView>,
}

/// A sheet of the visit with its counts.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetView {
    /// Which.
    pub index: u32,
    /// Title of its checklist.
    pub title: Text,
    /// Items asked.
    pub total: u32,
    /// Of these, answered.
    pub answered: u32,
    /// Of these, failed.
    pub failed: u32,
}

/// An item with all that its card depends on; a card is drawn again only when this differs.
#[derive(Clone, Debug, PartialEq)]
pub struct CardView {
    /// Which sheet.
    pub sheet: u32,
    /// Code of the item.
    pub code: String,
    /// The item.
    pub item: ItemRef,
    /// The answer so far.
    pub answer: Answer,
    /// What it comes to.
    pub judgement: Judgement,
    /// The parts asked.
    pub parts: Vec<PartView>,
    /// Its photos.
    pub photos: Vec<PhotoView>,
    /// What was answered last time, and on which day.
    pub last: Option<(LastAnswer, NaiveDate)>,
    /// What the bureau said of it.
    pub remark: Option<Remark>,
}

/// A part that is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct PartView {
    /// Its place among the item's parts.
    pub index: usize,
    /// The limits in force.
    pub limits: Vec<Limit>,
    /// A computed part's value.
    pub computed: Option<String>,
}

/// A photo in the strip.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoView {
    /// The original.
    pub original: PhotoId,
    /// The stamped copy, which is shown.
    pub derived: PhotoId,
    /// Hour, minute and second it was taken.
    pub time: String,
    /// From the album.
    pub album: bool,
    /// Its original is at the bureau and not here any more.
    pub away: bool,
}

impl CardView {
    /// The element's id, also the anchor to return to.
    pub fn anchor(&self) -> String {
        anchor(self.sheet, &self.code)
    }

    /// The value of a part.
    pub fn value(&self, part: &Part) -> Option<PartValue> {
        self.answer.parts.get(&part.key).cloned()
    }
}

/// The id of an item's card.
pub fn anchor(sheet: u32, item: &str) -> String {
    format!("item-{sheet}-{item}")
}

/// The sections of all sheets, items that are not asked left out.
pub fn sections(visit: &Visit) -> Vec<SectionView> {
    let sheets = visit.draft.sheets.iter().zip(0u32..);
    let known = sheets.filter_map(|(sheet, n)| Some((visit.library.get(&sheet.checklist.hash)?, n)));
    known
        .flat_map(|(checklist, n)| (0..checklist.sections.len()).map(move |s| (checklist, n, s)))
        .map(|(checklist, n, s)| section(visit, checklist, n, s))
        .filter(|section| section.total > 0)
        .collect()
}

/// The sheets with the counts of their sections.
pub fn sheets(visit: &Visit, sections: &[SectionView]) -> Vec<SheetView> {
    let known = visit.draft.sheets.iter().zip(0u32..);
    let known = known.filter_map(|(sheet, n)| Some((n, visit.library.get(&sheet.checklist.hash)?)));
    known
        .map(|(index, checklist)| {
            let own = || sections.iter().filter(move |section| section.sheet == index);
            SheetView {
                index,
                title: checklist.title.clone(),
                total: own().map(|section| section.total).sum(),
                answered: own().map(|section| section.answered).sum(),
                failed: own().map(|section| section.failed).sum(),
            }
        })
        .collect()
}

fn section(visit: &Visit, checklist: &Checklist, sheet: u32, index: usize) -> SectionView {
    let section = &checklist.sections[index];
    let cards: Vec<CardView> = (0..section.items.len())
        .map(|item| card(visit, &section.items[item], sheet, index, item))
        .filter(|card| card.judgement.verdict != Verdict::Hidden)
        .collect();
    let count = |wanted: fn(&Verdict) -> bool| {
        cards.iter().map(|card| u32::from(wanted(&card.judgement.verdict))).sum()
    };
    SectionView {
        sheet,
        code: section.code.clone(),
        title: section.title.clone(),
        total: count(|_| true),
        answered: count(|verdict| *verdict != Verdict::Open),
        failed: count(|verdict| *verdict == Verdict::Fail),
        remarks: 0,
        cards,
    }
}

fn card(visit: &Visit, item: &Item, sheet_index: u32, section: usize, index: usize) -> CardView {
    let sheet = &visit.draft.sheets[sheet_index as usize];
    let answer = sheet.answers.get(&item.code).cloned().unwrap_or_default();
    let asked: Vec<&Part> = asked_parts(item, sheet).collect();
    let parts = (0..item.parts.len()).filter(|n| asked.iter().any(|part| part.key == item.parts[*n].key));
    let parts = parts.map(|n| {
        let part = &item.parts[n];
        let limits = limits_in_force(part, item, sheet).into_iter().cloned().collect();
        let computed = match &part.kind {
            PartKind::Computed { formula, .. } => compute(formula, item, sheet).map(|v| v.to_string()),
            _ => None,
        };
        PartView { index: n, limits, computed }
    });
    CardView {
        sheet: sheet_index,
        code: item.code.clone(),
        item: ItemRef::new(&visit.library, sheet.checklist.hash, section, index),
        last: visit.last.as_ref().and_then(|last| {
            Some((
                last.answers.get(&item.code)?.clone(),
                last.at.with_timezone(visit.draft.started_at.offset()).date_naive(),
            ))
        }),
        judgement: judge(item, sheet, visit.draft.day()),
        parts: parts.collect(),
        photos: photos(visit, &answer),
        remark: None,
        answer,
    }
}

fn photos(visit: &Visit, answer: &Answer) -> Vec<PhotoView> {
    let taken = answer.photos.iter().filter_map(|id| visit.draft.photos.iter().find(|p| p.original == *id));
    taken.map(|one| photo(visit, one)).collect()
}

/// The photos of the site as a whole.
pub fn place_photos(visit: &Visit) -> Vec<PhotoView> {
    visit.draft.photos.iter().filter(|taken| taken.item.is_none()).map(|one| photo(visit, one)).collect()
}

fn photo(visit: &Visit, photo: &Photo) -> PhotoView {
    PhotoView {
        original: photo.original,
        derived: photo.derived,
        time: photo.taken_at.format("%H:%M:%S").to_string(),
        album: photo.source == PhotoSource::Album,
        away: visit.away.contains(&photo.original),
    }
}

/// Sections for the tests of what is drawn from them.
#[cfg(test)]
pub(super) mod fixture {
    use std::sync::Arc;

    use super::{CardView, ItemRef, SectionView};
    use crate::domain::answer::Answer;
    use crate::domain::checklist::Library;
    use crate::domain::id::Digest;
    use crate::domain::judge::{Judgement, Verdict};
    use crate::domain::text::Text;

    /// A section of a sheet with these items, empty but for their codes and verdicts.
    pub(in crate::ui::sheet) fn section<C: Into<String>>(
        sheet: u32,
        items: impl IntoIterator<Item = (C, Verdict)>,
    ) -> SectionView {
        let library = Arc::new(Library::new());
        let card = |(n, (code, verdict)): (usize, (C, Verdict))| CardView {
            sheet,
            code: code.into(),
            item: ItemRef::new(&library, Digest::of(b""), 0, n),
            answer: Answer::default(),
            judgement: Judgement { verdict, level: None, reasons: Vec::new() },
            parts: Vec::new(),
            photos: Vec::new(),
            last: None,
            remark: None,
        };
        SectionView {
            sheet,
            code: "s".to_owned(),
            title: Text { zh: String::new(), en: String::new() },
            total: 0,
            answered: 0,
            failed: 0,
            remarks: 0,
            cards: items.into_iter().enumerate().map(card).collect(),
        }
    }
}
