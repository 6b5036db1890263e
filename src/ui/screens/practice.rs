//! Practice: the way into it, the band that marks it, and what a real visit would do at its end.

use dioxus::prelude::*;

use super::shell::{Gone, Loading, Sorry, TopBar};
use crate::device::visit::Visit;
use crate::domain::id::InspectionId;
use crate::domain::summary::visit_summary;
use crate::ui::live::{use_device, use_live};
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::first::FirstWords;
use crate::view::words::words;

fn use_first_words() -> &'static FirstWords {
    &words(use_language()).first
}

/// A card that offers practice; for any screen, enrolled or not.
#[component]
pub fn PracticeOffer() -> Element {
    let w = use_first_words();
    rsx! {
        button { class: "card site", id: "to-practice", r#type: "button",
            onclick: move |_| { navigator().push(Route::Practice {}); },
            span { class: "dot", aria_hidden: "true", {w.practice_sign} }
            span { class: "grow", span { class: "t1", {w.practice} } span { class: "t2", {w.practice_offer} } }
            span { class: "link", aria_hidden: "true", "›" }
        }
    }
}

/// What practice is, and its start.
#[component]
pub fn Practice() -> Element {
    let w = use_first_words();
    let device = use_device();
    let open = use_live(|device| async move { device.practice().await.ok().flatten() });
    let mut trouble = use_signal(|| None::<Trouble>);
    let start = move |_| {
        let device = device.clone();
        async move {
            match device.start_practice().await {
                Ok(id) => {
                    navigator().replace(Route::SheetScreen { id, item: String::new() });
                }
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
        }
    };
    let again = matches!(&*open.read(), Some(Some(_)));
    rsx! {
        div { class: "screen",
            TopBar { title: w.practice, back: true, {w.practice_line} }
            main { class: "scroll", tabindex: "0",
                p { class: "card", {w.practice_offer} }
                Steps { steps: w.practice_steps }
                if let Some(trouble) = trouble() { Sorry { trouble } }
            }
            footer { class: "actions",
                button { class: "btn p", id: "start-practice", r#type: "button", onclick: start,
                    if again { {w.practice_go_on} } else { {w.practice_start} }
                }
            }
        }
    }
}

#[component]
fn Steps(steps: [&'static str; 4]) -> Element {
    rsx! {
        ol { class: "does",
            for (n, step) in steps.into_iter().enumerate() {
                li { key: "{n}", class: "card site",
                    span { class: "dot", aria_hidden: "true", "{n + 1}" }
                    span { class: "grow", {step} }
                }
            }
        }
    }
}

/// Marks every screen of a practice visit; other visits are as they are.
#[component]
pub fn Practising() -> Element {
    let w = use_first_words();
    let here = use_route::<Route>();
    let open = use_live(|device| async move { device.practice().await.ok().flatten().map(|row| row.id) });
    let practice = open.read().flatten();
    match here.visit().filter(|visit| Some(*visit) == practice) {
        None => rsx! { Outlet::<Route> {} },
        Some(id) => rsx! {
            div { class: "practising",
                div { class: "band", id: "practice", role: "status",
                    span { class: "grow", {w.practice_band} }
                    button { class: "btn", id: "to-end-practice", r#type: "button",
                        onclick: move |_| { navigator().push(Route::PracticeEnd { id }); }, {w.practice_end}
                    }
                }
                Outlet::<Route> {}
            }
        },
    }
}

/// What a real visit would do next; then the practice is thrown away, or gone on with.
#[component]
pub fn PracticeEnd(id: InspectionId) -> Element {
    let device = use_device();
    // Once, not live: the screen that throws the visit away must outlive it until it has gone elsewhere.
    let visit = use_resource(move || {
        let device = device.clone();
        async move { device.visit(id).await.map_err(|error| Trouble::of(&error)) }
    });
    match &*visit.read() {
        None => rsx! { Loading {} },
        Some(Ok(Some(visit))) => rsx! { End { visit: visit.clone() } },
        Some(Ok(None)) => rsx! { Gone {} },
        Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
    }
}

#[component]
fn End(visit: Visit) -> Element {
    let w = use_first_words();
    let device = use_device();
    let mut trouble = use_signal(|| None::<Trouble>);
    let id = visit.draft.id;
    let counted = visit_summary(&visit.draft.sheets, &visit.library, visit.draft.day());
    let photos = visit.draft.photos.len();
    let throw = move |_| {
        let device = device.clone();
        async move {
            match device.end_practice(id).await {
                Ok(()) => {
                    navigator().replace(Route::Today {});
                }
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
        }
    };
    rsx! {
        div { class: "screen", id: "practice-end",
            TopBar { title: w.practice_done, back: true,
                {(w.practice_counted)(counted.answered, counted.total, counted.failed_total(), photos)}
            }
            main { class: "scroll", tabindex: "0",
                p { class: "card", id: "practice-nothing", {w.practice_nothing} }
                h2 { class: "sec", {w.practice_would} }
                Steps { steps: w.practice_would_steps }
                if let Some(trouble) = trouble() { Sorry { trouble } }
            }
            footer { class: "actions",
                button { class: "btn", r#type: "button",
                    onclick: move |_| { navigator().replace(Route::SheetScreen { id, item: String::new() }); },
                    {w.practice_more}
                }
                button { class: "btn p", id: "end-practice", r#type: "button", onclick: throw, {w.practice_throw} }
            }
        }
    }
}
