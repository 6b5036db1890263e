//! Bytes of pictures: orient, shrink, stamp, hash; a sealed folder of them.

pub mod folder;

/// Why a picture is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No bytes.
    #[error("empty")]
    Empty,
}
