//! Information reports as markup: the list and one report.

use chrono::FixedOffset;
use dioxus::prelude::*;

use super::page::with_pair;
use super::record_page::{Mark, Seal};
use super::reports::Wanted;
use crate::bureau::storage::inbox::Sender;
use crate::bureau::storage::reports::ReportLine;
use crate::domain::checklist::Level;
use crate::domain::report::{Attempt, Report, ReportProblem};
use crate::domain::text::{Language, cut};
use crate::view::badge::LevelBadge;
use crate::view::text::minute;
use crate::view::words::words;
use crate::wire::receipt::Receipt;

/// One report in the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) row: ReportLine,
    pub(super) discovered: String,
    pub(super) reported: String,
    pub(super) received: String,
}

/// A page of the list with what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reports {
    pub(super) lines: Vec<Line>,
    /// All within the account's scope.
    pub(super) total: u64,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
    /// The filters as a query, without the page.
    pub(super) query: String,
    pub(super) wanted: Wanted,
}

/// One report with what was checked for this page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) line: ReportLine,
    /// The signed text, if this program can read it.
    pub(super) report: Option<Report>,
    pub(super) seal: Seal,
    pub(super) receipt: Option<Receipt>,
    pub(super) sender: Sender,
    pub(super) siblings: Vec<ReportLine>,
    pub(super) zone: FixedOffset,
}

#[component]
pub(super) fn ListPage(reports: Reports, language: Language) -> Element {
    let all = words(language);
    let w = &all.reports;
    rsx! {
        div { class: "title", h1 { "{w.title}" } }
        if reports.total == 0 {
            section { class: "message", h2 { "{w.empty}" } p { "{w.empty_next}" } }
        } else {
            Filters { reports: reports.clone(), language }
            if reports.lines.is_empty() {
                section { class: "message",
                    h2 { "{all.console.list.none_fit}" }
                    p { a { class: "button", href: "/reports", "{all.console.list.clear}" } }
                }
            } else {
                Table { lines: reports.lines.clone(), language }
            }
            nav { class: "pages", "aria-label": "{all.console.list.pages}",
                span { class: "grow" }
                if let Some(newer) = &reports.newer {
                    a { class: "button", href: "/reports{newer}", rel: "prev", "← {all.console.list.newer}" }
                }
                if let Some(older) = &reports.older {
                    a { class: "button", href: "/reports{older}", rel: "next", "{all.console.list.older} →" }
                }
            }
        }
    }
}

#[component]
fn Filters(reports: Reports, language: Language) -> Element {
    let all = words(language);
    let query = reports.query.trim_start_matches('?');
    let wanted = &reports.wanted;
    rsx! {
        nav { class: "chips", "aria-label": "{all.console.list.filters}",
            for level in [Level::A, Level::B] {
                a {
                    class: if wanted.level() == Some(level) { "chip on" } else { "chip" },
                    "aria-current": if wanted.level() == Some(level) { "true" } else { "false" },
                    href: if wanted.level() == Some(level) {
                        format!("/reports{}", with_pair(query, "level", None))
                    } else {
                        format!("/reports{}", with_pair(query, "level", Some(&format!("level={}", level.letter()))))
                    },
                    "{all.terms.level_badge(level)}"
                }
            }
        }
        form { class: "search", method: "get", action: "/reports", role: "search",
            if !wanted.level.is_empty() { input { r#type: "hidden", name: "level", value: "{wanted.level}" } }
            input {
                r#type: "search", name: "text", value: "{wanted.text}", maxlength: "100", dir: "auto",
                placeholder: "{all.reports.search_hint}", "aria-label": "{all.console.list.search}",
            }
            button { class: "button", r#type: "submit", "{all.console.list.apply}" }
        }
    }
}

#[component]
fn Table(lines: Vec<Line>, language: Language) -> Element {
    let w = &words(language).reports;
    rsx! {
        table { class: "inbox reports",
            thead {
                tr {
                    th { scope: "col", "{w.level}" }
                    th { scope: "col", "{w.site}" }
                    th { scope: "col", "{w.category}" }
                    th { scope: "col", "{w.content}" }
                    th { scope: "col", "{w.discovered}" }
                    th { scope: "col", "{w.reported}" }
                    th { scope: "col", "{w.received}" }
                    th { scope: "col", "{w.reporter}" }
                }
            }
            tbody { for line in lines { Row { line, language } } }
        }
    }
}

#[component]
fn Row(line: Line, language: Language) -> Element {
    let all = words(language);
    let w = &all.reports;
    let row = &line.row;
    rsx! {
        tr { "data-report": "{row.digest}",
            td { if let Some(level) = row.level { LevelBadge { level, language } } }
            td { class: "site",
                a { href: "/reports/{row.digest}", bdi { "{row.site_title}" } }
                small {
                    bdi { "{row.township.name}" }
                    if row.revision > 1 { " · {(all.console.list.revision)(row.revision)}" }
                }
            }
            td { bdi { "{row.category}" } }
            td { class: "list",
                bdi { "{cut(&row.content, 60)}" }
                small {
                    if row.attempts == 0 { "{w.no_attempts}" } else { "{(w.n_attempts)(u64::from(row.attempts))}" }
                    if !row.problems.is_empty() {
                        " · "
                        span { class: "warn-text", "{(w.problem)(&row.problems[0])}" }
                    }
                }
            }
            td { class: "when", time { "{line.discovered}" } }
            td { class: "when", time { "{line.reported}" } }
            td { class: "when", time { "{line.received}" } small { "{row.number}" } }
            td { class: "person", bdi { "{row.coordinator_name}" } }
        }
    }
}

#[component]
pub(super) fn ReportPage(shown: Shown, language: Language) -> Element {
    let all = words(language);
    let w = &all.reports;
    let line = &shown.line;
    let at = |moment: chrono::DateTime<FixedOffset>| minute(moment.with_timezone(&shown.zone));
    rsx! {
        p { class: "back", a { href: "/reports", "← {w.back}" } }
        div { class: "two",
            div { class: "wide",
                section { class: "block report",
                    h1 {
                        if let Some(level) = line.level { LevelBadge { level, language } " " }
                        bdi { "{line.site_title}" }
                    }
                    div { class: "seals",
                        match shown.seal {
                            Seal::Valid => rsx! { Mark { class: "ok", sign: "✓", text: all.console.page.seal_valid } },
                            Seal::Broken => rsx! { Mark { class: "bad", sign: "✕", text: all.console.page.seal_broken } },
                        }
                    }
                    dl { class: "facts",
                        div { dt { "{w.category}" } dd { bdi { "{line.category}" } } }
                        div { dt { "{w.discovered}" } dd { "{at(line.discovered_at)}" } }
                        div { dt { "{w.reported}" } dd { "{at(line.reported_at)}" } }
                        div { dt { "{w.received}" } dd { "{minute(line.received_at)}" } }
                        div { dt { "{w.reporter}" } dd { bdi { "{line.coordinator_name}" } } }
                        div { dt { "{w.record}" }
                            dd {
                                match line.record {
                                    Some(record) => rsx! { a { href: "/records/{record}", "{w.record_open}" } },
                                    None => rsx! { "{w.record_waiting}" },
                                }
                            }
                        }
                    }
                    h2 { "{w.content}" }
                    p { class: "report-content", bdi { "{line.content}" } }
                    if let Some(report) = &shown.report { Items { report: report.clone(), language } }
                }
            }
            aside { class: "side",
                if !line.problems.is_empty() { Odd { problems: line.problems.clone(), language } }
                Calls { attempts: shown.report.as_ref().map(|r| r.attempts.clone()).unwrap_or_default(), zone: Zone(shown.zone), language }
                Evidence { shown: shown.clone(), language }
                if !shown.siblings.is_empty() {
                    ReportLinks { title: w.revisions, reports: shown.siblings.clone(), language }
                }
            }
        }
    }
}

#[component]
fn Items(report: Report, language: Language) -> Element {
    let w = &words(language).reports;
    rsx! {
        h2 { "{w.items}" }
        ul { class: "report-items",
            for item in &report.items {
                li {
                    LevelBadge { level: item.level, language }
                    " "
                    span { class: "code", "{item.item}" }
                    " "
                    bdi { "{item.problem}" }
                }
            }
        }
    }
}

#[component]
fn Odd(problems: Vec<ReportProblem>, language: Language) -> Element {
    let w = &words(language).reports;
    rsx! {
        section { class: "block problems",
            h2 { "{w.problems}" }
            ul { for problem in &problems { li { "{(w.problem)(problem)}" } } }
        }
    }
}

/// A zone as a property.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Zone(FixedOffset);

#[component]
fn Calls(attempts: Vec<Attempt>, zone: Zone, language: Language) -> Element {
    let w = &words(language).reports;
    rsx! {
        section { class: "block",
            h2 { "{w.attempts}" }
            if attempts.is_empty() { p { class: "soft", "{w.no_attempts}" } }
            ul { class: "report-items",
                for attempt in &attempts {
                    li {
                        "{minute(attempt.at.with_timezone(&zone.0))} · {(w.how)(attempt.how)} · "
                        bdi { "{attempt.to.title} {attempt.to.phone}" }
                        " · {(w.outcome)(attempt.how, attempt.outcome)}"
                    }
                }
            }
        }
    }
}

#[component]
fn Evidence(shown: Shown, language: Language) -> Element {
    let w = &words(language).console.page;
    let sequence = shown.receipt.as_ref().map_or_else(|| "–".to_owned(), |r| format!("№ {}", r.sequence));
    rsx! {
        section { class: "block evidence",
            h2 { "{w.evidence}" }
            dl { class: "facts one",
                div { dt { "{w.number}" } dd { strong { "{shown.line.number}" } } }
                div { dt { "{w.receipt_record}" } dd { "{sequence}" } }
                div { dt { "{w.hash}" } dd { code { "{shown.line.digest}" } } }
                div { dt { "{w.device}" }
                    dd { bdi { "{shown.sender.coordinator.name}" } " " code { "{shown.sender.device}" } }
                }
            }
            p { class: "actions",
                a { class: "button", href: "/reports/{shown.line.digest}/document", "{w.download}" }
            }
        }
    }
}

/// Reports as links, each with level and time.
#[component]
pub(super) fn ReportLinks(title: String, reports: Vec<ReportLine>, language: Language) -> Element {
    let w = words(language);
    rsx! {
        section { class: "block siblings",
            h2 { "{title}" }
            ul {
                for line in &reports {
                    li {
                        if let Some(level) = line.level { LevelBadge { level, language } " " }
                        a { href: "/reports/{line.digest}", "{line.number}" }
                        " · {(w.record.revision)(line.revision)} · {minute(line.received_at)}"
                    }
                }
            }
        }
    }
}
