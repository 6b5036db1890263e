//! The phone's screens: routes, inputs, and what only a webview can do (camera, position, canvas).
//!
//! A screen loads through [`crate::device::Device`], shows, and hands back what the coordinator gave. No component
//! here touches the database, a file, the network or a lock.

pub mod camera;
pub mod history;
pub mod launch;
pub mod jot;
pub mod live;
pub mod network;
pub mod opening;
pub mod pad;
pub mod position;
pub mod prefs;
pub mod route;
pub mod saving;
pub mod say;
pub mod screens;
pub mod sheet;
pub mod thumbs;
pub mod urgent;
pub mod writer;

pub use launch::Startup;
pub use opening::App;
