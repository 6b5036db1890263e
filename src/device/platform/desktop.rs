//! Desktops (and, untried, iOS): the folder from the environment, the keys in a file.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::APP;
use crate::device::keys::{FileKeyStore, KeyStore};
use crate::device::sending::Network;

/// `XIEGUAN_DATA`, else the user's data folder by the XDG rules.
pub(super) fn data_folder() -> io::Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || {
        let own = if cfg!(any(target_os = "macos", target_os = "ios")) {
            "Library/Application Support"
        } else {
            ".local/share"
        };
        set("HOME").map(|home| home.join(own).join(APP))
    };
    // The rules say that a relative path is no valid value.
    let xdg = || set("XDG_DATA_HOME").filter(|path| path.is_absolute()).map(|path| path.join(APP));
    let missing =
        || io::Error::new(io::ErrorKind::NotFound, "none of XIEGUAN_DATA, XDG_DATA_HOME, HOME is set");
    set("XIEGUAN_DATA").or_else(xdg).or_else(home).ok_or_else(missing)
}

pub(super) fn key_store(folder: &Path) -> Box<dyn KeyStore> {
    Box::new(FileKeyStore::new(folder.join("keys").join("device.key")))
}

/// A desktop has no dialler.
pub(super) fn open_outside(address: &str) -> io::Result<()> {
    tracing::info!(address, "nothing here to telephone with");
    Ok(())
}

/// A desktop does not say.
pub(super) fn network() -> Option<Network> {
    None
}

/// Linux counts sleep in `/proc/uptime`; elsewhere there is no such file.
pub(super) fn since_boot() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}
