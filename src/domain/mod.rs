//! Pure rules and documents: no file, no network, no clock, no async, no randomness.

pub mod id;
