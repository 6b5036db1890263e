//! `bureau phones`: which phones there are; a lost one is withdrawn.

use std::path::Path;

use chrono::{DateTime, FixedOffset, Utc};

use super::super::storage::phones::Phone;
use super::{Sentence, open_existing, say};
use crate::domain::id::DeviceId;

pub(super) async fn run(folder: &Path, withdraw: Option<DeviceId>) -> Result<(), Sentence> {
    let bureau = open_existing(folder).await?;
    match withdraw {
        Some(device) => {
            if !bureau.storage().revoke_device(device, Utc::now().timestamp_millis()).await? {
                return Err(Sentence::new(format!(
                    "no phone {device}; `bureau phones` lists them. Nothing was changed"
                )));
            }
            say(format_args!(
                "withdrawn: {device}. What it has sent stays. It keeps what it has not sent, and sends that when it \
                 is enrolled again with a new code"
            ));
        }
        None => {
            let phones = bureau.storage().phones().await?;
            let zone = bureau.storage().zone();
            for phone in &phones {
                let state = match phone.revoked_ms {
                    Some(moment) => format!("withdrawn {}", day(moment, zone)),
                    None => format!("in use since {}", day(phone.enrolled_ms, zone)),
                };
                say(format_args!("{}, {state}, app {}", named(phone, zone), phone.app_version));
            }
            if phones.is_empty() {
                say("No phone yet; `bureau enrol` makes codes for them.");
            }
        }
    }
    bureau.close();
    Ok(())
}

/// As people speak of it: whose, when it was last heard, which.
pub(super) fn named(phone: &Phone, zone: FixedOffset) -> String {
    let seen =
        phone.seen_ms.map_or("no record yet".to_owned(), |seen| format!("last record {}", day(seen, zone)));
    format!("{}  {}, {seen}", phone.device, phone.coordinators.join("、"))
}

fn day(moment_ms: i64, zone: FixedOffset) -> String {
    let moment = DateTime::from_timestamp_millis(moment_ms).unwrap_or_default();
    moment.with_timezone(&zone).format("%Y-%m-%d").to_string()
}
