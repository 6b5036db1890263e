//! The outbox: what has reached the bureau, what is on its way, what is held up and why.

use chrono::{DateTime, Local};
use dioxus::prelude::*;

use super::outbox_row::{Delivered, Open, Reviews};
use super::shell::{Loading, Sorry, TopBar};
use super::site_card::size;
use crate::device::outbox::{Progress, RecordRow, Standing, progress};
use crate::device::sending::{Network, Sending};
use crate::ui::live::{use_device, use_live, use_standing};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::say::Trouble;
use crate::view::words::outbox::OutboxWords;
use crate::view::words::words;

/// Rows shown at first in each section, and with each touch of “more”.
const PAGE: usize = 30;

pub(super) fn use_outbox_words() -> &'static OutboxWords {
    &words(use_language()).outbox
}

/// The third tab.
#[component]
pub fn Outbox() -> Element {
    let w = use_outbox_words();
    let rows = use_live(|device| async move { device.documents().await.map_err(|e| Trouble::of(&e)) });
    let sending = use_live(|device| async move { device.sending().await.unwrap_or_default() });
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let standing = use_standing();
    let reviews = use_live(|device| async move { device.reviews().await.unwrap_or_default() });
    use_context_provider(|| Reviews(reviews));
    let sending = sending.read().unwrap_or_default();
    let enrolled = !matches!(&*profile.read(), Some(None));
    let line = standing_line(&standing.read(), sending, enrolled, w);
    rsx! {
        TopBar { title: use_words().tab_outbox, back: false, span { id: "standing", role: "status", {line} } }
        main { class: "scroll",
            match &*rows.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                Some(Ok(rows)) if rows.is_empty() => rsx! {
                    div { class: "empty", id: "outbox-empty", p { class: "t1", {w.empty} } p { {w.empty_what} } }
                },
                Some(Ok(rows)) => rsx! {
                    Commands { sending, open: rows.iter().any(|row| row.complete_receipt.is_none()) }
                    if standing.read().stranger {
                        p { class: "alert", role: "alert", id: "stranger", {w.stranger_what} }
                    }
                    if standing.read().sign_in.is_some() {
                        p { class: "alert", role: "alert", id: "sign-in", {w.sign_in_what} }
                    }
                    Whole { progress: progress(rows, &standing.read()), left_s: standing.read().left_s() }
                    Sections { rows: rows.clone(), standing: standing.read().clone(), sending }
                },
            }
        }
    }
}

fn log(result: Result<(), crate::device::Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the outbox could not be told");
    }
}

fn standing_line(standing: &Standing, sending: Sending, enrolled: bool, w: &OutboxWords) -> String {
    if !enrolled {
        w.not_enrolled.to_owned()
    } else if sending.paused {
        w.paused.to_owned()
    } else if standing.sign_in.is_some() {
        w.sign_in.to_owned()
    } else if standing.waiting.is_some() && standing.stranger {
        w.stranger.to_owned()
    } else if let Some((_, until_ms)) = &standing.waiting {
        let at = DateTime::from_timestamp_millis(*until_ms).map(|at| at.with_timezone(&Local));
        (w.waits_until)(&at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default())
    } else if standing.is_sending() {
        w.sending.to_owned()
    } else if standing.idle {
        w.all_sent.to_owned()
    } else {
        w.ready.to_owned()
    }
}

/// Pause, retry, and what originals wait for.
#[component]
fn Commands(sending: Sending, open: bool) -> Element {
    let w = use_outbox_words();
    let device = use_device();
    let (pausing, retrying, choosing, letting) =
        (device.clone(), device.clone(), device.clone(), device.clone());
    let Sending { paused, wifi_only, network, originals } = sending;
    rsx! {
        if open {
            div { class: "row end",
                button { class: "btn", id: "pause", r#type: "button", aria_pressed: paused,
                    onclick: move |_| { let device = pausing.clone(); async move { log(device.pause(!paused).await) } },
                    if paused { {w.resume} } else { {w.pause} }
                }
                button { class: "btn", id: "retry", r#type: "button",
                    onclick: move |_| { let device = retrying.clone(); async move { log(device.retry().await) } }, {w.retry}
                }
            }
        }
        section { class: "card",
            button { class: "switch", id: "wifi-only", r#type: "button", role: "switch", aria_checked: wifi_only,
                onclick: move |_| { let device = choosing.clone(); async move { log(device.put_wifi_only(!wifi_only).await) } },
                span { class: "grow", span { class: "t1", {w.wifi_only} } span { class: "t2", {w.wifi_only_what} } }
                span { class: "knob", aria_hidden: "true", if wifi_only { "✓" } }
            }
            if wifi_only {
                p { class: "hint", id: "network",
                    {match network { Network::Free => w.net_free, Network::Metered => w.net_metered, Network::Unknown => w.net_unknown }}
                }
                if !originals {
                    button { class: "btn wide", id: "let-go", r#type: "button",
                        onclick: move |_| { let device = letting.clone(); async move { log(device.let_originals_go().await) } }, {w.let_go}
                    }
                }
            }
        }
    }
}

/// All of it together; the time only while it is known.
#[component]
fn Whole(progress: Progress, left_s: Option<u64>) -> Element {
    let w = use_outbox_words();
    let Progress { there, all } = progress;
    let share = there * 100 / all.max(1);
    let bytes = (w.whole)(&size(there), &size(all));
    rsx! {
        if all > 0 {
            section { class: "card", id: "whole",
                div { class: "row outbox-row",
                    p { class: "t2 grow", {bytes.clone()} }
                    if let Some(seconds) = left_s { p { class: "t2 right", id: "left", {(w.left)(seconds)} } }
                }
                div { class: "bar", role: "progressbar", aria_valuemin: "0", aria_valuemax: "100", aria_valuenow: "{share}",
                    aria_label: bytes, i { style: "width:{share}%" }
                }
            }
        }
    }
}

/// Where a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Sending,
    Waiting,
    Trouble,
    Delivered,
}

pub(super) fn stage(row: &RecordRow, standing: &Standing) -> Stage {
    if row.complete_receipt.is_some() {
        Stage::Delivered
    } else if row.blocked.is_some() {
        Stage::Trouble
    } else if standing.under_way_of(row.digest).is_some() {
        Stage::Sending
    } else {
        Stage::Waiting
    }
}

#[component]
fn Sections(rows: Vec<RecordRow>, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let of = |wanted: Stage| -> Vec<RecordRow> {
        rows.iter().filter(|row| stage(row, &standing) == wanted).cloned().collect()
    };
    rsx! {
        Section { title: w.sec_trouble, rows: of(Stage::Trouble), standing: standing.clone(), sending }
        Section { title: w.sec_sending, rows: of(Stage::Sending), standing: standing.clone(), sending }
        Section { title: w.sec_waiting, rows: of(Stage::Waiting), standing: standing.clone(), sending }
        Section { title: w.sec_delivered, rows: of(Stage::Delivered), standing: standing.clone(), sending }
    }
}

/// One section, a page at a time: five hundred rows would make every touch wait.
#[component]
fn Section(title: &'static str, rows: Vec<RecordRow>, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let mut shown = use_signal(|| PAGE);
    let left = rows.len().saturating_sub(shown());
    rsx! {
        if !rows.is_empty() {
            h2 { class: "sec", span { {title} } span { {(w.n)(rows.len())} } }
        }
        for row in rows.iter().take(shown()).cloned() {
            if row.complete_receipt.is_some() {
                Delivered { key: "{row.digest}", row }
            } else {
                Open { key: "{row.digest}", standing: standing.clone(), sending, row }
            }
        }
        if left > 0 {
            button { class: "btn wide", r#type: "button", "data-more": "{left}", onclick: move |_| shown += PAGE,
                {(w.more)(left.min(PAGE))}
            }
        }
    }
}
