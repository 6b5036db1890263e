//! One site: facts, people, the last visit, and the start of a new one.

use dioxus::prelude::*;

use super::shell::{Loading, Sorry, TopBar};
use super::site_card::{distance, last_line};
use crate::device::Device;
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Checklist;
use crate::domain::id::SiteId;
use crate::domain::inspection::Origin;
use crate::domain::site::Site;
use crate::ui::live::{use_device, use_live};
use crate::ui::position::LastPlace;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::sites::site_words;
use crate::view::words::words;

const ORIGINS: [Origin; 6] = [
    Origin::Routine,
    Origin::Campaign,
    Origin::Complaint,
    Origin::Revisit,
    Origin::DoubleRandom,
    Origin::Joint,
];

type Offered = Vec<(ChecklistRef, Checklist)>;

async fn load(device: Device, id: SiteId) -> Result<(Site, Offered), Trouble> {
    let site = device.site(id).await.map_err(|error| Trouble::of(&error))?.ok_or(Trouble::Gone)?;
    let offered = device.checklists_for(&site).await.map_err(|error| Trouble::of(&error))?;
    Ok((site, offered))
}

/// The site's page.
#[component]
pub fn SitePage(id: SiteId) -> Element {
    let loaded = use_live(move |device| load(device, id));
    rsx! {
        div { class: "screen",
            match &*loaded.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! {
                    TopBar { title: "", back: true }
                    Sorry { trouble: trouble.clone() }
                },
                Some(Ok((site, offered))) => rsx! { Facts { site: site.clone(), offered: offered.clone() } },
            }
        }
    }
}

#[component]
fn Facts(site: Site, offered: Offered) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let here = *use_context::<LastPlace>().0.read();
    let mut origin = use_signal(Origin::default);
    let mut chosen = use_signal(|| vec![true; offered.len()]);
    let far = here.zip(site.place).map(|(here, place)| distance(here.distance_m(place)));
    rsx! {
        TopBar { title: site.title(), back: true, count: far, {all.terms.kinds(&site.kinds)} }
        main { class: "scroll",
            section { class: "card facts",
                Fact { name: w.site_address, text: site.address.clone() }
                Fact { name: w.site_township, text: site.township.name.clone() }
                Fact { name: w.site_credit, text: site.credit_code.clone() }
                for licence in &site.licences {
                    Fact { key: "{licence.title}{licence.number}", name: licence.title.clone(),
                        text: match licence.expires_on {
                            Some(day) => format!("{}  ({day})", licence.number),
                            None => licence.number.clone(),
                        }
                    }
                }
                for contact in &site.contacts {
                    div { key: "{contact.name}{contact.phone}", class: "fact",
                        span { class: "soft", bdi { {contact.role.clone()} } }
                        span { bdi { {contact.name.clone()} } }
                        if !contact.phone.is_empty() { a { class: "link", href: "tel:{contact.phone}", bdi { {contact.phone.clone()} } } }
                    }
                }
            }
            LastVisitCard { site: site.clone() }
            h2 { class: "sec", {w.checklists} }
            if offered.is_empty() {
                p { class: "empty", id: "no-checklist", {w.no_checklist} }
            }
            for (n, (name, checklist)) in offered.iter().enumerate() {
                button { key: "{name.hash}", class: "card site", r#type: "button", aria_pressed: chosen.read()[n],
                    onclick: move |_| { let was = chosen.peek()[n]; chosen.write()[n] = !was; },
                    span { class: "tick", aria_hidden: "true", if chosen.read()[n] { "✓" } }
                    span { class: "grow",
                        span { class: "t1", dir: "auto", {checklist.title.get(language)} }
                        span { class: "t2", {(w.checklist_line)(checklist.items().count(), &name.version)} }
                    }
                }
            }
            if !offered.is_empty() {
                h2 { class: "sec", {w.why_visit} }
                div { class: "chips", role: "group", aria_label: w.why_visit,
                    for each in ORIGINS {
                        button { key: "{each:?}", class: "say", r#type: "button", aria_pressed: origin() == each,
                            onclick: move |_| origin.set(each), {(all.terms.origin)(each)}
                        }
                    }
                }
            }
        }
        if !offered.is_empty() { Start { site: site.id, offered, chosen: chosen(), origin: origin() } }
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

#[component]
fn LastVisitCard(site: Site) -> Element {
    let w = use_words();
    let Some(visit) = site.last_visit else { return rsx! {} };
    rsx! {
        section { class: if visit.problems.is_empty() { "card" } else { "card bad" },
            p { class: "t1", dir: "auto", {last_line(&visit, site_words(use_language()), w.year_month_day)} }
            if visit.problems.len() > 1 {
                ul { class: "t2", for (n, problem) in visit.problems.iter().enumerate() { li { key: "{n}", dir: "auto", {problem.clone()} } } }
            }
        }
    }
}

#[component]
fn Start(site: SiteId, offered: Offered, chosen: Vec<bool>, origin: Origin) -> Element {
    let w = use_words();
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let names: Vec<ChecklistRef> =
        offered.into_iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|((name, _), _)| name).collect();
    let none = names.is_empty();
    let start = move |_| {
        let (device, names) = (device.clone(), names.clone());
        async move {
            busy.set(true);
            match device.start_visit(site, &names, origin).await {
                Ok(id) => {
                    navigator().replace(Route::SheetScreen { id, item: String::new() });
                }
                Err(error) => {
                    trouble.set(Some(Trouble::of(&error)));
                    busy.set(false);
                }
            }
        }
    };
    rsx! {
        if let Some(trouble) = trouble() { Sorry { trouble } }
        footer { class: "actions",
            button { class: "btn p", id: "start", r#type: "button", disabled: none || busy(), onclick: start, {w.start_visit} }
        }
    }
}
