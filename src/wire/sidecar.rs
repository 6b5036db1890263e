//! Confidential parts: encrypted to the bureau, beside the document, never in it.

use crate::domain::confidential::Secret;
use crate::domain::seal::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::aead::rand_core::CryptoRngCore;

/// The bytes cannot be opened with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened with this key")]
pub struct CannotOpen;

/// Encrypts bytes to a key (anonymous sealed box: X25519, XSalsa20-Poly1305), base64.
///
/// # Errors
/// [`CannotOpen`] when the key is unusable.
pub fn seal_to(key: &PublicKey, bytes: &[u8], random: &mut impl CryptoRngCore) -> Result<String, CannotOpen> {
    let key = crypto_box::PublicKey::from(key.0);
    key.seal(random, bytes).map(|sealed| STANDARD.encode(sealed)).map_err(|_| CannotOpen)
}

/// Opens what [`seal_to`] made.
///
/// # Errors
/// [`CannotOpen`] when it was made for another key or was changed.
pub fn open_with(secret: &[u8; 32], sealed: &str) -> Result<Vec<u8>, CannotOpen> {
    let sealed = STANDARD.decode(sealed).map_err(|_| CannotOpen)?;
    crypto_box::SecretKey::from(*secret).unseal(&sealed).map_err(|_| CannotOpen)
}

/// The public half of an X25519 secret.
pub fn sealing_public_key(secret: &[u8; 32]) -> PublicKey {
    PublicKey(*crypto_box::SecretKey::from(*secret).public_key().as_bytes())
}

/// Seals the secrets of one document; `None` without any.
///
/// # Errors
/// [`CannotOpen`] when the key is unusable.
pub fn seal_secrets(
    secrets: &[Secret],
    bureau: &PublicKey,
    random: &mut impl CryptoRngCore,
) -> Result<Option<String>, CannotOpen> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(secrets).map_err(|_| CannotOpen)?;
    seal_to(bureau, &bytes, random).map(Some)
}

/// Opens a sidecar at the bureau.
///
/// # Errors
/// [`CannotOpen`] when it is not for this bureau or holds no secrets.
pub fn open_secrets(secret: &[u8; 32], sidecar: &str) -> Result<Vec<Secret>, CannotOpen> {
    serde_json::from_slice(&open_with(secret, sidecar)?).map_err(|_| CannotOpen)
}
