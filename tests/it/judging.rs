//! Findings are worked out a second time by another reader of the published checklists, in another language
//! (`tests/clients/judging.py`), from thousands of random sheets: what `docs/protocol.md` says is enough, and true.

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use xieguan::domain::answer::{Answer, ChecklistRef, PartValue, SeriesReading, Sheet};
use xieguan::domain::checklist::{Checklist, Part, PartKind, SHIPPED};
use xieguan::domain::finding::{Disposition, Handling, findings};
use xieguan::domain::id::Digest;
use xieguan::domain::judge::{Reason, Verdict, judge_sheet};
use xieguan::domain::validate::defects;

use crate::support::clients::{python, run};
use crate::support::records;
use crate::support::rounds::{long, seed};

/// A checklist with every kind of part, limit, condition and formula.
pub(crate) const EVERYTHING: &str = include_str!("../support/everything.json");

/// Fills sheets with what fits mostly, and sometimes with what does not.
struct Hand {
    rng: StdRng,
}

impl Hand {
    fn sheet(&mut self, name: &ChecklistRef, checklist: &Checklist) -> Sheet {
        let mut sheet = Sheet::new(name.clone());
        for item in checklist.items() {
            if self.rng.gen_bool(0.1) {
                continue;
            }
            let mut answer = Answer { not_applicable: self.rng.gen_bool(0.1), ..Answer::default() };
            for part in &item.parts {
                if self.rng.gen_bool(0.85) {
                    answer.parts.insert(part.key.clone(), self.value(part));
                }
            }
            if self.rng.gen_bool(0.3) {
                answer.photos = vec![Digest::of(item.code.as_bytes())];
                answer.handling = Some(self.handling());
            }
            sheet.answers.insert(item.code.clone(), answer);
        }
        sheet
    }

    fn handling(&mut self) -> Handling {
        let all = [Disposition::Guided, Disposition::Corrected, Disposition::Reported];
        Handling {
            problem: if self.rng.gen_bool(0.5) { "水箱没盖".to_owned() } else { String::new() },
            disposition: if self.rng.gen_bool(0.5) { all.choose(&mut self.rng).copied() } else { None },
            deadline: self.rng.gen_bool(0.5).then(records::day),
        }
    }

    fn reading(&mut self) -> String {
        let near = [
            "0", "0.0", "0.05", "0.050", "0.01", "0.1", "0.30", "0.49", "1.00", "2", "2.00", "-3.0", "5",
            "7", "7.01",
        ];
        match self.rng.gen_bool(0.5) {
            true => (*near.choose(&mut self.rng).unwrap()).to_owned(),
            false => {
                let sign = if self.rng.gen_bool(0.1) { "-" } else { "" };
                let digits = self.rng.gen_range(0..4);
                let whole = self.rng.gen_range(0..200);
                let fraction: String =
                    (0..digits).map(|_| char::from(self.rng.gen_range(b'0'..=b'9'))).collect();
                let point = if fraction.is_empty() { "" } else { "." };
                format!("{sign}{whole}{point}{fraction}")
            }
        }
    }

    fn choice(&mut self, part: &Part) -> String {
        match &part.kind {
            PartKind::One { choices } | PartKind::Many { choices } if self.rng.gen_bool(0.95) => {
                choices.choose(&mut self.rng).unwrap().code.clone()
            }
            _ => "odd".to_owned(),
        }
    }

    /// Sometimes of another kind than the part's: a document from elsewhere may say anything.
    fn value(&mut self, part: &Part) -> PartValue {
        let days = chrono::Days::new(self.rng.gen_range(0..800));
        let date = records::day() - chrono::Days::new(400) + days;
        let number = PartValue::Number { reading: self.reading().parse().unwrap(), instrument: None };
        let odd = self.rng.gen_bool(0.05);
        match &part.kind {
            PartKind::YesNo if !odd => PartValue::YesNo { yes: self.rng.gen_bool(0.6) },
            PartKind::Number { .. } if self.rng.gen_bool(0.1) => {
                PartValue::NotMeasured { reason: String::new() }
            }
            PartKind::Number { .. } if !odd => number,
            PartKind::CountPair if !odd => {
                PartValue::Count { required: self.rng.gen_range(0..5), actual: self.rng.gen_range(0..5) }
            }
            PartKind::One { .. } => PartValue::One { choice: self.choice(part) },
            PartKind::Many { .. } => PartValue::Many { choices: (0..2).map(|_| self.choice(part)).collect() },
            PartKind::Text { .. } => PartValue::Text { text: "示例".to_owned() },
            PartKind::Confidential { .. } => PartValue::Confidential { digest: Digest::of(b"1") },
            PartKind::Date { .. } | PartKind::Expiry if !odd => PartValue::Date { date },
            PartKind::Moment if !odd => PartValue::Moment { at: records::moment() },
            PartKind::Series { .. } if !odd => {
                let mut one =
                    || SeriesReading { label: String::new(), reading: self.reading().parse().unwrap() };
                let readings = (0..3).map(|_| one()).collect();
                PartValue::Series { readings }
            }
            _ => match self.rng.gen_range(0..3) {
                0 => number,
                1 => PartValue::YesNo { yes: false },
                _ => PartValue::Date { date },
            },
        }
    }
}

#[tokio::test]
async fn another_reader_of_the_protocol_page_works_out_the_same_findings() {
    let seed = seed();
    let mut hand = Hand { rng: StdRng::seed_from_u64(seed) };
    let texts: Vec<&str> = SHIPPED.iter().copied().chain([EVERYTHING]).collect();
    let (mut cases, mut reasons, mut hidden) = (Vec::new(), std::collections::BTreeSet::new(), 0);
    for text in &texts {
        let (name, checklist) = Checklist::parse(text.as_bytes()).unwrap();
        // One item has no sentence on purpose: its own is taken then.
        let bare = if *text == EVERYTHING { 1 } else { 0 };
        assert_eq!(defects(&checklist), ["EV-06: no ready problem or advice sentence"][..bare]);
        // The one that has everything weighs as much as all others.
        let sheets = if *text == EVERYTHING { 280 } else { 40 } * if long() { 10 } else { 1 };
        for _ in 0..sheets {
            let sheet = hand.sheet(&name, &checklist);
            let found = findings(&checklist, &sheet, records::day());
            reasons.extend(found.iter().flat_map(|finding| &finding.reasons).map(kind));
            let judged = judge_sheet(&checklist, &sheet, records::day());
            hidden += judged.values().filter(|one| one.verdict == Verdict::Hidden).count();
            cases.push(json!({ "sheet": sheet, "day": records::day(), "findings": found }));
        }
    }
    assert_eq!(reasons.len(), 6, "seed {seed}: not every reason came up: {reasons:?}");
    assert!(hidden > 0, "seed {seed}: no item was hidden");
    let given = json!({ "checklists": texts, "cases": cases });
    let said = check(&given).await.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    assert!(said.starts_with(&format!("{} sheets, ", cases.len())), "{said}");

    // Any one word changed is found.
    let failed = cases.iter().position(|case| case["findings"][0]["level"] == "C").unwrap();
    for (place, put) in [("/level", json!("B")), ("/problem", json!("?")), ("/reasons", json!([]))] {
        let mut changed = given.clone();
        *changed.pointer_mut(&format!("/cases/{failed}/findings/0{place}")).unwrap() = put;
        assert!(check(&changed).await.unwrap_err().contains("1 of"), "{place}");
    }
}

async fn check(given: &Value) -> Result<String, String> {
    run(python("judging.py"), serde_json::to_vec(given).unwrap()).await
}

fn kind(reason: &Reason) -> &'static str {
    match reason {
        Reason::No { .. } => "no",
        Reason::OutOfLimit { .. } => "out_of_limit",
        Reason::TooFew { .. } => "too_few",
        Reason::BadChoice { .. } => "bad_choice",
        Reason::Expired { .. } => "expired",
        Reason::TooOld { .. } => "too_old",
    }
}
