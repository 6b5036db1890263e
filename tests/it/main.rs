//! Every integration test in one binary; the modules mirror `src`.

mod bureau;
mod console;
mod device;
mod domain;
mod layers;
mod manifest;
mod media;
mod store;
mod support;
mod sync;
mod sync_live;
mod view;
