//! Every integration test in one binary; the modules mirror `src`.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod agreement;
mod bureau;
mod console;
mod device;
mod domain;
mod faults;
mod judging;
mod layers;
mod licences;
mod load;
mod manifest;
mod media;
mod protocol;
mod store;
mod support;
mod sync;
mod sync_failures;
mod sync_lanes;
mod sync_live;
mod tls;
mod ui_thread;
mod view;
