//! The line that says where the phone is, and the form for a visit without a position.

use dioxus::prelude::*;

use crate::domain::place::{NoFix, NoFixReason};
use crate::ui::position::Where;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

const REASONS: [NoFixReason; 4] =
    [NoFixReason::NoSignal, NoFixReason::Refused, NoFixReason::SwitchedOff, NoFixReason::Unavailable];

/// One line, opened into the form when there is no position.
#[component]
pub fn PlaceLine(
    at: Where,
    kept: bool,
    no_fix: Option<NoFix>,
    on_no_fix: EventHandler<(Option<NoFix>, bool)>,
) -> Element {
    let w = use_words();
    let all = words(use_language());
    let line = match (at, &no_fix) {
        (Where::Here(_, accuracy_m), _) => (w.position_here)(accuracy_m),
        (_, _) if kept => w.position_kept.to_owned(),
        (_, Some(no_fix)) => (w.position_none)((all.terms.no_fix)(no_fix.reason)),
        (Where::Searching, None) => w.position_searching.to_owned(),
        (Where::Nowhere(reason), None) => (w.position_none)((all.terms.no_fix)(reason)),
    };
    let have = kept || matches!(at, Where::Here(..));
    let given = no_fix.is_some();
    let reason = match at {
        Where::Nowhere(reason) => reason,
        _ => NoFixReason::NoSignal,
    };
    rsx! {
        if have {
            p { class: "place ok", role: "status", "◎ " {line} }
        } else {
            details { class: "place", "data-no-fix": if given { "given" } else { "open" },
                summary { role: "status", "◎ " {line} span { class: "link", {w.position_write} } }
                NoFixForm { suggested: reason, no_fix, on_no_fix }
            }
        }
    }
}

#[component]
fn NoFixForm(
    suggested: NoFixReason,
    no_fix: Option<NoFix>,
    on_no_fix: EventHandler<(Option<NoFix>, bool)>,
) -> Element {
    let w = use_words();
    let all = words(use_language());
    let mut landmark = use_signal(|| no_fix.as_ref().map(|n| n.landmark.clone()).unwrap_or_default());
    let chosen = no_fix.as_ref().map(|n| n.reason);
    rsx! {
        p { class: "hint", {w.position_why} }
        div { class: "chips", role: "group", aria_label: w.position_why,
            for reason in REASONS {
                button {
                    key: "{reason:?}", class: "say", r#type: "button", "data-reason": "{reason:?}",
                    aria_pressed: chosen == Some(reason),
                    onclick: move |_| {
                        let landmark = landmark.peek().clone();
                        on_no_fix.call((Some(NoFix { reason, landmark }), false));
                    },
                    {(all.terms.no_fix)(reason)}
                }
            }
        }
        input {
            id: "landmark", class: "line", r#type: "text", dir: "auto", maxlength: "100", value: "{landmark}",
            placeholder: w.landmark_example, aria_label: w.landmark,
            oninput: move |event| {
                landmark.set(event.value());
                let reason = chosen.unwrap_or(suggested);
                on_no_fix.call((Some(NoFix { reason, landmark: event.value() }), true));
            },
        }
    }
}
