//! A section with its items, and what happens to a picture of one of them.

use chrono::NaiveDate;
use dioxus::prelude::*;

use super::Edit;
use super::card::Card;
use super::desk::{Desk, Picture, PictureAt};
use super::model::{CardView, SectionView};
use super::spot::Spot;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::phone::PhoneWords;
use crate::view::words::returned::returned_words;

/// Title with counts, which opens and closes it, and the cards.
#[component]
pub(super) fn Section(
    section: SectionView,
    day: NaiveDate,
    desk: Desk,
    on_edit: EventHandler<(Spot, Edit)>,
) -> Element {
    let w = use_words();
    let language = use_language();
    let key = (section.sheet, section.code.clone());
    let mut closed = desk.closed;
    let open = !closed.read().contains(&key);
    let busy = desk.picture.read().clone();
    let remade = desk.remade.read().clone();
    let made = |card: &CardView| remade.get(&(card.sheet, card.code.clone())).copied().unwrap_or(0);
    rsx! {
        h2 { class: "sec",
            button { r#type: "button", aria_expanded: open, "data-section": "{section.code}",
                onclick: move |_| {
                    let mut closed = closed.write();
                    if !closed.remove(&key) {
                        closed.insert(key.clone());
                    }
                },
                span { span { class: "fold", aria_hidden: "true", if open { "▾ " } else { "▸ " } } {section.title.get(language)} }
                span {
                    if section.remarks > 0 { span { class: "remark-count", {(returned_words(language).section)(section.remarks as usize)} } " · " }
                    {(w.section_count)(section.answered, section.total, section.failed)}
                }
            }
        }
        if open {
            for card in section.cards {
                CardRow {
                    key: "{card.code}-{made(&card)}",
                    busy: busy.clone().filter(|p| p.spot == (card.sheet, card.code.clone())),
                    card, day, on_edit,
                }
            }
        }
    }
}

#[component]
fn CardRow(
    card: CardView,
    day: NaiveDate,
    busy: Option<Picture>,
    on_edit: EventHandler<(Spot, Edit)>,
) -> Element {
    let spot = (card.sheet, card.code.clone());
    let (busy, trouble) = busy_words(busy, use_words());
    rsx! {
        Card { card, day, busy, on_edit: move |edit| on_edit.call((spot.clone(), edit)) }
        if let Some(trouble) = trouble {
            p { class: "alert", role: "alert", {trouble} }
        }
    }
}

/// What is happening to a picture, or what went wrong.
pub(super) fn busy_words(busy: Option<Picture>, w: &PhoneWords) -> (Option<String>, Option<String>) {
    match busy.map(|picture| picture.at) {
        Some(PictureAt::Reading(file, of, percent)) => (Some((w.photo_reading)(file, of, percent)), None),
        Some(PictureAt::Preparing) => (Some(w.photo_preparing.to_owned()), None),
        Some(PictureAt::Failed(trouble)) => (None, Some(trouble.sentence(w))),
        None => (None, None),
    }
}
