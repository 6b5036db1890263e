//! Reporting at once: the immediate sheet, its banner, the report in writing.

use super::plural;
use crate::domain::checklist::Level;
use crate::domain::report::{How, Outcome};

/// Words of reporting.
#[derive(Debug)]
pub struct UrgentWords {
    /// Title of the sheet.
    pub title: &'static str,
    /// What to do, in one breath.
    pub what_to_do: &'static str,
    /// Who decides what it is.
    pub not_yours_to_judge: &'static str,
    /// What is reported, above the list.
    pub found: &'static str,
    /// Nothing to report (any more).
    pub nothing: &'static str,
    /// What that means.
    pub nothing_next: &'static str,
    /// Until when, and how many minutes are left.
    pub due: fn(&str, i64) -> String,
    /// The time is over.
    pub overdue: fn(&str) -> String,
    /// First step.
    pub call_first: &'static str,
    /// No number is known.
    pub no_hotline: &'static str,
    /// What to do then.
    pub no_hotline_next: &'static str,
    /// Numbers that work everywhere.
    pub public_numbers: &'static str,
    /// 120.
    pub ambulance: &'static str,
    /// 12345.
    pub citizens_line: &'static str,
    /// In practice nobody is called.
    pub practice: &'static str,
    /// Telephone.
    pub call: &'static str,
    /// Text message.
    pub sms: &'static str,
    /// Name of a number's button, for screen readers.
    pub call_to: fn(&str) -> String,
    /// The same for a text message.
    pub sms_to: fn(&str) -> String,
    /// The message that is prepared.
    pub sms_ready: &'static str,
    /// Another telephone was used.
    pub other_phone: &'static str,
    /// Who is written down then.
    pub other_phone_title: &'static str,
    /// Tries so far.
    pub attempts: &'static str,
    /// What came of this try?
    pub asked: fn(How) -> &'static str,
    /// What came of it, as an answer or as said before.
    pub outcome: fn(How, Outcome) -> &'static str,
    /// Say it differently.
    pub change: &'static str,
    /// Second step.
    pub then_write: &'static str,
    /// What is written.
    pub content: &'static str,
    /// So many characters of 500.
    pub chars: fn(usize) -> String,
    /// More than 500.
    pub too_long: &'static str,
    /// The content was typed and the findings say something else.
    pub differs: &'static str,
    /// Write it anew from the findings.
    pub again: &'static str,
    /// Seals and sends the report.
    pub send: &'static str,
    /// Seals and sends what came after.
    pub send_more: &'static str,
    /// What sending means.
    pub send_note: &'static str,
    /// Sealed, not yet with the bureau: at what time.
    pub sealed: fn(&str) -> String,
    /// The bureau has it.
    pub received: fn(&str) -> String,
    /// Nobody is enrolled: what happens to the report.
    pub not_enrolled: &'static str,
    /// Back to the sheet.
    pub go_on: &'static str,
    /// The banner over the sheet: how many findings of level A.
    pub banner: fn(usize) -> String,
    /// Its second line: tries made, until when in writing.
    pub banner_open: fn(usize, &str) -> String,
    /// Its second line once it is written.
    pub banner_done: fn(usize) -> String,
    /// Opens the sheet.
    pub banner_go: &'static str,
    /// The same findings once the written report is sealed.
    pub reported: fn(usize) -> String,
    /// The way to what was reported.
    pub see_report: &'static str,
    /// What a level means, for whoever reads the findings.
    pub level_means: fn(Level) -> &'static str,
}

/// Chinese.
pub const ZH: UrgentWords = UrgentWords {
    title: "马上报告",
    what_to_do: "先打电话，再把书面报告发出去。",
    not_yours_to_judge: "是不是大事由监督机构判断，你只管报。报完接着巡查。",
    found: "要报告的情况",
    nothing: "现在没有要马上报告的情况",
    nothing_next: "答案改过了，就不用报了。已经打过的电话还留着。",
    due: |time, minutes| {
        let left = match (minutes / 60, minutes % 60) {
            (0, m) => format!("{m} 分钟"),
            (h, 0) => format!("{h} 小时"),
            (h, m) => format!("{h} 小时 {m} 分钟"),
        };
        format!("书面报告最晚 {time} 发出，还有 {left}")
    },
    overdue: |time| format!("书面报告应在 {time} 前发出，已经过了，请现在就发"),
    call_first: "第一步：打电话",
    no_hotline: "还没有监督机构电话",
    no_hotline_next: "登记以后，电话会自动出现在这里。现在先打你知道的号码，比如卫生院防保科，打完点下面的“打了别的电话”。",
    public_numbers: "全国通用",
    ambulance: "急救（有人发病、中毒）",
    citizens_line: "政务服务热线",
    practice: "现在是练习：点了不会真的打出去，也不会发出报告。",
    call: "打电话",
    sms: "发短信",
    call_to: |who| format!("打电话给{who}"),
    sms_to: |who| format!("发短信给{who}"),
    sms_ready: "短信已经写好：",
    other_phone: "打了别的电话",
    other_phone_title: "别的电话",
    attempts: "联系记录",
    asked: |how| match how {
        How::Call => "打通了吗？",
        How::Sms => "短信发出去了吗？",
    },
    outcome: |how, outcome| match (how, outcome) {
        (How::Call, Outcome::Reached) => "打通了",
        (How::Call, Outcome::NoAnswer) => "没人接",
        (How::Sms, Outcome::Reached) => "发出去了",
        (How::Sms, Outcome::NoAnswer) => "没发成",
        (_, Outcome::NotKnown) => "不清楚",
    },
    change: "改",
    then_write: "第二步：书面报告",
    content: "报告内容：在哪里、发现了什么",
    chars: |n| format!("{n}/500 字"),
    too_long: "超过 500 字了，请删短一些。现在发也能收到。",
    differs: "内容是你写的，和现在查到的情况不一样了。",
    again: "重新生成",
    send: "发出书面报告",
    send_more: "补发新情况",
    send_note: "发出后巡查可以接着做，做完不会重复报。没有网络也先存好，一有网络最先发出。",
    sealed: |time| format!("{time} 已存好，一有网络最先发出"),
    received: |time| format!("{time} 已报告，监督机构收到了"),
    not_enrolled: "这台手机还没登记，书面报告先存在草稿里，登记后完成巡查时会发出。电话现在就能打。",
    go_on: "接着巡查",
    banner: |n| {
        if n == 1 { "有 1 项要马上报告".to_owned() } else { format!("有 {n} 项要马上报告") }
    },
    banner_open: |tries, time| match tries {
        0 => format!("先打电话，{time} 前发书面报告"),
        n => format!("已联系 {n} 次，{time} 前发书面报告"),
    },
    banner_done: |tries| format!("书面报告已存好，联系了 {tries} 次"),
    banner_go: "去报告",
    reported: |n| format!("{n} 项已经报告"),
    see_report: "看报告",
    level_means: |level| match level {
        Level::A => "马上打电话，两小时内书面报告",
        Level::B => "当天报告监督机构，完成后自动发出",
        Level::C => "现场说清楚怎么改，下次来看",
        Level::I => "只记录",
    },
};

/// English.
pub const EN: UrgentWords = UrgentWords {
    title: "Report now",
    what_to_do: "Telephone first, then send the written report.",
    not_yours_to_judge: "The bureau judges how serious it is; you only report. Then go on with the visit.",
    found: "To be reported",
    nothing: "Nothing needs an immediate report now",
    nothing_next: "The answer was changed, so there is nothing to report. Calls already made are kept.",
    due: |time, minutes| {
        let left = match (minutes / 60, minutes % 60) {
            (0, m) => format!("{m} min"),
            (h, 0) => format!("{h} h"),
            (h, m) => format!("{h} h {m} min"),
        };
        format!("Send the written report by {time}, {left} left")
    },
    overdue: |time| format!("The written report was due at {time}. Please send it now"),
    call_first: "First: telephone",
    no_hotline: "No number of the bureau yet",
    no_hotline_next: "Once this phone is enrolled, the numbers appear here by themselves. For now call a number you know, such as the township hospital, then touch “Used another phone”.",
    public_numbers: "Everywhere in the country",
    ambulance: "Ambulance (illness, poisoning)",
    citizens_line: "Government service line",
    practice: "This is practice: nobody is really called, and no report is sent.",
    call: "Call",
    sms: "Text",
    call_to: |who| format!("Call {who}"),
    sms_to: |who| format!("Send a text to {who}"),
    sms_ready: "The message is ready:",
    other_phone: "Used another phone",
    other_phone_title: "Another phone",
    attempts: "Tries so far",
    asked: |how| match how {
        How::Call => "Did you get through?",
        How::Sms => "Was the message sent?",
    },
    outcome: |how, outcome| match (how, outcome) {
        (How::Call, Outcome::Reached) => "Got through",
        (How::Call, Outcome::NoAnswer) => "No answer",
        (How::Sms, Outcome::Reached) => "Sent",
        (How::Sms, Outcome::NoAnswer) => "Not sent",
        (_, Outcome::NotKnown) => "Not sure",
    },
    change: "Change",
    then_write: "Second: in writing",
    content: "What the report says: where, and what was found",
    chars: |n| format!("{n}/500 characters"),
    too_long: "More than 500 characters, please shorten it. It would still be received.",
    differs: "You wrote this, and the findings are different now.",
    again: "Write it anew",
    send: "Send the written report",
    send_more: "Send what is new",
    send_note: "The visit goes on afterwards and does not report it twice. Without a network it is kept and goes first as soon as there is one.",
    sealed: |time| format!("Kept at {time}, goes first as soon as there is a network"),
    received: |time| format!("Reported at {time}, the bureau has it"),
    not_enrolled: "This phone is not enrolled yet. The written report is kept with the draft and goes when you finish the visit after enrolling. You can telephone now.",
    go_on: "Go on with the visit",
    banner: |n| {
        if n == 1 { "1 finding to report now".to_owned() } else { format!("{n} findings to report now") }
    },
    banner_open: |tries, time| match tries {
        0 => format!("Telephone first, written report by {time}"),
        1 => format!("1 try so far, written report by {time}"),
        n => format!("{n} tries so far, written report by {time}"),
    },
    banner_done: |tries| match tries {
        1 => "Written report kept, 1 try to reach somebody".to_owned(),
        n => format!("Written report kept, {n} tries to reach somebody"),
    },
    banner_go: "Report",
    reported: |n| format!("{} reported", plural(n as u64, "finding")),
    see_report: "See",
    level_means: |level| match level {
        Level::A => "telephone at once, in writing within two hours",
        Level::B => "reported to the bureau the same day, sent when you finish",
        Level::C => "explain on the spot how to put it right, look again next time",
        Level::I => "recorded only",
    },
};
