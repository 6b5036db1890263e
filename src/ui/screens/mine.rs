//! Mine: who works on this phone, language and looks, room, help, versions.

use dioxus::prelude::*;

use super::shell::TopBar;
use super::site_card::size;
use crate::device::storage::Room;
use crate::domain::text::Language;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::{Prefs, put, use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::mine::MineWords;
use crate::view::words::words;

pub(super) fn use_mine_words() -> &'static MineWords {
    &words(use_language()).mine
}

/// The fourth tab.
#[component]
pub fn Mine() -> Element {
    let w = use_words();
    let m = use_mine_words();
    let device = use_device();
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let profile = profile.read().clone().flatten();
    let title =
        profile.as_ref().map_or_else(|| w.tab_mine.to_owned(), |p| p.enrolled.coordinator.name.clone());
    let line = profile.as_ref().map(|p| p.enrolled.coordinator.organisation.clone()).unwrap_or_default();
    rsx! {
        TopBar { title, back: false, bdi { {line} } }
        main { class: "scroll",
            Who {}
            super::hands::Hands {}
            Looks {}
            RoomCard {}
            Entry { id: "to-help", title: m.help, line: m.help_line, to: Route::Help {} }
            if profile.is_none() { super::practice::PracticeOffer {} }
            Entry { id: "to-diagnostics", title: m.diagnostics, line: m.diagnostics_line, to: Route::State {} }
            Entry { id: "to-privacy", title: m.privacy, line: m.privacy_line, to: Route::Privacy {} }
            Entry { id: "to-licences", title: m.licences, line: m.licences_line, to: Route::Licences {} }
            section { class: "card facts",
                Line { name: w.app_version, text: env!("CARGO_PKG_VERSION") }
                Line { name: w.phone_id, text: device.id().to_string() }
            }
        }
    }
}

/// Coordinator and bureau, and how somebody else takes over.
#[component]
fn Who() -> Element {
    let w = use_words();
    let m = use_mine_words();
    let comma = words(use_language()).answer.comma;
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let others = use_live(|device| async move { device.others_drafts().await.unwrap_or_default() });
    let profile = profile.read().clone().flatten();
    rsx! {
        section { class: "card facts",
            if let Some(profile) = &profile {
                Line { name: m.coordinator, text: profile.enrolled.coordinator.name.clone() }
                Line { name: w.bureau, text: profile.enrolled.bureau.name.clone() }
                Line { name: w.address, text: profile.address.clone() }
                Line { name: w.townships, text: profile.enrolled.townships.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(comma) }
                for hotline in &profile.enrolled.settings.hotlines {
                    div { key: "{hotline.phone}", class: "fact hotline",
                        span { class: "soft", bdi { {hotline.title.clone()} } }
                        a { class: "link", href: "tel:{hotline.phone}", {hotline.phone.clone()} }
                    }
                }
            } else {
                p { {w.not_enrolled_what} }
            }
            for (name, n) in others.read().clone().unwrap_or_default() {
                p { key: "{name}", class: "hint", "data-others": "{n}", {(m.others_drafts)(&name, n)} }
            }
            button { class: "btn wide", id: "enrol-again", r#type: "button", onclick: move |_| { navigator().push(Route::Enrol {}); },
                if profile.is_some() { {m.enrol_other} } else { {w.enrol} }
            }
            if profile.is_some() { p { class: "hint", {m.enrol_other_what} } }
        }
    }
}

#[component]
fn Line(name: String, text: String) -> Element {
    rsx! { div { class: "fact", span { class: "soft", {name} } span { bdi { {text} } } } }
}

#[component]
fn Entry(id: &'static str, title: &'static str, line: &'static str, to: Route) -> Element {
    rsx! {
        button { class: "card site", id, r#type: "button", onclick: move |_| { navigator().push(to.clone()); },
            span { class: "grow", span { class: "t1", {title} } span { class: "t2", {line} } }
            span { class: "link", aria_hidden: "true", "›" }
        }
    }
}

/// What photos take, and the one button that frees what may go.
#[component]
fn RoomCard() -> Element {
    let m = use_mine_words();
    let w = use_words();
    let device = use_device();
    let room = use_live(|device| async move { device.room().await.ok() });
    let mut said = use_signal(|| None::<Result<u64, Trouble>>);
    let free = move |_| {
        let device = device.clone();
        async move { said.set(Some(device.free_originals().await.map_err(|e| Trouble::of(&e)))) }
    };
    let room = room.read().flatten().unwrap_or_default();
    let Room { pictures, removable, removable_bytes, keep_days, keep_free_mb, .. } = room;
    let may_go = match removable {
        0 => (m.nothing_removable)(keep_days),
        n => (m.removable)(n, &size(removable_bytes), keep_days),
    };
    rsx! {
        section { class: "card", id: "room",
            h2 { class: "q", {m.room} }
            p { class: "t2", {(m.pictures)(pictures)} }
            if pictures > 0 { p { class: "t2", {may_go} } }
            if keep_days > 0 { p { class: "hint", id: "keeping", {(m.keeping)(keep_days, keep_free_mb)} } }
            if removable > 0 {
                button { class: "btn wide", id: "free", r#type: "button", onclick: free, {(m.free)(&size(removable_bytes))} }
                p { class: "hint", {m.free_what} }
            }
            match said() {
                None => rsx! {},
                Some(Ok(bytes)) => rsx! { p { class: "hint ok", role: "status", id: "freed", {(m.freed)(&size(bytes))} } },
                Some(Err(trouble)) => rsx! { p { class: "alert", role: "alert", {trouble.sentence(w)} } },
            }
        }
    }
}

#[component]
fn Looks() -> Element {
    let w = use_words();
    let m = use_mine_words();
    let prefs = use_context::<Signal<Prefs>>();
    let device = use_device();
    let now = prefs.read().clone();
    let themes = [("", w.theme_phone), ("light", w.theme_light), ("dark", w.theme_dark)];
    let change = use_callback(move |new: Prefs| put(&device, prefs, new));
    rsx! {
        section { class: "card",
            p { class: "label", {w.language} }
            div { class: "chips", role: "group", aria_label: w.language,
                for (language, name) in [(Language::Zh, "中文"), (Language::En, "English")] {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.language == language, lang: words(language).tag,
                        onclick: { let now = now.clone(); move |_| change.call(Prefs { language, ..now.clone() }) }, {name}
                    }
                }
            }
            p { class: "label", {w.theme} }
            div { class: "chips", role: "group", aria_label: w.theme,
                for (theme, name) in themes {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.theme == theme,
                        onclick: { let now = now.clone(); move |_| change.call(Prefs { theme: theme.to_owned(), ..now.clone() }) }, {name}
                    }
                }
            }
            p { class: "label", {w.text_size} }
            div { class: "chips", role: "group", aria_label: w.text_size,
                for (size, name) in (0_u8..).zip(m.sizes) {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.size == size, "data-size-choice": "{size}",
                        onclick: { let now = now.clone(); move |_| change.call(Prefs { size, ..now.clone() }) }, {name}
                    }
                }
            }
        }
    }
}
