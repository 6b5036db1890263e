//! What is missing or odd, each with the way to where it is put right.

use dioxus::prelude::*;

use crate::device::visit::Visit;
use crate::domain::id::InspectionId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::view::words::problem::ProblemWords;
use crate::view::words::words;

/// A list of problems; those about readings without an instrument share one card.
#[component]
pub(super) fn ProblemList(
    title: String,
    problems: Vec<Problem>,
    visit: Signal<Visit>,
    urgent: bool,
) -> Element {
    if problems.is_empty() {
        return rsx! {};
    }
    let bare = |problem: &Problem| matches!(problem.kind, ProblemKind::NoInstrument { .. });
    let (bare, single): (Vec<Problem>, Vec<Problem>) = problems.into_iter().partition(bare);
    rsx! {
        h2 { class: if urgent { "sec late" } else { "sec" }, id: if urgent { "missing" } else { "odd" }, {title} }
        for (n, problem) in single.into_iter().enumerate() {
            ProblemRow { key: "{n}-{problem:?}", problem, visit, urgent }
        }
        if !bare.is_empty() { NoInstrument { items: bare.into_iter().filter_map(|p| p.item).collect::<Vec<_>>(), visit } }
    }
}

/// All readings without an instrument on one card, each item a way there.
#[component]
fn NoInstrument(items: Vec<String>, visit: Signal<Visit>) -> Element {
    let w = &words(use_language()).review;
    let id = visit.peek().draft.id;
    let spot = |item: &String| format!("{}-{item}", sheet_of(&visit.peek(), item).unwrap_or(0));
    rsx! {
        div { class: "card", id: "no-instrument",
            p { class: "t1", {(w.no_instrument)(items.len())} }
            p { class: "hint", {w.no_instrument_next} }
            div { class: "chips",
                for item in items.iter() {
                    button { key: "{item}", class: "say", r#type: "button", "data-problem": "{item}",
                        onclick: { let spot = spot(item); move |_| go_to(id, spot.clone()) },
                        {item.clone()}
                    }
                }
            }
        }
    }
}

/// The sheet whose checklist has this item.
fn sheet_of(visit: &Visit, code: &str) -> Option<u32> {
    let sheets = (0u32..).zip(&visit.draft.sheets);
    let mut known = sheets.filter_map(|(n, sheet)| Some((n, visit.library.get(&sheet.checklist.hash)?)));
    known.find_map(|(n, checklist)| checklist.item(code).map(|_| n))
}

fn go_to(id: InspectionId, item: String) {
    navigator().replace(Route::SheetScreen { id, item });
}

#[component]
fn ProblemRow(problem: Problem, visit: Signal<Visit>, urgent: bool) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let visit = visit.read();
    let id = visit.draft.id;
    let of_item = problem.item.as_deref().and_then(|code| {
        let sheet = sheet_of(&visit, code)?;
        let checklist = visit.library.get(&visit.draft.sheets.get(sheet as usize)?.checklist.hash)?;
        Some((sheet, checklist.item(code)?))
    });
    let label = match (of_item, ProblemWords::part(&problem.kind)) {
        (Some((_, item)), Some(part)) => {
            item.part(part).and_then(|part| part.label.as_ref()).map_or("", |text| text.get(language))
        }
        _ => "",
    };
    let sentence = (all.problem.sentence)(&problem.kind, label);
    let bar = if urgent { "lv a" } else { "lv" };
    let Some((sheet, item)) = of_item else {
        return rsx! {
            div { class: "card site",
                span { class: bar, aria_hidden: "true" }
                span { class: "t1 wrap grow", dir: "auto", {sentence} }
            }
        };
    };
    let (code, about) = (item.code.clone(), item.text.get(language).to_owned());
    let spot = format!("{sheet}-{code}");
    rsx! {
        button { class: "card site", r#type: "button", "data-problem": "{code}",
            onclick: move |_| go_to(id, spot.clone()),
            span { class: bar, aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1 wrap", dir: "auto", {sentence} }
                span { class: "t2", dir: "auto", "{code} · " {about} }
            }
            span { class: "link", {w.go_there} }
        }
    }
}
