//! The printed record: head, findings, every answer, guidance, signature. The same on the phone and at the bureau.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use chrono::FixedOffset;
use dioxus::prelude::*;

use super::finding::Findings;
use super::item::{Photos, SheetBlock};
use super::photo::PhotoLink;
use super::place::{PersonLines, PositionLines, best_fix, fix_text, position_lines};
use super::remark::Remarks;
use super::signature::AttestationBlock;
use super::text::{minute, span};
use super::words::decide::decide_words;
use super::words::words;
use crate::domain::checklist::Library;
use crate::domain::id::PhotoId;
use crate::domain::inspection::Inspection;
use crate::domain::summary::RegisterRow;
use crate::domain::text::Language;

/// A record with what is needed to show it; shared, because every part looks into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The document.
    pub document: Inspection,
    /// Its checklists, as far as they are here.
    pub library: Arc<Library>,
    /// The bureau's zone, in which times are shown.
    pub zone: FixedOffset,
    /// Where its photos are, by the hash of the original.
    pub photos: BTreeMap<PhotoId, PhotoLink>,
    /// What a reviewer said of items, by sheet and code.
    pub remarks: BTreeMap<(usize, String), Remarks>,
}

impl Record {
    /// Where a photo is; nowhere when the caller did not say.
    pub fn link(&self, original: PhotoId) -> PhotoLink {
        self.photos.get(&original).cloned().unwrap_or_default()
    }
}

/// Site, checklists, time, people, origin and position.
#[component]
pub fn RecordHead(record: Rc<Record>, language: Language) -> Element {
    let w = words(language);
    let document = &record.document;
    let site = &document.site;
    let when = span(document.started_at, document.finished_at, record.zone);
    let place = if site.address.is_empty() {
        site.township.name.clone()
    } else {
        format!("{} · {}", site.township.name, site.address)
    };
    let number = format!("{} · {}", document.id.tail(), (w.record.revision)(document.revision));
    rsx! {
        h1 {
            bdi { "{site.title}" }
            for sheet in &document.sheets {
                match record.library.get(&sheet.checklist.hash) {
                    Some(known) => rsx! {
                        span { class: "tag na", "{known.title.get(language)} {known.version}" }
                    },
                    None => rsx! {
                        span { class: "tag warn", bdi { "{sheet.checklist.code} {sheet.checklist.version}" } }
                    },
                }
            }
        }
        dl { class: "facts",
            div { dt { "{w.record.visited}" } dd { "{when}" } }
            if let Some(at) = document.corrected_at {
                div { dt { "{decide_words(language).corrected_at}" } dd { "{minute(at.with_timezone(&record.zone))}" } }
            }
            div { dt { "{w.record.coordinator}" } dd { PersonLines { people: document.coordinators.clone(), language } } }
            div { dt { "{w.record.position}" } dd { PositionLines { lines: position_lines(document, language) } } }
            div { dt { "{w.record.origin}" } dd { "{(w.terms.origin)(document.origin)}" } }
            div { dt { "{w.record.address}" } dd { bdi { "{place}" } } }
            div { dt { "{w.record.kind}" } dd { bdi { "{w.terms.kinds(&site.kinds)}" } } }
            div { dt { "{w.record.record}" } dd { "{number}" } }
        }
    }
}

/// The guidance left with the site; its lines as written.
#[component]
pub fn GuidanceBlock(text: String, language: Language) -> Element {
    let w = &words(language).record;
    rsx! {
        section { class: "block guidance", id: "guidance",
            h2 { "{w.guidance}" }
            if text.trim().is_empty() {
                p { class: "soft", "{w.no_guidance}" }
            } else {
                div { class: "written", dir: "auto", "{text}" }
            }
        }
    }
}

/// Photos that belong to no item, and the positions beyond the best one.
#[component]
fn Loose(record: Rc<Record>, language: Language) -> Element {
    let w = &words(language).record;
    let document = &record.document;
    let named: Vec<&PhotoId> =
        document.sheets.iter().flat_map(|s| s.answers.values()).flat_map(|a| &a.photos).collect();
    let loose: Vec<PhotoId> =
        document.photos.iter().map(|p| p.original).filter(|id| !named.contains(&id)).collect();
    let best = best_fix(document);
    let others: Vec<String> = document
        .fixes
        .iter()
        .filter(|fix| Some(*fix) != best)
        .map(|fix| format!("{} · {}", fix.at.with_timezone(&record.zone).format("%H:%M:%S"), fix_text(fix)))
        .collect();
    rsx! {
        if !loose.is_empty() {
            section { class: "block",
                h2 { "{w.site_photos}" }
                Photos { record: record.clone(), photos: loose, language }
            }
        }
        if !others.is_empty() {
            section { class: "block",
                h2 { "{w.positions}" }
                PositionLines { lines: others }
            }
        }
    }
}

/// The whole record below its head; `children` (the bureau's badges) stand in the head's card.
#[component]
pub fn RecordBody(record: Rc<Record>, language: Language, children: Element) -> Element {
    let sheets = record.document.sheets.len();
    rsx! {
        article { class: "record",
            header { class: "block head",
                RecordHead { record: record.clone(), language }
                {children}
            }
            Findings { record: record.clone(), language }
            for sheet in 0..sheets {
                SheetBlock { record: record.clone(), sheet, language }
            }
            Loose { record: record.clone(), language }
            GuidanceBlock { text: record.document.guidance.clone(), language }
            AttestationBlock { attestation: record.document.attestation.clone(), language }
        }
    }
}

/// The one row of the national register (巡查登记表) that a visit becomes.
#[component]
pub fn RegisterTable(row: RegisterRow, language: Language) -> Element {
    let w = &words(language).record;
    rsx! {
        table { class: "register",
            thead {
                tr {
                    th { scope: "col", "{w.register_place}" }
                    th { scope: "col", "{w.register_problems}" }
                    th { scope: "col", "{w.register_day}" }
                    th { scope: "col", "{w.register_people}" }
                    th { scope: "col", "{w.register_remark}" }
                }
            }
            tbody {
                tr {
                    td { bdi { "{row.place_and_content}" } }
                    td { bdi { "{row.problems}" } }
                    td { "{row.day}" }
                    td { bdi { "{row.coordinators}" } }
                    td { bdi { "{row.remark}" } }
                }
            }
        }
    }
}
