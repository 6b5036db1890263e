//! A synthetic county for trying the product: every name, number and place in it is made up and looks it.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, Months, NaiveDate};
use uuid::Uuid;

use super::storage::accounts::{Account, Role};
use super::storage::seed::County;
use super::storage::setup::Fresh;
use crate::domain::answer::PartValue;
use crate::domain::checklist::Level;
use crate::domain::id::{CoordinatorId, InspectionId, SiteId};
use crate::domain::inspection::Coordinator;
use crate::domain::last::LastAnswer;
use crate::domain::place::Place;
use crate::domain::site::{Contact, LastVisit, Licence, Site, Township};
use crate::wire::enrolment::{Hotline, Settings};

/// Code, name, latitude and longitude (1e-7 degrees) of the middle.
const TOWNSHIPS: [(&str, &str, i32, i32); 3] = [
    ("000000101", "示例镇", 306_600_000, 1_040_600_000),
    ("000000102", "样板乡", 307_100_000, 1_041_200_000),
    ("000000103", "演示街道", 306_200_000, 1_040_000_000),
];

/// With the number of the township of each; the first one has a colleague.
const COORDINATORS: [(&str, usize); 4] = [("王示例", 0), ("李示例", 1), ("赵示例", 2), ("孙示例", 0)];

/// A kind of place as every township has it.
struct Pattern {
    kinds: &'static [&'static str],
    name: &'static str,
    nickname: &'static str,
    licence: &'static str,
    role: &'static str,
    past: Past,
}

/// What is known of earlier visits.
#[derive(Clone, Copy)]
enum Past {
    /// Nobody was there yet.
    Never,
    /// So many days ago, and what failed; nothing, if empty.
    Visited(u64, &'static str),
    /// So long ago that the next of so many visits a year was due some days ago.
    Overdue(u32, u64, &'static str),
    /// So long ago that the next of so many visits a year is due this week.
    ThisWeek(u32),
    /// So long ago that the next of so many visits a year is due at the end of this month.
    ThisMonth(u32, &'static str),
}

const fn pattern(
    kinds: &'static [&'static str],
    name: &'static str,
    licence: &'static str,
    role: &'static str,
    past: Past,
) -> Pattern {
    Pattern { kinds, name, nickname: "", licence, role, past }
}

const fn nameless(nickname: &'static str, past: Past) -> Pattern {
    Pattern { kinds: &["SUSPECT_PLACE"], name: "", nickname, licence: "", role: "", past }
}

const WATER: &str = "饮用水卫生许可证";
const FOOD: &str = "食品经营许可证";
const CLINIC: &str = "医疗机构执业许可证";
const PUBLIC: &str = "公共场所卫生许可证";

const PATTERNS: [Pattern; 26] = [
    pattern(&["WATER_RURAL"], "第一供水站", WATER, "管水员", Past::Visited(60, "水源防护区内有杂物堆放")),
    pattern(&["WATER_RURAL"], "柳树村集中供水点", WATER, "管水员", Past::Visited(90, "")),
    pattern(&["WATER_RURAL"], "石桥村供水站", WATER, "管水员", Past::Overdue(2, 4, "末梢水余氯偏低")),
    pattern(&["WATER_RURAL"], "高坡村水厂", "", "管水员", Past::Visited(30, "没有日常检测记录")),
    pattern(&["WATER_SECONDARY"], "样例小区二次供水", WATER, "物业经理", Past::Visited(75, "")),
    pattern(&["SCHOOL", "WATER_SCHOOL", "FOOD_CANTEEN"], "中心小学", "办学许可证", "校医", Past::ThisWeek(2)),
    pattern(
        &["SCHOOL", "FOOD_CANTEEN", "WATER_SCHOOL"],
        "示范中学",
        "办学许可证",
        "校医",
        Past::Visited(45, ""),
    ),
    pattern(&["WATER_SCHOOL"], "村小自备水井", "", "后勤负责人", Past::Visited(50, "井口没有加盖")),
    pattern(&["WATER_VENDING"], "现制现售水机一号点", "", "运营人", Past::Never),
    pattern(&["KINDERGARTEN", "FOOD_CANTEEN"], "阳光幼儿园", "办学许可证", "园长", Past::Visited(20, "")),
    pattern(&["FOOD_CANTEEN"], "敬老院食堂", FOOD, "食堂负责人", Past::Visited(100, "留样不足 48 小时")),
    pattern(&["FOOD_CATERING"], "样板饭店", FOOD, "店主", Past::Visited(80, "")),
    pattern(&["RURAL_BANQUET"], "李家坝流动厨师班", "", "流动厨师", Past::Never),
    pattern(&["CLINIC"], "柳树村卫生室", CLINIC, "乡村医生", Past::Visited(2, "")),
    pattern(&["CLINIC"], "康例口腔诊所", CLINIC, "主治医师", Past::Visited(3, "")),
    pattern(&["PHARMACY"], "百例大药房", "药品经营许可证", "执业药师", Past::Visited(4, "")),
    pattern(&["BEAUTY_SHOP"], "丽例美容店", PUBLIC, "店主", Past::Visited(1, "")),
    pattern(&["PUBLIC_PLACE"], "例家快捷旅馆", PUBLIC, "经理", Past::Never),
    pattern(&["PUBLIC_PLACE"], "样例理发店", PUBLIC, "店主", Past::Never),
    pattern(&["PUBLIC_PLACE"], "演示游泳馆", PUBLIC, "经理", Past::Never),
    pattern(&["EMPLOYER"], "示范石材加工厂", "", "安全员", Past::Never),
    pattern(&["MCH_UNIT"], "计划生育服务站", CLINIC, "站长", Past::Never),
    pattern(&["HOUSEHOLD"], "柳树村三组 例户", "", "户主", Past::Never),
    nameless("菜市场后门无牌牙摊", Past::Visited(2, "没有医疗机构执业许可证")),
    nameless("老街“牙科”（无牌）", Past::ThisMonth(12, "曾被查处，又在开门")),
    pattern(&["WATER_RURAL"], "红星水厂", WATER, "管水员", Past::Visited(40, "")),
];

/// How a demo bureau is made.
pub(super) fn fresh() -> Fresh {
    let hotline = |title: &str, phone: &str| Hotline { title: title.to_owned(), phone: phone.to_owned() };
    let hotlines = vec![
        hotline("示例县卫生监督所值班室", "000-0000-0120"),
        hotline("示例县疾控中心应急值班", "000-0000-0121"),
        hotline("示例县卫生健康局值班室", "000-0000-0122"),
    ];
    Fresh {
        name: "示例县卫生监督所".to_owned(),
        demo: true,
        settings: Settings { hotlines, ..Settings::default() },
    }
}

/// The account of a role, named after it.
pub(super) fn account(role: Role) -> Account {
    let shown_as = match role {
        Role::Viewer => "查阅 示例",
        Role::Reviewer => "审核 示例",
        Role::Admin => "管理 示例",
    };
    Account { name: role.name().to_owned(), shown_as: shown_as.to_owned(), role, township: None }
}

/// The county as of this moment: licences end around it, visits lie before it.
pub(super) fn county(now: DateTime<FixedOffset>) -> County {
    let townships: Vec<Township> = TOWNSHIPS.iter().map(|(code, name, ..)| township(code, name)).collect();
    let coordinators = COORDINATORS.iter().map(|(name, t)| {
        let township = &townships[*t];
        let organisation = format!("{}卫生院", township.name);
        let id = CoordinatorId(Uuid::now_v7());
        (Coordinator { id, name: (*name).to_owned(), organisation }, vec![township.code.clone()])
    });
    let sites = (0..TOWNSHIPS.len()).flat_map(|t| (0..PATTERNS.len()).map(move |p| site(t, p, now)));
    County { coordinators: coordinators.collect(), sites: sites.collect(), logins: Vec::new(), townships }
}

fn township(code: &str, name: &str) -> Township {
    Township { code: code.to_owned(), name: name.to_owned() }
}

fn site(t: usize, p: usize, now: DateTime<FixedOffset>) -> Site {
    let (code, township_name, lat_e7, lon_e7) = TOWNSHIPS[t];
    let pattern = &PATTERNS[p];
    let number = t * PATTERNS.len() + p;
    let named = |text: &str| if text.is_empty() { String::new() } else { format!("{township_name}{text}") };
    Site {
        id: SiteId(Uuid::now_v7()),
        name: named(pattern.name),
        nickname: pattern.nickname.to_owned(),
        kinds: pattern.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        address: format!("示例县{township_name}示例路{}号", number + 1),
        township: township(code, township_name),
        place: (p % 8 != 7).then(|| around(lat_e7, lon_e7, p)),
        credit_code: credit_code(pattern, number),
        licences: licence(pattern, number, now.date_naive()).into_iter().collect(),
        contacts: contact(pattern, number).into_iter().collect(),
        last_visit: last_visit(pattern, now),
    }
}

/// Scattered within about three kilometres, the same every time.
fn around(lat_e7: i32, lon_e7: i32, p: usize) -> Place {
    let step = i32::try_from(p).unwrap_or_default();
    let (north, east) = ((step * 7) % 24 - 12, (step * 11) % 24 - 12);
    Place { lat_e7: lat_e7 + north * 21_700 + step * 13, lon_e7: lon_e7 + east * 24_300 + step * 17 }
}

/// Some ended, some about to, most far off.
fn licence(pattern: &Pattern, number: usize, today: NaiveDate) -> Option<Licence> {
    let days_left: i64 = [400, 25, 700, -12, 55, 1000, 200][number % 7];
    let expires_on = match u64::try_from(days_left) {
        Ok(days) => today.checked_add_days(Days::new(days)),
        Err(_) => today.checked_sub_days(Days::new(days_left.unsigned_abs())),
    };
    (!pattern.licence.is_empty()).then(|| Licence {
        title: pattern.licence.to_owned(),
        number: format!("示例字〔2024〕第{:04}号", number + 1),
        expires_on,
    })
}

fn contact(pattern: &Pattern, number: usize) -> Option<Contact> {
    const SURNAMES: [&str; 7] = ["陈", "刘", "杨", "黄", "周", "吴", "徐"];
    (!pattern.role.is_empty()).then(|| Contact {
        name: format!("{}示例", SURNAMES[number % SURNAMES.len()]),
        role: pattern.role.to_owned(),
        phone: format!("000-0000-{:04}", number + 1),
    })
}

/// Registered places have one; its letters say that it is made up.
fn credit_code(pattern: &Pattern, number: usize) -> String {
    if pattern.licence.is_empty() { String::new() } else { format!("91000000MA00XY{:04}", number + 1) }
}

fn last_visit(pattern: &Pattern, now: DateTime<FixedOffset>) -> Option<LastVisit> {
    let today = now.date_naive();
    let interval = |per_year: u32| Months::new(12 / per_year);
    let (day, problem) = match pattern.past {
        Past::Never => return None,
        Past::Visited(ago, problem) => (today.checked_sub_days(Days::new(ago))?, problem),
        Past::Overdue(per_year, days, problem) => {
            (today.checked_sub_days(Days::new(days))?.checked_sub_months(interval(per_year))?, problem)
        }
        Past::ThisWeek(per_year) => {
            let sunday = Days::new(u64::from(6 - today.weekday().num_days_from_monday()));
            (today.checked_add_days(sunday)?.checked_sub_months(interval(per_year))?, "")
        }
        Past::ThisMonth(per_year, problem) => {
            // Clamped into its month: the last day of this one may be later than the last of that one.
            let next = today.checked_add_months(Months::new(1))?.with_day(1)?;
            (next.pred_opt()?.checked_sub_months(interval(per_year))?, problem)
        }
    };
    let at = day.and_time(now.time()).and_local_timezone(*now.offset()).single()?;
    Some(LastVisit {
        inspection: InspectionId(Uuid::now_v7()),
        at: at.min(now),
        level: (!problem.is_empty()).then_some(Level::C),
        problems: if problem.is_empty() { Vec::new() } else { vec![problem.to_owned()] },
        answers: if pattern.kinds.contains(&"WATER_RURAL") { last_answers(problem) } else { Vec::new() },
    })
}

/// A few answers of a visit to a water works, as the next sheet shows them; the problem stands at its item.
fn last_answers(problem: &str) -> Vec<LastAnswer> {
    let failed = match problem {
        "" => "",
        "末梢水余氯偏低" => "WR-15",
        "没有日常检测记录" => "WR-19",
        _ => "WR-06",
    };
    let answer = |item: &str, key: &str, value: PartValue| LastAnswer {
        item: item.to_owned(),
        not_applicable: false,
        parts: [(key.to_owned(), value)].into(),
        problem: if item == failed { problem.to_owned() } else { String::new() },
    };
    let seen = ["WR-06", "WR-09", "WR-12", "WR-19"];
    let seen = seen.map(|item| answer(item, "ok", PartValue::YesNo { yes: item != failed }));
    let low = failed == "WR-15";
    let readings =
        [("WR-15", if low { "0.02" } else { "0.12" }, "DPD 比色"), ("WR-17", "7.2", "便携式 pH 计")];
    let readings = readings.into_iter().filter_map(|(item, reading, instrument)| {
        let value =
            PartValue::Number { reading: reading.parse().ok()?, instrument: Some(instrument.to_owned()) };
        Some(answer(item, "value", value))
    });
    seen.into_iter().chain(readings).collect()
}
