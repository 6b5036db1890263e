//! Enrolment: a picture of the bureau's QR code, or address and one-time code typed in.

use dioxus::prelude::*;

use super::shell::TopBar;
use crate::domain::id::Digest;
use crate::domain::inspection::PhotoSource;
use crate::ui::camera::{Camera, Shot};
use crate::ui::launch::Startup;
use crate::ui::live::use_device;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say;
use crate::view::words::words;

/// What the form holds, and what was said of it.
#[derive(Clone, Copy, PartialEq)]
struct Form {
    address: Signal<String>,
    code: Signal<String>,
    /// Address and certificate of the QR code, if it names one.
    pinned: Signal<Option<(String, Digest)>>,
    busy: Signal<bool>,
    trouble: Signal<Option<String>>,
}

/// The form.
#[component]
pub fn Enrol() -> Element {
    let w = use_words();
    let language = use_language();
    let device = use_device();
    let startup = use_context::<Startup>();
    let form = Form {
        address: use_signal(|| startup.address.clone()),
        code: use_signal(|| startup.code.clone()),
        pinned: use_signal(|| None),
        busy: use_signal(|| false),
        trouble: use_signal(|| None),
    };
    let Form { address, code, pinned, mut busy, mut trouble } = form;
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
            let pin = pinned.peek().clone().filter(|(of, _)| *of == to).map(|(_, certificate)| certificate);
            match device.enrol_pinned(&to, &with, pin).await {
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
                ByPicture { form }
                Typed { form }
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

/// Fills the form from a picture; the coordinator still sees the address before anything is sent to it.
#[component]
fn ByPicture(form: Form) -> Element {
    let language = use_language();
    let w = &words(language).first;
    let device = use_device();
    let mut looking = use_signal(|| false);
    let mut found = use_signal(|| false);
    let open = use_callback(move |source: PhotoSource| {
        let device = device.clone();
        let Form { mut address, mut code, mut pinned, mut trouble, .. } = form;
        spawn(async move {
            let mut camera = Camera::open(source);
            while let Some(shot) = camera.next().await {
                let picture = match shot {
                    Shot::Reading(..) => {
                        looking.set(true);
                        found.set(false);
                        trouble.set(None);
                        continue;
                    }
                    Shot::File(picture) => picture,
                    Shot::Refused => {
                        trouble.set(Some(words(language).first.qr_picture.to_owned()));
                        break;
                    }
                    Shot::Cancelled => break,
                };
                match device.read_ticket(picture).await {
                    Ok(ticket) => {
                        pinned.set(
                            ticket.certificate().map(|certificate| (ticket.address.clone(), certificate)),
                        );
                        address.set(ticket.address);
                        code.set(ticket.code);
                        found.set(true);
                    }
                    Err(error) => trouble.set(Some(say::ticket(&error, language).to_owned())),
                }
                break;
            }
            looking.set(false);
        });
    });
    rsx! {
        section { class: "card",
            h2 { class: "q", {w.scan_title} }
            p { class: "t2", {w.scan_what} }
            div { class: "row scan",
                button { class: "btn p grow", id: "scan", r#type: "button", onclick: move |_| open.call(PhotoSource::Camera), {w.scan} }
                button { class: "btn", id: "scan-album", r#type: "button", onclick: move |_| open.call(PhotoSource::Album), {w.scan_album} }
            }
            if looking() { p { class: "hint", role: "status", {w.scan_reading} } }
            if found() { p { class: "hint ok", role: "status", id: "scan-found", "✓ " {w.scan_found} } }
        }
    }
}

#[component]
fn Typed(form: Form) -> Element {
    let w = use_words();
    let first = &words(use_language()).first;
    let Form { mut address, mut code, .. } = form;
    rsx! {
        section { class: "card",
            h2 { class: "q", {first.typed} }
            label { class: "label", r#for: "address", {w.address} }
            input {
                id: "address", class: "line", r#type: "url", inputmode: "url", autocomplete: "off", dir: "ltr",
                maxlength: "300", value: "{address}", placeholder: "https://", oninput: move |event| address.set(event.value()),
            }
            label { class: "label", r#for: "code", {w.code} }
            input {
                id: "code", class: "line code", r#type: "text", autocomplete: "off", autocapitalize: "characters",
                maxlength: "128", spellcheck: "false", dir: "ltr", value: "{code}", oninput: move |event| code.set(event.value()),
            }
            p { class: "hint", {w.enrol_hint} }
        }
    }
}
