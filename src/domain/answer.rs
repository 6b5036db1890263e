//! What the coordinator answered: typed parts, a note, photos and how a failure was handled.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::finding::Handling;
use super::id::{Digest, PhotoId};
use super::reading::Reading;

/// Which checklist a sheet was filled against; the hash is what counts, the rest is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistRef {
    /// Such as `WATER_RURAL`.
    pub code: String,
    /// Such as `2026.1`.
    pub version: String,
    /// SHA-256 over the checklist's bytes as published.
    pub hash: Digest,
}

/// One filled checklist (检查表). Answers are kept by item code, so the order of answering cannot matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// The checklist it was filled against.
    pub checklist: ChecklistRef,
    /// Item code → answer; an item without an answer is absent.
    pub answers: BTreeMap<String, Answer>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(checklist: ChecklistRef) -> Self {
        Self { checklist, answers: BTreeMap::new() }
    }

    /// The value of one part of one item, unless the item is answered “not applicable”.
    pub fn value(&self, item: &str, part: &str) -> Option<&PartValue> {
        let answer = self.answers.get(item)?;
        if answer.not_applicable { None } else { answer.parts.get(part) }
    }
}

/// The answer to one item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// 不适用 (合理缺项). Parts already given stay, so that a slip of the thumb can be undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_applicable: bool,
    /// Part key → value; a part without a value is absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, PartValue>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Photos taken for this item, in the order taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
    /// How a failure was handled; kept, but without effect, when the item does not fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling: Option<Handling>,
}

impl Answer {
    /// Whether nothing at all was given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The value of one part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PartValue {
    /// 是 is always compliant.
    YesNo {
        /// 符合.
        yes: bool,
    },
    /// A measured value.
    Number {
        /// As typed.
        reading: Reading,
        /// Instrument or method, one of the part's or free text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instrument: Option<String>,
    },
    /// 未检.
    NotMeasured {
        /// Why: no instrument, no reagent, …
        reason: String,
    },
    /// 应 / 实.
    Count {
        /// How many there should be.
        required: u32,
        /// How many there are.
        actual: u32,
    },
    /// One choice, by code.
    One {
        /// Code of the choice.
        choice: String,
    },
    /// Several choices, by code.
    Many {
        /// Codes of the choices.
        choices: BTreeSet<String>,
    },
    /// Free text.
    Text {
        /// As typed.
        text: String,
    },
    /// The text itself travels encrypted beside the document.
    Confidential {
        /// SHA-256 over the salt and the text (see `domain::confidential`).
        digest: Digest,
    },
    /// A day; also an expiry date.
    Date {
        /// The day.
        date: NaiveDate,
    },
    /// A moment.
    Moment {
        /// The moment.
        at: DateTime<FixedOffset>,
    },
    /// Several readings of one kind, in the order taken.
    Series {
        /// The readings.
        readings: Vec<SeriesReading>,
    },
}

/// One reading of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesReading {
    /// Where or what: “教室 203 前排”.
    pub label: String,
    /// As typed.
    pub reading: Reading,
}
