//! Words of the sites: looking for one, its page.
#![expect(missing_docs, reason = "a field's name and its two sentences say what it is")]

use crate::domain::text::Language;

/// The words in one language.
#[derive(Debug)]
pub struct SiteWords {
    // The list.
    pub n_sites: fn(usize) -> String,
    pub search: &'static str,
    pub clear: &'static str,
    pub how_far: &'static str,
    pub kind: &'static str,
    pub all_kinds: &'static str,
    pub distance: &'static str,
    pub any_distance: &'static str,
    pub within: fn(&str) -> String,
    pub no_sites: &'static str,
    pub nothing_found: &'static str,
    pub nothing_near: &'static str,
    pub show_all: &'static str,
    pub more: fn(usize) -> String,
    pub never_visited: &'static str,
    pub last_good: fn(&str) -> String,
    pub last_bad: fn(&str, usize, &str) -> String,
    // When it is due.
    pub overdue: fn(u32) -> String,
    pub this_week: &'static str,
    pub this_month: &'static str,
    pub until: fn(u32, u32) -> String,
}

/// The words of the sites in a language.
pub fn site_words(language: Language) -> &'static SiteWords {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: SiteWords = SiteWords {
    n_sites: |n| format!("{n} 个单位"),
    search: "名称、拼音、地址、电话、证号",
    clear: "清空",
    how_far: "离我多远",
    kind: "类别",
    all_kinds: "全部",
    distance: "距离",
    any_distance: "不限远近",
    within: |far| format!("{far} 内"),
    no_sites: "还没有单位。登记后会自动下载；已登记的，请在“上传”里点“现在再试”。",
    nothing_found: "没有找到。换个字试试，也可以打拼音首字母、地名或电话。",
    nothing_near: "这个范围里没有。放宽类别或距离再看看。",
    show_all: "看全部单位",
    more: |n| format!("还有 {n} 个，再看一些"),
    never_visited: "还没去过",
    last_good: |day| format!("上次 {day} 没有问题"),
    last_bad: |day, n, first| format!("上次 {day} {n} 项不符合：{first}"),
    overdue: |days| format!("逾期 {days} 天"),
    this_week: "本周内",
    this_month: "本月内",
    until: |month, day| format!("{month}月{day}日前"),
};

static EN: SiteWords = SiteWords {
    n_sites: |n| super::plural(n as u64, "site"),
    search: "Name, pinyin, address, phone, licence",
    clear: "Clear",
    how_far: "How far",
    kind: "Kind",
    all_kinds: "All",
    distance: "Distance",
    any_distance: "Any distance",
    within: |far| format!("Within {far}"),
    no_sites: "No sites yet. They come by themselves after enrolment; if you are enrolled, touch “Try now” under Upload.",
    nothing_found: "Nothing found. Try another word, the initials in pinyin, a place or a telephone number.",
    nothing_near: "Nothing here. Widen the kind or the distance.",
    show_all: "Show all sites",
    more: |n| format!("{n} more, show some"),
    never_visited: "Not visited yet",
    last_good: |day| format!("Last visit {day}: no problems"),
    last_bad: |day, n, first| format!("Last visit {day}: {n} not compliant: {first}"),
    overdue: |days| format!("{} late", super::plural(u64::from(days), "day")),
    this_week: "this week",
    this_month: "this month",
    until: |month, day| format!("by {day}/{month}"),
};
