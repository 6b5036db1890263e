//! The site's side: a signature on the glass, or why there is none.

use dioxus::prelude::*;

use crate::domain::id::SiteId;
use crate::domain::inspection::{Attestation, UnsignedCause};
use crate::ui::live::use_live;
use crate::ui::pad::{Pad, Strokes};
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

const CAUSES: [UnsignedCause; 3] =
    [UnsignedCause::Refused, UnsignedCause::Absent, UnsignedCause::CannotWrite];

/// Signature or refusal; `None` while neither is complete.
#[component]
pub fn Sign(
    site: SiteId,
    attestation: Option<Attestation>,
    on_attest: EventHandler<Option<Attestation>>,
) -> Element {
    let w = use_words();
    let all = words(use_language());
    let mut cause = use_signal(|| match &attestation {
        Some(Attestation::Unsigned { cause, .. }) => Some(*cause),
        _ => None,
    });
    rsx! {
        h2 { class: "sec", {w.signature} }
        div { class: "chips", role: "group", aria_label: w.signature,
            button { class: "say", r#type: "button", "data-sign": "signed", aria_pressed: cause().is_none(),
                onclick: move |_| cause.set(None), {w.signs}
            }
            for each in CAUSES {
                button { key: "{each:?}", class: "say", r#type: "button", "data-sign": "{each:?}",
                    aria_pressed: cause() == Some(each), onclick: move |_| cause.set(Some(each)),
                    {(all.terms.unsigned)(each)}
                }
            }
        }
        if let Some(cause) = cause() {
            Unsigned { key: "{cause:?}", cause, attestation, on_attest }
        } else {
            Signed { site, attestation, on_attest }
        }
    }
}

#[component]
fn Signed(
    site: SiteId,
    attestation: Option<Attestation>,
    on_attest: EventHandler<Option<Attestation>>,
) -> Element {
    let w = use_words();
    let (old_name, old) = match attestation {
        Some(Attestation::Signed { name, strokes }) => (name, strokes),
        _ => (String::new(), Strokes::new()),
    };
    let mut name = use_signal(|| old_name);
    let mut strokes = use_signal(|| old);
    let mut turn = use_signal(|| 0u32);
    let people = use_live(move |device| async move {
        let site = device.site(site).await.ok().flatten();
        site.map(|site| site.contacts.into_iter().map(|c| c.name).collect::<Vec<_>>()).unwrap_or_default()
    });
    let tell = move || {
        let signed = !strokes.peek().is_empty();
        let (name, strokes) = (name.peek().clone(), strokes.peek().clone());
        on_attest.call(signed.then_some(Attestation::Signed { name, strokes }));
    };
    let drawn = strokes.peek().clone();
    rsx! {
        div { class: "card",
            p { {w.i_have_seen} }
            for turn in [turn()] {
                Pad { key: "{turn}", strokes: drawn.clone(),
                    on_stroke: move |stroke| {
                        strokes.write().push(stroke);
                        tell();
                    },
                }
            }
            div { class: "row",
                input {
                    id: "signer", class: "line grow", r#type: "text", dir: "auto", maxlength: "40", value: "{name}",
                    placeholder: w.name_in_print, aria_label: w.name_in_print,
                    oninput: move |event| {
                        name.set(event.value());
                        tell();
                    },
                }
                button { class: "btn", r#type: "button", disabled: strokes.read().is_empty(),
                    onclick: move |_| {
                        strokes.set(Vec::new());
                        turn += 1;
                        tell();
                    },
                    {w.sign_again}
                }
            }
            div { class: "chips",
                for person in people.read().clone().unwrap_or_default() {
                    button { key: "{person}", class: "say", r#type: "button", aria_pressed: *name.read() == person,
                        onclick: {
                            let person = person.clone();
                            move |_| {
                                name.set(person.clone());
                                tell();
                            }
                        },
                        bdi { {person.clone()} }
                    }
                }
            }
        }
    }
}

#[component]
fn Unsigned(
    cause: UnsignedCause,
    attestation: Option<Attestation>,
    on_attest: EventHandler<Option<Attestation>>,
) -> Element {
    let w = use_words();
    let (old_reason, old_witness) = match attestation {
        Some(Attestation::Unsigned { cause: was, reason, witness }) if was == cause => (reason, witness),
        _ => Default::default(),
    };
    let mut reason = use_signal(|| old_reason);
    let mut witness = use_signal(|| old_witness);
    let tell = move || {
        let (reason, witness) = (reason.peek().trim().to_owned(), witness.peek().trim().to_owned());
        on_attest.call((!reason.is_empty()).then_some(Attestation::Unsigned { cause, reason, witness }));
    };
    rsx! {
        div { class: "card",
            label { class: "label", r#for: "unsigned-reason", {w.unsigned_reason} }
            input {
                id: "unsigned-reason", class: "line", r#type: "text", dir: "auto", maxlength: "200", value: "{reason}",
                oninput: move |event| {
                    reason.set(event.value());
                    tell();
                },
            }
            label { class: "label", r#for: "witness", {w.witness} span { class: "soft", {w.optional} } }
            input {
                id: "witness", class: "line", r#type: "text", dir: "auto", maxlength: "40", value: "{witness}",
                oninput: move |event| {
                    witness.set(event.value());
                    tell();
                },
            }
        }
    }
}
