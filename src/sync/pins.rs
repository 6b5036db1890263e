//! The pinned certificates as the phone keeps them, and what the bureau says of the next ones.

use serde::{Deserialize, Serialize};

use super::desk::{Desk, Halt};
use crate::domain::id::Digest;
use crate::fault;
use crate::store::Store;
use crate::store::error::Error;
use crate::wire::pins::SignedPins;

/// Present where the bureau's certificate is pinned; its value is JSON of [`Kept`].
const PINS: &str = "pins";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Of the statement they are from; 0 from an enrolment.
    sequence: u64,
    certificates: Vec<Digest>,
}

/// The certificates that count (SHA-256 of the DER); none where an ordinary certificate does. If they cannot be read,
/// one that nobody has: better no connection than one to anybody.
///
/// # Errors
/// The store's.
pub fn pinned(store: &Store) -> Result<Vec<Digest>, Error> {
    let Some(text) = store.setting(PINS)? else { return Ok(Vec::new()) };
    Ok(serde_json::from_str::<Kept>(&text).map_or_else(
        |error| {
            tracing::error!(%error, "the pinned certificates cannot be read");
            vec![Digest([0; 32])]
        },
        |kept| kept.certificates,
    ))
}

/// The setting that pins these from an enrolment on; none is an ordinary certificate.
///
/// # Errors
/// Never for a list of this crate.
pub fn setting(certificates: Vec<Digest>) -> Result<(&'static str, Option<String>), Error> {
    let text = match certificates.is_empty() {
        true => None,
        false => Some(serde_json::to_string(&Kept { sequence: 0, certificates })?),
    };
    Ok((PINS, text))
}

impl Desk {
    /// Takes the bureau's word for its next certificates: signed, newer than the last, and only where some are
    /// pinned. They are durable before they count.
    pub(super) async fn learn_pins(&self, signed: &SignedPins) -> Result<(), Halt> {
        let said = match signed.open(&self.parts.bureau_key, self.parts.bureau) {
            Ok(said) => said,
            Err(error) => {
                tracing::warn!(%error, "a statement about certificates that is none");
                return Ok(());
            }
        };
        let certificates = said.certificates.clone();
        let learnt = self
            .store(move |store| {
                let kept = store.setting(PINS)?.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
                let newer = kept.is_some_and(|kept| kept.sequence < said.sequence);
                if newer {
                    let kept = Kept { sequence: said.sequence, certificates: said.certificates };
                    store.put_setting(PINS, Some(&serde_json::to_string(&kept)?))?;
                }
                Ok(newer)
            })
            .await?;
        if learnt {
            fault::point("phone.pins.kept");
            self.parts.client.pin(certificates);
        }
        Ok(())
    }
}
