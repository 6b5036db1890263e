//! Judging one item: what an answer means, and why.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::answer::{PartValue, Sheet};
use super::checklist::{Checklist, Comparator, Formula, Item, Level, Library, Limit, Part, PartKind};
use super::reading::Reading;

/// What an item comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not asked, because its condition does not hold.
    Hidden,
    /// Something required is missing, and nothing given fails.
    Open,
    /// 不适用.
    NotApplicable,
    /// Answered, but nothing to judge: information, or not measured.
    Recorded,
    /// 符合.
    Pass,
    /// 不符合.
    Fail,
}

/// Why an item fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// 否.
    No {
        /// Key of the part.
        part: String,
    },
    /// A reading past a limit.
    OutOfLimit {
        /// Key of the part.
        part: String,
        /// The reading.
        reading: Reading,
        /// Which side.
        cmp: Comparator,
        /// The limit.
        limit: Reading,
    },
    /// Fewer than required.
    TooFew {
        /// Key of the part.
        part: String,
        /// 应.
        required: u32,
        /// 实.
        actual: u32,
    },
    /// A choice that is a failure.
    BadChoice {
        /// Key of the part.
        part: String,
        /// Its code.
        choice: String,
    },
    /// Past its expiry date on the day of the visit.
    Expired {
        /// Key of the part.
        part: String,
        /// The expiry date.
        on: NaiveDate,
    },
    /// Done too long ago.
    TooOld {
        /// Key of the part.
        part: String,
        /// When it was done.
        on: NaiveDate,
        /// How many days it may be ago.
        max_age_days: u16,
    },
}

/// The judgement of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The level of the failure, escalations included; `None` unless it fails.
    pub level: Option<Level>,
    /// Why it fails; empty unless it fails.
    pub reasons: Vec<Reason>,
}

/// Judges an item on the day of the visit. Total: half an answer is judged as far as it goes.
pub fn judge(item: &Item, sheet: &Sheet, day: NaiveDate) -> Judgement {
    let verdict_only = |verdict| Judgement { verdict, level: None, reasons: Vec::new() };
    if !is_visible(item, sheet) {
        return verdict_only(Verdict::Hidden);
    }
    let answer = sheet.answers.get(&item.code);
    if item.na_allowed && answer.is_some_and(|a| a.not_applicable) {
        return verdict_only(Verdict::NotApplicable);
    }
    let asked: Vec<&Part> = asked_parts(item, sheet).collect();
    let value_of = |part: &Part| sheet.value(&item.code, &part.key);
    let missing = asked.iter().any(|part| !part.optional && !is_computed(part) && value_of(part).is_none());
    let reasons: Vec<Reason> = asked
        .iter()
        .filter_map(|part| value_of(part).map(|value| (part, value)))
        .flat_map(|(part, value)| reasons(part, value, item, sheet, day))
        .chain(asked.iter().flat_map(|part| computed_reasons(part, item, sheet)))
        .collect();
    if item.level == Level::I {
        return verdict_only(if missing { Verdict::Open } else { Verdict::Recorded });
    }
    if !reasons.is_empty() {
        let level = escalated(item, sheet);
        return Judgement { verdict: Verdict::Fail, level: Some(level), reasons };
    }
    if missing {
        return verdict_only(Verdict::Open);
    }
    let worked_out = |part: &Part| match &part.kind {
        PartKind::Computed { formula, limits, .. } => {
            !limits.is_empty() && compute(formula, item, sheet).is_some()
        }
        _ => false,
    };
    let judged = asked
        .iter()
        .any(|part| worked_out(part) || value_of(part).is_some_and(|value| is_judged(part, value)));
    verdict_only(if judged { Verdict::Pass } else { Verdict::Recorded })
}

/// Whether the item is asked at all.
pub fn is_visible(item: &Item, sheet: &Sheet) -> bool {
    item.visible_if.as_ref().is_none_or(|condition| condition.holds(sheet, &item.code))
}

/// The parts that are asked with the answers given so far.
pub fn asked_parts<'a>(item: &'a Item, sheet: &'a Sheet) -> impl Iterator<Item = &'a Part> {
    item.parts
        .iter()
        .filter(|part| part.visible_if.as_ref().is_none_or(|condition| condition.holds(sheet, &item.code)))
}

/// The limits that apply to a part with the answers given so far.
pub fn limits_in_force<'a>(part: &'a Part, item: &'a Item, sheet: &'a Sheet) -> Vec<&'a Limit> {
    let (PartKind::Number { limits, .. }
    | PartKind::Series { limits, .. }
    | PartKind::Computed { limits, .. }) = &part.kind
    else {
        return Vec::new();
    };
    limits
        .iter()
        .filter(|limit| limit.applies_if.as_ref().is_none_or(|condition| condition.holds(sheet, &item.code)))
        .collect()
}

/// A computed part's value; `None` while something it needs is missing or it would divide by zero. It has no zeros at
/// its end: it stands in signed findings, and how many there are would be the arithmetic library's affair.
pub fn compute(formula: &Formula, item: &Item, sheet: &Sheet) -> Option<Decimal> {
    let number = |key: &String| match sheet.value(&item.code, key)? {
        PartValue::Number { reading, .. } => Some(reading.value()),
        PartValue::Count { actual, .. } => Some(Decimal::from(*actual)),
        _ => None,
    };
    let value = match formula {
        Formula::Sum(keys) => {
            keys.iter().map(number).try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
        }
        Formula::Difference([a, b]) => number(a)?.checked_sub(number(b)?),
        Formula::Ratio([a, b]) => Some(number(a)?.checked_div(number(b)?)?.round_dp(3)),
        Formula::Mean(key) => match sheet.value(&item.code, key)? {
            PartValue::Series { readings } => mean(readings.iter().map(|r| &r.reading)),
            _ => None,
        },
    };
    value.map(|value| value.normalize())
}

fn mean<'a>(readings: impl Iterator<Item = &'a Reading>) -> Option<Decimal> {
    let (mut sum, mut count, mut decimals) = (Decimal::ZERO, 0u32, 0);
    for reading in readings {
        sum = sum.checked_add(reading.value())?;
        count += 1;
        decimals = decimals.max(reading.decimals());
    }
    Some(sum.checked_div(Decimal::from(count))?.round_dp(decimals + 1))
}

fn escalated(item: &Item, sheet: &Sheet) -> Level {
    item.escalations
        .iter()
        .filter(|escalation| escalation.when.holds(sheet, &item.code))
        .map(|escalation| escalation.level)
        .fold(item.level, Level::max)
}

fn is_computed(part: &Part) -> bool {
    matches!(part.kind, PartKind::Computed { .. })
}

fn is_judged(part: &Part, value: &PartValue) -> bool {
    match (&part.kind, value) {
        (_, PartValue::NotMeasured { .. }) => false,
        (PartKind::YesNo | PartKind::CountPair | PartKind::Expiry, _) => true,
        (PartKind::Number { limits, .. } | PartKind::Series { limits, .. }, _) => !limits.is_empty(),
        (PartKind::One { choices } | PartKind::Many { choices }, _) => choices.iter().any(|c| c.fails),
        (PartKind::Date { max_age_days }, _) => max_age_days.is_some(),
        _ => false,
    }
}

fn reasons(part: &Part, value: &PartValue, item: &Item, sheet: &Sheet, day: NaiveDate) -> Vec<Reason> {
    let key = || part.key.clone();
    match (&part.kind, value) {
        (PartKind::YesNo, PartValue::YesNo { yes: false }) => vec![Reason::No { part: key() }],
        (PartKind::CountPair, PartValue::Count { required, actual }) if actual < required => {
            vec![Reason::TooFew { part: key(), required: *required, actual: *actual }]
        }
        (PartKind::Number { .. }, PartValue::Number { reading, .. }) => {
            past_limits(part, reading, &limits_in_force(part, item, sheet))
        }
        (PartKind::Series { .. }, PartValue::Series { readings }) => {
            let limits = limits_in_force(part, item, sheet);
            readings.iter().flat_map(|r| past_limits(part, &r.reading, &limits)).collect()
        }
        (PartKind::One { choices } | PartKind::Many { choices }, value) => {
            let failing = choices.iter().filter(|c| c.fails && is_chosen(value, &c.code));
            failing.map(|c| Reason::BadChoice { part: key(), choice: c.code.clone() }).collect()
        }
        (PartKind::Expiry, PartValue::Date { date }) if *date < day => {
            vec![Reason::Expired { part: key(), on: *date }]
        }
        (PartKind::Date { max_age_days: Some(max) }, PartValue::Date { date })
            if (day - *date).num_days() > i64::from(*max) =>
        {
            vec![Reason::TooOld { part: key(), on: *date, max_age_days: *max }]
        }
        _ => Vec::new(),
    }
}

/// A worked-out value past its limits; the value is rounded as its formula says before it is compared.
fn computed_reasons(part: &Part, item: &Item, sheet: &Sheet) -> Vec<Reason> {
    let PartKind::Computed { formula, .. } = &part.kind else { return Vec::new() };
    let value = compute(formula, item, sheet).and_then(|value| value.to_string().parse().ok());
    value.map_or_else(Vec::new, |reading| past_limits(part, &reading, &limits_in_force(part, item, sheet)))
}

fn is_chosen(value: &PartValue, code: &str) -> bool {
    match value {
        PartValue::One { choice } => choice == code,
        PartValue::Many { choices } => choices.contains(code),
        _ => false,
    }
}

fn past_limits(part: &Part, reading: &Reading, limits: &[&Limit]) -> Vec<Reason> {
    limits
        .iter()
        .filter(|limit| !limit.cmp.accepts(reading, &limit.value))
        .map(|limit| Reason::OutOfLimit {
            part: part.key.clone(),
            reading: reading.clone(),
            cmp: limit.cmp,
            limit: limit.value.clone(),
        })
        .collect()
}

/// A sheet with the judgement of every item, in the checklist's order: worked out once for all who ask.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The checklist.
    pub checklist: &'a Checklist,
    /// What was answered.
    pub sheet: &'a Sheet,
    /// The day it was judged by.
    pub day: NaiveDate,
    judgements: Vec<Judgement>,
}

impl<'a> Judged<'a> {
    /// Judges every item.
    pub fn new(checklist: &'a Checklist, sheet: &'a Sheet, day: NaiveDate) -> Self {
        let judgements = checklist.items().map(|item| judge(item, sheet, day)).collect();
        Self { checklist, sheet, day, judgements }
    }

    /// The sheets whose checklists are in the library.
    pub fn all(sheets: &'a [Sheet], library: &'a Library, day: NaiveDate) -> Vec<Self> {
        let known = sheets.iter().filter_map(|sheet| Some((library.get(&sheet.checklist.hash)?, sheet)));
        known.map(|(checklist, sheet)| Self::new(checklist, sheet, day)).collect()
    }

    /// Every item with its judgement.
    pub fn items(&self) -> impl Iterator<Item = (&'a Item, &Judgement)> {
        self.checklist.items().zip(&self.judgements)
    }
}

/// The verdicts of a whole sheet, by item code.
pub fn judge_sheet(checklist: &Checklist, sheet: &Sheet, day: NaiveDate) -> BTreeMap<String, Judgement> {
    checklist.items().map(|item| (item.code.clone(), judge(item, sheet, day))).collect()
}
