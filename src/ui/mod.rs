//! The phone's screens.
