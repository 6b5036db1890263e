//! The phone's database: durable at every step, closed to others, never deleted. Real SQLCipher files throughout.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

mod crash;
mod drafts;
mod opening;
mod outbox;
mod sample;
mod search;
mod sites;
