//! From errors to sentences: what happened to the data and what to do next.

use crate::device::{BadTicket, Code, EnrolError, Error, NoTicket, Refused};
use crate::domain::text::Language;
use crate::view::words::phone::{PhoneWords, phone};
use crate::view::words::words;

/// Why something was not done, as far as the sentence differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The draft is no longer there.
    Gone,
    /// No room on the phone.
    Full,
    /// The bytes are no picture.
    NoPicture,
    /// The picture is larger than can be taken.
    TooLarge,
    /// Not enrolled yet.
    NotEnrolled,
    /// Items are still open.
    Unfinished(usize),
    /// A practice visit is never finished.
    Practice,
    /// Anything else; the log knows more.
    Broken,
}

impl Trouble {
    /// What an error means to the coordinator; what only a programmer can use goes to the log here.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::NotFound => Self::Gone,
            Error::Full => Self::Full,
            Error::Picture(refused) => Self::refused(refused),
            Error::NotEnrolled => Self::NotEnrolled,
            Error::Unfinished(problems) => Self::Unfinished(problems.len()),
            Error::Practice => Self::Practice,
            Error::NoPlace | Error::NoTitle | Error::Ticket(_) | Error::Enrol(_) | Error::Broken(_) => {
                tracing::error!(%error, "a call of a screen failed");
                Self::Broken
            }
        }
    }

    fn refused(refused: &Refused) -> Self {
        match refused {
            Refused::TooManyPixels { .. } => Self::TooLarge,
            _ => Self::NoPicture,
        }
    }

    /// The sentence.
    pub fn sentence(&self, w: &PhoneWords) -> String {
        match self {
            Self::Gone => w.trouble_gone.to_owned(),
            Self::Full => w.trouble_full.to_owned(),
            Self::NoPicture => w.trouble_no_picture.to_owned(),
            Self::TooLarge => w.trouble_too_large.to_owned(),
            Self::NotEnrolled => w.trouble_not_enrolled.to_owned(),
            Self::Unfinished(n) => (w.n_to_settle)(*n),
            Self::Practice => w.trouble_practice.to_owned(),
            Self::Broken => w.trouble_broken.to_owned(),
        }
    }
}

/// Why an enrolment failed, in a sentence.
pub fn enrolment(error: &Error, language: Language) -> String {
    let w = phone(language);
    match error {
        Error::Enrol(EnrolError::Address(_)) => w.enrol_bad_address.to_owned(),
        Error::Enrol(EnrolError::Certificate(_)) => words(language).first.enrol_certificate.to_owned(),
        Error::Enrol(EnrolError::Unreachable(_)) => w.enrol_unreachable.to_owned(),
        Error::Enrol(EnrolError::Code(code)) => failure(*code, language).to_owned(),
        Error::Enrol(EnrolError::UnsentWork(unsent)) => {
            (w.enrol_unsent_work)(unsent.documents, unsent.drafts, &unsent.authors)
        }
        Error::Enrol(EnrolError::Stranger) => words(language).mine.stranger.to_owned(),
        other => Trouble::of(other).sentence(w),
    }
}

/// Why a picture gave no address and code, in a sentence.
pub fn ticket(error: &Error, language: Language) -> &'static str {
    let w = &words(language).first;
    match error {
        Error::Ticket(NoTicket::NoCode) => w.qr_none,
        Error::Ticket(NoTicket::Bad(BadTicket::Foreign)) => w.qr_foreign,
        Error::Ticket(NoTicket::Bad(BadTicket::Newer)) => w.qr_newer,
        Error::Ticket(NoTicket::Bad(BadTicket::Damaged)) => w.qr_damaged,
        Error::Picture(_) => w.qr_picture,
        _ => phone(language).trouble_broken,
    }
}

/// The sentence for a code of the bureau, by its stable name.
pub fn failure(code: Code, language: Language) -> &'static str {
    let name = serde_json::to_value(code).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    (words(language).failure.by_code)(name)
}
