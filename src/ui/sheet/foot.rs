//! The bottom of the sheet: what can be undone, the item before, the problems, and the next one without an answer.

use dioxus::prelude::*;

use super::desk::Desk;
use super::model::SectionView;
use super::screen::to_review;
use super::spot::{next_open, next_problem, previous};
use super::undo::Undo;
use crate::ui::live::use_device;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

/// The ways through the sheet.
#[component]
pub(super) fn Foot(desk: Desk, sections: Vec<SectionView>) -> Element {
    let w = use_words();
    let at = desk.at.read().clone();
    let (next, open) = next_open(&sections, at.as_ref());
    let back = previous(&sections, at.as_ref());
    let problem = next_problem(&sections, at.as_ref());
    let failed: u32 = sections.iter().map(|section| section.failed).sum();
    let sheet = &words(use_language()).sheet;
    let id = desk.id;
    rsx! {
        Snack { desk }
        footer { class: "actions",
            button { class: "btn", r#type: "button", disabled: back.is_none(),
                onclick: move |_| back.iter().cloned().for_each(|spot| desk.go(spot)), {w.previous}
            }
            if let Some(problem) = problem {
                button { class: "btn problems", id: "to-problem", r#type: "button",
                    aria_label: (sheet.to_problems)(failed), onclick: move |_| desk.go(problem.clone()),
                    {(sheet.problems)(failed)}
                }
            }
            if let Some(next) = next {
                button { class: "btn p", id: "next", r#type: "button", onclick: move |_| desk.go(next.clone()),
                    {(w.next_open)(open)}
                }
            } else {
                button { class: "btn p", id: "next", r#type: "button", onclick: move |_| to_review(id), {w.to_review} }
            }
        }
    }
}

/// The last change that replaced something, and the way back.
#[component]
fn Snack(desk: Desk) -> Element {
    let w = &words(use_language()).sheet;
    let device = use_device();
    let line = match &*desk.undo.read() {
        Some(Undo::Answer { spot, .. }) => (w.changed)(&spot.1),
        Some(Undo::Photo { .. }) => w.photo_removed.to_owned(),
        None => return rsx! {},
    };
    rsx! {
        div { class: "snack", id: "undo", role: "status",
            span { class: "grow", {line} }
            button { class: "link", r#type: "button", onclick: move |_| desk.undo(&device), {w.undo} }
        }
    }
}
