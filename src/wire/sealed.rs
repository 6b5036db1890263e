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
        let value: serde_json::Value = serde_json::from_str(&self.document).map_err(Unreadable::Document)?;
        if has_float(&value) {
            return Err(Unreadable::Float);
        }
        serde_json::from_value(value).map_err(Unreadable::Document)
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

fn has_float(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => number.is_f64(),
        serde_json::Value::Array(values) => values.iter().any(has_float),
        serde_json::Value::Object(fields) => fields.values().any(has_float),
        _ => false,
    }
}
