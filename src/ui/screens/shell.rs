//! What screens share: the bar at the top, and the words for loading, for nothing and for trouble.

use dioxus::prelude::*;

use crate::ui::prefs::use_words;
use crate::ui::say::Trouble;

/// Title, a way back, a line under it, how many of how many are done, and what else may be done here.
#[component]
pub fn TopBar(
    title: String,
    back: bool,
    count: Option<String>,
    done: Option<(u32, u32)>,
    aside: Option<Element>,
    children: Element,
) -> Element {
    let w = use_words();
    let go_back = move |_| {
        let history = navigator();
        if history.can_go_back() {
            history.go_back();
        } else {
            history.replace(crate::ui::route::Route::Today {});
        }
    };
    rsx! {
        header { class: "top",
            div { class: "row",
                if back {
                    button { class: "back", r#type: "button", aria_label: w.back, onclick: go_back, "‹" }
                }
                div { class: "grow",
                    h1 { class: if back { "t1" } else { "t1 large" }, dir: "auto", {title} }
                    div { class: "t2", {children} }
                }
                if let Some(count) = count { span { class: "count", {count} } }
                if let Some(aside) = aside { {aside} }
            }
            if let Some((done, all)) = done {
                div {
                    class: "bar", role: "progressbar", aria_valuemin: "0", aria_valuemax: "{all}",
                    aria_valuenow: "{done}", aria_label: "{done}/{all}",
                    i { style: "width:{u64::from(done) * 100 / u64::from(all.max(1))}%" }
                }
            }
        }
    }
}

/// Words while something is read.
#[component]
pub fn Loading() -> Element {
    let w = use_words();
    rsx! { p { class: "empty loading", role: "status", {w.loading} } }
}

/// The draft is no longer here.
#[component]
pub fn Gone() -> Element {
    rsx! {
        div { class: "screen",
            TopBar { title: "", back: true }
            Sorry { trouble: Trouble::Gone }
        }
    }
}

/// What went wrong while reading.
#[component]
pub fn Sorry(trouble: Trouble) -> Element {
    let w = use_words();
    rsx! { p { class: "alert", role: "alert", {trouble.sentence(w)} } }
}
