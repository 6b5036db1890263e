//! Today: what to go on with, what waits to be sent, where to begin.

use chrono::{Datelike as _, Local};
use dioxus::prelude::*;

use super::shell::{Loading, TopBar};
use crate::device::outbox::{RecordRow, Standing};
use crate::device::visit::DraftRow;
use crate::ui::live::{use_live, use_standing};
use crate::ui::prefs::use_words;
use crate::ui::route::Route;

/// The first tab.
#[component]
pub fn Today() -> Element {
    let w = use_words();
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let drafts = use_live(|device| async move { device.drafts().await.unwrap_or_default() });
    let records = use_live(|device| async move { device.records().await.unwrap_or_default() });
    let standing = use_standing();
    let today = Local::now();
    let day = (w.day)(today.month(), today.day(), today.weekday().num_days_from_monday());
    let enrolled = profile.read().as_ref().map(Option::is_some);
    let drafts = drafts.read().clone();
    let waiting: Vec<RecordRow> = records
        .read()
        .clone()
        .unwrap_or_default()
        .into_iter()
        .filter(|r| r.complete_receipt.is_none())
        .collect();
    let title = match drafts.as_ref().map_or(0, Vec::len) {
        0 => w.today_title.to_owned(),
        n => (w.today_drafts)(n),
    };
    rsx! {
        TopBar { title, back: false, {day} " · " {network_word(&standing.read(), w)} }
        main { class: "scroll",
            match enrolled {
                None => rsx! { Loading {} },
                Some(false) => rsx! { NotYet {} },
                Some(true) => rsx! {},
            }
            if let Some(drafts) = drafts {
                if !drafts.is_empty() { h2 { class: "sec", {w.go_on} } }
                for draft in drafts.iter().cloned() { DraftCard { key: "{draft.id}", draft } }
                if drafts.is_empty() && enrolled == Some(true) { Begin {} }
            }
            if !waiting.is_empty() { Waiting { waiting } }
            if enrolled == Some(true) {
                button { class: "btn wide", r#type: "button", onclick: move |_| { navigator().replace(Route::Sites {}); },
                    {w.to_sites}
                }
            }
        }
    }
}

/// One word about the network, from how sending stands.
pub fn network_word(standing: &Standing, w: &crate::view::words::phone::PhoneWords) -> &'static str {
    if standing.sign_in.is_some() {
        w.net_sign_in
    } else if standing.waiting.is_some() {
        w.net_none
    } else if standing.paused {
        w.net_paused
    } else if standing.sending.is_some() {
        w.net_sending
    } else {
        w.net_ready
    }
}

#[component]
fn NotYet() -> Element {
    let w = use_words();
    rsx! {
        div { class: "card",
            h2 { class: "q", {w.not_enrolled_title} }
            p { class: "t2", {w.not_enrolled_what} }
            button { class: "btn p wide", id: "to-enrol", r#type: "button",
                onclick: move |_| { navigator().push(Route::Enrol {}); }, {w.enrol}
            }
        }
        super::practice::PracticeOffer {}
    }
}

#[component]
fn Begin() -> Element {
    let w = use_words();
    rsx! {
        div { class: "empty", p { {w.no_drafts} } }
    }
}

#[component]
fn DraftCard(draft: DraftRow) -> Element {
    let w = use_words();
    let id = draft.id;
    let at = draft.at.as_ref().map(|(_, item)| item.as_str()).unwrap_or_default();
    let touched = draft.touched_at.with_timezone(&Local);
    let when = (w.month_day_time)(touched.month(), touched.day(), &touched.format("%H:%M").to_string());
    rsx! {
        button { class: "card site", r#type: "button", "data-draft": "{id}",
            onclick: move |_| { navigator().push(Route::SheetScreen { id, item: String::new() }); },
            span { class: "lv", aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1", dir: "auto", {draft.site.clone()} }
                span { class: "t2", {(w.draft_at)(at, &when)} }
            }
            span { class: "link", {w.resume} }
        }
    }
}

#[component]
fn Waiting(waiting: Vec<RecordRow>) -> Element {
    let w = use_words();
    let photos = waiting.iter().map(|row| row.blobs_left).sum();
    let bytes = waiting.iter().map(|row| row.bytes_left).sum();
    rsx! {
        button { class: "card site", r#type: "button", onclick: move |_| { navigator().replace(Route::Outbox {}); },
            span { class: "grow",
                span { class: "t1", {(w.waiting)(waiting.len(), photos, &size(bytes))} }
                span { class: "t2", {w.waiting_what} }
            }
            span { class: "link", {w.look} }
        }
    }
}

/// Bytes for people: `820 KB`, `3.1 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
