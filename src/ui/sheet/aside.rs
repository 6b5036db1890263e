//! Putting a draft aside, and bringing it back.

use dioxus::prelude::*;

use super::desk::Desk;
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::ui::screens::shell::TopBar;
use crate::view::words::words;

/// What is seldom wanted, at the end of the sheet.
#[component]
pub(super) fn More(desk: Desk) -> Element {
    let w = &words(use_language()).sheet;
    rsx! {
        details { class: "more",
            summary { {w.more} }
            button { class: "btn wide", id: "discard", r#type: "button", aria_label: w.discard, onclick: move |_| desk.put_aside(true),
                {w.discard}
            }
        }
    }
}

/// In the sheet's place while the draft is put aside; `standing` says how saving stands, or what is in the way.
#[component]
pub(super) fn Aside(title: String, standing: Element, on_back: EventHandler<()>) -> Element {
    let w = &words(use_language()).sheet;
    rsx! {
        div { class: "screen", id: "aside",
            TopBar { title, back: true }
            main { class: "scroll",
                section { class: "card", role: "status",
                    h2 { class: "t1", {w.discarded} }
                    p { class: "hint", {w.discarded_what} }
                    div { class: "t2", {standing} }
                }
            }
            footer { class: "actions",
                button { class: "btn", r#type: "button",
                    onclick: move |_| { navigator().replace(Route::Today {}); }, {w.to_today}
                }
                button { class: "btn p", id: "restore", r#type: "button", onclick: move |_| on_back.call(()),
                    {w.undo}
                }
            }
        }
    }
}
