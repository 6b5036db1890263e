//! The screens beside the sheet; each loads, shows and hands on.

pub mod done;
pub mod about;
pub mod enrol;
pub mod locate;
mod hands;
pub mod mine;
pub mod new_site;
pub mod outbox;
mod outbox_row;
pub mod practice;
pub mod receipt;
pub mod returned;
pub mod review;
mod review_findings;
mod review_guidance;
mod review_photo;
mod review_problems;
pub mod shell;
pub mod sign;
pub mod site;
pub mod site_card;
pub mod sites;
pub mod start;
pub mod today;
pub mod welcome;
