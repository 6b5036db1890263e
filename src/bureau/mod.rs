//! The bureau: storage, the phones' interface, the console.

pub mod storage;
pub mod secret;
pub mod password;
