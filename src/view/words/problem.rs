//! Problems in words: what is missing or odd, and what to do about it.

use crate::domain::problem::{MAX_SHEETS, ProblemKind};

/// Sentences for problems.
#[derive(Debug)]
pub struct ProblemWords {
    /// The sentence, with the label of the part it concerns (empty when there is none).
    pub sentence: fn(&ProblemKind, &str) -> String,
    /// Several problems.
    pub count: fn(u64) -> String,
    /// None.
    pub none: &'static str,
    /// About the visit as a whole.
    pub whole_visit: &'static str,
}

impl ProblemWords {
    /// The key of the part a problem is about, if it is about one.
    pub fn part(kind: &ProblemKind) -> Option<&str> {
        use ProblemKind as P;
        match kind {
            P::PartMissing { part }
            | P::UnknownPart { part }
            | P::UnknownChoice { part }
            | P::TooLong { part, .. }
            | P::TooFine { part, .. }
            | P::NoInstrument { part }
            | P::InTheFuture { part }
            | P::TooFewReadings { part, .. } => Some(part),
            P::Unanswered
            | P::PhotoMissing
            | P::PhotoForbidden
            | P::UnknownItem
            | P::NotApplicableNotOffered
            | P::UnknownChecklist { .. }
            | P::NoSheet
            | P::NoCoordinator
            | P::SameCoordinator
            | P::NoPosition
            | P::EndBeforeStart
            | P::NoAttestation
            | P::PhotoUnknown
            | P::FindingsDiffer
            | P::ManySheets { .. }
            | P::More { .. }
            | P::Wording { .. } => None,
        }
    }
}

fn about_zh(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("“{part}”") }
}

fn about_en(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("{part}: ") }
}

fn sentence_zh(kind: &ProblemKind, part: &str) -> String {
    use ProblemKind as P;
    let part = about_zh(part);
    match kind {
        P::Unanswered => "还没有作答".to_owned(),
        P::PartMissing { .. } => format!("{part}还没有填"),
        P::PhotoMissing => "不符合，需要至少一张照片".to_owned(),
        P::PhotoForbidden => "这一项不允许拍照（病人、未成年人面部、证件）".to_owned(),
        P::UnknownItem => "检查表中没有这一项".to_owned(),
        P::UnknownPart { .. } => format!("{part}与检查表不一致"),
        P::UnknownChoice { .. } => format!("{part}选了检查表中没有的选项"),
        P::NotApplicableNotOffered => "这一项不能选“不适用”".to_owned(),
        P::TooLong { max, .. } => format!("{part}超过 {max} 个字"),
        P::TooFine { max, .. } => format!("{part}小数位数超过 {max} 位，请核对仪器"),
        P::NoInstrument { .. } => format!("{part}没有写明仪器或方法"),
        P::InTheFuture { .. } => format!("{part}的时间在巡查之后"),
        P::TooFewReadings { min, .. } => format!("{part}少于 {min} 个读数"),
        P::UnknownChecklist { code } => format!("这里没有检查表 {code}，无法核对"),
        P::NoSheet => "没有任何检查表".to_owned(),
        P::NoCoordinator => "没有写明协管员".to_owned(),
        P::SameCoordinator => "两名协管员是同一人".to_owned(),
        P::NoPosition => "没有位置，也没有写明原因".to_owned(),
        P::EndBeforeStart => "结束时间早于开始时间".to_owned(),
        P::NoAttestation => "没有签字，也没有写明原因".to_owned(),
        P::PhotoUnknown => "答案提到的照片不在记录里，或重复".to_owned(),
        P::FindingsDiffer => "记录中的问题与按答案算出的不一致".to_owned(),
        P::ManySheets { sheets } => format!("检查表太多（{sheets} 张），只核对了前 {MAX_SHEETS} 张"),
        P::More { count } => format!("另有 {count} 处"),
        P::Wording { word } => format!("出现执法用语“{word}”；协管员只能记录、指导、报告"),
    }
}

fn sentence_en(kind: &ProblemKind, part: &str) -> String {
    use ProblemKind as P;
    let part = about_en(part);
    match kind {
        P::Unanswered => "Not answered yet".to_owned(),
        P::PartMissing { .. } => format!("{part}missing"),
        P::PhotoMissing => "Not compliant; at least one photo is needed".to_owned(),
        P::PhotoForbidden => {
            "No photo may be taken here (patients, minors' faces, identity cards)".to_owned()
        }
        P::UnknownItem => "The checklist has no such item".to_owned(),
        P::UnknownPart { .. } => format!("{part}does not fit the checklist"),
        P::UnknownChoice { .. } => format!("{part}a choice that the checklist lacks"),
        P::NotApplicableNotOffered => "“Not applicable” is not offered here".to_owned(),
        P::TooLong { max, .. } => format!("{part}longer than {max} characters"),
        P::TooFine { max, .. } => format!("{part}more than {max} decimals; check the instrument"),
        P::NoInstrument { .. } => format!("{part}no instrument or method named"),
        P::InTheFuture { .. } => format!("{part}after the visit"),
        P::TooFewReadings { min, .. } => format!("{part}fewer than {min} readings"),
        P::UnknownChecklist { code } => format!("Checklist {code} is not here, so it cannot be checked"),
        P::NoSheet => "No checklist at all".to_owned(),
        P::NoCoordinator => "No coordinator named".to_owned(),
        P::SameCoordinator => "Both coordinators are the same person".to_owned(),
        P::NoPosition => "Neither a position nor a reason for its absence".to_owned(),
        P::EndBeforeStart => "The end is before the start".to_owned(),
        P::NoAttestation => "Neither a signature nor a reason for its absence".to_owned(),
        P::PhotoUnknown => "An answer names a photo that the record lacks, or one twice".to_owned(),
        P::FindingsDiffer => "The findings in the record are not those its answers give".to_owned(),
        P::ManySheets { sheets } => {
            format!("Too many checklists ({sheets}); only the first {MAX_SHEETS} were checked")
        }
        P::More { count } => format!("{count} more"),
        P::Wording { word } => {
            format!("Word of enforcement “{word}”; coordinators only record, guide and report")
        }
    }
}

/// Chinese.
pub const ZH: ProblemWords = ProblemWords {
    sentence: sentence_zh,
    count: |n| format!("{n} 处需要留意"),
    none: "没有发现缺漏",
    whole_visit: "整份记录",
};

/// English.
pub const EN: ProblemWords = ProblemWords {
    sentence: sentence_en,
    count: |n| if n == 1 { "1 point to look at".to_owned() } else { format!("{n} points to look at") },
    none: "Nothing missing",
    whole_visit: "Whole record",
};
