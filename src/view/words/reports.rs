//! Information reports at the bureau: the list, one report, what is odd about it.

use crate::domain::report::{How, Outcome, ReportProblem};

/// Words of the reports' pages.
#[derive(Debug)]
pub struct ReportWords {
    /// 信息报告.
    pub title: &'static str,
    /// Nothing came yet.
    pub empty: &'static str,
    /// What makes one come.
    pub empty_next: &'static str,
    /// 级别.
    pub level: &'static str,
    /// 信息类别.
    pub category: &'static str,
    /// 信息内容.
    pub content: &'static str,
    /// 发现时间.
    pub discovered: &'static str,
    /// 报告时间.
    pub reported: &'static str,
    /// When it came.
    pub received: &'static str,
    /// 报告人.
    pub reporter: &'static str,
    /// 单位.
    pub site: &'static str,
    /// Calls.
    pub attempts: &'static str,
    /// So many tries.
    pub n_attempts: fn(u64) -> String,
    /// Nobody was called.
    pub no_attempts: &'static str,
    /// Call or message.
    pub how: fn(How) -> &'static str,
    /// What came of it.
    pub outcome: fn(How, Outcome) -> &'static str,
    /// The findings it is about.
    pub items: &'static str,
    /// The visit's record.
    pub record: &'static str,
    /// Leads there.
    pub record_open: &'static str,
    /// It has not come yet.
    pub record_waiting: &'static str,
    /// The reports of a visit, on its record's page.
    pub of_visit: &'static str,
    /// Other revisions.
    pub revisions: &'static str,
    /// What is odd.
    pub problems: &'static str,
    /// One of it.
    pub problem: fn(&ReportProblem) -> String,
    /// Back to the list.
    pub back: &'static str,
    /// Search.
    pub search_hint: &'static str,
}

/// Chinese.
pub const ZH: ReportWords = ReportWords {
    title: "信息报告",
    empty: "还没有信息报告",
    empty_next: "协管员发现 A 级或 B 级情况后，报告会最先传到这里。",
    level: "级别",
    category: "信息类别",
    content: "信息内容",
    discovered: "发现时间",
    reported: "报告时间",
    received: "收到时间",
    reporter: "报告人",
    site: "单位",
    attempts: "电话联系",
    n_attempts: |n| format!("联系 {n} 次"),
    no_attempts: "没有电话联系记录",
    how: |how| match how {
        How::Call => "电话",
        How::Sms => "短信",
    },
    outcome: |how, outcome| match (how, outcome) {
        (How::Call, Outcome::Reached) => "打通了",
        (How::Call, Outcome::NoAnswer) => "没人接",
        (How::Sms, Outcome::Reached) => "已发出",
        (How::Sms, Outcome::NoAnswer) => "没发成",
        (_, Outcome::NotKnown) => "结果没有说明",
    },
    items: "涉及的检查项",
    record: "巡查记录",
    record_open: "看这次巡查",
    record_waiting: "巡查还没做完，或记录还在路上",
    of_visit: "这次巡查的信息报告",
    revisions: "这次巡查的其他报告",
    problems: "请留意",
    problem: |problem| match problem {
        ReportProblem::NoContent => "没有写内容".to_owned(),
        ReportProblem::TooLong { chars } => format!("内容 {chars} 字，超过 500 字"),
        ReportProblem::NoCategory => "没有信息类别".to_owned(),
        ReportProblem::NoItems => "没有涉及的检查项".to_owned(),
        ReportProblem::NoCoordinator => "没有报告人".to_owned(),
        ReportProblem::NoPlace => "没有位置，也没有地址".to_owned(),
        ReportProblem::FoundAfterReported => "发现时间晚于报告时间".to_owned(),
        ReportProblem::Late { minutes } => format!("书面报告晚了 {minutes} 分钟"),
        ReportProblem::NobodyCalled => "A 级情况，没有打电话的记录".to_owned(),
        ReportProblem::Wording { word } => format!("用了“{word}”，协管员没有这个权力"),
    },
    back: "全部信息报告",
    search_hint: "单位、内容、报告人、编号",
};

/// English.
pub const EN: ReportWords = ReportWords {
    title: "Reports",
    empty: "No information report yet",
    empty_next: "When a coordinator finds something of level A or B, its report arrives here before everything else.",
    level: "Level",
    category: "Category",
    content: "Content",
    discovered: "Found",
    reported: "Reported",
    received: "Received",
    reporter: "Reported by",
    site: "Site",
    attempts: "Telephone",
    n_attempts: |n| if n == 1 { "1 try".to_owned() } else { format!("{n} tries") },
    no_attempts: "No call was noted",
    how: |how| match how {
        How::Call => "Call",
        How::Sms => "Text message",
    },
    outcome: |how, outcome| match (how, outcome) {
        (How::Call, Outcome::Reached) => "got through",
        (How::Call, Outcome::NoAnswer) => "no answer",
        (How::Sms, Outcome::Reached) => "sent",
        (How::Sms, Outcome::NoAnswer) => "not sent",
        (_, Outcome::NotKnown) => "outcome not said",
    },
    items: "Items it is about",
    record: "Record of the visit",
    record_open: "Open the visit",
    record_waiting: "The visit is not finished, or its record is still on its way",
    of_visit: "Reports of this visit",
    revisions: "Other reports of this visit",
    problems: "Please note",
    problem: |problem| match problem {
        ReportProblem::NoContent => "No content".to_owned(),
        ReportProblem::TooLong { chars } => format!("{chars} characters, more than 500"),
        ReportProblem::NoCategory => "No category".to_owned(),
        ReportProblem::NoItems => "No item".to_owned(),
        ReportProblem::NoCoordinator => "Nobody reports".to_owned(),
        ReportProblem::NoPlace => "Neither position nor address".to_owned(),
        ReportProblem::FoundAfterReported => "Found after it was reported".to_owned(),
        ReportProblem::Late { minutes } => format!("Written {minutes} min late"),
        ReportProblem::NobodyCalled => "Level A, and no call was noted".to_owned(),
        ReportProblem::Wording { word } => format!("Says “{word}”, which coordinators have no power to do"),
    },
    back: "All reports",
    search_hint: "Site, content, reporter, number",
};
