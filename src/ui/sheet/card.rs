//! One item: what is asked, its parts, and what a failure opens in place.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dioxus::prelude::*;

use super::date::{DatePart, MomentPart};
use super::failed::Failed;
use super::model::{CardView, PartView};
use super::number::{CountPart, NumberPart, SeriesPart};
use super::photos::Photos;
use super::text::{ConfidentialPart, TextPart};
use super::{Change, Edit, PartEdit};
use crate::domain::answer::PartValue;
use crate::domain::checklist::{Choice, Level, Part, PartKind, PhotoRule};
use crate::domain::judge::{Reason, Verdict};
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

/// The card of an item.
#[component]
pub fn Card(card: CardView, day: NaiveDate, busy: Option<String>, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let language = use_language();
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let failed = card.judgement.verdict == Verdict::Fail;
    let mut noting = use_signal(|| !card.answer.note.is_empty());
    let class = match card.judgement.verdict {
        Verdict::Fail => "card item bad",
        Verdict::Open => "card item",
        _ => "card item done",
    };
    let photo_wanted = failed || !card.photos.is_empty() || busy.is_some();
    rsx! {
        section { id: card.anchor(), class, tabindex: "-1", aria_labelledby: "{card.anchor()}-q",
            Head { card: card.clone() }
            h3 { id: "{card.anchor()}-q", class: "q", dir: "auto", {item.text.get(language)} }
            if let Some(hint) = &item.hint { p { class: "hint", dir: "auto", {hint.get(language)} } }
            Parts { card: card.clone(), day, on_edit }
            if failed {
                Failed { card: card.clone(), day, on_edit }
            }
            if photo_wanted {
                Photos { card: card.clone(), busy, on_edit }
            }
            if noting() || failed {
                Note { id: "{card.anchor()}-note", note: card.answer.note.clone(), on_edit }
            }
            div { class: "quiet",
                if !photo_wanted && item.photo != PhotoRule::Forbidden {
                    button { class: "link", r#type: "button",
                        onclick: move |_| on_edit.call(Edit::Photo(crate::domain::inspection::PhotoSource::Camera)),
                        {w.take_photo}
                    }
                }
                if !noting() && !failed {
                    button { class: "link", r#type: "button", onclick: move |_| noting.set(true), {w.note} }
                }
            }
        }
    }
}

#[component]
fn Head(card: CardView) -> Element {
    let w = use_words();
    let all = words(use_language());
    let Some((checklist, item)) = card.item.get() else { return rsx! {} };
    let level = card.judgement.level.unwrap_or(item.level);
    let failed = card.judgement.verdict == Verdict::Fail;
    let class = match level {
        Level::A => "chip a",
        Level::B => "chip b",
        Level::C | Level::I => "chip",
    };
    rsx! {
        details { class: "basis",
            summary {
                span { class: "chip", "{card.code}" }
                if failed { span { class, {all.terms.level_badge(level)} } }
                if card.judgement.verdict == Verdict::NotApplicable {
                    span { class: "chip", {(all.terms.verdict)(Verdict::NotApplicable)} }
                }
                span { class: "grow" }
                span { class: "link", {w.basis} }
            }
            ul {
                for (n, basis) in item.basis.iter().enumerate() {
                    li { key: "{n}", dir: "auto",
                        {checklist.source(&basis.source).map_or(basis.source.as_str(), |s| s.title.as_str())}
                        " {basis.clause}"
                    }
                }
            }
        }
    }
}

/// The parts, and 不适用 beside the first yes–no part or, without one, alone.
#[component]
fn Parts(card: CardView, day: NaiveDate, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let away = item.na_allowed && card.answer.not_applicable;
    let has_segments = matches!(item.parts.first().map(|p| &p.kind), Some(PartKind::YesNo));
    let shown: Vec<PartView> = if away {
        card.parts.iter().take(usize::from(has_segments)).cloned().collect()
    } else {
        card.parts.clone()
    };
    let toggle = move |_| on_edit.call(Edit::Now(Change::NotApplicable(!away)));
    rsx! {
        for (n, view) in shown.into_iter().enumerate() {
            PartField { key: "{view.index}", card: card.clone(), view, first: n == 0, day, on_edit }
        }
        if item.na_allowed && !has_segments {
            button { class: "btn wide", r#type: "button", aria_pressed: away, onclick: toggle, {w.not_applicable} }
        }
    }
}

#[component]
fn PartField(
    card: CardView,
    view: PartView,
    first: bool,
    day: NaiveDate,
    on_edit: EventHandler<Edit>,
) -> Element {
    let language = use_language();
    let w = use_words();
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let Some(part) = item.parts.get(view.index).cloned() else { return rsx! {} };
    let part_key = part.key.clone();
    let shown_label = part.label.as_ref().map(|text| text.get(language).to_owned());
    let label = shown_label.clone().unwrap_or_else(|| item.text.get(language).to_owned());
    let id = format!("{}-{}", card.anchor(), part.key);
    let value = card.value(&part);
    let bad = is_bad(&card, &part.key);
    let on_part = {
        let key = part.key.clone();
        move |edit: PartEdit| on_edit.call(edit.of_part(&key))
    };
    let na = (first && item.na_allowed).then_some(card.answer.not_applicable);
    rsx! {
        div { class: "part", "data-part": part_key.clone(),
            if let Some(text) = shown_label.filter(|_| item.parts.len() > 1 || part.kind == PartKind::YesNo) {
                p { class: "label", dir: "auto",
                    {text}
                    if part.optional { span { class: "soft", {w.optional} } }
                }
            }
            match part.kind.clone() {
                PartKind::YesNo => rsx! { Segments { card: card.clone(), part: part.clone(), label, na, on_edit } },
                PartKind::Number { .. } => rsx! {
                    NumberPart { id, label, part: part.clone(), value, limits: view.limits.clone(), on_edit: on_part }
                },
                PartKind::CountPair => rsx! { CountPart { id, label, value, on_edit: on_part } },
                PartKind::One { choices } => rsx! {
                    Choices { label, choices, many: false, optional: part.optional, value, on_edit: on_part }
                },
                PartKind::Many { choices } => rsx! {
                    Choices { label, choices, many: true, optional: true, value, on_edit: on_part }
                },
                PartKind::Text { max_chars } => rsx! { TextPart { id, label, max_chars, value, on_edit: on_part } },
                PartKind::Confidential { max_chars } => rsx! {
                    ConfidentialPart { id, label, max_chars, kept: value.is_some(), on_edit: on_part }
                },
                PartKind::Date { .. } => rsx! {
                    DatePart { id, label, expiry: false, bad, day, value, on_edit: on_part }
                },
                PartKind::Expiry => rsx! { DatePart { id, label, expiry: true, bad, day, value, on_edit: on_part } },
                PartKind::Moment => rsx! { MomentPart { id, label, value, on_edit: on_part } },
                PartKind::Series { .. } => rsx! {
                    SeriesPart { id, label, part: part.clone(), value, limits: view.limits.clone(), on_edit: on_part }
                },
                PartKind::Computed { unit, .. } => rsx! {
                    p { class: "computed",
                        {view.computed.clone().unwrap_or_else(|| "–".to_owned())}
                        " {unit}"
                    }
                },
            }
            DateReasons { card: card.clone(), part_key: part_key.clone() }
        }
    }
}

/// Past or too old: the two reasons that no part says by itself.
#[component]
fn DateReasons(card: CardView, part_key: String) -> Element {
    let all = words(use_language());
    let line = card.judgement.reasons.iter().find_map(|reason| match reason {
        Reason::Expired { part, on } if *part == part_key => Some((all.answer.expired)(&on.to_string())),
        Reason::TooOld { part, on, max_age_days } if *part == part_key => {
            Some((all.answer.too_old)(&on.to_string(), *max_age_days))
        }
        _ => None,
    });
    rsx! {
        if let Some(line) = line { p { class: "hint bad", role: "status", {line} } }
    }
}

fn is_bad(card: &CardView, key: &str) -> bool {
    card.judgement.reasons.iter().any(|reason| match reason {
        Reason::No { part }
        | Reason::OutOfLimit { part, .. }
        | Reason::TooFew { part, .. }
        | Reason::BadChoice { part, .. }
        | Reason::Expired { part, .. }
        | Reason::TooOld { part, .. } => part == key,
    })
}

/// 符合 / 不符合 / 不适用.
#[component]
fn Segments(
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

/// Choices as chips.
#[component]
fn Choices(
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
    rsx! {
        div { class: "chips", role: "group", aria_label: label,
            for choice in choices {
                button {
                    key: "{choice.code}", class: if choice.fails { "say fails" } else { "say" }, r#type: "button",
                    "data-choice": "{choice.code}", aria_pressed: chosen.contains(&choice.code),
                    onclick: {
                        let (chosen, code) = (chosen.clone(), choice.code.clone());
                        move |_| on_edit.call(PartEdit::Now(choose(&chosen, &code, many, optional)))
                    },
                    bdi { {choice.text.get(language)} }
                }
            }
        }
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

#[component]
fn Note(id: String, note: String, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let mut typed = use_signal(|| note);
    rsx! {
        textarea {
            id, class: "line", dir: "auto", rows: "2", maxlength: "500", value: "{typed}", placeholder: w.note,
            aria_label: w.note,
            oninput: move |event| {
                typed.set(event.value());
                on_edit.call(Edit::Typed(Change::Note(event.value())));
            },
            onblur: move |_| on_edit.call(Edit::Left),
        }
    }
}
