//! The sheet's screen: loads the visit, holds it while it is filled, saves every answer as it is given.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dioxus::prelude::*;

use super::Edit;
use super::card::Card;
use super::desk::{Desk, Picture, PictureAt};
use super::model::{CardView, SectionView, Spot, anchor, next_open, previous, sections};
use super::place::PlaceLine;
use crate::device::photo::ExpectedPhoto;
use crate::device::visit::Visit;
use crate::domain::id::InspectionId;
use crate::domain::place::NoFix;
use crate::domain::summary::{Summary, visit_summary};
use crate::ui::live::use_device;
use crate::ui::position::{Where, use_position};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::say::Trouble;
use crate::ui::screens::shell::{Gone, Loading, Sorry, TopBar};
use crate::ui::writer::{Write, use_writer};
use crate::view::words::words;

/// Filling a visit's sheets; `item` is where to go first (`0-WR-09`), empty for where it was left.
#[component]
pub fn SheetScreen(id: InspectionId, item: String) -> Element {
    let device = use_device();
    let loaded = use_resource(move || {
        let device = device.clone();
        async move {
            let expected = device.expected_photo().await.ok().flatten();
            (device.visit(id).await.map_err(|error| Trouble::of(&error)), expected.filter(|e| e.draft == id))
        }
    });
    match &*loaded.read() {
        None => rsx! { Loading {} },
        Some((Ok(Some(visit)), expected)) => rsx! {
            Filling { key: "{id}", visit: visit.clone(), start: spot(&item), expected: expected.clone() }
        },
        Some((Ok(None), _)) => rsx! { Gone {} },
        Some((Err(trouble), _)) => rsx! { Sorry { trouble: trouble.clone() } },
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
    let writer = use_writer(id);
    let desk = Desk {
        id,
        visit: use_signal(|| visit),
        at: use_signal(|| start.clone()),
        closed: use_signal(BTreeSet::new),
        picture: use_signal(|| None),
        writer,
    };
    let shown = use_memo(move || sections(&desk.visit.read()));
    let counted = use_memo(move || {
        let visit = desk.visit.read();
        visit_summary(&visit.draft.sheets, &visit.library, visit.draft.day())
    });
    let place = use_position({
        let device = device.clone();
        move |fix| {
            let device = device.clone();
            spawn(async move { desk.keep_fix(&device, fix).await });
        }
    });
    let day = desk.visit.read().draft.day();
    let edit = use_callback(move |(spot, edit): (Spot, Edit)| desk.edit(&device, spot, edit));
    rsx! {
        div { class: "screen", id: "sheet", onmounted: move |_| { if let Some(at) = &start { show(at, false); } },
            Head { desk, counted: counted() }
            main { class: "scroll",
                Position { desk, place }
                if let Some(expected) = expected { Interrupted { expected, desk } }
                for section in shown() {
                    Section { key: "{section.sheet}-{section.code}", section, day, desk, on_edit: edit }
                }
                button { class: "btn wide", r#type: "button", onclick: move |_| to_review(id), {use_words().to_review} }
            }
            Foot { desk, shown: shown() }
        }
    }
}

fn to_review(id: InspectionId) {
    navigator().push(Route::Review { id });
}

/// Brings an item into view; with `focus`, also the reader of the screen.
fn show((sheet, item): &Spot, focus: bool) {
    let eval = document::eval(
        "const [id, focus] = await dioxus.recv(); await new Promise(r => requestAnimationFrame(r)); \
         const it = document.getElementById(id); if (!it) return; it.scrollIntoView({ block: 'start' }); \
         if (focus) it.focus({ preventScroll: true });",
    );
    // Without a page there is nothing to scroll.
    let _ = eval.send((anchor(*sheet, item), focus));
}

#[component]
fn Head(desk: Desk, counted: Summary) -> Element {
    let language = use_language();
    let visit = desk.visit.read();
    let titles = visit.draft.sheets.iter().filter_map(|sheet| visit.library.get(&sheet.checklist.hash));
    let titles: Vec<&str> = titles.map(|checklist| checklist.title.get(language)).collect();
    let count = format!("{}/{}", counted.answered, counted.total);
    rsx! {
        TopBar { title: visit.draft.site.title.clone(), back: true, count, done: (counted.answered, counted.total),
            bdi { {titles.join(words(language).answer.comma)} }
            SavingWord { writer: desk.writer }
        }
        SavingTrouble { writer: desk.writer }
    }
}

#[component]
fn Position(desk: Desk, place: Signal<Where>) -> Element {
    let mut visit = desk.visit;
    let (kept, no_fix) = {
        let visit = visit.read();
        (!visit.draft.fixes.is_empty(), visit.draft.no_fix.clone())
    };
    rsx! {
        PlaceLine {
            at: place(), kept, no_fix,
            on_no_fix: move |(no_fix, typed): (Option<NoFix>, bool)| {
                visit.write().draft.no_fix.clone_from(&no_fix);
                let write = Write::NoFix(no_fix);
                if typed { desk.writer.soon(write) } else { desk.writer.now(write) }
            },
        }
    }
}

/// The app ended behind the camera: say so, and lead back to the item.
#[component]
fn Interrupted(expected: ExpectedPhoto, desk: Desk) -> Element {
    let w = use_words();
    let device = use_device();
    let mut seen = use_signal(|| false);
    if seen() {
        return rsx! {};
    }
    let item = expected.item.clone().unwrap_or_default();
    rsx! {
        div { class: "alert", role: "status", id: "interrupted",
            p { {(w.photo_interrupted)(&item)} }
            button { class: "btn", r#type: "button",
                onclick: move |_| {
                    seen.set(true);
                    show(&(0, item.clone()), true);
                    let device = device.clone();
                    async move {
                        if let Err(error) = device.forget_expected_photo().await {
                            tracing::warn!(%error, "an expected photo could not be forgotten");
                        }
                    }
                },
                {w.go_there}
            }
        }
    }
}

#[component]
fn Section(section: SectionView, day: NaiveDate, desk: Desk, on_edit: EventHandler<(Spot, Edit)>) -> Element {
    let w = use_words();
    let language = use_language();
    let key = (section.sheet, section.code.clone());
    let mut closed = desk.closed;
    let open = !closed.read().contains(&key);
    let busy = desk.picture.read().clone();
    rsx! {
        h2 { class: "sec",
            button { r#type: "button", aria_expanded: open,
                onclick: move |_| {
                    let mut closed = closed.write();
                    if !closed.remove(&key) {
                        closed.insert(key.clone());
                    }
                },
                span { span { class: "fold", aria_hidden: "true", if open { "▾ " } else { "▸ " } } {section.title.get(language)} }
                span { {(w.section_count)(section.answered, section.total, section.failed)} }
            }
        }
        if open {
            for card in section.cards {
                CardRow {
                    key: "{card.code}", busy: busy.clone().filter(|p| p.spot == (card.sheet, card.code.clone())),
                    card, day, on_edit,
                }
            }
        }
    }
}

#[component]
fn CardRow(
    card: CardView,
    day: NaiveDate,
    busy: Option<Picture>,
    on_edit: EventHandler<(Spot, Edit)>,
) -> Element {
    let w = use_words();
    let spot = (card.sheet, card.code.clone());
    let (words, trouble) = match busy.map(|picture| picture.at) {
        Some(PictureAt::Reading(file, of, percent)) => (Some((w.photo_reading)(file, of, percent)), None),
        Some(PictureAt::Preparing) => (Some(w.photo_preparing.to_owned()), None),
        Some(PictureAt::Failed(trouble)) => (None, Some(trouble.sentence(w))),
        None => (None, None),
    };
    rsx! {
        Card { card, day, busy: words, on_edit: move |edit| on_edit.call((spot.clone(), edit)) }
        if let Some(trouble) = trouble {
            p { class: "alert", role: "alert", {trouble} }
        }
    }
}

#[component]
fn Foot(desk: Desk, shown: Vec<SectionView>) -> Element {
    let w = use_words();
    let mut desk = desk;
    let at = desk.at.read().clone();
    let (next, open) = next_open(&shown, at.as_ref());
    let back = previous(&shown, at.as_ref());
    let id = desk.id;
    let mut go = move |spot: Spot| {
        desk.closed.write().clear();
        show(&spot, true);
        desk.at.set(Some(spot));
    };
    rsx! {
        footer { class: "actions",
            button { class: "btn", r#type: "button", disabled: back.is_none(),
                onclick: move |_| back.iter().cloned().for_each(&mut go), {w.previous}
            }
            if let Some(next) = next {
                button { class: "btn p", id: "next", r#type: "button", onclick: move |_| go(next.clone()),
                    {(w.next_open)(open)}
                }
            } else {
                button { class: "btn p", id: "next", r#type: "button", onclick: move |_| to_review(id), {w.to_review} }
            }
        }
    }
}
