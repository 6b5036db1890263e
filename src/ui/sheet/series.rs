//! Several readings of one kind, each against the same limits.

use dioxus::prelude::*;

use super::PartEdit;
use super::number::{LimitLine, past};
use crate::domain::answer::{PartValue, SeriesReading};
use crate::domain::checklist::{Limit, Part, PartKind};
use crate::domain::reading::{Reading, tidy_number};
use crate::ui::prefs::{use_language, use_words};
use crate::view::text::unit_of;
use crate::view::words::words;

/// Several readings of one kind.
#[component]
pub fn SeriesPart(
    id: String,
    label: String,
    part: Part,
    value: Option<PartValue>,
    limits: Vec<Limit>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let w = use_words();
    let PartKind::Series { min_readings, .. } = part.kind else { return rsx! {} };
    let unit = unit_of(&part, use_language()).to_owned();
    let mut rows = use_signal(|| rows_of(value, usize::from(min_readings)));
    let current = move || {
        let readings: Vec<SeriesReading> = rows
            .peek()
            .iter()
            .filter_map(|[label, text]| {
                let reading = tidy_number(text).parse().ok()?;
                Some(SeriesReading { label: label.clone(), reading })
            })
            .collect();
        (!readings.is_empty()).then_some(PartValue::Series { readings })
    };
    let shown = rows.read().clone();
    let sheet = &words(use_language()).sheet;
    let read = |text: &String| tidy_number(text).parse::<Reading>().ok();
    let nonsense = shown.iter().any(|[_, text]| !text.trim().is_empty() && read(text).is_none());
    let taken = shown.iter().filter(|[_, text]| read(text).is_some()).count();
    let beyond = shown.iter().find_map(|[_, text]| past(&limits, &read(text)?).cloned());
    let bad = |text: &String| read(text).is_some_and(|reading| past(&limits, &reading).is_some());
    rsx! {
        for (n, row) in shown.clone().into_iter().enumerate() {
            div { key: "{n}", class: "pair",
                for (field, text) in row.into_iter().enumerate() {
                    input {
                        key: "{field}", id: "{id}-{n}-{field}", class: if field == 1 && bad(&text) { "line bad" } else { "line" },
                        r#type: "text", dir: "auto", maxlength: if field == 1 { "20" } else { "30" },
                        value: "{text}", inputmode: if field == 1 { "decimal" } else { "text" },
                        placeholder: if field == 0 { w.series_label.to_owned() } else { unit.clone() },
                        aria_label: if field == 0 {
                            format!("{label} {} {}", (sheet.reading_of)(n + 1), w.series_label)
                        } else {
                            format!("{label} {} {unit}", (sheet.reading_of)(n + 1))
                        },
                        oninput: move |event| {
                            rows.write()[n][field] = event.value();
                            on_edit.call(PartEdit::Typed(current()));
                        },
                        onblur: move |_| on_edit.call(PartEdit::Left),
                    }
                }
            }
        }
        LimitLine { id: "{id}-limits", limits: limits.clone(), unit: unit.clone(), nonsense, beyond }
        if taken < usize::from(min_readings) {
            p { class: "hint", {(sheet.at_least_readings)(min_readings)} }
        }
        button { class: "btn", r#type: "button",
            onclick: move |_| rows.write().push([String::new(), String::new()]), {w.series_add}
        }
    }
}

fn rows_of(value: Option<PartValue>, min: usize) -> Vec<[String; 2]> {
    let mut rows: Vec<[String; 2]> = match value {
        Some(PartValue::Series { readings }) => {
            readings.into_iter().map(|r| [r.label, r.reading.to_string()]).collect()
        }
        _ => Vec::new(),
    };
    rows.resize_with(rows.len().max(min).max(1), Default::default);
    rows
}
