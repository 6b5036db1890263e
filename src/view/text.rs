//! Values in words: answers, limits, reasons, times. Pure functions; the parts around them are markup.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use super::words::words;
use crate::domain::answer::{Answer, PartValue, Sheet};
use crate::domain::checklist::{Choice, Comparator, Item, Limit, Part, PartKind};
use crate::domain::judge::{Reason, asked_parts, compute, limits_in_force};
use crate::domain::last::LastAnswer;
use crate::domain::text::Language;

/// A part of an answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The part's label; empty when the item has only this part.
    pub label: String,
    /// Its value.
    pub value: String,
    /// The limits in force, empty without any.
    pub limits: String,
}

/// The parts asked with the answers given, in words and in the checklist's order; computed ones included.
pub fn answer_lines(item: &Item, sheet: &Sheet, language: Language) -> Vec<Line> {
    let line = |part: &Part| {
        let value = match &part.kind {
            PartKind::Computed { formula, unit, .. } => {
                with_unit(&compute(formula, item, sheet)?.to_string(), in_words(unit, language))
            }
            _ => value_text(part, sheet.value(&item.code, &part.key)?, language),
        };
        let limits = limits_text(&limits_in_force(part, item, sheet), unit_of(part, language), language);
        Some(Line { label: label(item, part, language), value, limits })
    };
    asked_parts(item, sheet).filter_map(line).collect()
}

/// A whole answer in one line: “符合；消毒方式：次氯酸钠”.
pub fn answer_text(item: &Item, answer: &Answer, language: Language) -> String {
    let w = &words(language).answer;
    if answer.not_applicable {
        return w.not_applicable.to_owned();
    }
    let said = item.parts.iter().filter_map(|part| {
        let value = value_text(part, answer.parts.get(&part.key)?, language);
        let label = label(item, part, language);
        Some(if label.is_empty() { value } else { format!("{label}{}{value}", w.colon) })
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { w.unanswered.to_owned() } else { said.join(w.separator) }
}

/// What was answered last time, in one line: “0.12 mg/L（DPD 比色）”, “不符合：…”.
pub fn last_text(item: &Item, last: &LastAnswer, language: Language) -> String {
    let all = words(language);
    let mut parts = last.parts.clone();
    if !last.problem.is_empty() {
        parts.retain(|_, value| !matches!(value, PartValue::YesNo { .. }));
    }
    let not_applicable = last.not_applicable;
    let answer = Answer { not_applicable, parts, ..Answer::default() };
    let failed = (!last.problem.is_empty()).then(|| (all.sheet.last_failed)(&last.problem));
    let given = (failed.is_none() || !answer.parts.is_empty()).then(|| answer_text(item, &answer, language));
    given.into_iter().chain(failed).collect::<Vec<_>>().join(all.answer.separator)
}

/// One value in words.
pub fn value_text(part: &Part, value: &PartValue, language: Language) -> String {
    let w = &words(language).answer;
    match value {
        PartValue::YesNo { yes } => if *yes { w.yes } else { w.no }.to_owned(),
        PartValue::Number { reading, instrument } => {
            let reading = with_unit(reading.as_str(), unit_of(part, language));
            match instrument.as_deref().filter(|text| !text.is_empty()) {
                Some(instrument) => reading + &(w.instrument)(&instrument_text(part, instrument, language)),
                None => reading,
            }
        }
        PartValue::NotMeasured { reason } => (w.not_measured)(reason),
        PartValue::Count { required, actual } => (w.count)(*required, *actual),
        PartValue::One { choice } => choice_text(part, choice, language),
        PartValue::Many { choices } => {
            let chosen: Vec<String> = choices.iter().map(|code| choice_text(part, code, language)).collect();
            chosen.join(w.comma)
        }
        PartValue::Text { text } => text.clone(),
        PartValue::Confidential { .. } => w.confidential.to_owned(),
        PartValue::Date { date } => date.to_string(),
        PartValue::Moment { at } => minute(*at),
        PartValue::Series { readings } => {
            let each = readings.iter().map(|r| {
                let reading = with_unit(r.reading.as_str(), unit_of(part, language));
                if r.label.is_empty() { reading } else { format!("{} {reading}", r.label) }
            });
            each.collect::<Vec<_>>().join(w.separator)
        }
    }
}

/// Limits as printed: `0.05–2 mg/L`, `≤ 1 NTU`; empty for none.
pub fn bare_limits(limits: &[&Limit], unit: &str) -> String {
    use Comparator as C;
    let text = match limits {
        [low, high] if low.cmp == C::AtLeast && high.cmp == C::AtMost => {
            format!("{}–{}", low.value, high.value)
        }
        _ => {
            let each = limits.iter().map(|limit| format!("{} {}", limit.cmp.sign(), limit.value));
            each.collect::<Vec<_>>().join(", ")
        }
    };
    if text.is_empty() { text } else { with_unit(&text, unit) }
}

/// Limits in words: `合格 0.05–2 mg/L`; empty for none.
pub fn limits_text(limits: &[&Limit], unit: &str, language: Language) -> String {
    let bare = bare_limits(limits, unit);
    if bare.is_empty() { bare } else { (words(language).answer.compliant)(&bare) }
}

/// Why an item fails, in words: `低于下限 0.05 mg/L`. `None` for the item is a record whose checklist is gone.
pub fn reason_text(reason: &Reason, item: Option<&Item>, language: Language) -> String {
    let w = &words(language).answer;
    let part = |key: &String| item.and_then(|item| item.part(key));
    match reason {
        Reason::No { part: key } => {
            let label = part(key).and_then(|p| p.label.as_ref()).map_or("", |text| text.get(language));
            (w.is_no)(label)
        }
        Reason::OutOfLimit { part: key, reading, cmp, limit } => {
            let unit = part(key).map_or("", |part| unit_of(part, language));
            let past = (w.past_limit)(*cmp, &with_unit(limit.as_str(), unit));
            format!(
                "{}{}{past}",
                with_unit(reading.as_str(), unit),
                if language == Language::Zh { "，" } else { ": " }
            )
        }
        Reason::TooFew { required, actual, .. } => (w.too_few)(*required, *actual),
        Reason::BadChoice { part: key, choice } => match part(key) {
            Some(part) => choice_text(part, choice, language),
            None => choice.clone(),
        },
        Reason::Expired { on, .. } => (w.expired)(&on.to_string()),
        Reason::TooOld { on, max_age_days, .. } => (w.too_old)(&on.to_string(), *max_age_days),
    }
}

/// A part's label; empty for the only part of an item without one.
pub fn label(item: &Item, part: &Part, language: Language) -> String {
    match &part.label {
        Some(text) => text.get(language).to_owned(),
        None if item.parts.len() == 1 => String::new(),
        None => (words(language).terms.part_kind)(&part.kind).to_owned(),
    }
}

/// The unit of a part as it is read; empty without one.
pub fn unit_of(part: &Part, language: Language) -> &str {
    match &part.kind {
        PartKind::Number { unit, .. } | PartKind::Series { unit, .. } | PartKind::Computed { unit, .. } => {
            in_words(unit, language)
        }
        _ => "",
    }
}

/// A unit that is a word (人, 班) in the reader's language; the others are the same everywhere.
fn in_words(unit: &str, language: Language) -> &str {
    (words(language).answer.unit)(unit).unwrap_or(unit)
}

/// `2026-11-21 09:31` in the zone the moment is given in.
pub fn minute(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-21 09:31–09:55`, in the bureau's zone; the second day is named when it is another.
pub fn span(start: DateTime<FixedOffset>, end: DateTime<FixedOffset>, zone: FixedOffset) -> String {
    let (start, end) = (start.with_timezone(&zone), end.with_timezone(&zone));
    if start.date_naive() == end.date_naive() {
        format!("{}–{}", minute(start), end.format("%H:%M"))
    } else {
        format!("{}–{}", minute(start), minute(end))
    }
}

/// A day as people say it: `12月5日`, `5 Dec`; with the year when it is not the one of `near`.
pub fn day(date: NaiveDate, near: NaiveDate, language: Language) -> String {
    let other_year = date.year() != near.year();
    match (language, other_year) {
        (Language::Zh, false) => format!("{}月{}日", date.month(), date.day()),
        (Language::Zh, true) => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        (Language::En, false) => date.format("%-d %b").to_string(),
        (Language::En, true) => date.format("%-d %b %Y").to_string(),
    }
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

fn choice_text(part: &Part, code: &str, language: Language) -> String {
    match choices(part).iter().find(|choice| choice.code == code) {
        Some(choice) => choice.text.get(language).to_owned(),
        None => (words(language).answer.unknown_choice)(code),
    }
}

fn choices(part: &Part) -> &[Choice] {
    match &part.kind {
        PartKind::One { choices } | PartKind::Many { choices } => choices,
        _ => &[],
    }
}

/// Records store an instrument in the words it was chosen in; a known one is shown in the reader's language.
fn instrument_text(part: &Part, stored: &str, language: Language) -> String {
    let PartKind::Number { instruments, .. } = &part.kind else {
        return stored.to_owned();
    };
    let known = instruments.iter().find(|text| text.zh == stored || text.en == stored);
    known.map_or(stored, |text| text.get(language)).to_owned()
}
