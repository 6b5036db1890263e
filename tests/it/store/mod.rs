//! The phone's database: durable at every step, closed to others, never deleted. Real SQLCipher files throughout.

mod crash;
mod drafts;
mod opening;
mod outbox;
mod sample;
mod sites;
