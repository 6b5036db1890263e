//! What the sheet shows, worked out from the visit: pure, so that it can be worked out again after every answer.

use std::sync::Arc;

use crate::device::visit::Visit;
use crate::domain::answer::{Answer, PartValue};
use crate::domain::checklist::{Checklist, Item, Library, Limit, Part, PartKind};
use crate::domain::id::{Digest, PhotoId};
use crate::domain::inspection::PhotoSource;
use crate::domain::judge::{Judgement, Verdict, asked_parts, compute, judge, limits_in_force};
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
    /// The items asked.
    pub cards: Vec<CardView>,
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
        item: ItemRef {
            library: visit.library.clone(),
            checklist: sheet.checklist.hash,
            section,
            item: index,
        },
        judgement: judge(item, sheet, visit.draft.day()),
        parts: parts.collect(),
        photos: photos(visit, &answer),
        answer,
    }
}

fn photos(visit: &Visit, answer: &Answer) -> Vec<PhotoView> {
    let taken = answer.photos.iter().filter_map(|id| visit.draft.photos.iter().find(|p| p.original == *id));
    taken
        .map(|photo| PhotoView {
            original: photo.original,
            derived: photo.derived,
            time: photo.taken_at.format("%H:%M:%S").to_string(),
            album: photo.source == PhotoSource::Album,
        })
        .collect()
}

/// A place on the sheet: sheet and item code.
pub type Spot = (u32, String);

fn spots(sections: &[SectionView]) -> Vec<(Spot, Verdict)> {
    let cards = sections.iter().flat_map(|section| &section.cards);
    cards.map(|card| ((card.sheet, card.code.clone()), card.judgement.verdict)).collect()
}

/// The next item without an answer after `from`, around the end; and how many there are.
pub fn next_open(sections: &[SectionView], from: Option<&Spot>) -> (Option<Spot>, usize) {
    let all = spots(sections);
    let open = |(_, verdict): &&(Spot, Verdict)| *verdict == Verdict::Open;
    let start = from.and_then(|from| all.iter().position(|(spot, _)| spot == from)).map_or(0, |n| n + 1);
    let later = all[start..].iter().find(open).or_else(|| all.iter().find(open));
    (later.map(|(spot, _)| spot.clone()), all.iter().filter(open).count())
}

/// The item before `from`.
pub fn previous(sections: &[SectionView], from: Option<&Spot>) -> Option<Spot> {
    let all = spots(sections);
    let at = from.and_then(|from| all.iter().position(|(spot, _)| spot == from)).unwrap_or(0);
    all.get(at.checked_sub(1)?).map(|(spot, _)| spot.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(verdicts: &[Verdict]) -> SectionView {
        let library = Arc::new(Library::new());
        let card = |(n, verdict): (usize, &Verdict)| CardView {
            sheet: 0,
            code: format!("X-{n}"),
            item: ItemRef { library: library.clone(), checklist: Digest::of(b""), section: 0, item: n },
            answer: Answer::default(),
            judgement: Judgement { verdict: *verdict, level: None, reasons: Vec::new() },
            parts: Vec::new(),
            photos: Vec::new(),
        };
        let cards = verdicts.iter().enumerate().map(card).collect();
        let title = Text { zh: String::new(), en: String::new() };
        SectionView { sheet: 0, code: "s".to_owned(), title, total: 0, answered: 0, failed: 0, cards }
    }

    #[test]
    fn the_next_open_item_is_looked_for_from_here_and_around_the_end() {
        use Verdict::{Open, Pass};
        let sections = [section(&[Open, Pass, Open, Pass])];
        let at = |n: usize| (0, format!("X-{n}"));
        assert_eq!(next_open(&sections, None), (Some(at(0)), 2));
        assert_eq!(next_open(&sections, Some(&at(0))), (Some(at(2)), 2));
        assert_eq!(next_open(&sections, Some(&at(3))), (Some(at(0)), 2));
        assert_eq!(next_open(&[section(&[Pass])], Some(&at(0))), (None, 0));
        assert_eq!(previous(&sections, Some(&at(2))), Some(at(1)));
        assert_eq!(previous(&sections, Some(&at(0))), None);
    }
}
