//! Mine: who works on this phone, language and looks, versions.

use dioxus::prelude::*;

use super::shell::TopBar;
use crate::domain::text::Language;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::{Prefs, put, use_language, use_words};
use crate::ui::route::Route;
use crate::view::words::words;

/// The fourth tab.
#[component]
pub fn Mine() -> Element {
    let w = use_words();
    let device = use_device();
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let profile = profile.read().clone().flatten();
    let comma = words(use_language()).answer.comma;
    let title =
        profile.as_ref().map_or_else(|| w.tab_mine.to_owned(), |p| p.enrolled.coordinator.name.clone());
    let line = profile.as_ref().map(|p| p.enrolled.coordinator.organisation.clone()).unwrap_or_default();
    rsx! {
        TopBar { title, back: false, bdi { {line} } }
        main { class: "scroll",
            section { class: "card facts",
                if let Some(profile) = &profile {
                    Line { name: w.bureau, text: profile.enrolled.bureau.name.clone() }
                    Line { name: w.address, text: profile.address.clone() }
                    Line { name: w.townships, text: profile.enrolled.townships.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(comma) }
                    for hotline in &profile.enrolled.settings.hotlines {
                        div { key: "{hotline.phone}", class: "fact",
                            span { class: "soft", bdi { {hotline.title.clone()} } }
                            a { class: "link", href: "tel:{hotline.phone}", {hotline.phone.clone()} }
                        }
                    }
                } else {
                    p { {w.not_enrolled_what} }
                }
                button { class: "btn wide", r#type: "button", onclick: move |_| { navigator().push(Route::Enrol {}); },
                    if profile.is_some() { {w.enrol_again} } else { {w.enrol} }
                }
            }
            Looks {}
            section { class: "card facts",
                Line { name: w.app_version, text: env!("CARGO_PKG_VERSION") }
                Line { name: w.phone_id, text: device.id().to_string() }
            }
        }
    }
}

#[component]
fn Line(name: String, text: String) -> Element {
    rsx! { div { class: "fact", span { class: "soft", {name} } span { bdi { {text} } } } }
}

#[component]
fn Looks() -> Element {
    let w = use_words();
    let prefs = use_context::<Signal<Prefs>>();
    let device = use_device();
    let now = prefs.read().clone();
    let themes = [("", w.theme_phone), ("light", w.theme_light), ("dark", w.theme_dark)];
    let sizes = [(0, w.size_normal), (1, w.size_large), (2, w.size_largest)];
    rsx! {
        section { class: "card",
            p { class: "label", {w.language} }
            div { class: "chips", role: "group", aria_label: w.language,
                for (language, name) in [(Language::Zh, "中文"), (Language::En, "English")] {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.language == language,
                        onclick: { let (now, device) = (now.clone(), device.clone()); move |_| put(&device, prefs, Prefs { language, ..now.clone() }) }, {name}
                    }
                }
            }
            p { class: "label", {w.theme} }
            div { class: "chips", role: "group", aria_label: w.theme,
                for (theme, name) in themes {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.theme == theme,
                        onclick: { let (now, device) = (now.clone(), device.clone()); move |_| put(&device, prefs, Prefs { theme: theme.to_owned(), ..now.clone() }) }, {name}
                    }
                }
            }
            p { class: "label", {w.text_size} }
            div { class: "chips", role: "group", aria_label: w.text_size,
                for (size, name) in sizes {
                    button { key: "{name}", class: "say", r#type: "button", aria_pressed: now.size == size,
                        onclick: { let (now, device) = (now.clone(), device.clone()); move |_| put(&device, prefs, Prefs { size, ..now.clone() }) }, {name}
                    }
                }
            }
        }
    }
}
