//! Over the sheet: what must be reported at once, and how far that is. Opens the immediate sheet by itself once for
//! each answer that becomes level A.

use dioxus::prelude::*;

use crate::device::visit::Visit;
use crate::domain::checklist::Level;
use crate::domain::inspection::sheet_findings;
use crate::domain::report::written_until;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::view::words::words;

/// What the visit has to report: places (`0-WR-09`) of level A, and whether there is any of level B.
#[derive(Clone, Debug, Default, PartialEq)]
struct Serious {
    urgent: Vec<String>,
    same_day: bool,
}

impl Serious {
    fn of(visit: &Visit) -> Self {
        let sheets = &visit.draft.sheets;
        let mut found = Self::default();
        for finding in sheet_findings(sheets, &visit.library, visit.draft.day()) {
            let sheet = sheets.iter().position(|sheet| sheet.checklist.code == finding.checklist);
            match finding.level {
                Level::A => found.urgent.push(format!("{}-{}", sheet.unwrap_or(0), finding.item)),
                Level::B => found.same_day = true,
                Level::C | Level::I => {}
            }
        }
        found
    }
}

/// The banner; nothing while no finding is of level A.
#[component]
pub fn UrgentBanner(visit: Signal<Visit>) -> Element {
    let device = use_device();
    let id = visit.peek().draft.id;
    let serious = use_memo(move || Serious::of(&visit.read()));
    use_effect(move || {
        let now = serious();
        if now == Serious::default() {
            return;
        }
        let device = device.clone();
        spawn(async move {
            match device.note_findings(id, now.urgent).await {
                Ok(true) => _ = navigator().push(Route::Urgent { id }),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "findings to be reported were not noted"),
            }
        });
    });
    let count = serious.read().urgent.len();
    if count == 0 {
        return rsx! {};
    }
    rsx! { Standing { visit: id, count } }
}

#[component]
fn Standing(visit: crate::domain::id::InspectionId, count: usize) -> Element {
    let w = &words(use_language()).urgent;
    let state = use_live(move |device| async move { device.report_state(visit).await.ok().flatten() });
    let state = state.read().clone().flatten();
    let tries = state.as_ref().map_or(0, |state| state.attempts.len());
    let done = state.as_ref().is_some_and(|state| state.signed.is_some() && !state.adds);
    let since = state.and_then(|state| state.urgent_at);
    let until = since.map(|at| written_until(Level::A, at).format("%H:%M").to_string());
    let line = match until {
        _ if done => (w.banner_done)(tries),
        Some(until) => (w.banner_open)(tries, &until),
        None => w.what_to_do.to_owned(),
    };
    rsx! {
        button { class: if done { "urgent-banner done" } else { "urgent-banner" }, id: "urgent-banner", r#type: "button",
            onclick: move |_| { navigator().push(Route::Urgent { id: visit }); },
            span { class: "urgent-sign", aria_hidden: "true", if done { "✓" } else { "!" } }
            span { class: "grow",
                span { class: "t1", if done { {(w.reported)(count)} } else { {(w.banner)(count)} } }
                span { class: "t2", {line} }
            }
            span { class: "urgent-go", if done { {w.see_report} } else { {w.banner_go} } }
        }
    }
}
