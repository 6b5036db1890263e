//! 协管: the coordinator's phone and the bureau that receives its records.
//!
//! The layers, in reading order; each may name only those above it (see `tests/it/layers.rs`).

pub mod domain;
pub mod media;
