//! From the start to the first screen: opens the device off the screen's thread, and says in words what is wrong
//! when it does not open. Nothing is ever deleted, so every sentence can say that the data is still there.

use std::path::PathBuf;

use dioxus::prelude::*;

use super::live::use_device_provider;
use super::position::LastPlace;
use super::prefs::{use_prefs_provider, use_words};
use super::route::Route;
use super::thumbs::use_thumbs;
use crate::device::{Device, OpenError, StoreOpenError, platform};

/// Why the app cannot start, by the screen it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Closed {
    CannotUnlock,
    KeptAside(PathBuf),
    Newer,
    Full,
    Folder(String),
}

impl From<OpenError> for Closed {
    fn from(error: OpenError) -> Self {
        tracing::error!(%error, "the phone's data is not open");
        match error {
            OpenError::CannotUnlock(_) | OpenError::Store(StoreOpenError::CannotUnlock) => Self::CannotUnlock,
            OpenError::Store(StoreOpenError::Corrupt { kept }) => Self::KeptAside(kept),
            OpenError::Store(StoreOpenError::Newer { .. }) => Self::Newer,
            OpenError::Store(StoreOpenError::Full) => Self::Full,
            OpenError::Store(error) => Self::Folder(error.to_string()),
            OpenError::Folder(error) => Self::Folder(error.to_string()),
        }
    }
}

/// A device as a property: opened once, so always the same.
#[derive(Clone)]
struct Opened(Device);

impl PartialEq for Opened {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The whole app.
#[component]
pub fn App() -> Element {
    use_prefs_provider();
    let mut opened = use_resource(|| async {
        let device = Device::open(platform::setup()?).await?;
        Ok::<_, Closed>(Opened(device))
    });
    let shown = match &*opened.read() {
        None => None,
        Some(Ok(device)) => Some(Ok(device.clone())),
        Some(Err(closed)) => Some(Err(closed.clone())),
    };
    match shown {
        None => rsx! { Splash {} },
        Some(Ok(device)) => rsx! { Ready { device } },
        Some(Err(closed)) => rsx! { CannotOpen { closed, on_again: move |()| opened.restart() } },
    }
}

#[component]
fn Ready(device: Opened) -> Element {
    use_device_provider(device.0.clone());
    use_context_provider(|| LastPlace(Signal::new(None)));
    use_thumbs(device.0);
    rsx! { Router::<Route> {} }
}

#[component]
fn Splash() -> Element {
    let w = use_words();
    rsx! {
        main { class: "screen splash",
            h1 { {w.app} }
            p { role: "status", {w.opening} }
        }
    }
}

#[component]
fn CannotOpen(closed: Closed, on_again: EventHandler<()>) -> Element {
    let w = use_words();
    let (title, what, next, detail) = match closed {
        Closed::CannotUnlock => (w.locked_title, w.locked_what, w.locked_next, String::new()),
        Closed::KeptAside(kept) => {
            (w.damaged_title, w.damaged_what, w.damaged_next, kept.display().to_string())
        }
        Closed::Newer => (w.newer_title, w.newer_what, w.newer_next, String::new()),
        Closed::Full => (w.full_title, w.full_what, w.full_next, String::new()),
        Closed::Folder(why) => (w.folder_title, w.folder_what, w.folder_next, why),
    };
    rsx! {
        main { class: "screen closed", role: "alert", id: "cannot-open",
            h1 { {title} }
            p { {what} }
            p { {next} }
            if !detail.is_empty() { p { class: "hint detail", dir: "auto", {detail} } }
            button { class: "btn p", r#type: "button", onclick: move |_| on_again.call(()), {w.try_again} }
        }
    }
}
