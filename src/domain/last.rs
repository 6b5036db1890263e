//! What was answered at a site's last visit, small enough to travel with every site.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, PartValue, Sheet};
use super::checklist::{Item, Library};
use super::finding::default_problem;
use super::judge::{Judged, Verdict};

/// A visit's answers beyond this many are left out: every phone of the township gets them.
const MAX_ANSWERS: usize = 200;
/// Characters of a problem, a reason or an instrument that are kept.
const MAX_CHARS: usize = 60;

/// One item's answer at the last visit. Free and confidential texts are never in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastAnswer {
    /// Code of the item.
    pub item: String,
    /// 不适用.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_applicable: bool,
    /// Part key → value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, PartValue>,
    /// The problem in words; empty unless the item failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}

/// The last visit as the sheet shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct LastTime {
    /// When it was finished.
    pub at: DateTime<FixedOffset>,
    /// Its answers by item.
    pub answers: BTreeMap<String, LastAnswer>,
}

impl LastTime {
    /// Puts the answers in order.
    pub fn new(at: DateTime<FixedOffset>, answers: Vec<LastAnswer>) -> Self {
        Self { at, answers: answers.into_iter().map(|answer| (answer.item.clone(), answer)).collect() }
    }
}

/// The answers of a visit's sheets as the next visit shows them, in the checklists' order; a sheet whose checklist
/// is not in the library gives none.
pub fn last_answers(sheets: &[Sheet], library: &Library, day: NaiveDate) -> Vec<LastAnswer> {
    last_answers_of(&Judged::all(sheets, library, day))
}

/// As [`last_answers`], of sheets that were judged already.
pub fn last_answers_of(judged: &[Judged<'_>]) -> Vec<LastAnswer> {
    judged.iter().flat_map(of_sheet).take(MAX_ANSWERS).collect()
}

fn of_sheet(judged: &Judged<'_>) -> impl Iterator<Item = LastAnswer> {
    judged.items().filter_map(|(item, judgement)| {
        let verdict = judgement.verdict;
        let answer = judged.sheet.answers.get(&item.code)?;
        (!matches!(verdict, Verdict::Hidden | Verdict::Open)).then(|| compact(item, answer, verdict))
    })
}

fn compact(item: &Item, answer: &Answer, verdict: Verdict) -> LastAnswer {
    let not_applicable = verdict == Verdict::NotApplicable;
    let written = answer.handling.as_ref().map(|handling| handling.problem.clone());
    let problem = match verdict {
        Verdict::Fail => {
            cut(&written.filter(|text| !text.is_empty()).unwrap_or_else(|| default_problem(item)))
        }
        _ => String::new(),
    };
    let asked = |key: &str| item.parts.iter().any(|part| part.key == key);
    let parts = answer.parts.iter().filter(|(key, _)| !not_applicable && asked(key));
    let parts = parts.filter_map(|(key, value)| Some((key.clone(), short(value)?))).collect();
    LastAnswer { item: item.code.clone(), not_applicable, parts, problem }
}

/// The value with its texts cut; none for what must not travel.
fn short(value: &PartValue) -> Option<PartValue> {
    match value {
        PartValue::Text { .. } | PartValue::Confidential { .. } => None,
        PartValue::NotMeasured { reason } => Some(PartValue::NotMeasured { reason: cut(reason) }),
        PartValue::Number { reading, instrument } => Some(PartValue::Number {
            reading: reading.clone(),
            instrument: instrument.as_deref().map(cut).filter(|text| !text.is_empty()),
        }),
        PartValue::Series { readings } => {
            let kept = readings.iter().take(6).cloned().map(|mut one| {
                one.label = cut(&one.label);
                one
            });
            Some(PartValue::Series { readings: kept.collect() })
        }
        PartValue::One { choice } => Some(PartValue::One { choice: cut(choice) }),
        PartValue::Many { choices } => Some(PartValue::Many {
            choices: choices.iter().take(MAX_CHARS).map(|choice| cut(choice)).collect(),
        }),
        other => Some(other.clone()),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}
