//! `bureau adduser` and `bureau enrol`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, FixedOffset, Utc};
use uuid::Uuid;

use super::super::self_signed::SelfSigned;
use super::super::storage::StorageError;
use super::super::storage::accounts::{Account, Role};
use super::super::{Bureau, enrolment, password, secret};
use super::{Sentence, open_existing, qr, say};
use crate::domain::id::CoordinatorId;
use crate::domain::inspection::Coordinator;
use crate::domain::site::Township;
use crate::wire::enrolment::EnrolmentCode;

/// The shortest password taken.
const PASSWORD_MIN: usize = 10;

pub(super) async fn add_user(
    folder: &Path,
    name: String,
    role: Role,
    township: Option<String>,
    from_stdin: bool,
) -> Result<(), Sentence> {
    let bureau = open_existing(folder).await?;
    let township = match township {
        Some(wanted) => Some(known_township(&bureau, &wanted).await?),
        None => None,
    };
    let password = if from_stdin { read_password()? } else { password::generate() };
    let hash = password::hash(password.clone()).await?;
    let account = Account { shown_as: name.clone(), name: name.clone(), role, township };
    let now_ms = Utc::now().timestamp_millis();
    match bureau.storage().add_account(account, hash, now_ms).await {
        Err(StorageError::Exists) => {
            return Err(Sentence::new(format!("there is an account {name} already")));
        }
        other => other?,
    }
    bureau.storage().audit("bureau adduser", "adduser", &name, now_ms).await?;
    bureau.close();
    let shown = if from_stdin { "(as given)" } else { &password };
    say(format_args!("login: {name} / {shown}"));
    Ok(())
}

fn read_password() -> Result<String, Sentence> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.chars().count() < PASSWORD_MIN {
        return Err(Sentence::new(format!("a password has at least {PASSWORD_MIN} characters")));
    }
    Ok(password.to_owned())
}

async fn known_township(bureau: &Bureau, wanted: &str) -> Result<Township, Sentence> {
    let all = bureau.storage().townships().await?;
    let names: Vec<String> = all.iter().map(|t| t.name.clone()).collect();
    let found = all.into_iter().find(|t| t.name == wanted || t.code == wanted);
    found.ok_or_else(|| Sentence::new(format!("no township {wanted}; there are: {}", names.join("、"))))
}

/// What `bureau enrol` was asked for.
pub(super) struct Codes {
    pub(super) count: u32,
    pub(super) json: bool,
    pub(super) coordinator: Option<String>,
    pub(super) township: Option<String>,
    pub(super) days: u32,
    pub(super) address: Option<String>,
    pub(super) qr: Option<PathBuf>,
    pub(super) ordinary_certificate: bool,
}

pub(super) async fn enrol(folder: &Path, asked: Codes) -> Result<(), Sentence> {
    // Before any code is made: one that nobody gets to see would be lost.
    let place = asked.qr.as_deref().map(qr::Place::open).transpose()?;
    if let Some(address) = &asked.address {
        qr::check(address)?;
    }
    let own = SelfSigned::of(folder);
    let certificate = match asked.ordinary_certificate {
        true => None,
        false => tokio::task::spawn_blocking(move || own.current()).await??,
    };
    let bureau = open_existing(folder).await?;
    let coordinators = chosen(&bureau, &asked).await?;
    let each: Vec<&(Coordinator, Vec<Township>)> =
        coordinators.iter().cycle().take(asked.count as usize).collect();
    let ids: Vec<CoordinatorId> = each.iter().map(|(coordinator, _)| coordinator.id).collect();
    let expires_at = expiry(&bureau, asked.days);
    let codes = enrolment::new_codes(&bureau, &ids, expires_at).await?;
    bureau.close();
    let given = codes.into_iter().zip(each).map(|(code, (coordinator, townships))| EnrolmentCode {
        code,
        coordinator: coordinator.name.clone(),
        township: townships.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join("、"),
        expires_at,
    });
    let given: Vec<EnrolmentCode> = given.collect();
    if asked.json {
        say(serde_json::to_string(&given)?);
    } else {
        for code in &given {
            say(format_args!("{}  {}  {}  {}", code.code, code.coordinator, code.township, code.expires_at));
        }
    }
    match (place, &asked.address) {
        (Some(place), Some(address)) => place.give(address, certificate, &given),
        _ => Ok(()),
    }
}

fn expiry(bureau: &Bureau, days: u32) -> DateTime<FixedOffset> {
    let whole = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap_or_default();
    (whole + Duration::days(i64::from(days))).with_timezone(&bureau.storage().zone())
}

async fn chosen(bureau: &Bureau, asked: &Codes) -> Result<Vec<(Coordinator, Vec<Township>)>, Sentence> {
    let mut all = bureau.storage().coordinators().await?;
    let Some(name) = &asked.coordinator else {
        return match all.is_empty() {
            false => Ok(all),
            true => {
                Err(Sentence::new("no coordinator yet; name one with --coordinator NAME --township NAME"))
            }
        };
    };
    let names: Vec<String> = all.iter().map(|(coordinator, _)| coordinator.name.clone()).collect();
    all.retain(|(coordinator, _)| coordinator.name == *name);
    match (all.is_empty(), &asked.township) {
        (false, _) => Ok(all),
        (true, Some(township)) => Ok(vec![new_coordinator(bureau, name, township).await?]),
        (true, None) => Err(Sentence::new(format!(
            "no coordinator {name}; there are: {}. A new one needs --township NAME",
            names.join("、")
        ))),
    }
}

async fn new_coordinator(
    bureau: &Bureau,
    name: &str,
    township: &str,
) -> Result<(Coordinator, Vec<Township>), Sentence> {
    let known = known_township(bureau, township).await;
    // The county's own code: its statistical one comes with an import of sites.
    let township =
        known.unwrap_or_else(|_| Township { code: secret::readable(2), name: township.to_owned() });
    let coordinator =
        Coordinator { id: CoordinatorId(Uuid::now_v7()), name: name.to_owned(), organisation: String::new() };
    bureau.storage().add_coordinator(coordinator.clone(), township.clone()).await?;
    Ok((coordinator, vec![township]))
}
