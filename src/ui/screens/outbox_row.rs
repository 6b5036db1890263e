//! One document in the outbox: how far it has come, why it is held up, its receipt.

use chrono::{DateTime, Local};
use dioxus::prelude::*;
use serde_json::Value;

use super::outbox::{Stage, has_lost_originals, stage, use_outbox_words};
use super::site_card::size;
use crate::device::outbox::{RecordRow, Standing, there};
use crate::device::sending::Sending;
use crate::domain::document::DocumentKind;
use crate::domain::review::{Outcome, Review};
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::view::words::outbox::OutboxWords;
use crate::view::words::returned::returned_words;
use crate::view::words::words;

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
        _ if has_lost_originals(row) => (w.received_lost)(&time),
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

/// A document of which something is still on the phone.
#[component]
pub(super) fn Open(row: RecordRow, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let language = use_language();
    let sending_now = stage(&row, &standing) == Stage::Sending;
    let sent = there(&row, &standing);
    let share = sent * 100 / row.bytes.max(1);
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
                    if sending_now { br {} {w.sending_now} }
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

/// What the bureau says of the records, for the rows.
#[derive(Clone, Copy)]
pub(super) struct Reviews(pub(super) Resource<Vec<Review>>);

/// Accepted or returned, once somebody has decided.
#[component]
fn ReviewTag(row: RecordRow) -> Element {
    let r = returned_words(use_language());
    let reviews = use_context::<Reviews>().0;
    let reviews = reviews.read();
    let own = reviews.iter().flatten().find(|one| one.inspection.0 == row.id.0);
    let outcome = own.filter(|one| one.is_of(row.digest, row.revision)).map(|one| one.outcome);
    rsx! {
        match outcome {
            Some(Outcome::Accepted) => rsx! { span { class: "review-tag ok", "data-review": "accepted", "✓ " {r.accepted} } },
            Some(Outcome::Returned) => rsx! { span { class: "review-tag warn", "data-review": "returned", "↩ " {r.returned} } },
            None => rsx! {},
        }
    }
}

/// A document that has its proof of completeness.
#[component]
pub(super) fn Delivered(row: RecordRow) -> Element {
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
                ReviewTag { row: row.clone() }
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
