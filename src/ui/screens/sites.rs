//! The list of sites: found as one types, narrowed by kind and distance.

use dioxus::prelude::*;

use super::locate::Locate;
use super::shell::{Loading, Sorry, TopBar};
use super::site_card::{SiteCard, distance};
use crate::device::site::{Found, Query};
use crate::domain::place::Place;
use crate::ui::live::use_live;
use crate::ui::position::LastPlace;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::new_site::new_site_words;
use crate::view::words::sites::site_words;
use crate::view::words::words;

/// Shown at first; as many more at each touch.
const SHOWN: usize = 50;
/// Distances offered, metres.
const WITHIN: [u32; 3] = [1_000, 3_000, 10_000];

/// What is looked for; stays as it is while a site is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    text: String,
    kind: Option<String>,
    within_m: Option<u32>,
    limit: usize,
}

impl Default for Looking {
    fn default() -> Self {
        Self { text: String::new(), kind: None, within_m: None, limit: SHOWN }
    }
}

impl Looking {
    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn query(&self, here: Option<Place>) -> Query {
        let Self { text, kind, within_m, limit } = self.clone();
        Query { text, kind, here, within_m, limit }
    }

    fn narrowed(&self) -> bool {
        self.kind.is_some() || self.within_m.is_some()
    }
}

/// Kept beside the router, so that coming back from a site finds the same list.
#[derive(Clone, Copy)]
pub struct LastSearch(pub Signal<Looking>);

/// The second tab.
#[component]
pub fn Sites() -> Element {
    let (w, s) = (use_words(), site_words(use_language()));
    let looking = use_context::<LastSearch>().0;
    let here = use_context::<LastPlace>().0;
    let found = use_live(move |device| {
        let query = looking.read().query(*here.read());
        async move { device.find(query).await.map_err(|error| Trouble::of(&error)) }
    });
    let count = match &*found.read() {
        Some(Ok(found)) if found.all > 0 => (s.n_sites)(found.total),
        _ => String::new(),
    };
    let kinds = match &*found.read() {
        Some(Ok(found)) => found.kinds.clone(),
        _ => Vec::new(),
    };
    rsx! {
        TopBar { title: w.tab_sites, back: false, aside: rsx! { AddSite {} }, {count} }
        main { class: "scroll", id: "sites",
            SearchField { looking }
            Narrowing { looking, kinds, here: here() }
            match &*found.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                Some(Ok(found)) => rsx! { Results { found: found.clone(), looking, here: here() } },
            }
        }
    }
}

#[component]
fn SearchField(looking: Signal<Looking>) -> Element {
    let s = site_words(use_language());
    let text = looking.read().text.clone();
    rsx! {
        div { class: "row search",
            input {
                id: "search", class: "line grow", r#type: "search", dir: "auto", value: "{text}", maxlength: "100",
                placeholder: s.search, aria_label: s.search, autocomplete: "off", enterkeyhint: "search",
                oninput: move |event| {
                    let mut looking = looking.write();
                    looking.text = event.value();
                    looking.limit = SHOWN;
                },
            }
            if !text.is_empty() {
                button { class: "link", id: "clear", r#type: "button",
                    onclick: move |_| looking.write().text.clear(), {s.clear}
                }
            }
        }
    }
}

#[component]
fn AddSite() -> Element {
    rsx! {
        button { class: "link", id: "add-site", r#type: "button",
            onclick: move |_| { navigator().push(Route::NewSitePage {}); },
            {new_site_words(use_language()).add}
        }
    }
}

/// Kinds this phone has sites of, and how far they may be.
#[component]
fn Narrowing(looking: Signal<Looking>, kinds: Vec<(String, usize)>, here: Option<Place>) -> Element {
    let language = use_language();
    let (s, terms) = (site_words(language), &words(language).terms);
    let chosen = looking.read().kind.clone();
    let within = looking.read().within_m;
    rsx! {
        if kinds.len() > 1 {
            div { class: "rail", role: "group", aria_label: s.kind,
                button { class: "say", r#type: "button", aria_pressed: chosen.is_none(), "data-kind": "",
                    onclick: move |_| looking.write().kind = None, {s.all_kinds}
                }
                for (kind, count) in kinds {
                    button { key: "{kind}", class: "say", r#type: "button", "data-kind": "{kind}",
                        aria_pressed: chosen.as_ref() == Some(&kind),
                        onclick: { let kind = kind.clone(); move |_| looking.write().kind = Some(kind.clone()) },
                        {(terms.site_kind)(&kind).unwrap_or(&kind)} " {count}"
                    }
                }
            }
        }
        if here.is_some() {
            div { class: "rail", role: "group", aria_label: s.distance,
                button { class: "say", r#type: "button", aria_pressed: within.is_none(), "data-within": "",
                    onclick: move |_| looking.write().within_m = None, {s.any_distance}
                }
                for metres in WITHIN {
                    button { key: "{metres}", class: "say", r#type: "button", "data-within": "{metres}",
                        aria_pressed: within == Some(metres),
                        onclick: move |_| looking.write().within_m = Some(metres), {(s.within)(&short(metres))}
                    }
                }
            }
        } else {
            Locate {}
        }
    }
}

/// `3 km`: whole kilometres without a point.
fn short(metres: u32) -> String {
    if metres.is_multiple_of(1_000) { format!("{} km", metres / 1_000) } else { distance(metres) }
}

#[component]
fn Results(found: Found, looking: Signal<Looking>, here: Option<Place>) -> Element {
    let s = site_words(use_language());
    let left = found.total.saturating_sub(found.sites.len());
    if found.all == 0 {
        return rsx! { p { class: "empty", {s.no_sites} } };
    }
    if found.total == 0 {
        let narrowed = looking.read().narrowed();
        return rsx! {
            p { class: "empty", id: "nothing-found", if narrowed { {s.nothing_near} } else { {s.nothing_found} } }
            button { class: "btn wide", r#type: "button", onclick: move |_| looking.set(Looking::default()), {s.show_all} }
        };
    }
    rsx! {
        for listed in found.sites { SiteCard { key: "{listed.site.id}", listed, here } }
        if left > 0 {
            button { class: "btn wide", id: "more", r#type: "button", onclick: move |_| looking.write().limit += SHOWN,
                {(s.more)(left)}
            }
        }
    }
}
