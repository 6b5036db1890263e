//! Tables and lines that leave the bureau: pure text, for spreadsheets, programs and auditors.

use serde::Serialize;

use super::storage::StorageError;
use super::storage::export::{Line, NamedPhoto};
use super::storage::said::Said;
use crate::domain::checklist::{Level, Library};
use crate::domain::text::Language;
use crate::view::words::words;

/// What Excel needs to see that a table is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// A table for spreadsheets, with heads.
    Csv,
    /// A JSON object on each line, for programs.
    Jsonl,
}

impl Form {
    /// How its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl; charset=utf-8",
        }
    }
}

/// How the records' table is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// How it is written.
    pub form: Form,
    /// In whose words.
    pub language: Language,
    /// For the checklists' titles.
    pub library: &'a Library,
}

impl Look<'_> {
    /// What stands before the first record.
    pub fn head(&self) -> String {
        match self.form {
            Form::Csv => format!("{BYTE_ORDER_MARK}{}", row(words(self.language).export.records)),
            Form::Jsonl => String::new(),
        }
    }

    /// One record.
    ///
    /// # Errors
    /// Never for a record of this crate.
    pub fn line(&self, line: &Line) -> Result<String, StorageError> {
        match self.form {
            Form::Csv => Ok(self.cells(line)),
            Form::Jsonl => json_line(line),
        }
    }

    fn cells(&self, line: &Line) -> String {
        let w = &words(self.language).export;
        let titles = line.checklists.iter().map(|name| match self.library.get(&name.hash) {
            Some(checklist) => checklist.title.get(self.language),
            None => &name.code,
        });
        let failed = |level: Level| line.failed.get(&level).copied().unwrap_or(0).to_string();
        let time = |at: chrono::DateTime<chrono::FixedOffset>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        row([
            line.number.as_str(),
            &line.revision.to_string(),
            &time(line.received_at),
            &line.township.name,
            &line.site_title,
            &line.coordinators,
            &titles.collect::<Vec<_>>().join("、"),
            &time(line.started_at),
            &time(line.finished_at),
            line.level.map(Level::letter).unwrap_or_default(),
            &failed(Level::A),
            &failed(Level::B),
            &failed(Level::C),
            &line.problems.to_string(),
            &line.distance_m.map(|m| m.to_string()).unwrap_or_default(),
            &line.blobs.to_string(),
            &line.blobs_held.to_string(),
            if line.blobs == line.blobs_held { w.yes } else { w.no },
            &line.sequence.to_string(),
            &line.inspection.to_string(),
            &line.digest.to_string(),
        ])
    }
}

/// What stands before the first photo of a table of photos.
pub fn photos_head(language: Language) -> String {
    format!("{BYTE_ORDER_MARK}{}", row(words(language).export.photos))
}

/// One photo as a row of such a table.
pub fn photo_row(photo: &NamedPhoto, language: Language) -> String {
    let w = &words(language).export;
    let yes_no = |yes| if yes { w.yes } else { w.no };
    row([
        photo.number.as_str(),
        &photo.photo.to_string(),
        yes_no(photo.original),
        &photo.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
        yes_no(photo.bytes.is_some()),
    ])
}

/// What stands before the first decision of a table of decisions.
pub fn decisions_head(language: Language) -> String {
    format!("{BYTE_ORDER_MARK}{}", row(words(language).export.decisions))
}

/// One decision as rows of such a table: what was said on the whole, then each comment on an item in a row of its own.
pub fn decision_rows(said: &Said, language: Language) -> String {
    let w = &words(language).export;
    let verdict = said.verdict().map_or(said.verdict.as_str(), w.verdict);
    let (revision, sequence) = (said.revision.to_string(), said.sequence.to_string());
    let at = said.at.format("%Y-%m-%d %H:%M:%S").to_string();
    let (inspection, document) = (said.inspection.to_string(), said.document.to_string());
    let one = |item: &str, text: &str| {
        row([
            said.number.as_str(),
            &revision,
            &said.township.name,
            &said.site_title,
            verdict,
            &at,
            &said.by,
            &said.account,
            item,
            text,
            &sequence,
            &inspection,
            &document,
        ])
    };
    let items = said.items.iter().map(|comment| one(&comment.item, &comment.text));
    Some(one("", &said.comment)).into_iter().chain(items).collect()
}

/// Anything as a line of JSON.
///
/// # Errors
/// Never for what this crate exports.
pub fn json_line(value: &impl Serialize) -> Result<String, StorageError> {
    Ok(serde_json::to_string(value)? + "\n")
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    cells.map(cell).join(",") + "\r\n"
}

/// A cell that no spreadsheet runs. Names and sites come from the field: one that begins like a formula gets an
/// apostrophe before it, which spreadsheets take for “this is text”.
fn cell(text: &str) -> String {
    let first = text.chars().find(|c| !c.is_whitespace() || matches!(c, '\t' | '\r' | '\n'));
    // The wide ones count too where the input method writes them.
    let runs = first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c));
    let guard = if runs { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('\0', "").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_runs_and_every_cell_stays_one() {
        for risky in
            ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1", "－1", "\n=1"]
        {
            assert!(cell(risky).starts_with("\"'"), "{risky:?}");
        }
        assert_eq!(cell("示例镇石桥村"), "\"示例镇石桥村\"");
        assert_eq!(cell("a\",=1"), "\"a\"\",=1\"");
        assert_eq!(cell("a\0b\nc"), "\"ab\nc\"");
        assert_eq!(cell(""), "\"\"");
    }
}
