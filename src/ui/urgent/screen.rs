//! The immediate sheet: what was found, until when, whom to call, what is sent.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use dioxus::prelude::*;

use super::calls::Calls;
use super::writing::{Sealed, Send, Writing};
use crate::device::report::ReportState;
use crate::domain::checklist::Level;
use crate::domain::id::InspectionId;
use crate::domain::report::{ReportedItem, written_until};
use crate::ui::live::use_live;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::say::Trouble;
use crate::ui::screens::shell::{Gone, Loading, Sorry, TopBar};
use crate::view::words::words;

/// How often the minutes left are looked at again.
const TICK: Duration = Duration::from_secs(20);

/// The immediate sheet of a visit.
#[component]
pub fn Urgent(id: InspectionId) -> Element {
    let loaded =
        use_live(
            move |device| async move { device.report_state(id).await.map_err(|error| Trouble::of(&error)) },
        );
    let state = loaded.read().clone();
    match state {
        None => rsx! { Loading {} },
        Some(Ok(Some(state))) => rsx! { Reporting { key: "{id}", id, state } },
        Some(Ok(None)) => rsx! { Gone {} },
        Some(Err(trouble)) => rsx! { Sorry { trouble } },
    }
}

#[component]
fn Reporting(id: InspectionId, state: ReportState) -> Element {
    let w = &words(use_language()).urgent;
    let phone = use_words();
    let trouble = use_signal(|| None::<Trouble>);
    // What is typed counts here before it is stored; without it the content follows the findings.
    let typed = use_signal(|| state.typed.then(|| state.content.clone()));
    let all = words(use_language());
    let nothing = state.items.is_empty();
    let urgent = state.items.iter().any(|item| item.level == Level::A);
    // In a correction the two hours begin only with what is new of level A.
    let open = urgent && (state.signed.is_none() || state.adds && state.urgent_at.is_some());
    let since = state.urgent_at.or(state.discovered_at).unwrap_or(state.now);
    let title = if urgent || nothing { w.title } else { all.reports.title };
    rsx! {
        div { class: "screen", id: "urgent",
            TopBar { title, back: true, bdi { {state.site.title.clone()} } }
            main { class: "scroll",
                if let Some(trouble) = trouble() { p { class: "alert", role: "alert", {trouble.sentence(phone)} } }
                if nothing {
                    div { class: "card", p { class: "t1", {w.nothing} } p { class: "hint", {w.nothing_next} } }
                } else {
                    Found { items: state.items.clone(), urgent }
                }
                if open { Clock { now: state.now, since } }
                Sealed { state: state.clone() }
                if !urgent && !nothing { Writing { id, state: state.clone(), typed } }
                Calls { id, state: state.clone(), trouble }
                if urgent { Writing { id, state: state.clone(), typed } }
            }
            Send { id, state, typed, trouble }
        }
    }
}

/// What was found, in the words of the record.
#[component]
fn Found(items: Vec<ReportedItem>, urgent: bool) -> Element {
    let all = words(use_language());
    let w = &all.urgent;
    rsx! {
        section { class: "urgent-found",
            h2 { if urgent { {w.what_to_do} } else { {(w.level_means)(Level::B)} } }
            p { {w.not_yours_to_judge} }
            ul {
                for item in items {
                    li { key: "{item.checklist}-{item.item}",
                        span { class: "urgent-level", {all.terms.level_badge(item.level)} }
                        bdi { {item.problem.clone()} }
                    }
                }
            }
        }
    }
}

/// Until when the report must be written; counted on from the moment the sheet was read.
#[component]
fn Clock(now: DateTime<FixedOffset>, since: DateTime<FixedOffset>) -> Element {
    let w = &words(use_language()).urgent;
    let mut passed_s = use_signal(|| 0i64);
    use_future(move || async move {
        let opened = std::time::Instant::now();
        loop {
            tokio::time::sleep(TICK).await;
            passed_s.set(i64::try_from(opened.elapsed().as_secs()).unwrap_or(0));
        }
    });
    let until = written_until(Level::A, since);
    let left = (until - now).num_seconds() - passed_s();
    let time = until.format("%H:%M").to_string();
    let late = left <= 0;
    let text = if late { (w.overdue)(&time) } else { (w.due)(&time, (left + 59) / 60) };
    rsx! { p { class: if late { "urgent-clock late" } else { "urgent-clock" }, id: "urgent-clock", role: "timer", {text} } }
}
