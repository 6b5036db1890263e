//! A photo that was begun and did not arrive, said before the visit is finished: with its draft this would be forgotten.

use dioxus::prelude::*;

use crate::domain::id::InspectionId;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::ui::sheet::interrupted::forget_expected;
use crate::view::words::words;

/// The way to take it, or that it is not needed.
#[component]
pub(super) fn PhotoAwaited(id: InspectionId) -> Element {
    let w = &words(use_language()).sheet;
    let device = use_device();
    let awaited = use_live(move |device| async move {
        device.expected_photo().await.ok().flatten().filter(|expected| expected.draft == id)
    });
    let Some(expected) = awaited.read().clone().flatten() else { return rsx! {} };
    let item = expected.item.clone().unwrap_or_default();
    let spot = if item.is_empty() { String::new() } else { format!("{}-{item}", expected.sheet) };
    let leave = move |_| {
        let device = device.clone();
        async move { forget_expected(&device).await }
    };
    rsx! {
        section { class: "card offer", role: "status", id: "photo-awaited",
            p { class: "q", {(w.interrupted)(&item)} }
            p { class: "hint", {w.interrupted_what} }
            div { class: "chips",
                button { class: "btn p", id: "shoot-awaited", r#type: "button",
                    onclick: move |_| {
                        navigator().replace(Route::SheetScreen { id, item: spot.clone() });
                    },
                    {w.shoot_again}
                }
                button { class: "btn", id: "photo-not-needed", r#type: "button", onclick: leave, {w.no_need} }
            }
        }
    }
}
