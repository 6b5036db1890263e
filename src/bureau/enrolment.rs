//! Enrolling a phone: throttled, proof checked, code spent, token made.

use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Utc};

use super::error::Refusal;
use super::storage::StorageError;
use super::storage::enrolment::{Admission, NewCode, NewDevice};
use super::{Bureau, secret};
use crate::domain::id::{CoordinatorId, Digest};
use crate::domain::seal::{Purpose, verify};
use crate::wire::enrolment::{EnrolRequest, Enrolled, Settings, plain_code};
use crate::wire::failure::Code;

/// Enrols a phone.
pub(super) async fn enrol(bureau: &Bureau, request: &EnrolRequest) -> Result<Enrolled, Refusal> {
    let code_hash = code_hash(&request.code);
    let keys = [format!("device {}", request.device), format!("code {code_hash}")];
    let now = Instant::now();
    if let Some(wait) = keys.iter().filter_map(|key| bureau.0.enrolments.wait(key, now)).max() {
        return Err(too_many(wait));
    }
    let admitted = admit(bureau, request, code_hash).await;
    let tries = &bureau.0.enrolments;
    match &admitted {
        Ok(_) => keys.iter().for_each(|key| tries.passed(key)),
        Err(refusal) if matches!(refusal.code, Code::Internal | Code::Busy | Code::StorageFull) => {}
        Err(_) => keys.iter().for_each(|key| tries.failed(key, now)),
    }
    admitted
}

async fn admit(bureau: &Bureau, request: &EnrolRequest, code_hash: Digest) -> Result<Enrolled, Refusal> {
    let proven = EnrolRequest::proven(&request.code, request.device);
    verify(&request.signing_key, Purpose::Enrolment, &proven, &request.proof)
        .map_err(|_| Refusal::new(Code::SealWrong, "the proof does not fit the signing key"))?;
    let token = secret::token();
    let phone = NewDevice {
        code_hash: code_hash.0,
        device: request.device,
        signing_key: request.signing_key,
        sealing_key: request.sealing_key,
        token_hash: Digest::of(token.as_bytes()).0,
        app_version: request.app_version.chars().take(64).collect(),
        now_ms: Utc::now().timestamp_millis(),
    };
    let identity = bureau.storage().identity();
    match bureau.storage().enrol(phone).await? {
        Admission::Enrolled(coordinator, townships) => {
            let colleagues = bureau.storage().colleagues(coordinator.id).await?;
            Ok(Enrolled {
                token,
                coordinator,
                townships,
                bureau: identity.public.clone(),
                settings: Settings { colleagues, ..identity.settings.clone() },
            })
        }
        Admission::Wrong => {
            Err(Refusal::new(Code::CodeWrong, "check the code, or ask the bureau for a new one"))
        }
        Admission::Expired => Err(Refusal::new(Code::CodeExpired, "ask the bureau for a new code")),
        Admission::Used => Err(Refusal::new(Code::CodeUsed, "ask the bureau for a code of your own")),
        Admission::OtherKey => {
            Err(Refusal::new(Code::SealWrong, "this phone is known here with another signing key"))
        }
    }
}

fn too_many(wait: Duration) -> Refusal {
    let mut refusal = Refusal::new(Code::TooManyTries, "wait before trying again");
    refusal.retry_after = Some(wait.as_secs().max(1));
    refusal
}

fn code_hash(code: &str) -> Digest {
    Digest::of(plain_code(code).as_bytes())
}

/// Makes and stores codes, one for each of these coordinators.
pub(super) async fn new_codes(
    bureau: &Bureau,
    coordinators: &[CoordinatorId],
    expires_at: DateTime<FixedOffset>,
) -> Result<Vec<String>, StorageError> {
    let codes: Vec<String> = coordinators.iter().map(|_| secret::readable(2)).collect();
    let stored = codes.iter().zip(coordinators).map(|(code, coordinator)| NewCode {
        hash: code_hash(code).0,
        coordinator: *coordinator,
        expires_ms: expires_at.timestamp_millis(),
    });
    bureau.storage().add_codes(stored.collect(), Utc::now().timestamp_millis()).await?;
    Ok(codes)
}
