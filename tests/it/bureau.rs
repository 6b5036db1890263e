//! The bureau: a real server on port 0, real SQLite, real files, a real HTTP client.

mod office;
mod enrolment;
mod records;
mod photos;
mod changes;
mod process;
