//! The bureau: a real server on port 0, real SQLite, real files, a real HTTP client.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

mod office;
mod durable;
mod enrolment;
mod records;
mod others;
mod photos;
mod tus;
mod tus_limits;
mod clients;
mod openapi;
mod openapi_codes;
mod openapi_values;
mod changes;
pub(crate) mod process;
mod intake;
mod full;
mod export;
mod decisions;
mod decisions_kept;
mod decisions_export;
mod decisions_page;
mod phones;
mod crowd;
mod connections;
