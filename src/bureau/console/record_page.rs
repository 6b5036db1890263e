//! One record as markup: the printed record of `view`, and beside it what the bureau knows of it.

use std::rc::Rc;

use dioxus::prelude::*;

use super::decide_page::{DecideForm, Deciding, History, StateBar};
use super::reports_page::ReportLinks;
use super::versions_page::{Compared, RevisionChanges, Siblings, Twins};
use crate::bureau::storage::inbox::{InboxRow, Sender};
use crate::bureau::storage::reports::ReportLine;
use crate::domain::problem::Problem;
use crate::domain::text::Language;
use crate::view::place::{ClockTags, MockTag, best_fix};
use crate::view::record::{Record, RecordBody};
use crate::view::text::{label, minute};
use crate::view::words::problem::ProblemWords;
use crate::view::words::record::metres;
use crate::view::words::words;
use crate::wire::receipt::Receipt;

/// The seal over the stored bytes, as checked for this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    Valid,
    Broken,
}

/// The originals as found for this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Originals {
    /// The record names no photo.
    None,
    /// All are here and hash-equal.
    Equal(u64),
    /// All are here; too many bytes to hash for one page.
    Unchecked(u64),
    /// Some are still to come.
    Missing { held: u64, named: u64 },
    /// Held files that no longer have their hash.
    Broken(u64),
}

/// What the bureau knows of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evidence {
    pub(super) row: InboxRow,
    pub(super) problems: Vec<Problem>,
    pub(super) seal: Seal,
    pub(super) originals: Originals,
    /// Metres beyond the fence.
    pub(super) outside: Option<u32>,
    pub(super) record_receipt: Option<Receipt>,
    pub(super) complete_receipt: Option<Receipt>,
    pub(super) sender: Sender,
    pub(super) siblings: Vec<InboxRow>,
    /// The information reports of this visit.
    pub(super) reports: Vec<ReportLine>,
}

#[component]
pub(super) fn RecordPage(
    record: Option<Rc<Record>>,
    evidence: Evidence,
    deciding: Deciding,
    compared: Vec<Compared>,
    printed: String,
    language: Language,
) -> Element {
    let w = &words(language).console.page;
    let problems = evidence.problems.clone();
    rsx! {
        p { class: "back", a { href: "/", "← {w.back}" } }
        StateBar { deciding: deciding.clone(), language }
        div { class: "two",
            div { class: "wide",
                if let Some(record) = &record {
                    for one in compared {
                        if one.twin {
                            Twins {
                                deciding: deciding.clone(), compared: one, document: Rc::new(record.document.clone()),
                                library: record.library.clone(), language,
                            }
                        } else {
                            RevisionChanges {
                                compared: one, document: Rc::new(record.document.clone()),
                                library: record.library.clone(), language,
                            }
                        }
                    }
                }
                match &record {
                    Some(record) => rsx! {
                        RecordBody { record: record.clone(), language,
                            Seals { evidence: evidence.clone(), record: record.clone(), language }
                        }
                    },
                    None => rsx! {
                        section { class: "message",
                            h1 { bdi { "{evidence.row.site_title}" } }
                            p { "{w.unreadable}" }
                        }
                    },
                }
                DecideForm { deciding: deciding.clone(), language }
            }
            aside { class: "side",
                if !problems.is_empty() {
                    Problems { problems, record: record.clone(), language }
                }
                if !evidence.reports.is_empty() {
                    ReportLinks { title: words(language).reports.of_visit, reports: evidence.reports.clone(), language }
                }
                History {
                    decisions: deciding.decisions.clone(),
                    library: record.as_ref().map(|record| record.library.clone()),
                    language,
                }
                EvidenceCard { evidence: evidence.clone(), language }
                if !evidence.siblings.is_empty() {
                    Siblings { own: evidence.row.clone(), others: evidence.siblings.clone(), language }
                }
            }
        }
        p { class: "printed", "{printed} · {evidence.row.number} · {evidence.row.digest}" }
    }
}

/// A mark with its sign, so that colour is never alone.
#[component]
pub(super) fn Mark(class: &'static str, sign: &'static str, text: String) -> Element {
    rsx! {
        span { class: "tag {class}",
            span { aria_hidden: "true", "{sign} " }
            "{text}"
        }
    }
}

/// Seal, originals, clock, position: each checked for this page.
#[component]
fn Seals(evidence: Evidence, record: Rc<Record>, language: Language) -> Element {
    let w = words(language);
    let p = &w.console.page;
    let (class, sign, text) = match evidence.originals {
        Originals::None => ("na", "–", p.no_photos.to_owned()),
        Originals::Equal(n) => ("ok", "✓", (p.originals_held)(n)),
        Originals::Unchecked(n) => ("na", "–", (p.originals_unchecked)(n)),
        Originals::Missing { held, named } => ("warn", "…", (p.originals_missing)(held, named)),
        Originals::Broken(n) => ("bad", "✕", (p.originals_broken)(n)),
    };
    rsx! {
        div { class: "seals",
            match evidence.seal {
                Seal::Valid => rsx! { Mark { class: "ok", sign: "✓", text: p.seal_valid } },
                Seal::Broken => rsx! { Mark { class: "bad", sign: "✕", text: p.seal_broken } },
            }
            Mark { class, sign, text }
            ClockTags { clock: record.document.clock.clone(), zone: record.zone, language }
            if let Some(fix) = best_fix(&record.document) {
                MockTag { mock: fix.mock, language }
            }
            if let Some(m) = evidence.outside {
                Mark { class: "warn", sign: "!", text: (p.outside_fence)(&metres(m)) }
            }
        }
    }
}

/// What the rules say against the record, for the reviewer; each leads to its item.
#[component]
fn Problems(problems: Vec<Problem>, record: Option<Rc<Record>>, language: Language) -> Element {
    let w = words(language);
    let sentence = |problem: &Problem| {
        let item = problem.item.as_deref().and_then(|code| {
            let record = record.as_ref()?;
            record.library.values().find_map(|checklist| checklist.item(code))
        });
        let part = ProblemWords::part(&problem.kind);
        let named = item.zip(part).and_then(|(item, key)| Some(label(item, item.part(key)?, language)));
        (w.problem.sentence)(&problem.kind, &named.unwrap_or_default())
    };
    let count = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    rsx! {
        section { class: "block problems",
            h2 {
                "{w.console.page.problems} "
                span { class: "tag warn", "{(w.problem.count)(count)}" }
            }
            ul {
                for problem in &problems {
                    li {
                        match &problem.item {
                            Some(item) => rsx! { a { class: "code", href: "#{item}", bdi { "{item}" } } },
                            None => rsx! { span { class: "code", "{w.problem.whole_visit}" } },
                        }
                        " "
                        bdi { "{sentence(problem)}" }
                    }
                }
            }
        }
    }
}

#[component]
fn EvidenceCard(evidence: Evidence, language: Language) -> Element {
    let w = &words(language).console.page;
    let row = &evidence.row;
    let zone = *row.received_at.offset();
    let line = |receipt: &Receipt| {
        format!("{} · № {}", minute(receipt.received_at.with_timezone(&zone)), receipt.sequence)
    };
    let none = || "–".to_owned();
    let record = evidence.record_receipt.as_ref().map_or_else(none, line);
    let complete = evidence.complete_receipt.as_ref().map_or_else(|| w.receipt_waiting.to_owned(), line);
    rsx! {
        section { class: "block evidence", id: "evidence",
            h2 { "{w.evidence}" }
            dl { class: "facts one",
                div { dt { "{w.number}" } dd { strong { "{row.number}" } } }
                div { dt { "{w.received}" } dd { "{minute(row.received_at)}" } }
                div { dt { "{w.receipt_record}" } dd { "{record}" } }
                div { dt { "{w.receipt_complete}" } dd { "{complete}" } }
                div { dt { "{w.hash}" } dd { code { "{row.digest}" } } }
                div { dt { "{w.device}" }
                    dd {
                        bdi { "{evidence.sender.coordinator.name}" }
                        " "
                        code { "{evidence.sender.device}" }
                    }
                }
                div { dt { "{w.app}" } dd { bdi { "{evidence.sender.app_version}" } } }
            }
            p { class: "actions",
                a { class: "button", href: "/records/{row.digest}/document", "{w.download}" }
            }
            p { class: "soft hint", "{w.print_hint}" }
        }
    }
}
