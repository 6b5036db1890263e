//! What was found, by level, each level with what it means.

use dioxus::prelude::*;

use crate::device::visit::Visit;
use crate::domain::checklist::Level;
use crate::domain::finding::Finding;
use crate::domain::id::InspectionId;
use crate::ui::live::use_live;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::view::badge::level_class;
use crate::view::words::words;

/// The findings in groups A, B, C.
#[component]
pub(super) fn FindingList(found: Vec<Finding>, rate: (u32, u32), visit: Signal<Visit>) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let id = visit.peek().draft.id;
    let groups = [Level::A, Level::B, Level::C].map(|level| {
        let of: Vec<Finding> = found.iter().filter(|finding| finding.level == level).cloned().collect();
        (level, of)
    });
    let reported = found.iter().any(|finding| finding.level >= Level::B);
    rsx! {
        h2 { class: "sec",
            span { {(w.n_findings)(found.len())} }
            span { {(w.pass_rate)(rate.0, rate.1)} }
        }
        if found.is_empty() { p { class: "empty", {w.no_findings} } }
        for (level, of) in groups.into_iter().filter(|(_, of)| !of.is_empty()) {
            div { key: "{level:?}", class: "level-head", "data-level": "{level:?}",
                span { class: "level-tag {level_class(level)}", {all.terms.level_badge(level)} }
                span { class: "t2", {(all.urgent.level_means)(level)} " · " {(all.review.n_of_level)(of.len())} }
            }
            for finding in of { FindingRow { key: "{finding.checklist}-{finding.item}", finding, visit } }
        }
        if reported { ReportGoes { id } }
    }
}

/// That they are reported with the end of the visit; or that they are already.
#[component]
fn ReportGoes(id: InspectionId) -> Element {
    let w = &words(use_language()).review;
    let state = use_live(move |device| async move { device.report_state(id).await.ok().flatten() });
    let state = state.read().clone().flatten();
    let said = state.is_some_and(|state| state.signed.is_some() && !state.adds);
    rsx! {
        div { class: "card site", id: "report-goes", "data-said": "{said}",
            span { class: "grow", p { class: "t2 wrap", if said { {w.report_said} } else { {w.report_goes} } } }
            button { class: "btn", r#type: "button", onclick: move |_| { navigator().push(Route::Urgent { id }); }, {w.report_look} }
        }
    }
}

#[component]
fn FindingRow(finding: Finding, visit: Signal<Visit>) -> Element {
    let w = use_words();
    let all = words(use_language());
    let id = visit.peek().draft.id;
    let sheet = visit.peek().draft.sheets.iter().position(|sheet| sheet.checklist.code == finding.checklist);
    let spot = format!("{}-{}", sheet.unwrap_or(0), finding.item);
    let mut line = vec![finding.item.clone(), (all.terms.disposition)(finding.disposition).to_owned()];
    if !finding.photos.is_empty() {
        line.push((w.n_photos)(finding.photos.len()));
    }
    line.extend(finding.deadline.map(|day| (w.until_day)(&day.to_string())));
    rsx! {
        button { class: "card site", r#type: "button", "data-finding": "{finding.item}",
            onclick: move |_| { navigator().replace(Route::SheetScreen { id, item: spot.clone() }); },
            span { class: if finding.level >= Level::B { "lv a" } else { "lv" }, aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1 wrap", dir: "auto", {finding.problem.clone()} }
                span { class: "t2", {line.join(" · ")} }
            }
            span { class: "link", {w.change} }
        }
    }
}
