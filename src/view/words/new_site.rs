//! Words for a site made in the field.
#![expect(missing_docs, reason = "a field's name and its two sentences say what it is")]

use crate::domain::text::Language;

/// The words in one language.
#[derive(Debug)]
pub struct NewSiteWords {
    pub title: &'static str,
    pub what: &'static str,
    pub add: &'static str,
    pub searching: &'static str,
    pub here: fn(u32) -> String,
    pub here_what: &'static str,
    pub nowhere_what: &'static str,
    pub name: &'static str,
    pub name_example: &'static str,
    pub nickname: &'static str,
    pub nickname_example: &'static str,
    pub address: &'static str,
    pub address_example: &'static str,
    pub kind: &'static str,
    pub township: &'static str,
    pub not_enough: &'static str,
    pub keep: &'static str,
    pub keep_and_start: &'static str,
    pub start_photo: &'static str,
    pub left_before: &'static str,
    pub afresh: &'static str,
}

/// The words for a site made in the field, in a language.
pub fn new_site_words(language: Language) -> &'static NewSiteWords {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: NewSiteWords = NewSiteWords {
    title: "新增单位",
    what: "没有名称、没有证照的地方也能记",
    add: "＋ 新增单位",
    searching: "正在定位…",
    here: |metres| format!("位置就记这里，±{metres} 米"),
    here_what: "请站在门口再存。",
    nowhere_what: "没有位置也能存，请把地址写清楚。",
    name: "名称（有招牌就照招牌写，没有就空着）",
    name_example: "例如：示例镇百例大药房",
    nickname: "大家怎么叫它",
    nickname_example: "例如：老街“牙科”",
    address: "在哪里（照大家的说法）",
    address_example: "例如：菜市场后门第三间，蓝色卷帘门",
    kind: "是什么地方（可多选）",
    township: "属于哪个乡镇",
    not_enough: "选一个类别，再写下名称、叫法或地址中的一样，就能存。",
    keep: "只存下",
    keep_and_start: "存下，开始巡查",
    start_photo: "拍门面照并开始",
    left_before: "上次写了没存，接着写就行。",
    afresh: "重新写",
};

static EN: NewSiteWords = NewSiteWords {
    title: "New site",
    what: "Places without a name or a licence too",
    add: "＋ New site",
    searching: "Looking for the position…",
    here: |metres| format!("Its place is here, ±{metres} m"),
    here_what: "Stand at the door when you keep it.",
    nowhere_what: "It can be kept without a position; describe the address well.",
    name: "Name (as on the sign; empty without one)",
    name_example: "For example the words over the door",
    nickname: "What people call it",
    nickname_example: "For example the dentist in the old street",
    address: "Where it is, as people say",
    address_example: "For example third door behind the market, blue shutter",
    kind: "What it is (one or more)",
    township: "Township",
    not_enough: "Choose a kind and write a name, what people call it, or where it is.",
    keep: "Keep only",
    keep_and_start: "Keep and begin a visit",
    start_photo: "Photograph the door and begin",
    left_before: "Written last time and not kept; just go on.",
    afresh: "Begin anew",
};
