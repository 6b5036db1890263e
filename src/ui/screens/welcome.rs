//! The first thing a new phone shows: what the app does, and the privacy notice. Nothing is asked of the phone
//! before the coordinator has agreed.

use dioxus::prelude::*;

use super::shell::Sorry;
use crate::device::habits::NOTICE_VERSION;
use crate::domain::text::Language;
use crate::ui::live::use_device;
use crate::ui::prefs::{Prefs, put, use_language};
use crate::ui::say::Trouble;
use crate::view::words::words;

/// Three sentences, the notice, and the choice.
#[component]
pub fn Welcome(on_agreed: EventHandler<()>) -> Element {
    let w = &words(use_language()).first;
    let device = use_device();
    let mut declined = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let agree = move |_| {
        let device = device.clone();
        async move {
            match device.consent().await {
                Ok(_) => on_agreed.call(()),
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
        }
    };
    rsx! {
        div { class: "screen", id: "welcome",
            header { class: "top",
                div { class: "row",
                    div { class: "grow", h1 { class: "t1 large", {w.welcome} } p { class: "t2", {w.welcome_line} } }
                    Tongue {}
                }
            }
            main { class: "scroll",
                ol { class: "does",
                    for (n, sentence) in w.does.iter().enumerate() {
                        li { key: "{n}", class: "card site", span { class: "dot", aria_hidden: "true", "{n + 1}" } span { class: "grow", {*sentence} } }
                    }
                }
                Notice {}
                if declined() { p { class: "card", role: "status", id: "declined", {w.not_now_what} } }
                if let Some(trouble) = trouble() { Sorry { trouble } }
            }
            footer { class: "actions",
                button { class: "btn", id: "decline", r#type: "button", onclick: move |_| declined.set(true), {w.not_now} }
                button { class: "btn p", id: "consent", r#type: "button", onclick: agree, {w.agree} }
            }
        }
    }
}

/// The notice: in short, and whole on demand.
#[component]
pub fn Notice() -> Element {
    let w = &words(use_language()).first;
    rsx! {
        section { class: "card notice",
            h2 { class: "q", {w.privacy} }
            ul { for (n, line) in w.privacy_short.iter().enumerate() { li { key: "{n}", {*line} } } }
            details { id: "notice",
                summary { class: "link", {w.privacy_more} }
                for (heading, text) in w.notice {
                    div { key: "{heading}", h3 { {*heading} } p { {*text} } }
                }
                p { class: "hint", {(w.notice_version)(NOTICE_VERSION)} }
            }
        }
    }
}

/// The other language, one touch away.
#[component]
fn Tongue() -> Element {
    let prefs = use_context::<Signal<Prefs>>();
    let device = use_device();
    let now = prefs.read().clone();
    let (other, name) = match now.language {
        Language::Zh => (Language::En, "English"),
        Language::En => (Language::Zh, "中文"),
    };
    rsx! {
        button { class: "link", r#type: "button", id: "tongue", lang: words(other).tag,
            onclick: move |_| put(&device, prefs, Prefs { language: other, ..now.clone() }), {name}
        }
    }
}
