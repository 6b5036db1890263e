//! The outbox: what has reached the bureau, what is on its way, what is held up and why.

use chrono::{DateTime, Local};
use dioxus::prelude::*;
use serde_json::Value;

use super::shell::{Loading, Sorry, TopBar};
use super::site_card::size;
use crate::device::outbox::{RecordRow, Standing};
use crate::ui::live::{use_device, use_live, use_standing};
use crate::ui::prefs::use_words;
use crate::ui::say::Trouble;
use crate::view::words::phone::PhoneWords;

/// The third tab.
#[component]
pub fn Outbox() -> Element {
    let w = use_words();
    let device = use_device();
    let records = use_live(|device| async move { device.records().await.map_err(|e| Trouble::of(&e)) });
    let standing = use_standing();
    let paused = standing.read().paused;
    let pause = {
        let device = device.clone();
        move |_| {
            let device = device.clone();
            async move { log(device.pause(!paused).await) }
        }
    };
    rsx! {
        TopBar { title: w.tab_outbox, back: false, span { id: "standing", {standing_line(&standing.read(), w)} } }
        main { class: "scroll",
            div { class: "row end",
                button { class: "btn", r#type: "button", onclick: pause, if paused { {w.resume_sending} } else { {w.pause} } }
                button { class: "btn", r#type: "button", id: "retry",
                    onclick: move |_| {
                        let device = device.clone();
                        async move { log(device.retry().await) }
                    },
                    {w.retry_now}
                }
            }
            if let Some(sign_in) = standing.read().sign_in.clone() {
                div { class: "card bad", role: "alert",
                    p { class: "hint bad", {w.sign_in} }
                    p { class: "t2", dir: "auto", {sign_in} }
                    p { class: "t2", {w.nothing_lost} }
                }
            }
            match &*records.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                Some(Ok(rows)) if rows.is_empty() => rsx! { p { class: "empty", {w.outbox_empty} } },
                Some(Ok(rows)) => rsx! { Rows { rows: rows.clone() } },
            }
        }
    }
}

fn log(result: Result<(), crate::device::Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the outbox could not be told");
    }
}

fn standing_line(standing: &Standing, w: &PhoneWords) -> String {
    if standing.paused {
        w.net_paused.to_owned()
    } else if standing.sign_in.is_some() {
        w.net_sign_in.to_owned()
    } else if let Some((_, until_ms)) = &standing.waiting {
        let at = DateTime::from_timestamp_millis(*until_ms).map(|at| at.with_timezone(&Local));
        (w.waiting_until)(&at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default())
    } else if standing.sending.is_some() {
        w.net_sending.to_owned()
    } else {
        w.net_ready.to_owned()
    }
}

#[component]
fn Rows(rows: Vec<RecordRow>) -> Element {
    let w = use_words();
    let (there, open): (Vec<RecordRow>, Vec<RecordRow>) =
        rows.into_iter().partition(|row| row.complete_receipt.is_some());
    rsx! {
        for row in open { Open { key: "{row.digest}", row } }
        if !there.is_empty() {
            h2 { class: "sec", span { {w.delivered} } span { {w.all_receipts} } }
        }
        for row in there { Delivered { key: "{row.digest}", row } }
    }
}

#[component]
fn Open(row: RecordRow) -> Element {
    let w = use_words();
    let sent = row.bytes - row.bytes_left.min(row.bytes);
    let share = sent * 100 / row.bytes.max(1);
    let line = match &row.record_receipt {
        Some(text) => {
            let receipt = Receipt::read(text);
            (w.record_there)(
                &receipt.number,
                &receipt.time,
                row.blobs - row.blobs_left.min(row.blobs),
                row.blobs,
            )
        }
        None => (w.record_waits)(row.blobs),
    };
    rsx! {
        article { class: if row.blocked.is_some() { "card bad" } else { "card" }, "data-record": "{row.id}",
            "data-state": if row.record_receipt.is_some() { "record" } else { "waiting" },
            div { class: "row",
                div { class: "grow",
                    p { class: "t1", dir: "auto", {row.site.clone()} }
                    if let Some(blocked) = &row.blocked {
                        p { class: "hint bad", dir: "auto", {(w.blocked)(blocked)} }
                        p { class: "t2", {w.nothing_lost} }
                    } else {
                        p { class: "t2", {line} }
                        if row.tries > 0 { p { class: "t2", {(w.tries)(row.tries)} } }
                    }
                }
                span { class: "right", "{size(sent)} / {size(row.bytes)}" }
            }
            div { class: "bar", i { style: "width:{share}%" } }
        }
    }
}

#[component]
fn Delivered(row: RecordRow) -> Element {
    let w = use_words();
    let receipt = row.complete_receipt.as_deref().map(Receipt::read).unwrap_or_default();
    rsx! {
        article { class: "card site", "data-record": "{row.id}", "data-state": "complete",
            span { class: "dot", aria_hidden: "true", "✓" }
            span { class: "grow",
                span { class: "t1", dir: "auto", {row.site.clone()} }
                span { class: "t2", {(w.receipt_line)(&receipt.number, &receipt.time, row.blobs)} }
            }
        }
    }
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
            time: at.map(|at| at.with_timezone(&Local).format("%m-%d %H:%M").to_string()).unwrap_or_default(),
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
}
