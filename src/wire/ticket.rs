//! What the QR code of an enrolment says: where the bureau is, and the one-time code.
//!
//! A JSON object, such as
//! `{"xieguan":1,"address":"https://bureau.example","code":"ABCD-EFGH"}`, because it must not be mistaken for an
//! address that a general scanner would open, and has room for the fingerprint of the bureau's certificate.

use serde::{Deserialize, Serialize};

use super::enrolment::plain_code;
use crate::domain::id::Digest;

/// The version that this app writes and reads.
const VERSION: u32 = 1;
/// Longer texts are none of ours: a QR code holds at most about 3,000 bytes.
pub const MAX_TICKET_BYTES: usize = 1024;
/// Longest address.
const MAX_ADDRESS: usize = 300;
/// Letters and digits of a code.
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 4..=64;

/// Address and code, as printed in a QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    xieguan: u32,
    /// Address of the bureau.
    pub address: String,
    /// The one-time code.
    pub code: String,
    /// SHA-256 of the bureau's certificate in hex, where the county has none that phones know by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// Why a text is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTicket {
    /// Some other QR code.
    #[error("not an enrolment code of this product")]
    Foreign,
    /// Made for a newer app.
    #[error("made for a newer version of the app")]
    Newer,
    /// Address or code is missing or cannot be one.
    #[error("address or code is damaged")]
    Damaged,
}

impl Ticket {
    /// A ticket without a fingerprint.
    pub fn new(address: &str, code: &str) -> Self {
        Self { xieguan: VERSION, address: address.to_owned(), code: code.to_owned(), fingerprint: None }
    }

    /// With the fingerprint of the certificate that the bureau made for itself.
    #[must_use]
    pub fn pinned(mut self, certificate: Option<Digest>) -> Self {
        self.fingerprint = certificate.map(|certificate| certificate.to_string());
        self
    }

    /// The fingerprint, once the ticket was read.
    pub fn certificate(&self) -> Option<Digest> {
        self.fingerprint.as_deref()?.to_ascii_lowercase().parse().ok()
    }

    /// The text for the QR code.
    ///
    /// # Errors
    /// Never for a ticket of this crate.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a QR code's text; nothing in it is believed before it has the shape of an address and of a code.
    ///
    /// # Errors
    /// [`BadTicket`].
    pub fn read(text: &str) -> Result<Self, BadTicket> {
        #[derive(Deserialize)]
        struct Version {
            xieguan: u32,
        }
        let text = text.trim();
        if text.len() > MAX_TICKET_BYTES {
            return Err(BadTicket::Foreign);
        }
        let Version { xieguan } = serde_json::from_str(text).map_err(|_| BadTicket::Foreign)?;
        if xieguan != VERSION {
            return Err(if xieguan > VERSION { BadTicket::Newer } else { BadTicket::Foreign });
        }
        let mut ticket: Self = serde_json::from_str(text).map_err(|_| BadTicket::Damaged)?;
        ticket.address = ticket.address.trim().trim_end_matches('/').to_owned();
        ticket.code = ticket.code.trim().to_owned();
        let fingerprint = ticket.fingerprint.as_deref().is_none_or(is_fingerprint);
        if is_address(&ticket.address) && is_code(&ticket.code) && fingerprint {
            Ok(ticket)
        } else {
            Err(BadTicket::Damaged)
        }
    }
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
        && text.len() <= MAX_ADDRESS
        && text.chars().all(|c| c.is_ascii_graphic())
}

fn is_code(text: &str) -> bool {
    text.len() <= 2 * CODE_LENGTH.end()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' ')
        && CODE_LENGTH.contains(&plain_code(text).len())
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_comes_back_as_it_went() {
        let mut ticket = Ticket::new("https://bureau.example", "ABCD-EFGH");
        assert_eq!(Ticket::read(&ticket.to_text().unwrap()), Ok(ticket.clone()));
        ticket.fingerprint = Some("0f".repeat(32));
        assert_eq!(Ticket::read(&format!(" {}\n", ticket.to_text().unwrap())), Ok(ticket));
    }

    #[test]
    fn whatever_else_a_code_says_is_refused_with_its_reason() {
        let long = format!(r#"{{"xieguan":1,"address":"https://{}","code":"ABCD"}}"#, "a".repeat(2000));
        for (text, why) in [
            ("", BadTicket::Foreign),
            ("https://pay.example/1", BadTicket::Foreign),
            ("{}", BadTicket::Foreign),
            (r#"{"xieguan":"1"}"#, BadTicket::Foreign),
            (r#"{"xieguan":0,"address":"https://a","code":"ABCD"}"#, BadTicket::Foreign),
            (&long, BadTicket::Foreign),
            (r#"{"xieguan":2,"where":"https://a"}"#, BadTicket::Newer),
            (r#"{"xieguan":1}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"javascript:alert(1)","code":"ABCD"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://","code":"ABCD"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://a b","code":"ABCD"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://a\u0000","code":"ABCD"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://a","code":"<b>"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://a","code":"---"}"#, BadTicket::Damaged),
            (r#"{"xieguan":1,"address":"https://a","code":"ABCD","fingerprint":"x"}"#, BadTicket::Damaged),
        ] {
            assert_eq!(Ticket::read(text), Err(why), "{text:.80}");
        }
    }
}
