//! Hooks that keep a screen in step with the device.

use std::future::Future;

use dioxus::prelude::*;

use crate::device::Device;
use crate::device::outbox::Standing;

/// Counts up after every change on the device.
#[derive(Clone, Copy, PartialEq)]
pub struct Version(Signal<u64>);

/// The device of this phone.
pub fn use_device() -> Device {
    use_context::<Device>()
}

/// Provides device and version to everything below.
pub fn use_device_provider(device: Device) {
    let device = use_context_provider(|| device);
    let mut version = use_context_provider(|| Version(Signal::new(0)));
    use_future(move || {
        let mut changes = device.changes();
        async move {
            while changes.changed().await.is_ok() {
                let now = *changes.borrow_and_update();
                version.0.set(now);
            }
        }
    });
}

/// Loads, and loads again whenever something on the device has changed. What was loaded last stays until then.
pub fn use_live<T, F>(mut load: impl FnMut(Device) -> F + 'static) -> Resource<T>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    let device = use_device();
    let version = use_context::<Version>();
    use_resource(move || {
        let _subscribed = version.0.read();
        load(device.clone())
    })
}

/// How sending stands, live.
pub fn use_standing() -> Signal<Standing> {
    let device = use_device();
    let mut standing = use_signal(Standing::default);
    use_future(move || {
        let mut receiver = device.standing();
        async move {
            loop {
                let now = receiver.borrow_and_update().clone();
                standing.set(now);
                if receiver.changed().await.is_err() {
                    break;
                }
            }
        }
    });
    standing
}
