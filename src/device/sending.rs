//! What the coordinator decided about sending: paused or not, originals over Wi-Fi only; and over what the phone is
//! connected, as far as it can tell.

use std::sync::Arc;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    /// A change ends what was let go by hand.
    fn heard(&mut self, network: Network) {
        if self.network != network {
            (self.network, self.let_go) = (network, false);
        }
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
            link.heard(platform::network().unwrap_or(network));
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

/// What the worker asks before an original begins: whether the network of this moment may carry it. The page hears of
/// a Wi-Fi that becomes another Wi-Fi nothing, also when the other one is a phone's and paid for; where the system itself
/// tells, it is asked. Blocking.
pub(super) fn asked(inner: &Arc<Inner>) -> Arc<dyn Fn() -> bool + Send + Sync> {
    // A weak hand: the device owns the worker and with it this.
    let inner = Arc::downgrade(inner);
    Arc::new(move || {
        inner.upgrade().is_some_and(|inner| may_go(&inner, platform::network()).unwrap_or(false))
    })
}

fn may_go(inner: &Inner, network: Option<Network>) -> Result<bool, Error> {
    let changed = {
        let mut link = locked(&inner.link)?;
        let before = *link;
        network.into_iter().for_each(|network| link.heard(network));
        *link != before
    };
    if changed {
        // Those under way make room, and the screen says it.
        obey(inner)?;
        inner.changed.send_modify(|count| *count += 1);
    }
    Ok(locked(&inner.link)?.allows())
}

/// Tells the worker.
fn obey(inner: &Inner) -> Result<(), Error> {
    let link = *locked(&inner.link)?;
    with_worker(inner, |worker| {
        worker.pause(link.decided.paused);
        worker.allow_originals(link.allows());
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Setup;
    use crate::device::clock::SystemClock;
    use crate::device::keys::FileKeyStore;

    #[tokio::test]
    async fn what_the_system_says_before_an_original_counts_although_the_page_heard_of_no_change() {
        let folder = tempfile::TempDir::new().unwrap();
        let keys = Box::new(FileKeyStore::new(folder.path().join("keys").join("device.key")));
        let setup = Setup { folder: folder.path().join("data"), keys, clock: Arc::new(SystemClock) };
        let device = Device::open(setup).await.unwrap();
        device.put_wifi_only(true).await.unwrap();
        device.note_network(Network::Free).await.unwrap();
        let asked = |network| may_go(&device.inner, network).unwrap();
        assert!(asked(None), "a system that does not tell changes nothing");
        assert!(!asked(Some(Network::Metered)), "the Wi-Fi is a phone's own now");
        let shown = device.sending().await.unwrap();
        assert_eq!((shown.network, shown.originals), (Network::Metered, false));
        device.let_originals_go().await.unwrap();
        assert!(asked(Some(Network::Metered)));
        assert!(asked(Some(Network::Free)) && !asked(Some(Network::Metered)), "let go for that network only");
    }
}
