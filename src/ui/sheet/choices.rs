//! Buttons to choose with: 符合 / 不符合 / 不适用, choices, and rows of chips.

use std::collections::BTreeSet;

use dioxus::prelude::*;

use super::model::CardView;
use super::{Change, Edit, PartEdit};
use crate::domain::answer::PartValue;
use crate::domain::checklist::{Choice, Part};
use crate::ui::prefs::{use_language, use_words};

/// 符合 / 不符合 / 不适用.
#[component]
pub(super) fn Segments(
    card: CardView,
    part: Part,
    label: String,
    na: Option<bool>,
    on_edit: EventHandler<Edit>,
) -> Element {
    let w = use_words();
    let away = na.unwrap_or(card.answer.not_applicable);
    let chosen = match card.value(&part) {
        Some(PartValue::YesNo { yes }) if !away => Some(yes),
        _ => None,
    };
    let say = move |yes: bool| on_edit.call(Edit::Now(Change::YesNo(part.key.clone(), yes)));
    let skip = move |_| on_edit.call(Edit::Now(Change::NotApplicable(!away)));
    let no = say.clone();
    rsx! {
        div { class: if na.is_some() { "seg three" } else { "seg" }, role: "group", aria_label: label,
            button { class: "ok", r#type: "button", aria_pressed: chosen == Some(true), onclick: move |_| say(true),
                span { aria_hidden: "true", "✓ " } {w.yes}
            }
            button { class: "no", r#type: "button", aria_pressed: chosen == Some(false), onclick: move |_| no(false),
                span { aria_hidden: "true", "✕ " } {w.no}
            }
            if na.is_some() {
                button { class: "na", r#type: "button", aria_pressed: away, onclick: skip, {w.not_applicable} }
            }
        }
    }
}

/// One chip of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chip {
    /// What is handed back, unique in its row.
    pub(super) key: String,
    /// What is read.
    pub(super) text: String,
    /// Chosen.
    pub(super) on: bool,
    /// Choosing it is a failure.
    pub(super) fails: bool,
}

/// A row of chips, with a word before them.
#[component]
pub(super) fn Chips(
    label: String,
    lead: Option<String>,
    chips: Vec<Chip>,
    on_choose: EventHandler<String>,
) -> Element {
    rsx! {
        div { class: "chips", role: "group", aria_label: label,
            if let Some(lead) = lead { span { class: "hint", {lead} } }
            for chip in chips {
                button {
                    key: "{chip.key}", class: if chip.fails { "say fails" } else { "say" }, r#type: "button",
                    "data-choice": "{chip.key}", aria_pressed: chip.on,
                    onclick: { let key = chip.key.clone(); move |_| on_choose.call(key.clone()) },
                    bdi { {chip.text.clone()} }
                }
            }
        }
    }
}

/// Choices as chips.
#[component]
pub(super) fn Choices(
    label: String,
    choices: Vec<Choice>,
    many: bool,
    optional: bool,
    value: Option<PartValue>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let language = use_language();
    let chosen: BTreeSet<String> = match value {
        Some(PartValue::One { choice }) => [choice].into(),
        Some(PartValue::Many { choices }) => choices,
        _ => BTreeSet::new(),
    };
    let chip = |choice: &Choice| Chip {
        key: choice.code.clone(),
        text: choice.text.get(language).to_owned(),
        on: chosen.contains(&choice.code),
        fails: choice.fails,
    };
    let chips: Vec<Chip> = choices.iter().map(chip).collect();
    rsx! {
        Chips { label, chips, on_choose: move |code: String| {
            on_edit.call(PartEdit::Now(choose(&chosen, &code, many, optional)));
        } }
    }
}

fn choose(chosen: &BTreeSet<String>, code: &str, many: bool, optional: bool) -> Option<PartValue> {
    let again = chosen.contains(code);
    if !many {
        return (!again || !optional).then(|| PartValue::One { choice: code.to_owned() });
    }
    let mut choices = chosen.clone();
    if !choices.remove(code) {
        choices.insert(code.to_owned());
    }
    (!choices.is_empty()).then_some(PartValue::Many { choices })
}
