//! Words before a visit: where, what, why, with whom.
#![expect(missing_docs, reason = "a field's name and its two sentences say what it is")]

use crate::domain::text::Language;

/// The words in one language.
#[derive(Debug)]
pub struct StartWords {
    pub searching: &'static str,
    pub searching_what: &'static str,
    pub near: fn(&str) -> String,
    pub far_off: fn(&str) -> String,
    pub no_place: &'static str,
    pub checklists: &'static str,
    pub no_checklist: &'static str,
    pub checklist_line: fn(usize, &str) -> String,
    pub choose_one: &'static str,
    pub why_visit: &'static str,
    pub with_whom: &'static str,
    pub alone: &'static str,
    pub no_colleagues: &'static str,
    pub start_visit: &'static str,
}

/// The words before a visit in a language.
pub fn start_words(language: Language) -> &'static StartWords {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: StartWords = StartWords {
    searching: "正在定位…",
    searching_what: "不用等，可以先开始；定到了会自动记下。没有信号的地方，写个附近的标志也行。",
    near: |far| format!("离登记位置 {far}"),
    far_off: |far| format!("离登记位置 {far}，可能走错了；照样可以开始。"),
    no_place: "这个单位还没有登记位置，这次的位置会记在巡查里。",
    checklists: "查什么",
    no_checklist: "这台手机上还没有这类单位的检查表，暂时不能在手机上巡查。监督机构发布后会自动下载。",
    checklist_line: |items, version| format!("{items} 项 · 版本 {version}"),
    choose_one: "请至少选一张检查表。",
    why_visit: "为什么来",
    with_whom: "和谁一起",
    alone: "我一个人",
    no_colleagues: "还没有同事名单。联网后会自动下载；一个人也可以巡查。",
    start_visit: "开始巡查",
};

static EN: StartWords = StartWords {
    searching: "Looking for the position…",
    searching_what: "No need to wait: begin, and it is kept when it comes. Without a signal, a landmark will do.",
    near: |far| format!("{far} from the registered place"),
    far_off: |far| {
        format!("{far} from the registered place: perhaps the wrong one. You can begin all the same.")
    },
    no_place: "This site has no registered place yet; today's position goes into the visit.",
    checklists: "What to check",
    no_checklist: "This phone has no checklist for this kind of site yet, so it cannot be inspected here. It comes by itself once the bureau publishes it.",
    checklist_line: |items, version| format!("{} · version {version}", super::plural(items as u64, "item")),
    choose_one: "Choose at least one checklist.",
    why_visit: "Why this visit",
    with_whom: "Together with",
    alone: "Just me",
    no_colleagues: "No names of colleagues yet; they come with the network. One person can inspect too.",
    start_visit: "Begin the visit",
};
