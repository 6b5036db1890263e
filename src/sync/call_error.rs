//! Why a call failed, by what the caller does about it. Only an answer that carries the bureau's header is the
//! bureau's; everything else, whatever its status says, is the network's and means “later”.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::http::{Answer, Lost};
use crate::wire::failure::{Code, Failure};
use crate::wire::tus::CHECKSUM_MISMATCH;

/// Why a call failed, by what the worker does about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No network, time-out, overload, or an answer that is not ours (a captive portal): try again later.
    #[error("the bureau cannot be reached: {0}")]
    Later(Later),
    /// The token is missing, unknown or withdrawn: nothing is sent until the coordinator enrols again.
    #[error("this phone is not enrolled there: {detail}")]
    SignIn {
        /// The stable code.
        code: Code,
        /// The bureau's words.
        detail: String,
    },
    /// The bureau refuses this; trying again alone will not help.
    #[error("refused: {detail}")]
    Refused {
        /// The stable code.
        code: Code,
        /// The bureau's words.
        detail: String,
    },
}

/// What is known about a failure that may pass by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Later {
    /// For the log and for people who read English.
    pub detail: String,
    /// The bureau's code; none when no answer of the bureau's arrived.
    pub code: Option<Code>,
    /// How long the bureau asks to wait, seconds.
    pub after_s: Option<u32>,
    /// Whoever answers there shows a certificate that is not the bureau's.
    pub stranger: bool,
    /// Somebody else answered: a network that wants a log-in first.
    pub portal: bool,
}

impl Later {
    fn unanswered(detail: String) -> Self {
        Self { detail, code: None, after_s: None, stranger: false, portal: false }
    }

    /// The bureau's own answer.
    pub(super) fn answered(detail: String, code: Code, after_s: Option<u32>) -> Self {
        Self { code: Some(code), after_s, ..Self::unanswered(detail) }
    }
}

impl CallError {
    /// A failure in which no answer of the bureau's arrived.
    pub(super) fn unreachable(detail: impl Into<String>) -> Self {
        Self::Later(Later::unanswered(detail.into()))
    }

    /// The bureau was reached, but what came of it is worth nothing: only this row waits.
    pub(super) fn here(detail: impl Into<String>) -> Self {
        Self::Later(Later::answered(detail.into(), Code::Unknown, None))
    }

    /// Somebody else answered in the bureau's place.
    pub(super) fn portal(detail: impl Into<String>) -> Self {
        Self::Later(Later { portal: true, ..Later::unanswered(detail.into()) })
    }

    /// What a failed answer of the bureau's means.
    pub(super) fn of(answer: &Answer) -> Self {
        let failure: Option<Failure> = serde_json::from_slice(&answer.body).ok();
        let code = failure.as_ref().map_or_else(|| by_status(answer.status), |failure| failure.code);
        let detail = failure
            .map(|failure| if failure.detail.is_empty() { failure.title } else { failure.detail })
            .unwrap_or_else(|| format!("answered {}", answer.status));
        match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if !about_the_request(code) => {
                Self::SignIn { code, detail }
            }
            status if passes(status) => {
                Self::Later(Later::answered(detail, code, retry_after(&answer.headers)))
            }
            _ => Self::Refused { code, detail },
        }
    }
}

impl From<Lost> for CallError {
    fn from(lost: Lost) -> Self {
        let stranger = matches!(lost, Lost::Stranger(_));
        Self::Later(Later { stranger, ..Later::unanswered(lost.to_string()) })
    }
}

/// Seconds, or a date; that one is reckoned from the answer's own date, because the phone's clock may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text(RETRY_AFTER)?;
    let date = |text| DateTime::parse_from_rfc2822(text).ok();
    after.parse().ok().or_else(|| {
        let from = text(DATE).and_then(date).unwrap_or_else(|| Utc::now().fixed_offset());
        u32::try_from((date(after)? - from).num_seconds()).ok()
    })
}

/// A 401 or 403 with one of these speaks of what was sent, not of the phone.
fn about_the_request(code: Code) -> bool {
    matches!(code, Code::NotYours | Code::CodeWrong | Code::CodeExpired | Code::CodeUsed)
}

/// Redirects are never followed: ours does not send any, so one with our header is a proxy's mistake.
fn passes(status: StatusCode) -> bool {
    status.is_server_error() || status.is_redirection() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// Answers to HEAD have no body to carry a code.
fn by_status(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::NotEnrolled,
        404 | 410 => Code::NotFound,
        409 => Code::OffsetConflict,
        413 => Code::TooLarge,
        CHECKSUM_MISMATCH => Code::ChecksumMismatch,
        429 | 503 => Code::Busy,
        507 => Code::StorageFull,
        500.. => Code::Internal,
        _ => Code::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn of(status: u16, body: &str) -> CallError {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        let status = StatusCode::from_u16(status).unwrap();
        CallError::of(&Answer { status, headers, body: body.as_bytes().to_vec() })
    }

    fn problem(code: &str) -> String {
        format!(r#"{{"type":"urn:xieguan:{code}","title":"t","status":400,"code":"{code}","detail":"d"}}"#)
    }

    #[test]
    fn a_failure_is_classed_by_what_helps_against_it() {
        for status in [302, 408, 425, 429, 500, 502, 503, 504, 507] {
            assert!(
                matches!(of(status, ""), CallError::Later(Later { after_s: Some(7), code: Some(_), .. })),
                "{status}"
            );
        }
        for (status, code) in [(401, "not_enrolled"), (403, "revoked"), (401, "a_code_from_the_future")] {
            assert!(matches!(of(status, &problem(code)), CallError::SignIn { .. }), "{status} {code}");
        }
        for (status, code) in
            [(403, "not_yours"), (401, "code_wrong"), (422, "seal_wrong"), (404, "not_found")]
        {
            assert!(matches!(of(status, &problem(code)), CallError::Refused { .. }), "{status} {code}");
        }
    }

    #[test]
    fn how_long_to_wait_is_told_in_seconds_or_as_a_date() {
        for (text, seconds) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("Sun, 22 Nov 2026 04:00:30 GMT", Some(30)),
            ("Sun, 22 Nov 2026 03:00:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static("Sun, 22 Nov 2026 04:00:00 GMT"));
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            assert_eq!(retry_after(&headers), seconds, "{text}");
        }
    }

    #[test]
    fn the_bureaus_words_are_kept_and_missing_ones_replaced() {
        let refused = |code, detail: &str| CallError::Refused { code, detail: detail.to_owned() };
        assert_eq!(of(422, &problem("unreadable")), refused(Code::Unreadable, "d"));
        assert_eq!(of(413, "<html>"), refused(Code::TooLarge, "answered 413 Payload Too Large"));
    }
}
