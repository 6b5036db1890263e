//! Whoever else is enrolled on this phone, and the tap that gives it to them.

use dioxus::prelude::*;

use super::mine::use_mine_words;
use crate::device::hands::Hand;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::say;

/// A card with a button a person; nothing on a phone of one coordinator.
#[component]
pub fn Hands() -> Element {
    let m = use_mine_words();
    let language = use_language();
    let device = use_device();
    let hands = use_live(|device| async move { device.hands().await.unwrap_or_default() });
    let mut busy = use_signal(|| false);
    let mut said = use_signal(|| None::<Result<String, String>>);
    let give = use_callback(move |hand: Hand| {
        let device = device.clone();
        spawn(async move {
            if busy() {
                return;
            }
            busy.set(true);
            let given = device.hand_over(hand.coordinator.id).await;
            let done = |_| (m.handed)(&hand.coordinator.name);
            said.set(Some(given.map(done).map_err(|error| say::enrolment(&error, language))));
            busy.set(false);
        });
    });
    let hands = hands.read().clone().unwrap_or_default();
    rsx! {
        if !hands.is_empty() {
            section { class: "card", id: "hands",
                h2 { class: "q", {m.hands} }
                p { class: "t2", {m.hands_what} }
                for (n, hand) in hands.into_iter().enumerate() {
                    button { key: "{hand.coordinator.id}", class: "btn wide hand", id: "hand-{n}", r#type: "button", disabled: busy(),
                        onclick: { let hand = hand.clone(); move |_| give.call(hand.clone()) },
                        span { class: "t1", bdi { {(m.hand_to)(&hand.coordinator.name)} } }
                        span { class: "t2", bdi { {hand.coordinator.organisation.clone()} } " · " {(m.hand_drafts)(hand.drafts)} }
                    }
                }
                match said() {
                    None => rsx! {},
                    Some(Ok(done)) => rsx! { p { class: "hint ok", role: "status", id: "handed", bdi { {done} } } },
                    Some(Err(why)) => rsx! { p { class: "alert", role: "alert", {why} } },
                }
            }
        }
    }
}
