//! The report in writing: its content, how far it is, and the button that seals it.

use dioxus::prelude::*;

use crate::device::report::ReportState;
use crate::domain::id::InspectionId;
use crate::domain::report::CONTENT_MAX_CHARS;
use crate::domain::wording::enforcement_words;
use crate::ui::live::use_device;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::say::Trouble;
use crate::ui::writer::{Write, use_writer};
use crate::view::words::words;

/// The content, kept as it is typed.
#[component]
pub(super) fn Writing(id: InspectionId, state: ReportState, typed: Signal<Option<String>>) -> Element {
    let phone = use_words();
    let all = words(use_language());
    let w = &all.urgent;
    let writer = use_writer(id);
    let mut typed = typed;
    let text = typed().unwrap_or_else(|| state.ready.clone());
    let chars = text.chars().count();
    let differs = typed.read().as_ref().is_some_and(|typed| *typed != state.ready);
    let enforcing = enforcement_words(&text);
    rsx! {
        h2 { class: "sec", span { {w.then_write} } span { SavingWord { writer } } }
        SavingTrouble { writer }
        div { class: "card",
            label { class: "label", r#for: "report-content", {w.content} }
            textarea { id: "report-content", class: "line", dir: "auto", rows: "5", value: "{text}",
                oninput: move |event| {
                    typed.set(Some(event.value()));
                    writer.soon(Write::ReportContent(Some(event.value())));
                },
                onblur: move |_| writer.flush(),
            }
            p { class: if chars > CONTENT_MAX_CHARS { "hint bad" } else { "hint" }, id: "report-chars", {(w.chars)(chars)} }
            if chars > CONTENT_MAX_CHARS { p { class: "hint bad", role: "status", {w.too_long} } }
            if !enforcing.is_empty() {
                p { class: "hint bad", role: "status", {(phone.enforcing)(&enforcing.join(all.answer.comma))} }
            }
            if differs {
                div { class: "row end",
                    p { class: "hint grow", {w.differs} }
                    button { class: "btn", id: "report-again", r#type: "button",
                        onclick: move |_| {
                            typed.set(None);
                            writer.now(Write::ReportContent(None));
                        },
                        {w.again}
                    }
                }
            }
        }
    }
}

/// What became of the revision sealed last.
#[component]
pub(super) fn Sealed(state: ReportState) -> Element {
    let w = &words(use_language()).urgent;
    let Some(signed) = &state.signed else { return rsx! {} };
    let time = signed.reported_at.format("%H:%M").to_string();
    let text = if signed.received { (w.received)(&time) } else { (w.sealed)(&time) };
    rsx! { p { class: "urgent-clock sealed", id: "report-sealed", role: "status", "data-received": "{signed.received}", "✓ " {text} } }
}

/// What stays at the thumb: on with the visit, or the report itself.
#[component]
pub(super) fn Send(
    id: InspectionId,
    state: ReportState,
    typed: Signal<Option<String>>,
    trouble: Signal<Option<Trouble>>,
) -> Element {
    let phone = use_words();
    let w = &words(use_language()).urgent;
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = trouble;
    let stranger = trouble() == Some(Trouble::NotEnrolled);
    let can_send = !state.items.is_empty() && (state.signed.is_none() || state.adds);
    let send = move |_| {
        let device = device.clone();
        let content = typed.peek().clone();
        async move {
            busy.set(true);
            // Typing that still rests must stand in what is sealed.
            let sealed = async {
                device.put_report_content(id, content).await?;
                device.send_report(id).await
            };
            match sealed.await {
                Ok(_) => trouble.set(None),
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
            busy.set(false);
        }
    };
    rsx! {
        if stranger {
            p { class: "foot-note", id: "report-stranger", {w.not_enrolled} }
        } else if can_send {
            p { class: "foot-note", {w.send_note} }
        }
        footer { class: "actions",
            button { class: if can_send { "btn" } else { "btn p" }, id: "urgent-back", r#type: "button",
                onclick: move |_| { navigator().go_back(); }, {w.go_on}
            }
            if stranger {
                button { class: "btn p", r#type: "button", onclick: move |_| { navigator().push(Route::Enrol {}); }, {phone.enrol} }
            } else if can_send {
                button { class: "btn p", id: "send-report", r#type: "button", disabled: busy(), onclick: send,
                    if state.signed.is_some() { {w.send_more} } else { {w.send} }
                }
            }
        }
    }
}
