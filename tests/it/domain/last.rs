//! What the next visit is told of this one.

use xieguan::domain::answer::PartValue;
use xieguan::domain::finding::Handling;
use xieguan::domain::id::Digest;
use xieguan::domain::last::last_answers;

use crate::support::records::{answer, compliant_sheet, day, library, number, yes_no};

#[test]
fn every_answered_item_is_told_in_short_and_no_free_or_confidential_text_is() {
    let mut sheet = compliant_sheet();
    sheet.answers.get_mut("WR-06").unwrap().not_applicable = true;
    sheet.answers.insert("WR-15".to_owned(), answer(&[("value", number("0.02"))]));
    let mut failed = answer(&[("ok", yes_no(false))]);
    failed.handling = Some(Handling { problem: "盖".repeat(500), ..Handling::default() });
    failed.note = "备注里的话".to_owned();
    sheet.answers.insert("WR-12".to_owned(), failed);
    let licence = sheet.answers.get_mut("WR-01").unwrap();
    licence.parts.insert("number".to_owned(), PartValue::Text { text: "示例水证".to_owned() });
    licence.parts.insert("who".to_owned(), PartValue::Confidential { digest: Digest::of(b"x") });
    sheet.answers.remove("WR-20");

    let told = last_answers(&[sheet], &library(), day());
    let of = |item: &str| told.iter().find(|answer| answer.item == item);
    assert_eq!(told.len(), 20, "an open item is not told");
    assert!(of("WR-20").is_none());
    assert!(of("WR-06").unwrap().not_applicable && of("WR-06").unwrap().parts.is_empty());
    assert_eq!(of("WR-15").unwrap().problem, "末梢水余氯低于下限");
    assert_eq!(of("WR-15").unwrap().parts["value"], number("0.02"));
    assert_eq!(of("WR-12").unwrap().problem.chars().count(), 60);
    assert_eq!(of("WR-01").unwrap().parts.keys().collect::<Vec<_>>(), ["expires", "ok"]);
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("备注里的话") && !text.contains("示例水证"));
    assert!(text.len() < 3_000, "{} bytes for each phone of the township", text.len());
}

#[test]
fn a_sheet_whose_checklist_nobody_has_any_more_tells_nothing() {
    assert_eq!(last_answers(&[compliant_sheet()], &xieguan::domain::checklist::Library::new(), day()), []);
}
