//! Enrolment: a one-time code and the phone's public keys become a token and a place in a bureau.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::pins::SignedPins;
use crate::domain::id::{BureauId, DeviceId, Epoch};
use crate::domain::inspection::Coordinator;
use crate::domain::seal::{PublicKey, Signature};
use crate::domain::site::Township;

/// `POST /v1/enrol`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time code, as typed (case and dashes do not matter).
    pub code: String,
    /// The phone.
    pub device: DeviceId,
    /// Its Ed25519 key for seals.
    pub signing_key: PublicKey,
    /// Its X25519 key, to which the bureau may encrypt.
    pub sealing_key: PublicKey,
    /// Proof of holding the signing key: over `code` as sent, followed by the device id.
    pub proof: Signature,
    /// Version of the app.
    pub app_version: String,
}

impl EnrolRequest {
    /// The bytes that [`EnrolRequest::proof`] signs.
    pub fn proven(code: &str, device: DeviceId) -> Vec<u8> {
        format!("{code}\n{device}").into_bytes()
    }
}

/// The answer to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// Bearer token of this phone; the bureau keeps only its hash.
    pub token: String,
    /// Who works on this phone.
    pub coordinator: Coordinator,
    /// The townships whose sites this phone gets.
    pub townships: Vec<Township>,
    /// The bureau.
    pub bureau: BureauIdentity,
    /// Settings.
    pub settings: Settings,
}

/// A bureau as a phone must know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BureauIdentity {
    /// Its id.
    pub id: BureauId,
    /// Its name, configuration: 示例县卫生监督所.
    pub name: String,
    /// The life of its data.
    pub epoch: Epoch,
    /// Ed25519 key that signs receipts.
    pub signing_key: PublicKey,
    /// X25519 key that sidecars and database keys are encrypted to.
    pub sealing_key: PublicKey,
}

/// `PUT /v1/rescue-key`: the phone's database key, encrypted to the bureau, so that it can rescue a phone
/// whose key store was lost. Sent right after enrolment, because the bureau's key is only known then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueKey {
    /// Sealed box, base64.
    pub sealed_database_key: String,
}

/// What the bureau decides for its phones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The zone in which days, months and deadlines are counted, minutes east of Greenwich.
    pub zone_minutes: i32,
    /// How far from the registered place a visit is questioned, metres.
    pub fence_m: u32,
    /// How long phones keep what they sent, days.
    pub keep_days: u16,
    /// Below so many free megabytes a phone lets the oldest delivered originals go sooner; 0: never.
    #[serde(default = "keep_free_mb")]
    pub keep_free_mb: u32,
    /// Oldest app version that may send.
    pub minimum_app: String,
    /// Whom to telephone.
    #[serde(default)]
    pub hotlines: Vec<Hotline>,
    /// Who works in the same townships as the phone's coordinator, who is not among them: each phone has its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colleagues: Vec<Coordinator>,
    /// Which certificates the bureau shows from now on, where it makes its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<SignedPins>,
}

/// A number for the hotline card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hotline {
    /// Who answers.
    pub title: String,
    /// The number.
    pub phone: String,
}

/// Room for some hundred photos.
fn keep_free_mb() -> u32 {
    500
}

impl Default for Settings {
    /// China's zone; 200 m; 90 days, 500 MB (the product's defaults, each a county's choice).
    fn default() -> Self {
        Self {
            zone_minutes: 480,
            fence_m: 200,
            keep_days: 90,
            keep_free_mb: keep_free_mb(),
            minimum_app: "0.1.0".to_owned(),
            hotlines: Vec::new(),
            colleagues: Vec::new(),
            certificates: None,
        }
    }
}

/// A one-time code as `bureau enrol --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentCode {
    /// The code.
    pub code: String,
    /// Name of the coordinator it is for.
    pub coordinator: String,
    /// Name of the township.
    pub township: String,
    /// When it ends.
    pub expires_at: DateTime<FixedOffset>,
}

/// A code as it is compared: upper case, no blanks or dashes.
pub fn plain_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
