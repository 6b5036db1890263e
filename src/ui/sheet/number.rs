//! A measured value: reading with unit and limits, instrument, 未检 with its reason.

use dioxus::prelude::*;

use super::PartEdit;
use super::choices::{Chip, Chips};
use crate::domain::answer::PartValue;
use crate::domain::checklist::{Limit, Part, PartKind};
use crate::domain::reading::{Reading, tidy_number};
use crate::domain::text::{Language, Text};
use crate::ui::prefs::{use_language, use_words};
use crate::view::text::unit_of;
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

/// The first limit that a reading does not keep.
pub(super) fn past<'a>(limits: &'a [Limit], reading: &Reading) -> Option<&'a Limit> {
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
    let PartKind::Number { not_measured, instruments, .. } = part.kind.clone() else {
        return rsx! {};
    };
    let unit = unit_of(&part, use_language()).to_owned();
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
    // Telephone pads for decimals often lack a minus.
    let below_zero = limits.iter().any(|limit| limit.value.value().is_sign_negative());
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
            if below_zero && !skipped {
                button { class: "btn sign", r#type: "button", aria_label: words(use_language()).sheet.sign,
                    onclick: move |_| {
                        let turned = turned(&typed.peek());
                        typed.set(turned);
                        on_edit.call(PartEdit::Now(current()));
                    },
                    "±"
                }
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

/// Minus on or off.
fn turned(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix(['-', '−', '－']) {
        Some(rest) => rest.to_owned(),
        None => format!("-{text}"),
    }
}

/// What is compliant and, when the reading is not, why.
#[component]
pub(super) fn LimitLine(
    id: String,
    limits: Vec<Limit>,
    unit: String,
    nonsense: bool,
    beyond: Option<Limit>,
) -> Element {
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
    let chip = |(sentence, shown): (&&str, &&str)| Chip {
        key: (*sentence).to_owned(),
        text: (*shown).to_owned(),
        on: reason == *sentence,
        fails: false,
    };
    let chips: Vec<Chip> = recorded.iter().zip(w.reasons_not_measured).map(chip).collect();
    rsx! {
        Chips { label: w.why_not_measured, chips,
            on_choose: move |reason| {
                typed.set(String::new());
                on_edit.call(PartEdit::Now(Some(PartValue::NotMeasured { reason })));
            },
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
    let chip = |instrument: &Text| Chip {
        key: instrument.zh.clone(),
        text: instrument.get(language).to_owned(),
        on: chosen.as_deref() == Some(instrument.zh.as_str()),
        fails: false,
    };
    let chips: Vec<Chip> = instruments.iter().map(chip).collect();
    rsx! {
        Chips { label: "{label} {w.instrument}", lead: w.instrument.to_owned(), chips,
            on_choose: move |name: String| {
                let again = chosen.as_ref() == Some(&name);
                on_choose.call((!again).then_some(name));
            },
        }
    }
}
