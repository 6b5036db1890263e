//! Small marks: a level, a verdict. Never by colour alone; the word or sign says the same.

use dioxus::prelude::*;

use super::words::words;
use crate::domain::checklist::Level;
use crate::domain::judge::Verdict;
use crate::domain::text::Language;

/// The class that colours a level.
pub fn level_class(level: Level) -> &'static str {
    match level {
        Level::A => "bad",
        Level::B => "warn",
        Level::C | Level::I => "na",
    }
}

/// “B 需上报”.
#[component]
pub fn LevelBadge(level: Level, language: Language) -> Element {
    let text = words(language).terms.level_badge(level);
    rsx! { span { class: "tag {level_class(level)}", "{text}" } }
}

/// “B 2”: how many failed items of a level; the meaning is there for those who hear the page.
#[component]
pub fn LevelCount(level: Level, count: u32, language: Language) -> Element {
    let meaning = words(language).terms.level_badge(level);
    rsx! {
        span { class: "tag {level_class(level)}", title: "{meaning}",
            "{level.letter()} {count}"
        }
    }
}

/// ✓ 符合, ✕ 不符合, – 不适用.
#[component]
pub fn VerdictMark(verdict: Verdict, language: Language) -> Element {
    let (class, sign) = match verdict {
        Verdict::Pass => ("ok", "✓"),
        Verdict::Fail => ("bad", "✕"),
        Verdict::Open => ("warn", "?"),
        Verdict::Hidden | Verdict::NotApplicable | Verdict::Recorded => ("na", "–"),
    };
    let word = (words(language).terms.verdict)(verdict);
    rsx! {
        span { class: "verdict {class}",
            span { aria_hidden: "true", "{sign}" }
            " {word}"
        }
    }
}
