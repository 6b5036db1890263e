//! From the start to the first screen: opens the device off the screen's thread, and says in words what is wrong
//! when it does not open. Nothing is ever deleted, so every sentence can say that the data is still there.

use std::path::PathBuf;

use dioxus::prelude::*;

use super::history::{opening, use_history_provider};
use super::launch::Startup;
use super::live::use_device_provider;
use super::network::use_network;
use super::position::LastPlace;
use super::prefs::{use_kept_looks, use_prefs_provider, use_words};
use super::route::Route;
use super::screens::about::Leaving;
use super::screens::sites::{LastSearch, Looking};
use super::screens::welcome::Welcome;
use super::thumbs::use_thumbs;
use crate::device::habits::{Habits, Looks, looks_beside};
use crate::device::{Device, Error, OpenError, StoreOpenError, platform};

/// Why the app cannot start, by the screen it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Closed {
    CannotUnlock,
    KeptAside(PathBuf),
    Newer,
    Full,
    Folder(String),
}

/// The same with the looks in which to say it.
#[derive(Clone, Debug, PartialEq)]
struct Failed {
    closed: Closed,
    looks: Option<Looks>,
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

impl From<Error> for Closed {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "the phone's data is open and cannot be read");
        Self::Folder(error.to_string())
    }
}

/// A device as a property: opened once, so always the same; with what the first screen depends on.
#[derive(Clone)]
struct Opened(Device, Start);

/// What the first screen depends on.
#[derive(Clone)]
struct Start {
    habits: Habits,
    steps: Vec<String>,
}

impl Start {
    /// Reads the habits, and leaves out of the way what can no longer be shown.
    async fn of(device: &Device) -> Result<Self, Error> {
        let habits = device.habits().await?;
        let mut open = Vec::new();
        for visit in habits.place.iter().filter_map(|step| step.parse::<Route>().ok()?.visit()) {
            // One that was put aside opens too: there it can be brought back.
            if device.visit(visit).await?.is_some() || device.discarded(visit).await?.is_some() {
                open.push(visit);
            }
        }
        let steps = opening(&habits.place, |route| route.visit().is_none_or(|visit| open.contains(&visit)));
        Ok(Self { habits, steps })
    }
}

impl PartialEq for Opened {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The whole app.
#[component]
pub fn App() -> Element {
    use_prefs_provider();
    let mut opened = use_resource(open);
    let shown = match &*opened.read() {
        None => None,
        Some(Ok(device)) => Some(Ok(device.clone())),
        Some(Err(failed)) => Some(Err(failed.clone())),
    };
    match shown {
        None => rsx! { Splash {} },
        Some(Ok(device)) => rsx! { Ready { device } },
        Some(Err(failed)) => rsx! { CannotOpen { failed, on_again: move |()| opened.restart() } },
    }
}

async fn open() -> Result<Opened, Failed> {
    let at_all = |error: OpenError| Failed { closed: error.into(), looks: None };
    let setup = platform::setup().map_err(at_all)?;
    let folder = setup.folder.clone();
    let opened = async {
        let device = Device::open(setup).await?;
        let start = Start::of(&device).await?;
        Ok::<_, Closed>(Opened(device, start))
    };
    match opened.await {
        Ok(opened) => Ok(opened),
        Err(closed) => Err(Failed { closed, looks: looks_beside(folder).await }),
    }
}

#[component]
fn Ready(device: Opened) -> Element {
    let Opened(device, start) = device;
    use_device_provider(device.clone());
    use_context_provider(|| LastPlace(Signal::new(None)));
    use_kept_looks(start.habits.looks.clone());
    use_thumbs(device.clone());
    use_future(tell_how_long);
    let mut agreed = use_signal(|| start.habits.consent.is_some());
    use_context_provider(|| Leaving(agreed));
    if agreed() {
        rsx! { Routed { device: Opened(device, start) } }
    } else {
        rsx! { Welcome { on_agreed: move |()| agreed.set(true) } }
    }
}

/// Ends when a screen with what belongs on it has been painted.
const PAINTED: &str = "const whole=()=>document.querySelector('.screen:not(.splash)')&&!document.querySelector('.loading');\
for(;;){await new Promise(done=>requestAnimationFrame(done));if(whole())break}\
await new Promise(done=>requestAnimationFrame(done));return true";

/// Writes into the log how long the start took.
async fn tell_how_long() {
    let Some(begun) = consume_context::<Startup>().begun else { return };
    if document::eval(PAINTED).join::<bool>().await.is_ok() {
        tracing::info!(ms = begun.elapsed().as_millis() as u64, "the first screen is there");
    }
}

/// The screens; nothing of them is there before the coordinator has agreed.
#[component]
fn Routed(device: Opened) -> Element {
    use_history_provider(device.0, device.1.steps);
    use_network();
    use_context_provider(|| LastSearch(Signal::new(Looking::default())));
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
fn CannotOpen(failed: Failed, on_again: EventHandler<()>) -> Element {
    use_kept_looks(failed.looks);
    let w = use_words();
    let (title, what, next, detail) = match failed.closed {
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
