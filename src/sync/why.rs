//! What the worker waits for, in the classes that people are told.

use super::client::{CallError, Later};
use super::desk::Halt;
use crate::store;
use crate::wire::failure::Code;

/// Until when the worker waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What kind of trouble it is.
    pub why: Why,
    /// For the log and for people who read English.
    pub detail: String,
    /// Unix milliseconds.
    pub until_ms: i64,
}

/// What the worker waits for, by the sentence that says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// No answer of the bureau's: no network, or the bureau does not run.
    Link,
    /// Something else answered: a network that wants a log-in first.
    Portal,
    /// The bureau cannot keep up.
    BureauBusy,
    /// The bureau has no room.
    BureauFull,
    /// The phone has no room: what was sent could not be noted.
    PhoneFull,
    /// The phone's database gives trouble.
    Phone,
    /// Anything else that may pass, or nothing is known of it in this process.
    #[default]
    Other,
}

impl Why {
    pub(super) fn of(error: &Halt) -> Self {
        match error {
            Halt::Store(store::Error::Full) => Self::PhoneFull,
            Halt::Store(_) => Self::Phone,
            Halt::Call(CallError::Later(later)) => Self::later(later),
            Halt::Call(_) | Halt::Photo(_) => Self::Other,
        }
    }

    pub(super) fn later(later: &Later) -> Self {
        use Code::{Busy, StorageFull, TooManyTries, UploadBytesOpen, UploadsFull, UploadsOpen};
        match later.code {
            None if later.portal => Self::Portal,
            None => Self::Link,
            Some(StorageFull) => Self::BureauFull,
            Some(Busy | TooManyTries | UploadsFull | UploadsOpen | UploadBytesOpen) => Self::BureauBusy,
            Some(_) => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_phone_a_full_bureau_and_a_portal_are_not_a_missing_network() {
        let answered = |code| CallError::Later(Later::answered(String::new(), code, None)).into();
        let table: [(Halt, Why); 7] = [
            (CallError::unreachable("").into(), Why::Link),
            (CallError::portal("").into(), Why::Portal),
            (answered(Code::Busy), Why::BureauBusy),
            (answered(Code::StorageFull), Why::BureauFull),
            (answered(Code::Internal), Why::Other),
            (store::Error::Full.into(), Why::PhoneFull),
            (store::Error::NotFound.into(), Why::Phone),
        ];
        for (halt, why) in table {
            assert_eq!(Why::of(&halt), why, "{halt:?}");
        }
    }
}
