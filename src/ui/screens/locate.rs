//! The position for distances in lists: asked for when somebody wants them, never in the way.

use dioxus::prelude::*;

use crate::ui::launch::Startup;
use crate::ui::position::{LastPlace, Where, use_position};
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::sites::site_words;
use crate::view::words::words;

/// Whether the person has allowed the position before; asking this asks nobody.
const GRANTED: &str = "try { const p = await navigator.permissions.query({ name: 'geolocation' }); \
return p.state === 'granted'; } catch (e) { return false; }";

/// Nothing where a position is known; else a button for it, or how it goes. Begins by itself where it was allowed
/// before.
#[component]
pub fn Locate() -> Element {
    let s = site_words(use_language());
    let here = use_context::<LastPlace>().0;
    let startup = use_context::<Startup>();
    let mut locating = use_signal(|| startup.position.is_some());
    use_future(move || async move {
        if !locating() && document::eval(GRANTED).join::<bool>().await.unwrap_or(false) {
            locating.set(true);
        }
    });
    if here.read().is_some() {
        rsx! {}
    } else if locating() {
        rsx! { Locating {} }
    } else {
        rsx! {
            div { class: "rail",
                button { class: "say", id: "how-far", r#type: "button", onclick: move |_| locating.set(true), {s.how_far} }
            }
        }
    }
}

#[component]
fn Locating() -> Element {
    let w = use_words();
    let all = words(use_language());
    let at = use_position(|_| {});
    let line = match at() {
        Where::Nowhere(reason) => (w.position_none)((all.terms.no_fix)(reason)),
        _ => w.position_searching_list.to_owned(),
    };
    rsx! { p { class: "hint", role: "status", {line} } }
}
