//! Pictures as bytes: told apart, turned upright, made small, stamped, hashed; and the sealed
//! folder that keeps them on the phone.
//!
//! Bytes go in and bytes come out: this layer has no clock, no network and no database, and it
//! trusts no byte it is given. Limits are checked before anything is decoded, so that a hostile
//! file costs neither memory nor the process.

pub mod folder;
pub mod qr;

mod decode;
mod exif;
mod font;
mod ink;
mod jpeg;
mod prepare;
mod segments;
mod stamp;

pub use decode::{JPEG_MAX_PIXELS, Kind, PROGRESSIVE_MAX_PIXELS, RASTER_MAX_PIXELS};
pub use exif::{Position, Taken};
pub use prepare::{DERIVED_AIM_BYTES, DERIVED_EDGE, Prepared, prepare, thumbnail};
pub use stamp::{Stamp, StampFix};

/// Why bytes were not taken as a photo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There are no bytes: the camera or the picker handed over nothing.
    #[error("the file is empty")]
    Empty,
    /// The bytes begin like none of JPEG, PNG and WebP.
    #[error("neither a JPEG nor a PNG nor a WebP picture")]
    NotAPicture,
    /// The picture is real but larger than a phone can safely decode.
    #[error("{width} × {height} pixels are more than the limit of {limit}")]
    TooManyPixels {
        /// Width as the file declares it.
        width: u32,
        /// Height as the file declares it.
        height: u32,
        /// The most pixels taken for this kind of file.
        limit: u64,
    },
    /// The file begins like a picture but is cut off, damaged or of an exotic kind.
    #[error("damaged or unreadable picture: {0}")]
    Broken(String),
}
