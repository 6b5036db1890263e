//! The parts of an item, each by its kind.

use chrono::NaiveDate;
use dioxus::prelude::*;

use super::choices::{Choices, Segments};
use super::count::CountPart;
use super::date::{DatePart, MomentPart};
use super::model::{CardView, PartView};
use super::number::{LimitLine, NumberPart, past};
use super::series::SeriesPart;
use super::text::{ConfidentialPart, TextPart};
use super::{Change, Edit, PartEdit};
use crate::domain::checklist::{Part, PartKind};
use crate::domain::judge::Reason;
use crate::ui::prefs::{use_language, use_words};
use crate::view::text::unit_of;
use crate::view::words::words;

/// The parts, and 不适用 beside the first yes–no part or, without one, alone.
#[component]
pub(super) fn Parts(card: CardView, day: NaiveDate, on_edit: EventHandler<Edit>) -> Element {
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
    let many = item.parts.len() > 1 || part.kind == PartKind::YesNo;
    let na = (first && item.na_allowed).then_some(card.answer.not_applicable);
    rsx! {
        div { class: "part", "data-part": part_key.clone(),
            if let Some(text) = shown_label.filter(|_| many) {
                p { class: "label", dir: "auto",
                    {text}
                    if part.optional { span { class: "soft", {w.optional} } }
                }
            }
            if part.kind == PartKind::YesNo {
                Segments { card: card.clone(), part: part.clone(), label, na, on_edit }
            } else {
                Field { card: card.clone(), view, part: part.clone(), label, day, on_edit }
            }
            DateReasons { card: card.clone(), part_key: part_key.clone() }
        }
    }
}

/// Every kind but yes–no.
#[component]
fn Field(
    card: CardView,
    view: PartView,
    part: Part,
    label: String,
    day: NaiveDate,
    on_edit: EventHandler<Edit>,
) -> Element {
    let language = use_language();
    let id = format!("{}-{}", card.anchor(), part.key);
    let value = card.value(&part);
    let bad = is_bad(&card, &part.key);
    let limits = view.limits.clone();
    let on_edit = {
        let key = part.key.clone();
        move |edit: PartEdit| on_edit.call(edit.of_part(&key))
    };
    match part.kind.clone() {
        PartKind::YesNo => rsx! {},
        PartKind::Number { .. } => rsx! { NumberPart { id, label, part, value, limits, on_edit } },
        PartKind::CountPair => rsx! { CountPart { id, label, value, on_edit } },
        PartKind::One { choices } => rsx! {
            Choices { label, choices, many: false, optional: part.optional, value, on_edit }
        },
        PartKind::Many { choices } => rsx! {
            Choices { label, choices, many: true, optional: true, value, on_edit }
        },
        PartKind::Text { max_chars } => rsx! { TextPart { id, label, max_chars, value, on_edit } },
        PartKind::Confidential { max_chars } => rsx! {
            ConfidentialPart { id, label, max_chars, kept: value.is_some(), on_edit }
        },
        PartKind::Date { .. } => rsx! { DatePart { id, label, expiry: false, bad, day, value, on_edit } },
        PartKind::Expiry => rsx! { DatePart { id, label, expiry: true, bad, day, value, on_edit } },
        PartKind::Moment => rsx! { MomentPart { id, label, value, on_edit } },
        PartKind::Series { .. } => rsx! { SeriesPart { id, label, part, value, limits, on_edit } },
        PartKind::Computed { .. } => {
            let unit = unit_of(&part, language).to_owned();
            rsx! { Computed { id, view, unit } }
        }
    }
}

/// Worked out from other parts, with its limits.
#[component]
fn Computed(id: String, view: PartView, unit: String) -> Element {
    let value = view.computed.clone();
    let beyond = value.as_ref().and_then(|text| past(&view.limits, &text.parse().ok()?).cloned());
    rsx! {
        p { id: "{id}", class: if beyond.is_some() { "computed late" } else { "computed" }, role: "status",
            {value.unwrap_or_else(|| "–".to_owned())}
            " {unit}"
        }
        LimitLine { id: "{id}-limits", limits: view.limits.clone(), unit, nonsense: false, beyond: beyond.clone() }
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
