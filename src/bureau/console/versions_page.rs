//! The documents of one visit as markup: which there are, what a revision changed, and two of the same revision side
//! by side, one of which is chosen.

use std::rc::Rc;
use std::sync::Arc;

use dioxus::prelude::*;

use super::decide::{SEEN, VERDICT};
use super::decide_page::{Deciding, FORM, standing_class};
use super::page::FormToken;
use super::typed::Carried;
use crate::bureau::storage::inbox::InboxRow;
use crate::domain::checklist::{Item, Library};
use crate::domain::difference::{Differences, differences};
use crate::domain::id::Digest;
use crate::domain::inspection::Inspection;
use crate::domain::review::Verdict;
use crate::domain::text::Language;
use crate::view::badge::LevelCount;
use crate::view::text::{answer_text, minute};
use crate::view::words::decide::decide_words;
use crate::view::words::words;

/// Another document of the visit beside the one on the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compared {
    /// The other one.
    pub(super) row: InboxRow,
    /// What it says.
    pub(super) document: Inspection,
    /// Of the same revision; else the one before.
    pub(super) twin: bool,
}

/// Every version of this visit, this one among them.
#[component]
pub(super) fn Siblings(own: InboxRow, others: Vec<InboxRow>, language: Language) -> Element {
    let w = words(language);
    let (p, d) = (&w.console.page, decide_words(language));
    let mut all: Vec<InboxRow> = others.clone();
    all.push(own.clone());
    all.sort_by_key(|row| (row.revision, row.received_at));
    rsx! {
        section { class: "block siblings",
            h2 { "{p.siblings}" }
            if own.twins { p { class: "warn-text", "{p.twins}" } }
            ul {
                for row in all {
                    li { "data-version": "{row.digest}", "data-counts": "{row.counts}",
                        if row.digest == own.digest {
                            strong { "{(w.record.revision)(row.revision)}" }
                            span { class: "tag na", "{p.this_one}" }
                        } else {
                            a { href: "/records/{row.digest}", "{(w.record.revision)(row.revision)}" }
                        }
                        if row.counts {
                            span { class: standing_class(row.standing), "{(d.standing)(row.standing)}" }
                        }
                        " {row.number} · {minute(row.received_at)}"
                    }
                }
            }
        }
    }
}

/// What differs, item by item: the earlier (or other) answer and this one.
#[component]
fn Changes(
    before: Rc<Inspection>,
    after: Rc<Inspection>,
    library: Arc<Library>,
    heads: [String; 2],
    language: Language,
) -> Element {
    let w = decide_words(language);
    let found = differences(&before, &after);
    let item = |sheet: usize, code: &str| -> Option<Item> {
        let named = [after.sheets.get(sheet), before.sheets.get(sheet)].into_iter().flatten();
        named.filter_map(|sheet| library.get(&sheet.checklist.hash)?.item(code).cloned()).next()
    };
    let whole = others(&found, language);
    if found.is_empty() {
        return rsx! { p { class: "soft", "{w.nothing_changed}" } };
    }
    rsx! {
        if !found.items.is_empty() {
            table { class: "changes",
                thead { tr { th { scope: "col" } for head in &heads { th { scope: "col", "{head}" } } } }
                tbody {
                    for (sheet, code) in &found.items {
                        tr { "data-changed": "{code}",
                            th { scope: "row",
                                a { class: "code", href: "#{code}", bdi { "{code}" } }
                                if let Some(item) = item(*sheet, code) { small { "{item.text.get(language)}" } }
                            }
                            for document in [&before, &after] {
                                td { bdi { class: "said", "{answered(document, *sheet, code, item(*sheet, code).as_ref(), language)}" } }
                            }
                        }
                    }
                }
            }
        }
        if !whole.is_empty() {
            p { class: "changes-whole",
                for line in whole { span { class: "tag na", "{line}" } " " }
            }
        }
        if before.guidance != after.guidance {
            div { class: "changes-text",
                for (head, document) in heads.iter().zip([&before, &after]) {
                    div {
                        small { "{w.guidance} · {head}" }
                        if document.guidance.trim().is_empty() {
                            p { class: "soft", "{words(language).record.no_guidance}" }
                        } else {
                            div { class: "written", dir: "auto", "{document.guidance}" }
                        }
                    }
                }
            }
        }
    }
}

/// What differs beyond the answers, in words.
fn others(found: &Differences, language: Language) -> Vec<String> {
    let w = decide_words(language);
    let (more, fewer) = (found.photos_added.len(), found.photos_removed.len());
    let photos = (more + fewer > 0).then(|| (w.photos_changed)(more, fewer));
    let named = [
        (found.guidance, w.guidance),
        (found.attestation, w.attestation),
        (found.people, w.people),
        (found.position, w.position),
        (found.checklists, w.checklists),
    ];
    let named = named.into_iter().filter(|(differs, _)| *differs);
    photos.into_iter().chain(named.map(|(_, name)| format!("{name} {}", w.differs))).collect()
}

/// An answer with its note, its handling and the number of its photos, in one text.
fn answered(
    document: &Inspection,
    sheet: usize,
    code: &str,
    item: Option<&Item>,
    language: Language,
) -> String {
    let w = decide_words(language);
    let Some(answer) = document.sheets.get(sheet).and_then(|sheet| sheet.answers.get(code)) else {
        return w.absent.to_owned();
    };
    let Some(item) = item else {
        // No checklist here explains it: the document's own words.
        return serde_json::to_string(answer).unwrap_or_default();
    };
    let mut lines = vec![answer_text(item, answer, language)];
    if let Some(handling) = &answer.handling {
        lines.extend(Some(handling.problem.clone()).filter(|text| !text.is_empty()));
        lines.extend(handling.disposition.map(|done| (words(language).terms.disposition)(done).to_owned()));
        lines.extend(handling.deadline.map(|day| day.to_string()));
    }
    if !answer.note.is_empty() {
        lines.push(format!("{}：{}", w.note, answer.note));
    }
    if !answer.photos.is_empty() {
        lines.push((w.photos)(answer.photos.len()));
    }
    lines.join("\n")
}

/// What this revision changed against the one before.
#[component]
pub(super) fn RevisionChanges(
    compared: Compared,
    document: Rc<Inspection>,
    library: Arc<Library>,
    language: Language,
) -> Element {
    let w = decide_words(language);
    let heads = [(w.earlier)(compared.row.revision), (w.later)(document.revision)];
    rsx! {
        section { class: "block changed", id: "changed",
            h2 { "{(w.changes)(compared.row.revision)}" }
            Changes { before: Rc::new(compared.document.clone()), after: document, library, heads, language }
        }
    }
}

/// Two documents of the same revision side by side; each can be chosen, if a choice changes something.
#[component]
pub(super) fn Twins(
    deciding: Deciding,
    compared: Compared,
    document: Rc<Inspection>,
    library: Arc<Library>,
    language: Language,
) -> Element {
    let w = decide_words(language);
    rsx! {
        section { class: "block twins", id: "twins",
            h2 { "{w.twins}" }
            p { class: "soft", "{w.twins_what}" }
            div { class: "twin-pair",
                Twin { title: w.other_copy, row: compared.row.clone(), document: Rc::new(compared.document.clone()), deciding: deciding.clone(), language }
                Twin { title: w.this_copy, row: deciding.row.clone(), document: document.clone(), deciding: deciding.clone(), language }
            }
            Changes {
                before: Rc::new(compared.document.clone()), after: document, library,
                heads: [w.other_copy.to_owned(), w.this_copy.to_owned()], language,
            }
        }
    }
}

#[component]
fn Twin(
    title: &'static str,
    row: InboxRow,
    document: Rc<Inspection>,
    deciding: Deciding,
    language: Language,
) -> Element {
    let (w, all) = (decide_words(language), words(language));
    let people = document.coordinators.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、");
    let corrected = document.corrected_at.map(|at| minute(at.with_timezone(row.received_at.offset())));
    let may_choose = deciding.may && deciding.choosable.contains(&row.digest);
    rsx! {
        div { class: "twin", "data-twin": "{row.digest}",
            h3 {
                a { href: "/records/{row.digest}", "{title}" }
                if row.counts { span { class: "tag ok", "{w.counts}" } }
            }
            dl { class: "facts one",
                div { dt { "{all.console.page.number}" } dd { "{row.number}" } }
                div { dt { "{all.console.page.received}" } dd { "{minute(row.received_at)}" } }
                if let Some(corrected) = corrected { div { dt { "{w.corrected_at}" } dd { "{corrected}" } } }
                div { dt { "{w.people}" } dd { bdi { "{people}" } } }
                div { dt { "{w.from_phone}" } dd { code { "{document.device}" } } }
                div { dt { "{all.console.list.failed}" }
                    dd {
                        if row.failed.is_empty() { "0" }
                        for (level, count) in row.failed.iter().rev() { LevelCount { level: *level, count: *count, language } " " }
                    }
                }
                div { dt { "{all.console.list.evidence}" } dd { "{(all.console.list.files)(u64::from(row.blobs_held), u64::from(row.blobs))}" } }
            }
            if may_choose { Choose { digest: row.digest, deciding: deciding.clone(), language } }
        }
    }
}

/// Sent with the fields of the page's own form where there is one: what was typed there goes along.
#[component]
fn Choose(digest: Digest, deciding: Deciding, language: Language) -> Element {
    let w = decide_words(language);
    let action = format!("/records/{digest}/decision");
    let choose = Verdict::Choose.name();
    if deciding.has_form() {
        return rsx! {
            p { class: "choose",
                button {
                    class: "button", r#type: "submit", form: FORM, formaction: action,
                    name: VERDICT, value: choose, "{w.choose}"
                }
            }
        };
    }
    rsx! {
        form { class: "choose", method: "post", action,
            FormToken { token: deciding.token.clone() }
            input { r#type: "hidden", name: SEEN, value: "{deciding.seen}" }
            Carried { typed: deciding.typed.clone() }
            button { class: "button", r#type: "submit", name: VERDICT, value: choose, "{w.choose}" }
        }
    }
}
