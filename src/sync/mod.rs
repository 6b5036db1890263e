//! The outbox on its way: a pure plan, a client, a worker that wakes, sends and sleeps.
//!
//! `sync` never deletes a record or a photo; only a verified receipt lets `store` end a row.

pub mod client;
pub mod pins;
pub mod plan;
pub mod worker;
mod call_error;
mod desk;
mod http;
mod lane;
mod pace;
mod pull;
mod receipts;
mod send;
mod speed;
mod task;
mod trust;
mod upload;
mod why;

pub use pull::{HEARD, PROOFS_DOUBTED};
