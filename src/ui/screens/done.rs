//! After a visit is finished: what is kept, what goes when, and where the receipt will be.

use dioxus::prelude::*;

use super::shell::TopBar;
use crate::device::finished::FinishedVisit;
use crate::domain::id::InspectionId;
use crate::ui::live::{use_live, use_standing};
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::view::words::words;

/// The end of a visit.
#[component]
pub fn Done(id: InspectionId) -> Element {
    let w = &words(use_language()).review;
    let kept = use_live(move |device| async move { device.finished_visit(id).await.ok().flatten() });
    let kept = kept.read().clone().flatten().unwrap_or_default();
    rsx! {
        div { class: "screen", id: "done",
            TopBar { title: w.done_title, back: false, bdi { {kept.site.clone()} } }
            main { class: "scroll", Lines { kept } }
            footer { class: "actions",
                button { class: "btn", id: "to-outbox", r#type: "button",
                    onclick: move |_| { navigator().replace(Route::Outbox {}); }, {w.to_outbox}
                }
                button { class: "btn p", id: "to-today", r#type: "button",
                    onclick: move |_| { navigator().replace(Route::Today {}); }, {w.to_today}
                }
            }
        }
    }
}

#[component]
fn Lines(kept: FinishedVisit) -> Element {
    let w = &words(use_language()).review;
    let standing = use_standing();
    let standing = standing();
    let photos = match kept.photos {
        0 => w.done_no_photos.to_owned(),
        n => (w.done_photos)(n),
    };
    let when = match &kept.number {
        Some(number) => (w.done_received)(number),
        None if standing.paused => w.done_paused.to_owned(),
        None if standing.is_sending() => w.done_sending.to_owned(),
        None => w.done_when.to_owned(),
    };
    rsx! {
        section { class: "card done-card",
            p { class: "done-sign", aria_hidden: "true", "✓" }
            h2 { {w.done} }
            ul { class: "done-lines",
                li { {w.done_kept} }
                li { {photos} }
                if let Some(there) = kept.report {
                    li { id: "done-report", if there { {w.done_report_there} } else { {w.done_report} } }
                }
                li { span { id: "done-when", role: "status", {when} } }
                li { {w.done_receipt} }
            }
        }
    }
}
