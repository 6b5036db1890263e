//! The outbox: what has reached the bureau, what is on its way, what is held up and why.

use chrono::{DateTime, Local};
use dioxus::prelude::*;
use serde_json::Value;

use super::shell::{Loading, Sorry, TopBar};
use super::site_card::size;
use crate::device::outbox::{RecordRow, Standing};
use crate::device::sending::{Network, Sending};
use crate::domain::document::DocumentKind;
use crate::ui::live::{use_device, use_live, use_standing};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
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
                    if standing.read().sign_in.is_some() {
                        p { class: "alert", role: "alert", id: "sign-in", {w.sign_in_what} }
                    }
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
    } else if let Some((_, until_ms)) = &standing.waiting {
        let at = DateTime::from_timestamp_millis(*until_ms).map(|at| at.with_timezone(&Local));
        (w.waits_until)(&at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default())
    } else if standing.sending.is_some() {
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

/// Where a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Sending,
    Waiting,
    Trouble,
    Delivered,
}

fn stage(row: &RecordRow, standing: &Standing) -> Stage {
    if row.complete_receipt.is_some() {
        Stage::Delivered
    } else if row.blocked.is_some() {
        Stage::Trouble
    } else if standing.sending.is_some() && standing.document == Some(row.digest) {
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

fn what(row: &RecordRow, w: &OutboxWords) -> Option<&'static str> {
    match row.kind {
        DocumentKind::Inspection => None,
        DocumentKind::Report => Some(w.report),
        DocumentKind::Site => Some(w.new_site),
    }
}

/// How far a row has come, in a sentence that promises nothing.
fn progress(row: &RecordRow, w: &OutboxWords) -> String {
    let Some(text) = &row.record_receipt else { return (w.waits)(row.blobs) };
    let time = Receipt::read(text).time;
    match (row.blobs_left, row.originals_left) {
        (0, _) => (w.received)(&time),
        (all, originals) if all == originals => (w.received_originals)(&time, row.originals, originals),
        (left, _) => (w.received_pictures)(&time, left),
    }
}

/// Why the bureau does not take it: what happened to the data and what to do.
fn refusal(reason: &str, language: crate::domain::text::Language) -> &'static str {
    let all = words(language);
    match reason.split(':').next().unwrap_or_default() {
        "here" => all.outbox.here,
        code => (all.failure.by_code)(code),
    }
}

#[component]
fn Open(row: RecordRow, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let language = use_language();
    let stage = stage(&row, &standing);
    let under_way = match (stage, standing.sending) {
        (Stage::Sending, Some((_, bytes))) => bytes,
        _ => 0,
    };
    let left = row.bytes_left.min(row.bytes).saturating_sub(under_way);
    let sent = row.bytes - left;
    let share = sent * 100 / row.bytes.max(1);
    let speed = standing.bytes_per_s.filter(|speed| *speed > 0 && stage == Stage::Sending);
    let originals_wait = row.originals_left > 0 && row.blobs_left == row.originals_left && !sending.originals;
    let digest = row.digest;
    let state = if row.record_receipt.is_some() { "record" } else { "waiting" };
    rsx! {
        article { class: if row.blocked.is_some() { "card bad" } else { "card" }, "data-record": "{row.id}", "data-state": state,
            div { class: "row outbox-row",
                div { class: "grow",
                    p { class: "t1", dir: "auto", {row.site.clone()} }
                    p { class: "t2", if let Some(kind) = what(&row, w) { {kind} " · " } {(w.finished)(&time_of(row.finished_at.with_timezone(&Local)))} }
                }
                span { class: "right",
                    {(w.bytes)(&size(sent), &size(row.bytes))}
                    if let Some(speed) = speed { br {} {(w.about)(left / speed)} }
                }
            }
            if let Some(reason) = &row.blocked {
                p { class: "hint bad", role: "alert", {refusal(reason, language)} }
                p { class: "t2", {w.nothing_lost} }
            } else {
                p { class: "t2 how", {progress(&row, w)} }
                if originals_wait { p { class: "t2", {w.originals_wait} } }
                if row.tries > 0 { p { class: "t2", {(w.tries)(row.tries)} } }
            }
            div { class: "bar", role: "progressbar", aria_valuemin: "0", aria_valuemax: "100", aria_valuenow: "{share}",
                aria_label: (w.bytes)(&size(sent), &size(row.bytes)), i { style: "width:{share}%" }
            }
            if row.record_receipt.is_some() {
                button { class: "link", r#type: "button", onclick: move |_| { navigator().push(Route::ReceiptPage { document: digest }); },
                    {w.see_receipt}
                }
            }
        }
    }
}

#[component]
fn Delivered(row: RecordRow) -> Element {
    let w = use_outbox_words();
    let receipt = row.complete_receipt.as_deref().map(Receipt::read).unwrap_or_default();
    let document = row.digest;
    rsx! {
        button { class: "card site", r#type: "button", "data-record": "{row.id}", "data-state": "complete",
            onclick: move |_| { navigator().push(Route::ReceiptPage { document }); },
            span { class: "dot", aria_hidden: "true", "✓" }
            span { class: "grow",
                span { class: "t1", dir: "auto", {row.site.clone()} }
                span { class: "t2", if let Some(kind) = what(&row, w) { {kind} " · " } {(w.delivered)(&receipt.number, &receipt.time)} }
            }
            span { class: "link", aria_hidden: "true", "›" }
        }
    }
}

/// 14:02 for today, else with its day.
pub(super) fn time_of(at: DateTime<Local>) -> String {
    let form = if at.date_naive() == Local::now().date_naive() { "%H:%M" } else { "%m-%d %H:%M" };
    at.format(form).to_string()
}

/// Number and time of a receipt, as people quote them.
#[derive(Debug, Default, PartialEq)]
struct Receipt {
    number: String,
    time: String,
}

impl Receipt {
    /// Reads a kept receipt: the signed envelope, or the statement inside it.
    fn read(text: &str) -> Self {
        let outer: Value = serde_json::from_str(text).unwrap_or_default();
        let inner = outer["receipt"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let receipt: Value = inner.unwrap_or(outer);
        let at = receipt["received_at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        Self {
            number: receipt["number"].as_str().unwrap_or_default().to_owned(),
            time: at.map(|at| time_of(at.with_timezone(&Local))).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_from_its_envelope_or_alone() {
        let statement = r#"{"number":"2026-000412","received_at":"2026-11-21T14:02:00+08:00"}"#;
        let envelope = serde_json::json!({ "receipt": statement, "signature": "x" }).to_string();
        assert_eq!(Receipt::read(statement).number, "2026-000412");
        assert_eq!(Receipt::read(&envelope), Receipt::read(statement));
        assert_eq!(Receipt::read("not a receipt"), Receipt::default());
    }

    #[test]
    fn a_refusal_is_a_sentence_whatever_was_written_into_the_row() {
        use crate::domain::text::Language::Zh;
        assert!(refusal("seal_wrong: the seal does not fit", Zh).contains("签名"));
        assert!(refusal("here: no file", Zh).contains("没有动过"));
        assert!(refusal("the words of an older app", Zh).contains("都在手机里"));
    }
}
