//! Findings: the failed items as they were read and signed.

use std::rc::Rc;

use dioxus::prelude::*;

use super::badge::{LevelBadge, level_class};
use super::item::{Photos, basis_text};
use super::record::Record;
use super::text::{day, reason_text};
use super::words::words;
use crate::domain::checklist::{Checklist, Item};
use crate::domain::finding::Finding;
use crate::domain::summary::visit_summary;
use crate::domain::text::Language;

/// What was done about a finding, with its deadline: “现场指导整改，12月5日前复查”.
pub fn disposition_text(finding: &Finding, visited: chrono::NaiveDate, language: Language) -> String {
    let w = words(language);
    let done = (w.terms.disposition)(finding.disposition);
    let until = finding.deadline.map(|deadline| (w.record.deadline)(&day(deadline, visited, language)));
    format!("{done}{}", until.unwrap_or_default())
}

fn definition<'a>(record: &'a Record, finding: &Finding) -> Option<(&'a Checklist, &'a Item)> {
    let sheet = record.document.sheets.iter().find(|sheet| sheet.checklist.code == finding.checklist)?;
    let checklist = record.library.get(&sheet.checklist.hash)?;
    Some((checklist, checklist.item(&finding.item)?))
}

/// One finding with its reasons, what was done, the basis and its photos.
#[component]
fn FindingBlock(record: Rc<Record>, finding: Finding, language: Language) -> Element {
    let known = definition(&record, &finding);
    let item = known.map(|(_, item)| item);
    let question = item.map(|item| item.text.get(language).to_owned()).unwrap_or_default();
    let basis = known.map(|(checklist, item)| basis_text(checklist, item)).unwrap_or_default();
    let reasons: Vec<String> = finding.reasons.iter().map(|r| reason_text(r, item, language)).collect();
    let reasons = reasons.join(words(language).answer.separator);
    rsx! {
        li { class: "finding {level_class(finding.level)}",
            div { class: "finding-text",
                div { class: "finding-head",
                    bdi { class: "code", "{finding.item}" }
                    strong { "{question}" }
                    LevelBadge { level: finding.level, language }
                }
                div { bdi { class: "said", "{finding.problem}" } }
                if !reasons.is_empty() {
                    div { class: "reasons", bdi { "{reasons}" } }
                }
                div { "{disposition_text(&finding, record.document.day(), language)}" }
                if !basis.is_empty() {
                    div { class: "basis", "{basis}" }
                }
            }
            if !finding.photos.is_empty() {
                Photos { record: record.clone(), photos: finding.photos.clone(), language }
            }
        }
    }
}

/// All findings, worst first, with the counts of the visit.
#[component]
pub fn Findings(record: Rc<Record>, language: Language) -> Element {
    let w = &words(language).record;
    let document = &record.document;
    let mut findings: Vec<Finding> = document.findings.clone();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let counts = visit_summary(&document.sheets, &record.library, document.day());
    let failed = u32::try_from(findings.len()).unwrap_or(u32::MAX);
    rsx! {
        section { class: "block findings", id: "findings",
            h2 {
                if findings.is_empty() { "{w.no_findings}" } else { "{(w.findings)(failed)}" }
                span { class: "count", "{(w.summary)(&counts)}" }
            }
            ul {
                for finding in findings {
                    FindingBlock { record: record.clone(), finding, language }
                }
            }
        }
    }
}
