//! The pages behind Me: help, the state of the phone, privacy, licences. None of them needs a network.

use chrono::{DateTime, Local, SecondsFormat};
use dioxus::prelude::*;

use super::mine::use_mine_words;
use super::shell::TopBar;
use super::welcome::Notice;
use crate::device::storage::Diagnostics;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::say::Trouble;
use crate::view::words::words;

/// Name, version and licence of every component, one a line; made by `.make/licences.sh`.
const LICENCES: &str = include_str!("../../../assets/licences.txt");

/// Short chapters.
#[component]
pub fn Help() -> Element {
    let w = use_mine_words();
    let chapters = words(use_language()).help;
    rsx! {
        div { class: "screen", id: "help",
            TopBar { title: w.help, back: true, {w.help_line} }
            main { class: "scroll",
                for (n, (title, sentences)) in chapters.iter().enumerate() {
                    details { key: "{n}", class: "card chapter", open: n == 0,
                        summary { {*title} }
                        ol { for (n, sentence) in sentences.iter().enumerate() { li { key: "{n}", {*sentence} } } }
                    }
                }
            }
        }
    }
}

/// What a helper asks, as text to read out or copy.
#[component]
pub fn State() -> Element {
    let w = use_mine_words();
    let state = use_live(|device| async move { device.diagnostics().await.ok() });
    let text = state.read().clone().flatten().map(|state| told(&state)).unwrap_or_default();
    let mut copied = use_signal(|| None::<bool>);
    let copy = {
        let text = text.clone();
        move |_| {
            let text = text.clone();
            async move {
                let eval = document::eval(COPY);
                // Without a page nobody copies.
                let _ = eval.send(text);
                copied.set(Some(eval.join::<bool>().await.unwrap_or(false)));
            }
        }
    };
    rsx! {
        div { class: "screen", id: "state",
            TopBar { title: w.diagnostics, back: true, {w.diagnostics_line} }
            main { class: "scroll",
                p { class: "hint", {w.diagnostics_what} }
                pre { class: "card told", id: "told", lang: "en", dir: "auto", {text} }
                match copied() {
                    None => rsx! {},
                    Some(true) => rsx! { p { class: "hint ok", role: "status", {w.copied} } },
                    Some(false) => rsx! { p { class: "hint", role: "status", {w.not_copied} } },
                }
            }
            footer { class: "actions", button { class: "btn p", id: "copy", r#type: "button", onclick: copy, {w.copy} } }
        }
    }
}

/// Older webviews have no clipboard of their own; a selection copied by command does there.
const COPY: &str = r#"
const text = await dioxus.recv();
try { await navigator.clipboard.writeText(text); return true; } catch (e) {}
const area = document.createElement('textarea');
area.value = text;
area.style.cssText = 'position:fixed;left:-9999px';
document.body.appendChild(area);
area.select();
let done = false;
try { done = document.execCommand('copy'); } catch (e) {}
area.remove();
return done;
"#;

/// One fact a line, in English letters that survive any messenger; helpers read it, not coordinators.
fn told(state: &Diagnostics) -> String {
    let moment = |ms: i64| {
        DateTime::from_timestamp_millis(ms)
            .map(|at| at.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, false))
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let mut blocked = state.blocked.clone();
    blocked.sort_unstable();
    blocked.dedup();
    [
        format!("app {} schema {}", state.app, state.schema),
        format!("platform {}", state.platform),
        format!("enrolled {}", state.enrolled),
        format!("drafts {}", state.drafts),
        format!("documents {} complete {}", state.documents, state.complete),
        format!("queued {} blocked {} [{}]", state.queued, state.blocked.len(), blocked.join(" ")),
        format!("sites {} checklists {}", state.sites, state.checklists),
        format!("clock offset s {}", or_none(state.offset_s.map(|s| s.to_string()))),
        format!("last contact {}", or_none(state.contact_ms.and_then(moment))),
        format!("waits for {}", or_none(state.waiting.clone())),
        format!("turned away {}", or_none(state.sign_in.clone())),
        format!("now {}", Local::now().to_rfc3339_opts(SecondsFormat::Secs, false)),
    ]
    .join("\n")
}

/// The notice, when it was agreed to, and the way to take it back.
#[component]
pub fn Privacy() -> Element {
    let w = use_mine_words();
    let device = use_device();
    let mut leaving = use_context::<Leaving>();
    let mut sure = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let habits = use_live(|device| async move { device.habits().await.ok() });
    let consent = habits.read().clone().flatten().and_then(|habits| habits.consent);
    let at = consent.map(|consent| consent.at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string());
    let withdraw = move |_| {
        let device = device.clone();
        async move {
            if !sure() {
                sure.set(true);
                return;
            }
            match device.withdraw_consent().await {
                Ok(()) => leaving.0.set(false),
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
        }
    };
    rsx! {
        div { class: "screen", id: "privacy",
            TopBar { title: w.privacy, back: true, if let Some(at) = at { {(w.agreed_at)(&at)} } }
            main { class: "scroll",
                Notice {}
                p { class: "hint", {w.withdraw_what} }
                button { class: if sure() { "btn danger wide" } else { "btn wide" }, id: "withdraw", r#type: "button", onclick: withdraw,
                    if sure() { {w.withdraw_sure} } else { {w.withdraw} }
                }
                if let Some(trouble) = trouble() { super::shell::Sorry { trouble } }
            }
        }
    }
}

/// Whether the coordinator has agreed; back to the welcome when it becomes false.
#[derive(Clone, Copy)]
pub struct Leaving(pub Signal<bool>);

/// Every component with its licence.
#[component]
pub fn Licences() -> Element {
    let w = use_mine_words();
    rsx! {
        div { class: "screen", id: "licences",
            TopBar { title: w.licences, back: true, {w.licences_line} }
            main { class: "scroll", tabindex: "0", pre { class: "card told", lang: "en", dir: "auto", {LICENCES} } }
        }
    }
}
