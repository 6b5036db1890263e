//! Failures as problem documents (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

/// The codes a phone acts on; others are shown as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No such enrolment code.
    CodeWrong,
    /// The enrolment code has ended.
    CodeExpired,
    /// The enrolment code was used by another phone.
    CodeUsed,
    /// Too many tries; see Retry-After.
    TooManyTries,
    /// No token, or one this bureau does not know.
    NotEnrolled,
    /// The bureau has withdrawn this phone.
    Revoked,
    /// Not this phone's record.
    NotYours,
    /// Nothing there.
    NotFound,
    /// The body cannot be read.
    Unreadable,
    /// The seal does not fit.
    SealWrong,
    /// The document is not what the address says.
    AddressMismatch,
    /// Too large.
    TooLarge,
    /// The upload goes on from another offset.
    OffsetConflict,
    /// The bytes do not have the checksum or hash they were announced with.
    ChecksumMismatch,
    /// The upload has ended or never was; create a new one.
    UploadGone,
    /// Not a protocol version this bureau speaks.
    ProtocolVersion,
    /// The bureau cannot store now: disk full.
    StorageFull,
    /// The bureau cannot keep up; see Retry-After.
    Busy,
    /// Something broke at the bureau; its log knows more.
    Internal,
    /// A code from the future.
    #[serde(other)]
    Unknown,
}

/// The body of every failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `urn:xieguan:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// In a few words, English.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: Code,
    /// What happened to the data and what to do next; for the log and for people who read English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}
