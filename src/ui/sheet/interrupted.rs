//! The phone ended the app behind the camera: the photo that was expected is offered again.

use dioxus::prelude::*;

use super::Edit;
use super::desk::Desk;
use super::spot::{Spot, show};
use crate::device::Device;
use crate::device::photo::ExpectedPhoto;
use crate::domain::inspection::PhotoSource;
use crate::ui::live::use_device;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

/// Nothing is expected any more. What could not be forgotten is offered once more, which loses nothing.
pub(in crate::ui) async fn forget_expected(device: &Device) {
    if let Err(error) = device.forget_expected_photo().await {
        tracing::warn!(%error, "an expected photo could not be forgotten");
    }
}

/// Take it again, from the album, or leave it.
#[component]
pub(super) fn Interrupted(
    expected: ExpectedPhoto,
    desk: Desk,
    on_edit: EventHandler<(Spot, Edit)>,
) -> Element {
    let w = &words(use_language()).sheet;
    let device = use_device();
    let mut seen = use_signal(|| false);
    if seen() {
        return rsx! {};
    }
    let item = expected.item.clone().unwrap_or_default();
    let spot: Spot = (expected.sheet, item.clone());
    let mut take = move |source: PhotoSource| {
        seen.set(true);
        if !spot.1.is_empty() {
            desk.open(&spot);
            show(&spot, true);
        }
        on_edit.call((spot.clone(), Edit::Photo(source)));
    };
    let mut again = take.clone();
    let leave = move |_| {
        seen.set(true);
        let device = device.clone();
        async move { forget_expected(&device).await }
    };
    rsx! {
        section { class: "card offer", role: "status", id: "interrupted",
            p { class: "q", {(w.interrupted)(&item)} }
            p { class: "hint", {w.interrupted_what} }
            div { class: "chips",
                button { class: "btn p", id: "shoot-again", r#type: "button",
                    onclick: move |_| again(PhotoSource::Camera), {w.shoot_again}
                }
                button { class: "btn", r#type: "button", onclick: move |_| take(PhotoSource::Album),
                    {use_words().from_album}
                }
                button { class: "btn", id: "no-need", r#type: "button", onclick: leave, {w.no_need} }
            }
        }
    }
}
