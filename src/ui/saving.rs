//! How saving stands, in words: said to be done only when everything given is durable.

use dioxus::prelude::*;

use super::prefs::use_words;
use super::writer::{Saving, Writer};

/// 已保存 09:42, only when everything given is durable.
#[component]
pub fn SavingWord(writer: Writer) -> Element {
    let w = use_words();
    let saving = (writer.saving)();
    let (word, state) = match &saving {
        Saving { failed, .. } if !failed.is_empty() => (w.not_saved.to_owned(), "failed"),
        Saving { open: 1.., .. } => (w.saving.to_owned(), "open"),
        Saving { saved_at: Some(time), .. } => ((w.saved_at)(time), "saved"),
        _ => (w.all_saved.to_owned(), "quiet"),
    };
    rsx! {
        span { id: "saving", "data-state": state, role: "status", {word} }
    }
}

/// What could not be saved, and a way to try again; what was given stays on the screen.
#[component]
pub fn SavingTrouble(writer: Writer) -> Element {
    let w = use_words();
    let saving = writer.saving.read();
    let Some(trouble) = saving.trouble.clone().filter(|_| !saving.failed.is_empty()) else { return rsx! {} };
    rsx! {
        div { class: "alert", role: "alert",
            p { {trouble.sentence(w)} " " {w.kept_on_screen} }
            button { class: "btn", r#type: "button", onclick: move |_| writer.retry(), {w.try_again} }
        }
    }
}
