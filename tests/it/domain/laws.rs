//! Laws: what holds for every sheet, however little of it is filled and in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use xieguan::domain::answer::{Answer, PartValue, Sheet};
use xieguan::domain::finding::findings;
use xieguan::domain::inspection::Draft;
use xieguan::domain::judge::judge_sheet;
use xieguan::domain::problem::{draft_problems, sheet_problems};
use xieguan::domain::summary::{register_row, summary};

use crate::support::records::{day, draft, library, moment, water_rural};

fn any_value() -> impl Strategy<Value = PartValue> {
    let date = (2000i32..2100, 1u32..13, 1u32..29)
        .prop_map(|(y, m, d)| PartValue::Date { date: chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap() });
    let choices =
        prop::sample::select(vec!["nothing", "sudden", "chlorine_dioxide", "none", "limited", "odd"]);
    prop_oneof![
        any::<bool>().prop_map(|yes| PartValue::YesNo { yes }),
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?"
            .prop_map(|text| PartValue::Number { reading: text.parse().unwrap(), instrument: None }),
        Just(PartValue::NotMeasured { reason: String::new() }),
        any::<(u32, u32)>().prop_map(|(required, actual)| PartValue::Count { required, actual }),
        choices.clone().prop_map(|choice| PartValue::One { choice: choice.to_owned() }),
        prop::collection::btree_set(choices.prop_map(str::to_owned), 0..3)
            .prop_map(|choices: BTreeSet<String>| PartValue::Many { choices }),
        ".{0,40}".prop_map(|text| PartValue::Text { text }),
        date,
    ]
}

fn any_answers() -> impl Strategy<Value = Vec<(String, Answer)>> {
    let codes: Vec<String> =
        water_rural().1.items().map(|item| item.code.clone()).chain(["XX-01".to_owned()]).collect();
    let keys =
        prop::sample::select(vec!["ok", "value", "agent", "substitute", "onset", "staff", "expires", "odd"]);
    let parts = prop::collection::btree_map(keys.prop_map(str::to_owned), any_value(), 0..4);
    let answer = (any::<bool>(), parts).prop_map(|(not_applicable, parts)| Answer {
        not_applicable,
        parts,
        ..Answer::default()
    });
    prop::collection::btree_map(prop::sample::select(codes), answer, 0..22)
        .prop_map(|answers| answers.into_iter().collect())
}

fn filled(answers: &[(String, Answer)]) -> Draft {
    let mut sheet = Sheet::new(water_rural().0);
    for (item, answer) in answers {
        sheet.answers.insert(item.clone(), answer.clone());
    }
    draft(sheet)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_answering_never_matters(
        (answers, shuffled) in any_answers().prop_flat_map(|a| (Just(a.clone()), Just(a).prop_shuffle()))
    ) {
        let (_, checklist) = water_rural();
        let (one, other) = (filled(&answers), filled(&shuffled));
        prop_assert_eq!(
            judge_sheet(&checklist, &one.sheets[0], day()),
            judge_sheet(&checklist, &other.sheets[0], day())
        );
        let (one, other) = (super::documents::finished(one), super::documents::finished(other));
        let bytes = |document| xieguan::domain::seal::canonical(document).unwrap();
        prop_assert_eq!(bytes(&one), bytes(&other));
    }

    #[test]
    fn a_half_filled_sheet_never_errs_and_its_counts_add_up(answers in any_answers()) {
        let (_, checklist) = water_rural();
        let draft = filled(&answers);
        let sheet = &draft.sheets[0];
        let counted = summary(&checklist, sheet, day());
        prop_assert!(counted.answered <= counted.total && counted.applicable <= counted.answered);
        prop_assert_eq!(counted.passed + counted.failed_total(), counted.applicable);
        prop_assert_eq!(findings(&checklist, sheet, day()).len() as u32, counted.failed_total());
        sheet_problems(&checklist, sheet, moment());
        draft_problems(&draft, &library());
        let document = super::documents::finished(draft);
        let row = register_row(&document, &library());
        prop_assert!(row.problems.chars().count() <= 500);
        let text = xieguan::domain::seal::canonical(&document).unwrap();
        prop_assert_eq!(serde_json::from_str::<xieguan::domain::inspection::Inspection>(&text).unwrap(), document);
    }
}
