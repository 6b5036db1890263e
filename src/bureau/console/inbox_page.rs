//! The inbox as markup.

use dioxus::prelude::*;

use super::decide_page::standing_class;
use super::inbox::Wanted;
use super::page::with_pair;
use crate::bureau::storage::inbox::{InboxCounts, InboxRow, Status};
use crate::domain::checklist::Level;
use crate::domain::review::Standing;
use crate::domain::site::Township;
use crate::domain::text::Language;
use crate::view::badge::LevelCount;
use crate::view::words::decide::decide_words;
use crate::view::words::record::metres;
use crate::view::words::words;

/// One record in the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) row: InboxRow,
    pub(super) received: String,
    pub(super) checklists: String,
    /// Farther from the registered point than the county's fence.
    pub(super) outside: bool,
}

/// A page of the inbox with what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct List {
    pub(super) lines: Vec<Line>,
    pub(super) matching: u64,
    pub(super) counts: InboxCounts,
    /// To choose from; empty for an account of one township.
    pub(super) townships: Vec<Township>,
    /// Number of the first line among those that match.
    pub(super) first: u64,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
    /// The filters as a query, without the page.
    pub(super) query: String,
    /// Whether the reader may take the records away as a table.
    pub(super) exports: bool,
    pub(super) wanted: Wanted,
}

#[component]
pub(super) fn InboxPage(list: List, language: Language) -> Element {
    let w = &words(language).console;
    let nothing_yet = list.counts.total == 0;
    rsx! {
        div { class: "title",
            h1 { "{w.inbox}" }
            span { class: "tag na", "{(w.list.today)(list.counts.today)}" }
        }
        if nothing_yet {
            section { class: "message",
                h2 { "{w.list.empty}" }
                p { "{w.list.empty_next}" }
            }
        } else {
            Filters { list: list.clone(), language }
            if list.lines.is_empty() {
                section { class: "message",
                    h2 { "{w.list.none_fit}" }
                    p { a { class: "button", href: "/", "{w.list.clear}" } }
                }
            } else {
                Table { lines: list.lines.clone(), language }
                Pages { list: list.clone(), language }
                if list.exports {
                    Exports { township: list.wanted.township.clone(), language }
                }
            }
        }
    }
}

/// A filter that a click sets or lifts.
#[component]
fn Chip(text: String, count: Option<u64>, on: bool, set: String, lifted: String) -> Element {
    let href = if on { lifted } else { set };
    rsx! {
        a {
            class: if on { "chip on" } else { "chip" },
            href: "/{href}",
            "aria-current": if on { "true" } else { "false" },
            "{text}"
            if let Some(count) = count { span { class: "chip-count", " {count}" } }
            if on { span { aria_hidden: "true", " ✕" } }
        }
    }
}

#[component]
fn Filters(list: List, language: Language) -> Element {
    let w = words(language);
    let l = &w.console.list;
    let (query, wanted) = (&list.query, &list.wanted);
    let query = query.trim_start_matches('?');
    let set = |key: &str, pair: &str| with_pair(query, key, Some(pair));
    let lifted = |key: &str| with_pair(query, key, None);
    let failed: u64 = list.counts.levels.values().sum();
    rsx! {
        nav { class: "chips", "aria-label": "{l.filters}",
            for standing in Standing::ALL {
                Chip {
                    text: (decide_words(language).standing)(standing),
                    count: list.counts.standings.get(&standing).copied().unwrap_or(0),
                    on: wanted.standing() == Some(standing),
                    set: set("state", &format!("state={}", standing.name())),
                    lifted: lifted("state"),
                }
            }
            span { class: "chip-gap" }
            for level in [Level::A, Level::B, Level::C] {
                Chip {
                    text: w.terms.level_badge(level),
                    count: list.counts.levels.get(&level).copied().unwrap_or(0),
                    on: wanted.level() == Some(level),
                    set: set("level", &format!("level={}", level.letter())),
                    lifted: lifted("level"),
                }
            }
            Chip {
                text: l.only_failed, count: failed, on: wanted.failed == "1",
                set: set("failed", "failed=1"), lifted: lifted("failed"),
            }
            Chip {
                text: l.only_incomplete, count: list.counts.waiting, on: wanted.waiting == "1",
                set: set("waiting", "waiting=1"), lifted: lifted("waiting"),
            }
        }
        Search { list: list.clone(), language }
    }
}

/// What cannot be a link: township and text. The chips' choices go along unseen.
#[component]
fn Search(list: List, language: Language) -> Element {
    let l = &words(language).console.list;
    let wanted = &list.wanted;
    let kept = [
        ("state", &wanted.state),
        ("level", &wanted.level),
        ("failed", &wanted.failed),
        ("waiting", &wanted.waiting),
    ];
    rsx! {
        form { class: "search", method: "get", action: "/", role: "search",
            for (name, value) in kept.into_iter().filter(|(_, value)| !value.is_empty()) {
                input { r#type: "hidden", name, value: "{value}" }
            }
            if !list.townships.is_empty() {
                select { name: "township", "aria-label": "{l.township}",
                    option { value: "", selected: wanted.township.is_empty(), "{l.all_townships}" }
                    for township in &list.townships {
                        option {
                            value: "{township.code}",
                            selected: wanted.township == township.code,
                            "{township.name}"
                        }
                    }
                }
            }
            input {
                r#type: "search", name: "text", value: "{wanted.text}", maxlength: "100",
                placeholder: "{l.search_hint}", "aria-label": "{l.search}", dir: "auto",
            }
            button { class: "button", r#type: "submit", "{l.apply}" }
        }
    }
}

#[component]
fn Table(lines: Vec<Line>, language: Language) -> Element {
    let l = &words(language).console.list;
    rsx! {
        table { class: "inbox",
            thead {
                tr {
                    th { scope: "col", "{l.received}" }
                    th { scope: "col", "{l.site}" }
                    th { scope: "col", "{l.checklist}" }
                    th { scope: "col", "{l.coordinator}" }
                    th { scope: "col", class: "n", "{l.failed}" }
                    th { scope: "col", "{decide_words(language).state}" }
                    th { scope: "col", "{l.evidence}" }
                }
            }
            tbody {
                for line in lines { Row { line, language } }
            }
        }
    }
}

#[component]
fn Row(line: Line, language: Language) -> Element {
    let w = words(language);
    let l = &w.console.list;
    let row = &line.row;
    let distance = row.distance_m.map(|m| (w.record.distance)(&metres(m)));
    let complete = row.status() == Status::Complete;
    rsx! {
        tr {
            td { class: "when",
                time { "{line.received}" }
                small { "{row.number}" }
            }
            td { class: "site",
                a { href: "/records/{row.digest}", bdi { "{row.site_title}" } }
                small {
                    bdi { "{row.township.name}" }
                    if let Some(distance) = distance {
                        " · "
                        if line.outside { span { class: "warn-text", "{distance}" } } else { "{distance}" }
                    }
                    if row.revision > 1 { " · {(l.revision)(row.revision)}" }
                }
            }
            td { class: "list", bdi { "{line.checklists}" } }
            td { class: "person", bdi { "{row.coordinator_name}" } }
            td { class: "n",
                if row.failed.is_empty() { span { class: "soft", "0" } }
                for (level, count) in row.failed.iter().rev() {
                    LevelCount { level: *level, count: *count, language }
                    " "
                }
            }
            td { class: "state",
                span { class: standing_class(row.standing), "{(decide_words(language).standing)(row.standing)}" }
                if row.twins { span { class: "tag warn", "{decide_words(language).twins}" } }
            }
            td { class: "files",
                if row.blobs == 0 {
                    span { class: "soft", "{l.no_photos}" }
                } else {
                    span { class: if complete { "tag ok" } else { "tag warn" },
                        if complete { "{l.complete}" } else { "{l.incomplete}" }
                    }
                    small { "{(l.files)(u64::from(row.blobs_held), u64::from(row.blobs))}" }
                }
            }
        }
    }
}

#[component]
fn Pages(list: List, language: Language) -> Element {
    let l = &words(language).console.list;
    let last = list.first + list.lines.len() as u64 - 1;
    rsx! {
        nav { class: "pages", "aria-label": "{l.pages}",
            span { class: "soft", "{(l.range)(list.first, last, list.matching)}" }
            span { class: "grow" }
            if let Some(newer) = &list.newer { a { class: "button", href: "/{newer}", rel: "prev", "← {l.newer}" } }
            if let Some(older) = &list.older { a { class: "button", href: "/{older}", rel: "next", "{l.older} →" } }
        }
    }
}

/// Everything of the township, or of all, as a file.
#[component]
fn Exports(township: String, language: Language) -> Element {
    let w = &words(language).export;
    // A code is letters and digits; whatever else stands in the address chooses nothing.
    let township: String = township.chars().filter(char::is_ascii_alphanumeric).collect();
    rsx! {
        p { class: "pages",
            a { class: "button", href: "/export/records?township={township}", download: "", "{w.csv}" }
            " "
            a { class: "button", href: "/export/records?format=jsonl&township={township}", download: "", "{w.jsonl}" }
        }
    }
}
