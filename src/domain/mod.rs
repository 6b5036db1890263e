//! Pure rules and documents: no file, no network, no clock, no async, no randomness.
//!
//! Half-filled input is normal here: every rule is a total function and returns problems as data.

pub mod id;
pub mod text;
pub mod reading;
pub mod place;
pub mod site;
pub mod checklist;
pub mod condition;
pub mod validate;
pub mod answer;
pub mod judge;
pub mod keep;
pub mod finding;
pub mod last;
pub mod problem;
pub mod due;
pub mod review;
pub mod difference;
pub mod summary;
pub mod wording;
pub mod inspection;
pub mod document;
pub mod report;
pub mod new_site;
pub mod confidential;
pub mod seal;
