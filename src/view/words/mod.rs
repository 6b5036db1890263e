//! Every word of the interface, in both languages.
//!
//! A topic is a struct with the two constants beside each other in one file: a missing translation does not
//! compile, and plurals are code. Words are chosen here, at the edge, from the enums of `domain`; an enum that
//! grows stops the build until both languages name the new case.

use crate::domain::text::Language;

pub mod answer;
pub mod console;
pub mod export;
pub mod decide;
pub mod failure;
pub mod first;
pub mod new_site;
pub mod help;
pub mod mine;
pub mod outbox;
pub mod phone;
mod phone_en;
mod phone_zh;
pub mod problem;
pub mod record;
pub mod sheet;
pub mod reports;
pub mod returned;
pub mod review;
pub mod sites;
pub mod start;
pub mod terms;
pub mod today;
pub mod urgent;

/// All words of one language, by topic.
#[derive(Debug)]
pub struct Words {
    /// For the `lang` attribute: `zh-CN`, `en`.
    pub tag: &'static str,
    /// Names of the domain's cases.
    pub terms: terms::Terms,
    /// Answers, limits and reasons.
    pub answer: answer::AnswerWords,
    /// Problems, for the coordinator and the reviewer.
    pub problem: problem::ProblemWords,
    /// The printed record.
    pub record: record::RecordWords,
    /// The sheet.
    pub sheet: sheet::SheetWords,
    /// Failures: what happened to the data and what to do next.
    pub failure: failure::FailureWords,
    /// The first run.
    pub first: first::FirstWords,
    /// Information reports at the bureau.
    pub reports: reports::ReportWords,
    /// Review, signature, the end of a visit.
    pub review: review::ReviewWords,
    /// Reporting at once.
    pub urgent: urgent::UrgentWords,
    /// The fourth tab.
    pub mine: mine::MineWords,
    /// Help, chapter by chapter.
    pub help: [help::Chapter; 5],
    /// The outbox.
    pub outbox: outbox::OutboxWords,
    /// The bureau's console.
    pub console: console::ConsoleWords,
    /// Tables that leave the bureau.
    pub export: export::ExportWords,
}

/// The words of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: Words = Words {
    tag: "zh-CN",
    terms: terms::ZH,
    answer: answer::ZH,
    problem: problem::ZH,
    record: record::ZH,
    sheet: sheet::ZH,
    failure: failure::ZH,
    first: first::ZH,
    reports: reports::ZH,
    review: review::ZH,
    urgent: urgent::ZH,
    mine: mine::ZH,
    help: help::ZH,
    outbox: outbox::ZH,
    console: console::ZH,
    export: export::ZH,
};

static EN: Words = Words {
    tag: "en",
    terms: terms::EN,
    answer: answer::EN,
    problem: problem::EN,
    record: record::EN,
    sheet: sheet::EN,
    failure: failure::EN,
    first: first::EN,
    reports: reports::EN,
    review: review::EN,
    urgent: urgent::EN,
    mine: mine::EN,
    help: help::EN,
    outbox: outbox::EN,
    console: console::EN,
    export: export::EN,
};

/// `1 photo`, `2 photos`: English plurals by the letter s.
pub(crate) fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
