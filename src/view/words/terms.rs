//! Names of the domain's cases: verdicts, levels, origins, kinds of site.

use crate::domain::checklist::{Level, PartKind};
use crate::domain::finding::Disposition;
use crate::domain::inspection::{Origin, PhotoSource, UnsignedCause};
use crate::domain::judge::Verdict;
use crate::domain::place::{Mock, NoFixReason};

/// Names of cases.
#[derive(Debug)]
pub struct Terms {
    /// 符合 / 不符合 / …
    pub verdict: fn(Verdict) -> &'static str,
    /// What a level asks for: 立即报告, 需上报, 现场指导, 信息.
    pub level: fn(Level) -> &'static str,
    /// How a failure was handled.
    pub disposition: fn(Disposition) -> &'static str,
    /// Why a visit is made.
    pub origin: fn(Origin) -> &'static str,
    /// Why there is no position.
    pub no_fix: fn(NoFixReason) -> &'static str,
    /// Why there is no signature.
    pub unsigned: fn(UnsignedCause) -> &'static str,
    /// Whether a position may be faked.
    pub mock: fn(Mock) -> &'static str,
    /// Camera or album.
    pub photo_source: fn(PhotoSource) -> &'static str,
    /// Kind of site; a code that is not known is shown as it is.
    pub site_kind: fn(&str) -> Option<&'static str>,
    /// One character for a kind of site, as its sign in lists.
    pub site_sign: fn(&str) -> &'static str,
    /// Kind of answer part.
    pub part_kind: fn(&PartKind) -> &'static str,
    /// Who gave a position (`webview`, `gps`, …); unknown ones are shown as they are.
    pub provider: fn(&str) -> Option<&'static str>,
}

impl Terms {
    /// The kinds of a site in words, most telling first.
    pub fn kinds(&self, kinds: &[String]) -> String {
        let named = kinds.iter().map(|kind| (self.site_kind)(kind).unwrap_or(kind));
        named.collect::<Vec<_>>().join(" · ")
    }

    /// Letter and meaning of a level: “B 需上报”.
    pub fn level_badge(&self, level: Level) -> String {
        format!("{} {}", level.letter(), (self.level)(level))
    }
}

/// Chinese.
pub const ZH: Terms = Terms {
    verdict: |verdict| match verdict {
        Verdict::Hidden => "未涉及",
        Verdict::Open => "未答",
        Verdict::NotApplicable => "不适用",
        Verdict::Recorded => "已记录",
        Verdict::Pass => "符合",
        Verdict::Fail => "不符合",
    },
    level: |level| match level {
        Level::A => "立即报告",
        Level::B => "需上报",
        Level::C => "现场指导",
        Level::I => "信息",
    },
    disposition: |disposition| match disposition {
        Disposition::Guided => "现场指导整改",
        Disposition::Corrected => "当场已改正",
        Disposition::Reported => "已报告监督机构",
    },
    origin: |origin| match origin {
        Origin::Routine => "日常巡查",
        Origin::Campaign => "专项巡查",
        Origin::Complaint => "投诉举报",
        Origin::Revisit => "复查回访",
        Origin::DoubleRandom => "双随机协助",
        Origin::Joint => "联合巡查",
    },
    no_fix: |reason| match reason {
        NoFixReason::NoSignal => "没有卫星信号",
        NoFixReason::Refused => "未授予定位权限",
        NoFixReason::SwitchedOff => "手机定位已关闭",
        NoFixReason::Unavailable => "设备不能定位",
    },
    unsigned: |cause| match cause {
        UnsignedCause::Refused => "拒签",
        UnsignedCause::Absent => "不在场",
        UnsignedCause::CannotWrite => "不会写字",
    },
    mock: |mock| match mock {
        Mock::No => "真实定位",
        Mock::Yes => "模拟定位",
        Mock::Unknown => "定位来源未知",
    },
    photo_source: |source| match source {
        PhotoSource::Camera => "现场拍摄",
        PhotoSource::Album => "相册导入，非现场拍摄",
    },
    site_kind: |kind| {
        Some(match kind {
            "FOOD_CANTEEN" => "食堂",
            "FOOD_CATERING" => "餐饮",
            "RURAL_BANQUET" => "农村聚餐",
            "WATER_RURAL" => "农村集中式供水",
            "WATER_SECONDARY" => "二次供水",
            "WATER_SCHOOL" => "学校供水",
            "WATER_VENDING" => "现制现售水",
            "SCHOOL" => "学校",
            "KINDERGARTEN" => "托幼机构",
            "CLINIC" => "诊所、卫生室",
            "PHARMACY" => "药店",
            "BEAUTY_SHOP" => "生活美容",
            "SUSPECT_PLACE" => "疑似场所",
            "PUBLIC_PLACE" => "公共场所",
            "EMPLOYER" => "用人单位",
            "MCH_UNIT" => "妇幼计生机构",
            "HOUSEHOLD" => "居民户",
            _ => return None,
        })
    },
    site_sign: |kind| match kind {
        "FOOD_CANTEEN" | "FOOD_CATERING" => "食",
        "RURAL_BANQUET" => "宴",
        "WATER_RURAL" | "WATER_SECONDARY" | "WATER_SCHOOL" | "WATER_VENDING" => "水",
        "SCHOOL" => "校",
        "KINDERGARTEN" => "幼",
        "CLINIC" => "医",
        "PHARMACY" => "药",
        "BEAUTY_SHOP" => "美",
        "SUSPECT_PLACE" => "疑",
        "PUBLIC_PLACE" => "公",
        "EMPLOYER" => "职",
        "MCH_UNIT" => "妇",
        "HOUSEHOLD" => "户",
        _ => "单",
    },
    part_kind: |kind| match kind {
        PartKind::YesNo => "是否符合",
        PartKind::Number { .. } => "读数",
        PartKind::CountPair => "应有 / 实有",
        PartKind::One { .. } => "单选",
        PartKind::Many { .. } => "多选",
        PartKind::Text { .. } => "文字",
        PartKind::Confidential { .. } => "保密内容",
        PartKind::Date { .. } => "日期",
        PartKind::Moment => "时间",
        PartKind::Expiry => "有效期至",
        PartKind::Series { .. } => "多点读数",
        PartKind::Computed { .. } => "计算值",
    },
    provider: |provider| match provider {
        "webview" => Some("手机定位"),
        "gps" => Some("卫星"),
        "network" => Some("网络"),
        "simulated" => Some("模拟"),
        _ => None,
    },
};

/// English.
pub const EN: Terms = Terms {
    verdict: |verdict| match verdict {
        Verdict::Hidden => "Not asked",
        Verdict::Open => "Open",
        Verdict::NotApplicable => "Not applicable",
        Verdict::Recorded => "Recorded",
        Verdict::Pass => "Compliant",
        Verdict::Fail => "Not compliant",
    },
    level: |level| match level {
        Level::A => "Report at once",
        Level::B => "Report",
        Level::C => "Guide on site",
        Level::I => "Information",
    },
    disposition: |disposition| match disposition {
        Disposition::Guided => "Guided on site",
        Disposition::Corrected => "Corrected on the spot",
        Disposition::Reported => "Reported to the bureau",
    },
    origin: |origin| match origin {
        Origin::Routine => "Routine visit",
        Origin::Campaign => "Campaign",
        Origin::Complaint => "Complaint",
        Origin::Revisit => "Re-visit",
        Origin::DoubleRandom => "Double-random assistance",
        Origin::Joint => "Joint visit",
    },
    no_fix: |reason| match reason {
        NoFixReason::NoSignal => "No satellite signal",
        NoFixReason::Refused => "Permission refused",
        NoFixReason::SwitchedOff => "Location is switched off",
        NoFixReason::Unavailable => "The device cannot locate itself",
    },
    unsigned: |cause| match cause {
        UnsignedCause::Refused => "Refused to sign",
        UnsignedCause::Absent => "Nobody present",
        UnsignedCause::CannotWrite => "Cannot write",
    },
    mock: |mock| match mock {
        Mock::No => "Genuine position",
        Mock::Yes => "Simulated position",
        Mock::Unknown => "Position source unknown",
    },
    photo_source: |source| match source {
        PhotoSource::Camera => "Taken on site",
        PhotoSource::Album => "From the album, not taken on site",
    },
    site_kind: |kind| {
        Some(match kind {
            "FOOD_CANTEEN" => "Canteen",
            "FOOD_CATERING" => "Catering",
            "RURAL_BANQUET" => "Rural banquet",
            "WATER_RURAL" => "Rural central water supply",
            "WATER_SECONDARY" => "Secondary water supply",
            "WATER_SCHOOL" => "School water supply",
            "WATER_VENDING" => "Water vending",
            "SCHOOL" => "School",
            "KINDERGARTEN" => "Kindergarten",
            "CLINIC" => "Clinic",
            "PHARMACY" => "Pharmacy",
            "BEAUTY_SHOP" => "Beauty shop",
            "SUSPECT_PLACE" => "Suspect place",
            "PUBLIC_PLACE" => "Public place",
            "EMPLOYER" => "Employer",
            "MCH_UNIT" => "Mother-and-child unit",
            "HOUSEHOLD" => "Household",
            _ => return None,
        })
    },
    site_sign: |kind| match kind {
        "FOOD_CANTEEN" | "FOOD_CATERING" => "F",
        "RURAL_BANQUET" => "R",
        "WATER_RURAL" | "WATER_SECONDARY" | "WATER_SCHOOL" | "WATER_VENDING" => "W",
        "SCHOOL" => "S",
        "KINDERGARTEN" => "K",
        "CLINIC" => "C",
        "PHARMACY" => "P",
        "BEAUTY_SHOP" => "B",
        "SUSPECT_PLACE" => "?",
        "PUBLIC_PLACE" => "L",
        "EMPLOYER" => "E",
        "MCH_UNIT" => "M",
        "HOUSEHOLD" => "H",
        _ => "U",
    },
    part_kind: |kind| match kind {
        PartKind::YesNo => "Compliant or not",
        PartKind::Number { .. } => "Reading",
        PartKind::CountPair => "Required / actual",
        PartKind::One { .. } => "One choice",
        PartKind::Many { .. } => "Choices",
        PartKind::Text { .. } => "Text",
        PartKind::Confidential { .. } => "Confidential text",
        PartKind::Date { .. } => "Date",
        PartKind::Moment => "Time",
        PartKind::Expiry => "Valid until",
        PartKind::Series { .. } => "Readings",
        PartKind::Computed { .. } => "Computed",
    },
    provider: |provider| match provider {
        "webview" => Some("phone"),
        "gps" => Some("satellite"),
        "network" => Some("network"),
        "simulated" => Some("simulated"),
        _ => None,
    },
};
