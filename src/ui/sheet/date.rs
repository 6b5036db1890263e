//! Days and moments, with the phone's own pickers.

use chrono::{DateTime, Days, FixedOffset, Local, NaiveDate, NaiveDateTime, TimeZone as _};
use dioxus::prelude::*;

use super::PartEdit;
use super::choices::{Chip, Chips};
use crate::domain::answer::PartValue;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

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
    let sheet = &words(use_language()).sheet;
    let future = !expiry && date.is_some_and(|date| date > day);
    let quick = [(day.to_string(), sheet.today), ((day - Days::new(1)).to_string(), sheet.yesterday)];
    let chips: Vec<Chip> = quick
        .into_iter()
        .map(|(key, text)| Chip { on: *typed.read() == key, key, text: text.to_owned(), fails: false })
        .collect();
    let soon = left.filter(|left| WARN_DAYS.iter().any(|warn| left <= warn));
    rsx! {
        input {
            id, class: if bad { "line bad" } else { "line" }, r#type: "date", value: "{typed}", aria_label: label.clone(),
            max: if expiry { "2099-12-31".to_owned() } else { day.to_string() },
            oninput: move |event| {
                typed.set(event.value());
                let date = event.value().parse::<NaiveDate>().ok();
                on_edit.call(PartEdit::Now(date.map(|date| PartValue::Date { date })));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
        if !expiry {
            Chips { label: label.clone(), chips,
                on_choose: move |text: String| {
                    let date = text.parse::<NaiveDate>().ok();
                    typed.set(text);
                    on_edit.call(PartEdit::Now(date.map(|date| PartValue::Date { date })));
                },
            }
        }
        if future {
            p { class: "hint bad", role: "status", {sheet.future} }
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
        Some(PartValue::Moment { at }) => at.format(MINUTE).to_string(),
        _ => String::new(),
    });
    let sheet = &words(use_language()).sheet;
    let chips = vec![Chip { key: "now".to_owned(), text: sheet.now.to_owned(), ..Chip::default() }];
    rsx! {
        input {
            id, class: "line", r#type: "datetime-local", value: "{typed}", aria_label: label.clone(),
            oninput: move |event| {
                typed.set(event.value());
                let at = moment(&event.value());
                on_edit.call(PartEdit::Now(at.map(|at| PartValue::Moment { at })));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
        Chips { label: label.clone(), chips,
            on_choose: move |_| {
                let text = Local::now().format(MINUTE).to_string();
                on_edit.call(PartEdit::Now(moment(&text).map(|at| PartValue::Moment { at })));
                typed.set(text);
            },
        }
    }
}

/// As the webview's picker writes a moment.
const MINUTE: &str = "%Y-%m-%dT%H:%M";

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let naive = NaiveDateTime::parse_from_str(text, MINUTE).ok()?;
    Some(Local.from_local_datetime(&naive).earliest()?.fixed_offset())
}
