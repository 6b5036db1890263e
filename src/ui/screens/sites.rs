//! The list of sites: search, kind, what failed last time, how far.

use chrono::{Datelike as _, Local};
use dioxus::prelude::*;

use super::shell::{Loading, Sorry, TopBar};
use crate::domain::place::Place;
use crate::domain::site::{LastVisit, Site};
use crate::ui::live::use_live;
use crate::ui::position::{LastPlace, Where, use_position};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::phone::PhoneWords;
use crate::view::words::words;

/// As many as a thumb will scroll; search finds the rest.
const SHOWN: u32 = 200;

/// The second tab.
#[component]
pub fn Sites() -> Element {
    let w = use_words();
    let mut text = use_signal(String::new);
    let last = use_context::<LastPlace>();
    let mut locating = use_signal(|| false);
    let sites = use_live(move |device| {
        let text = text.read().trim().to_owned();
        async move { device.sites(&text, SHOWN).await.map_err(|error| Trouble::of(&error)) }
    });
    let here = *last.0.read();
    let searching = !text.read().trim().is_empty();
    let count = match &*sites.read() {
        Some(Ok(sites)) => (w.n_sites)(sites.len()),
        _ => String::new(),
    };
    rsx! {
        TopBar { title: w.tab_sites, back: false, {count} }
        main { class: "scroll",
            div { class: "row",
                input {
                    id: "search", class: "line grow", r#type: "search", dir: "auto", value: "{text}", maxlength: "100",
                    placeholder: w.search, aria_label: w.search, oninput: move |event| text.set(event.value()),
                }
                if here.is_none() && !locating() {
                    button { class: "btn", r#type: "button", onclick: move |_| locating.set(true), {w.how_far} }
                }
            }
            if here.is_none() && locating() { Locating {} }
            match &*sites.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                Some(Ok(found)) if found.is_empty() => rsx! {
                    p { class: "empty", if searching { {w.nothing_found} } else { {w.no_sites} } }
                },
                Some(Ok(found)) => rsx! {
                    for site in ordered(found, here, searching) { SiteCard { key: "{site.id}", site, here } }
                },
            }
        }
    }
}

/// Nearest first where the phone knows where it is; best match first while searching.
fn ordered(found: &[Site], here: Option<Place>, searching: bool) -> Vec<Site> {
    let mut sites = found.to_vec();
    if let (Some(here), false) = (here, searching) {
        sites.sort_by_key(|site| site.place.map_or(u32::MAX, |place| place.distance_m(here)));
    }
    sites
}

/// Asks for the position once the coordinator wants distances.
#[component]
fn Locating() -> Element {
    let w = use_words();
    let all = words(use_language());
    let at = use_position(|_| {});
    let line = match at() {
        Where::Nowhere(reason) => (w.position_none)((all.terms.no_fix)(reason)),
        _ => w.position_searching.to_owned(),
    };
    rsx! { p { class: "hint", role: "status", {line} } }
}

#[component]
fn SiteCard(site: Site, here: Option<Place>) -> Element {
    let w = use_words();
    let all = words(use_language());
    let id = site.id;
    let kind = site.kinds.first().map_or("", String::as_str);
    let far = here.zip(site.place).map(|(here, place)| distance(here.distance_m(place)));
    rsx! {
        button { class: "card site", r#type: "button", "data-site": "{id}",
            onclick: move |_| { navigator().push(Route::SitePage { id }); },
            span { class: "dot", aria_hidden: "true", {(all.terms.site_sign)(kind)} }
            span { class: "grow",
                span { class: "t1", dir: "auto", {site.title()} }
                span { class: "t2", dir: "auto", {all.terms.kinds(&site.kinds)} }
                if let Some(visit) = &site.last_visit {
                    span { class: if visit.problems.is_empty() { "t2" } else { "t2 late" }, dir: "auto", {last_line(visit, w)} }
                } else {
                    span { class: "t2", {w.never_visited} }
                }
            }
            if let Some(far) = far { span { class: "right", {far} } }
        }
    }
}

/// The last visit in one line.
pub fn last_line(visit: &LastVisit, w: &PhoneWords) -> String {
    let at = visit.at.with_timezone(&Local);
    let day = (w.year_month_day)(at.year(), at.month(), at.day());
    match visit.problems.as_slice() {
        [] => (w.last_good)(&day),
        [first, ..] => (w.last_bad)(&day, visit.problems.len(), first),
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
