//! What the last change replaced, so that it can be brought back.

use super::spot::Spot;
use crate::domain::answer::{Answer, PartValue};
use crate::domain::inspection::Photo;

/// The last change that can be undone.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Undo {
    /// An answer, as it was before.
    Answer { spot: Spot, before: Answer },
    /// A photo that was taken out.
    Photo { spot: Spot, photo: Photo },
}

/// Whether a change took something away that had been given; adding to an answer takes nothing.
pub(super) fn took(before: &Answer, after: &Answer) -> bool {
    let part = before.parts.iter().any(|(key, value)| !still_there(value, after.parts.get(key)));
    let away =
        before.not_applicable != after.not_applicable && (before.not_applicable || !before.parts.is_empty());
    let note = !before.note.is_empty() && !after.note.starts_with(&before.note);
    let handling = before.handling.as_ref().is_some_and(|old| {
        let new = after.handling.clone().unwrap_or_default();
        !old.problem.is_empty() && old.problem != new.problem
            || old.disposition.is_some() && old.disposition != new.disposition
            || old.deadline.is_some() && old.deadline != new.deadline
    });
    part || away || note || handling
}

fn still_there(before: &PartValue, after: Option<&PartValue>) -> bool {
    match (before, after) {
        (PartValue::Many { choices }, Some(PartValue::Many { choices: now })) => choices.is_subset(now),
        (PartValue::Series { readings }, Some(PartValue::Series { readings: now })) => {
            now.starts_with(readings)
        }
        (PartValue::Confidential { .. }, _) => true,
        (before, after) => after == Some(before),
    }
}

/// The answer as it was, with the photos and the confidential texts of now: those are no part of the change.
pub(super) fn brought_back(mut before: Answer, now: &Answer) -> Answer {
    let secret = |value: &PartValue| matches!(value, PartValue::Confidential { .. });
    before.parts.retain(|_, value| !secret(value));
    let secrets = now.parts.iter().filter(|(_, value)| secret(value));
    before.parts.extend(secrets.map(|(key, value)| (key.clone(), value.clone())));
    before.photos.clone_from(&now.photos);
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Digest;

    fn yes_no(yes: bool) -> Answer {
        let parts = [("ok".to_owned(), PartValue::YesNo { yes })];
        Answer { parts: parts.into(), ..Answer::default() }
    }

    #[test]
    fn a_first_answer_takes_nothing_and_another_or_none_does() {
        let empty = Answer::default();
        assert!(!took(&empty, &yes_no(true)));
        assert!(took(&yes_no(true), &yes_no(false)));
        assert!(took(&yes_no(true), &empty));
        assert!(took(&yes_no(true), &Answer { not_applicable: true, ..yes_no(true) }));
        assert!(!took(&yes_no(true), &Answer { note: "写一句".to_owned(), ..yes_no(true) }));
        assert!(took(&Answer { note: "写一句".to_owned(), ..empty.clone() }, &empty));
    }

    #[test]
    fn one_more_choice_takes_nothing_and_one_less_does() {
        let chosen = |codes: &[&str]| {
            let choices = codes.iter().map(|code| (*code).to_owned()).collect();
            Answer { parts: [("what".to_owned(), PartValue::Many { choices })].into(), ..Answer::default() }
        };
        assert!(!took(&chosen(&["a"]), &chosen(&["a", "b"])));
        assert!(took(&chosen(&["a", "b"]), &chosen(&["b"])));
    }

    #[test]
    fn photos_and_confidential_texts_stay_when_an_answer_comes_back() {
        let photo = Digest::of(b"photo");
        let mut now = yes_no(false);
        now.photos.push(photo);
        now.parts.insert("who".to_owned(), PartValue::Confidential { digest: Digest::of(b"x") });
        let back = brought_back(yes_no(true), &now);
        assert_eq!(back.parts.get("ok"), Some(&PartValue::YesNo { yes: true }));
        assert!(back.parts.contains_key("who"));
        assert_eq!(back.photos, [photo]);
    }
}
