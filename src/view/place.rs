//! Where and when: position lines with accuracy and distance, the phone's clock, people.

use chrono::FixedOffset;
use dioxus::prelude::*;

use super::words::record::metres;
use super::words::words;
use crate::domain::inspection::{Clock, Coordinator, Inspection};
use crate::domain::place::{Fix, Mock};
use crate::domain::text::Language;

/// The best position of a visit: the one of the smallest radius.
pub fn best_fix(document: &Inspection) -> Option<&Fix> {
    document.fixes.iter().min_by_key(|fix| fix.accuracy_m)
}

/// “30.66421, 104.06921 ±6 m”.
pub fn fix_text(fix: &Fix) -> String {
    format!("{} ±{}", fix.place, metres(fix.accuracy_m))
}

/// The position of a visit: coordinates, distance to the registered point, or why there is none.
pub fn position_lines(document: &Inspection, language: Language) -> Vec<String> {
    let w = &words(language);
    if let Some(fix) = best_fix(document) {
        let distance = match document.distance_m() {
            Some(m) => (w.record.distance)(&metres(m)),
            None => w.record.not_registered.to_owned(),
        };
        return vec![fix_text(fix), distance];
    }
    match &document.no_fix {
        Some(none) => {
            let mut lines = vec![(w.record.no_fix)((w.terms.no_fix)(none.reason))];
            if !none.landmark.is_empty() {
                lines.push((w.record.landmark)(&none.landmark));
            }
            lines
        }
        None => vec![w.record.position_missing.to_owned()],
    }
}

/// Position lines as markup.
#[component]
pub fn PositionLines(lines: Vec<String>) -> Element {
    rsx! {
        for line in lines {
            bdi { class: "line", "{line}" }
        }
    }
}

/// Whether the position may be faked.
#[component]
pub fn MockTag(mock: Mock, language: Language) -> Element {
    let class = match mock {
        Mock::No => "ok",
        Mock::Yes => "warn",
        Mock::Unknown => "na",
    };
    rsx! { span { class: "tag {class}", "{(words(language).terms.mock)(mock)}" } }
}

/// What is known of the phone's clock; every jump is named.
#[component]
pub fn ClockTags(clock: Clock, zone: FixedOffset, language: Language) -> Element {
    let w = &words(language).record;
    rsx! {
        match clock.offset_s {
            Some(offset) => rsx! {
                span { class: "tag ok",
                    span { aria_hidden: "true", "✓ " }
                    "{(w.clock_known)(offset)}"
                }
            },
            None => rsx! { span { class: "tag warn", "{w.clock_unknown}" } },
        }
        for jump in &clock.jumps {
            span { class: "tag warn",
                {(w.clock_jumped)(&jump.at.with_timezone(&zone).format("%H:%M:%S").to_string(), jump.by_s)}
            }
        }
    }
}

/// Who inspected, one line each.
#[component]
pub fn PersonLines(people: Vec<Coordinator>, language: Language) -> Element {
    let w = &words(language).record;
    rsx! {
        for person in &people {
            bdi { class: "line", "{(w.person)(&person.name, &person.organisation)}" }
        }
    }
}
