//! Heads of the tables that leave the bureau.

use crate::domain::review::Verdict;

/// The words.
#[derive(Debug)]
pub struct ExportWords {
    /// The link on the list of records.
    pub csv: &'static str,
    /// The same records for programs.
    pub jsonl: &'static str,
    /// Heads of the table of records, in the order of its columns.
    pub records: [&'static str; 21],
    /// Heads of the table of photos.
    pub photos: [&'static str; 5],
    /// Heads of the table of decisions.
    pub decisions: [&'static str; 13],
    /// A decision in a cell.
    pub verdict: fn(Verdict) -> &'static str,
    /// A yes in a cell.
    pub yes: &'static str,
    /// A no in a cell.
    pub no: &'static str,
}

pub(super) const ZH: ExportWords = ExportWords {
    csv: "导出表格（CSV）",
    jsonl: "导出数据（JSONL）",
    records: [
        "编号",
        "版次",
        "收到时间",
        "乡镇",
        "单位",
        "协管员",
        "检查表",
        "开始时间",
        "结束时间",
        "最高级别",
        "A 级问题",
        "B 级问题",
        "C 级问题",
        "规则提示",
        "距登记位置（米）",
        "照片文件",
        "已收到照片文件",
        "资料齐全",
        "回执序号",
        "巡查标识",
        "文件指纹（SHA-256）",
    ],
    photos: ["编号", "照片指纹（SHA-256）", "原图", "字节数", "已收到"],
    decisions: [
        "编号",
        "版次",
        "乡镇",
        "单位",
        "决定",
        "决定时间",
        "审核人",
        "账号",
        "检查项",
        "意见",
        "决定序号",
        "巡查标识",
        "文件指纹（SHA-256）",
    ],
    verdict: |verdict| match verdict {
        Verdict::Accept => "通过",
        Verdict::Return => "退回",
        Verdict::TakeBack => "收回决定",
        Verdict::Choose => "选定以这份为准",
    },
    yes: "是",
    no: "否",
};

pub(super) const EN: ExportWords = ExportWords {
    csv: "Export as a table (CSV)",
    jsonl: "Export as data (JSONL)",
    records: [
        "Number",
        "Revision",
        "Received",
        "Township",
        "Site",
        "Coordinators",
        "Checklists",
        "Started",
        "Finished",
        "Highest level",
        "Level A",
        "Level B",
        "Level C",
        "Remarks by rule",
        "Metres from the registered place",
        "Photo files",
        "Photo files here",
        "Complete",
        "Receipt sequence",
        "Visit id",
        "Document hash (SHA-256)",
    ],
    photos: ["Number", "Photo hash (SHA-256)", "Original", "Bytes", "Here"],
    decisions: [
        "Number",
        "Revision",
        "Township",
        "Site",
        "Decision",
        "Decided",
        "Reviewer",
        "Account",
        "Item",
        "Comment",
        "Decision sequence",
        "Visit id",
        "Document hash (SHA-256)",
    ],
    verdict: |verdict| match verdict {
        Verdict::Accept => "accepted",
        Verdict::Return => "returned",
        Verdict::TakeBack => "decision taken back",
        Verdict::Choose => "chosen as the one that counts",
    },
    yes: "yes",
    no: "no",
};
