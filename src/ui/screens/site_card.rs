//! A site in a list: what it is, what was found last, how far, how pressing.

use chrono::{Datelike as _, Local};
use dioxus::prelude::*;

use crate::device::round::Listed;
use crate::domain::due::Due;
use crate::domain::place::Place;
use crate::domain::site::LastVisit;
use crate::ui::prefs::use_language;
use crate::ui::route::Route;
use crate::view::words::sites::{SiteWords, site_words};
use crate::view::words::words;

/// The whole card is one button to the site's page.
#[component]
pub fn SiteCard(listed: Listed, here: Option<Place>) -> Element {
    let id = listed.site.id;
    rsx! {
        button { class: "card site", r#type: "button", "data-site": "{id}",
            onclick: move |_| { navigator().push(Route::SitePage { id }); },
            SiteLine { listed, here }
        }
    }
}

/// What a card shows; also above the big button of the first one.
#[component]
pub fn SiteLine(listed: Listed, here: Option<Place>) -> Element {
    let language = use_language();
    let (w, terms) = (site_words(language), &words(language).terms);
    let Listed { site, last, due } = listed;
    let kind = site.kinds.first().map_or("", String::as_str);
    let far = here.zip(site.place).map(|(here, place)| distance(here.distance_m(place)));
    let line = match &last {
        Some(visit) => short_line(visit, w),
        None => w.never_visited.to_owned(),
    };
    let bad = last.as_ref().is_some_and(|visit| !visit.problems.is_empty());
    rsx! {
        span { class: "dot", aria_hidden: "true", {(terms.site_sign)(kind)} }
        span { class: "grow",
            span { class: "t1", dir: "auto", {site.title()} }
            span { class: "t2", dir: "auto", {terms.kinds(&site.kinds)} }
            span { class: if bad { "t2 late" } else { "t2" }, dir: "auto", {line} }
        }
        span { class: "right",
            if let Some(far) = far { span { class: "far", {far} } }
            if let Some(due) = due {
                span { class: if matches!(due, Due::Overdue { .. }) { "late" }, {due_line(due, w)} }
            }
        }
    }
}

/// 逾期 4 天, 本周内, 本月内, 12月31日前.
pub fn due_line(due: Due, w: &SiteWords) -> String {
    match due {
        Due::Overdue { days } => (w.overdue)(days),
        Due::ThisWeek => w.this_week.to_owned(),
        Due::ThisMonth => w.this_month.to_owned(),
        Due::Later { on } => (w.until)(on.month(), on.day()),
    }
}

/// The last visit as a card has room for it.
fn short_line(visit: &LastVisit, w: &SiteWords) -> String {
    match visit.problems.as_slice() {
        [] => w.last_fine.to_owned(),
        [first, ..] => (w.last_wrong)(visit.problems.len(), first),
    }
}

/// The last visit in one line, with its day.
pub fn last_line(visit: &LastVisit, w: &SiteWords, date: fn(i32, u32, u32) -> String) -> String {
    let at = visit.at.with_timezone(&Local);
    let day = date(at.year(), at.month(), at.day());
    match visit.problems.as_slice() {
        [] => (w.last_good)(&day),
        [first, ..] => (w.last_bad)(&day, visit.problems.len(), first),
    }
}

/// Bytes for people: `820 KB`, `3.1 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `80 m`, `1.2 km`.
pub fn distance(metres: u32) -> String {
    match metres {
        0..1_000 => format!("{metres} m"),
        1_000..100_000 => format!("{:.1} km", f64::from(metres) / 1000.0),
        _ => format!("{} km", metres / 1000),
    }
}
