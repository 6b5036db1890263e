//! Seals: what was signed is bytes, the bytes travel and are stored verbatim, and both ends check them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::id::Digest;

/// What a signature is for, so that one can never stand for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A device's seal of a document.
    Document,
    /// A bureau's receipt.
    Receipt,
    /// A device's proof at enrolment that it holds its key.
    Enrolment,
    /// A bureau's word for the certificates it shows.
    Certificates,
}

impl Purpose {
    fn context(self) -> &'static [u8] {
        match self {
            Self::Document => b"xieguan document seal v1\n",
            Self::Receipt => b"xieguan bureau receipt v1\n",
            Self::Enrolment => b"xieguan enrolment proof v1\n",
            Self::Certificates => b"xieguan bureau certificates v1\n",
        }
    }
}

macro_rules! base64_bytes {
    ($($(#[$doc:meta])* $name:ident, $length:literal);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub [u8; $length]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&STANDARD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
                let length = bytes.len();
                let wrong = || serde::de::Error::custom(format!("{length} bytes instead of {}", $length));
                bytes.try_into().map(Self).map_err(|_| wrong())
            }
        }
    )+};
}

base64_bytes! {
    /// An Ed25519 or X25519 public key; base64 in documents.
    PublicKey, 32;
    /// An Ed25519 signature; base64 in documents.
    Signature, 64;
}

/// The signature is not by this key over these bytes for this purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// Signs the hash of `bytes` for a purpose.
pub fn sign(key: &SigningKey, purpose: Purpose, bytes: &[u8]) -> Signature {
    Signature(key.sign(&message(purpose, bytes)).to_bytes())
}

/// Checks a signature over `bytes`.
///
/// # Errors
/// [`BadSignature`], also when the key is no point of the curve.
pub fn verify(
    key: &PublicKey,
    purpose: Purpose,
    bytes: &[u8],
    signature: &Signature,
) -> Result<(), BadSignature> {
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_| BadSignature)?;
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(&message(purpose, bytes), &signature).map_err(|_| BadSignature)
}

fn message(purpose: Purpose, bytes: &[u8]) -> Vec<u8> {
    [purpose.context(), &Digest::of(bytes).0].concat()
}

/// The public half of a signing key.
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// Writes a document in canonical form (RFC 8785). Receivers never redo this; they keep the bytes.
///
/// # Errors
/// The value cannot be written as JSON; no document of this crate fails.
pub fn canonical(document: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json_canonicalizer::to_string(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_key_its_bytes_and_its_purpose_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let other = SigningKey::from_bytes(&[8; 32]);
        let signature = sign(&key, Purpose::Document, b"record");
        let check =
            |key: &SigningKey, purpose, bytes: &[u8]| verify(&public_key(key), purpose, bytes, &signature);
        assert_eq!(check(&key, Purpose::Document, b"record"), Ok(()));
        assert_eq!(check(&other, Purpose::Document, b"record"), Err(BadSignature));
        assert_eq!(check(&key, Purpose::Receipt, b"record"), Err(BadSignature));
        assert_eq!(check(&key, Purpose::Document, b"Record"), Err(BadSignature));
    }
}
