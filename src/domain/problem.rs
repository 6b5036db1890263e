//! Problems: what is still missing or odd. Data, never an error; the words are chosen at the edge.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, PartValue, Sheet};
use super::checklist::{Checklist, Item, Library, Part, PartKind, PhotoRule};
use super::finding::{Finding, findings_of};
use super::inspection::{Draft, Inspection};
use super::judge::{Judged, Judgement, Verdict, asked_parts};
use super::text::{LISTED_CHARS, cut};
use super::wording;

/// Problems of a received document that are named one by one: nobody reads more, and lists and pages hold them.
pub const MAX_PROBLEMS: usize = 100;
/// Sheets of a received document that are judged: a visit fills a handful, and judging costs far more than sending.
pub const MAX_SHEETS: usize = 200;

/// Something a careful reader would ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Item it concerns; none for the visit as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// The kinds of problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum ProblemKind {
    /// No answer yet.
    Unanswered,
    /// A part of the answer is missing.
    PartMissing {
        /// Key of the part.
        part: String,
    },
    /// The item fails and asks for a photo.
    PhotoMissing,
    /// A photo where none may be taken.
    PhotoForbidden,
    /// An item the checklist does not have.
    UnknownItem,
    /// A part the item does not have, or a value of another kind.
    UnknownPart {
        /// Key of the part.
        part: String,
    },
    /// A choice the part does not have.
    UnknownChoice {
        /// Key of the part.
        part: String,
    },
    /// 不适用 where it is not offered.
    NotApplicableNotOffered,
    /// Longer than allowed.
    TooLong {
        /// Key of the part.
        part: String,
        /// Allowed characters.
        max: u16,
    },
    /// More digits than the instrument can give.
    TooFine {
        /// Key of the part.
        part: String,
        /// Allowed decimals.
        max: u8,
    },
    /// A reading without instrument or method.
    NoInstrument {
        /// Key of the part.
        part: String,
    },
    /// A day or moment after the visit.
    InTheFuture {
        /// Key of the part.
        part: String,
    },
    /// Fewer readings than asked.
    TooFewReadings {
        /// Key of the part.
        part: String,
        /// Asked.
        min: u8,
    },
    /// A sheet whose checklist is not here.
    UnknownChecklist {
        /// Its code.
        code: String,
    },
    /// No sheet at all.
    NoSheet,
    /// Nobody inspected.
    NoCoordinator,
    /// The second coordinator is the first.
    SameCoordinator,
    /// Neither a position nor a reason.
    NoPosition,
    /// The end is before the start.
    EndBeforeStart,
    /// Neither signature nor refusal.
    NoAttestation,
    /// An answer names a photo that the record does not hold, or a photo is held twice.
    PhotoUnknown,
    /// The findings in the document are not those its answers give.
    FindingsDiffer,
    /// More sheets than any visit fills; the first ones were judged.
    ManySheets {
        /// How many there are.
        sheets: u32,
    },
    /// Others beside those named.
    More {
        /// How many.
        count: u32,
    },
    /// A word of enforcement in a coordinator's text.
    Wording {
        /// The word.
        word: String,
    },
}

impl Problem {
    /// Whether the phone asks for it to be settled before finishing; the bureau refuses for none.
    pub fn blocks_finishing(&self) -> bool {
        use ProblemKind as P;
        match self.kind {
            P::NoInstrument { .. } | P::Wording { .. } | P::TooFine { .. } | P::FindingsDiffer => false,
            // A visit that began under a wrong clock keeps that day, and its true dates must not shut it in.
            P::InTheFuture { .. } => false,
            _ => true,
        }
    }

    fn of(item: &Item, kind: ProblemKind) -> Self {
        Self { item: Some(item.code.clone()), kind }
    }

    fn visit(kind: ProblemKind) -> Self {
        Self { item: None, kind }
    }

    /// Whatever the document called its parts.
    fn shorten(&mut self) {
        use ProblemKind as P;
        let name = match &mut self.kind {
            P::PartMissing { part }
            | P::UnknownPart { part }
            | P::UnknownChoice { part }
            | P::TooLong { part, .. }
            | P::TooFine { part, .. }
            | P::NoInstrument { part }
            | P::InTheFuture { part }
            | P::TooFewReadings { part, .. } => Some(part),
            P::UnknownChecklist { code } => Some(code),
            _ => None,
        };
        for name in name.into_iter().chain(&mut self.item) {
            *name = cut(name, LISTED_CHARS);
        }
    }
}

/// The problems of a draft. Total: a new draft simply has many.
pub fn draft_problems(draft: &Draft, library: &Library) -> Vec<Problem> {
    let people: Vec<_> = draft.coordinators.iter().map(|c| c.id).collect();
    let mut found = sheets_problems(&draft.sheets, library, draft.started_at, &[]);
    found.extend(people_problems(&people));
    if draft.fixes.is_empty() && draft.no_fix.is_none() {
        found.push(Problem::visit(ProblemKind::NoPosition));
    }
    if draft.attestation.is_none() {
        found.push(Problem::visit(ProblemKind::NoAttestation));
    }
    found.extend(wording_problems(&draft.guidance));
    found
}

/// The sheets of a received document that are judged; see [`MAX_SHEETS`].
pub fn first_sheets(document: &Inspection) -> &[Sheet] {
    &document.sheets[..document.sheets.len().min(MAX_SHEETS)]
}

/// At most [`MAX_PROBLEMS`], one that counts the rest, and no long name in any.
fn bounded(mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    problems.iter_mut().for_each(Problem::shorten);
    if more > 0 {
        let count = u32::try_from(more).unwrap_or(u32::MAX);
        problems.push(Problem::visit(ProblemKind::More { count }));
    }
    problems
}

/// The problems of a received document, for the reviewer; never a reason to refuse it.
pub fn document_problems(document: &Inspection, library: &Library) -> Vec<Problem> {
    let judged = Judged::all(first_sheets(document), library, document.day());
    let findings: Vec<Finding> = judged.iter().flat_map(findings_of).collect();
    received_problems(document, library, &judged, &findings)
}

/// As [`document_problems`], for who has judged its sheets and worked out their findings already.
pub fn received_problems(
    document: &Inspection,
    library: &Library,
    judged: &[Judged<'_>],
    findings: &[Finding],
) -> Vec<Problem> {
    let people: Vec<_> = document.coordinators.iter().map(|c| c.id).collect();
    let mut found = Vec::new();
    if document.sheets.len() > MAX_SHEETS {
        let sheets = u32::try_from(document.sheets.len()).unwrap_or(u32::MAX);
        found.push(Problem::visit(ProblemKind::ManySheets { sheets }));
    }
    found.extend(sheets_problems(first_sheets(document), library, document.finished_at, judged));
    found.extend(people_problems(&people));
    if document.fixes.is_empty() && document.no_fix.is_none() {
        found.push(Problem::visit(ProblemKind::NoPosition));
    }
    if document.attestation.is_none() {
        found.push(Problem::visit(ProblemKind::NoAttestation));
    }
    if document.finished_at < document.started_at {
        found.push(Problem::visit(ProblemKind::EndBeforeStart));
    }
    let held: BTreeSet<_> = document.photos.iter().map(|photo| photo.original).collect();
    let named = document.sheets.iter().flat_map(|s| s.answers.values()).flat_map(|a| &a.photos);
    if named.into_iter().any(|id| !held.contains(id)) {
        found.push(Problem::visit(ProblemKind::PhotoUnknown));
    }
    let known = document.sheets.iter().all(|sheet| library.contains_key(&sheet.checklist.hash));
    if known && findings != document.findings {
        found.push(Problem::visit(ProblemKind::FindingsDiffer));
    }
    found.extend(wording_problems(&document.guidance));
    bounded(found)
}

fn sheets_problems(
    sheets: &[Sheet],
    library: &Library,
    until: DateTime<FixedOffset>,
    judged: &[Judged<'_>],
) -> Vec<Problem> {
    if sheets.is_empty() {
        return vec![Problem::visit(ProblemKind::NoSheet)];
    }
    // A visit past midnight is judged again by the day it ended.
    let known = |sheet: &Sheet| {
        judged.iter().find(|one| std::ptr::eq(one.sheet, sheet) && one.day == until.date_naive())
    };
    let of_sheet = |sheet: &Sheet| match library.get(&sheet.checklist.hash) {
        Some(checklist) => match known(sheet) {
            Some(judged) => judged_problems(judged, until),
            None => sheet_problems(checklist, sheet, until),
        },
        None => {
            vec![Problem::visit(ProblemKind::UnknownChecklist { code: sheet.checklist.code.clone() })]
        }
    };
    sheets.iter().flat_map(of_sheet).collect()
}

fn people_problems(people: &[super::id::CoordinatorId]) -> Option<Problem> {
    match people {
        [] => Some(Problem::visit(ProblemKind::NoCoordinator)),
        [first, rest @ ..] if rest.contains(first) => Some(Problem::visit(ProblemKind::SameCoordinator)),
        _ => None,
    }
}

fn wording_problems(text: &str) -> Vec<Problem> {
    let words = wording::enforcement_words(text).into_iter();
    words.map(|word| Problem::visit(ProblemKind::Wording { word: word.to_owned() })).collect()
}

/// The problems of one sheet; `until` is the moment after which nothing can have happened.
pub fn sheet_problems(checklist: &Checklist, sheet: &Sheet, until: DateTime<FixedOffset>) -> Vec<Problem> {
    judged_problems(&Judged::new(checklist, sheet, until.date_naive()), until)
}

fn judged_problems(judged: &Judged<'_>, until: DateTime<FixedOffset>) -> Vec<Problem> {
    let (checklist, sheet) = (judged.checklist, judged.sheet);
    let of_item = |(item, judgement): (_, &Judgement)| item_problems(item, sheet, judgement.verdict, until);
    let mut found: Vec<Problem> = judged.items().flat_map(of_item).collect();
    let strangers = sheet.answers.keys().filter(|code| checklist.item(code).is_none());
    found.extend(strangers.map(|code| Problem { item: Some(code.clone()), kind: ProblemKind::UnknownItem }));
    found
}

fn item_problems(item: &Item, sheet: &Sheet, verdict: Verdict, until: DateTime<FixedOffset>) -> Vec<Problem> {
    let empty = Answer::default();
    let answer = sheet.answers.get(&item.code).unwrap_or(&empty);
    let mut found = Vec::new();
    if matches!(verdict, Verdict::Hidden | Verdict::NotApplicable) {
        return found;
    }
    if answer.not_applicable {
        found.push(Problem::of(item, ProblemKind::NotApplicableNotOffered));
    } else if answer.parts.is_empty() {
        let all_optional = asked_parts(item, sheet).all(|part| part.optional);
        if !all_optional {
            found.push(Problem::of(item, ProblemKind::Unanswered));
        }
    } else {
        found.extend(missing_parts(item, sheet));
    }
    let values = answer.parts.iter().flat_map(|(key, value)| value_problems(item, key, value, until));
    found.extend(values.map(|kind| Problem::of(item, kind)));
    let without_photo = answer.photos.is_empty();
    match item.photo {
        PhotoRule::RequiredWhenFailed if verdict == Verdict::Fail && without_photo => {
            found.push(Problem::of(item, ProblemKind::PhotoMissing));
        }
        PhotoRule::Forbidden if !without_photo => found.push(Problem::of(item, ProblemKind::PhotoForbidden)),
        _ => {}
    }
    let texts = [&answer.note, answer.handling.as_ref().map_or(&empty.note, |handling| &handling.problem)];
    let words = texts.into_iter().flat_map(|text| wording::enforcement_words(text));
    found.extend(words.map(|word| Problem::of(item, ProblemKind::Wording { word: word.to_owned() })));
    found
}

fn missing_parts(item: &Item, sheet: &Sheet) -> Vec<Problem> {
    let computed = |part: &&Part| matches!(part.kind, PartKind::Computed { .. });
    asked_parts(item, sheet)
        .filter(|part| !part.optional && !computed(part))
        .filter(|part| sheet.value(&item.code, &part.key).is_none())
        .map(|part| Problem::of(item, ProblemKind::PartMissing { part: part.key.clone() }))
        .collect()
}

fn value_problems(
    item: &Item,
    key: &str,
    value: &PartValue,
    until: DateTime<FixedOffset>,
) -> Vec<ProblemKind> {
    let part = key.to_owned();
    let Some(definition) = item.part(key) else {
        return vec![ProblemKind::UnknownPart { part }];
    };
    let longer = |text: &str, max: u16| text.chars().nth(usize::from(max)).is_some();
    match (&definition.kind, value) {
        (PartKind::Number { decimals, instruments, .. }, PartValue::Number { reading, instrument }) => {
            let fine = (reading.decimals() > u32::from(*decimals))
                .then(|| ProblemKind::TooFine { part: part.clone(), max: *decimals });
            let bare = (!instruments.is_empty() && instrument.as_ref().is_none_or(String::is_empty))
                .then_some(ProblemKind::NoInstrument { part });
            fine.into_iter().chain(bare).collect()
        }
        (PartKind::Number { not_measured: true, .. }, PartValue::NotMeasured { .. }) => Vec::new(),
        (PartKind::One { choices }, PartValue::One { choice }) => {
            unknown_choice(part, choices.iter().any(|c| c.code == *choice))
        }
        (PartKind::Many { choices }, PartValue::Many { choices: chosen }) => {
            unknown_choice(part, chosen.iter().all(|code| choices.iter().any(|c| c.code == *code)))
        }
        (PartKind::Text { max_chars }, PartValue::Text { text }) if longer(text, *max_chars) => {
            vec![ProblemKind::TooLong { part, max: *max_chars }]
        }
        (PartKind::Date { .. }, PartValue::Date { date }) if *date > until.date_naive() => {
            vec![ProblemKind::InTheFuture { part }]
        }
        (PartKind::Moment, PartValue::Moment { at }) if *at > until => {
            vec![ProblemKind::InTheFuture { part }]
        }
        (PartKind::Series { min_readings, .. }, PartValue::Series { readings })
            if readings.len() < usize::from(*min_readings) =>
        {
            vec![ProblemKind::TooFewReadings { part, min: *min_readings }]
        }
        (PartKind::YesNo, PartValue::YesNo { .. })
        | (PartKind::CountPair, PartValue::Count { .. })
        | (PartKind::Text { .. }, PartValue::Text { .. })
        | (PartKind::Confidential { .. }, PartValue::Confidential { .. })
        | (PartKind::Date { .. } | PartKind::Expiry, PartValue::Date { .. })
        | (PartKind::Moment, PartValue::Moment { .. })
        | (PartKind::Series { .. }, PartValue::Series { .. }) => Vec::new(),
        _ => vec![ProblemKind::UnknownPart { part }],
    }
}

fn unknown_choice(part: String, known: bool) -> Vec<ProblemKind> {
    if known { Vec::new() } else { vec![ProblemKind::UnknownChoice { part }] }
}
