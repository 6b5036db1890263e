//! Which certificates a bureau shows: said to phones that pin them, ahead of a change, signed with the bureau's key.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::domain::id::{BureauId, Digest};
use crate::domain::seal::{PublicKey, Purpose, Signature, canonical, sign, verify};

/// More certificates at once are no rotation.
pub const MAX_CERTIFICATES: usize = 4;

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// Whose certificates.
    pub bureau: BureauId,
    /// Later statements have larger numbers; Unix milliseconds, as a rule.
    pub sequence: u64,
    /// SHA-256 of each certificate (DER): the one in use first, then the next one.
    pub certificates: Vec<Digest>,
}

/// The statement as sent: the signed text verbatim, and the bureau's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPins {
    /// The statement, as signed.
    pub pins: String,
    /// Ed25519 by the bureau.
    pub signature: Signature,
}

/// Why a statement is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum BadPins {
    /// Not signed by this bureau.
    #[error("not signed by this bureau")]
    Signature,
    /// Not a statement.
    #[error("cannot be read: {0}")]
    Text(#[from] serde_json::Error),
    /// About another bureau, or naming no certificate, or too many.
    #[error("not a statement about this bureau's certificates")]
    Foreign,
}

impl Pins {
    /// Signs the statement.
    ///
    /// # Errors
    /// Never for a statement of this crate.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedPins, serde_json::Error> {
        let pins = canonical(self)?;
        let signature = sign(key, Purpose::Certificates, pins.as_bytes());
        Ok(SignedPins { pins, signature })
    }
}

impl SignedPins {
    /// Checks signature and bureau, and reads the statement.
    ///
    /// # Errors
    /// [`BadPins`].
    pub fn open(&self, key: &PublicKey, bureau: BureauId) -> Result<Pins, BadPins> {
        verify(key, Purpose::Certificates, self.pins.as_bytes(), &self.signature)
            .map_err(|_| BadPins::Signature)?;
        let pins: Pins = serde_json::from_str(&self.pins)?;
        let some = (1..=MAX_CERTIFICATES).contains(&pins.certificates.len());
        if pins.bureau == bureau && some { Ok(pins) } else { Err(BadPins::Foreign) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seal::public_key;
    use uuid::Uuid;

    #[test]
    fn a_statement_counts_for_its_bureau_and_key_only() {
        let (key, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let bureau = BureauId(Uuid::from_u128(1));
        let pins = Pins { bureau, sequence: 5, certificates: vec![Digest::of(b"now"), Digest::of(b"next")] };
        let signed = pins.sign(&key).unwrap();
        assert_eq!(signed.open(&public_key(&key), bureau).unwrap(), pins);
        assert!(matches!(signed.open(&public_key(&other), bureau), Err(BadPins::Signature)));
        let elsewhere = BureauId(Uuid::from_u128(2));
        assert!(matches!(signed.open(&public_key(&key), elsewhere), Err(BadPins::Foreign)));
        for certificates in [vec![], vec![Digest::of(b"x"); MAX_CERTIFICATES + 1]] {
            let none = Pins { certificates, ..pins.clone() }.sign(&key).unwrap();
            assert!(matches!(none.open(&public_key(&key), bureau), Err(BadPins::Foreign)));
        }
        let turned = SignedPins { pins: signed.pins.replace("\"sequence\":5", "\"sequence\":6"), ..signed };
        assert!(matches!(turned.open(&public_key(&key), bureau), Err(BadPins::Signature)));
    }
}
