//! Judging, escalating, finding, counting: tables of cases.

use xieguan::domain::answer::{PartValue, Sheet};
use xieguan::domain::checklist::Level;
use xieguan::domain::finding::{Disposition, Handling, findings, guidance};
use xieguan::domain::judge::{Reason, Verdict, judge};
use xieguan::domain::problem::{ProblemKind, draft_problems, sheet_problems};
use xieguan::domain::summary::{register_row, summary};

use crate::support::records::{
    answer, compliant_sheet, day, draft, library, moment, number, one, shipped, water_rural, yes_no,
};

fn verdict_with(item: &str, parts: &[(&str, PartValue)]) -> (Verdict, Option<Level>) {
    let (_, checklist) = water_rural();
    let mut sheet = compliant_sheet();
    sheet.answers.insert(item.to_owned(), answer(parts));
    let judgement = judge(checklist.item(item).unwrap(), &sheet, day());
    (judgement.verdict, judgement.level)
}

/// Item, its parts, and what they come to.
type Case = (&'static str, Vec<(&'static str, PartValue)>, Verdict, Option<Level>);

#[test]
fn each_kind_of_answer_is_judged_as_the_trade_judges_it() {
    use Verdict::{Fail, Open, Pass, Recorded};
    let date = |text: &str| PartValue::Date { date: text.parse().unwrap() };
    let count = |required, actual| PartValue::Count { required, actual };
    let not_measured = PartValue::NotMeasured { reason: "没有试剂".to_owned() };
    let cases: Vec<Case> = vec![
        ("WR-15", vec![("value", number("0.05"))], Pass, None),
        ("WR-15", vec![("value", number("0.04"))], Fail, Some(Level::C)),
        ("WR-15", vec![("value", number("2.01"))], Fail, Some(Level::C)),
        ("WR-15", vec![("value", number("0.00"))], Fail, Some(Level::B)),
        ("WR-15", vec![("value", not_measured)], Recorded, None),
        ("WR-15", vec![], Open, None),
        ("WR-02", vec![("staff", count(3, 3))], Pass, None),
        ("WR-02", vec![("staff", count(3, 2))], Fail, Some(Level::C)),
        ("WR-03", vec![("manager", one("none"))], Fail, Some(Level::C)),
        ("WR-01", vec![("ok", yes_no(true)), ("expires", date("2026-11-21"))], Pass, None),
        ("WR-01", vec![("ok", yes_no(true)), ("expires", date("2026-11-20"))], Fail, Some(Level::B)),
        ("WR-01", vec![("ok", yes_no(true))], Open, None),
        ("WR-01", vec![("ok", yes_no(false))], Fail, Some(Level::B)),
        ("WR-13", vec![("ok", yes_no(true)), ("last", date("2025-11-19"))], Fail, Some(Level::C)),
        ("WR-18", vec![("odour", yes_no(false)), ("visible", yes_no(true))], Fail, Some(Level::B)),
        (
            "WR-18",
            vec![("odour", yes_no(false)), ("visible", yes_no(true)), ("onset", one("sudden"))],
            Fail,
            Some(Level::A),
        ),
        (
            "WR-09",
            vec![("ok", yes_no(false)), ("agent", one("bleach")), ("substitute", one("nothing"))],
            Fail,
            Some(Level::A),
        ),
        (
            "WR-09",
            vec![("ok", yes_no(false)), ("agent", one("bleach")), ("substitute", one("manual"))],
            Fail,
            Some(Level::B),
        ),
        ("WR-16", vec![("value", number("2"))], Fail, Some(Level::C)),
        ("WR-16", vec![("value", number("2")), ("supply", one("limited"))], Pass, None),
        ("WR-08", vec![("process", one("none"))], Recorded, None),
        ("WR-20", vec![("ok", yes_no(false))], Fail, Some(Level::A)),
    ];
    for (item, parts, verdict, level) in cases {
        assert_eq!(verdict_with(item, &parts), (verdict, level), "{item} {parts:?}");
    }
}

#[test]
fn the_chlorine_limits_follow_the_disinfectant() {
    let (_, checklist) = water_rural();
    let judged = |agent: &str, reading: &str| {
        let mut sheet = compliant_sheet();
        sheet.answers.insert("WR-09".to_owned(), answer(&[("ok", yes_no(true)), ("agent", one(agent))]));
        sheet.answers.insert("WR-14".to_owned(), answer(&[("value", number(reading))]));
        judge(checklist.item("WR-14").unwrap(), &sheet, day()).verdict
    };
    assert_eq!(judged("hypochlorite", "0.15"), Verdict::Fail);
    assert_eq!(judged("chlorine_dioxide", "0.15"), Verdict::Pass);
    assert_eq!(judged("chlorine_dioxide", "0.90"), Verdict::Fail);
    assert_eq!(judged("ultraviolet", "0"), Verdict::Pass);
}

/// Judges one item of a shipped checklist, after what was answered at it and at others.
fn judged(code: &str, item: &str, answers: &[(&str, &[(&str, PartValue)])]) -> (Verdict, Option<Level>) {
    let (name, checklist) = shipped(code);
    let mut sheet = Sheet::new(name);
    sheet.answers.extend(answers.iter().map(|(item, parts)| ((*item).to_owned(), answer(parts))));
    let judgement = judge(checklist.item(item).unwrap(), &sheet, day());
    (judgement.verdict, judgement.level)
}

#[test]
fn what_a_school_drinks_decides_which_items_are_asked() {
    let many = |mode: &str| PartValue::Many { choices: [mode.to_owned()].into() };
    let asked = |mode: &str, item: &str| {
        let supply: &[(&str, PartValue)] = &[("ok", yes_no(true)), ("mode", many(mode))];
        judged("WATER_SCHOOL", item, &[("WX-01", supply)]).0 != Verdict::Hidden
    };
    let cases = [
        ("municipal", [false, false, false, false, false]),
        ("own", [true, true, false, true, false]),
        ("second", [false, false, true, true, false]),
        ("machine", [false, false, false, false, true]),
        ("boiled", [false, false, false, false, false]),
    ];
    for (mode, expected) in cases {
        let found = ["WX-03", "WX-04", "WX-05", "WX-06", "WX-09"].map(|item| asked(mode, item));
        assert_eq!(found, expected, "{mode}");
    }
}

#[test]
fn what_place_it_is_decides_which_items_of_illegal_practice_are_asked() {
    let asked = |place: &str, item: &str| {
        judged("ILLEGAL_PRACTICE", item, &[("IM-01", &[("place", one(place))])]).0 != Verdict::Hidden
    };
    let items = ["IM-02", "IM-04", "IM-08", "IM-10", "IM-11", "IM-12", "IM-13", "IM-16"];
    let cases = [
        ("clinic", [true, true, false, false, false, false, false, true]),
        ("pharmacy", [false, false, true, false, false, false, true, true]),
        ("beauty", [false, false, false, true, false, false, true, true]),
        ("wellness", [false, false, false, false, true, false, true, true]),
        ("street", [false, false, false, false, false, true, true, true]),
        ("other", [false, false, false, false, false, false, true, true]),
    ];
    for (place, expected) in cases {
        assert_eq!(items.map(|item| asked(place, item)), expected, "{place}");
    }
}

#[test]
fn a_shop_that_does_not_treat_needs_no_licence_and_one_that_treats_now_without_is_level_a() {
    let place = |parts: &[(&str, PartValue)]| judged("ILLEGAL_PRACTICE", "IM-01", &[("IM-01", parts)]);
    let (no, pharmacy) = (yes_no(false), ("place", one("pharmacy")));
    assert_eq!(place(&[pharmacy.clone(), ("treats", one("no"))]), (Verdict::Recorded, None));
    let treats = ("treats", one("yes"));
    assert_eq!(place(&[pharmacy.clone(), treats.clone()]), (Verdict::Open, None));
    let without = [pharmacy, treats, ("ok", no.clone())];
    assert_eq!(place(&without), (Verdict::Fail, Some(Level::B)));
    assert_eq!(place(&[&without[..], &[("activity", one("now"))]].concat()), (Verdict::Fail, Some(Level::A)));
    let clinic = [("place", one("clinic")), ("ok", no), ("activity", one("traces"))];
    assert_eq!(place(&clinic), (Verdict::Fail, Some(Level::B)));
}

#[test]
fn a_worked_out_ratio_has_its_limit() {
    let windows = |glass: &str, floor: &str| {
        let parts = [("glass", number(glass)), ("floor", number(floor)), ("left", yes_no(true))];
        judged("SCHOOL", "SC-19", &[("SC-19", &parts)])
    };
    assert_eq!(windows("10", "50"), (Verdict::Pass, None));
    assert_eq!(windows("9.8", "50"), (Verdict::Fail, Some(Level::C)), "0.196 is not rounded up to a fifth");
    assert_eq!(windows("9.8", "0").0, Verdict::Pass, "without a ratio only the side of the light is judged");
}

#[test]
fn a_temperature_may_be_above_one_limit_or_below_another() {
    let kept = |reading: &str| {
        let parts = [("ok", yes_no(true)), ("temperature", number(reading))];
        judged("FOOD_CATERING", "FS-13", &[("FS-13", &parts)]).0
    };
    use Verdict::{Fail, Pass};
    for (reading, verdict) in [("7.9", Pass), ("8.0", Fail), ("35.0", Fail), ("60.0", Fail), ("60.1", Pass)] {
        assert_eq!(kept(reading), verdict, "{reading} ℃");
    }
}

#[test]
fn the_room_for_each_pupil_follows_stage_and_building() {
    let room = |stage: &str, building: &str, area: &str| {
        let seats: &[(&str, PartValue)] = &[("stage", one(stage))];
        let parts = [("building", one(building)), ("area", number(area)), ("air", yes_no(true))];
        judged("SCHOOL", "SC-20", &[("SC-14", seats), ("SC-20", &parts)]).0
    };
    for (stage, building, least) in [
        ("primary", "existing", "1.15"),
        ("middle", "existing", "1.12"),
        ("primary", "new", "1.36"),
        ("middle", "new", "1.39"),
    ] {
        let below =
            (least.parse::<rust_decimal::Decimal>().unwrap() - rust_decimal::Decimal::new(1, 2)).to_string();
        assert_eq!(room(stage, building, least), Verdict::Pass, "{stage} {building}");
        assert_eq!(room(stage, building, &below), Verdict::Fail, "{stage} {building}");
    }
}

#[test]
fn a_failing_reading_says_which_limit_it_passed() {
    let (_, checklist) = water_rural();
    let mut sheet = compliant_sheet();
    sheet.answers.insert("WR-15".to_owned(), answer(&[("value", number("0.02"))]));
    let reasons = judge(checklist.item("WR-15").unwrap(), &sheet, day()).reasons;
    assert!(
        matches!(&reasons[..], [Reason::OutOfLimit { reading, limit, .. }]
            if reading.as_str() == "0.02" && limit.as_str() == "0.05"),
        "{reasons:?}"
    );
}

#[test]
fn not_applicable_counts_as_answered_but_not_as_applicable() {
    let (_, checklist) = water_rural();
    let mut sheet = compliant_sheet();
    let before = summary(&checklist, &sheet, day());
    assert_eq!((before.total, before.answered, before.failed_total()), (21, 21, 0));
    sheet.answers.get_mut("WR-06").unwrap().not_applicable = true;
    let after = summary(&checklist, &sheet, day());
    assert_eq!(after.answered, 21);
    assert_eq!(after.applicable, before.applicable - 1);
    sheet.answers.get_mut("WR-20").unwrap().not_applicable = true;
    let kinds: Vec<_> = sheet_problems(&checklist, &sheet, moment()).into_iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::NotApplicableNotOffered], "WR-20 must be answered");
}

#[test]
fn a_failed_item_without_its_required_photo_is_a_problem_and_becomes_a_finding() {
    let (_, checklist) = water_rural();
    let mut sheet = compliant_sheet();
    let mut failed = answer(&[("ok", yes_no(false))]);
    sheet.answers.insert("WR-12".to_owned(), failed.clone());
    let problems = sheet_problems(&checklist, &sheet, moment());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, ProblemKind::PhotoMissing);
    assert!(problems[0].blocks_finishing());

    let found = findings(&checklist, &sheet, day());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].problem, "蓄水池未加盖或未上锁");
    assert_eq!(found[0].disposition, Disposition::Reported, "level B is reported");

    failed.handling = Some(Handling {
        problem: "溢流管无网".to_owned(),
        disposition: Some(Disposition::Corrected),
        deadline: None,
    });
    sheet.answers.insert("WR-12".to_owned(), failed);
    let found = findings(&checklist, &sheet, day());
    assert_eq!((found[0].problem.as_str(), found[0].disposition), ("溢流管无网", Disposition::Corrected));
    assert_eq!(guidance(&[(&checklist, &sheet)], day()), "1. 请给蓄水池加盖上锁，通气孔和溢流管加装防护网。");
}

#[test]
fn words_of_enforcement_and_odd_values_are_questioned_but_never_refused() {
    let (_, checklist) = water_rural();
    let mut sheet = compliant_sheet();
    sheet.answers.get_mut("WR-04").unwrap().note = "责令改正".to_owned();
    let bare = PartValue::Number { reading: "0.123".parse().unwrap(), instrument: None };
    sheet.answers.insert("WR-15".to_owned(), answer(&[("value", bare), ("stranger", yes_no(true))]));
    sheet.answers.insert("XX-99".to_owned(), answer(&[]));
    let future = PartValue::Date { date: "2026-11-22".parse().unwrap() };
    sheet.answers.insert("WR-13".to_owned(), answer(&[("ok", yes_no(true)), ("last", future)]));
    let kinds: Vec<_> = sheet_problems(&checklist, &sheet, moment()).into_iter().map(|p| p.kind).collect();
    let expected = [
        ProblemKind::Wording { word: "责令".to_owned() },
        ProblemKind::InTheFuture { part: "last".to_owned() },
        ProblemKind::UnknownPart { part: "stranger".to_owned() },
        ProblemKind::TooFine { part: "value".to_owned(), max: 2 },
        ProblemKind::NoInstrument { part: "value".to_owned() },
        ProblemKind::UnknownItem,
    ];
    assert_eq!(kinds, expected);
    let future = xieguan::domain::problem::Problem {
        item: Some("WR-13".to_owned()),
        kind: ProblemKind::InTheFuture { part: "last".to_owned() },
    };
    assert!(!future.blocks_finishing(), "a visit begun under a wrong clock could never be finished");
}

#[test]
fn a_settled_visit_has_no_problems_and_each_missing_thing_is_named() {
    let library = library();
    let settled = draft(compliant_sheet());
    assert_eq!(draft_problems(&settled, &library), []);
    let mut bare = settled.clone();
    bare.fixes.clear();
    bare.attestation = None;
    bare.coordinators.push(bare.coordinators[0].clone());
    bare.sheets.clear();
    let kinds: Vec<_> = draft_problems(&bare, &library).into_iter().map(|p| p.kind).collect();
    use ProblemKind as P;
    assert_eq!(kinds, [P::NoSheet, P::SameCoordinator, P::NoPosition, P::NoAttestation]);
}

#[test]
fn a_finished_visit_is_one_row_of_the_national_register() {
    let mut sheet = compliant_sheet();
    sheet.answers.insert("WR-15".to_owned(), answer(&[("value", number("0.02"))]));
    sheet.answers.insert("WR-12".to_owned(), answer(&[("ok", yes_no(false))]));
    let document = super::documents::finished(draft(sheet));
    let row = register_row(&document, &library());
    assert_eq!(row.place_and_content, "示例镇石桥村集中供水站（示例镇石桥村）：农村集中式供水");
    assert_eq!(row.problems, "蓄水池未加盖或未上锁；末梢水余氯低于下限");
    assert_eq!(row.coordinators, "王示例");
    assert_eq!(row.remark, "已报告监督机构、现场指导整改");
}
