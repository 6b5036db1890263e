//! The bureau: storage, the phones' interface, the console.
