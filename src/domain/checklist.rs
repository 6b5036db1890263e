//! Checklists (检查表模板): versioned data, named by code, version and the hash of their bytes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::ChecklistRef;
use super::condition::Condition;
use super::id::Digest;
use super::reading::Reading;
use super::text::Text;

/// A checklist as published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checklist {
    /// Such as `WATER_RURAL`; never changes its meaning.
    pub code: String,
    /// Such as `2026.1`.
    pub version: String,
    /// Title.
    pub title: Text,
    /// Area (专业), data: `drinking_water`, `food`, …
    pub area: String,
    /// Category of an information report made from it (信息类别), in the words of the national form.
    pub info_category: String,
    /// Kinds of site it is for.
    pub site_kinds: Vec<String>,
    /// Whether the national service specification asks for it.
    pub core: bool,
    /// Patrols a year by default.
    pub patrols_per_year: u8,
    /// First day of use.
    pub valid_from: NaiveDate,
    /// Laws and standards that items refer to.
    pub sources: Vec<Source>,
    /// Sections of items, in the order of the walk.
    pub sections: Vec<Section>,
}

/// A law, standard or form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Short name used by [`Basis`].
    pub id: String,
    /// Official title with number or year.
    pub title: String,
}

/// Items that are looked at in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Short name.
    pub code: String,
    /// Title.
    pub title: Text,
    /// Its items.
    pub items: Vec<Item>,
}

/// One question (检查项); 是 = compliant, always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Such as `WR-15`; unique in the checklist.
    pub code: String,
    /// The sentence, true when compliant.
    pub text: Text,
    /// What to look at, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// What is answered.
    pub parts: Vec<Part>,
    /// Whether 不适用 may be chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub na_allowed: bool,
    /// Where it is written.
    pub basis: Vec<Basis>,
    /// Whether a photo is wanted.
    pub photo: PhotoRule,
    /// Level of a failure.
    pub level: Level,
    /// When a failure weighs more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<Escalation>,
    /// When the item is asked at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_if: Option<Condition>,
    /// Ready sentences for what is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Text>,
    /// Ready sentences of advice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<Text>,
    /// How well the item is attested.
    pub evidence: Evidence,
}

/// Reference into [`Checklist::sources`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Id of the source.
    pub source: String,
    /// Article or table; empty for the whole text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// Whether the clause was read.
    pub evidence: Evidence,
}

/// How well a fact is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Read in a full text or quoted with its number.
    Verified,
    /// The item is in real forms; the clause is from general knowledge.
    ItemVerified,
    /// From general knowledge.
    Unverified,
    /// Our own proposal.
    Proposal,
}

/// What a failure of an item asks for (levels of `domain` documents; deadlines in the README).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Information only; never fails.
    I,
    /// 现场指导: guidance on the spot, re-visit.
    C,
    /// 线索上报: a report to the bureau the same day.
    B,
    /// 立即报告: telephone at once, in writing within two hours.
    A,
}

impl Level {
    /// Its letter.
    pub fn letter(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::C => "C",
            Self::B => "B",
            Self::A => "A",
        }
    }
}

/// Whether an item wants a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoRule {
    /// 必: at least one when the item fails.
    RequiredWhenFailed,
    /// 宜: useful.
    Useful,
    /// –: none expected.
    None,
    /// 禁（证件除外）: certificates may be photographed, people and identity cards may not.
    PapersOnly,
    /// 禁: patients, minors' faces, identity cards.
    Forbidden,
}

/// A failure weighs more when the condition holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// When.
    pub when: Condition,
    /// The level then; the highest that holds counts.
    pub level: Level,
}

/// One thing to answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Unique in the item.
    pub key: String,
    /// Label; an item with one part needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// May stay empty.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// When it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_if: Option<Condition>,
    /// What kind of value.
    #[serde(flatten)]
    pub kind: PartKind,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PartKind {
    /// 符合 / 不符合.
    YesNo,
    /// A measured value.
    Number {
        /// Unit as printed; empty for pH.
        unit: String,
        /// Digits after the point that make sense.
        decimals: u8,
        /// The limits, each with its applicability.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        limits: Vec<Limit>,
        /// 未检 with a reason is an answer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        not_measured: bool,
        /// Instruments and methods offered; a reading without one is questioned.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instruments: Vec<Text>,
    },
    /// 应 / 实: fails when fewer than required.
    CountPair,
    /// One of these.
    One {
        /// The choices.
        choices: Vec<Choice>,
    },
    /// Any of these.
    Many {
        /// The choices.
        choices: Vec<Choice>,
    },
    /// Free text.
    Text {
        /// At most this many characters.
        max_chars: u16,
    },
    /// Text that only the bureau may read.
    Confidential {
        /// At most this many characters.
        max_chars: u16,
    },
    /// A day, not in the future.
    Date {
        /// Fails when longer ago than this many days before the visit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_age_days: Option<u16>,
    },
    /// A moment, not in the future.
    Moment,
    /// 有效期至: fails when past, warns 60, 30 and 0 days before.
    Expiry,
    /// Several readings against the same limits.
    Series {
        /// Unit as printed.
        unit: String,
        /// Digits after the point that make sense.
        decimals: u8,
        /// The limits for each reading.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        limits: Vec<Limit>,
        /// Fewest readings.
        min_readings: u8,
    },
    /// Worked out from other parts of the same item; never stored.
    Computed {
        /// How.
        formula: Formula,
        /// Unit as printed.
        unit: String,
        /// The limits of the worked-out value.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        limits: Vec<Limit>,
    },
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Unique in the part; what the document stores.
    pub code: String,
    /// Its words.
    pub text: Text,
    /// Choosing it is a failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fails: bool,
}

/// A limit of a reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Which side.
    pub cmp: Comparator,
    /// The limit itself.
    pub value: Reading,
    /// When it applies; always, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_if: Option<Condition>,
}

/// A compliant reading is … the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than.
    #[serde(rename = ">")]
    MoreThan,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Less than.
    #[serde(rename = "<")]
    LessThan,
}

impl Comparator {
    /// Whether a reading keeps the limit.
    pub fn accepts(self, reading: &Reading, limit: &Reading) -> bool {
        let order = reading.compare(limit);
        match self {
            Self::AtLeast => order.is_ge(),
            Self::MoreThan => order.is_gt(),
            Self::AtMost => order.is_le(),
            Self::LessThan => order.is_lt(),
        }
    }

    /// As printed: ≥ > ≤ <.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "≥",
            Self::MoreThan => ">",
            Self::AtMost => "≤",
            Self::LessThan => "<",
        }
    }
}

/// A value worked out from parts of the same item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// Sum of number parts.
    Sum(Vec<String>),
    /// First minus second.
    Difference([String; 2]),
    /// First divided by second, at most three decimals.
    Ratio([String; 2]),
    /// Mean of a series, rounded half to even to its decimals plus one.
    Mean(String),
}

impl Checklist {
    /// Parses a published checklist and names it by its bytes.
    ///
    /// # Errors
    /// The bytes are not a checklist; [`super::validate::defects`] looks for wrong references inside one.
    pub fn parse(bytes: &[u8]) -> Result<(ChecklistRef, Self), serde_json::Error> {
        let checklist: Self = serde_json::from_slice(bytes)?;
        let name = ChecklistRef {
            code: checklist.code.clone(),
            version: checklist.version.clone(),
            hash: Digest::of(bytes),
        };
        Ok((name, checklist))
    }

    /// Every item, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// The item of this code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items().find(|item| item.code == code)
    }

    /// The source of this id.
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }
}

impl Item {
    /// The part of this key.
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }
}

/// The checklists a device or bureau holds, by content hash.
pub type Library = std::collections::BTreeMap<Digest, Checklist>;

/// The checklists that ship with the program, as published bytes.
pub const SHIPPED: &[&str] = &[
    include_str!("../../assets/checklists/WATER_RURAL.json"),
    include_str!("../../assets/checklists/WATER_SECONDARY.json"),
    include_str!("../../assets/checklists/WATER_SCHOOL.json"),
    include_str!("../../assets/checklists/SCHOOL.json"),
    include_str!("../../assets/checklists/FOOD_CANTEEN.json"),
    include_str!("../../assets/checklists/FOOD_CATERING.json"),
    include_str!("../../assets/checklists/ILLEGAL_PRACTICE.json"),
];
