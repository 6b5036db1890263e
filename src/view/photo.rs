//! One photo of a record: the picture where the caller has it, words where it is still to come.

use chrono::FixedOffset;
use dioxus::prelude::*;

use super::words::words;
use crate::domain::inspection::{Photo, PhotoSource};
use crate::domain::text::Language;

/// Where the caller keeps a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoLink {
    /// Address of the small picture; none when the copy is not here yet.
    pub thumbnail: Option<String>,
    /// Address to open the copy at full size; none where nothing opens.
    pub full: Option<String>,
    /// Address of the original; none when it is not here or nothing opens.
    pub original: Option<String>,
    /// Whether the original is here.
    pub original_held: bool,
}

/// A photo with its time and source.
#[component]
pub fn PhotoFigure(photo: Photo, link: PhotoLink, zone: FixedOffset, language: Language) -> Element {
    let w = words(language);
    let at = photo.taken_at.with_timezone(&zone).format("%m-%d %H:%M:%S").to_string();
    let source = (w.terms.photo_source)(photo.source);
    let item = photo.item.clone().unwrap_or_default();
    let alt = (w.record.photo_alt)(&item, &at, source);
    let album = photo.source == PhotoSource::Album;
    rsx! {
        figure { class: "photo",
            match (&link.thumbnail, &link.full) {
                (Some(src), Some(href)) => rsx! {
                    a { href: "{href}", img { src: "{src}", alt: "{alt}" } }
                },
                (Some(src), None) => rsx! { img { src: "{src}", alt: "{alt}" } },
                (None, _) => rsx! { div { class: "photo-missing", "{w.record.photo_missing}" } },
            }
            figcaption {
                span { class: "photo-time", "{at}" }
                if album { span { class: "tag warn", "{source}" } }
                if !link.original_held {
                    span { class: "tag na", "{w.record.original_missing}" }
                }
            }
        }
    }
}
