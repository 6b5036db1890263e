//! The phone's own budgets: an answer made durable beside a bare SQLCipher commit, a 250-item sheet opened and
//! judged again.

use std::collections::BTreeMap;

use divan::Bencher;
use rusqlite::Connection;
use uuid::Uuid;
use xieguan::domain::answer::{Answer, ChecklistRef, PartValue, Sheet};
use xieguan::domain::checklist::{Checklist, Item, SHIPPED};
use xieguan::domain::condition::{Condition, Test};
use xieguan::domain::id::{CoordinatorId, Digest, InspectionId, SiteId};
use xieguan::domain::inspection::{Coordinator, Draft, Origin};
use xieguan::domain::judge::judge_sheet;
use xieguan::domain::site::{SiteSnapshot, Township};
use xieguan::domain::summary::summary;
use xieguan::store::Store;
use xieguan::store::record::Finished;

const ITEMS: usize = 250;

fn main() {
    divan::main();
}

/// The rural-water checklist over and over until it has 250 items, each asking its own copy's neighbours.
fn long_checklist() -> Checklist {
    let mut checklist: Checklist = serde_json::from_str(SHIPPED[0]).expect("the shipped checklist parses");
    let items: Vec<Item> = checklist.items().cloned().collect();
    let copies = (0..ITEMS).map(|n| {
        let mut item = items[n % items.len()].clone();
        let round = n / items.len();
        item.code = format!("{}-{round}", item.code);
        for part in &mut item.parts {
            if let xieguan::domain::checklist::PartKind::Number { limits, .. } = &mut part.kind {
                limits
                    .iter_mut()
                    .filter_map(|limit| limit.applies_if.as_mut())
                    .for_each(|c| follow(c, round));
            }
        }
        item
    });
    checklist.sections[0].items = copies.collect();
    checklist.sections.truncate(1);
    checklist
}

fn follow(condition: &mut Condition, round: usize) {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter_mut().for_each(|c| follow(c, round)),
        Condition::Not(inner) => follow(inner, round),
        Condition::Is(Test { item: Some(item), .. }) => *item = format!("{item}-{round}"),
        Condition::Is(_) => {}
    }
}

fn filled(checklist: &Checklist) -> Sheet {
    let name = ChecklistRef { code: "LONG".to_owned(), version: "1".to_owned(), hash: Digest::of(b"long") };
    let mut sheet = Sheet::new(name);
    for item in checklist.items() {
        let value = PartValue::Number { reading: "0.12".parse().expect("a decimal"), instrument: None };
        let parts = BTreeMap::from([
            ("ok".to_owned(), PartValue::YesNo { yes: true }),
            ("value".to_owned(), value),
            ("agent".to_owned(), PartValue::One { choice: "bleach".to_owned() }),
        ]);
        sheet.answers.insert(item.code.clone(), Answer { parts, ..Answer::default() });
    }
    sheet
}

fn draft(sheet: Sheet) -> Draft {
    Draft {
        id: InspectionId(Uuid::from_u128(1)),
        revision: 1,
        parent: None,
        site: SiteSnapshot {
            id: SiteId(Uuid::from_u128(2)),
            title: "示例镇石桥村集中供水站".to_owned(),
            kinds: vec!["WATER_RURAL".to_owned()],
            address: "示例镇石桥村".to_owned(),
            township: Township { code: "000000101".to_owned(), name: "示例镇".to_owned() },
            place: None,
        },
        origin: Origin::Routine,
        coordinators: vec![Coordinator {
            id: CoordinatorId(Uuid::from_u128(3)),
            name: "王示例".to_owned(),
            organisation: "示例镇卫生院".to_owned(),
        }],
        started_at: moment(),
        visit_ended_at: None,
        sheets: vec![sheet],
        photos: Vec::new(),
        fixes: Vec::new(),
        no_fix: None,
        guidance: String::new(),
        attestation: None,
    }
}

fn moment() -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc3339("2026-11-21T09:31:00+08:00").expect("a moment")
}

/// Judging and counting all 250 items, as after every answer.
#[divan::bench]
fn recompute_250_items(bencher: Bencher) {
    let checklist = long_checklist();
    let sheet = filled(&checklist);
    let day = moment().date_naive();
    bencher.bench(|| (judge_sheet(&checklist, &sheet, day), summary(&checklist, &sheet, day)));
}

/// From the encrypted file to a judged sheet.
#[divan::bench]
fn open_250_items(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("phone.db"), &[7; 32]).expect("a new store");
    let checklist = long_checklist();
    let text = serde_json::to_string(&checklist).expect("a checklist");
    let draft = draft(filled(&checklist));
    store.add_draft(&draft).expect("a new draft");
    for (item, answer) in &draft.sheets[0].answers {
        store.put_answer(draft.id, 0, item, answer, moment()).expect("stored");
    }
    bencher.bench_local(|| {
        let draft = store.draft(draft.id).expect("readable").expect("there");
        let (_, checklist) = Checklist::parse(text.as_bytes()).expect("a checklist");
        judge_sheet(&checklist, &draft.sheets[0], moment().date_naive()).len()
    });
}

/// A phone on which 500 finished records with 5,000 photos wait to be sent, a copy and an original of each.
fn laden() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("phone.db"), &[7; 32]).expect("a new store");
    for n in 0..500_u64 {
        let mut draft = draft(Sheet::new(ChecklistRef {
            code: "LONG".to_owned(),
            version: "1".to_owned(),
            hash: Digest::of(b"long"),
        }));
        draft.id = InspectionId(Uuid::from_u128(u128::from(n)));
        store.add_draft(&draft).expect("a new draft");
        let photo = |kind: u8, m: u64| (Digest::of(format!("{kind}/{n}/{m}").as_bytes()), 300_000);
        let finished = Finished {
            id: draft.id,
            revision: 1,
            digest: Digest::of(&n.to_be_bytes()),
            document: "x".repeat(36_000),
            envelope: "x".repeat(40_000),
            site: draft.site.title.clone(),
            finished_at: moment(),
            level: None,
            derived: (0..10).map(|m| photo(2, m)).collect(),
            originals: (0..10).map(|m| photo(3, m)).collect(),
        };
        store.finish(&finished).expect("finished");
    }
    (folder, store)
}

/// What the worker reads at every step.
#[divan::bench(sample_count = 20)]
fn outbox_of_500_records(bencher: Bencher) {
    let (_folder, store) = laden();
    bencher.bench_local(|| store.outbox().expect("readable").len());
}

/// What the outbox screen reads after every step.
#[divan::bench(sample_count = 20)]
fn list_of_500_records(bencher: Bencher) {
    let (_folder, store) = laden();
    bencher.bench_local(|| store.documents().expect("readable").len());
}

/// What a search reads at every key.
#[divan::bench(sample_count = 20)]
fn visits_of_500_records(bencher: Bencher) {
    let (_folder, store) = laden();
    bencher.bench_local(|| store.finished_visits().expect("readable").len());
}

/// One answer, durable when it returns.
#[divan::bench(sample_count = 200)]
fn answer_durable(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("phone.db"), &[7; 32]).expect("a new store");
    let checklist = long_checklist();
    let draft = draft(filled(&checklist));
    store.add_draft(&draft).expect("a new draft");
    let (item, answer) = draft.sheets[0].answers.iter().next().expect("an answer");
    // Another answer each time: the same one again is not written.
    let mut yes = true;
    bencher.bench_local(|| {
        yes = !yes;
        let mut answer = answer.clone();
        answer.parts.insert("ok".to_owned(), PartValue::YesNo { yes });
        store.put_answer(draft.id, 0, item, &answer, moment()).expect("stored");
    });
}

/// The least such a thing can cost: one row, one commit, same key, same pragmas.
#[divan::bench(sample_count = 200)]
#[expect(clippy::disallowed_methods, reason = "the probe is no store")]
fn bare_sqlcipher_commit(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Connection::open(folder.path().join("bare.db")).expect("a new database");
    db.execute_batch(&format!(
        "pragma key = \"x'{}'\"; pragma journal_mode = wal; pragma synchronous = full;
         create table answer (item text primary key, body text not null) strict;",
        "07".repeat(32)
    ))
    .expect("a table");
    let body = "{\"parts\":{\"ok\":{\"kind\":\"yes_no\",\"yes\":true}}}".repeat(3);
    bencher.bench_local(|| {
        db.execute("insert or replace into answer values ('WR-01', ?1)", [&body]).expect("stored");
    });
}
