//! Looking through a visit before it is finished: what is missing, what was found, guidance, signature.

use dioxus::prelude::*;

use super::review_findings::FindingList;
use super::review_guidance::Guidance;
use super::review_photo::PhotoAwaited;
use super::review_problems::ProblemList;
use super::shell::{Gone, Loading, Sorry, TopBar};
use super::sign::Sign;
use crate::device::Error;
use crate::device::visit::Visit;
use crate::domain::id::InspectionId;
use crate::domain::inspection::{Attestation, sheet_findings};
use crate::domain::place::NoFix;
use crate::domain::problem::{Problem, ProblemKind, draft_problems};
use crate::domain::review::{ItemComment, Review as BureauReview};
use crate::domain::summary::visit_summary;
use crate::ui::live::{use_device, use_live};
use crate::ui::position::Where;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::say::Trouble;
use crate::ui::sheet::place::PlaceLine;
use crate::ui::sheet::remarks::{Returned, answered};
use crate::ui::writer::{Write, Writer, use_writer};
use crate::view::words::returned::returned_words;

/// The review of a visit.
#[component]
pub fn Review(id: InspectionId) -> Element {
    let device = use_device();
    let loaded = use_resource(move || {
        let device = device.clone();
        async move { device.review(id).await.map_err(|error| Trouble::of(&error)) }
    });
    match &*loaded.read() {
        None => rsx! { Loading {} },
        Some(Ok(Some((visit, written)))) => rsx! {
            Looking { key: "{id}", visit: visit.clone(), written: written.clone() }
        },
        Some(Ok(None)) => rsx! { Gone {} },
        Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
    }
}

#[component]
fn Looking(visit: Visit, written: String) -> Element {
    let w = use_words();
    let id = visit.draft.id;
    let writer = use_writer(id);
    let mut visit = use_signal(|| visit);
    let problems = use_memo(move || {
        let visit = visit.read();
        draft_problems(&visit.draft, &visit.library)
    });
    let found = use_memo(move || {
        let visit = visit.read();
        sheet_findings(&visit.draft.sheets, &visit.library, visit.draft.day())
    });
    let reviewed = use_live(move |device| async move { device.review_of(id).await.ok().flatten() });
    let seen = visit.read();
    let counted = visit_summary(&seen.draft.sheets, &seen.library, seen.draft.day());
    let missing: Vec<Problem> = problems().into_iter().filter(Problem::blocks_finishing).collect();
    // Words of enforcement in the guidance are spoken of beside it.
    let elsewhere = |p: &Problem| p.item.is_none() && matches!(p.kind, ProblemKind::Wording { .. });
    let odd: Vec<Problem> =
        problems().into_iter().filter(|p| !p.blocks_finishing() && !elsewhere(p)).collect();
    let (count, rate) =
        (format!("{}/{}", counted.answered, counted.total), (counted.passed, counted.applicable));
    rsx! {
        div { class: "screen", id: "review",
            TopBar { title: w.review_title, back: true, count, done: (counted.answered, counted.total),
                bdi { {seen.draft.site.title.clone()} " · " }
                SavingWord { writer }
            }
            SavingTrouble { writer }
            main { class: "scroll",
                PhotoAwaited { id }
                Answering { visit, reviewed }
                ProblemList { title: (w.n_to_settle)(missing.len()), problems: missing.clone(), visit, urgent: true }
                Place { visit, writer }
                FindingList { found: found(), rate, visit }
                ProblemList { title: w.worth_a_look.to_owned(), problems: odd, visit, urgent: false }
                Guidance { visit, written, writer }
                Sign { site: seen.draft.site.id, attestation: seen.draft.attestation.clone(),
                    on_attest: move |attestation: Option<Attestation>| {
                        visit.write().draft.attestation.clone_from(&attestation);
                        writer.soon(Write::Attestation(attestation));
                    },
                }
            }
            Finish { id, missing: missing.len(), writer }
        }
    }
}

/// In a correction: what the bureau said, item by item, and that the signature is to be given again.
#[component]
fn Answering(visit: Signal<Visit>, reviewed: Resource<Option<BureauReview>>) -> Element {
    let r = returned_words(use_language());
    let draft = visit.read().draft.clone();
    let Some(review) = reviewed.read().clone().filter(|_| draft.parent.is_some()) else { return rsx! {} };
    let id = draft.id;
    let items = answered(&draft, review.as_ref()).map(|one| one.items.clone()).unwrap_or_default();
    let spot = |one: &ItemComment| (one.sheet, one.item.clone());
    rsx! {
        Returned {
            first: items.first().map(spot), count: items.len(), draft, review,
            on_go: move |(sheet, item): (u32, String)| {
                navigator().replace(Route::SheetScreen { id, item: format!("{sheet}-{item}") });
            },
        }
        p { class: "hint", id: "sign-anew", {r.sign_again} }
    }
}

#[component]
fn Place(visit: Signal<Visit>, writer: Writer) -> Element {
    let (kept, no_fix) = {
        let visit = visit.read();
        (!visit.draft.fixes.is_empty(), visit.draft.no_fix.clone())
    };
    rsx! {
        PlaceLine { at: Where::Searching, kept, no_fix,
            on_no_fix: move |(no_fix, typed): (Option<NoFix>, bool)| {
                visit.write().draft.no_fix.clone_from(&no_fix);
                let write = Write::NoFix(no_fix);
                if typed { writer.soon(write) } else { writer.now(write) }
            },
        }
    }
}

#[component]
fn Finish(id: InspectionId, missing: usize, writer: Writer) -> Element {
    let w = use_words();
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let saving = writer.saving.read().open > 0;
    let finish = move |_| {
        let device = device.clone();
        async move {
            busy.set(true);
            match device.finish(id).await {
                Ok(_) => {
                    navigator().replace(Route::Done { id });
                }
                Err(Error::Practice) => {
                    navigator().push(Route::PracticeEnd { id });
                }
                Err(error) => {
                    trouble.set(Some(Trouble::of(&error)));
                    busy.set(false);
                }
            }
        }
    };
    let to_missing = |_| {
        document::eval("document.getElementById('missing').scrollIntoView()");
    };
    rsx! {
        if let Some(trouble) = trouble() {
            p { class: "alert", role: "alert", id: "finish-trouble",
                {trouble.sentence(w)}
                if trouble == Trouble::NotEnrolled {
                    button { class: "btn", r#type: "button", onclick: move |_| { navigator().push(Route::Enrol {}); }, {w.enrol} }
                }
            }
        }
        if missing == 0 { p { class: "foot-note", {w.finish_what} } }
        footer { class: "actions",
            button { class: "btn", r#type: "button",
                onclick: move |_| { navigator().replace(Route::SheetScreen { id, item: String::new() }); }, {w.to_sheet}
            }
            if missing > 0 {
                button { class: "btn p", id: "settle", r#type: "button", onclick: to_missing, {(w.n_to_settle)(missing)} }
            } else {
                button { class: "btn p", id: "finish", r#type: "button", disabled: busy() || saving, onclick: finish, {w.finish} }
            }
        }
    }
}
