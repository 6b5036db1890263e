//! The sheet's screen: loads the visit, holds it while it is filled, saves every answer as it is given.

use dioxus::prelude::*;

use super::Edit;
use super::aside::{Aside, More};
use super::desk::use_desk;
use super::foot::Foot;
use super::head::{Head, Position};
use super::interrupted::Interrupted;
use super::model::{sections, sheets};
use super::remarks::{self, Returned};
use super::section::Section;
use super::spot::{Spot, keep_place, show, show_sheet};
use super::whole::PlacePhotos;
use crate::device::photo::ExpectedPhoto;
use crate::device::visit::Visit;
use crate::domain::id::InspectionId;
use crate::ui::live::{use_device, use_live};
use crate::ui::position::use_position;
use crate::ui::prefs::use_words;
use crate::ui::route::Route;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::say::Trouble;
use crate::ui::screens::shell::{Gone, Loading, Sorry};
use crate::ui::urgent::UrgentBanner;

/// Filling a visit's sheets; `item` is where to go first (`0-WR-09`), empty for where it was left.
#[component]
pub fn SheetScreen(id: InspectionId, item: String) -> Element {
    // A list of one: another visit is another screen, and nothing of the one before stays in it.
    rsx! {
        for id in [id] {
            Loaded { key: "{id}", id, item: item.clone() }
        }
    }
}

#[component]
fn Loaded(id: InspectionId, item: String) -> Element {
    let device = use_device();
    let mut loaded = use_resource(move || {
        let device = device.clone();
        async move {
            let expected = device.expected_photo().await.ok().flatten();
            (device.visit(id).await.map_err(|error| Trouble::of(&error)), expected.filter(|e| e.draft == id))
        }
    });
    match &*loaded.read() {
        None => rsx! { Loading {} },
        Some((Ok(Some(visit)), expected)) => rsx! {
            Filling { visit: visit.clone(), start: spot(&item), expected: expected.clone() }
        },
        Some((Ok(None), _)) => rsx! { Missing { id, on_back: move |()| loaded.restart() } },
        Some((Err(trouble), _)) => rsx! { Sorry { trouble: trouble.clone() } },
    }
}

/// No draft: put aside, which can be undone, or finished.
#[component]
fn Missing(id: InspectionId, on_back: EventHandler<()>) -> Element {
    let device = use_device();
    let mut trouble = use_signal(|| None::<Trouble>);
    let title = use_resource({
        let device = device.clone();
        move || {
            let device = device.clone();
            async move { device.discarded(id).await.ok().flatten() }
        }
    });
    let back = move |()| {
        let device = device.clone();
        spawn(async move {
            match device.restore(id).await {
                Ok(()) => on_back.call(()),
                Err(error) => trouble.set(Some(Trouble::of(&error))),
            }
        });
    };
    match title.read().clone() {
        None => rsx! { Loading {} },
        Some(None) => rsx! { Gone {} },
        Some(Some(title)) => rsx! {
            Aside { title, on_back: back, standing: rsx! {
                if let Some(trouble) = trouble() { Sorry { trouble } }
            } }
        },
    }
}

fn spot(text: &str) -> Option<Spot> {
    let (sheet, item) = text.split_once('-')?;
    Some((sheet.parse().ok()?, item.to_owned()))
}

#[component]
fn Filling(visit: Visit, start: Option<Spot>, expected: Option<ExpectedPhoto>) -> Element {
    let id = visit.draft.id;
    let device = use_device();
    let start = use_hook(|| start.or_else(|| visit.at.clone()));
    let desk = use_desk(visit, start.clone());
    let reviewed = use_live(move |device| async move { device.review_of(id).await.ok().flatten() });
    let review = use_memo(move || reviewed.read().clone().flatten());
    let all = use_memo(move || {
        let visit = desk.visit.read();
        let mut all = sections(&visit);
        remarks::mark(&mut all, remarks::answered(&visit.draft, review.read().as_ref()));
        all
    });
    let counted = use_memo(move || sheets(&desk.visit.read(), &all.read()));
    let place = use_position({
        let device = device.clone();
        move |fix| {
            let device = device.clone();
            spawn(async move { desk.keep_fix(&device, fix).await });
        }
    });
    let day = desk.visit.read().draft.day();
    let edit = use_callback({
        let device = device.clone();
        move |(spot, edit): (Spot, Edit)| desk.edit(&device, spot, edit)
    });
    let mounted = move |_| {
        if let Some(at) = &start {
            show_sheet(at.0);
            show(at, false);
        }
        keep_place(desk, device.clone());
    };
    if (desk.aside)() {
        let title = desk.visit.read().draft.site.title.clone();
        let standing = rsx! { SavingWord { writer: desk.writer } SavingTrouble { writer: desk.writer } };
        return rsx! { Aside { title, standing, on_back: move |()| desk.put_aside(false) } };
    }
    let current = (desk.sheet)();
    let at = desk.at.read().as_ref().map(|(sheet, item)| format!("{sheet}-{item}"));
    rsx! {
        div { class: "screen", id: "sheet", "data-at": at, onmounted: mounted,
            Head { desk, sheets: counted() }
            UrgentBanner { visit: desk.visit }
            main { class: "scroll",
                if desk.visit.read().draft.parent.is_some() && reviewed.read().is_some() {
                    Returned {
                        draft: desk.visit.read().draft.clone(), review: review(), first: remarks::first(&all.read()).0,
                        count: remarks::first(&all.read()).1, on_go: move |spot| desk.go(spot),
                    }
                }
                Position { desk, place }
                if let Some(expected) = expected { Interrupted { expected, desk, on_edit: edit } }
                PlacePhotos { desk, on_edit: edit }
                for section in all().into_iter().filter(|section| section.sheet == current) {
                    Section { key: "{section.sheet}-{section.code}", section, day, desk, on_edit: edit }
                }
                button { class: "btn wide", id: "to-review", r#type: "button", onclick: move |_| to_review(id), {use_words().to_review} }
                More { desk }
            }
            Foot { desk, sections: all() }
        }
    }
}

/// Leaves the sheet for the review.
pub(super) fn to_review(id: InspectionId) {
    navigator().push(Route::Review { id });
}
