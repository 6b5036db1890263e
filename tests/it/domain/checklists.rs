//! The shipped checklists are valid and say what the trade's own table says.

use xieguan::domain::checklist::{Checklist, SHIPPED};
use xieguan::domain::validate::defects;

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
