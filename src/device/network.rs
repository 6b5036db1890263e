//! The worker's life: started after enrolment or at open, stopped at close, replaced at re-enrolment.
//!
//! What the screens watch outlives the worker: its standing is copied into a channel of the device.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use rand::rngs::OsRng;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::enrol::Profile;
use super::{Device, Error, Inner, keep, locked, sending};
use crate::store::Store;
use crate::sync::client::Client;
use crate::sync::worker::{Ended, Parts, Standing, Worker};
use crate::wire::api::BureauApi as _;
use crate::wire::enrolment::RescueKey;
use crate::wire::sidecar;

/// Bureau clock minus phone clock at the last contact, whole seconds.
pub(super) const OFFSET: &str = "clock_offset_s";
/// Present while the bureau lacks the sealed database key.
pub(super) const RESCUE_KEY_DUE: &str = "rescue_key_due";

/// The running worker and what its predecessors sent.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) running: Option<Running>,
    sent_before: u64,
}

#[derive(Debug)]
pub(super) struct Running {
    pub(super) client: Client,
    pub(super) worker: Worker,
    _aside: Aside,
}

/// Tasks that end with the worker.
#[derive(Debug)]
struct Aside([JoinHandle<()>; 3]);

impl Drop for Aside {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Network {
    pub(super) fn bytes_sent(&self) -> u64 {
        self.sent_before + self.running.as_ref().map_or(0, |running| running.client.bytes_sent())
    }

    fn stop(&mut self) -> Option<Worker> {
        self.sent_before = self.bytes_sent();
        self.running.take().map(|running| running.worker)
    }
}

/// How a device stands that has nothing to send and nobody to send it to.
pub(super) fn at_rest() -> Standing {
    Standing { idle: true, ..Standing::default() }
}

impl Device {
    /// Starts the worker for this enrolment in place of any other; none while the consent is taken back. An address that no longer suits leaves the phone
    /// usable and says so in the standing.
    pub(super) fn start_worker(&self, profile: &Profile) {
        let token = Some(profile.enrolled.token.as_str());
        let client = Client::new(&profile.address, token);
        match client.and_then(|client| client.pinned(profile.pins.clone())) {
            Ok(client) => self.run(client.with_bureau(profile.enrolled.bureau.id), profile),
            Err(error) => {
                tracing::error!(%error, "the bureau's address cannot be used");
                self.inner.standing.send_modify(|standing| standing.sign_in = Some(error.to_string()));
            }
        }
    }

    fn run(&self, client: Client, profile: &Profile) {
        let Ok(mut network) = locked(&self.inner.network) else { return };
        drop(network.stop());
        // Asked under this lock, which whoever takes the consent back needs to stop the worker.
        if self.inner.withdrawn.load(Ordering::SeqCst) {
            return;
        }
        let clock = self.inner.clock.clone();
        let link = locked(&self.inner.link).map(|link| *link).unwrap_or_default();
        let parts = Parts {
            store: self.inner.store.clone(),
            photos: self.inner.photos.clone(),
            client: client.clone(),
            bureau: profile.enrolled.bureau.id,
            bureau_key: profile.enrolled.bureau.signing_key,
            changed: self.inner.changed.clone(),
            now_ms: Arc::new(move || clock.now_ms()),
            originals: sending::asked(&self.inner),
        };
        let worker = Worker::start_as(parts, link.decided.paused, link.allows());
        let notes = Notes { store: self.inner.store.clone(), ended: worker.ended() };
        let copying = copy_standing(worker.standing(), self.inner.standing.clone(), notes.clone());
        let rescue = send_rescue_key(client.clone(), notes, sealed_key(&self.inner, profile));
        // A weak hand: the device owns the worker and with it this task.
        let keeping = keep::keep_room(Arc::downgrade(&self.inner), worker.standing());
        let _aside = Aside([tokio::spawn(copying), tokio::spawn(rescue), tokio::spawn(keeping)]);
        network.running = Some(Running { client, worker, _aside });
    }

    /// Stops the worker and waits until it has ended; the device then stands at rest.
    pub(super) async fn stop_worker(&self) {
        let worker = locked(&self.inner.network).ok().and_then(|mut network| network.stop());
        if let Some(worker) = worker {
            worker.stop().await;
        }
        self.inner.standing.send_replace(at_rest());
    }

    /// Does something with the worker, if one runs.
    pub(super) fn with_worker(&self, act: impl FnOnce(&Worker)) -> Result<(), Error> {
        with_worker(&self.inner, act)
    }

    /// The client of the enrolment.
    pub(super) fn client(&self) -> Result<Client, Error> {
        let network = locked(&self.inner.network)?;
        network.running.as_ref().map(|running| running.client.clone()).ok_or(Error::NotEnrolled)
    }
}

/// As [`Device::with_worker`]; may be called while the store is locked.
pub(super) fn with_worker(inner: &Inner, act: impl FnOnce(&Worker)) -> Result<(), Error> {
    if let Some(running) = &locked(&inner.network)?.running {
        act(&running.worker);
    }
    Ok(())
}

/// Lets the worker look at what was just stored.
pub(super) fn wake(inner: &Inner) -> Result<(), Error> {
    with_worker(inner, Worker::wake)
}

/// Does something to its end, also when whoever asked for it has gone: a screen that is left drops what it waits for, and
/// a worker stopped by halves would never be started again.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(work).await.map_err(|error| Error::Broken(error.to_string()))?
}

/// Milliseconds to whole seconds, to the nearest.
fn rounded_s(ms: i64) -> i64 {
    ms.saturating_add(500).div_euclid(1000)
}

/// Bureau time minus phone time in seconds at the last contact, this process's or an earlier one's.
pub(super) fn offset_s(inner: &Inner, store: &Store) -> Result<Option<i64>, Error> {
    if let Some(ms) = inner.standing.borrow().offset_ms {
        return Ok(Some(rounded_s(ms)));
    }
    Ok(store.setting(OFFSET)?.and_then(|text| text.parse().ok()))
}

/// Ends with the worker.
async fn copy_standing(mut from: watch::Receiver<Standing>, to: Arc<watch::Sender<Standing>>, notes: Notes) {
    let mut kept = None;
    loop {
        let standing = from.borrow_and_update().clone();
        let offset = standing.offset_ms.map(rounded_s);
        to.send_replace(standing);
        if offset.is_some() && offset != kept {
            kept = offset;
            notes.put(OFFSET, offset.map(|seconds| seconds.to_string())).await;
        }
        if from.changed().await.is_err() {
            return;
        }
    }
}

fn sealed_key(inner: &Inner, profile: &Profile) -> Option<RescueKey> {
    let key = &profile.enrolled.bureau.sealing_key;
    let sealed = sidecar::seal_to(key, &inner.secrets.database_key, &mut OsRng);
    sealed.ok().map(|sealed_database_key| RescueKey { sealed_database_key })
}

/// Sends the sealed database key if the bureau still lacks it; what fails is tried again at the next start.
async fn send_rescue_key(client: Client, notes: Notes, key: Option<RescueKey>) {
    let asked = notes.store.clone();
    let due = tokio::task::spawn_blocking(move || {
        locked(&asked).is_ok_and(|store| matches!(store.setting(RESCUE_KEY_DUE), Ok(Some(_))))
    });
    let (Ok(true), Some(key)) = (due.await, key) else { return };
    match client.put_rescue_key(&key).await {
        Ok(()) => notes.put(RESCUE_KEY_DUE, None).await,
        Err(error) => tracing::warn!(%error, "the rescue key was not taken; tried again at the next start"),
    }
}

/// Where what happens beside a worker is noted, as long as that worker is the phone's.
#[derive(Clone)]
struct Notes {
    store: Arc<Mutex<Store>>,
    ended: Ended,
}

impl Notes {
    /// A setting that nobody waits for; a failure is logged.
    async fn put(&self, name: &'static str, value: Option<String>) {
        let Self { store, ended } = self.clone();
        let put = move || {
            let mut store = locked(&store)?;
            match ended.is_set() {
                true => Ok(()),
                false => store.put_setting(name, value.as_deref()).map_err(Error::from),
            }
        };
        match tokio::task::spawn_blocking(put).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, name, "a setting was not kept"),
            Err(error) => tracing::warn!(%error, name, "a setting was not kept"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_round_to_the_nearest_second_on_both_sides_of_zero() {
        for (ms, seconds) in [(0, 0), (499, 0), (500, 1), (-499, 0), (-501, -1), (61_200, 61)] {
            assert_eq!(rounded_s(ms), seconds, "{ms}");
        }
    }
}
