//! Sample checklists, sheets and visits, built through the public API.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail its test")]

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;
use xieguan::domain::answer::{Answer, ChecklistRef, PartValue, Sheet};
use xieguan::domain::checklist::{Checklist, Library, SHIPPED};
use xieguan::domain::id::{BureauId, CoordinatorId, DeviceId, InspectionId, ReportId, SiteId};
use xieguan::domain::inspection::{Attestation, Clock, Coordinator, Draft, Finishing, Origin};
use xieguan::domain::place::{Fix, Mock, Place};
use xieguan::domain::report::{Attempt, Callee, How, Outcome, Reporting};
use xieguan::domain::site::{SiteSnapshot, Township};

/// The rural-water checklist as shipped.
pub(crate) fn water_rural() -> (ChecklistRef, Checklist) {
    static READ: LazyLock<(ChecklistRef, Checklist)> = LazyLock::new(|| shipped("WATER_RURAL"));
    READ.clone()
}

/// [`library`], read once for all tests.
pub(crate) fn shipped_once() -> &'static Library {
    static READ: LazyLock<Library> = LazyLock::new(library);
    &READ
}

/// The shipped checklist of this code.
pub(crate) fn shipped(code: &str) -> (ChecklistRef, Checklist) {
    let parsed = SHIPPED.iter().map(|text| Checklist::parse(text.as_bytes()).unwrap());
    parsed.into_iter().find(|(name, _)| name.code == code).unwrap()
}

/// A library of everything shipped.
pub(crate) fn library() -> Library {
    let parsed = SHIPPED.iter().map(|text| Checklist::parse(text.as_bytes()).unwrap());
    parsed.map(|(name, checklist)| (name.hash, checklist)).collect()
}

/// The day of the sample visit.
pub(crate) fn day() -> NaiveDate {
    moment().date_naive()
}

/// The start of the sample visit.
pub(crate) fn moment() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-21T09:31:00+08:00").unwrap()
}

/// 是 or 否.
pub(crate) fn yes_no(yes: bool) -> PartValue {
    PartValue::YesNo { yes }
}

/// A reading of chlorine with its instrument.
pub(crate) fn number(text: &str) -> PartValue {
    measured(text, "DPD 比色")
}

/// A figure that nothing was measured with.
pub(crate) fn figure(text: &str) -> PartValue {
    PartValue::Number { reading: text.parse().unwrap(), instrument: None }
}

/// A reading with an instrument of this name.
fn measured(text: &str, instrument: &str) -> PartValue {
    PartValue::Number { reading: text.parse().unwrap(), instrument: Some(instrument.to_owned()) }
}

/// A choice.
pub(crate) fn one(choice: &str) -> PartValue {
    PartValue::One { choice: choice.to_owned() }
}

/// An answer of these parts.
pub(crate) fn answer(parts: &[(&str, PartValue)]) -> Answer {
    let parts = parts.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Answer { parts, ..Answer::default() }
}

/// A compliant answer to every item of the rural-water checklist.
pub(crate) fn compliant_sheet() -> Sheet {
    let mut sheet = Sheet::new(water_rural().0);
    let mut put = |item: &str, parts: &[(&str, PartValue)]| {
        sheet.answers.insert(item.to_owned(), answer(parts));
    };
    let date = |text: &str| PartValue::Date { date: text.parse().unwrap() };
    put("WR-01", &[("ok", yes_no(true)), ("expires", date("2028-05-31"))]);
    put("WR-02", &[("staff", PartValue::Count { required: 3, actual: 3 })]);
    put("WR-03", &[("manager", one("part_time"))]);
    for item in ["WR-04", "WR-05", "WR-06", "WR-07", "WR-10", "WR-11", "WR-12", "WR-20"] {
        put(item, &[("ok", yes_no(true))]);
    }
    put("WR-08", &[("process", one("complete"))]);
    put("WR-09", &[("ok", yes_no(true)), ("agent", one("hypochlorite"))]);
    put("WR-13", &[("ok", yes_no(true)), ("last", date("2026-03-15"))]);
    put("WR-14", &[("value", number("0.50"))]);
    put("WR-15", &[("value", number("0.12"))]);
    put("WR-16", &[("value", measured("0.6", "便携式浊度仪"))]);
    put("WR-17", &[("value", measured("7.20", "便携式 pH 计"))]);
    put("WR-18", &[("odour", yes_no(true)), ("visible", yes_no(true))]);
    put("WR-19", &[("ok", yes_no(true)), ("report", date("2026-06-30"))]);
    put("WR-21", &[("source", one("deep_well")), ("population", figure("1200"))]);
    sheet
}

/// A visit with one sheet, everything settled.
pub(crate) fn draft(sheet: Sheet) -> Draft {
    Draft {
        id: InspectionId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001)),
        revision: 1,
        parent: None,
        site: SiteSnapshot {
            id: SiteId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00a1)),
            title: "示例镇石桥村集中供水站".to_owned(),
            kinds: vec!["WATER_RURAL".to_owned()],
            address: "示例镇石桥村".to_owned(),
            township: Township { code: "000000101".to_owned(), name: "示例镇".to_owned() },
            place: Place::from_degrees(30.664_1, 104.069_0),
        },
        origin: Origin::Routine,
        coordinators: vec![Coordinator {
            id: CoordinatorId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00c1)),
            name: "王示例".to_owned(),
            organisation: "示例镇卫生院".to_owned(),
        }],
        started_at: moment(),
        visit_ended_at: None,
        sheets: vec![sheet],
        photos: Vec::new(),
        fixes: vec![Fix {
            place: Place::from_degrees(30.664_21, 104.069_21).unwrap(),
            accuracy_m: 6,
            provider: "webview".to_owned(),
            at: moment(),
            mock: Mock::Unknown,
        }],
        no_fix: None,
        guidance: String::new(),
        attestation: Some(Attestation::Signed {
            name: "张示例".to_owned(),
            role: String::new(),
            statement: String::new(),
            strokes: vec![vec![[100, 200], [300, 250]]],
        }),
    }
}

/// A visit in which people fell ill (level A) and the reservoir stands open (level B).
pub(crate) fn serious_sheet() -> Sheet {
    let mut sheet = compliant_sheet();
    sheet.answers.insert("WR-12".to_owned(), answer(&[("ok", yes_no(false))]));
    sheet.answers.insert("WR-20".to_owned(), answer(&[("ok", yes_no(false))]));
    sheet
}

/// What a phone knows at the moment of signing.
pub(crate) fn finishing(bureau: BureauId, device: DeviceId) -> Finishing {
    Finishing {
        finished_at: moment() + chrono::Duration::minutes(24),
        clock: Clock { offset_s: Some(2), elapsed_s: 1440, jumps: Vec::new() },
        bureau,
        device,
        app_version: "0.1.0".to_owned(),
    }
}

/// A report that nobody has signed yet, found five minutes into the visit.
pub(crate) fn reporting(n: u128) -> Reporting {
    Reporting {
        id: ReportId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0e00 + n)),
        discovered_at: Some(moment() + chrono::Duration::minutes(5)),
        content: None,
        attempts: Vec::new(),
        signed: None,
    }
}

/// A call to the bureau's duty room.
pub(crate) fn attempt(outcome: Outcome) -> Attempt {
    Attempt {
        at: moment() + chrono::Duration::minutes(6),
        to: Callee {
            title: "示例县卫生监督所值班室".to_owned(), phone: "000-0000-0120".to_owned()
        },
        how: How::Call,
        outcome,
    }
}
