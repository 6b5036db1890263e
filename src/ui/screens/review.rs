//! Looking through a visit before it is finished: what is missing, what was found, guidance, signature.

use dioxus::prelude::*;

use super::shell::{Gone, Loading, Sorry, TopBar};
use super::sign::Sign;
use crate::device::Error;
use crate::device::visit::Visit;
use crate::domain::answer::Sheet;
use crate::domain::checklist::{Checklist, Level};
use crate::domain::finding::{Finding, guidance};
use crate::domain::id::InspectionId;
use crate::domain::inspection::sheet_findings;
use crate::domain::place::NoFix;
use crate::domain::problem::{Problem, ProblemKind, draft_problems};
use crate::domain::summary::visit_summary;
use crate::domain::wording::enforcement_words;
use crate::ui::live::use_device;
use crate::ui::position::Where;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::saving::{SavingTrouble, SavingWord};
use crate::ui::say::Trouble;
use crate::ui::sheet::place::PlaceLine;
use crate::ui::writer::{Write, Writer, use_writer};
use crate::view::words::problem::ProblemWords;
use crate::view::words::words;

/// The review of a visit.
#[component]
pub fn Review(id: InspectionId) -> Element {
    let device = use_device();
    let loaded = use_resource(move || {
        let device = device.clone();
        async move { device.visit(id).await.map_err(|error| Trouble::of(&error)) }
    });
    match &*loaded.read() {
        None => rsx! { Loading {} },
        Some(Ok(Some(visit))) => rsx! { Looking { key: "{id}", visit: visit.clone() } },
        Some(Ok(None)) => rsx! { Gone {} },
        Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
    }
}

/// The ready advice for what was found.
fn ready_guidance(visit: &Visit) -> String {
    let known: Vec<(&Checklist, &Sheet)> = visit
        .draft
        .sheets
        .iter()
        .filter_map(|sheet| Some((visit.library.get(&sheet.checklist.hash)?, sheet)))
        .collect();
    guidance(&known, visit.draft.day())
}

#[component]
fn Looking(visit: Visit) -> Element {
    let w = use_words();
    let id = visit.draft.id;
    let writer = use_writer(id);
    let mut visit = use_signal(|| visit);
    // What is shown as guidance is what is signed, so the ready sentences are stored when the screen opens.
    use_hook(|| {
        let ready = ready_guidance(&visit.peek());
        if visit.peek().draft.guidance.is_empty() && !ready.is_empty() {
            visit.write().draft.guidance.clone_from(&ready);
            writer.now(Write::Guidance(ready));
        }
    });
    let problems = use_memo(move || {
        let visit = visit.read();
        draft_problems(&visit.draft, &visit.library)
    });
    let found = use_memo(move || {
        let visit = visit.read();
        sheet_findings(&visit.draft.sheets, &visit.library, visit.draft.day())
    });
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
                ProblemList { title: (w.n_to_settle)(missing.len()), problems: missing.clone(), visit, urgent: true }
                Place { visit, writer }
                FindingList { found: found(), rate, visit }
                ProblemList { title: w.worth_a_look.to_owned(), problems: odd, visit, urgent: false }
                Guidance { visit, writer }
                Sign { site: seen.draft.site.id, attestation: seen.draft.attestation.clone(),
                    on_attest: move |attestation: Option<crate::domain::inspection::Attestation>| {
                        visit.write().draft.attestation.clone_from(&attestation);
                        writer.soon(Write::Attestation(attestation));
                    },
                }
            }
            Finish { id, missing: missing.len(), writer }
        }
    }
}

#[component]
fn ProblemList(title: String, problems: Vec<Problem>, visit: Signal<Visit>, urgent: bool) -> Element {
    if problems.is_empty() {
        return rsx! {};
    }
    rsx! {
        h2 { class: if urgent { "sec late" } else { "sec" }, id: if urgent { "missing" } else { "odd" }, {title} }
        for (n, problem) in problems.into_iter().enumerate() {
            ProblemRow { key: "{n}-{problem:?}", problem, visit, urgent }
        }
    }
}

#[component]
fn ProblemRow(problem: Problem, visit: Signal<Visit>, urgent: bool) -> Element {
    let w = use_words();
    let language = use_language();
    let all = words(language);
    let visit = visit.read();
    let id = visit.draft.id;
    let of_item = problem.item.as_deref().and_then(|code| {
        let sheets = visit.draft.sheets.iter().zip(0u32..);
        let mut known = sheets.filter_map(|(sheet, n)| Some((n, visit.library.get(&sheet.checklist.hash)?)));
        known.find_map(|(n, checklist)| Some((n, checklist.item(code)?)))
    });
    let label = match (of_item, ProblemWords::part(&problem.kind)) {
        (Some((_, item)), Some(part)) => {
            item.part(part).and_then(|part| part.label.as_ref()).map_or("", |text| text.get(language))
        }
        _ => "",
    };
    let sentence = (all.problem.sentence)(&problem.kind, label);
    let about = of_item.map(|(_, item)| item.text.get(language).to_owned());
    let bar = if urgent { "lv a" } else { "lv" };
    match of_item {
        Some((sheet, item)) => {
            let spot = format!("{sheet}-{}", item.code);
            let code = item.code.clone();
            rsx! {
                button { class: "card site", r#type: "button", "data-problem": "{code}",
                    onclick: move |_| { navigator().replace(Route::SheetScreen { id, item: spot.clone() }); },
                    span { class: bar, aria_hidden: "true" }
                    span { class: "grow",
                        span { class: "t1 wrap", dir: "auto", {sentence} }
                        span { class: "t2", dir: "auto", "{code} · " {about} }
                    }
                    span { class: "link", {w.go_there} }
                }
            }
        }
        None => rsx! {
            div { class: "card site",
                span { class: bar, aria_hidden: "true" }
                span { class: "t1 wrap grow", dir: "auto", {sentence} }
            }
        },
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
fn FindingList(found: Vec<Finding>, rate: (u32, u32), visit: Signal<Visit>) -> Element {
    let w = use_words();
    let mut found = found;
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    rsx! {
        h2 { class: "sec",
            span { {(w.n_findings)(found.len())} }
            span { {(w.pass_rate)(rate.0, rate.1)} }
        }
        if found.is_empty() { p { class: "empty", {w.no_findings} } }
        for finding in found { FindingRow { key: "{finding.checklist}-{finding.item}", finding, visit } }
    }
}

#[component]
fn FindingRow(finding: Finding, visit: Signal<Visit>) -> Element {
    let w = use_words();
    let all = words(use_language());
    let id = visit.peek().draft.id;
    let sheet = visit.peek().draft.sheets.iter().position(|sheet| sheet.checklist.code == finding.checklist);
    let spot = format!("{}-{}", sheet.unwrap_or(0), finding.item);
    let mut line = vec![
        finding.item.clone(),
        all.terms.level_badge(finding.level),
        (all.terms.disposition)(finding.disposition).to_owned(),
    ];
    if !finding.photos.is_empty() {
        line.push((w.n_photos)(finding.photos.len()));
    }
    line.extend(finding.deadline.map(|day| (w.until_day)(&day.to_string())));
    rsx! {
        button { class: "card site", r#type: "button", "data-finding": "{finding.item}",
            onclick: move |_| { navigator().replace(Route::SheetScreen { id, item: spot.clone() }); },
            span { class: if finding.level >= Level::B { "lv a" } else { "lv" }, aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1 wrap", dir: "auto", {finding.problem.clone()} }
                span { class: "t2", {line.join(" · ")} }
            }
            span { class: "link", {w.change} }
        }
    }
}

#[component]
fn Guidance(visit: Signal<Visit>, writer: Writer) -> Element {
    let w = use_words();
    let text = visit.read().draft.guidance.clone();
    let ready = ready_guidance(&visit.read());
    let enforcing = enforcement_words(&text);
    let mut put = move |text: String, typed: bool| {
        visit.write().draft.guidance.clone_from(&text);
        let write = Write::Guidance(text);
        if typed { writer.soon(write) } else { writer.now(write) }
    };
    rsx! {
        h2 { class: "sec",
            span { {w.guidance} }
            if text != ready && !ready.is_empty() {
                button { class: "link", r#type: "button", onclick: { let ready = ready.clone(); move |_| put(ready.clone(), false) },
                    {w.guidance_ready}
                }
            }
        }
        div { class: "card",
            textarea {
                id: "guidance", class: "line", dir: "auto", rows: "5", maxlength: "1000", value: "{text}",
                aria_label: w.guidance, placeholder: w.guidance_none,
                oninput: move |event| put(event.value(), true),
                onblur: move |_| writer.flush(),
            }
            if !enforcing.is_empty() {
                p { class: "hint bad", role: "status", id: "wording", {(w.enforcing)(&enforcing.join(words(use_language()).answer.comma))} }
            }
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
                    navigator().replace(Route::Outbox {});
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
