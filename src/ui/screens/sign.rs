//! The site's side: a signature on the glass, or why there is none.
//!
//! What is stored is what stands on the screen: choosing “not present” takes a signature back at once, and choosing
//! “signs” again brings the strokes back.

use dioxus::prelude::*;

use crate::domain::id::SiteId;
use crate::domain::inspection::{Attestation, STATEMENT, UnsignedCause};
use crate::ui::live::use_live;
use crate::ui::pad::{Pad, Strokes};
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

const CAUSES: [UnsignedCause; 3] =
    [UnsignedCause::Refused, UnsignedCause::Absent, UnsignedCause::CannotWrite];

/// Everything that was given, also what the present choice does not use.
#[derive(Clone, Debug, Default, PartialEq)]
struct Form {
    cause: Option<UnsignedCause>,
    name: String,
    role: String,
    strokes: Strokes,
    reason: String,
    witness: String,
}

impl Form {
    fn of(attestation: Option<Attestation>) -> Self {
        match attestation {
            None => Self::default(),
            Some(Attestation::Signed { name, role, strokes, .. }) => {
                Self { name, role, strokes, ..Self::default() }
            }
            Some(Attestation::Unsigned { cause, reason, witness }) => {
                Self { cause: Some(cause), reason, witness, ..Self::default() }
            }
        }
    }

    /// `None` while neither signature nor reason is there.
    fn attestation(&self) -> Option<Attestation> {
        match self.cause {
            None => (!self.strokes.is_empty()).then(|| Attestation::Signed {
                name: self.name.trim().to_owned(),
                role: self.role.trim().to_owned(),
                statement: STATEMENT.to_owned(),
                strokes: self.strokes.clone(),
            }),
            Some(cause) => {
                let (reason, witness) = (self.reason.trim().to_owned(), self.witness.trim().to_owned());
                (!reason.is_empty()).then_some(Attestation::Unsigned { cause, reason, witness })
            }
        }
    }
}

/// One change of the form.
#[derive(Clone, Debug, PartialEq)]
enum Given {
    Cause(Option<UnsignedCause>),
    Name(String),
    Role(String),
    Stroke(Vec<[u16; 2]>),
    NoStrokes,
    Reason(String),
    Witness(String),
}

impl Form {
    fn take(&mut self, given: Given) {
        match given {
            Given::Cause(cause) => self.cause = cause,
            Given::Name(name) => self.name = name,
            Given::Role(role) => self.role = role,
            Given::Stroke(stroke) => self.strokes.push(stroke),
            Given::NoStrokes => self.strokes.clear(),
            Given::Reason(reason) => self.reason = reason,
            Given::Witness(witness) => self.witness = witness,
        }
    }
}

/// Signature or refusal; `None` while neither is complete.
#[component]
pub fn Sign(
    site: SiteId,
    attestation: Option<Attestation>,
    on_attest: EventHandler<Option<Attestation>>,
) -> Element {
    let w = use_words();
    let all = words(use_language());
    let mut form = use_signal(|| Form::of(attestation));
    let give = use_callback(move |given: Given| {
        form.write().take(given);
        let attestation = form.peek().attestation();
        on_attest.call(attestation);
    });
    let now = form.read().clone();
    let choices = std::iter::once(None).chain(CAUSES.map(Some));
    rsx! {
        h2 { class: "sec", {w.signature} }
        div { class: "chips", role: "group", aria_label: w.signature,
            for cause in choices {
                button { key: "{cause:?}", class: "say", r#type: "button", aria_pressed: now.cause == cause,
                    "data-sign": cause.map_or_else(|| "Signed".to_owned(), |cause| format!("{cause:?}")),
                    onclick: move |_| give.call(Given::Cause(cause)),
                    {cause.map_or(w.signs, |cause| (all.terms.unsigned)(cause))}
                }
            }
        }
        if now.cause.is_some() {
            Unsigned { reason: now.reason, witness: now.witness, on_give: give }
        } else {
            Signed { site, name: now.name, role: now.role, strokes: now.strokes, on_give: give }
        }
    }
}

#[component]
fn Signed(
    site: SiteId,
    name: String,
    role: String,
    strokes: Strokes,
    on_give: EventHandler<Given>,
) -> Element {
    let w = use_words();
    let r = &words(use_language()).review;
    let mut turn = use_signal(|| 0u32);
    let people = use_live(move |device| async move {
        let site = device.site(site).await.ok().flatten();
        site.map(|site| site.contacts.into_iter().map(|c| (c.name, c.role)).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let empty = strokes.is_empty();
    rsx! {
        div { class: "card",
            p { class: "statement", lang: "zh-CN", dir: "auto", {STATEMENT} }
            if w.i_have_seen != STATEMENT { p { class: "hint", {w.i_have_seen} } }
            for turn in [turn()] {
                Pad { key: "{turn}", strokes: strokes.clone(), on_stroke: move |stroke| on_give.call(Given::Stroke(stroke)) }
            }
            if !empty {
                div { class: "row end", id: "signed-already",
                    span { class: "grow hint urgent-ok", "✓ " {r.signed} }
                    button { class: "btn", id: "sign-again", r#type: "button",
                        onclick: move |_| {
                            turn += 1;
                            on_give.call(Given::NoStrokes);
                        },
                        {w.sign_again}
                    }
                }
            }
            div { class: "signer-fields",
                input {
                    id: "signer", class: "line", r#type: "text", dir: "auto", maxlength: "40", value: "{name}",
                    placeholder: w.name_in_print, aria_label: w.name_in_print,
                    oninput: move |event| on_give.call(Given::Name(event.value())),
                }
                input {
                    id: "signer-role", class: "line", r#type: "text", dir: "auto", maxlength: "20", value: "{role}",
                    placeholder: r.role, aria_label: r.role,
                    oninput: move |event| on_give.call(Given::Role(event.value())),
                }
            }
            div { class: "chips",
                for (person, their_role) in people.read().clone().unwrap_or_default() {
                    button { key: "{person}", class: "say", r#type: "button", aria_pressed: name == person,
                        onclick: { let person = person.clone(); move |_| {
                            on_give.call(Given::Name(person.clone()));
                            on_give.call(Given::Role(their_role.clone()));
                        } },
                        bdi { {person.clone()} }
                    }
                }
            }
        }
    }
}

#[component]
fn Unsigned(reason: String, witness: String, on_give: EventHandler<Given>) -> Element {
    let w = use_words();
    rsx! {
        div { class: "card",
            p { class: "hint", {words(use_language()).review.unsigned_hint} }
            label { class: "label", r#for: "unsigned-reason", {w.unsigned_reason} }
            input {
                id: "unsigned-reason", class: "line", r#type: "text", dir: "auto", maxlength: "200", value: "{reason}",
                oninput: move |event| on_give.call(Given::Reason(event.value())),
            }
            label { class: "label", r#for: "witness", {w.witness} span { class: "soft", {w.optional} } }
            input {
                id: "witness", class: "line", r#type: "text", dir: "auto", maxlength: "40", value: "{witness}",
                oninput: move |event| on_give.call(Given::Witness(event.value())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_taken_back_while_another_cause_is_chosen_and_comes_back_with_it() {
        let mut form = Form::default();
        form.take(Given::Stroke(vec![[1, 2], [3, 4]]));
        assert!(matches!(form.attestation(), Some(Attestation::Signed { .. })));
        form.take(Given::Cause(Some(UnsignedCause::Absent)));
        assert_eq!(form.attestation(), None);
        form.take(Given::Reason("门锁着".to_owned()));
        assert!(matches!(
            form.attestation(),
            Some(Attestation::Unsigned { cause: UnsignedCause::Absent, .. })
        ));
        form.take(Given::Cause(None));
        assert!(
            matches!(form.attestation(), Some(Attestation::Signed { strokes, .. }) if strokes.len() == 1)
        );
    }
}
