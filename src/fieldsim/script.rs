//! The scripted coordinator: a plausible answer to every item of any checklist, some of them failures.
//!
//! The rules of `domain` decide what is asked and what fails, so that the script never knows an item by name.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use crate::domain::answer::{Answer, ChecklistRef, PartValue, SeriesReading, Sheet};
use crate::domain::checklist::{
    Checklist, Choice, Comparator, Item, Level, Limit, Part, PartKind, PhotoRule,
};
use crate::domain::finding::Handling;
use crate::domain::id::Digest;
use crate::domain::judge::{Verdict, asked_parts, judge, limits_in_force};

/// One item answered.
pub(super) struct Step {
    pub(super) item: String,
    pub(super) answer: Answer,
    /// Confidential texts by part; they go another way.
    pub(super) secrets: Vec<(String, String)>,
    /// Whether a photo is taken.
    pub(super) photo: bool,
}

/// Answers every item; at most `photos` items ask for a photo.
pub(super) fn walk(
    name: &ChecklistRef,
    checklist: &Checklist,
    now: DateTime<FixedOffset>,
    photos: usize,
    rng: &mut StdRng,
) -> Vec<Step> {
    let mut hand = Hand { sheet: Sheet::new(name.clone()), now, rng };
    let mut left = photos;
    let mut steps = Vec::new();
    for item in checklist.items() {
        let step = hand.step(item, left);
        left -= usize::from(step.photo);
        steps.push(step);
    }
    steps
}

struct Hand<'a> {
    sheet: Sheet,
    now: DateTime<FixedOffset>,
    rng: &'a mut StdRng,
}

impl Hand<'_> {
    fn day(&self) -> NaiveDate {
        self.now.date_naive()
    }

    /// Fails the item only if the photo that a failure needs can be taken.
    fn step(&mut self, item: &Item, photos: usize) -> Step {
        let needs_photo = item.photo == PhotoRule::RequiredWhenFailed;
        let chance = if item.level == Level::A { 0.03 } else { 0.15 };
        let fails = (photos > 0 || !needs_photo) && self.rng.gen_bool(chance);
        if item.na_allowed && !fails && self.rng.gen_bool(0.05) {
            let answer = Answer { not_applicable: true, ..Answer::default() };
            self.sheet.answers.insert(item.code.clone(), answer.clone());
            return Step { item: item.code.clone(), answer, secrets: Vec::new(), photo: false };
        }
        let secrets = self.fill(item, fails);
        let failed = judge(item, &self.sheet, self.day()).verdict == Verdict::Fail;
        let mut answer = self.sheet.answers.get(&item.code).cloned().unwrap_or_default();
        answer.parts.retain(|_, value| !matches!(value, PartValue::Confidential { .. }));
        if failed {
            answer.handling = self.handling(item);
            answer.note = "现场查看。".to_owned();
        }
        let welcome = item.photo == PhotoRule::Useful && photos > 1 && self.rng.gen_bool(0.1);
        Step {
            item: item.code.clone(),
            answer,
            secrets,
            photo: photos > 0 && (failed && needs_photo || welcome),
        }
    }

    /// Gives a value to every part that is asked; one answer may bring up the next question.
    fn fill(&mut self, item: &Item, fails: bool) -> Vec<(String, String)> {
        let mut secrets = Vec::new();
        for _ in 0..=item.parts.len() {
            let open = |part: &&Part| {
                !matches!(part.kind, PartKind::Computed { .. })
                    && self.sheet.value(&item.code, &part.key).is_none()
            };
            let Some(part) = asked_parts(item, &self.sheet).find(open).cloned() else { break };
            let value = if let PartKind::Confidential { .. } = part.kind {
                secrets.push((part.key.clone(), "示例举报人，000-0000000".to_owned()));
                PartValue::Confidential {
                    digest: Digest::of(b"stands for the secret while the script thinks"),
                }
            } else {
                self.value(item, &part, fails)
            };
            self.sheet.answers.entry(item.code.clone()).or_default().parts.insert(part.key.clone(), value);
        }
        secrets
    }

    fn value(&mut self, item: &Item, part: &Part, fails: bool) -> PartValue {
        let day = self.day();
        let rng = &mut *self.rng;
        match &part.kind {
            PartKind::YesNo => PartValue::YesNo { yes: !fails },
            PartKind::Number { not_measured: true, .. } if !fails && rng.gen_bool(0.12) => {
                PartValue::NotMeasured { reason: "无试剂".to_owned() }
            }
            PartKind::Number { decimals, instruments, .. } => {
                let instrument = instruments.choose(rng).map(|text| text.zh.clone());
                let limits = limits_in_force(part, item, &self.sheet);
                PartValue::Number { reading: reading(&limits, *decimals, fails, rng), instrument }
            }
            PartKind::Series { decimals, min_readings, .. } => {
                let limits = limits_in_force(part, item, &self.sheet);
                let one = |n| SeriesReading {
                    label: format!("第 {n} 点"),
                    reading: reading(&limits, *decimals, fails, rng),
                };
                PartValue::Series { readings: (1..=(*min_readings).max(1)).map(one).collect() }
            }
            PartKind::CountPair => {
                let required = rng.gen_range(2..6);
                PartValue::Count { required, actual: required - u32::from(fails) }
            }
            PartKind::One { choices } => PartValue::One { choice: choice(choices, fails, rng) },
            PartKind::Many { choices } => {
                PartValue::Many { choices: BTreeSet::from([choice(choices, fails, rng)]) }
            }
            PartKind::Text { max_chars } => {
                PartValue::Text { text: "示例内容".chars().take(usize::from(*max_chars)).collect() }
            }
            PartKind::Date { max_age_days } => {
                let age = max_age_days.unwrap_or(60);
                let days = if fails { age.saturating_add(40) } else { rng.gen_range(0..=age) };
                PartValue::Date { date: day - Days::new(days.into()) }
            }
            PartKind::Expiry if fails => PartValue::Date { date: day - Days::new(20) },
            PartKind::Expiry => PartValue::Date { date: day + Days::new(rng.gen_range(100..900)) },
            PartKind::Moment => PartValue::Moment { at: self.now - TimeDelta::hours(2) },
            PartKind::Confidential { .. } | PartKind::Computed { .. } => {
                PartValue::Text { text: String::new() }
            }
        }
    }

    /// Every other time the coordinator chooses a sentence; else the defaults hold.
    fn handling(&mut self, item: &Item) -> Option<Handling> {
        let sentence = item.problems.choose(self.rng)?;
        let chosen = self.rng.gen_bool(0.5);
        chosen.then(|| Handling {
            problem: sentence.zh.clone(),
            disposition: None,
            deadline: Some(self.day() + Days::new(30)),
        })
    }
}

/// A choice that fails or does not; any, where there is none of that sort.
fn choice(choices: &[Choice], fails: bool, rng: &mut StdRng) -> String {
    let fitting: Vec<&Choice> = choices.iter().filter(|choice| choice.fails == fails).collect();
    let chosen = fitting.choose(rng).copied().or(choices.first());
    chosen.map(|choice| choice.code.clone()).unwrap_or_default()
}

/// A reading within the limits or, where there are any, past one of them.
fn reading(
    limits: &[&Limit],
    decimals: u8,
    fails: bool,
    rng: &mut StdRng,
) -> crate::domain::reading::Reading {
    let (mut low, mut high) = (None, None);
    for limit in limits {
        let mut value = limit.value.value();
        value.rescale(decimals.into());
        let steps = i64::try_from(value.mantissa()).unwrap_or(0);
        match limit.cmp {
            Comparator::AtLeast => low = low.max(Some(steps)),
            Comparator::MoreThan => low = low.max(Some(steps + 1)),
            Comparator::AtMost => high = Some(high.map_or(steps, |h: i64| h.min(steps))),
            Comparator::LessThan => high = Some(high.map_or(steps - 1, |h: i64| h.min(steps - 1))),
        }
    }
    let steps = match (low, high) {
        (_, Some(high)) if fails => high + 1 + rng.gen_range(0..=high.max(1) / 2),
        (Some(low), None) if fails => rng.gen_range(0..low.max(1)),
        (Some(low), Some(high)) => rng.gen_range(low..=high.max(low)),
        (Some(low), None) => rng.gen_range(low..=low * 3 + 1),
        (None, Some(high)) => rng.gen_range(high.min(0) * 2..=high),
        (None, None) => rng.gen_range(20..3_000),
    };
    let scale = 10_i64.pow(decimals.into());
    let text = match decimals {
        0 => steps.to_string(),
        _ => {
            let sign = if steps < 0 { "-" } else { "" };
            let (whole, fraction) = (steps.abs() / scale, steps.abs() % scale);
            format!("{sign}{whole}.{fraction:0width$}", width = usize::from(decimals))
        }
    };
    text.parse().expect("digits with a point between them are a reading")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;
    use crate::domain::checklist::SHIPPED;
    use crate::domain::problem::{Problem, sheet_problems};

    #[test]
    fn whatever_the_seed_every_shipped_checklist_is_filled_to_the_end() {
        let now = DateTime::parse_from_rfc3339("2026-03-04T09:00:00+08:00").unwrap();
        let mut failed = 0;
        for (text, seed) in SHIPPED.iter().flat_map(|text| (0..200).map(move |seed| (text, seed))) {
            let (name, checklist) = Checklist::parse(text.as_bytes()).unwrap();
            let photos = usize::try_from(seed % 4).unwrap();
            let steps = walk(&name, &checklist, now, photos, &mut StdRng::seed_from_u64(seed));
            assert!(steps.iter().filter(|step| step.photo).count() <= photos);
            let mut sheet = Sheet::new(name);
            for step in steps {
                let mut answer = step.answer;
                answer.photos.extend(step.photo.then(|| Digest::of(b"photo")));
                sheet.answers.insert(step.item, answer);
            }
            let mut problems = sheet_problems(&checklist, &sheet, now);
            problems.retain(Problem::blocks_finishing);
            assert_eq!(problems, [], "seed {seed}");
            let verdict = |item| judge(item, &sheet, now.date_naive()).verdict;
            failed += checklist.items().filter(|item| verdict(item) == Verdict::Fail).count();
        }
        assert!(failed > 200, "only {failed} failures in 200 visits");
    }
}
