//! What the bureau says of a record: accepted, or returned with comments.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::id::InspectionId;

/// A reviewer's word on one revision of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Which record.
    pub inspection: InspectionId,
    /// Which revision of it.
    pub revision: u32,
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
}

/// A comment on one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemComment {
    /// Its code.
    pub item: String,
    /// The comment.
    pub text: String,
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
}
