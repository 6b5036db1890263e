//! The information report (信息报告): a clue or event told to the bureau, apart from the record of the visit.
//!
//! Finding and report are separate events, so that the national report rate is real. The coordinator never decides
//! whether a threshold is met: what the checklist calls level A or B is reported.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::{Deserialize, Serialize};

use super::checklist::{Level, Library};
use super::finding::Finding;
use super::id::{BureauId, DeviceId, Digest, InspectionId, ReportId};
use super::inspection::{Clock, Coordinator, Draft, Finishing, sheet_findings};
use super::place::{Fix, NoFix};
use super::site::SiteSnapshot;
use super::text::cut;
use super::wording;

/// The version of the document's form; a bureau reads every version up to its own.
pub const SCHEMA: u16 = 1;

/// The longest content in characters; deployed systems take 300 to 500.
pub const CONTENT_MAX_CHARS: usize = 500;

/// The longest prepared text message in characters: two segments of a Chinese text message.
pub const SMS_MAX_CHARS: usize = 140;

/// A report as signed. Its bytes are sent and stored verbatim; see `domain::seal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u16,
    /// The same for every revision.
    pub id: ReportId,
    /// From 1.
    pub revision: u32,
    /// Hash of the revision this one adds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Digest>,
    /// The bureau it is for.
    pub bureau: BureauId,
    /// The visit it comes from.
    pub inspection: InspectionId,
    /// 发现时间.
    pub discovered_at: DateTime<FixedOffset>,
    /// 信息类别, in the words of the national form.
    pub category: String,
    /// The site as it stood.
    pub site: SiteSnapshot,
    /// The best position known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Why there is no position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fix: Option<NoFix>,
    /// 信息内容: place and content of what was found, at most [`CONTENT_MAX_CHARS`].
    pub content: String,
    /// Highest level among the items.
    pub level: Level,
    /// The findings it is about.
    pub items: Vec<ReportedItem>,
    /// Who was called, and what came of it.
    pub attempts: Vec<Attempt>,
    /// 报告时间.
    pub reported_at: DateTime<FixedOffset>,
    /// 报告人.
    pub coordinators: Vec<Coordinator>,
    /// What is known of the phone's clock.
    pub clock: Clock,
    /// The phone.
    pub device: DeviceId,
    /// Version of the app.
    pub app_version: String,
}

/// One finding that is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedItem {
    /// Code of the checklist.
    pub checklist: String,
    /// Code of the item.
    pub item: String,
    /// Its level.
    pub level: Level,
    /// The problem in words.
    pub problem: String,
}

/// One try to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who should answer.
    pub to: Callee,
    /// By which way.
    pub how: How,
    /// What came of it.
    pub outcome: Outcome,
}

/// Somebody to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callee {
    /// Who answers there.
    pub title: String,
    /// The number, unchecked.
    pub phone: String,
}

/// How somebody was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// 电话.
    Call,
    /// 短信.
    Sms,
}

/// What came of it, in the coordinator's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 打通了, for a text message: sent.
    Reached,
    /// 没人接, for a text message: not sent.
    NoAnswer,
    /// Not said.
    #[default]
    NotKnown,
}

/// Something a careful reader of a report would ask about; never a reason to refuse it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum ReportProblem {
    /// No content.
    NoContent,
    /// Longer than [`CONTENT_MAX_CHARS`].
    TooLong {
        /// Its characters.
        chars: usize,
    },
    /// No category.
    NoCategory,
    /// No finding.
    NoItems,
    /// Nobody reports.
    NoCoordinator,
    /// Neither position nor landmark.
    NoPlace,
    /// Found after it was reported.
    FoundAfterReported,
    /// Written later than its level asks.
    Late {
        /// By how many minutes.
        minutes: i64,
    },
    /// Level A, and nobody was called.
    NobodyCalled,
    /// A word of enforcement.
    Wording {
        /// The word.
        word: String,
    },
}

/// What a phone keeps of a report before it is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reporting {
    /// Its id.
    pub id: ReportId,
    /// When the first finding was seen, if somebody noted it.
    pub discovered_at: Option<DateTime<FixedOffset>>,
    /// The content as typed; none while it follows the findings.
    pub content: Option<String>,
    /// Who was called.
    pub attempts: Vec<Attempt>,
    /// The revision signed last, with the hash of its bytes.
    pub signed: Option<(Digest, Report)>,
}

/// The findings that are reported: those of level A and B, the most serious first.
pub fn reportable(findings: &[Finding]) -> Vec<ReportedItem> {
    let mut items: Vec<ReportedItem> = findings.iter().filter(|f| f.level >= Level::B).map(item).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.level));
    items
}

fn item(finding: &Finding) -> ReportedItem {
    ReportedItem {
        checklist: finding.checklist.clone(),
        item: finding.item.clone(),
        level: finding.level,
        problem: finding.problem.clone(),
    }
}

/// Until when a report in writing is due: two hours after a finding of level A, the same day (24 hours) for B.
pub fn written_until(level: Level, discovered_at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    discovered_at + if level == Level::A { TimeDelta::hours(2) } else { TimeDelta::hours(24) }
}

/// The content from the findings: place, then what was found. Chinese, because the national form is.
pub fn ready_content(site: &SiteSnapshot, items: &[ReportedItem]) -> String {
    let numbered: Vec<String> = match items {
        [only] => vec![only.problem.clone()],
        many => many.iter().enumerate().map(|(n, item)| format!("{}. {}", n + 1, item.problem)).collect(),
    };
    let place = [site.title.as_str(), site.address.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|text| !text.is_empty()).collect();
    cut(&format!("{}：{}。", place.join("，"), numbered.join("；")), CONTENT_MAX_CHARS)
}

/// The prepared text message: who, where, what, when; cut at the problem, so that place and name always stand in it.
pub fn sms_text(
    site: &SiteSnapshot,
    items: &[ReportedItem],
    at: DateTime<FixedOffset>,
    coordinator: Option<&Coordinator>,
) -> String {
    let problems = items.iter().map(|item| item.problem.as_str()).collect::<Vec<_>>().join("；");
    let when = at.format("%m-%d %H:%M");
    let who = coordinator
        .map_or_else(String::new, |c| format!("协管员{}（{}）", cut(&c.name, 10), cut(&c.organisation, 14)));
    let place = cut(&site.title, 24);
    let address =
        if site.address.is_empty() { String::new() } else { format!("（{}）", cut(&site.address, 24)) };
    let frame = format!("【协管急报】{when} {place}{address}：{who}").chars().count() + 1;
    let problems = cut(&problems, SMS_MAX_CHARS.saturating_sub(frame));
    format!("【协管急报】{when} {place}{address}：{problems}。{who}")
}

/// The report of a visit as it stands; `None` without a finding of level A or B, and when everything of them was
/// signed already. A later revision is made only for what an earlier one does not say: another finding, a higher
/// level, another call, other words.
pub fn report(draft: &Draft, reporting: &Reporting, facts: &Finishing, library: &Library) -> Option<Report> {
    let items = reportable(&sheet_findings(&draft.sheets, library, draft.day()));
    let level = items.iter().map(|item| item.level).max()?;
    let content = match &reporting.content {
        Some(typed) => typed.clone(),
        None => ready_content(&draft.site, &items),
    };
    if let Some((_, signed)) = &reporting.signed
        && !adds(signed, &items, reporting)
    {
        return None;
    }
    let discovered_at = reporting.discovered_at.unwrap_or(facts.finished_at);
    Some(Report {
        schema: SCHEMA,
        id: reporting.signed.as_ref().map_or(reporting.id, |(_, signed)| signed.id),
        revision: reporting.signed.as_ref().map_or(1, |(_, signed)| signed.revision + 1),
        parent: reporting.signed.as_ref().map(|(digest, _)| *digest),
        bureau: facts.bureau,
        inspection: draft.id,
        discovered_at,
        category: category(&items, draft, library),
        site: draft.site.clone(),
        fix: draft.fixes.iter().min_by_key(|fix| fix.accuracy_m).cloned(),
        no_fix: draft.no_fix.clone(),
        content,
        level,
        items,
        attempts: reporting.attempts.clone(),
        reported_at: facts.finished_at,
        coordinators: draft.coordinators.clone(),
        clock: facts.clock.clone(),
        device: facts.device,
        app_version: facts.app_version.clone(),
    })
}

/// Whether there is anything that the signed revision does not say.
fn adds(signed: &Report, items: &[ReportedItem], reporting: &Reporting) -> bool {
    let said = |item: &ReportedItem| {
        signed.items.iter().any(|old| {
            (&old.checklist, &old.item) == (&item.checklist, &item.item) && old.level >= item.level
        })
    };
    let other_words = reporting.content.as_ref().is_some_and(|typed| *typed != signed.content);
    !items.iter().all(said) || other_words || reporting.attempts != signed.attempts
}

/// The category of the most serious finding's checklist.
fn category(items: &[ReportedItem], draft: &Draft, library: &Library) -> String {
    let of = |code: &str| {
        let sheet = draft.sheets.iter().find(|sheet| sheet.checklist.code == code)?;
        Some(library.get(&sheet.checklist.hash)?.info_category.clone())
    };
    items.first().and_then(|item| of(&item.checklist)).unwrap_or_default()
}

/// The problems of a report. Total.
pub fn report_problems(report: &Report) -> Vec<ReportProblem> {
    use ReportProblem as P;
    let mut found = Vec::new();
    let mut when = |so: bool, problem: ReportProblem| {
        if so {
            found.push(problem);
        }
    };
    let chars = report.content.chars().count();
    when(report.content.trim().is_empty(), P::NoContent);
    when(chars > CONTENT_MAX_CHARS, P::TooLong { chars });
    when(report.category.trim().is_empty(), P::NoCategory);
    when(report.items.is_empty(), P::NoItems);
    when(report.coordinators.is_empty(), P::NoCoordinator);
    when(report.fix.is_none() && report.no_fix.is_none() && report.site.address.is_empty(), P::NoPlace);
    when(report.discovered_at > report.reported_at, P::FoundAfterReported);
    let late = report.reported_at - written_until(report.level, report.discovered_at);
    when(report.revision == 1 && late > TimeDelta::zero(), P::Late { minutes: late.num_minutes().max(1) });
    let nobody = report.attempts.iter().all(|attempt| attempt.how == How::Sms);
    when(report.level == Level::A && nobody, P::NobodyCalled);
    let words = wording::enforcement_words(&report.content).into_iter();
    found.extend(words.map(|word| P::Wording { word: word.to_owned() }));
    found
}
