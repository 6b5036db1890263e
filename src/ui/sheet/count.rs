//! The pair 应 / 实.

use dioxus::prelude::*;

use super::PartEdit;
use super::choices::{Chip, Chips};
use crate::domain::answer::PartValue;
use crate::domain::reading::tidy_number;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

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
    let whole = |text: &String| tidy_number(text).parse::<u32>().ok();
    let [should, have] = [whole(&typed.read()[0]), whole(&typed.read()[1])];
    let same = should.filter(|_| have.is_none());
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
        if let Some(n) = same {
            Chips {
                label: w.count_actual, chips: vec![Chip { key: "same".to_owned(), text: (all.sheet.as_many)(n), ..Chip::default() }],
                on_choose: move |_| {
                    typed.write()[1] = n.to_string();
                    on_edit.call(PartEdit::Now(current()));
                },
            }
        }
        if bad {
            p { class: "hint bad", role: "status", {w.not_a_number} }
        } else if let Some((required, actual)) = few {
            p { class: "hint bad", role: "status", {(all.answer.too_few)(required, actual)} }
        }
    }
}
