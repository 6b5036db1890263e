//! One value of every type with every field, as our own code writes it, to hold the described schemas against.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use xieguan::domain::answer::{Answer, PartValue, SeriesReading, Sheet};
use xieguan::domain::checklist::{Checklist, Comparator, Level, SHIPPED};
use xieguan::domain::confidential::Secret;
use xieguan::domain::finding::{Disposition, Finding, Handling};
use xieguan::domain::id::{BureauId, DeviceId, Digest, InspectionId};
use xieguan::domain::inspection::{Attestation, ClockJump, Coordinator, Inspection, UnsignedCause};
use xieguan::domain::judge::Reason;
use xieguan::domain::last::LastAnswer;
use xieguan::domain::new_site::{self, NewSite};
use xieguan::domain::place::{Fix, NoFix, NoFixReason, Place};
use xieguan::domain::report::{Outcome, Report, report};
use xieguan::domain::review::{self, ItemComment, Review};
use xieguan::domain::site::{Contact, LastVisit, Licence, Site, SiteSnapshot};
use xieguan::wire::enrolment::{Hotline, Settings};
use xieguan::wire::pins::{Pins, SignedPins};
use xieguan::wire::sealed::SealedDocument;

use super::office::{photo, site, township};
use crate::judging::EVERYTHING;
use crate::support::records;

/// The values with the names of their schemas.
pub(super) fn values() -> Vec<Value> {
    let mut all = Vec::new();
    let mut add = |schema: &str, value: Value| all.push(json!({ "schema": schema, "value": value }));
    add("Settings", of(&settings()));
    add("Site", of(&whole_site()));
    add("NewSite", of(&new_site()));
    add("Report", of(&whole_report()));
    add("Review", of(&whole_review()));
    for attestation in attestations() {
        let mut inspection = inspection();
        inspection.attestation = Some(attestation);
        add("Inspection", of(&inspection));
    }
    let secret =
        Secret { item: "IM-15".to_owned(), part: "who".to_owned(), salt: [7; 16], text: "示例".to_owned() };
    add("Secret", of(&secret));
    for text in SHIPPED.iter().copied().chain([EVERYTHING]) {
        let (_, checklist) = Checklist::parse(text.as_bytes()).unwrap();
        add("Checklist", serde_json::from_str(text).unwrap());
        add("Checklist", of(&checklist));
    }
    add("Anything", json!({}));
    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let sealed = SealedDocument::seal("{}".to_owned(), device(), &key, Some(String::new()));
    add("SealedDocument", of(&sealed));
    all
}

fn of(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(0xd))
}

fn day() -> NaiveDate {
    records::day()
}

fn fix() -> Option<Fix> {
    records::draft(records::compliant_sheet()).fixes.pop()
}

fn no_fix() -> Option<NoFix> {
    Some(NoFix { reason: NoFixReason::NoSignal, landmark: "村委会对面".to_owned() })
}

fn coordinators() -> Vec<Coordinator> {
    records::draft(records::compliant_sheet()).coordinators
}

fn settings() -> Settings {
    let hotlines = vec![Hotline { title: "值班室".to_owned(), phone: "000-0000-0120".to_owned() }];
    Settings {
        hotlines,
        colleagues: coordinators(),
        certificates: Some(certificates()),
        ..Settings::default()
    }
}

fn certificates() -> SignedPins {
    let (bureau, certificates) = (BureauId(Uuid::from_u128(0xb)), vec![Digest::of(b"certificate")]);
    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    Pins { bureau, sequence: 1, certificates }.sign(&key).unwrap()
}

fn parts() -> Vec<PartValue> {
    let text = "示例".to_owned();
    let reading = || "0.30".parse().unwrap();
    vec![
        records::yes_no(true),
        records::number("0.30"),
        PartValue::NotMeasured { reason: text.clone() },
        PartValue::Count { required: 3, actual: 2 },
        records::one("deep_well"),
        PartValue::Many { choices: ["a".to_owned()].into() },
        PartValue::Text { text: text.clone() },
        PartValue::Confidential { digest: Digest::of(b"1") },
        PartValue::Date { date: day() },
        PartValue::Moment { at: records::moment() },
        PartValue::Series { readings: vec![SeriesReading { label: text, reading: reading() }] },
    ]
}

fn reasons() -> Vec<Reason> {
    let part = || "ok".to_owned();
    let reading = || "0.30".parse().unwrap();
    vec![
        Reason::No { part: part() },
        Reason::OutOfLimit { part: part(), reading: reading(), cmp: Comparator::AtLeast, limit: reading() },
        Reason::TooFew { part: part(), required: 3, actual: 2 },
        Reason::BadChoice { part: part(), choice: "none".to_owned() },
        Reason::Expired { part: part(), on: day() },
        Reason::TooOld { part: part(), on: day(), max_age_days: 180 },
    ]
}

fn attestations() -> [Attestation; 2] {
    let text = || "示例".to_owned();
    let strokes = vec![vec![[1, 2], [3, 4]]];
    [
        Attestation::Signed { name: text(), role: text(), statement: text(), strokes },
        Attestation::Unsigned { cause: UnsignedCause::Refused, reason: text(), witness: text() },
    ]
}

fn inspection() -> Inspection {
    let parts = parts().into_iter().enumerate().map(|(n, part)| (n.to_string(), part)).collect();
    let handling = Handling {
        problem: "示例".to_owned(),
        disposition: Some(Disposition::Guided),
        deadline: Some(day()),
    };
    let answer = Answer {
        not_applicable: true,
        parts,
        note: "示例".to_owned(),
        photos: vec![Digest::of(b"1")],
        handling: Some(handling),
    };
    let mut sheet = Sheet::new(records::water_rural().0);
    sheet.answers.insert("WR-01".to_owned(), answer);
    let mut draft = records::draft(sheet);
    draft.parent = Some(Digest::of(b"parent"));
    draft.visit_ended_at = Some(records::moment());
    draft.no_fix = no_fix();
    let mut picture = photo(b"1", b"2");
    (picture.item, picture.fix) = (Some("WR-01".to_owned()), fix());
    draft.photos = vec![picture];
    let facts = records::finishing(BureauId(Uuid::from_u128(0xb)), device());
    let mut inspection = draft.finish(facts, &records::library());
    inspection.clock.jumps = vec![ClockJump { at: records::moment(), by_s: -3600 }];
    inspection.findings = vec![Finding {
        checklist: "WATER_RURAL".to_owned(),
        item: "WR-01".to_owned(),
        level: Level::B,
        problem: "示例".to_owned(),
        reasons: reasons(),
        disposition: Disposition::Reported,
        deadline: Some(day()),
        photos: vec![Digest::of(b"1")],
    }];
    inspection
}

fn whole_report() -> Report {
    let draft = records::draft(records::serious_sheet());
    let facts = records::finishing(BureauId(Uuid::from_u128(0xb)), device());
    let mut made = report(&draft, &records::reporting(1), &facts, &records::library()).unwrap();
    made.parent = Some(Digest::of(b"parent"));
    made.attempts = vec![records::attempt(Outcome::Reached)];
    (made.fix, made.no_fix) = (fix(), no_fix());
    made.site = SiteSnapshot::from(&whole_site());
    made
}

fn whole_site() -> Site {
    let text = || "示例".to_owned();
    let answer = LastAnswer {
        item: "WR-01".to_owned(),
        not_applicable: true,
        parts: [("ok".to_owned(), records::yes_no(true))].into(),
        problem: text(),
    };
    let last_visit = LastVisit {
        inspection: InspectionId(Uuid::from_u128(1)),
        at: records::moment(),
        level: Some(Level::C),
        problems: vec![text()],
        answers: vec![answer],
    };
    Site {
        nickname: text(),
        place: Place::from_degrees(30.664_1, 104.069_0),
        credit_code: text(),
        licences: vec![Licence { title: text(), number: text(), expires_on: Some(day()) }],
        contacts: vec![Contact { name: text(), role: text(), phone: text() }],
        last_visit: Some(last_visit),
        ..site("示例镇石桥村集中供水站", township(0))
    }
}

fn new_site() -> NewSite {
    NewSite {
        schema: new_site::SCHEMA,
        revision: 1,
        parent: Some(Digest::of(b"parent")),
        bureau: BureauId(Uuid::from_u128(0xb)),
        site: whole_site(),
        made_at: records::moment(),
        fix: fix(),
        clock: records::finishing(BureauId(Uuid::from_u128(0xb)), device()).clock,
        coordinators: coordinators(),
        device: device(),
        app_version: "0.1.0".to_owned(),
    }
}

fn whole_review() -> Review {
    Review {
        inspection: InspectionId(Uuid::from_u128(1)),
        revision: 1,
        document: Some(Digest::of(b"document")),
        outcome: review::Outcome::Returned,
        comment: "示例".to_owned(),
        items: vec![ItemComment { sheet: 1, item: "WR-01".to_owned(), text: "示例".to_owned() }],
        by: "示例".to_owned(),
        at: records::moment(),
        site: "示例".to_owned(),
        number: "2026-000001".to_owned(),
    }
}
