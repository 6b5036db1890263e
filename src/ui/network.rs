//! Over what the phone is connected, as far as its webview tells: Android's does, others mostly do not; and when a
//! network is back, or may be.

use dioxus::prelude::*;

use super::live::use_device;
use crate::device::sending::Network;

const SCRIPT: &str = r#"
const link = navigator.connection;
const tell = () => dioxus.send(link && typeof link.type === 'string' ? link.type : '');
// Of a Wi-Fi that became another one the page hears nothing, and that one may be a phone's.
const back = () => { tell(); dioxus.send('back'); };
tell();
if (link && link.addEventListener) link.addEventListener('change', tell);
window.addEventListener('online', back);
// A phone that slept is told of no network it found meanwhile.
document.addEventListener('visibilitychange', () => { if (!document.hidden) back(); });
await new Promise(() => {});
"#;

/// In place of a kind: a network is back.
const BACK: &str = "back";

/// Keeps the device told.
pub fn use_network() {
    let device = use_device();
    use_future(move || {
        let device = device.clone();
        async move {
            let mut page = document::eval(SCRIPT);
            while let Ok(kind) = page.recv::<String>().await {
                let told = match kind.as_str() {
                    BACK => device.network_returned().await,
                    kind => device.note_network(named(kind)).await,
                };
                if let Err(error) = told {
                    tracing::warn!(%error, "the network was not noted");
                }
            }
        }
    });
}

/// The kinds of the Network Information API.
fn named(kind: &str) -> Network {
    match kind {
        "wifi" | "ethernet" => Network::Free,
        "cellular" | "bluetooth" | "wimax" => Network::Metered,
        _ => Network::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_surely_free_or_metered_is_unknown() {
        assert_eq!(named("wifi"), Network::Free);
        assert_eq!(named("cellular"), Network::Metered);
        for kind in ["", "none", "other", "unknown", "mixed"] {
            assert_eq!(named(kind), Network::Unknown, "{kind}");
        }
    }
}
