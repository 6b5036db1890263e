//! The photo strip of an item or of the site: what was taken, what is still needed, and the way to the camera.

use dioxus::prelude::*;

use super::Edit;
use super::model::PhotoView;
use crate::domain::id::PhotoId;
use crate::domain::inspection::PhotoSource;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::thumbs;
use crate::view::words::returned::returned_words;

/// What the camera is offered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {
    /// Not at all: patients or personal data would be in the picture.
    Never,
    /// Just so.
    Free,
    /// A photo is useful.
    Useful,
    /// One is needed.
    Needed,
}

/// The strip; `code` is the item's, empty for the site. `busy` says in words what is happening to a picture.
#[component]
pub fn Photos(
    camera: Camera,
    code: String,
    photos: Vec<PhotoView>,
    busy: Option<String>,
    on_edit: EventHandler<Edit>,
) -> Element {
    let w = use_words();
    let mut open = use_signal(|| None::<PhotoView>);
    let taken = photos.len();
    rsx! {
        div { class: "photos",
            for photo in photos {
                button {
                    key: "{photo.original}", class: "ph", r#type: "button", aria_label: (w.photo_taken_at)(&photo.time),
                    onclick: { let photo = photo.clone(); move |_| open.set(Some(photo.clone())) },
                    img { src: thumbs::thumb(photo.derived), alt: "", loading: "lazy" }
                    small { "{photo.time}" if photo.album { " " {w.album} } }
                }
            }
            if let Some(busy) = busy {
                div { class: "ph add busy", role: "status", {busy} }
            } else if camera != Camera::Never {
                button {
                    class: "ph add", r#type: "button", "data-camera": "{code}",
                    onclick: move |_| on_edit.call(Edit::Photo(PhotoSource::Camera)),
                    span {
                        {w.take_photo}
                        br {}
                        match camera {
                            Camera::Needed => rsx! { {(w.photo_needed)(taken)} },
                            Camera::Useful => rsx! { {w.photo_useful} },
                            Camera::Free | Camera::Never => rsx! {},
                        }
                    }
                }
                button {
                    class: "ph add quiet", r#type: "button", "data-album": "{code}",
                    onclick: move |_| on_edit.call(Edit::Photo(PhotoSource::Album)), {w.from_album}
                }
            }
        }
        if let Some(photo) = open() {
            Viewer {
                photo,
                on_close: move |()| open.set(None),
                on_remove: move |id| {
                    open.set(None);
                    on_edit.call(Edit::Remove(id));
                },
            }
        }
    }
}

/// Camera and album as two words, where nothing was taken yet.
#[component]
pub(super) fn PhotoLinks(code: String, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    rsx! {
        button { class: "link", r#type: "button", "data-camera": "{code}",
            onclick: move |_| on_edit.call(Edit::Photo(PhotoSource::Camera)), {w.take_photo}
        }
        button { class: "link", r#type: "button", "data-album": "{code}",
            onclick: move |_| on_edit.call(Edit::Photo(PhotoSource::Album)), {w.from_album}
        }
    }
}

/// The picture, large. Taking it out asks nothing: it can be undone.
#[component]
fn Viewer(photo: PhotoView, on_close: EventHandler<()>, on_remove: EventHandler<PhotoId>) -> Element {
    let w = use_words();
    let original = photo.original;
    rsx! {
        div { class: "viewer", role: "dialog", aria_modal: "true", aria_label: (w.photo_taken_at)(&photo.time),
            img { src: thumbs::large(photo.derived), alt: (w.photo_taken_at)(&photo.time) }
            if photo.album { p { {w.album_note} } }
            if photo.away { p { id: "original-away", {returned_words(use_language()).original_away} } }
            div { class: "bar-buttons",
                button { class: "btn", id: "remove-photo", r#type: "button",
                    onclick: move |_| on_remove.call(original), {w.photo_remove}
                }
                button { class: "btn p", r#type: "button", autofocus: true, onclick: move |_| on_close.call(()),
                    {w.close}
                }
            }
        }
    }
}
