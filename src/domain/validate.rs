//! The validator of checklists: a wrong reference is found here, never at the site.

use std::collections::BTreeSet;

use super::checklist::{Checklist, Formula, Item, Level, Limit, Part, PartKind, PhotoRule};
use super::condition::{Condition, Op, Test};
use super::reading::Reading;

/// Everything wrong with a checklist, one sentence each; empty when it may be published.
pub fn defects(checklist: &Checklist) -> Vec<String> {
    let mut found = Vec::new();
    duplicates("section", checklist.sections.iter().map(|s| s.code.as_str()), &mut found);
    duplicates("item", checklist.items().map(|i| i.code.as_str()), &mut found);
    duplicates("source", checklist.sources.iter().map(|s| s.id.as_str()), &mut found);
    if checklist.items().next().is_none() {
        found.push("no items".to_owned());
    }
    if checklist.site_kinds.is_empty() {
        found.push("no site kinds".to_owned());
    }
    for item in checklist.items() {
        let mut of_item = Vec::new();
        item_defects(checklist, item, &mut of_item);
        found.extend(of_item.into_iter().map(|defect| format!("{}: {defect}", item.code)));
    }
    found
}

fn item_defects(checklist: &Checklist, item: &Item, found: &mut Vec<String>) {
    duplicates("part", item.parts.iter().map(|p| p.key.as_str()), found);
    if item.parts.is_empty() {
        found.push("no parts".to_owned());
    }
    for basis in &item.basis {
        if checklist.source(&basis.source).is_none() {
            found.push(format!("unknown source {}", basis.source));
        }
    }
    let texts = [&item.text].into_iter().chain(&item.problems).chain(&item.advice).chain(&item.hint);
    if texts.into_iter().any(|text| text.zh.trim().is_empty() || text.en.trim().is_empty()) {
        found.push("an empty sentence".to_owned());
    }
    let judged = item.level != Level::I;
    if judged && (item.problems.is_empty() || item.advice.is_empty()) {
        found.push("no ready problem or advice sentence".to_owned());
    }
    if !judged && item.photo == PhotoRule::RequiredWhenFailed {
        found.push("an information item cannot fail, so no photo can be required".to_owned());
    }
    for escalation in &item.escalations {
        if escalation.level <= item.level {
            found.push(format!("escalation to {} does not rise", escalation.level.letter()));
        }
        condition_defects(checklist, item, &escalation.when, found);
    }
    item.visible_if.iter().for_each(|condition| condition_defects(checklist, item, condition, found));
    for part in &item.parts {
        part_defects(checklist, item, part, found);
    }
}

fn part_defects(checklist: &Checklist, item: &Item, part: &Part, found: &mut Vec<String>) {
    if item.parts.len() > 1 && part.label.is_none() {
        found.push(format!("part {} has no label", part.key));
    }
    part.visible_if.iter().for_each(|condition| condition_defects(checklist, item, condition, found));
    match &part.kind {
        PartKind::One { choices } | PartKind::Many { choices } => {
            duplicates("choice", choices.iter().map(|c| c.code.as_str()), found);
            if choices.len() < 2 {
                found.push(format!("part {} offers no choice", part.key));
            }
        }
        PartKind::Number { limits, decimals, .. } | PartKind::Series { limits, decimals, .. } => {
            limits.iter().for_each(|limit| limit_defects(checklist, item, limit, *decimals, found));
        }
        PartKind::Computed { formula, limits, .. } => {
            for condition in limits.iter().filter_map(|limit| limit.applies_if.as_ref()) {
                condition_defects(checklist, item, condition, found);
            }
            let keys: Vec<&String> = match formula {
                Formula::Sum(keys) => keys.iter().collect(),
                Formula::Difference(keys) | Formula::Ratio(keys) => keys.iter().collect(),
                Formula::Mean(key) => vec![key],
            };
            for key in keys.into_iter().filter(|key| item.part(key).is_none()) {
                found.push(format!("part {} is computed from unknown part {key}", part.key));
            }
        }
        _ => {}
    }
}

fn limit_defects(checklist: &Checklist, item: &Item, limit: &Limit, decimals: u8, found: &mut Vec<String>) {
    if limit.value.decimals() > u32::from(decimals) {
        found.push(format!("limit {} is finer than the readings", limit.value));
    }
    limit.applies_if.iter().for_each(|condition| condition_defects(checklist, item, condition, found));
}

fn condition_defects(checklist: &Checklist, here: &Item, condition: &Condition, found: &mut Vec<String>) {
    for test in condition.tests() {
        let item = test.item.as_deref().map_or(Some(here), |code| checklist.item(code));
        match item.and_then(|item| item.part(&test.part)) {
            None => found.push(format!("a condition names unknown part {}", test.part)),
            Some(part) if !fits(part, test) => {
                found.push(format!("a condition cannot compare part {} with “{}”", test.part, test.value));
            }
            Some(_) => {}
        }
    }
}

fn fits(part: &Part, test: &Test) -> bool {
    let has = |code: &str| match &part.kind {
        PartKind::One { choices } | PartKind::Many { choices } => choices.iter().any(|c| c.code == code),
        _ => false,
    };
    match (&part.kind, test.op) {
        (PartKind::Computed { .. }, _) => false,
        (_, Op::Answered) => test.value.is_empty(),
        (PartKind::Number { not_measured, .. }, Op::NotMeasured) => *not_measured && test.value.is_empty(),
        (PartKind::Number { .. }, Op::Eq | Op::Lt | Op::Le | Op::Gt | Op::Ge) => {
            test.value.parse::<Reading>().is_ok()
        }
        (PartKind::YesNo, Op::Eq) => test.value == "yes" || test.value == "no",
        (PartKind::One { .. }, Op::Eq) | (PartKind::Many { .. }, Op::Has) => has(&test.value),
        _ => false,
    }
}

fn duplicates<'a>(what: &str, names: impl Iterator<Item = &'a str>, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            found.push(format!("a {what} without a name"));
        }
        if !seen.insert(name) {
            found.push(format!("{what} {name} twice"));
        }
    }
}
