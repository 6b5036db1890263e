//! A signed document on its way: the text exactly as it was signed, the seal, the encrypted sidecar.

use ed25519_dalek::SigningKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::{DeviceId, Digest};
use crate::domain::inspection::Inspection;
use crate::domain::new_site::NewSite;
use crate::domain::report::Report;
use crate::domain::seal::{BadSignature, PublicKey, Purpose, Signature, sign, verify};

/// The largest document taken, in bytes: a 250-item visit with 200 photos stays under a quarter of it.
pub const MAX_DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// A document with its seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedDocument {
    /// The signed text, verbatim; its UTF-8 bytes are what the seal covers and what is stored.
    pub document: String,
    /// The phone that signed it.
    pub device: DeviceId,
    /// Ed25519 by the device over the document's SHA-256.
    pub seal: Signature,
    /// Confidential parts, encrypted to the bureau, base64; see [`super::sidecar`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sidecar: Option<String>,
}

/// Why a received document is not taken; the phone keeps it.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The seal is not by the named device over these bytes.
    #[error("the seal does not fit the document")]
    Seal(#[from] BadSignature),
    /// The bytes are no document of the kind expected.
    #[error("the document cannot be read: {0}")]
    Document(serde_json::Error),
    /// A number with a fraction or exponent; readings are strings, places whole numbers.
    #[error("the document holds a floating-point number")]
    Float,
}

impl SealedDocument {
    /// Seals a text.
    pub fn seal(document: String, device: DeviceId, key: &SigningKey, sidecar: Option<String>) -> Self {
        let seal = sign(key, Purpose::Document, document.as_bytes());
        Self { document, device, seal, sidecar }
    }

    /// The name of the document: the hash of the bytes that were signed.
    pub fn digest(&self) -> Digest {
        Digest::of(self.document.as_bytes())
    }

    /// Checks the seal over the bytes received, then parses a copy as this kind of document.
    ///
    /// # Errors
    /// [`Unreadable`] when the seal does not fit or the text is no such document of this crate's form.
    pub fn open<T: DeserializeOwned>(&self, key: &PublicKey) -> Result<T, Unreadable> {
        verify(key, Purpose::Document, self.document.as_bytes(), &self.seal)?;
        let float = has_float(&self.document);
        match serde_json::from_str(&self.document) {
            Ok(document) if !float => Ok(document),
            Err(error) if !float || !is_json(&self.document) => Err(Unreadable::Document(error)),
            Ok(_) | Err(_) => Err(Unreadable::Float),
        }
    }

    /// As [`SealedDocument::open`], for a kind known only when it comes.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn open_as(&self, kind: DocumentKind, key: &PublicKey) -> Result<Opened, Unreadable> {
        Ok(match kind {
            DocumentKind::Report => Opened::Report(Box::new(self.open(key)?)),
            DocumentKind::Inspection => Opened::Inspection(Box::new(self.open(key)?)),
            DocumentKind::Site => Opened::Site(Box::new(self.open(key)?)),
        })
    }
}

/// A document whose seal was checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// 信息报告.
    Report(Box<Report>),
    /// 巡查.
    Inspection(Box<Inspection>),
    /// A site made in the field.
    Site(Box<NewSite>),
}

impl Opened {
    /// Its name as the document itself says it.
    pub fn name(&self) -> DocumentName {
        match self {
            Self::Report(it) => DocumentName::new(DocumentKind::Report, it.id, it.revision),
            Self::Inspection(it) => DocumentName::new(DocumentKind::Inspection, it.id, it.revision),
            Self::Site(it) => DocumentName::new(DocumentKind::Site, it.site.id, it.revision),
        }
    }

    /// The phone that the document names as its author's.
    pub fn device(&self) -> DeviceId {
        match self {
            Self::Report(it) => it.device,
            Self::Inspection(it) => it.device,
            Self::Site(it) => it.device,
        }
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether a well-formed JSON text holds a number that is not a whole one of 64 bits. Looks at the bytes once: a
/// tree of the whole text, only to look for this, took a third of the bureau's time for a document.
fn has_float(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at + 1),
            b'-' | b'0'..=b'9' => {
                let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = bytes[at..].iter().take_while(|byte| number(byte)).count();
                if !is_whole(&text[at..at + length]) {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

/// Behind the quote that ends the string.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// A minus before zero is a float to every reader of JSON that has floats.
fn is_whole(number: &str) -> bool {
    number != "-0" && (number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `serde_json` reads it.
    fn float_in(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Number(number) => number.is_f64(),
            serde_json::Value::Array(values) => values.iter().any(float_in),
            serde_json::Value::Object(fields) => fields.values().any(float_in),
            _ => false,
        }
    }

    #[test]
    fn a_float_is_found_wherever_a_reader_would_find_one() {
        #[rustfmt::skip]
        let texts = [
            "1", "0", "-1", "-0", "0.0", "1.5", "-0.0", "1e3", "1E3", "-2e-1", "0e0", "[1,2,3]", "[1,2.0,3]",
            "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
            "\"1.5\"", "\"a\\\"1.5\"", "[\"\\\\\",1.5]", "[\"\\\\\",1]", "{\"1.5\":\"2e3\"}", "{\"a\":{\"b\":[0,{\"c\":1.0}]}}",
            "{\"é水\":-7,\"x\":[true,false,null]}", "[ 1 ,\n2e0 ]", "\"\\u0031.5\"", "[]", "{}", "[-0]", "[0,-0.5]",
        ];
        for text in texts {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(has_float(text), float_in(&value), "{text}");
        }
    }
}
