//! Photos of the site as a whole, which belong to no item.

use dioxus::prelude::*;

use super::Edit;
use super::desk::Desk;
use super::model::place_photos;
use super::photos::{Camera, PhotoLinks, Photos};
use super::section::busy_words;
use super::spot::Spot;
use crate::ui::prefs::{use_language, use_words};
use crate::view::words::words;

/// One line until there is a photo, then the strip.
#[component]
pub(super) fn PlacePhotos(desk: Desk, on_edit: EventHandler<(Spot, Edit)>) -> Element {
    let w = &words(use_language()).sheet;
    let photos = place_photos(&desk.visit.read());
    let spot: Spot = (0, String::new());
    let busy = desk.picture.read().clone().filter(|picture| picture.spot == spot);
    let (busy, trouble) = busy_words(busy, use_words());
    let send = {
        let spot = spot.clone();
        move |edit| on_edit.call((spot.clone(), edit))
    };
    rsx! {
        section { class: "card whole", id: "place-photos", aria_label: w.place_photos,
            if photos.is_empty() && busy.is_none() {
                div { class: "row",
                    span { class: "grow", {w.place_photos} " " span { class: "soft", {w.place_photos_what} } }
                    PhotoLinks { code: "", on_edit: send }
                }
            } else {
                p { class: "label", {w.place_photos} }
                Photos { camera: Camera::Free, code: "", photos, busy, on_edit: send }
            }
            if let Some(trouble) = trouble { p { class: "alert", role: "alert", {trouble} } }
        }
    }
}
