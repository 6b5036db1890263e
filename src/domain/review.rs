//! What the bureau says of a record: accepted, or returned with comments.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::id::{Digest, InspectionId};

/// Characters of a comment on a record as a whole.
pub const MAX_COMMENT: usize = 1000;
/// Characters of a comment on one item.
pub const MAX_ITEM_COMMENT: usize = 500;

/// A reviewer's word on one revision of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Which record.
    pub inspection: InspectionId,
    /// Which revision of it.
    pub revision: u32,
    /// The very document: two phones may have sent the same revision. Absent from older bureaus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Digest>,
    /// What was decided.
    pub outcome: Outcome,
    /// In words, for the record as a whole; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// On single items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemComment>,
    /// Who reviewed, as the phone shows it.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// What the site is called, for a phone that has not got the record; empty from older bureaus.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// The record's number, to be quoted; empty from older bureaus.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
}

/// A comment on one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemComment {
    /// Which of the visit's sheets, from 0.
    #[serde(default, skip_serializing_if = "is_first")]
    pub sheet: u32,
    /// Its code.
    pub item: String,
    /// The comment.
    pub text: String,
}

fn is_first(sheet: &u32) -> bool {
    *sheet == 0
}

/// What a reviewer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 已审核通过.
    Accepted,
    /// 退回: to be corrected as a new revision.
    Returned,
}

impl Review {
    /// What to show first: the comment, else the first item's, with its code; empty without any.
    pub fn first_words(&self) -> String {
        match (self.comment.trim(), self.items.first()) {
            ("", Some(first)) => format!("{} {}", first.item, first.text),
            (comment, _) => comment.to_owned(),
        }
    }

    /// How many further comments there are besides [`Review::first_words`].
    pub fn more(&self) -> usize {
        self.items.len().saturating_sub(usize::from(self.comment.trim().is_empty()))
    }

    /// The comment on an item.
    pub fn on(&self, sheet: u32, item: &str) -> Option<&str> {
        self.items.iter().find(|one| one.sheet == sheet && one.item == item).map(|one| one.text.as_str())
    }

    /// Whether this document is the one that was looked at; an older bureau tells only its revision.
    pub fn is_of(&self, document: Digest, revision: u32) -> bool {
        self.document.map_or(self.revision == revision, |reviewed| reviewed == document)
    }
}

/// Where a record stands at the bureau.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 待审核: nobody has decided.
    #[default]
    New,
    /// 已改好: a later revision came, and nobody has decided about it.
    Corrected,
    /// 已退回.
    Returned,
    /// 已通过.
    Accepted,
}

impl Standing {
    /// All of them, in the order in which work comes.
    pub const ALL: [Self; 4] = [Self::New, Self::Corrected, Self::Returned, Self::Accepted];

    /// Of a document about which nothing is decided.
    pub fn undecided(revision: u32) -> Self {
        if revision > 1 { Self::Corrected } else { Self::New }
    }

    /// Whether somebody has to look at it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Corrected)
    }

    /// How databases and addresses write it; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Corrected => "corrected",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// The one of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// What a reviewer may do with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// 通过.
    Accept,
    /// 退回.
    Return,
    /// 收回: as if nothing had been decided.
    TakeBack,
    /// Of two with the same revision, this one counts.
    Choose,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Return, Self::TakeBack, Self::Choose];

    /// How databases, forms and the audit log write it; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Return => "return",
            Self::TakeBack => "take_back",
            Self::Choose => "choose",
        }
    }

    /// The one of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Where a document of this revision stands after it; none where it stays as it is.
    pub fn leads_to(self, revision: u32) -> Option<Standing> {
        match self {
            Self::Accept => Some(Standing::Accepted),
            Self::Return => Some(Standing::Returned),
            Self::TakeBack => Some(Standing::undecided(revision)),
            Self::Choose => None,
        }
    }

    /// Whether it may be said of a document: decisions are about the one that counts, and are taken back before
    /// another one is made; a choice must change what counts.
    pub fn is_allowed(
        self,
        document: Digest,
        standing: Standing,
        versions: &[Version],
        chosen: Option<Digest>,
    ) -> bool {
        let counts = counting(versions, chosen) == Some(document);
        match self {
            Self::Accept | Self::Return => counts && standing.is_open(),
            Self::TakeBack => counts && !standing.is_open(),
            Self::Choose => !counts && counting(versions, Some(document)) != counting(versions, chosen),
        }
    }
}

/// One document of a visit, as far as it matters which of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its hash.
    pub digest: Digest,
    /// The hash of what it corrects.
    pub parent: Option<Digest>,
    /// From 1.
    pub revision: u32,
}

/// The document of a visit that counts: the newest revision, of equals the one that was received first, and never one
/// that descends from what a reviewer has passed over. `versions` are in the order received; `chosen` is the last
/// choice. None only without any version.
pub fn counting(versions: &[Version], chosen: Option<Digest>) -> Option<Digest> {
    let chosen = chosen.and_then(|digest| versions.iter().find(|version| version.digest == digest));
    let passed_over = |version: &Version| {
        let Some(chosen) = chosen else { return false };
        let mut at = Some(version);
        // Bounded, because a parent is whatever a phone has written.
        for _ in 0..=versions.len() {
            let Some(here) = at.filter(|here| here.digest != chosen.digest) else { return false };
            if here.revision == chosen.revision {
                return true;
            }
            at = here.parent.and_then(|parent| versions.iter().find(|one| one.digest == parent));
        }
        false
    };
    let mut best: Option<&Version> = None;
    for version in versions.iter().filter(|version| !passed_over(version)) {
        if best.is_none_or(|best| version.revision > best.revision) {
            best = Some(version);
        }
    }
    best.map(|best| best.digest)
}
