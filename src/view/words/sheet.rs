//! Words of the sheet: what last time was, undoing, photos of the whole place, drafts put aside.
#![expect(missing_docs, reason = "a field's name and its two sentences say what it is")]

use super::plural;
use crate::domain::checklist::Evidence;

/// Words of the sheet.
#[derive(Debug)]
pub struct SheetWords {
    pub sheets: &'static str,
    pub last: fn(&str, &str) -> String,
    pub last_failed: fn(&str) -> String,
    pub if_failed: fn(&str) -> String,
    pub evidence: fn(Evidence) -> &'static str,
    pub to_problems: fn(u32) -> String,
    pub problems: fn(u32) -> String,
    pub undo: &'static str,
    pub changed: fn(&str) -> String,
    pub photo_removed: &'static str,
    pub undo_failed: &'static str,
    pub place_photos: &'static str,
    pub place_photos_what: &'static str,
    pub papers_only: &'static str,
    pub no_photo: &'static str,
    pub interrupted: fn(&str) -> String,
    pub interrupted_what: &'static str,
    pub shoot_again: &'static str,
    pub no_need: &'static str,
    pub more: &'static str,
    pub discard: &'static str,
    pub discarded: &'static str,
    pub discarded_what: &'static str,
    pub to_today: &'static str,
    pub as_many: fn(u32) -> String,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub now: &'static str,
    pub sign: &'static str,
    pub reading_of: fn(usize) -> String,
    pub at_least_readings: fn(u8) -> String,
    pub future: &'static str,
}

/// Chinese.
pub const ZH: SheetWords = SheetWords {
    sheets: "检查表",
    last: |answer, day| format!("上次 {answer} · {day}"),
    last_failed: |problem| format!("不符合：{problem}"),
    if_failed: |level| format!("不符合时 {level}"),
    evidence: |evidence| match evidence {
        Evidence::Verified => "条文已核对",
        Evidence::ItemVerified => "见于检查用表，条号未核对",
        Evidence::Unverified => "条号待核对",
        Evidence::Proposal => "本软件建议，没有条文",
    },
    to_problems: |n| format!("看 {n} 处不符合"),
    problems: |n| format!("问题 {n}"),
    undo: "撤销",
    changed: |item| format!("{item} 的答案改了"),
    photo_removed: "照片拿掉了",
    undo_failed: "没能撤销，现在的内容没有变。请再试一次。",
    place_photos: "单位整体照片",
    place_photos_what: "门头、全景等",
    papers_only: "只拍证件，不要拍到病人和身份证。",
    no_photo: "这一项不拍照：会拍到病人或个人信息。写在备注里就行。",
    interrupted: |item| {
        if item.is_empty() {
            "刚才在拍单位整体照片，拍好了吗？".to_owned()
        } else {
            format!("刚才在拍 {item} 的照片，拍好了吗？")
        }
    },
    interrupted_what: "拍照或选照片没有做完，可能有照片没有收到；其他内容都在。",
    shoot_again: "再拍",
    no_need: "不用了",
    more: "更多",
    discard: "放弃这份草稿",
    discarded: "这份草稿已放弃",
    discarded_what: "内容还在手机里。点“撤销”可以接着填。",
    to_today: "回到今天",
    as_many: |n| format!("实也是 {n}"),
    today: "今天",
    yesterday: "昨天",
    now: "现在",
    sign: "正负号",
    reading_of: |n| format!("第 {n} 个读数"),
    at_least_readings: |n| format!("至少 {n} 个读数"),
    future: "日期在今天以后，请核对",
};

/// English.
pub const EN: SheetWords = SheetWords {
    sheets: "Sheets",
    last: |answer, day| format!("Last time {answer} · {day}"),
    last_failed: |problem| format!("not compliant: {problem}"),
    if_failed: |level| format!("If not: {level}"),
    evidence: |evidence| match evidence {
        Evidence::Verified => "clause checked",
        Evidence::ItemVerified => "in real forms, clause not checked",
        Evidence::Unverified => "clause still to be checked",
        Evidence::Proposal => "this app's own proposal",
    },
    to_problems: |n| format!("See {}", plural(n.into(), "problem")),
    problems: |n| format!("✕ {n}"),
    undo: "Undo",
    changed: |item| format!("The answer to {item} was changed"),
    photo_removed: "The photo was taken out",
    undo_failed: "That could not be undone; nothing has changed. Please try again.",
    place_photos: "Photos of the whole place",
    place_photos_what: "entrance, overview",
    papers_only: "Photograph papers only, no patients and no identity cards.",
    no_photo: "No photo here: it would show patients or personal data. A note is enough.",
    interrupted: |item| {
        if item.is_empty() {
            "You were photographing the place. Did it work?".to_owned()
        } else {
            format!("You were taking a photo for {item}. Did it work?")
        }
    },
    interrupted_what: "Taking or choosing photos did not come to its end. A photo may not have arrived; everything else is here.",
    shoot_again: "Take it again",
    no_need: "Not needed",
    more: "More",
    discard: "Put this draft aside",
    discarded: "This draft was put aside",
    discarded_what: "It is still on the phone. Undo brings it back.",
    to_today: "Back to today",
    as_many: |n| format!("Also {n}"),
    today: "Today",
    yesterday: "Yesterday",
    now: "Now",
    sign: "Plus or minus",
    reading_of: |n| format!("Reading {n}"),
    at_least_readings: |n| format!("At least {}", plural(n.into(), "reading")),
    future: "This day is after today; please check",
};
