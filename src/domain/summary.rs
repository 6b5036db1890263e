//! Counting a sheet, and the one row of the national register (巡查登记表) that a visit becomes.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::Sheet;
use super::checklist::{Checklist, Level, Library};
use super::finding::{Disposition, Finding};
use super::inspection::{Inspection, Origin};
use super::judge::{Verdict, judge};
use super::text::cut;

/// What a sheet counts to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Items asked.
    pub total: u32,
    /// Of these, answered (a failing item counts even if a part is missing).
    pub answered: u32,
    /// Judged: passed or failed.
    pub applicable: u32,
    /// Passed.
    pub passed: u32,
    /// Failed, by level.
    pub failed: BTreeMap<Level, u32>,
}

impl Summary {
    /// All failed items.
    pub fn failed_total(&self) -> u32 {
        self.failed.values().sum()
    }

    fn count(&mut self, verdict: Verdict, level: Option<Level>) {
        if verdict == Verdict::Hidden {
            return;
        }
        self.total += 1;
        self.answered += u32::from(verdict != Verdict::Open);
        self.applicable += u32::from(matches!(verdict, Verdict::Pass | Verdict::Fail));
        self.passed += u32::from(verdict == Verdict::Pass);
        if let Some(level) = level {
            *self.failed.entry(level).or_default() += 1;
        }
    }
}

/// Counts a sheet. Total.
pub fn summary(checklist: &Checklist, sheet: &Sheet, day: NaiveDate) -> Summary {
    let mut counted = Summary::default();
    for item in checklist.items() {
        let judgement = judge(item, sheet, day);
        counted.count(judgement.verdict, judgement.level);
    }
    counted
}

/// Counts all sheets of a visit together; sheets whose checklist is not here count nothing.
pub fn visit_summary(sheets: &[Sheet], library: &Library, day: NaiveDate) -> Summary {
    let mut counted = Summary::default();
    for sheet in sheets {
        for item in library.get(&sheet.checklist.hash).into_iter().flat_map(Checklist::items) {
            let judgement = judge(item, sheet, day);
            counted.count(judgement.verdict, judgement.level);
        }
    }
    counted
}

/// The longest text of a register cell; deployed systems take 500 characters.
pub const CELL_MAX_CHARS: usize = 500;

/// One row of the national 卫生监督协管巡查登记表, without its number. Chinese: the form is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRow {
    /// 巡查地点与内容.
    pub place_and_content: String,
    /// 发现的主要问题.
    pub problems: String,
    /// 巡查日期.
    pub day: NaiveDate,
    /// 巡查人.
    pub coordinators: String,
    /// 备注: what was done about the problems.
    pub remark: String,
}

/// The register row of a finished visit (form of the 2017 specification, domain rules §1.7).
pub fn register_row(document: &Inspection, library: &Library) -> RegisterRow {
    let titles: Vec<&str> = document
        .sheets
        .iter()
        .map(|sheet| {
            library.get(&sheet.checklist.hash).map_or(sheet.checklist.code.as_str(), |c| c.title.zh.as_str())
        })
        .collect();
    let names: Vec<&str> = document.coordinators.iter().map(|c| c.name.as_str()).collect();
    let problems: Vec<&str> = document.findings.iter().map(|f| f.problem.as_str()).collect();
    let site = &document.site;
    let place = format!("{}（{}）：{}", site.title, site.address, titles.join("、"));
    RegisterRow {
        place_and_content: cut(&place, CELL_MAX_CHARS),
        problems: if problems.is_empty() {
            "无".to_owned()
        } else {
            cut(&problems.join("；"), CELL_MAX_CHARS)
        },
        day: document.day(),
        coordinators: names.join("、"),
        remark: remark(&document.findings, document.origin),
    }
}

fn remark(findings: &[Finding], origin: Origin) -> String {
    if findings.is_empty() {
        return if origin == Origin::Revisit { "复查已整改" } else { "无问题" }.to_owned();
    }
    let said = [
        (Disposition::Reported, "已报告监督机构"),
        (Disposition::Guided, "现场指导整改"),
        (Disposition::Corrected, "当场已改正"),
    ];
    let used = said.into_iter().filter(|(d, _)| findings.iter().any(|f| f.disposition == *d));
    used.map(|(_, words)| words).collect::<Vec<_>>().join("、")
}
