//! What several modules need.

pub(crate) mod pictures;
pub(crate) mod records;
