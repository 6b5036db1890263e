//! Places on the sheet: going there, looking for the next one, and remembering where the coordinator was.

use dioxus::prelude::*;

use super::desk::Desk;
use super::model::{SectionView, anchor};
use crate::device::Device;
use crate::domain::judge::Verdict;

/// A place on the sheet: sheet and item code; an empty code is the site as a whole.
pub type Spot = (u32, String);

/// The item of a place; none for the site as a whole.
pub fn item_of(spot: &Spot) -> Option<&str> {
    Some(spot.1.as_str()).filter(|code| !code.is_empty())
}

/// Waits some frames for an item that is only being drawn, because its sheet or section was just opened.
const SHOW: &str = "const [id, focus] = await dioxus.recv(); let it = null; \
    for (let n = 0; n < 60 && !it; n++) { await new Promise(r => requestAnimationFrame(r)); \
    it = document.getElementById(id); } \
    if (!it) return; it.scrollIntoView({ block: 'start' }); if (focus) it.focus({ preventScroll: true });";

/// Brings an item into view; with `focus`, also the reader of the screen.
pub fn show((sheet, item): &Spot, focus: bool) {
    let eval = document::eval(SHOW);
    // Without a page there is nothing to scroll.
    let _ = eval.send((anchor(*sheet, item), focus));
}

/// Brings the button of a sheet into its row, which may be wider than the screen.
pub(super) fn show_sheet(sheet: u32) {
    document::eval(&format!(
        "const it = document.querySelector('[data-sheet=\"{sheet}\"]'); \
         if (it) it.scrollIntoView({{ block: 'nearest', inline: 'center' }});"
    ));
}

/// Tells the items in view each time scrolling rests.
const WATCH: &str = "const list = document.querySelector('#sheet .scroll'); if (!list) return; let rest; \
    list.addEventListener('scroll', () => { clearTimeout(rest); rest = setTimeout(() => { \
    const box = list.getBoundingClientRect(); \
    dioxus.send([...list.querySelectorAll('.item')].filter(it => { const own = it.getBoundingClientRect(); \
    return own.bottom > box.top + 40 && own.top < box.bottom - 40; }).map(it => it.id)); }, 300); }, \
    { passive: true }); await dioxus.recv();";

/// Remembers the item that was scrolled to, so that the visit opens there again.
pub(super) fn keep_place(desk: Desk, device: Device) {
    spawn(async move {
        let mut eval = document::eval(WATCH);
        while let Ok(seen) = eval.recv::<Vec<String>>().await {
            let at = desk.at.peek().clone();
            let here = at.is_some_and(|(sheet, item)| seen.contains(&anchor(sheet, &item)));
            let Some(first) = seen.iter().find_map(|id| of_anchor(id)).filter(|_| !here) else { continue };
            desk.arrive(&device, first).await;
        }
    });
}

fn of_anchor(id: &str) -> Option<Spot> {
    let (sheet, item) = id.strip_prefix("item-")?.split_once('-')?;
    Some((sheet.parse().ok()?, item.to_owned()))
}

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

/// The first failed item; from a failed item the next one, around the end.
pub fn next_problem(sections: &[SectionView], from: Option<&Spot>) -> Option<Spot> {
    let failed = spots(sections).into_iter().filter(|(_, verdict)| *verdict == Verdict::Fail);
    let failed: Vec<Spot> = failed.map(|(spot, _)| spot).collect();
    let here = from.and_then(|from| failed.iter().position(|spot| spot == from));
    let next = here.and_then(|n| failed.get(n + 1)).or_else(|| failed.first());
    next.cloned()
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
    use crate::ui::sheet::model::fixture;

    fn section(verdicts: &[Verdict]) -> SectionView {
        fixture::section(0, verdicts.iter().enumerate().map(|(n, verdict)| (format!("X-{n}"), *verdict)))
    }

    fn at(n: usize) -> Spot {
        (0, format!("X-{n}"))
    }

    #[test]
    fn the_next_open_item_is_looked_for_from_here_and_around_the_end() {
        use Verdict::{Open, Pass};
        let sections = [section(&[Open, Pass, Open, Pass])];
        assert_eq!(next_open(&sections, None), (Some(at(0)), 2));
        assert_eq!(next_open(&sections, Some(&at(0))), (Some(at(2)), 2));
        assert_eq!(next_open(&sections, Some(&at(3))), (Some(at(0)), 2));
        assert_eq!(next_open(&[section(&[Pass])], Some(&at(0))), (None, 0));
        assert_eq!(previous(&sections, Some(&at(2))), Some(at(1)));
        assert_eq!(previous(&sections, Some(&at(0))), None);
    }

    #[test]
    fn the_first_problem_comes_first_and_then_one_after_the_other() {
        use Verdict::{Fail, Pass};
        let sections = [section(&[Pass, Fail, Pass, Fail])];
        assert_eq!(next_problem(&sections, Some(&at(2))), Some(at(1)));
        assert_eq!(next_problem(&sections, Some(&at(1))), Some(at(3)));
        assert_eq!(next_problem(&sections, Some(&at(3))), Some(at(1)));
        assert_eq!(next_problem(&[section(&[Pass])], None), None);
    }

    #[test]
    fn an_anchor_leads_back_to_its_place() {
        assert_eq!(of_anchor(&anchor(2, "WR-09")), Some((2, "WR-09".to_owned())));
        assert_eq!(of_anchor("sheet"), None);
    }
}
