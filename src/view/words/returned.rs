//! Words of a record that the bureau sent back, on the phone.
#![expect(missing_docs, reason = "a field's name and its two sentences below say what it is")]

use super::plural;
use crate::domain::text::Language;

/// The words in one language.
#[derive(Debug)]
pub struct ReturnedWords {
    pub title: &'static str,
    /// Who, when.
    pub by: fn(&str, &str) -> String,
    pub number: fn(&str) -> String,
    pub on_items: fn(usize) -> String,
    pub answered: &'static str,
    pub correct: &'static str,
    pub kept: &'static str,
    /// The correction is half done.
    pub begun: &'static str,
    pub go_on: &'static str,
    pub anothers: fn(&str) -> String,
    pub other_copy: &'static str,
    pub elsewhere: &'static str,
    pub see: &'static str,
    pub over: &'static str,
    pub over_what: &'static str,
    // While it is corrected.
    pub draft: fn(&str) -> String,
    pub first: fn(usize) -> String,
    pub next: &'static str,
    pub only_whole: &'static str,
    pub taken_back: &'static str,
    pub accepted_meanwhile: &'static str,
    pub sign_again: &'static str,
    pub section: fn(usize) -> String,
    pub original_away: &'static str,
    // What became of it.
    pub accepted: &'static str,
    pub returned: &'static str,
    pub verdict: &'static str,
    pub other_counts: &'static str,
}

/// The words in a language.
pub fn returned_words(language: Language) -> &'static ReturnedWords {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

static ZH: ReturnedWords = ReturnedWords {
    title: "退回的记录",
    by: |who, when| format!("{who} · {when}"),
    number: |number| format!("编号 {number}"),
    on_items: |n| format!("{n} 项有意见"),
    answered: "当时填的：",
    correct: "修改",
    kept: "答案、照片、备注都已带好，只改要改的；改完请对方重新签字。",
    begun: "正在改，还没交上去。改的都在，接着改完，请对方重新签字。",
    go_on: "接着改",
    anothers: |name| format!("这份是{name}做的，请{name}在“我的”里换成自己再改。"),
    other_copy: "监督机构采用了另一台手机发的那一份，请在那台手机上改。这台手机上的也在，没有丢。",
    elsewhere: "这份记录不在这台手机上，请在原来的手机上改。手机换了或丢了，请告诉监督机构，他们收回后这里就不再显示。",
    see: "看意见",
    over: "这份不用改了",
    over_what: "已经改好，或监督机构收回了意见。",
    draft: |site| format!("{site} · 退回修改"),
    first: |n| if n == 1 { "去看这条意见".to_owned() } else { format!("逐条看 {n} 条意见") },
    next: "下一条意见",
    only_whole: "改好后到“核对并签字”里完成。",
    taken_back: "监督机构收回了退回意见。你改的都在，可以继续改完再交，也可以放一边。",
    accepted_meanwhile: "监督机构已经通过了这份记录。你改的都在，可以继续改完再交，也可以放一边。",
    sign_again: "内容可能改过，原来的签字不再算数，请重新签；对方不在，选“不在场”并写明原因。",
    section: |n| format!("{n} 条意见"),
    original_away: "原图已在监督机构，为腾地方从这台手机删了；这里是带水印的照片。",
    accepted: "已通过",
    returned: "已退回",
    verdict: "审核",
    other_counts: "监督机构采用了另一台手机发的那一份；这份仍然保存着。",
};

static EN: ReturnedWords = ReturnedWords {
    title: "Returned record",
    by: |who, when| format!("{who} · {when}"),
    number: |number| format!("Number {number}"),
    on_items: |n| format!("{} with a comment", plural(n as u64, "item")),
    answered: "You answered: ",
    correct: "Correct",
    kept: "Answers, photos and notes are filled in already. Change what must be changed, then let the site sign again.",
    begun: "You are correcting this and have not handed it in yet. All you changed is here; finish it and let the site sign again.",
    go_on: "Go on correcting",
    anothers: |name| format!("{name} made this one. Let {name} take over under “Me” and correct it."),
    other_copy: "The bureau goes by the copy that another phone sent; correct it there. The one on this phone is kept.",
    elsewhere: "This record is not on this phone; correct it where it was made. If that phone is replaced or lost, tell the bureau: once they take it back, it is not shown here any more.",
    see: "See",
    over: "Nothing to correct any more",
    over_what: "It is corrected already, or the bureau took its comments back.",
    draft: |site| format!("{site} · correction"),
    first: |n| if n == 1 { "See the comment".to_owned() } else { format!("Go through {n} comments") },
    next: "Next comment",
    only_whole: "When done, finish it under “Check and sign”.",
    taken_back: "The bureau took its return back. All you changed is here; finish it, or put it aside.",
    accepted_meanwhile: "The bureau has accepted this record. All you changed is here; finish it, or put it aside.",
    sign_again: "The text may have changed, so the old signature does not count: sign again, or say that nobody is there and why.",
    section: |n| plural(n as u64, "comment"),
    original_away: "The original is at the bureau and was removed here to make room; this is the stamped copy.",
    accepted: "Accepted",
    returned: "Returned",
    verdict: "Review",
    other_counts: "The bureau goes by the copy that another phone sent; this one is kept.",
};
