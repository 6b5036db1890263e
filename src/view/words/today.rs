//! Words of the first tab.
#![expect(missing_docs, reason = "a field's name and its two sentences say what it is")]

use crate::domain::text::Language;

/// The words in one language.
#[derive(Debug)]
pub struct TodayWords {
    pub title: &'static str,
    pub to_visit: fn(usize) -> String,
    pub drafts: fn(usize) -> String,
    pub to_correct: fn(usize) -> String,
    pub sent_back: fn(usize) -> String,
    pub more_due: fn(usize) -> String,
    pub nothing_due: &'static str,
    pub next_due: fn(&str, &str) -> String,
    pub none_asked: &'static str,
    pub no_sites: &'static str,
    pub no_sites_what: &'static str,
    pub to_sites: &'static str,
    pub to_outbox: &'static str,
    pub go_on: &'static str,
    pub draft: fn(&str) -> String,
    /// Item, answered, of how many, when.
    pub draft_line: fn(&str, u32, u32, &str) -> String,
    pub today_at: fn(&str) -> String,
    pub yesterday_at: fn(&str) -> String,
    pub resume: &'static str,
    pub look: &'static str,
    pub returned: fn(&str) -> String,
    pub returned_by: fn(&str, &str) -> String,
    pub returned_more: fn(usize) -> String,
}

/// The words of the first tab in a language.
pub fn today_words(language: Language) -> &'static TodayWords {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: TodayWords = TodayWords {
    title: "今天",
    to_visit: |n| format!("今天 {n} 处要去"),
    drafts: |n| format!("{n} 份巡查没做完"),
    to_correct: |n| format!("{n} 份退回的要改"),
    sent_back: |n| format!("退回 {n} 份"),
    more_due: |n| format!("这个月还有 {n} 处要去"),
    nothing_due: "这个月要去的都去过了",
    next_due: |site, when| format!("下一处：{site}，{when}"),
    none_asked: "这些单位没有规定的次数，想去随时可以去。",
    no_sites: "还没有单位",
    no_sites_what: "正在等监督机构发来。到“上传”里可以看到网络通不通。",
    to_sites: "选一个单位巡查",
    to_outbox: "看看网络",
    go_on: "接着做",
    draft: |site| format!("{site} · 草稿"),
    draft_line: |item, answered, total, when| match (item, answered) {
        ("", _) | (_, 0) => format!("还没开始答，{when}"),
        (item, answered) => format!("停在 {item}，已答 {answered}/{total}，{when}"),
    },
    today_at: |time| format!("今天 {time}"),
    yesterday_at: |time| format!("昨天 {time}"),
    resume: "继续",
    look: "查看",
    returned: |site| format!("退回：{site}"),
    returned_by: |who, what| format!("{who}：{what}"),
    returned_more: |n| format!("还有 {n} 条意见"),
};

static EN: TodayWords = TodayWords {
    title: "Today",
    to_visit: |n| format!("{} to visit today", super::plural(n as u64, "place")),
    drafts: |n| format!("{} to finish", super::plural(n as u64, "visit")),
    to_correct: |n| format!("{} to correct", super::plural(n as u64, "record")),
    sent_back: |n| format!("{n} returned"),
    more_due: |n| format!("{n} more this month"),
    nothing_due: "Everything due this month is done",
    next_due: |site, when| format!("Next: {site}, {when}"),
    none_asked: "No number of visits is asked for these sites; go whenever you like.",
    no_sites: "No sites yet",
    no_sites_what: "They come from the bureau. “Outbox” shows whether the network works.",
    to_sites: "Choose a site",
    to_outbox: "Look at the network",
    go_on: "Go on with",
    draft: |site| format!("{site} · draft"),
    draft_line: |item, answered, total, when| match (item, answered) {
        ("", _) | (_, 0) => format!("Nothing answered yet, {when}"),
        (item, answered) => format!("At {item}, {answered}/{total} answered, {when}"),
    },
    today_at: |time| format!("today {time}"),
    yesterday_at: |time| format!("yesterday {time}"),
    resume: "Go on",
    look: "Look",
    returned: |site| format!("Returned: {site}"),
    returned_by: |who, what| format!("{who}: {what}"),
    returned_more: |n| format!("{} more", super::plural(n as u64, "comment")),
};
