//! Numbers: a reading with unit, limits, instrument and 未检; the pair 应 / 实; a series of readings.

use dioxus::prelude::*;

use super::PartEdit;
use crate::domain::answer::{PartValue, SeriesReading};
use crate::domain::checklist::{Limit, Part, PartKind};
use crate::domain::reading::{Reading, tidy_number};
use crate::domain::text::{Language, Text};
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::phone::phone;
use crate::view::words::words;

/// The limits in one line: “0.3–2 mg/L”, “≤ 1 NTU”.
pub fn limits_line(limits: &[Limit], unit: &str) -> String {
    use crate::domain::checklist::Comparator as C;
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match limits {
        [] => String::new(),
        [low, high] if low.cmp == C::AtLeast && high.cmp == C::AtMost => {
            format!("{}–{}{unit}", low.value, high.value)
        }
        limits => {
            let each = limits.iter().map(|limit| format!("{} {}", limit.cmp.sign(), limit.value));
            each.collect::<Vec<_>>().join(" · ") + &unit
        }
    }
}

fn past<'a>(limits: &'a [Limit], reading: &Reading) -> Option<&'a Limit> {
    limits.iter().find(|limit| !limit.cmp.accepts(reading, &limit.value))
}

fn reading_of(value: &Option<PartValue>) -> String {
    match value {
        Some(PartValue::Number { reading, .. }) => reading.to_string(),
        _ => String::new(),
    }
}

/// A measured value.
#[component]
pub fn NumberPart(
    id: String,
    label: String,
    part: Part,
    value: Option<PartValue>,
    limits: Vec<Limit>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let w = use_words();
    let PartKind::Number { unit, not_measured, instruments, .. } = part.kind.clone() else {
        return rsx! {};
    };
    let mut typed = use_signal(|| reading_of(&value));
    let mut instrument = use_signal(|| match &value {
        Some(PartValue::Number { instrument, .. }) => instrument.clone(),
        _ => None,
    });
    let skipped = matches!(value, Some(PartValue::NotMeasured { .. }));
    let text = typed.read().clone();
    let reading = tidy_number(&text).parse::<Reading>().ok();
    let nonsense = !text.trim().is_empty() && reading.is_none();
    let beyond = reading.as_ref().filter(|_| !skipped).and_then(|reading| past(&limits, reading)).cloned();
    let current = move || {
        let reading = tidy_number(&typed.peek()).parse::<Reading>().ok()?;
        Some(PartValue::Number { reading, instrument: instrument.peek().clone() })
    };
    let skip_value = if skipped {
        current()
    } else {
        Some(PartValue::NotMeasured { reason: phone(Language::Zh).reasons_not_measured[0].to_owned() })
    };
    let state = if nonsense || beyond.is_some() { "field number bad" } else { "field number" };
    rsx! {
        div { class: "number-row",
            label { class: if skipped { "field number off" } else { state }, r#for: "{id}",
                input {
                    id: "{id}", r#type: "text", inputmode: "decimal", autocomplete: "off", value: "{text}",
                    aria_label: "{label} {unit}", aria_describedby: "{id}-limits", disabled: skipped,
                    oninput: move |event| {
                        typed.set(event.value());
                        on_edit.call(PartEdit::Typed(current()));
                    },
                    onblur: move |_| on_edit.call(PartEdit::Left),
                }
                if !unit.is_empty() { span { class: "unit", "{unit}" } }
            }
            if not_measured {
                button {
                    class: "btn", r#type: "button", aria_pressed: skipped,
                    onclick: move |_| on_edit.call(PartEdit::Now(skip_value.clone())), {w.not_measured}
                }
            }
        }
        LimitLine { id: "{id}-limits", limits: limits.clone(), unit: unit.clone(), nonsense, beyond: beyond.clone() }
        if skipped {
            SkipReason { value, on_edit }
        } else if !instruments.is_empty() {
            Instruments {
                label: label.clone(), instruments, chosen: instrument.read().clone(),
                on_choose: move |name| {
                    instrument.set(name);
                    if let Some(value) = current() {
                        on_edit.call(PartEdit::Now(Some(value)));
                    }
                },
            }
        }
    }
}

#[component]
fn LimitLine(id: String, limits: Vec<Limit>, unit: String, nonsense: bool, beyond: Option<Limit>) -> Element {
    let w = use_words();
    let all = words(use_language());
    let line = limits_line(&limits, &unit);
    let bad = nonsense || beyond.is_some();
    rsx! {
        p { id, class: if bad { "hint bad" } else { "hint" }, role: "status",
            if nonsense {
                {w.not_a_number}
            } else if let Some(limit) = beyond {
                {(all.answer.past_limit)(limit.cmp, &limit.value.to_string())}
                if limits.len() > 1 { " · " {(all.answer.compliant)(&line)} }
            } else if !line.is_empty() {
                {(all.answer.compliant)(&line)}
            }
        }
    }
}

#[component]
fn SkipReason(value: Option<PartValue>, on_edit: EventHandler<PartEdit>) -> Element {
    let w = use_words();
    let Some(PartValue::NotMeasured { reason }) = value else { return rsx! {} };
    // The record is Chinese, whatever the screen speaks.
    let recorded = phone(Language::Zh).reasons_not_measured;
    let mut typed =
        use_signal(|| if recorded.contains(&reason.as_str()) { String::new() } else { reason.clone() });
    rsx! {
        div { class: "chips", role: "group", aria_label: w.why_not_measured,
            for (sentence, shown) in recorded.iter().zip(w.reasons_not_measured) {
                button {
                    key: "{sentence}", class: "say", r#type: "button", aria_pressed: reason == *sentence,
                    onclick: move |_| {
                        typed.set(String::new());
                        on_edit.call(PartEdit::Now(Some(PartValue::NotMeasured { reason: (*sentence).to_owned() })));
                    },
                    {*shown}
                }
            }
        }
        input {
            class: "line", r#type: "text", dir: "auto", value: "{typed}", maxlength: "100",
            aria_label: w.why_not_measured, placeholder: w.other_reason,
            oninput: move |event| {
                typed.set(event.value());
                on_edit.call(PartEdit::Typed(Some(PartValue::NotMeasured { reason: event.value() })));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
    }
}

/// Instruments as chips; the Chinese name is what the record holds.
#[component]
fn Instruments(
    label: String,
    instruments: Vec<Text>,
    chosen: Option<String>,
    on_choose: EventHandler<Option<String>>,
) -> Element {
    let w = use_words();
    let language = use_language();
    rsx! {
        div { class: "chips", role: "group", aria_label: "{label} {w.instrument}",
            span { class: "hint", {w.instrument} }
            for instrument in instruments {
                button {
                    key: "{instrument.zh}", class: "say", r#type: "button",
                    aria_pressed: chosen.as_deref() == Some(instrument.zh.as_str()),
                    onclick: {
                        let name = instrument.zh.clone();
                        let again = chosen.as_deref() == Some(name.as_str());
                        move |_| on_choose.call((!again).then(|| name.clone()))
                    },
                    {instrument.get(language)}
                }
            }
        }
    }
}

/// 应 / 实.
#[component]
pub fn CountPart(
    id: String,
    label: String,
    value: Option<PartValue>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let w = use_words();
    let all = words(use_language());
    let (required, actual) = match value {
        Some(PartValue::Count { required, actual }) => (Some(required), Some(actual)),
        _ => (None, None),
    };
    let text = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let mut typed = use_signal(|| [text(required), text(actual)]);
    let current = move || {
        let [required, actual] = typed.peek().clone().map(|text| tidy_number(&text).parse::<u32>().ok());
        Some(PartValue::Count { required: required?, actual: actual? })
    };
    let few = required.zip(actual).filter(|(required, actual)| actual < required);
    let bad = typed.read().iter().any(|text| !text.is_empty() && tidy_number(text).parse::<u32>().is_err());
    rsx! {
        div { class: "pair",
            for (n, name) in [w.count_required, w.count_actual].into_iter().enumerate() {
                label { key: "{n}", class: if few.is_some() || bad { "field number bad" } else { "field number" },
                    span { class: "unit", {name} }
                    input {
                        id: "{id}-{n}", r#type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "6",
                        value: "{typed.read()[n]}", aria_label: "{label} {name}",
                        oninput: move |event| {
                            typed.write()[n] = event.value();
                            on_edit.call(PartEdit::Typed(current()));
                        },
                        onblur: move |_| on_edit.call(PartEdit::Left),
                    }
                }
            }
        }
        if bad {
            p { class: "hint bad", role: "status", {w.not_a_number} }
        } else if let Some((required, actual)) = few {
            p { class: "hint bad", role: "status", {(all.answer.too_few)(required, actual)} }
        }
    }
}

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
    let PartKind::Series { unit, min_readings, .. } = part.kind.clone() else { return rsx! {} };
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
    rsx! {
        for (n, row) in shown.into_iter().enumerate() {
            div { key: "{n}", class: "pair",
                for (field, text) in row.into_iter().enumerate() {
                    input {
                        key: "{field}", id: "{id}-{n}-{field}", class: "line", r#type: "text", dir: "auto",
                        value: "{text}", inputmode: if field == 1 { "decimal" } else { "text" },
                        placeholder: if field == 0 { w.series_label.to_owned() } else { unit.clone() },
                        aria_label: "{label} {n + 1}",
                        oninput: move |event| {
                            rows.write()[n][field] = event.value();
                            on_edit.call(PartEdit::Typed(current()));
                        },
                        onblur: move |_| on_edit.call(PartEdit::Left),
                    }
                }
            }
        }
        p { class: "hint", {(words(use_language()).answer.compliant)(&limits_line(&limits, &unit))} }
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
