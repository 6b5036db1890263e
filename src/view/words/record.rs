//! Words of the printed record.

use super::plural;
use crate::domain::summary::Summary;

/// Words of the printed record.
#[derive(Debug)]
pub struct RecordWords {
    /// 巡查时间.
    pub visited: &'static str,
    /// 协管员.
    pub coordinator: &'static str,
    /// 位置.
    pub position: &'static str,
    /// 来源.
    pub origin: &'static str,
    /// 地址.
    pub address: &'static str,
    /// 乡镇.
    pub township: &'static str,
    /// 单位类型.
    pub kind: &'static str,
    /// 记录编号.
    pub record: &'static str,
    /// Revision n.
    pub revision: fn(u32) -> String,
    /// Name and organisation.
    pub person: fn(&str, &str) -> String,
    /// 距登记点 18 m.
    pub distance: fn(&str) -> String,
    /// No registered position to compare with.
    pub not_registered: &'static str,
    /// No position.
    pub no_fix: fn(&str) -> String,
    /// 参照物.
    pub landmark: fn(&str) -> String,
    /// Neither position nor reason.
    pub position_missing: &'static str,
    /// The several positions of a visit.
    pub positions: &'static str,
    /// 不符合 2 项.
    pub findings: fn(u32) -> String,
    /// No failed item.
    pub no_findings: &'static str,
    /// 共 21 项，适用 19，合格 17.
    pub summary: fn(&Summary) -> String,
    /// Put right until; follows what was done.
    pub deadline: fn(&str) -> String,
    /// Failed items of a section.
    pub section_count: fn(u32, u32, u32) -> String,
    /// 照片.
    pub photos: &'static str,
    /// Photos of no item.
    pub site_photos: &'static str,
    /// What a photo shows, for those who cannot see it: item, time, source.
    pub photo_alt: fn(&str, &str, &str) -> String,
    /// A photo not held here yet.
    pub photo_missing: &'static str,
    /// The original is not held here yet.
    pub original_missing: &'static str,
    /// Link to the original.
    pub original: &'static str,
    /// 备注.
    pub note: &'static str,
    /// 依据.
    pub basis: &'static str,
    /// 指导意见.
    pub guidance: &'static str,
    /// No guidance written.
    pub no_guidance: &'static str,
    /// 被巡查单位签字.
    pub attestation: &'static str,
    /// 以上记录我看过，情况属实.
    pub statement: &'static str,
    /// Whose signature.
    pub signature_of: fn(&str) -> String,
    /// Who saw that it was not signed.
    pub witness: fn(&str) -> String,
    /// Neither signature nor reason.
    pub attestation_missing: &'static str,
    /// A sheet whose checklist is not here.
    pub checklist_missing: fn(&str, &str) -> String,
    /// Answers to items that the checklist lacks.
    pub unknown_items: &'static str,
    /// The phone's clock, offset in seconds.
    pub clock_known: fn(i64) -> String,
    /// 时间未校准.
    pub clock_unknown: &'static str,
    /// The clock was moved by so many seconds.
    pub clock_jumped: fn(&str, i64) -> String,
    /// 巡查登记表.
    pub register: &'static str,
    /// 巡查地点与内容.
    pub register_place: &'static str,
    /// 发现的主要问题.
    pub register_problems: &'static str,
    /// 巡查日期.
    pub register_day: &'static str,
    /// 巡查人.
    pub register_people: &'static str,
    /// 备注.
    pub register_remark: &'static str,
    /// All items.
    pub all_items: &'static str,
}

/// Metres as people say them: `18 m`, `1.2 km`.
pub fn metres(m: u32) -> String {
    if m < 1000 { format!("{m} m") } else { format!("{}.{} km", m / 1000, m % 1000 / 100) }
}

/// Chinese.
pub const ZH: RecordWords = RecordWords {
    visited: "巡查时间",
    coordinator: "协管员",
    position: "位置",
    origin: "来源",
    address: "地址",
    township: "乡镇",
    kind: "单位类型",
    record: "记录",
    revision: |n| format!("第 {n} 版"),
    person: |name, organisation| {
        if organisation.is_empty() { name.to_owned() } else { format!("{name}（{organisation}）") }
    },
    distance: |distance| format!("距登记点 {distance}"),
    not_registered: "单位没有登记位置",
    no_fix: |reason| format!("无定位：{reason}"),
    landmark: |text| format!("参照物：{text}"),
    position_missing: "无定位，也没有写明原因",
    positions: "其他定位",
    findings: |n| format!("不符合 {n} 项"),
    no_findings: "没有不符合项",
    summary: |s| format!("共 {} 项，适用 {}，合格 {}", s.total, s.applicable, s.passed),
    deadline: |day| format!("，{day}前复查"),
    section_count: |answered, total, failed| {
        if failed == 0 {
            format!("{answered}/{total}")
        } else {
            format!("{answered}/{total} · {failed} 项不符合")
        }
    },
    photos: "照片",
    site_photos: "现场照片",
    photo_alt: |item, at, source| {
        if item.is_empty() {
            format!("现场照片，{at}，{source}")
        } else {
            format!("{item} 的照片，{at}，{source}")
        }
    },
    photo_missing: "照片还没有传到",
    original_missing: "原图未到",
    original: "原图",
    note: "备注",
    basis: "依据",
    guidance: "指导意见",
    no_guidance: "没有写指导意见",
    attestation: "被巡查单位签字",
    statement: "以上记录我看过，情况属实。",
    signature_of: |name| format!("{name} 的签名"),
    witness: |name| format!("见证人：{name}"),
    attestation_missing: "没有签字，也没有写明原因",
    checklist_missing: |code, version| format!("这里没有检查表 {code} {version}，只能按原样列出答案"),
    unknown_items: "检查表以外的答案",
    clock_known: |s| format!("时间已校准（{s:+} s）"),
    clock_unknown: "时间未校准",
    clock_jumped: |at, s| format!("{at} 手机时间被拨动 {s:+} s"),
    register: "巡查登记表",
    register_place: "巡查地点与内容",
    register_problems: "发现的主要问题",
    register_day: "巡查日期",
    register_people: "巡查人",
    register_remark: "备注",
    all_items: "全部检查项",
};

/// English.
pub const EN: RecordWords = RecordWords {
    visited: "Visited",
    coordinator: "Coordinator",
    position: "Position",
    origin: "Origin",
    address: "Address",
    township: "Township",
    kind: "Kind of site",
    record: "Record",
    revision: |n| format!("Revision {n}"),
    person: |name, organisation| {
        if organisation.is_empty() { name.to_owned() } else { format!("{name} ({organisation})") }
    },
    distance: |distance| format!("{distance} from the registered point"),
    not_registered: "the site has no registered position",
    no_fix: |reason| format!("No position: {reason}"),
    landmark: |text| format!("Landmark: {text}"),
    position_missing: "No position, and no reason given",
    positions: "Other positions",
    findings: |n| plural(u64::from(n), "failed item"),
    no_findings: "No failed items",
    summary: |s| format!("{} items, {} applicable, {} passed", s.total, s.applicable, s.passed),
    deadline: |day| format!(", re-visit by {day}"),
    section_count: |answered, total, failed| {
        if failed == 0 {
            format!("{answered}/{total}")
        } else {
            format!("{answered}/{total} · {failed} failed")
        }
    },
    photos: "Photos",
    site_photos: "Photos of the site",
    photo_alt: |item, at, source| {
        if item.is_empty() {
            format!("Photo of the site, {at}, {source}")
        } else {
            format!("Photo for {item}, {at}, {source}")
        }
    },
    photo_missing: "Photo not here yet",
    original_missing: "Original not here yet",
    original: "Original",
    note: "Note",
    basis: "Basis",
    guidance: "Guidance",
    no_guidance: "No guidance was written",
    attestation: "Signature of the site",
    statement: "I have read this record; it is true.",
    signature_of: |name| format!("Signature of {name}"),
    witness: |name| format!("Witness: {name}"),
    attestation_missing: "No signature, and no reason given",
    checklist_missing: |code, version| {
        format!("Checklist {code} {version} is not here; the answers are listed as they came")
    },
    unknown_items: "Answers beyond the checklist",
    clock_known: |s| format!("Clock checked ({s:+} s)"),
    clock_unknown: "Clock not checked",
    clock_jumped: |at, s| format!("{at}: the phone's clock was moved by {s:+} s"),
    register: "Patrol register",
    register_place: "Place and content",
    register_problems: "Main problems",
    register_day: "Day",
    register_people: "Inspected by",
    register_remark: "Remark",
    all_items: "All items",
};
