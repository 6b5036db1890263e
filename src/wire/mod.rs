//! What crosses the network, version 1: envelopes, receipts, failures, and the trait both ends implement.
//!
//! The documents themselves are `domain`'s. Old phones keep talking to new bureaus and the other way round, so
//! every type here tolerates unknown fields and every list tolerates unknown kinds.

pub mod sealed;
pub mod enrolment;
pub mod changes;
pub mod receipt;
pub mod sidecar;
pub mod failure;
pub mod pins;
pub mod ticket;
pub mod tus;
pub mod api;

/// The media type of every failure (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Header with the bureau's id on every answer of ours; an answer without it is somebody else's.
pub const BUREAU_HEADER: &str = "x-xieguan-bureau";
