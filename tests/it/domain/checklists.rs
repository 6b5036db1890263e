//! The shipped checklists are valid and say what the trade's own table says.

use std::collections::BTreeMap;

use serde::Deserialize;
use xieguan::domain::checklist::{Checklist, Evidence, Item, Level, PartKind, PhotoRule, SHIPPED};
use xieguan::domain::validate::defects;

use crate::support::records::water_rural;

#[test]
fn every_shipped_checklist_is_valid() {
    for text in SHIPPED {
        let (name, checklist) = Checklist::parse(text.as_bytes()).unwrap();
        assert_eq!(defects(&checklist), Vec::<String>::new(), "{}", name.code);
    }
}

/// A misspelt field would be skipped in silence by the parser; writing the checklist again shows it.
#[test]
fn no_shipped_checklist_holds_a_field_that_nobody_reads() {
    for text in SHIPPED {
        let (_, checklist) = Checklist::parse(text.as_bytes()).unwrap();
        let published: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&checklist).unwrap(), published);
    }
}

#[test]
fn wrong_references_are_found_by_the_validator() {
    let plant = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value: serde_json::Value = serde_json::from_str(SHIPPED[0]).unwrap();
        change(&mut value);
        defects(&serde_json::from_value(value).unwrap())
    };
    let planted: [(&str, Vec<String>); 6] = [
        ("section twice", plant(&|c| c["sections"][1]["code"] = c["sections"][0]["code"].clone())),
        ("item twice", plant(&|c| c["sections"][0]["items"][1]["code"] = "WR-01".into())),
        ("unknown source", plant(&|c| c["sections"][0]["items"][0]["basis"][0]["source"] = "none".into())),
        (
            "unknown part",
            plant(&|c| c["sections"][0]["items"][0]["parts"][1]["visible_if"]["is"]["part"] = "x".into()),
        ),
        ("not rising", plant(&|c| c["sections"][2]["items"][1]["escalations"][0]["level"] = "B".into())),
        (
            "no choice",
            plant(&|c| {
                c["sections"][2]["items"][1]["parts"][2]["visible_if"]["is"]["value"] = "maybe".into()
            }),
        ),
    ];
    for (what, found) in planted {
        assert_eq!(found.len(), 1, "{what}: {found:?}");
    }
}

/// One row of the trade's table, see the fixture.
#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    answer: String,
    photo: String,
    level: String,
    basis_mark: String,
}

#[test]
fn the_rural_water_checklist_agrees_with_the_trades_table() {
    assert_eq!(differences(&water_rural().1), Vec::<String>::new());
}

#[test]
fn one_swapped_limit_is_noticed() {
    let text = SHIPPED[0].replacen("\"value\": \"0.05\"", "\"value\": \"0.5\"", 1);
    assert_ne!(text, SHIPPED[0]);
    let (_, changed) = Checklist::parse(text.as_bytes()).unwrap();
    assert_eq!(differences(&changed), ["WR-15: limits 0.5–2"]);
}

fn differences(checklist: &Checklist) -> Vec<String> {
    let rows: Vec<Row> = serde_json::from_str(include_str!("../fixtures/checklist_items.json")).unwrap();
    let mut found = Vec::new();
    for row in &rows {
        match checklist.item(&row.code) {
            None => found.push(format!("{}: missing", row.code)),
            Some(item) => compare(row, item, &mut found),
        }
    }
    let known: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let extra = checklist.items().filter(|item| !known.contains(&item.code.as_str()));
    found.extend(extra.map(|item| format!("{}: not in the table", item.code)));
    found
}

fn compare(row: &Row, item: &Item, found: &mut Vec<String>) {
    let mut differs = |what: &str, same: bool| {
        if !same {
            found.push(format!("{}: {what}", row.code));
        }
    };
    let photo = match item.photo {
        PhotoRule::RequiredWhenFailed => "必",
        PhotoRule::Useful => "宜",
        PhotoRule::None => "–",
        PhotoRule::Forbidden => "禁",
    };
    differs("photo rule", photo == row.photo);
    let evidence = match item.evidence {
        Evidence::Verified => "verified",
        Evidence::ItemVerified => "item-verified",
        Evidence::Unverified => "unverified",
        Evidence::Proposal => "proposal",
    };
    differs("evidence", evidence == row.basis_mark);
    differs("level", levels(item) == levels_of(row));
    differs("kinds of answer", row.answer.split(['+', '/']).all(|kind| has_kind(item, kind)));
    for (limits, fits) in stated_limits(row, item) {
        differs(&format!("limits {limits}"), fits);
    }
}

/// The level and those it can rise to, lowest first.
fn levels(item: &Item) -> Vec<Level> {
    let mut levels: Vec<Level> = item.escalations.iter().map(|e| e.level).chain([item.level]).collect();
    levels.sort();
    levels.dedup();
    levels
}

fn levels_of(row: &Row) -> Vec<Level> {
    let letters = [("I", Level::I), ("C", Level::C), ("B", Level::B), ("A", Level::A)];
    letters.into_iter().filter(|(letter, _)| row.level.contains(letter)).map(|(_, level)| level).collect()
}

fn has_kind(item: &Item, kind: &str) -> bool {
    let any = |test: fn(&PartKind) -> bool| item.parts.iter().any(|part| test(&part.kind));
    match kind.split(['(', '×']).next().unwrap_or_default() {
        "YN" => any(|k| matches!(k, PartKind::YesNo)),
        "EXP" => any(|k| matches!(k, PartKind::Expiry)),
        "CNT" => any(|k| matches!(k, PartKind::CountPair)),
        "DATE" => any(|k| matches!(k, PartKind::Date { .. })),
        "TXT" => any(|k| matches!(k, PartKind::Text { .. })),
        "NUM" => any(|k| matches!(k, PartKind::Number { .. })),
        "SEL" => any(|k| matches!(k, PartKind::One { .. } | PartKind::Many { .. })),
        // The rest of a list in brackets, such as 兼职.
        _ => true,
    }
}

/// The limits that apply to free chlorine, ordinary supply, as `low–high`, and whether the table says so.
///
/// Where the table gives only one side, the standard gives the other: free chlorine at most 2 mg/L at the tap.
fn stated_limits(row: &Row, item: &Item) -> Vec<(String, bool)> {
    let expected: BTreeMap<&str, &str> =
        [("WR-14", "0.3–2"), ("WR-15", "0.05–2"), ("WR-16", "–1"), ("WR-17", "6.5–8.5")].into();
    let stated: BTreeMap<&str, &[&str]> = [
        ("WR-14", ["0.3–2"].as_slice()),
        ("WR-15", &["≥0.05"]),
        ("WR-16", &["≤1", "≤3"]),
        ("WR-17", &["6.5–8.5"]),
    ]
    .into();
    let Some(expected) = expected.get(row.code.as_str()) else { return Vec::new() };
    let in_table = stated[row.code.as_str()].iter().all(|text| row.answer.contains(text));
    let sheet = crate::support::records::compliant_sheet();
    let part = item.part("value").unwrap();
    let limits = xieguan::domain::judge::limits_in_force(part, item, &sheet);
    let side = |signs: [&str; 2]| {
        let found = limits.iter().find(|limit| signs.contains(&limit.cmp.sign()));
        found.map(|limit| limit.value.to_string()).unwrap_or_default()
    };
    let actual = format!("{}–{}", side(["≥", ">"]), side(["≤", "<"]));
    vec![(actual.clone(), in_table && actual == *expected)]
}
