//! What is being typed into a form that is not kept yet: it outlives the process, because nothing is typed twice.

use dioxus::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live::use_device;
use crate::device::Device;

/// What the form of this name held, if it was left before it was kept.
pub async fn jotted<T: DeserializeOwned>(device: &Device, form: &str) -> Option<T> {
    let text = device.jotted(form).await.ok().flatten()?;
    // A form of an older version that does not fit begins empty.
    serde_json::from_str(&text).ok()
}

/// What of a form would outlive the process now.
#[derive(Clone, Copy, PartialEq)]
pub struct Jot(Signal<Option<String>>);

impl Jot {
    /// Whether all of this is durable; for the caller's drawing.
    pub fn holds<T: Serialize>(self, given: Option<&T>) -> bool {
        *self.0.read() == text(given)
    }
}

fn text<T: Serialize>(given: Option<&T>) -> Option<String> {
    given.and_then(|given| serde_json::to_string(given).ok())
}

/// Remembers what `now` gives whenever it changes; `None` is nothing worth it.
pub fn use_jot<T: Serialize>(form: String, now: impl Fn() -> Option<T> + 'static) -> Jot {
    let device = use_device();
    let text = use_memo(move || text(now().as_ref()));
    // What was just read is durable, and what nobody typed needs no keeping.
    let mut durable = use_signal(|| text.peek().clone());
    use_effect(move || {
        let text = text();
        if *durable.peek() == text {
            return;
        }
        let (device, form) = (device.clone(), form.clone());
        spawn(async move {
            match device.jot(&form, text.clone()).await {
                Ok(()) => durable.set(text),
                Err(error) => tracing::warn!(%error, form, "what is being typed was not kept"),
            }
        });
    });
    Jot(durable)
}

/// The form was kept: what it held is there now.
pub async fn kept(device: &Device, form: &str) {
    if let Err(error) = device.jot(form, None).await {
        tracing::warn!(%error, form, "a form that was kept comes back filled");
    }
}
