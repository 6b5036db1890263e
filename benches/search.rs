//! Finding a site among a hundred thousand: from the key press to the sites that are shown, for every kind of text.
//!
//! `cargo bench --bench search` prints, before the table, how long building takes, what the index weighs, and the
//! 99th percentile over a mixed row of key presses.

use std::time::{Duration, Instant};

use divan::Bencher;
use uuid::Uuid;
use xieguan::domain::id::SiteId;
use xieguan::domain::place::Place;
use xieguan::domain::site::{Contact, Licence, Site, Township};
use xieguan::store::Store;
use xieguan::store::index::{Index, Query};
use xieguan::store::search::build;
use xieguan::store::site::Change;

const SITES: u32 = 100_000;
/// As many as the screen shows at first.
const SHOWN: usize = 50;
const TEXTS: &[(&str, &str)] = &[
    ("one character, everywhere", "示"),
    ("one character", "桥"),
    ("two characters", "石桥"),
    ("name", "石桥村集中供水站"),
    ("pinyin", "shiqiao"),
    ("one letter", "s"),
    ("initials", "sqcjz"),
    ("address", "示例路77号"),
    ("contact", "周示例"),
    ("telephone", "0001234"),
    ("licence number", "第04711号"),
    ("credit code", "91000000MA00004711"),
    ("two words", "石桥 供水"),
    ("nothing", "没有这个"),
    ("no text", ""),
    ("two characters, everywhere", "示例"),
    ("sound, everywhere", "shili"),
    ("address, everywhere", "例路"),
    ("digit, everywhere", "0"),
    ("two words, one everywhere", "示例 石桥"),
];

struct County {
    _folder: tempfile::TempDir,
    store: Store,
    index: Index,
}

/// A made-up site; names repeat in parts as they do in a county.
fn site(n: u32) -> Site {
    const VILLAGES: [&str; 10] =
        ["石桥", "柳树", "高坡", "红星", "金桥", "东风", "长乐", "李家坝", "新建", "大堡"];
    const PLACES: [(&str, &str); 8] = [
        ("村集中供水站", "WATER_RURAL"),
        ("中心小学", "SCHOOL"),
        ("村卫生室", "CLINIC"),
        ("大药房", "PHARMACY"),
        ("饭店", "FOOD_CATERING"),
        ("小区二次供水", "WATER_SECONDARY"),
        ("美容店", "BEAUTY_SHOP"),
        ("敬老院食堂", "FOOD_CANTEEN"),
    ];
    const SURNAMES: [&str; 7] = ["陈", "刘", "杨", "黄", "周", "吴", "徐"];
    let (place, kind) = PLACES[n as usize / 10 % 8];
    let step = i32::try_from(n % 10_000).unwrap_or_default();
    Site {
        id: SiteId(Uuid::from_u128(u128::from(n) << 16 | 7)),
        name: format!("示例镇{}{place}{}", VILLAGES[n as usize % 10], n / 80),
        nickname: String::new(),
        kinds: vec![kind.to_owned()],
        address: format!("示例县示例镇示例路{n}号"),
        township: Township { code: "000000101".to_owned(), name: "示例镇".to_owned() },
        place: Some(Place {
            lat_e7: 306_000_000 + step * 700,
            lon_e7: 1_040_000_000 + step * 31 % 9_999 * 700,
        }),
        credit_code: format!("91000000MA{n:08}"),
        licences: vec![Licence {
            title: "饮用水卫生许可证".to_owned(),
            number: format!("示例字〔2024〕第{n:05}号"),
            expires_on: None,
        }],
        contacts: vec![Contact {
            name: format!("{}示例", SURNAMES[n as usize % 7]),
            role: "负责人".to_owned(),
            phone: format!("000-{n:07}"),
        }],
        last_visit: None,
    }
}

fn county() -> County {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&folder.path().join("phone.db"), &[7; 32]).expect("a new store");
    for page in (0..SITES).collect::<Vec<_>>().chunks(5_000) {
        let changes: Vec<Change> = page.iter().map(|n| Change::Site(Box::new(site(*n)))).collect();
        store.apply_changes(&changes, "1").expect("stored");
    }
    let index = build(|after| store.search_page(after)).expect("built");
    County { _folder: folder, store, index }
}

/// What a key press does: search, then read what is shown.
fn press(county: &County, text: &str, here: bool) -> usize {
    let here = here.then_some(Place { lat_e7: 306_641_000, lon_e7: 1_040_690_000 });
    let query = Query { text: text.to_owned(), here, limit: SHOWN, ..Query::default() };
    let hits = county.index.search(&query);
    county.store.sites_of(&hits.ids).expect("readable").len()
}

fn main() {
    tell();
    divan::main();
}

#[expect(clippy::print_stdout, reason = "figures for the reader of a benchmark")]
fn tell() {
    let county = county();
    let start = Instant::now();
    let index = build(|after| county.store.search_page(after)).expect("built");
    println!("build {SITES} sites: {:?}; {} MB in memory", start.elapsed(), index.bytes() / 1_000_000);
    let mut all: Vec<Duration> = Vec::new();
    for round in 0..100 {
        for (_, text) in TEXTS {
            let start = Instant::now();
            divan::black_box(press(&county, text, round % 2 == 0));
            all.push(start.elapsed());
        }
    }
    all.sort_unstable();
    let at = |percent: usize| all[(all.len() * percent / 100).min(all.len() - 1)];
    println!(
        "{} key presses: p50 {:?}, p95 {:?}, p99 {:?}, max {:?}",
        all.len(),
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

/// Each kind of text, without a position.
#[divan::bench(args = TEXTS.iter().map(|(name, _)| *name))]
fn key_press(bencher: Bencher<'_, '_>, name: &str) {
    let county = county();
    let text = TEXTS.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
    bencher.bench_local(|| press(&county, text, true));
}
