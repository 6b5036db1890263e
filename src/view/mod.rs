//! Read-only parts: values in, markup out; used by phone and console. No handlers, no links of a router, no
//! state, no I/O, so that the phone's screen and the bureau's page print the same record.
//!
//! Whatever a person typed stands in a `bdi`, so that no name can turn the line around it.

pub mod words;
pub mod text;
pub mod badge;
pub mod photo;
pub mod signature;
pub mod place;
pub mod item;
pub mod finding;
pub mod record;
pub mod remark;

/// The colours of phone and console.
pub const TOKENS_CSS: &str = include_str!("../../assets/tokens.css");

/// The look of the parts in this layer; comes after the tokens and before the page's own sheet.
pub const PARTS_CSS: &str = include_str!("../../assets/parts.css");
