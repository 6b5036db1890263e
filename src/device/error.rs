//! What can go wrong, by what the screen says and offers.

use crate::domain::problem::Problem;
use crate::media::{Refused, folder};
use crate::store;
use crate::sync::client::{CallError, Later};
use crate::wire::failure::Code;
use crate::wire::ticket::BadTicket;

/// Why the phone's data is not open; every variant has its own screen.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key store lost the key or gives another: touch nothing, offer the bureau's rescue.
    #[error("the data cannot be unlocked: {0}")]
    CannotUnlock(String),
    /// The database is damaged and was kept aside.
    #[error("{0}")]
    Store(#[from] store::OpenError),
    /// The folder cannot be used.
    #[error("the app's folder cannot be used: {0}")]
    Folder(std::io::Error),
}

/// Why a call failed; nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such draft, record, site or photo.
    #[error("not found")]
    NotFound,
    /// No room on the phone.
    #[error("no room on the phone")]
    Full,
    /// The picture is not taken.
    #[error(transparent)]
    Picture(#[from] Refused),
    /// Not a place on Earth.
    #[error("not a place on Earth")]
    NoPlace,
    /// A site without anything to call it by, or without a kind.
    #[error("a site needs a kind, and a name, a nickname or an address")]
    NoTitle,
    /// Something must be settled before finishing.
    #[error("{} problems to settle", .0.len())]
    Unfinished(Vec<Problem>),
    /// This needs enrolment first.
    #[error("not enrolled")]
    NotEnrolled,
    /// The enrolment failed.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The QR code does not enrol a phone.
    #[error(transparent)]
    Ticket(#[from] NoTicket),
    /// A practice visit is never finished.
    #[error("practice is never finished")]
    Practice,
    /// Something broke; the text is for the log.
    #[error("{0}")]
    Broken(String),
}

/// What ties a phone to its bureau.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Documents of which something is still to be sent.
    pub documents: usize,
    /// Open drafts: they are about that bureau's sites.
    pub drafts: usize,
    /// Whose drafts they are, each name once.
    pub authors: Vec<String>,
}

/// Why an enrolment failed; the phone's data is as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// The address is none, or cleartext beyond loopback.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// Whoever is at the address shows a certificate that is not the bureau's; nothing was sent.
    #[error("not the bureau's certificate: {0}")]
    Certificate(String),
    /// The bureau cannot be reached.
    #[error("the bureau cannot be reached: {0}")]
    Unreachable(String),
    /// The bureau refuses the code: wrong, expired, used, too many tries.
    #[error("the code is refused: {0:?}")]
    Code(Code),
    /// Unsent work for another bureau is still here.
    #[error("unsent work for another bureau is still on this phone: {0:?}")]
    UnsentWork(Unsent),
    /// The phone is to be given to somebody who is not enrolled on it.
    #[error("nobody of this id is enrolled on this phone")]
    Stranger,
}

/// Why a picture or a text gave no address and code; nothing on the phone has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// No QR code is in the picture, or none that can be read.
    #[error("no QR code can be read in the picture")]
    NoCode,
    /// It is a QR code, but not such a one.
    #[error(transparent)]
    Bad(#[from] BadTicket),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            store::Error::Full => Self::Full,
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<folder::Error> for Error {
    fn from(error: folder::Error) -> Self {
        match error {
            folder::Error::Full => Self::Full,
            folder::Error::Missing => Self::NotFound,
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("json: {error}"))
    }
}

impl From<CallError> for EnrolError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Later(Later { code: Some(code @ Code::TooManyTries), .. }) => Self::Code(code),
            CallError::Later(Later { stranger: true, detail, .. }) => Self::Certificate(detail),
            CallError::Later(later) => Self::Unreachable(later.detail),
            CallError::SignIn { code, .. } | CallError::Refused { code, .. } => Self::Code(code),
        }
    }
}
