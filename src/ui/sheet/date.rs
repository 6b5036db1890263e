//! Days and moments, with the phone's own pickers.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, TimeZone as _};
use dioxus::prelude::*;

use super::PartEdit;
use crate::domain::answer::PartValue;
use crate::ui::prefs::use_words;

/// Days before its end that a licence is spoken of.
const WARN_DAYS: [i64; 3] = [0, 30, 60];

/// A day; `expiry` looks ahead, others do not accept the future.
#[component]
pub fn DatePart(
    id: String,
    label: String,
    expiry: bool,
    bad: bool,
    day: NaiveDate,
    value: Option<PartValue>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let w = use_words();
    let date = match value {
        Some(PartValue::Date { date }) => Some(date),
        _ => None,
    };
    let mut typed = use_signal(|| date.map(|date| date.to_string()).unwrap_or_default());
    let left = date.filter(|_| expiry && !bad).map(|date| (date - day).num_days());
    let soon = left.filter(|left| WARN_DAYS.iter().any(|warn| left <= warn));
    rsx! {
        input {
            id, class: if bad { "line bad" } else { "line" }, r#type: "date", value: "{typed}", aria_label: label,
            max: if expiry { "2099-12-31".to_owned() } else { day.to_string() },
            oninput: move |event| {
                typed.set(event.value());
                let date = event.value().parse::<NaiveDate>().ok();
                on_edit.call(PartEdit::Now(date.map(|date| PartValue::Date { date })));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
        if let Some(left) = soon {
            p { class: "hint warn", role: "status", {(w.expires_in)(left)} }
        }
    }
}

/// A moment, in the phone's zone.
#[component]
pub fn MomentPart(
    id: String,
    label: String,
    value: Option<PartValue>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let mut typed = use_signal(|| match &value {
        Some(PartValue::Moment { at }) => at.format("%Y-%m-%dT%H:%M").to_string(),
        _ => String::new(),
    });
    rsx! {
        input {
            id, class: "line", r#type: "datetime-local", value: "{typed}", aria_label: label,
            oninput: move |event| {
                typed.set(event.value());
                let at = moment(&event.value());
                on_edit.call(PartEdit::Now(at.map(|at| PartValue::Moment { at })));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
    }
}

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()?;
    Some(Local.from_local_datetime(&naive).earliest()?.fixed_offset())
}
