//! The device's secrets as one blob: what the key store keeps, and the only way to the data.

use ed25519_dalek::SigningKey;
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::DeviceId;

/// The version of the blob.
const VERSION: u32 = 1;

/// The secrets of this phone, made once and never changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Secrets {
    version: u32,
    /// Not secret, but it lives and dies with the keys.
    pub(super) device: DeviceId,
    /// Ed25519, for seals.
    signing_seed: [u8; 32],
    /// X25519, to which the bureau may encrypt.
    pub(super) sealing_secret: [u8; 32],
    /// Raw key of the database.
    pub(super) database_key: [u8; 32],
    /// Key of the sealed photos.
    pub(super) photo_key: [u8; 32],
}

impl Secrets {
    /// New secrets from the system's random source.
    pub(super) fn make(now_ms: i64) -> Self {
        Self {
            version: VERSION,
            device: DeviceId(uuid_at(now_ms)),
            signing_seed: random(),
            sealing_secret: random(),
            database_key: random(),
            photo_key: random(),
        }
    }

    /// Reads what [`Secrets::to_blob`] wrote; the reason otherwise, which never quotes the blob.
    pub(super) fn from_blob(blob: &[u8]) -> Result<Self, String> {
        let secrets: Self = serde_json::from_slice(blob).map_err(|error| {
            format!("the key blob cannot be read (line {}, column {})", error.line(), error.column())
        })?;
        if secrets.version == VERSION {
            Ok(secrets)
        } else {
            Err(format!("the key blob is of version {}, this app knows {VERSION}", secrets.version))
        }
    }

    pub(super) fn to_blob(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.signing_seed)
    }
}

/// Thirty-two bytes nobody can guess.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// A UUIDv7 of this moment; a clock before 1970 counts as 1970.
pub(super) fn uuid_at(now_ms: i64) -> Uuid {
    let ms = u64::try_from(now_ms).unwrap_or(0);
    let nanos = u32::try_from(ms % 1000 * 1_000_000).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_survive_their_blob_and_no_two_are_alike() {
        let secrets = Secrets::make(1_790_000_000_000);
        let again = Secrets::from_blob(&secrets.to_blob().unwrap()).unwrap();
        assert!(again == secrets);
        let keys =
            [secrets.signing_seed, secrets.sealing_secret, secrets.database_key, secrets.photo_key, [0; 32]];
        for (n, key) in keys.iter().enumerate() {
            assert!(!keys[n + 1..].contains(key), "key {n} is used twice");
        }
        assert_eq!(secrets.device.0.get_version_num(), 7);
    }

    #[test]
    fn a_blob_from_the_future_or_of_nonsense_is_refused_without_being_quoted() {
        let mut secrets = Secrets::make(0);
        secrets.version = 2;
        assert!(Secrets::from_blob(&secrets.to_blob().unwrap()).is_err());
        let Err(reason) = Secrets::from_blob(br#"{"version":"top secret"}"#) else { panic!("accepted") };
        assert!(!reason.contains("top secret"), "{reason}");
    }
}
