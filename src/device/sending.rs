//! What the coordinator decided about sending: paused or not, originals over Wi-Fi only; and over what the phone is
//! connected, as far as it can tell.

use serde::{Deserialize, Serialize};

use super::network::with_worker;
use super::{Device, Error, Inner, locked, platform};
use crate::store::Store;

/// The decision, a setting of the store: it outlives a restart.
const SENDING: &str = "sending";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Decided {
    pub(super) paused: bool,
    pub(super) wifi_only: bool,
}

/// Over what the phone is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// The webview does not tell.
    #[default]
    Unknown,
    /// Wi-Fi or a cable.
    Free,
    /// The phone's own data.
    Metered,
}

/// How sending is decided now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// Paused by the coordinator.
    pub paused: bool,
    /// Originals wait for Wi-Fi.
    pub wifi_only: bool,
    /// What is known of the network.
    pub network: Network,
    /// Originals may go now: not bound to Wi-Fi, on it, or let go by hand.
    pub originals: bool,
}

/// The decision as the store has it, and what the process knows beyond.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    pub(super) decided: Decided,
    network: Network,
    /// Let go by hand, until the network changes or the app ends.
    let_go: bool,
}

impl Link {
    pub(super) fn of(decided: Decided) -> Self {
        Self { decided, ..Self::default() }
    }

    pub(super) fn allows(self) -> bool {
        !self.decided.wifi_only || self.network == Network::Free || self.let_go
    }
}

/// What was decided; a value that cannot be read counts as none.
pub(super) fn decided(store: &Store) -> Result<Decided, Error> {
    Ok(store.setting(SENDING)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

impl Device {
    /// How sending is decided.
    pub async fn sending(&self) -> Result<Sending, Error> {
        let link = *locked(&self.inner.link)?;
        let Decided { paused, wifi_only } = link.decided;
        Ok(Sending { paused, wifi_only, network: link.network, originals: link.allows() })
    }

    /// Pauses or resumes sending, also after a restart.
    pub async fn pause(&self, paused: bool) -> Result<(), Error> {
        self.decide(move |decided| decided.paused = paused).await
    }

    /// Whether originals wait for Wi-Fi.
    pub async fn put_wifi_only(&self, wifi_only: bool) -> Result<(), Error> {
        self.decide(move |decided| decided.wifi_only = wifi_only).await
    }

    /// Takes note of the network as the page knows it; where the system itself tells, its word counts. A change ends
    /// what was let go by hand.
    pub async fn note_network(&self, network: Network) -> Result<(), Error> {
        self.relink(move |link| {
            let network = platform::network().unwrap_or(network);
            if link.network != network {
                *link = Link { network, let_go: false, ..*link };
            }
        })
        .await
    }

    /// Sends originals now, whatever the network: the coordinator was asked.
    pub async fn let_originals_go(&self) -> Result<(), Error> {
        self.relink(|link| link.let_go = true).await
    }

    async fn decide(&self, change: impl FnOnce(&mut Decided) + Send + 'static) -> Result<(), Error> {
        self.write(move |inner, store| {
            let mut decided = decided(store)?;
            change(&mut decided);
            store.put_setting(SENDING, Some(&serde_json::to_string(&decided)?))?;
            locked(&inner.link)?.decided = decided;
            obey(inner)
        })
        .await
    }

    async fn relink(&self, change: impl FnOnce(&mut Link) + Send + 'static) -> Result<(), Error> {
        self.write(move |inner, _| {
            change(&mut *locked(&inner.link)?);
            obey(inner)
        })
        .await
    }
}

/// Tells the worker.
fn obey(inner: &Inner) -> Result<(), Error> {
    let link = *locked(&inner.link)?;
    with_worker(inner, |worker| {
        worker.pause(link.decided.paused);
        worker.allow_originals(link.allows());
    })
}
