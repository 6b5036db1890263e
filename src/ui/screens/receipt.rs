//! A receipt: number, time, what it covers, and the very text the bureau signed, checked again as it is shown.

use chrono::Local;
use dioxus::prelude::*;

use super::outbox::use_outbox_words;
use super::returned::{Commented, when};
use super::shell::{Gone, Loading, Sorry, TopBar};
use crate::device::Error;
use crate::device::outbox::{RecordRow, ShownReceipt};
use crate::device::returned::{Correcting, Returned, Whose};
use crate::domain::document::DocumentKind;
use crate::domain::id::{Digest, InspectionId};
use crate::domain::review::Outcome;
use crate::ui::live::use_live;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::returned::returned_words;

/// The receipts for one document.
#[component]
pub fn ReceiptPage(document: Digest) -> Element {
    let w = use_outbox_words();
    let loaded =
        use_live(move |device| async move { device.receipts(document).await.map_err(|e| Missing::of(&e)) });
    match &*loaded.read() {
        None => rsx! { Loading {} },
        Some(Err(Missing(None))) => rsx! { Gone {} },
        Some(Err(Missing(Some(trouble)))) => rsx! { Sorry { trouble: trouble.clone() } },
        Some(Ok((row, receipts))) => rsx! {
            div { class: "screen", id: "receipt",
                TopBar { title: w.receipt, back: true, bdi { {row.site.clone()} } }
                main { class: "scroll",
                    Verdict { row: row.clone() }
                    if receipts.is_empty() { p { class: "empty", {w.no_receipt} } }
                    // The one that covers more comes first.
                    for receipt in receipts.iter().rev().cloned() {
                        Card { key: "{receipt.complete}", receipt, row: row.clone() }
                    }
                    p { class: "hint", {w.fingerprint} " " span { class: "detail", "{row.digest}" } }
                }
            }
        },
    }
}

/// What a reviewer said of this record.
#[component]
fn Verdict(row: RecordRow) -> Element {
    let (w, r) = (use_words(), returned_words(use_language()));
    let id = InspectionId(row.id.0);
    let reviewed = use_live(move |device| async move { device.reviewed(id).await.ok().flatten() });
    let Some(reviewed) = reviewed.read().clone().flatten().filter(|_| row.kind == DocumentKind::Inspection)
    else {
        return rsx! {};
    };
    let Returned { review, whose, correcting, .. } = reviewed.returned.clone();
    if !review.is_of(row.digest, row.revision) {
        let passed_over = review.revision == row.revision;
        return rsx! { if passed_over { p { class: "hint", id: "verdict", {r.other_counts} } } };
    }
    let accepted = review.outcome == Outcome::Accepted;
    rsx! {
        section { class: "card facts", id: "verdict", "data-review": if accepted { "accepted" } else { "returned" },
            h2 { class: "q", {r.verdict} }
            p { class: if accepted { "hint ok" } else { "hint bad" },
                if accepted { "✓ " {r.accepted} } else { "↩ " {r.returned} }
                " · " bdi { {(r.by)(&review.by, &when(review.at, w))} }
            }
            if !review.comment.is_empty() { p { class: "comment-text", dir: "auto", {review.comment.clone()} } }
            if !review.items.is_empty() { p { class: "t2", {(r.on_items)(review.items.len())} } }
            if correcting != Correcting::Over {
                if correcting == Correcting::Begun && whose == Whose::Mine { p { class: "hint", {r.begun} } }
                button { class: "btn wide", r#type: "button", onclick: move |_| { navigator().push(Route::ReturnedPage { id }); }, {r.see} }
            }
        }
        // While a correction is to be made they stand where it begins.
        if correcting == Correcting::Over {
            for comment in review.items {
                Commented { key: "{comment.sheet}-{comment.item}", comment, record: reviewed.clone() }
            }
        }
    }
}

/// Nothing there, or why not.
struct Missing(Option<Trouble>);

impl Missing {
    fn of(error: &Error) -> Self {
        Self((!matches!(error, Error::NotFound)).then(|| Trouble::of(error)))
    }
}

#[component]
fn Card(receipt: ShownReceipt, row: RecordRow) -> Element {
    let w = use_outbox_words();
    let covers = if receipt.complete { (w.covers_complete)(row.blobs) } else { w.covers_record.to_owned() };
    let time = receipt.received_at.map(|at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string());
    rsx! {
        section { class: if receipt.verified { "card facts" } else { "card facts bad" }, "data-receipt": "{receipt.complete}",
            h2 { class: "q", if receipt.complete { {w.receipt_complete} } else { {w.receipt_record} } }
            Fact { name: w.number, text: receipt.number.clone() }
            Fact { name: w.time, text: time.unwrap_or_default() }
            Fact { name: w.covers, text: covers }
            p { class: if receipt.verified { "hint ok" } else { "hint bad" }, "data-verified": "{receipt.verified}",
                if receipt.verified { "✓ " {w.verified} } else { "✕ " {w.not_verified} }
            }
            details {
                summary { class: "link", {w.signed_text} }
                p { class: "hint detail", dir: "ltr", {receipt.text.clone()} }
            }
        }
    }
}

#[component]
fn Fact(name: &'static str, text: String) -> Element {
    rsx! { div { class: "fact", span { class: "soft", {name} } span { bdi { {text} } } } }
}
