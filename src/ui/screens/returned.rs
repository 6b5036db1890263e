//! A record that the bureau sent back: its card, and the page with every comment and the way to correct it.

use chrono::{DateTime, Datelike as _, FixedOffset, Local};
use dioxus::prelude::*;

use super::shell::{Loading, Sorry, TopBar};
use crate::device::returned::{Correcting, Returned, ReviewedRecord, Whose};
use crate::domain::id::InspectionId;
use crate::domain::review::ItemComment;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::text::answer_text;
use crate::view::words::phone::PhoneWords;
use crate::view::words::returned::{ReturnedWords, returned_words};
use crate::view::words::today::today_words;

/// Day and time as lists show them, in the phone's zone.
pub fn when(at: DateTime<FixedOffset>, w: &PhoneWords) -> String {
    let at = at.with_timezone(&Local);
    (w.month_day_time)(at.month(), at.day(), &at.format("%H:%M").to_string())
}

/// The card on the first tab.
#[component]
pub fn ReturnedCard(returned: Returned) -> Element {
    let language = use_language();
    let (t, r) = (today_words(language), returned_words(language));
    let Returned { inspection, site, review, whose, .. } = returned;
    let more = review.more();
    let title = if site.is_empty() { review.number.clone() } else { site };
    rsx! {
        button { class: "card site returned", r#type: "button", "data-returned": "{inspection}",
            onclick: move |_| { navigator().push(Route::ReturnedPage { id: inspection }); },
            span { class: "lv a", aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1", dir: "auto", {(t.returned)(&title)} }
                span { class: "t2", dir: "auto", {(t.returned_by)(&review.by, &review.first_words())} }
                if more > 0 { span { class: "t2", {(t.returned_more)(more)} } }
            }
            span { class: "link", if whose == Whose::Mine { {r.correct} } else { {r.see} } }
        }
    }
}

/// Every comment, and what to do.
#[component]
pub fn ReturnedPage(id: InspectionId) -> Element {
    let r = returned_words(use_language());
    let loaded =
        use_live(move |device| async move { device.reviewed(id).await.map_err(|error| Trouble::of(&error)) });
    let over = |record: &ReviewedRecord| record.returned.correcting == Correcting::Over;
    rsx! {
        div { class: "screen", id: "returned",
            match &*loaded.read() {
                Some(Ok(Some(record))) if !over(record) => rsx! { Told { record: record.clone() } },
                other => rsx! {
                    TopBar { title: r.title, back: true }
                    match other {
                        None => rsx! { Loading {} },
                        Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                        Some(Ok(_)) => rsx! {
                            div { class: "empty", id: "returned-over", p { class: "t1", {r.over} } p { {r.over_what} } }
                        },
                    }
                },
            }
        }
    }
}

#[component]
fn Told(record: ReviewedRecord) -> Element {
    let w = use_words();
    let r = returned_words(use_language());
    let Returned { review, whose, site, inspection, correcting } = record.returned.clone();
    let title = if site.is_empty() { r.title.to_owned() } else { site };
    rsx! {
        TopBar { title, back: true,
            {r.returned}
            if !review.number.is_empty() { " · " {(r.number)(&review.number)} }
        }
        main { class: "scroll",
            section { class: "card comment", id: "whole-comment",
                p { class: "comment-by", bdi { {(r.by)(&review.by, &when(review.at, w))} } }
                if !review.comment.is_empty() { p { class: "comment-text", dir: "auto", {review.comment.clone()} } }
                if !review.items.is_empty() { p { class: "t2", {(r.on_items)(review.items.len())} } }
            }
            for comment in review.items.clone() {
                Commented { key: "{comment.sheet}-{comment.item}", comment, record: record.clone() }
            }
            p { class: "hint", id: "returned-what", {what(&whose, correcting, r)} }
        }
        if whose == Whose::Mine { Correct { inspection, begun: correcting == Correcting::Begun } }
    }
}

fn what(whose: &Whose, correcting: Correcting, r: &ReturnedWords) -> String {
    match whose {
        Whose::Mine if correcting == Correcting::Begun => r.begun.to_owned(),
        Whose::Mine => r.kept.to_owned(),
        Whose::Anothers(name) => (r.anothers)(name),
        Whose::OtherCopy => r.other_copy.to_owned(),
        Whose::Elsewhere => r.elsewhere.to_owned(),
    }
}

/// An item with the comment on it, and what was answered.
#[component]
pub(super) fn Commented(comment: ItemComment, record: ReviewedRecord) -> Element {
    let language = use_language();
    let r = returned_words(language);
    let sheet = record.record.as_ref().and_then(|record| record.sheets.get(comment.sheet as usize));
    let item = sheet.and_then(|sheet| record.library.get(&sheet.checklist.hash)?.item(&comment.item));
    let answer = sheet.and_then(|sheet| sheet.answers.get(&comment.item));
    let said = item.zip(answer).map(|(item, answer)| answer_text(item, answer, language));
    rsx! {
        section { class: "card", "data-comment": "{comment.item}",
            p { class: "t2", dir: "auto",
                span { class: "chip", {comment.item.clone()} }
                if let Some(item) = item { " " {item.text.get(language)} }
            }
            p { class: "comment-text", dir: "auto", {comment.text.clone()} }
            if let Some(said) = said { p { class: "hint", dir: "auto", {r.answered} {said} } }
        }
    }
}

#[component]
fn Correct(inspection: InspectionId, begun: bool) -> Element {
    let w = use_words();
    let r = returned_words(use_language());
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let correct = move |_| {
        let device = device.clone();
        async move {
            busy.set(true);
            match device.correct(inspection).await {
                Ok(()) => {
                    navigator().replace(Route::SheetScreen { id: inspection, item: String::new() });
                }
                Err(error) => {
                    trouble.set(Some(Trouble::of(&error)));
                    busy.set(false);
                }
            }
        }
    };
    rsx! {
        if let Some(trouble) = trouble() { p { class: "alert", role: "alert", {trouble.sentence(w)} } }
        footer { class: "actions",
            button { class: "btn p", id: "correct", r#type: "button", disabled: busy(), onclick: correct,
                if begun { {r.go_on} } else { {r.correct} }
            }
        }
    }
}
