//! One site's file: whom to call, what is licensed, what was found before, and the way to it.

use chrono::{Datelike as _, Local, NaiveDate};
use dioxus::prelude::*;

use super::shell::{Loading, Sorry, TopBar};
use super::site_card::{distance, due_line, last_line};
use super::today::DraftCard;
use crate::device::Device;
use crate::device::site::SiteFile;
use crate::domain::due::Due;
use crate::domain::id::SiteId;
use crate::domain::site::{Contact, LastVisit, Licence, Validity};
use crate::ui::live::use_live;
use crate::ui::position::LastPlace;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::sites::{SiteWords, site_words};
use crate::view::words::words;

async fn load(device: Device, id: SiteId) -> Result<SiteFile, Trouble> {
    let file = device.site_file(id).await.map_err(|error| Trouble::of(&error))?;
    file.ok_or(Trouble::Gone)
}

/// The site's page.
#[component]
pub fn SitePage(id: SiteId) -> Element {
    let loaded = use_live(move |device| load(device, id));
    rsx! {
        div { class: "screen", id: "site",
            match &*loaded.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! {
                    TopBar { title: "", back: true }
                    Sorry { trouble: trouble.clone() }
                },
                Some(Ok(file)) => rsx! { File { file: file.clone() } },
            }
        }
    }
}

#[component]
fn File(file: SiteFile) -> Element {
    let language = use_language();
    let (all, s) = (words(language), site_words(language));
    let here = *use_context::<LastPlace>().0.read();
    let SiteFile { listed, visits, drafts, today, can_inspect } = file;
    let site = listed.site;
    let id = site.id;
    let far = here.zip(site.place).map(|(here, place)| distance(here.distance_m(place)));
    let late = matches!(listed.due, Some(Due::Overdue { .. }));
    rsx! {
        TopBar { title: site.title(), back: true, count: far, {all.terms.kinds(&site.kinds)} }
        main { class: "scroll",
            if let Some(due) = listed.due {
                p { class: if late { "card due late" } else { "card due" }, id: "due", {(s.due_here)(&due_line(due, s))} }
            }
            if !drafts.is_empty() {
                h2 { class: "sec", {s.open_drafts} }
                for draft in drafts { DraftCard { key: "{draft.row.id}", draft } }
            }
            Facts { site: site.clone() }
            if !site.contacts.is_empty() {
                h2 { class: "sec", {s.contacts} }
                for (n, contact) in site.contacts.iter().enumerate() { ContactCard { key: "{n}", contact: contact.clone() } }
            }
            if !site.licences.is_empty() {
                h2 { class: "sec", {s.licences} }
                section { class: "card facts",
                    for (n, licence) in site.licences.iter().enumerate() {
                        LicenceLine { key: "{n}", licence: licence.clone(), today }
                    }
                }
            }
            h2 { class: "sec", {s.visits} }
            if visits.is_empty() { p { class: "empty", {s.never_visited} } }
            for visit in visits { VisitCard { key: "{visit.inspection}", visit } }
            if !can_inspect { p { class: "empty", id: "no-checklist", {s.no_checklist} } }
        }
        if can_inspect {
            footer { class: "actions",
                button { class: "btn p", id: "to-start", r#type: "button",
                    onclick: move |_| { navigator().push(Route::StartVisit { id }); }, {s.start_visit}
                }
            }
        }
    }
}

#[component]
fn Facts(site: crate::domain::site::Site) -> Element {
    let s = site_words(use_language());
    let nickname = if site.name.is_empty() { String::new() } else { site.nickname.clone() };
    rsx! {
        section { class: "card facts",
            Fact { name: s.nickname, text: nickname }
            Fact { name: s.address, text: site.address.clone() }
            Fact { name: s.township, text: site.township.name.clone() }
            Fact { name: s.credit, text: site.credit_code.clone() }
            match site.place {
                // The map app of the phone opens; the name is for the eye, the numbers lead.
                Some(place) => rsx! { a { class: "btn wide way", id: "navigate", href: geo_uri(place, site.title()), {s.navigate} } },
                None => rsx! { p { class: "hint", {s.no_place} } },
            }
        }
    }
}

#[component]
fn Fact(name: String, text: String) -> Element {
    rsx! {
        if !text.is_empty() {
            div { class: "fact", span { class: "soft", bdi { {name} } } span { bdi { {text} } } }
        }
    }
}

/// The whole card calls, where there is a number.
#[component]
fn ContactCard(contact: Contact) -> Element {
    let s = site_words(use_language());
    let Contact { name, role, phone } = contact;
    if phone.is_empty() {
        return rsx! {
            div { class: "card site",
                span { class: "grow", span { class: "t1", bdi { {name} } } span { class: "t2", bdi { {role} } " · " {s.no_phone} } }
            }
        };
    }
    let (href, label) = (tel_uri(&phone), (s.call_whom)(&name));
    rsx! {
        a { class: "card site call", href, aria_label: label,
            span { class: "grow",
                span { class: "t1", bdi { {name} } }
                span { class: "t2", bdi { {role} } " · " bdi { {phone} } }
            }
            span { class: "link", {s.call} }
        }
    }
}

#[component]
fn LicenceLine(licence: Licence, today: NaiveDate) -> Element {
    let s = site_words(use_language());
    let validity = licence.validity(today);
    rsx! {
        div { class: "licence",
            span { class: "t1 wrap", dir: "auto", {licence.title.clone()} }
            span { class: "t2", dir: "auto", {licence.number.clone()} }
            span { class: validity_class(validity), "data-validity": validity_class(validity), {validity_line(validity, s)} }
        }
    }
}

fn validity_class(validity: Validity) -> &'static str {
    match validity {
        Validity::Expired { .. } => "expired",
        Validity::Within30 { .. } => "soon",
        Validity::Within60 { .. } => "later",
        Validity::Valid { .. } | Validity::Unknown => "fine",
    }
}

fn validity_line(validity: Validity, s: &SiteWords) -> String {
    match validity {
        Validity::Expired { days } => (s.expired)(days),
        Validity::Within30 { days: 0 } => s.expires_today.to_owned(),
        Validity::Within30 { days } | Validity::Within60 { days } => (s.expires_in)(days),
        Validity::Valid { until } => (s.valid_until)(until.year(), until.month(), until.day()),
        Validity::Unknown => s.validity_unknown.to_owned(),
    }
}

/// A visit with everything that failed then.
#[component]
fn VisitCard(visit: LastVisit) -> Element {
    let (w, s) = (use_words(), site_words(use_language()));
    let at = visit.at.with_timezone(&Local);
    let day = (w.year_month_day)(at.year(), at.month(), at.day());
    let line = match visit.problems.len() {
        0 | 1 => last_line(&visit, s, w.year_month_day),
        n => (s.visit_bad)(&day, n),
    };
    rsx! {
        section { class: if visit.problems.is_empty() { "card" } else { "card bad" }, "data-visit": "{visit.inspection}",
            p { class: "t1 wrap", dir: "auto", {line} }
            if visit.problems.len() > 1 {
                ul { class: "t2 what", for (n, problem) in visit.problems.iter().enumerate() { li { key: "{n}", dir: "auto", {problem.clone()} } } }
            }
        }
    }
}

/// As RFC 5870 says, with a query that map apps on Android show as a pin. Map apps in China take WGS-84 here and
/// shift it themselves.
fn geo_uri(place: crate::domain::place::Place, name: &str) -> String {
    let at = place.to_string().replace(' ', "");
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("geo:{at}?q={at}({name})")
}

/// Only what a dialler understands, whatever was typed into the register.
fn tel_uri(phone: &str) -> String {
    let number: String =
        phone.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '*' | '#')).collect();
    format!("tel:{}", number.replace('#', "%23"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::Place;

    #[test]
    fn links_for_map_and_telephone_hold_nothing_that_could_lead_elsewhere() {
        let place = Place { lat_e7: 306_642_149, lon_e7: 1_040_692_051 };
        assert_eq!(geo_uri(place, "A)&b"), "geo:30.66421,104.06921?q=30.66421,104.06921(%41%29%26%62)");
        assert_eq!(tel_uri("000-0000 0001?x"), "tel:000-00000001");
    }
}
