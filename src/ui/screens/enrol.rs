//! Enrolment: the bureau's address and the one-time code.

use dioxus::prelude::*;

use super::shell::TopBar;
use crate::ui::launch::Startup;
use crate::ui::live::use_device;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say;

/// The form.
#[component]
pub fn Enrol() -> Element {
    let w = use_words();
    let language = use_language();
    let device = use_device();
    let startup = use_context::<Startup>();
    let mut address = use_signal(|| startup.address.clone());
    let mut code = use_signal(|| startup.code.clone());
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<String>);
    let ready = !address.read().trim().is_empty() && !code.read().trim().is_empty();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let device = device.clone();
        async move {
            if busy() {
                return;
            }
            busy.set(true);
            trouble.set(None);
            let (to, with) = (address.peek().trim().to_owned(), code.peek().trim().to_owned());
            match device.enrol(&to, &with).await {
                Ok(_) => {
                    navigator().replace(Route::Sites {});
                }
                Err(error) => {
                    trouble.set(Some(say::enrolment(&error, language)));
                    busy.set(false);
                }
            }
        }
    };
    rsx! {
        form { class: "screen", onsubmit: submit,
            TopBar { title: w.enrol, back: true, {w.enrol_line} }
            main { class: "scroll",
                div { class: "card",
                    label { class: "label", r#for: "address", {w.address} }
                    input {
                        id: "address", class: "line", r#type: "url", inputmode: "url", autocomplete: "off", dir: "ltr",
                        value: "{address}", placeholder: "https://", oninput: move |event| address.set(event.value()),
                    }
                    label { class: "label", r#for: "code", {w.code} }
                    input {
                        id: "code", class: "line code", r#type: "text", autocomplete: "off", autocapitalize: "characters",
                        spellcheck: "false", dir: "ltr", value: "{code}", oninput: move |event| code.set(event.value()),
                    }
                    p { class: "hint", {w.enrol_hint} }
                }
                if let Some(trouble) = trouble() {
                    p { class: "alert", role: "alert", id: "enrol-trouble", {trouble} }
                }
                if busy() { p { class: "hint", role: "status", {w.enrolling} } }
            }
            footer { class: "actions",
                button { class: "btn p", id: "enrol", r#type: "submit", disabled: busy() || !ready, {w.enrol_now} }
            }
        }
    }
}
