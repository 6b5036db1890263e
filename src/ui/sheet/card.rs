//! One item: what is asked, its parts, what was said last time, and what a failure opens in place.

use chrono::NaiveDate;
use dioxus::prelude::*;

use super::failed::Failed;
use super::model::CardView;
use super::parts::Parts;
use super::photos::{Camera, PhotoLinks, Photos};
use super::remarks::RemarkLine;
use super::{Change, Edit};
use crate::domain::checklist::{Level, PhotoRule};
use crate::domain::judge::Verdict;
use crate::ui::prefs::{use_language, use_words};
use crate::view::text::{day as day_text, last_text};
use crate::view::words::words;

/// The card of an item.
#[component]
pub fn Card(card: CardView, day: NaiveDate, busy: Option<String>, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let language = use_language();
    let sheet = &words(language).sheet;
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let failed = card.judgement.verdict == Verdict::Fail;
    let mut noting = use_signal(|| !card.answer.note.is_empty());
    let class = match card.judgement.verdict {
        Verdict::Fail => "card item bad",
        Verdict::Open => "card item",
        _ => "card item done",
    };
    let camera = camera(item.photo, failed);
    let strip = !card.photos.is_empty() || busy.is_some() || failed && camera != Camera::Never;
    let last = card
        .last
        .as_ref()
        .map(|(last, on)| (sheet.last)(&last_text(item, last, language), &day_text(*on, day, language)));
    rsx! {
        section { id: card.anchor(), class, tabindex: "-1", aria_labelledby: "{card.anchor()}-q",
            Head { card: card.clone() }
            h3 { id: "{card.anchor()}-q", class: "q", dir: "auto", {item.text.get(language)} }
            if let Some(remark) = card.remark.clone() {
                RemarkLine { remark, on_go: move |spot| on_edit.call(Edit::Go(spot)) }
            }
            if let Some(hint) = &item.hint { p { class: "hint", dir: "auto", {hint.get(language)} } }
            if item.photo == PhotoRule::PapersOnly { p { class: "hint warn", {sheet.papers_only} } }
            Parts { card: card.clone(), day, on_edit }
            if let Some(last) = last { p { class: "hint last", dir: "auto", {last} } }
            if failed {
                Failed { card: card.clone(), day, on_edit }
            }
            if camera == Camera::Never { p { class: "hint warn no-photo", {sheet.no_photo} } }
            if strip {
                Photos { camera, code: card.code.clone(), photos: card.photos.clone(), busy, on_edit }
            }
            if noting() || failed {
                Note { id: "{card.anchor()}-note", note: card.answer.note.clone(), on_edit }
            }
            div { class: "quiet",
                if !strip && camera != Camera::Never { PhotoLinks { code: card.code.clone(), on_edit } }
                if !noting() && !failed {
                    button { class: "link", r#type: "button", onclick: move |_| noting.set(true), {w.note} }
                }
            }
        }
    }
}

fn camera(rule: PhotoRule, failed: bool) -> Camera {
    match rule {
        PhotoRule::Forbidden => Camera::Never,
        PhotoRule::RequiredWhenFailed if failed => Camera::Needed,
        PhotoRule::RequiredWhenFailed | PhotoRule::Useful => Camera::Useful,
        PhotoRule::None | PhotoRule::PapersOnly => Camera::Free,
    }
}

/// Code, level and, one tap away, where it is written. The level is quiet until the item fails.
#[component]
fn Head(card: CardView) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let Some((checklist, item)) = card.item.get() else { return rsx! {} };
    let level = card.judgement.level.unwrap_or(item.level);
    let verdict = card.judgement.verdict;
    let class = match level {
        Level::A => "chip a",
        Level::B => "chip b",
        Level::C | Level::I => "chip",
    };
    rsx! {
        details { class: "basis",
            summary {
                span { class: "chip", "{card.code}" }
                if verdict == Verdict::Fail {
                    span { class, {all.terms.level_badge(level)} }
                } else if verdict == Verdict::NotApplicable {
                    span { class: "chip", {(all.terms.verdict)(Verdict::NotApplicable)} }
                } else if level >= Level::B {
                    span { class: "level", {(all.sheet.if_failed)(&all.terms.level_badge(level))} }
                }
                span { class: "grow" }
                span { class: "link", {w.basis} }
            }
            ul {
                for (n, basis) in item.basis.iter().enumerate() {
                    li { key: "{n}", dir: "auto",
                        {checklist.source(&basis.source).map_or(basis.source.as_str(), |s| s.title.as_str())}
                        " {basis.clause}"
                        span { class: "soft evidence", {(all.sheet.evidence)(basis.evidence)} }
                    }
                }
            }
        }
    }
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
