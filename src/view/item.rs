//! One item of a sheet with its answer and verdict, and the sections of a sheet.

use std::rc::Rc;

use dioxus::prelude::*;

use super::badge::{LevelBadge, VerdictMark};
use super::photo::PhotoFigure;
use super::record::Record;
use super::remark::RemarkBlock;
use super::text::answer_lines;
use super::words::words;
use crate::domain::answer::Sheet;
use crate::domain::checklist::{Checklist, Item, Section};
use crate::domain::id::PhotoId;
use crate::domain::judge::{Verdict, judge};
use crate::domain::text::Language;

/// The laws an item rests on: “生活饮用水卫生监督管理办法 第七条”.
pub fn basis_text(checklist: &Checklist, item: &Item) -> String {
    let each = item.basis.iter().map(|basis| {
        let title = checklist.source(&basis.source).map_or(basis.source.as_str(), |s| s.title.as_str());
        if basis.clause.is_empty() { title.to_owned() } else { format!("{title} {}", basis.clause) }
    });
    each.collect::<Vec<_>>().join(" · ")
}

/// The photos of an item, in a row.
#[component]
pub fn Photos(record: Rc<Record>, photos: Vec<PhotoId>, language: Language) -> Element {
    let known = photos.iter().filter_map(|id| record.document.photos.iter().find(|p| p.original == *id));
    rsx! {
        div { class: "photos",
            for photo in known {
                PhotoFigure {
                    photo: photo.clone(),
                    link: record.link(photo.original),
                    zone: record.zone,
                    language,
                }
            }
        }
    }
}

/// One item: question, verdict, answer, note, photos.
#[component]
fn ItemBlock(record: Rc<Record>, sheet: usize, item: Item, language: Language) -> Element {
    let w = words(language);
    let filled = &record.document.sheets[sheet];
    let judgement = judge(&item, filled, record.document.day());
    let answer = filled.answers.get(&item.code).cloned().unwrap_or_default();
    let not_applicable = judgement.verdict == Verdict::NotApplicable;
    let lines = if not_applicable { Vec::new() } else { answer_lines(&item, filled, language) };
    let class = if judgement.verdict == Verdict::Fail { "item failed" } else { "item" };
    rsx! {
        li { class: "{class}", id: "{item.code}",
            div { class: "item-head",
                span { class: "code", "{item.code}" }
                span { class: "question", "{item.text.get(language)}" }
                span { class: "item-marks",
                    if let Some(level) = judgement.level {
                        LevelBadge { level, language }
                    }
                    VerdictMark { verdict: judgement.verdict, language }
                }
            }
            for line in lines {
                div { class: "answer",
                    if !line.label.is_empty() { span { class: "answer-label", "{line.label}" } }
                    bdi { class: "said", "{line.value}" }
                    if !line.limits.is_empty() { span { class: "limits", "{line.limits}" } }
                }
            }
            if !answer.note.is_empty() {
                div { class: "answer",
                    span { class: "answer-label", "{w.record.note}" }
                    bdi { class: "said", "{answer.note}" }
                }
            }
            if !answer.photos.is_empty() {
                Photos { record: record.clone(), photos: answer.photos.clone(), language }
            }
            if let Some(remarks) = record.remarks.get(&(sheet, item.code.clone())) {
                RemarkBlock { remarks: remarks.clone() }
            }
        }
    }
}

/// How many items of a section are asked, answered and failed.
fn count(section: &Section, sheet: &Sheet, record: &Record) -> (u32, u32, u32) {
    let verdicts = section.items.iter().map(|item| judge(item, sheet, record.document.day()).verdict);
    verdicts.filter(|verdict| *verdict != Verdict::Hidden).fold((0, 0, 0), |(answered, total, failed), v| {
        (answered + u32::from(v != Verdict::Open), total + 1, failed + u32::from(v == Verdict::Fail))
    })
}

/// A section with the items that were asked.
#[component]
fn SectionBlock(record: Rc<Record>, sheet: usize, section: Section, language: Language) -> Element {
    let filled = &record.document.sheets[sheet];
    let (answered, total, failed) = count(&section, filled, &record);
    let day = record.document.day();
    let asked = section.items.iter().filter(|item| judge(item, filled, day).verdict != Verdict::Hidden);
    rsx! {
        section { class: "sheet-section",
            h3 {
                span { "{section.title.get(language)}" }
                span { class: "count", "{(words(language).record.section_count)(answered, total, failed)}" }
            }
            ul { class: "items",
                for item in asked {
                    ItemBlock { record: record.clone(), sheet, item: item.clone(), language }
                }
            }
        }
    }
}

/// One sheet with all its sections; as it came when its checklist is not here.
#[component]
pub fn SheetBlock(record: Rc<Record>, sheet: usize, language: Language) -> Element {
    let w = words(language);
    let Some(filled) = record.document.sheets.get(sheet) else {
        return rsx! {};
    };
    let Some(checklist) = record.library.get(&filled.checklist.hash) else {
        let name = &filled.checklist;
        return rsx! {
            section { class: "block sheet",
                p { class: "warn-text", bdi { "{(w.record.checklist_missing)(&name.code, &name.version)}" } }
                Strangers { sheet: filled.clone(), known: Vec::new() }
            }
        };
    };
    let known: Vec<String> = checklist.items().map(|item| item.code.clone()).collect();
    let strangers = filled.answers.keys().any(|code| !known.contains(code));
    rsx! {
        section { class: "block sheet",
            h2 {
                "{checklist.title.get(language)} "
                span { class: "tag na", "{checklist.version}" }
            }
            for section in &checklist.sections {
                SectionBlock { record: record.clone(), sheet, section: section.clone(), language }
            }
            if strangers {
                h3 { "{w.record.unknown_items}" }
                Strangers { sheet: filled.clone(), known }
            }
        }
    }
}

/// Answers that no checklist here explains, in the document's own words: nothing that was signed is hidden.
#[component]
fn Strangers(sheet: Sheet, known: Vec<String>) -> Element {
    let strange = sheet.answers.iter().filter(|(code, _)| !known.contains(code));
    rsx! {
        ul { class: "items",
            for (code, answer) in strange {
                li { class: "item",
                    bdi { class: "code", "{code}" }
                    bdi { class: "said raw", "{serde_json::to_string(answer).unwrap_or_default()}" }
                }
            }
        }
    }
}
