//! What the phone remembers of the app itself: consent, looks, and the place where the coordinator was.
//!
//! Settings of the encrypted store, so that they share the life of the data: what clears one clears the other.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::network::to_the_end;
use super::{Device, Error};
use crate::domain::text::Language;
use crate::store::Store;

/// Version of the privacy notice as it stands in the words; a newer one is asked about again.
pub const NOTICE_VERSION: &str = "2026-11-22";

const CONSENT: &str = "consent";
/// Present while the consent is taken back.
const WITHDRAWN: &str = "consent_withdrawn";
const LOOKS: &str = "looks";
/// A copy of the looks beside the store: a sentence about a store that does not open must be in a language that the
/// coordinator reads. It says nothing about anybody, so it is not encrypted.
const LOOKS_FILE: &str = "looks.json";
const PLACE: &str = "place";
/// Before the name of a form.
const JOT: &str = "jot/";

/// That the coordinator agreed to the privacy notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Which notice ([`NOTICE_VERSION`] at that time).
    pub version: String,
    /// When, by the phone's clock.
    pub at: DateTime<FixedOffset>,
}

/// How the coordinator likes the app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Looks {
    /// Language.
    pub language: Language,
    /// `light`, `dark`, or empty for “as the phone has it”.
    pub theme: String,
    /// 0, 1 or 2: 100 %, 140 %, 200 %.
    pub size: u8,
}

/// What the first screen depends on, read at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// The consent, if it is to the notice of this version.
    pub consent: Option<Consent>,
    /// The looks, once they were chosen.
    pub looks: Option<Looks>,
    /// Addresses of the screens, the first one first; the last is where the coordinator was.
    pub place: Vec<String>,
}

impl Device {
    /// Consent, looks and place.
    pub async fn habits(&self) -> Result<Habits, Error> {
        self.read(|_, store| {
            let consent = kept::<Consent>(store, CONSENT)?;
            Ok(Habits {
                consent: consent.filter(|consent| consent.version == NOTICE_VERSION),
                looks: kept(store, LOOKS)?,
                place: kept(store, PLACE)?.unwrap_or_default(),
            })
        })
        .await
    }

    /// Records that the coordinator agreed to the notice of this version, now.
    pub async fn consent(&self) -> Result<Consent, Error> {
        let device = self.clone();
        to_the_end(async move {
            let consent = device
                .write(|inner, store| {
                    let consent = Consent { version: NOTICE_VERSION.to_owned(), at: inner.clock.now() };
                    put(store, CONSENT, &consent)?;
                    store.put_setting(WITHDRAWN, None)?;
                    inner.withdrawn.store(false, Ordering::SeqCst);
                    Ok(consent)
                })
                .await?;
            // An enrolment or a hand-over under way starts the worker itself, for whoever has the phone then.
            let Ok(_one_at_a_time) = device.inner.enrolling.try_lock() else { return Ok(consent) };
            if let Some(profile) = device.profile().await?.filter(|_| device.client().is_err()) {
                device.start_worker(&profile);
            }
            Ok(consent)
        })
        .await
    }

    /// Takes the consent back: nothing is sent and nothing is asked of the phone until it is given again, also when an
    /// enrolment or a hand-over under way ends later. What was not sent stays.
    pub async fn withdraw_consent(&self) -> Result<(), Error> {
        let device = self.clone();
        to_the_end(async move {
            device
                .write(|inner, store| {
                    store.put_setting(WITHDRAWN, Some("true"))?;
                    // Before the worker is stopped: one that starts meanwhile sees it, or is stopped too.
                    inner.withdrawn.store(true, Ordering::SeqCst);
                    Ok(store.put_setting(CONSENT, None)?)
                })
                .await?;
            device.stop_worker().await;
            Ok(())
        })
        .await
    }

    /// Remembers the looks.
    pub async fn put_looks(&self, looks: Looks) -> Result<(), Error> {
        let copy = serde_json::to_vec(&looks)?;
        self.quietly(move |store| put(store, LOOKS, &looks)).await?;
        let kept = self.aside(move |inner| {
            // Under its own name only when it is whole.
            let beside = inner.folder.join(LOOKS_FILE);
            let new = beside.with_extension("new");
            Ok(fs::write(&new, copy).and_then(|()| fs::rename(&new, &beside)))
        });
        if let Err(error) = kept.await? {
            tracing::warn!(%error, "the copy of the looks was not written");
        }
        Ok(())
    }

    /// What a form held that was not kept yet, by the form's name; [`Device::jot`] wrote it.
    pub async fn jotted(&self, form: &str) -> Result<Option<String>, Error> {
        let name = format!("{JOT}{form}");
        self.read(move |_, store| Ok(store.setting(&name)?)).await
    }

    /// Remembers what a form holds until it is kept, or (with `None`) that it was.
    pub async fn jot(&self, form: &str, text: Option<String>) -> Result<(), Error> {
        let name = format!("{JOT}{form}");
        self.quietly(move |store| Ok(store.put_setting(&name, text.as_deref())?)).await
    }

    /// Remembers where the coordinator is, for a start after the process was ended.
    pub async fn put_place(&self, place: Vec<String>) -> Result<(), Error> {
        self.quietly(move |store| put(store, PLACE, &place)).await
    }
}

/// The looks where the store does not open, from the copy beside it; none where there is no copy that can be read.
pub async fn looks_beside(folder: PathBuf) -> Option<Looks> {
    let read =
        move || fs::read(folder.join(LOOKS_FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

/// Whether the consent was taken back and not given again.
pub(super) fn withdrawn(store: &Store) -> bool {
    matches!(store.setting(WITHDRAWN), Ok(Some(_)))
}

/// A value that cannot be read counts as none: nothing of it belongs to a record.
fn kept<T: serde::de::DeserializeOwned>(store: &Store, name: &str) -> Result<Option<T>, Error> {
    Ok(store.setting(name)?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn put<T: Serialize>(store: &mut Store, name: &str, value: &T) -> Result<(), Error> {
    Ok(store.put_setting(name, Some(&serde_json::to_string(value)?))?)
}
