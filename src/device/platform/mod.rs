//! What differs between platforms: where the data lives, who keeps the keys, which clock counts through sleep.

#[cfg(target_os = "android")]
mod android;
#[cfg(target_os = "android")]
mod android_keys;
#[cfg(not(target_os = "android"))]
mod desktop;

#[cfg(target_os = "android")]
use android as here;
#[cfg(not(target_os = "android"))]
use desktop as here;

use std::sync::Arc;
use std::time::Duration;

use super::clock::SystemClock;
use super::sending::Network;
use super::{OpenError, Setup};

/// The name of the data folder, where the platform does not give the app one of its own.
#[cfg(not(target_os = "android"))]
const APP: &str = "xieguan";

/// What this platform gives a device. On Android only after the activity has started.
///
/// # Errors
/// [`OpenError::Folder`] when the platform names no data folder.
pub fn setup() -> Result<Setup, OpenError> {
    let folder = here::data_folder().map_err(OpenError::Folder)?;
    let keys = here::key_store(&folder);
    Ok(Setup { folder, keys, clock: Arc::new(SystemClock) })
}

/// Time since the machine started, sleep included where the platform can tell; else since the first call.
pub(super) fn elapsed() -> Duration {
    here::since_boot().unwrap_or_else(since_first_call)
}

/// Opens an address outside the app: `tel:` the dialler, `sms:` the messages. Where the platform has neither
/// (desktops), nothing happens.
pub(super) fn open_outside(address: &str) -> std::io::Result<()> {
    here::open_outside(address)
}

/// Free bytes where this folder lies, as far as this app may take them; unknown where the system does not say.
pub(super) fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Over what the phone is connected, where the platform tells.
pub(super) fn network() -> Option<Network> {
    here::network()
}

fn since_first_call() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(std::time::Instant::now).elapsed()
}
