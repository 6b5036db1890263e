//! Who works on this phone, and for which bureau.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Unsent;
use super::network::{RESCUE_KEY_DUE, to_the_end};
use super::{Device, EnrolError, Error, Inner, NoTicket, hands};
use crate::domain::id::Digest;
use crate::domain::seal::{Purpose, public_key, sign};
use crate::fault;
use crate::media::qr;
use crate::store::Store;
use crate::sync::client::Client;
use crate::sync::{PROOFS_DOUBTED, pins};
use crate::wire::api::BureauApi as _;
use crate::wire::enrolment::{EnrolRequest, Enrolled, Settings};
use crate::wire::sidecar::sealing_public_key;
use crate::wire::ticket::Ticket;

/// The enrolment, a setting of the store.
pub(super) const PROFILE: &str = "profile";
/// The bureau's settings; the worker writes newer ones here.
pub(super) const SETTINGS: &str = "settings";
/// How far the bureau's changes were read; written by the store with each page.
pub(super) const CURSOR: &str = "cursor";
/// What else the worker remembers of one bureau: in which life of its data, up to which receipt.
const OF_BUREAU: [&str; 3] = ["epoch", "receipts_since", PROOFS_DOUBTED];
/// How long an enrolment waits for sites and checklists; they come later if they are slow.
const FIRST_PULL: Duration = Duration::from_secs(15);

/// The enrolment as kept on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Address of the bureau.
    pub address: String,
    /// What the bureau answered; holds the token.
    pub enrolled: Enrolled,
    /// Certificates of the bureau that count (SHA-256 of the DER); none where an ordinary one does. Kept apart,
    /// because the bureau may tell of others, and all enrolments of this phone share them.
    #[serde(skip)]
    pub pins: Vec<Digest>,
}

/// The enrolment in the store; one that this version cannot read counts as none, and the coordinator enrols again.
pub(super) fn kept_profile(store: &Store) -> Result<Option<Profile>, Error> {
    let text = store.setting(PROFILE)?;
    let pins = pins::pinned(store)?;
    Ok(text.and_then(|text| match serde_json::from_str::<Profile>(&text) {
        Ok(profile) => Some(Profile { pins, ..profile }),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            tracing::error!(line, column, "the enrolment cannot be read");
            None
        }
    }))
}

/// The bureau's settings in the store, or the product's defaults.
pub(super) fn kept_settings(store: &Store) -> Result<Settings, Error> {
    let kept = store.setting(SETTINGS)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(kept.unwrap_or_default())
}

impl Device {
    /// The enrolment, once there is one.
    pub async fn profile(&self) -> Result<Option<Profile>, Error> {
        self.read(|_, store| kept_profile(store)).await
    }

    /// What the bureau decided for its phones, as last heard; the product's defaults before enrolment.
    pub async fn settings(&self) -> Result<Settings, Error> {
        self.read(|_, store| kept_settings(store)).await
    }

    /// Address and code out of a picture of the bureau's QR code. Enrols nobody and changes nothing.
    ///
    /// # Errors
    /// [`Error::Ticket`], [`Error::Picture`].
    pub async fn read_ticket(&self, picture: Vec<u8>) -> Result<Ticket, Error> {
        self.aside(move |_| {
            let texts = qr::read(&picture)?;
            let read: Vec<_> = texts.iter().map(|text| Ticket::read(text)).collect();
            let good = read.iter().find_map(|read| read.clone().ok());
            let why = read.into_iter().find_map(Result::err).map_or(NoTicket::NoCode, NoTicket::Bad);
            good.ok_or(why.into())
        })
        .await
    }

    /// Enrols with a one-time code, pulls sites and checklists, starts the worker. Enrolling again keeps unsent work
    /// if it is for the same bureau. Succeeds also when the sites are slow to come.
    ///
    /// # Errors
    /// [`Error::Enrol`].
    pub async fn enrol(&self, address: &str, code: &str) -> Result<Profile, Error> {
        self.enrol_pinned(address, code, None).await
    }

    /// The same at a bureau with this certificate (SHA-256 of its DER), out of its QR code; from then on no other is
    /// believed. Without one, those of the enrolment before count, if it was for the same address; else an ordinary
    /// certificate does.
    ///
    /// # Errors
    /// [`Error::Enrol`].
    pub async fn enrol_pinned(
        &self,
        address: &str,
        code: &str,
        certificate: Option<Digest>,
    ) -> Result<Profile, Error> {
        let (device, code) = (self.clone(), code.to_owned());
        let address = address.trim().trim_end_matches('/').to_owned();
        let profile = to_the_end(async move { device.enrol_once(address, &code, certificate).await }).await?;
        self.first_pull().await?;
        Ok(profile)
    }

    async fn enrol_once(
        &self,
        address: String,
        code: &str,
        certificate: Option<Digest>,
    ) -> Result<Profile, Error> {
        let _one_at_a_time = self.inner.enrolling.lock().await;
        let before = self.profile().await?.filter(|before| before.address == address);
        let pins = match certificate {
            Some(certificate) => vec![certificate],
            None => before.map(|before| before.pins).unwrap_or_default(),
        };
        let client = Client::new(&address, None)
            .and_then(|client| client.pinned(pins.clone()))
            .map_err(|error| EnrolError::Address(error.to_string()))?;
        let request = request(&self.inner, code);
        let enrolled = client.enrol(&request).await.map_err(EnrolError::from)?;
        fault::point("phone.enrol.answered");
        let profile = Profile { address, enrolled, pins };
        self.stop_worker().await;
        let kept = self.write(move |_, store| keep(store, profile)).await;
        // The new enrolment, or after a failure the old one.
        if let Ok(Some(profile)) = self.profile().await {
            self.start_worker(&profile);
        }
        kept
    }

    /// Waits until the first page of changes is here, the worker has to wait itself, or the time is up.
    async fn first_pull(&self) -> Result<(), Error> {
        // While the consent is taken back nobody pulls.
        if self.client().is_err() {
            return Ok(());
        }
        let mut changed = self.inner.changed.subscribe();
        let mut standing = self.inner.standing.subscribe();
        self.with_worker(|worker| worker.wake())?;
        let pulled = async {
            while self.read(|_, store| Ok(store.setting(CURSOR)?)).await?.is_none() {
                let stuck = |s: &crate::sync::worker::Standing| s.waiting.is_some() || s.sign_in.is_some();
                tokio::select! {
                    _ = changed.changed() => {}
                    _ = standing.wait_for(stuck) => break,
                }
            }
            Ok(())
        };
        tokio::time::timeout(FIRST_PULL, pulled).await.unwrap_or(Ok(()))
    }
}

fn request(inner: &Inner, code: &str) -> EnrolRequest {
    let key = inner.secrets.signing_key();
    let device = inner.secrets.device;
    EnrolRequest {
        code: code.to_owned(),
        device,
        signing_key: public_key(&key),
        sealing_key: sealing_public_key(&inner.secrets.sealing_secret),
        proof: sign(&key, Purpose::Enrolment, &EnrolRequest::proven(code, device)),
        app_version: super::visit::APP_VERSION.to_owned(),
    }
}

/// Stores the enrolment; unsent work for another bureau forbids it. Gives it as it is now.
fn keep(store: &mut Store, profile: Profile) -> Result<Profile, Error> {
    let old = kept_profile(store)?.map(|old| old.enrolled);
    let elsewhere = old.as_ref().is_some_and(|old| old.bureau.id != profile.enrolled.bureau.id);
    let unsent = if elsewhere { unsent(store)? } else { Unsent::default() };
    if unsent != Unsent::default() {
        return Err(EnrolError::UnsentWork(unsent).into());
    }
    let mut also = vec![(RESCUE_KEY_DUE, Some("true".to_owned()))];
    let pinned = pins::pinned(store)?;
    // The bureau may have told of its next certificate, and believes that this phone knows it.
    let known = !profile.pins.is_empty() && profile.pins.iter().all(|pin| pinned.contains(pin));
    if elsewhere || !(known || profile.pins == pinned) {
        also.push(pins::setting(profile.pins.clone())?);
    }
    if elsewhere {
        // Another bureau's epoch would look like a restored bureau, and it would be shown the first one's records.
        also.extend(OF_BUREAU.map(|name| (name, None)));
        hands::begin_anew(store, &profile, also)?;
    } else {
        hands::take_over(store, &profile, also)?;
    }
    Ok(Profile { pins: pins::pinned(store)?, ..profile })
}

/// A record whose removed original the bureau has lost since waits for nothing: nothing more of it can be sent.
fn unsent(store: &Store) -> Result<Unsent, Error> {
    let unheard = store.documents()?.into_iter().filter(|record| record.record_receipt.is_none());
    let mut documents: BTreeSet<Digest> = unheard.map(|record| record.digest).collect();
    documents.extend(store.outbox()?.into_iter().map(|row| row.document));
    let drafts = store.drafts()?;
    let authors: BTreeSet<String> =
        drafts.iter().filter_map(|row| Some(row.author.as_ref()?.name.clone())).collect();
    Ok(Unsent { documents: documents.len(), drafts: drafts.len(), authors: authors.into_iter().collect() })
}
