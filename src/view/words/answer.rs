//! Words around answers: parts, limits, and why an item fails.

use crate::domain::checklist::Comparator;

/// Words of answers.
#[derive(Debug)]
pub struct AnswerWords {
    /// 符合, as the answer to a yes–no part.
    pub yes: &'static str,
    /// 不符合.
    pub no: &'static str,
    /// 不适用.
    pub not_applicable: &'static str,
    /// 未答.
    pub unanswered: &'static str,
    /// Not measured, with the reason.
    pub not_measured: fn(&str) -> String,
    /// Required and actual.
    pub count: fn(u32, u32) -> String,
    /// In place of a confidential text.
    pub confidential: &'static str,
    /// A reading's instrument in brackets.
    pub instrument: fn(&str) -> String,
    /// Between a label and its value.
    pub colon: &'static str,
    /// Between values.
    pub separator: &'static str,
    /// Between choices.
    pub comma: &'static str,
    /// Before limits: 合格.
    pub compliant: fn(&str) -> String,
    /// A reading past a limit: comparator, limit with unit.
    pub past_limit: fn(Comparator, &str) -> String,
    /// A part answered 否.
    pub is_no: fn(&str) -> String,
    /// Fewer than required.
    pub too_few: fn(u32, u32) -> String,
    /// Past its date.
    pub expired: fn(&str) -> String,
    /// Done too long ago: on, days allowed.
    pub too_old: fn(&str, u16) -> String,
    /// A unit that is a word; none for one that is the same in every language.
    pub unit: fn(&str) -> Option<&'static str>,
    /// A choice that the checklist no longer names.
    pub unknown_choice: fn(&str) -> String,
}

/// Chinese.
pub const ZH: AnswerWords = AnswerWords {
    yes: "符合",
    no: "不符合",
    not_applicable: "不适用",
    unanswered: "未答",
    not_measured: |reason| {
        if reason.is_empty() { "未检".to_owned() } else { format!("未检（{reason}）") }
    },
    count: |required, actual| format!("应 {required} / 实 {actual}"),
    confidential: "保密内容，已加密另存",
    instrument: |instrument| format!("（{instrument}）"),
    colon: "：",
    separator: "；",
    comma: "、",
    compliant: |limits| format!("合格 {limits}"),
    past_limit: |cmp, limit| match cmp {
        Comparator::AtLeast => format!("低于下限 {limit}"),
        Comparator::MoreThan => format!("应大于 {limit}"),
        Comparator::AtMost => format!("高于上限 {limit}"),
        Comparator::LessThan => format!("应小于 {limit}"),
    },
    is_no: |label| if label.is_empty() { "不符合".to_owned() } else { format!("不符合：{label}") },
    too_few: |required, actual| format!("应 {required}，实 {actual}，缺 {}", required.saturating_sub(actual)),
    expired: |on| format!("{on} 已过期"),
    too_old: |on, days| format!("{on} 距今超过 {days} 天"),
    unit: |_| None,
    unknown_choice: |code| format!("检查表中没有的选项 {code}"),
};

/// English.
pub const EN: AnswerWords = AnswerWords {
    yes: "Compliant",
    no: "Not compliant",
    not_applicable: "Not applicable",
    unanswered: "Not answered",
    not_measured: |reason| {
        if reason.is_empty() { "Not measured".to_owned() } else { format!("Not measured ({reason})") }
    },
    count: |required, actual| format!("{actual} of {required}"),
    confidential: "Confidential, kept encrypted apart",
    instrument: |instrument| format!(" ({instrument})"),
    colon: ": ",
    separator: "; ",
    comma: ", ",
    compliant: |limits| format!("Compliant {limits}"),
    past_limit: |cmp, limit| match cmp {
        Comparator::AtLeast => format!("Below the lower limit {limit}"),
        Comparator::MoreThan => format!("Must be above {limit}"),
        Comparator::AtMost => format!("Above the upper limit {limit}"),
        Comparator::LessThan => format!("Must be below {limit}"),
    },
    is_no: |label| if label.is_empty() { "Not compliant".to_owned() } else { format!("Not so: {label}") },
    too_few: |required, actual| {
        format!("{actual} of {required}, {} missing", required.saturating_sub(actual))
    },
    expired: |on| format!("Expired on {on}"),
    too_old: |on, days| format!("{on} is more than {days} days ago"),
    unit: |unit| match unit {
        "人" => Some("people"),
        "班" => Some("classes"),
        "度" => Some("colour units"),
        _ => None,
    },
    unknown_choice: |code| format!("A choice that the checklist lacks: {code}"),
};
