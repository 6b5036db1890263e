//! Findings (发现的问题): failed items, what was said of them, what was done.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::Sheet;
use super::checklist::{Checklist, Item, Level};
use super::id::PhotoId;
use super::judge::{Judged, Judgement, Reason, Verdict};

/// How a failure was handled on the spot (处置方式; the register's 备注 column).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// 现场指导整改.
    Guided,
    /// 当场已改正; still a finding.
    Corrected,
    /// 已报告监督机构.
    Reported,
}

/// What the coordinator said and did about a failed item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// The problem in words; empty until chosen or written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// What was done; by default what the level asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// Until when it should be put right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
}

/// One failed item, as signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Code of the checklist.
    pub checklist: String,
    /// Code of the item.
    pub item: String,
    /// Level, escalations included.
    pub level: Level,
    /// The problem in words.
    pub problem: String,
    /// Why the item fails.
    pub reasons: Vec<Reason>,
    /// What was done.
    pub disposition: Disposition,
    /// Until when it should be put right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// Its photos.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
}

/// The findings of a sheet, in the checklist's order. Total.
pub fn findings(checklist: &Checklist, sheet: &Sheet, day: NaiveDate) -> Vec<Finding> {
    findings_of(&Judged::new(checklist, sheet, day))
}

/// As [`findings`], of a sheet that was judged already.
pub fn findings_of(judged: &Judged<'_>) -> Vec<Finding> {
    let failed = |(item, judgement)| finding(judged.checklist, item, judged.sheet, judgement);
    judged.items().filter_map(failed).collect()
}

fn finding(checklist: &Checklist, item: &Item, sheet: &Sheet, judgement: &Judgement) -> Option<Finding> {
    if judgement.verdict != Verdict::Fail {
        return None;
    }
    let level = judgement.level.unwrap_or(item.level);
    let answer = sheet.answers.get(&item.code);
    let handling = answer.and_then(|a| a.handling.clone()).unwrap_or_default();
    Some(Finding {
        checklist: checklist.code.clone(),
        item: item.code.clone(),
        level,
        problem: if handling.problem.is_empty() { default_problem(item) } else { handling.problem },
        reasons: judgement.reasons.clone(),
        disposition: handling.disposition.unwrap_or_else(|| default_disposition(level)),
        deadline: handling.deadline,
        photos: answer.map(|a| a.photos.clone()).unwrap_or_default(),
    })
}

/// What is written when no sentence was chosen: the first ready one, else that the item is not so.
///
/// Chinese, because the signed record and the national register are.
pub fn default_problem(item: &Item) -> String {
    match item.problems.first() {
        Some(sentence) => sentence.zh.clone(),
        None => format!("不符合：{}", item.text.zh),
    }
}

/// What the level asks for: guidance for C, a report for A and B.
pub fn default_disposition(level: Level) -> Disposition {
    match level {
        Level::I | Level::C => Disposition::Guided,
        Level::A | Level::B => Disposition::Reported,
    }
}

/// The highest level among findings; `None` without any.
pub fn level(findings: &[Finding]) -> Option<Level> {
    findings.iter().map(|finding| finding.level).max()
}

/// The guidance sheet's text (指导意见) from the ready advice of the failed items, numbered.
pub fn guidance(checklists: &[(&Checklist, &Sheet)], day: NaiveDate) -> String {
    let advice = checklists.iter().flat_map(|(checklist, sheet)| {
        findings(checklist, sheet, day)
            .into_iter()
            .filter_map(|finding| checklist.item(&finding.item)?.advice.first().map(|text| text.zh.clone()))
            .collect::<Vec<_>>()
    });
    advice.enumerate().map(|(n, sentence)| format!("{}. {sentence}", n + 1)).collect::<Vec<_>>().join("\n")
}
