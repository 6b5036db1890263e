//! Reporting at once: the banner over the sheet, and the immediate sheet with the telephone numbers, the prepared
//! message, the tries made and the report in writing. All of it works without a network and before enrolment.

mod banner;
mod calls;
pub mod screen;
mod writing;

pub use banner::UrgentBanner;
