//! What several modules need.

pub(crate) mod clients;
pub(crate) mod odd_bureau;
pub(crate) mod phone;
pub(crate) mod pictures;
pub(crate) mod records;
pub(crate) mod rounds;
pub(crate) mod served;
pub(crate) mod trouble;
pub(crate) mod unsynced;
