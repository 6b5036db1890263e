//! The top of the sheet: which site, how far, which sheet of several, where the phone is.

use dioxus::prelude::*;

use super::desk::Desk;
use super::model::SheetView;
use super::place::PlaceLine;
use crate::domain::place::NoFix;
use crate::ui::position::Where;
use crate::ui::prefs::use_language;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::screens::shell::TopBar;
use crate::ui::writer::Write;
use crate::view::words::words;

/// Title, counts and progress over all sheets; under it the sheets, when there are several.
#[component]
pub(super) fn Head(desk: Desk, sheets: Vec<SheetView>) -> Element {
    let language = use_language();
    let only = (sheets.len() == 1).then(|| sheets[0].title.get(language));
    let sum = |count: fn(&SheetView) -> u32| sheets.iter().map(count).sum::<u32>();
    let (answered, total) = (sum(|s| s.answered), sum(|s| s.total));
    rsx! {
        TopBar {
            title: desk.visit.read().draft.site.title.clone(), back: true, count: format!("{answered}/{total}"),
            done: (answered, total),
            if let Some(title) = only { bdi { {title} " · " } }
            SavingWord { writer: desk.writer }
        }
        if sheets.len() > 1 { Sheets { desk, sheets: sheets.clone() } }
        SavingTrouble { writer: desk.writer }
    }
}

/// One button a sheet, with its own count.
#[component]
fn Sheets(desk: Desk, sheets: Vec<SheetView>) -> Element {
    let language = use_language();
    let current = (desk.sheet)();
    rsx! {
        div { class: "sheets", role: "group", aria_label: words(language).sheet.sheets,
            for sheet in sheets {
                button {
                    key: "{sheet.index}", class: "say", r#type: "button", "data-sheet": "{sheet.index}",
                    aria_pressed: sheet.index == current,
                    onclick: move |_| desk.turn_to(sheet.index),
                    bdi { {sheet.title.get(language)} }
                    " {sheet.answered}/{sheet.total}"
                    if sheet.failed > 0 { span { class: "late", " ✕{sheet.failed}" } }
                }
            }
        }
    }
}

/// Where the phone is, or why nobody knows.
#[component]
pub(super) fn Position(desk: Desk, place: Signal<Where>) -> Element {
    let mut visit = desk.visit;
    let (kept, no_fix) = {
        let visit = visit.read();
        (!visit.draft.fixes.is_empty(), visit.draft.no_fix.clone())
    };
    rsx! {
        PlaceLine {
            at: place(), kept, no_fix,
            on_no_fix: move |(no_fix, typed): (Option<NoFix>, bool)| {
                visit.write().draft.no_fix.clone_from(&no_fix);
                let write = Write::NoFix(no_fix);
                if typed { desk.writer.soon(write) } else { desk.writer.now(write) }
            },
        }
    }
}
