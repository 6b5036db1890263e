//! What a failed item asks for: the problem in words, what was done, and optionally until when.

use chrono::{Days, NaiveDate};
use dioxus::prelude::*;

use super::choices::{Chip, Chips};
use super::model::CardView;
use super::{Change, Edit};
use crate::domain::finding::{Disposition, default_disposition, default_problem};
use crate::domain::text::Text;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

const DISPOSITIONS: [Disposition; 3] = [Disposition::Guided, Disposition::Corrected, Disposition::Reported];
/// Deadlines offered with one tap, in days.
const OFFERED_DAYS: [u64; 3] = [7, 14, 30];

/// The block under a failed item's parts.
#[component]
pub fn Failed(card: CardView, day: NaiveDate, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let handling = card.answer.handling.clone().unwrap_or_default();
    let default = default_problem(item);
    let chosen = if handling.problem.is_empty() { default } else { handling.problem.clone() };
    let ready = item.problems.iter().any(|text| text.zh == chosen);
    let level = card.judgement.level.unwrap_or(item.level);
    let done = handling.disposition.unwrap_or_else(|| default_disposition(level));
    let mut own = use_signal(|| if ready { String::new() } else { chosen.clone() });
    let chip = |text: &Text| Chip {
        key: text.zh.clone(),
        text: text.get(language).to_owned(),
        on: text.zh == chosen,
        fails: false,
    };
    let problems: Vec<Chip> = item.problems.iter().map(chip).collect();
    rsx! {
        div { class: "failed",
            p { class: "label", {w.what_is_wrong} }
            Chips { label: w.what_is_wrong, chips: problems,
                on_choose: move |zh: String| {
                    own.set(String::new());
                    on_edit.call(Edit::Now(Change::Problem(zh)));
                },
            }
            input {
                class: "line", r#type: "text", dir: "auto", maxlength: "200", value: "{own}",
                placeholder: w.own_words, aria_label: w.own_words,
                oninput: move |event| {
                    own.set(event.value());
                    on_edit.call(Edit::Typed(Change::Problem(event.value().trim().to_owned())));
                },
                onblur: move |_| on_edit.call(Edit::Left),
            }
            p { class: "label", {w.what_was_done} }
            div { class: "chips", role: "group", aria_label: w.what_was_done,
                for disposition in DISPOSITIONS {
                    button {
                        key: "{disposition:?}", class: "say", r#type: "button", aria_pressed: disposition == done,
                        onclick: move |_| on_edit.call(Edit::Now(Change::Disposition(disposition))),
                        {(all.terms.disposition)(disposition)}
                    }
                }
            }
            Deadline { id: "{card.anchor()}-deadline", deadline: handling.deadline, day, on_edit }
        }
    }
}

#[component]
fn Deadline(id: String, deadline: Option<NaiveDate>, day: NaiveDate, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let put = move |deadline: Option<NaiveDate>| on_edit.call(Edit::Now(Change::Deadline(deadline)));
    rsx! {
        p { class: "label", {w.deadline} span { class: "soft", {w.optional} } }
        div { class: "chips", role: "group", aria_label: w.deadline,
            for days in OFFERED_DAYS {
                button {
                    key: "{days}", class: "say", r#type: "button",
                    aria_pressed: deadline.is_some() && deadline == day.checked_add_days(Days::new(days)),
                    onclick: move |_| {
                        let offered = day.checked_add_days(Days::new(days));
                        put(offered.filter(|offered| deadline != Some(*offered)));
                    },
                    {(w.in_days)(days)}
                }
            }
            input {
                id, class: "line short", r#type: "date", aria_label: w.deadline, min: "{day}",
                value: deadline.map(|date| date.to_string()).unwrap_or_default(),
                oninput: move |event| put(event.value().parse().ok()),
            }
        }
    }
}
