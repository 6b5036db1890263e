//! Whom to call: the bureau's numbers, those of the whole country, the prepared message, and what came of each try.
//!
//! A try is durable before the dialler opens, because the phone may end the app behind it.

use dioxus::prelude::*;

use crate::device::report::ReportState;
use crate::domain::id::InspectionId;
use crate::domain::report::{Attempt, Callee, How, Outcome, sms_text};
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::say::Trouble;
use crate::view::words::urgent::UrgentWords;
use crate::view::words::words;

/// Numbers that work in the whole country, enrolled or not.
fn public(w: &UrgentWords) -> [Callee; 2] {
    [(w.ambulance, "120"), (w.citizens_line, "12345")]
        .map(|(title, phone)| Callee { title: title.to_owned(), phone: phone.to_owned() })
}

/// The numbers, the message, the tries.
#[component]
pub(super) fn Calls(id: InspectionId, state: ReportState, trouble: Signal<Option<Trouble>>) -> Element {
    let w = &words(use_language()).urgent;
    let device = use_device();
    let settings = use_live(|device| async move { device.settings().await.unwrap_or_default() });
    let hotlines: Vec<Callee> = settings
        .read()
        .iter()
        .flat_map(|settings| &settings.hotlines)
        .map(|line| Callee { title: line.title.clone(), phone: line.phone.clone() })
        .collect();
    let at = state.discovered_at.unwrap_or(state.now);
    let message = sms_text(&state.site, &state.items, at, state.coordinator.as_ref());
    let practice = state.practice;
    let reach = use_callback(move |(to, how, address): (Callee, How, Option<String>)| {
        let device = device.clone();
        let mut trouble = trouble;
        spawn(async move {
            match device.add_attempt(id, to, how).await {
                Ok(_) => trouble.set(None),
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
            // The call counts more than its entry.
            if let Some(address) = address.filter(|_| !practice)
                && let Err(error) = device.open_outside(address).await
            {
                tracing::error!(%error, "the dialler could not be opened");
            }
        });
    });
    let none = settings.read().is_some() && hotlines.is_empty();
    rsx! {
        h2 { class: "sec", {w.call_first} }
        if practice { p { class: "hint warn", {w.practice} } }
        if none {
            div { class: "card", id: "no-hotline",
                p { class: "t1", {w.no_hotline} }
                p { class: "hint", {w.no_hotline_next} }
            }
        }
        for to in hotlines {
            Line { key: "{to.phone}", to, message: message.clone(), on_reach: reach }
        }
        if !state.items.is_empty() {
            div { class: "card urgent-message", p { class: "hint", {w.sms_ready} } p { id: "sms-text", dir: "auto", {message.clone()} } }
        }
        h3 { class: "sec", {w.public_numbers} }
        for to in public(w) {
            Line { key: "{to.phone}", to, message: String::new(), on_reach: reach }
        }
        button { class: "btn wide", id: "other-phone", r#type: "button",
            onclick: move |_| {
                let to = Callee { title: w.other_phone_title.to_owned(), phone: String::new() };
                reach.call((to, How::Call, None));
            },
            {w.other_phone}
        }
        Tries { id, attempts: state.attempts, trouble }
    }
}

/// One number with its ways; without a message there is no text to send.
#[component]
fn Line(to: Callee, message: String, on_reach: Callback<(Callee, How, Option<String>)>) -> Element {
    let w = &words(use_language()).urgent;
    let call = format!("tel:{}", dialled(&to.phone));
    let text = format!("sms:{}?body={}", dialled(&to.phone), encoded(&message));
    rsx! {
        div { class: "card urgent-line", "data-hotline": "{to.phone}",
            div { class: "grow", p { class: "t1", bdi { {to.title.clone()} } } p { class: "urgent-number", {to.phone.clone()} } }
            div { class: "urgent-ways",
                a { class: "btn p", href: "{call}", aria_label: (w.call_to)(&to.title), "data-way": "call",
                    onclick: { let (to, call) = (to.clone(), call.clone()); move |event: MouseEvent| {
                        event.prevent_default();
                        on_reach.call((to.clone(), How::Call, Some(call.clone())));
                    } },
                    {w.call}
                }
                if !message.is_empty() {
                    a { class: "btn", href: "{text}", aria_label: (w.sms_to)(&to.title), "data-way": "sms",
                        onclick: { let (to, text) = (to.clone(), text.clone()); move |event: MouseEvent| {
                            event.prevent_default();
                            on_reach.call((to.clone(), How::Sms, Some(text.clone())));
                        } },
                        {w.sms}
                    }
                }
            }
        }
    }
}

/// Every try, the newest first; one whose outcome is not said asks for it.
#[component]
fn Tries(id: InspectionId, attempts: Vec<(i64, Attempt)>, trouble: Signal<Option<Trouble>>) -> Element {
    let w = &words(use_language()).urgent;
    if attempts.is_empty() {
        return rsx! {};
    }
    rsx! {
        h3 { class: "sec", id: "attempts", {w.attempts} }
        for (number, attempt) in attempts.into_iter().rev() {
            Try { key: "{number}", id, number, attempt, trouble }
        }
    }
}

#[component]
fn Try(id: InspectionId, number: i64, attempt: Attempt, trouble: Signal<Option<Trouble>>) -> Element {
    let w = &words(use_language()).urgent;
    let device = use_device();
    let mut asking = use_signal(|| attempt.outcome == Outcome::NotKnown);
    let say = use_callback(move |outcome: Outcome| {
        let device = device.clone();
        let mut trouble = trouble;
        asking.set(false);
        spawn(async move {
            if let Err(error) = device.put_outcome(id, number, outcome).await {
                trouble.set(Some(Trouble::of(&error)));
            }
        });
    });
    let how = attempt.how;
    let way = if how == How::Call { w.call } else { w.sms };
    let line = format!("{} · {way}", attempt.at.format("%H:%M"));
    rsx! {
        div { class: "card", "data-attempt": "{number}", "data-outcome": "{attempt.outcome:?}",
            div { class: "row",
                div { class: "grow", p { class: "t1", bdi { {attempt.to.title.clone()} } } p { class: "t2", {line} } }
                if !asking() {
                    button { class: "say", r#type: "button", onclick: move |_| asking.set(true),
                        {(w.outcome)(how, attempt.outcome)} " · " {w.change}
                    }
                }
            }
            if asking() {
                p { class: "hint", {(w.asked)(how)} }
                div { class: "chips", role: "group", aria_label: (w.asked)(how),
                    for outcome in [Outcome::Reached, Outcome::NoAnswer, Outcome::NotKnown] {
                        button { key: "{outcome:?}", class: "say", r#type: "button", "data-outcome": "{outcome:?}",
                            aria_pressed: attempt.outcome == outcome && outcome != Outcome::NotKnown,
                            onclick: move |_| say.call(outcome),
                            {(w.outcome)(how, outcome)}
                        }
                    }
                }
            }
        }
    }
}

/// What a dialler takes of a number as written for people.
fn dialled(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#' | ',')).collect()
}

/// A text as part of an address (RFC 3986): everything but letters, digits and `-._~` in percent signs.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => all.push(char::from(byte)),
            other => all.push_str(&format!("%{other:02X}")),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_messages_are_safe_in_an_address() {
        assert_eq!(dialled("000-0000-0120 转 8"), "000000001208");
        assert_eq!(encoded("水 & a=1"), "%E6%B0%B4%20%26%20a%3D1");
    }
}
