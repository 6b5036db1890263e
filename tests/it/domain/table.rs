//! Every shipped checklist against the trade's own table: answer parts, limits, level, photo rule and basis.

use std::collections::BTreeSet;

use serde::Deserialize;
use xieguan::domain::checklist::{
    Checklist, Evidence, Item, Level, Limit, Part, PartKind, PhotoRule, SHIPPED,
};

/// One row of the table, see the fixture.
#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    zh: String,
    answer: String,
    photo: String,
    level: String,
    basis: String,
    basis_mark: String,
    template: String,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../fixtures/checklist_items.json")).unwrap()
}

fn shipped() -> impl Iterator<Item = Checklist> {
    SHIPPED.iter().map(|text| Checklist::parse(text.as_bytes()).unwrap().1)
}

#[test]
fn every_shipped_checklist_agrees_with_the_trades_table() {
    let found: Vec<String> = shipped().flat_map(|checklist| differences(&checklist)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_row_of_the_table_is_in_a_shipped_checklist() {
    let templates: BTreeSet<String> = rows()
        .iter()
        .flat_map(|row| row.template.split('/').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let codes: BTreeSet<String> = shipped().map(|checklist| checklist.code).collect();
    assert_eq!(templates, codes);
    assert_eq!(rows().len(), 110);
}

#[test]
fn any_swapped_limit_is_noticed() {
    let mut swapped = 0;
    for checklist in shipped() {
        let places: Vec<(String, String, usize)> = checklist
            .items()
            .flat_map(|item| item.parts.iter().map(move |part| (item, part)))
            .flat_map(|(item, part)| {
                (0..limits(part).len()).map(|n| (item.code.clone(), part.key.clone(), n))
            })
            .collect();
        for (item, part, number) in places {
            let mut changed = checklist.clone();
            swap(&mut changed, &item, &part, number);
            let found = differences(&changed);
            assert!(found.iter().any(|found| found.starts_with(&item)), "{item} {part} {number}: {found:?}");
            swapped += 1;
        }
    }
    assert!(swapped > 40, "{swapped}");
}

fn swap(checklist: &mut Checklist, item: &str, part: &str, number: usize) {
    let items = checklist.sections.iter_mut().flat_map(|section| &mut section.items);
    let item = items.into_iter().find(|found| found.code == item).unwrap();
    let part = item.parts.iter_mut().find(|found| found.key == part).unwrap();
    let (PartKind::Number { limits, .. } | PartKind::Computed { limits, .. }) = &mut part.kind else {
        panic!("no limits at {}", part.key)
    };
    let value = limits[number].value.value() * rust_decimal::Decimal::TEN + rust_decimal::Decimal::ONE;
    limits[number].value = value.to_string().parse().unwrap();
}

#[test]
fn another_level_photo_rule_answer_or_clause_is_noticed() {
    type Plant = fn(&mut Item);
    let planted: [(&str, Plant); 6] = [
        ("level", |item| item.level = Level::A),
        ("photo rule", |item| item.photo = PhotoRule::Useful),
        ("kinds of answer", |item| item.parts.truncate(1)),
        ("article numbers", |item| item.basis[0].clause = "第三十六条".to_owned()),
        ("a source the table does not name", |item| item.basis[0].source = "gb14934".to_owned()),
        ("evidence", |item| item.evidence = Evidence::Proposal),
    ];
    for (what, plant) in planted {
        let mut changed = shipped().find(|checklist| checklist.code == "FOOD_CANTEEN").unwrap();
        plant(&mut changed.sections[0].items[0]);
        let found = differences(&changed);
        assert!(
            found.iter().any(|found| found.starts_with("FS-01") && found.contains(what)),
            "{what}: {found:?}"
        );
    }
}

fn differences(checklist: &Checklist) -> Vec<String> {
    let mut rows = rows();
    rows.retain(|row| row.template.split('/').any(|template| template == checklist.code));
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
    let mut differs = |what: String, same: bool| {
        if !same {
            found.push(format!("{}: {what}", row.code));
        }
    };
    let photo = match item.photo {
        PhotoRule::RequiredWhenFailed => "必",
        PhotoRule::Useful => "宜",
        PhotoRule::None => "–",
        PhotoRule::PapersOnly => "禁(证件除外)",
        PhotoRule::Forbidden => "禁",
    };
    differs("photo rule".to_owned(), photo == if row.photo.is_empty() { "–" } else { &row.photo });
    let evidence = match item.evidence {
        Evidence::Verified => "verified",
        Evidence::ItemVerified => "item-verified",
        Evidence::Unverified => "unverified",
        Evidence::Proposal => "proposal",
    };
    differs("evidence".to_owned(), evidence == row.basis_mark);
    differs("level".to_owned(), levels(item) == levels_of(row));
    let (kinds, expected) = (kinds(item), kinds_of(row));
    differs(format!("kinds of answer {kinds:?}, table {expected:?}"), kinds == expected);
    let many = item.parts.iter().any(|part| {
        matches!(&part.kind, PartKind::Many { choices } if !row.answer.contains('9') || choices.len() == 9)
    });
    let several = row.answer.contains("×9") || row.answer.contains("multi");
    differs("not several choices".to_owned(), many || !several);
    differs("not applicable is not offered".to_owned(), item.na_allowed || !row.answer.contains("NA"));
    let (limits, expected) = (stated_limits(item), limits_of(&row.code));
    differs(format!("limits {limits:?}, stated {expected:?}"), limits == expected);
    for value in expected.iter().filter(|_| !FROM_THE_STANDARD.contains(&row.code.as_str())) {
        differs(format!("{value} is not in the table"), in_table(row, value));
    }
    compare_basis(row, item, &mut differs);
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

/// The kinds of the item's parts in the table's own short names, each once.
fn kinds(item: &Item) -> BTreeSet<&'static str> {
    let name = |part: &Part| match part.kind {
        PartKind::YesNo => "YN",
        PartKind::Expiry => "EXP",
        PartKind::CountPair => "CNT",
        PartKind::Date { .. } | PartKind::Moment => "DATE",
        PartKind::Text { .. } => "TXT",
        PartKind::Confidential { .. } => "TXT(保密)",
        PartKind::Number { .. } | PartKind::Series { .. } | PartKind::Computed { .. } => "NUM",
        PartKind::One { .. } | PartKind::Many { .. } => "SEL",
    };
    item.parts.iter().map(name).collect()
}

fn kinds_of(row: &Row) -> BTreeSet<&'static str> {
    let mut plain = String::new();
    let mut depth = 0;
    for c in row.answer.replace("TXT(保密)", "SECRET").chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let named = plain.split(['+', '/']).filter_map(|kind| match kind.trim() {
        "YN" | "YN×2" => Some("YN"),
        "EXP" => Some("EXP"),
        "CNT" => Some("CNT"),
        "DATE" => Some("DATE"),
        "TXT" => Some("TXT"),
        "SECRET" => Some("TXT(保密)"),
        "NA" => None,
        "SEL×9" | "SEL multi" | "SEL" | "auto" => Some("SEL"),
        kind if kind.starts_with("NUM") => Some("NUM"),
        kind => panic!("{}: {kind}", row.code),
    });
    let asked_besides = ASKED_BESIDES.iter().filter(|(code, _)| *code == row.code).map(|(_, kind)| *kind);
    named.chain(asked_besides).collect()
}

/// What an item asks beyond the row's own answer, because the row's sentence or its limits need it.
const ASKED_BESIDES: &[(&str, &str)] = &[
    ("WR-01", "TXT"), // 编号
    ("WR-16", "SEL"), // 小型供水、水源受限
    ("WR-18", "SEL"), // 突然发生
    ("WR-21", "SEL"), // 水源类型
    ("WS-13", "YN"),  // 感官
    ("WX-01", "SEL"), // 供水方式, which other items depend on
    ("SC-03", "YN"),  // 齐全
    ("SC-14", "SEL"), // 学段
    ("SC-19", "YN"),  // 主采光左侧
    ("SC-20", "SEL"), // 新改扩建或既有
    ("IM-01", "SEL"), // what place it is, which other items depend on
    ("IM-15", "TXT"), // what is said, which is not the informant's name
];

/// Rows whose limits the table only names by their standard (GB 5749-2022, 臭氧、二氧化氯、色度 included),
/// and a ratio that it writes as 1:5.
const FROM_THE_STANDARD: [&str; 6] = ["WR-14", "WR-15", "WS-13", "WX-11", "SC-19", "SC-10"];

fn limits(part: &Part) -> &[Limit] {
    match &part.kind {
        PartKind::Number { limits, .. }
        | PartKind::Series { limits, .. }
        | PartKind::Computed { limits, .. } => limits,
        _ => &[],
    }
}

/// Every limit of an item whatever its condition, and how old a date may be, as `part sign value`.
fn stated_limits(item: &Item) -> Vec<String> {
    let of_part = |part: &Part| {
        let limits = limits(part).iter().map(|l| format!("{} {}{}", part.key, l.cmp.sign(), l.value));
        let age = match part.kind {
            PartKind::Date { max_age_days: Some(days) } => Some(format!("{} {days}d", part.key)),
            _ => None,
        };
        limits.chain(age).collect::<Vec<_>>()
    };
    item.parts.iter().flat_map(of_part).collect()
}

/// What the limits have to be, written down from the table and the standards it names.
fn limits_of(code: &str) -> Vec<String> {
    let limits: &[&str] = match code {
        "WR-13" => &["last 366d"],
        "WR-14" => &["value ≥0.3", "value ≤2", "value ≥0.1", "value ≤0.8", "value ≤0.3"],
        "WR-15" => &["value ≥0.05", "value ≤2", "value ≥0.02", "value ≤0.8"],
        "WR-16" => &["value ≤1", "value ≤3"],
        "WR-17" => &["value ≥6.5", "value ≤8.5"],
        "WR-19" => &["report 366d"],
        "WS-08" => &["gap >80"],
        "WS-09" => &["last 366d"],
        "WS-13" => &["chlorine ≥0.05", "chlorine ≤2", "turbidity ≤1", "ph ≥6.5", "ph ≤8.5"],
        "WX-06" => &["last 366d"],
        "WX-10" => &["report 366d"],
        "WX-11" => &["colour ≤15", "turbidity ≤1", "ph ≥6.5", "ph ≤8.5", "chlorine ≥0.05", "chlorine ≤2"],
        "SC-10" => &["last 400d"],
        "SC-14" => &["front ≥2", "back ≤8", "back ≤9", "angle ≥30"],
        "SC-15" => &["lux ≥300", "evenness ≥0.7"],
        "SC-16" => &["lux ≥500", "evenness ≥0.8"],
        "SC-17" => &["height ≥1.7"],
        "SC-19" => &["ratio ≥0.2"],
        "SC-20" => &["area ≥1.36", "area ≥1.39", "area ≥1.15", "area ≥1.12"],
        "SC-22" => &["area ≥3.0"],
        "FS-10" => &["grams ≥125", "hours ≥48"],
        "FS-12" => &["chill ≥0", "chill ≤8", "freeze ≤-12"],
        "FS-13" => &["temperature >60"],
        "FS-14" => &["core ≥70"],
        "FS-16" => &["room ≤25", "minutes ≥30"],
        _ => &[],
    };
    limits.iter().map(|&limit| limit.to_owned()).collect()
}

/// Whether the row's own words hold the number of a limit; a yearly date stands there as 年.
fn in_table(row: &Row, limit: &str) -> bool {
    let number = limit.split(['≥', '≤', '>', '<']).nth(1);
    let words = format!("{} {} {}", row.zh, row.answer, row.basis).replace(['−', ' '], "-");
    number.is_none_or(|number| words.contains(number.trim_end_matches(".0")))
}

/// How the table names each source; a form is one that was seen (`V S…`).
const NAMES: &[(&str, &[&str])] = &[
    ("infectious_2025", &["传染病防治法(2025修订)"]),
    ("emergency_2025", &["突发公共卫生事件应对法(2025)"]),
    ("water_measures", &["生活饮用水卫生监督管理办法"]),
    ("supply_code", &["集中式供水单位卫生规范", "V S"]),
    ("gb5749", &["GB 5749"]),
    ("gb17051", &["GB 17051-1997"]),
    ("patrol_form", &["V S"]),
    ("local_form", &["V S"]),
    ("school_form", &["V S", "检查表 S"]),
    ("case_forms", &["V S"]),
    ("local_notice", &["地方通知"]),
    ("food_law", &["食品安全法(2025修正)"]),
    ("food_rules", &["食品安全法实施条例(2019)"]),
    ("licence_rules", &["食品经营许可和备案管理办法"]),
    ("school_food", &["学校食品安全与营养健康管理规定(2019)"]),
    ("operation_code", &["餐饮服务食品安全操作规范(2018)"]),
    ("nitrite_notice", &["原食品药品监管总局2018-02-06公告"]),
    ("gb14934", &["GB 14934-2016"]),
    ("check_library", &["V S53"]),
    ("gb28932", &["GB 28932-2012"]),
    ("vaccine_law", &["疫苗管理法"]),
    ("school_cluster", &["卫办疾控发〔2006〕65号"]),
    ("tb_guide", &["中国学校结核病防控指南(2020)"]),
    ("school_rules", &["学校卫生工作条例"]),
    ("basic_2008", &["教体艺〔2008〕5号", "2008基本标准"]),
    ("medical_rules", &["医疗机构管理条例(2022)"]),
    ("gb3976", &["GB/T 3976-2014"]),
    ("gb50099", &["GB 50099-2011"]),
    ("gb50033", &["GB 50033-2013"]),
    ("gb7793", &["GB 7793-2010", "V S23"]),
    ("gb40070", &["GB 40070-2021"]),
    ("service_2017", &["国家基本公共卫生服务规范(第三版)"]),
    ("health_law", &["基本医疗卫生与健康促进法"]),
    ("doctor_law", &["医师法"]),
    ("village_doctors", &["乡村医生从业管理条例"]),
    ("nurse_rules", &["护士条例(2020)"]),
    ("medical_detail", &["医疗机构管理条例实施细则"]),
    ("abortion_rules", &["两非规定2016"]),
    ("advert_law", &["广告法(2021)"]),
    ("criminal_law", &["刑法"]),
];

fn compare_basis(row: &Row, item: &Item, differs: &mut impl FnMut(String, bool)) {
    for basis in &item.basis {
        let (_, names) = NAMES.iter().find(|(id, _)| *id == basis.source).unwrap();
        let named = names.iter().any(|name| row.basis.contains(name));
        differs(
            format!("a source the table does not name: {}", basis.source),
            named || basis.evidence != Evidence::Verified,
        );
        for number in paragraphs(&basis.clause) {
            differs(format!("paragraph {number}"), row.basis.contains(&number));
        }
    }
    let clauses = item.basis.iter().flat_map(|basis| articles(&basis.clause)).collect::<BTreeSet<_>>();
    let expected = articles_of(&row.basis);
    differs(format!("article numbers {clauses:?}, table {expected:?}"), clauses == expected);
}

/// Numbers such as `5.2.2` in a clause.
fn paragraphs(clause: &str) -> Vec<String> {
    let parts = clause.split(|c: char| !c.is_ascii_digit() && c != '.');
    parts.filter(|part| part.contains('.')).map(str::to_owned).collect()
}

/// The articles of a clause: 第三十八条第三款 is 38.
fn articles(clause: &str) -> BTreeSet<u32> {
    let numbers = clause.split('条').filter_map(|text| Some(text.rsplit_once('第')?.1));
    numbers.filter_map(chinese_number).collect()
}

fn chinese_number(text: &str) -> Option<u32> {
    let mut total = 0;
    let mut digit = 0;
    for c in text.chars() {
        match c {
            '百' => (total, digit) = (total + digit * 100, 0),
            '十' => (total, digit) = (total + digit.max(1) * 10, 0),
            '零' => {}
            c => digit = u32::try_from("〇一二三四五六七八九".chars().position(|d| d == c)?).ok()?,
        }
    }
    Some(total + digit)
}

/// The articles that the table's basis cites (`2、26条`); not those of superseded texts (旧文), nor a remark on
/// how much of a text was seen (可见).
fn articles_of(basis: &str) -> BTreeSet<u32> {
    let current = basis.split('；').filter(|text| !text.contains("旧文") && !text.contains("条可见"));
    current
        .flat_map(|text| text.match_indices('条').map(|(at, _)| &text[..at]))
        .flat_map(trailing_numbers)
        .collect()
}

fn trailing_numbers(text: &str) -> Vec<u32> {
    let start = text
        .rfind(|c: char| !c.is_ascii_digit() && c != '、')
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    text[start..].split('、').filter_map(|number| number.parse().ok()).collect()
}
