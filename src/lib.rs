//! 协管: the coordinator's phone and the bureau that receives its records.
//!
//! The layers, in reading order; each may name only those that the layer test allows it.

pub mod domain;
pub mod fault;
pub mod media;
pub mod wire;
pub mod store;
pub mod view;
pub mod sync;
pub mod device;
pub mod ui;
#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub mod bureau;
#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub mod fieldsim;
