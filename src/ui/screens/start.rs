//! Before a visit: where, what, why and with whom. Nothing here stops anybody from beginning.

use std::collections::BTreeSet;

use dioxus::prelude::*;
use serde::{Deserialize, Serialize};

use super::shell::{Loading, Sorry, TopBar};
use super::site_card::distance;
use crate::device::begin::Beginning;
use crate::device::site::Plan;
use crate::device::visit::OfferedFix;
use crate::device::{Device, Error};
use crate::domain::answer::ChecklistRef;
use crate::domain::id::{CoordinatorId, Digest, InspectionId, SiteId};
use crate::domain::inspection::{Coordinator, Origin, PhotoSource};
use crate::domain::place::{NoFix, NoFixReason, Place, beyond_fence};
use crate::ui::camera::{Camera, Shot};
use crate::ui::jot::{jotted, kept, use_jot};
use crate::ui::live::{use_device, use_live};
use crate::ui::position::{Where, use_position};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::new_site::new_site_words;
use crate::view::words::start::start_words;
use crate::view::words::words;

const ORIGINS: [Origin; 6] = [
    Origin::Routine,
    Origin::Campaign,
    Origin::Complaint,
    Origin::Revisit,
    Origin::DoubleRandom,
    Origin::Joint,
];

/// What the coordinator chose so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Choice {
    /// Checklists not wanted; all that fit the site are, unless said.
    left_out: BTreeSet<Digest>,
    origin: Origin,
    second: Option<CoordinatorId>,
    landmark: String,
    /// The best position heard so far; measured anew each time.
    #[serde(skip)]
    fix: Option<OfferedFix>,
}

impl Choice {
    /// Without the position, while anything was chosen.
    fn made(&self) -> Option<Self> {
        let made = Self { fix: None, ..self.clone() };
        (made != Self::default()).then_some(made)
    }
}

/// The form's name: each site has its own.
fn form(site: SiteId) -> String {
    format!("start/{site}")
}

async fn load(device: Device, id: SiteId) -> Result<(Plan, Choice), Trouble> {
    let plan = device.plan(id).await.map_err(|error| Trouble::of(&error))?;
    let left = jotted(&device, &form(id)).await.unwrap_or_default();
    Ok((plan.ok_or(Trouble::Gone)?, left))
}

/// The screen.
#[component]
pub fn StartVisit(id: SiteId) -> Element {
    let loaded = use_live(move |device| load(device, id));
    rsx! {
        div { class: "screen", id: "starting",
            match &*loaded.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! {
                    TopBar { title: "", back: true }
                    Sorry { trouble: trouble.clone() }
                },
                Some(Ok((plan, left))) => rsx! { Prepare { plan: plan.clone(), left: left.clone() } },
            }
        }
    }
}

#[component]
fn Prepare(plan: Plan, left: Choice) -> Element {
    let language = use_language();
    let (all, s) = (words(language), start_words(language));
    let choice = use_signal(|| Choice {
        second: left.second.filter(|second| plan.colleagues.iter().any(|one| one.id == *second)),
        ..left.clone()
    });
    use_jot(form(plan.site.id), move || choice.read().made());
    let place = plan.site.place;
    let best = use_hook(|| CopyValue::new(f64::INFINITY));
    let at = use_position(move |fix| {
        let (mut choice, mut best) = (choice, best);
        if fix.accuracy_m < *best.peek() {
            best.set(fix.accuracy_m);
            choice.write().fix = Some(fix);
        }
    });
    rsx! {
        TopBar { title: plan.site.title(), back: true, {all.terms.kinds(&plan.site.kinds)} }
        main { class: "scroll",
            Standing { at: at(), place, fence_m: plan.fence_m, choice }
            h2 { class: "sec", {s.checklists} }
            if plan.offered.is_empty() { p { class: "empty", id: "no-checklist", {s.no_checklist} } }
            Checklists { plan: plan.clone(), choice }
            if !plan.offered.is_empty() {
                h2 { class: "sec", {s.why_visit} }
                Origins { choice }
                Together { colleagues: plan.colleagues.clone(), choice }
            }
        }
        if !plan.offered.is_empty() { Begin { plan, choice, at: at() } }
    }
}

/// Where the phone is, how far from the registered place, and what to say where it cannot know.
#[component]
fn Standing(at: Where, place: Option<Place>, fence_m: u32, choice: Signal<Choice>) -> Element {
    let language = use_language();
    let (w, s, all) = (use_words(), start_words(language), words(language));
    match at {
        Where::Searching => rsx! {
            section { class: "card where", id: "where", "data-where": "searching",
                p { class: "t1", role: "status", {s.searching} }
                p { class: "t2", {s.searching_what} }
                Landmark { choice }
            }
        },
        Where::Nowhere(reason) => rsx! {
            section { class: "card where", id: "where", "data-where": "nowhere",
                p { class: "t1", role: "status", {(w.position_none)((all.terms.no_fix)(reason))} }
                p { class: "t2", {w.position_why} }
                Landmark { choice }
            }
        },
        Where::Here(here, accuracy_m) => {
            let far_m = place.map(|place| here.distance_m(place));
            let far = far_m.map(distance);
            let beyond = far_m.is_some_and(|far| beyond_fence(far, accuracy_m, fence_m));
            rsx! {
                section { class: if beyond { "card where beyond" } else { "card where ok" }, id: "where", "data-where": "here",
                    p { class: "t1", role: "status", {(w.position_here)(accuracy_m)} }
                    match far {
                        None => rsx! { p { class: "t2", {s.no_place} } },
                        Some(far) if beyond => rsx! { p { class: "t2 far-off", id: "far-off", role: "alert", {(s.far_off)(&far)} } },
                        Some(far) => rsx! { p { class: "t2", {(s.near)(&far)} } },
                    }
                }
            }
        }
    }
}

/// What a colleague would look for, in place of a position.
#[component]
fn Landmark(choice: Signal<Choice>) -> Element {
    let w = use_words();
    let text = choice.read().landmark.clone();
    rsx! {
        label { class: "label", r#for: "landmark", {w.landmark} }
        input { id: "landmark", class: "line", dir: "auto", value: "{text}", maxlength: "100", placeholder: w.landmark_example,
            oninput: move |event| choice.write().landmark = event.value(),
        }
    }
}

#[component]
fn Checklists(plan: Plan, choice: Signal<Choice>) -> Element {
    let language = use_language();
    let s = start_words(language);
    rsx! {
        for (name, checklist) in plan.offered {
            button { key: "{name.hash}", class: "card site", r#type: "button", "data-checklist": "{name.code}",
                aria_pressed: !choice.read().left_out.contains(&name.hash),
                onclick: move |_| {
                    let mut choice = choice.write();
                    if !choice.left_out.remove(&name.hash) {
                        choice.left_out.insert(name.hash);
                    }
                },
                span { class: "tick", aria_hidden: "true", if !choice.read().left_out.contains(&name.hash) { "✓" } }
                span { class: "grow",
                    span { class: "t1", dir: "auto", {checklist.title.get(language)} }
                    span { class: "t2", {(s.checklist_line)(checklist.items().count(), &name.version)} }
                }
            }
        }
    }
}

#[component]
fn Origins(choice: Signal<Choice>) -> Element {
    let language = use_language();
    let (s, terms) = (start_words(language), &words(language).terms);
    let origin = choice.read().origin;
    rsx! {
        div { class: "chips", role: "group", aria_label: s.why_visit,
            for each in ORIGINS {
                button { key: "{each:?}", class: "say", r#type: "button", aria_pressed: origin == each,
                    onclick: move |_| choice.write().origin = each, {(terms.origin)(each)}
                }
            }
        }
    }
}

/// The second coordinator; alone is an answer too.
#[component]
fn Together(colleagues: Vec<Coordinator>, choice: Signal<Choice>) -> Element {
    let s = start_words(use_language());
    let second = choice.read().second;
    rsx! {
        h2 { class: "sec", {s.with_whom} }
        div { class: "chips", role: "group", aria_label: s.with_whom, id: "second",
            button { class: "say", r#type: "button", aria_pressed: second.is_none(),
                onclick: move |_| choice.write().second = None, {s.alone}
            }
            for colleague in colleagues.clone() {
                button { key: "{colleague.id}", class: "say", r#type: "button", dir: "auto", "data-second": "{colleague.id}",
                    aria_pressed: second == Some(colleague.id),
                    onclick: move |_| choice.write().second = Some(colleague.id),
                    {colleague.name.clone()} span { class: "soft", " " {colleague.organisation.clone()} }
                }
            }
        }
        if colleagues.is_empty() { p { class: "hint", {s.no_colleagues} } }
    }
}

#[component]
fn Begin(plan: Plan, choice: Signal<Choice>, at: Where) -> Element {
    let s = start_words(use_language());
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let none = chosen(&plan, &choice.read()).is_empty();
    let (site, nameless) = (plan.site.id, plan.site.name.is_empty());
    let start = use_callback(move |photo: bool| {
        let made = choice.peek().clone();
        let no_fix = no_fix(at, &made);
        let beginning = Beginning {
            site,
            checklists: chosen(&plan, &made),
            origin: made.origin,
            second: made.second,
            fix: made.fix,
            no_fix,
        };
        let device = device.clone();
        spawn(async move {
            busy.set(true);
            match device.begin_visit(beginning).await {
                Ok(id) => {
                    kept(&device, &form(site)).await;
                    // The visit is durable by now; a picture that fails is taken again on the sheet.
                    if photo && let Err(error) = photograph(&device, id).await {
                        tracing::warn!(%error, "the picture of the place was not taken");
                    }
                    navigator().replace(Route::SheetScreen { id, item: String::new() });
                }
                Err(error) => {
                    trouble.set(Some(Trouble::of(&error)));
                    busy.set(false);
                }
            }
        });
    });
    rsx! {
        if let Some(trouble) = trouble() { Sorry { trouble } }
        if none { p { class: "foot-note", {s.choose_one} } }
        footer { class: "actions",
            if nameless {
                button { class: "btn", id: "start-photo", r#type: "button", disabled: none || busy(), onclick: move |_| start.call(true),
                    {new_site_words(use_language()).start_photo}
                }
            }
            button { class: "btn p", id: "start", r#type: "button", disabled: none || busy(), onclick: move |_| start.call(false),
                {s.start_visit}
            }
        }
    }
}

/// The checklists that were not left out.
fn chosen(plan: &Plan, choice: &Choice) -> Vec<ChecklistRef> {
    let names = plan.offered.iter().map(|(name, _)| name.clone());
    names.filter(|name| !choice.left_out.contains(&name.hash)).collect()
}

/// A picture of the place as a whole: how it is found again where no name stands over the door.
async fn photograph(device: &Device, visit: InspectionId) -> Result<(), Error> {
    device.expect_photo(visit, 0, None).await?;
    let mut camera = Camera::open(PhotoSource::Camera);
    let mut taken = Ok(());
    while let Some(shot) = camera.next().await {
        match shot {
            Shot::File(bytes) => {
                taken = device.add_photo(visit, 0, None, PhotoSource::Camera, bytes).await.map(drop);
            }
            Shot::Cancelled => break,
            Shot::Reading(..) | Shot::Refused => {}
        }
    }
    device.forget_expected_photo().await?;
    taken
}

/// The reason for no position, once a landmark was written; later fixes end it.
fn no_fix(at: Where, choice: &Choice) -> Option<NoFix> {
    let landmark = choice.landmark.trim();
    if choice.fix.is_some() || landmark.is_empty() {
        return None;
    }
    let reason = match at {
        Where::Nowhere(reason) => reason,
        _ => NoFixReason::NoSignal,
    };
    Some(NoFix { reason, landmark: landmark.to_owned() })
}
