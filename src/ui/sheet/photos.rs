//! The photo strip of an item: what was taken, what is still needed, and why none may be taken.

use dioxus::prelude::*;

use super::Edit;
use super::model::{CardView, PhotoView};
use crate::domain::checklist::PhotoRule;
use crate::domain::id::PhotoId;
use crate::domain::inspection::PhotoSource;
use crate::domain::judge::Verdict;
use crate::ui::prefs::use_words;
use crate::ui::thumbs;

/// The strip. `busy` says in words what is happening to a picture just taken.
#[component]
pub fn Photos(card: CardView, busy: Option<String>, on_edit: EventHandler<Edit>) -> Element {
    let w = use_words();
    let mut open = use_signal(|| None::<PhotoView>);
    let Some((_, item)) = card.item.get() else { return rsx! {} };
    let forbidden = item.photo == PhotoRule::Forbidden;
    let needed = item.photo == PhotoRule::RequiredWhenFailed && card.judgement.verdict == Verdict::Fail;
    let taken = card.photos.len();
    rsx! {
        if forbidden {
            p { class: "hint warn", {w.photo_forbidden} }
        }
        div { class: "photos",
            for photo in card.photos.clone() {
                button {
                    key: "{photo.original}", class: "ph", r#type: "button", aria_label: (w.photo_taken_at)(&photo.time),
                    onclick: { let photo = photo.clone(); move |_| open.set(Some(photo.clone())) },
                    img { src: thumbs::thumb(photo.derived), alt: "", loading: "lazy" }
                    small { "{photo.time}" if photo.album { " " {w.album} } }
                }
            }
            if let Some(busy) = busy {
                div { class: "ph add busy", role: "status", {busy} }
            } else if !forbidden {
                button {
                    class: "ph add", r#type: "button", "data-camera": "{card.code}",
                    onclick: move |_| on_edit.call(Edit::Photo(PhotoSource::Camera)),
                    span {
                        {w.take_photo}
                        br {}
                        if needed { {(w.photo_needed)(taken)} } else if item.photo == PhotoRule::Useful { {w.photo_useful} }
                    }
                }
                button {
                    class: "ph add quiet", r#type: "button",
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

#[component]
fn Viewer(photo: PhotoView, on_close: EventHandler<()>, on_remove: EventHandler<PhotoId>) -> Element {
    let w = use_words();
    let mut sure = use_signal(|| false);
    let original = photo.original;
    rsx! {
        div { class: "viewer", role: "dialog", aria_modal: "true", aria_label: (w.photo_taken_at)(&photo.time),
            img { src: thumbs::large(photo.derived), alt: (w.photo_taken_at)(&photo.time) }
            if photo.album { p { {w.album_note} } }
            div { class: "bar-buttons",
                if sure() {
                    button { class: "btn danger", r#type: "button", onclick: move |_| on_remove.call(original),
                        {w.photo_remove_sure}
                    }
                } else {
                    button { class: "btn", r#type: "button", onclick: move |_| sure.set(true), {w.photo_remove} }
                }
                button { class: "btn p", r#type: "button", autofocus: true, onclick: move |_| on_close.call(()),
                    {w.close}
                }
            }
        }
    }
}
