//! The sheet: sections of items, answered in place, each answer saved the moment it is given.

mod aside;
pub mod card;
mod choices;
mod count;
pub mod date;
mod desk;
pub mod failed;
mod foot;
mod head;
pub mod interrupted;
pub mod model;
pub mod number;
mod parts;
pub mod remarks;
pub mod photos;
pub mod place;
pub mod screen;
mod section;
mod series;
pub mod spot;
pub mod text;
mod undo;
mod whole;

use chrono::NaiveDate;

use crate::domain::answer::{Answer, PartValue};
use crate::domain::finding::Disposition;
use crate::domain::id::PhotoId;
use crate::domain::inspection::PhotoSource;

/// What a card hands back to its screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A change of the answer, to be saved at once.
    Now(Change),
    /// A change of the answer, still being typed.
    Typed(Change),
    /// A confidential text: part, text.
    Secret(String, String),
    /// A field was left.
    Left,
    /// Open camera or album.
    Photo(PhotoSource),
    /// Take a photo out.
    Remove(PhotoId),
    /// Go to another item.
    Go(spot::Spot),
}

/// One change of an answer. Changes, not whole answers, so that two in quick succession cannot undo each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// 不适用 on or off.
    NotApplicable(bool),
    /// 符合 or 不符合; ends 不适用.
    YesNo(String, bool),
    /// The value of a part.
    Part(String, Option<PartValue>),
    /// The note.
    Note(String),
    /// The problem in words.
    Problem(String),
    /// What was done.
    Disposition(Disposition),
    /// Until when.
    Deadline(Option<NaiveDate>),
}

impl Change {
    /// Makes the change.
    pub fn apply(self, answer: &mut Answer) {
        match self {
            Self::NotApplicable(away) => answer.not_applicable = away,
            Self::YesNo(part, yes) => {
                answer.not_applicable = false;
                answer.parts.insert(part, PartValue::YesNo { yes });
            }
            Self::Part(part, Some(value)) => {
                answer.parts.insert(part, value);
            }
            Self::Part(part, None) => {
                answer.parts.remove(&part);
            }
            Self::Note(note) => answer.note = note,
            Self::Problem(problem) => answer.handling.get_or_insert_default().problem = problem,
            Self::Disposition(done) => answer.handling.get_or_insert_default().disposition = Some(done),
            Self::Deadline(deadline) => answer.handling.get_or_insert_default().deadline = deadline,
        }
    }
}

/// What a part hands back to its card: the value, and whether it is still being typed.
#[derive(Clone, Debug, PartialEq)]
pub enum PartEdit {
    /// Chosen.
    Now(Option<PartValue>),
    /// Typed.
    Typed(Option<PartValue>),
    /// A confidential text.
    Secret(String),
    /// The field was left.
    Left,
}

impl PartEdit {
    /// As an edit of the card that holds the part.
    pub fn of_part(self, key: &str) -> Edit {
        let key = key.to_owned();
        match self {
            Self::Now(value) => Edit::Now(Change::Part(key, value)),
            Self::Typed(value) => Edit::Typed(Change::Part(key, value)),
            Self::Secret(text) => Edit::Secret(key, text),
            Self::Left => Edit::Left,
        }
    }
}
