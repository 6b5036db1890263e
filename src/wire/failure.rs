//! Failures as problem documents (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

use super::tus::CHECKSUM_MISMATCH;

/// The codes a phone acts on; others are shown as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No such enrolment code.
    CodeWrong,
    /// The enrolment code has ended.
    CodeExpired,
    /// The enrolment code was used by another phone, or by this one before it was withdrawn.
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
    /// The address takes other methods.
    WrongMethod,
    /// The body cannot be read.
    Unreadable,
    /// A header of an upload is missing or wrong.
    HeaderWrong,
    /// The bytes of an upload came under another media type.
    MediaType,
    /// The seal does not fit.
    SealWrong,
    /// The document is not what the address says.
    AddressMismatch,
    /// Too large.
    TooLarge,
    /// The sender was silent or too slow for too long.
    TooSlow,
    /// The upload goes on from another offset.
    OffsetConflict,
    /// The bytes do not have the checksum or hash they were announced with.
    ChecksumMismatch,
    /// The upload has ended or never was; create a new one.
    UploadGone,
    /// This phone has as many unfinished uploads as it may have.
    UploadsOpen,
    /// This phone's unfinished uploads have as many bytes as they may have.
    UploadBytesOpen,
    /// The bureau has as many unfinished uploads as it takes.
    UploadsFull,
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

/// What is the same about every failure of one code. `docs/protocol.md` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// As it is written: stable.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// In a few words.
    pub title: &'static str,
    /// What the sender does about it.
    pub next: &'static str,
}

impl Code {
    /// Every code that a bureau sends.
    pub const ALL: [Self; 26] = [
        Self::CodeWrong,
        Self::CodeExpired,
        Self::CodeUsed,
        Self::TooManyTries,
        Self::NotEnrolled,
        Self::Revoked,
        Self::NotYours,
        Self::NotFound,
        Self::WrongMethod,
        Self::Unreadable,
        Self::HeaderWrong,
        Self::MediaType,
        Self::SealWrong,
        Self::AddressMismatch,
        Self::TooLarge,
        Self::TooSlow,
        Self::OffsetConflict,
        Self::ChecksumMismatch,
        Self::UploadGone,
        Self::UploadsOpen,
        Self::UploadBytesOpen,
        Self::UploadsFull,
        Self::ProtocolVersion,
        Self::StorageFull,
        Self::Busy,
        Self::Internal,
    ];

    /// Its facts; a code from the future counts as a failure of the bureau.
    pub const fn facts(self) -> Facts {
        let (name, status, title, next) = match self {
            Self::CodeWrong => {
                ("code_wrong", 403, "no such enrolment code", "check it, or ask for a new one")
            }
            Self::CodeExpired => ("code_expired", 403, "the enrolment code has ended", "ask for a new one"),
            Self::CodeUsed => {
                ("code_used", 403, "the enrolment code was used already", "ask for one of your own")
            }
            Self::TooManyTries => {
                ("too_many_tries", 429, "too many tries", "wait as long as Retry-After says")
            }
            Self::NotEnrolled => {
                ("not_enrolled", 401, "not enrolled", "send nothing until enrolled again; keep everything")
            }
            Self::Revoked => (
                "revoked",
                403,
                "this phone was withdrawn",
                "send nothing until enrolled again; keep everything",
            ),
            Self::NotYours => {
                ("not_yours", 403, "another phone's", "only the phone that sealed it may do this")
            }
            Self::NotFound => ("not_found", 404, "not found", "nothing is there; do not repeat as it is"),
            Self::WrongMethod => {
                ("wrong_method", 405, "not a method of this address", "use one of those that Allow lists")
            }
            Self::Unreadable => ("unreadable", 422, "cannot be read", "keep it; a repetition would fail too"),
            Self::HeaderWrong => {
                ("header_wrong", 400, "a header is missing or wrong", "correct the header that detail names")
            }
            Self::MediaType => {
                ("media_type", 415, "another media type", "send application/offset+octet-stream")
            }
            Self::SealWrong => {
                ("seal_wrong", 422, "the seal does not fit", "keep it; the bytes are not the signed ones")
            }
            Self::AddressMismatch => (
                "address_mismatch",
                400,
                "not what the address says",
                "use the document's own id and revision",
            ),
            Self::TooLarge => ("too_large", 413, "too large", "keep it; it is larger than detail allows"),
            Self::TooSlow => {
                ("too_slow", 408, "the sender was too slow", "ask HEAD what is held, go on from there")
            }
            Self::OffsetConflict => {
                ("offset_conflict", 409, "another offset", "ask HEAD what is held, go on from there")
            }
            Self::ChecksumMismatch => (
                "checksum_mismatch",
                CHECKSUM_MISMATCH,
                "the checksum does not fit",
                "a chunk: send it again; the whole: read it again and create a new upload",
            ),
            Self::UploadGone => {
                ("upload_gone", 404, "no such upload", "ask for the photo by its hash, else create anew")
            }
            Self::UploadsOpen => {
                ("uploads_open", 429, "too many unfinished uploads", "finish or delete one; Retry-After")
            }
            Self::UploadBytesOpen => (
                "upload_bytes_open",
                429,
                "too many bytes in unfinished uploads",
                "finish or delete one; Retry-After",
            ),
            Self::UploadsFull => (
                "uploads_full",
                503,
                "the bureau has too many unfinished uploads",
                "wait as long as Retry-After says",
            ),
            Self::ProtocolVersion => {
                ("protocol_version", 412, "not a version spoken here", "send Tus-Resumable: 1.0.0")
            }
            Self::StorageFull => (
                "storage_full",
                507,
                "the bureau's disk is full",
                "keep everything, try again with growing pauses",
            ),
            Self::Busy => ("busy", 503, "the bureau cannot keep up", "wait as long as Retry-After says"),
            Self::Internal | Self::Unknown => {
                ("internal", 500, "the bureau failed", "nothing was changed; try again with growing pauses")
            }
        };
        Facts { name, status, title, next }
    }

    /// Seconds after which a repetition is worth while, where the code alone says it.
    pub const fn retry_after(self) -> Option<u64> {
        match self {
            Self::Busy => Some(2),
            Self::UploadsOpen | Self::UploadBytesOpen | Self::UploadsFull => Some(60),
            _ => None,
        }
    }
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

impl Failure {
    /// A failure of this code.
    pub fn new(code: Code, detail: String) -> Self {
        let Facts { name, status, title, .. } = code.facts();
        Self { kind: format!("urn:xieguan:{name}"), title: title.to_owned(), status, code, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_written_as_its_facts_say_and_read_back() {
        let mut names = BTreeSet::new();
        for code in Code::ALL {
            let name = code.facts().name;
            assert_eq!(serde_json::to_value(code).unwrap(), name);
            assert_eq!(serde_json::from_value::<Code>(name.into()).unwrap(), code);
            assert!(names.insert(name), "{name} twice");
        }
        assert_eq!(serde_json::from_value::<Code>("of the future".into()).unwrap(), Code::Unknown);
        // Every variant is listed: the last of them is the only one that is not.
        assert_eq!(Code::ALL.len(), Code::Unknown as usize);
    }
}
