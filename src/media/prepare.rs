//! One photo from the camera's bytes to what is sent: upright, small, stamped, named by its hash.

use fast_image_resize as fir;
use image::{DynamicImage, RgbImage};

use super::decode::{Kind, decode};
use super::exif::{self, Taken};
use super::jpeg::{Extras, encode};
use super::stamp::Stamp;
use super::{Refused, ink};
use crate::domain::id::{Digest, PhotoId};

/// Long edge of a derived picture in pixels.
pub const DERIVED_EDGE: u32 = 1600;
/// What a derived picture should weigh at most.
pub const DERIVED_AIM_BYTES: usize = 400_000;

/// No list shows a thumbnail larger than this.
const THUMBNAIL_AIM_BYTES: usize = 60_000;

/// A photo ready to be kept: the original named, the derived picture made.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Hash of the bytes as the camera handed them over.
    pub original: PhotoId,
    /// What kind of file they are.
    pub original_kind: Kind,
    /// How many they are.
    pub original_len: usize,
    /// What the original's EXIF says of its exposure.
    pub taken: Option<Taken>,
    /// The stamped JPEG.
    pub derived: Vec<u8>,
    /// Hash of the stamped JPEG.
    pub derived_id: PhotoId,
    /// Width of the stamped JPEG.
    pub width: u32,
    /// Height of the stamped JPEG.
    pub height: u32,
    /// False when the picture is too small to carry a readable stamp; EXIF still has time and place.
    pub stamped: bool,
}

/// Makes the derived picture of a photo; the original's bytes are only read.
pub fn prepare(original: &[u8], stamp: &Stamp) -> Result<Prepared, Refused> {
    let decoded = decode(original, DERIVED_EDGE)?;
    let (kind, taken, profile) = (decoded.kind, decoded.taken, decoded.profile.clone());
    let mut picture = shrunk(decoded, DERIVED_EDGE)?;
    let stamped = ink::draw(&mut picture, stamp);
    let exif = exif::write(stamp);
    let extras = Extras { exif: exif.as_deref(), profile: profile.as_deref() };
    let derived = encode(&picture, DERIVED_AIM_BYTES, &extras)?;
    Ok(Prepared {
        original: Digest::of(original),
        original_kind: kind,
        original_len: original.len(),
        taken,
        derived_id: Digest::of(&derived),
        derived,
        width: picture.width(),
        height: picture.height(),
        stamped,
    })
}

/// A small upright JPEG of a picture, at most `edge` pixels long, without EXIF.
pub fn thumbnail(picture: &[u8], edge: u32) -> Result<Vec<u8>, Refused> {
    let edge = edge.clamp(1, DERIVED_EDGE);
    let mut decoded = decode(picture, edge)?;
    let profile = decoded.profile.take();
    let extras = Extras { exif: None, profile: profile.as_deref() };
    encode(&shrunk(decoded, edge)?, THUMBNAIL_AIM_BYTES, &extras)
}

/// Brings the long edge down to `edge`, then turns the picture upright: in this order, because
/// turning touches every pixel.
fn shrunk(decoded: super::decode::Decoded, edge: u32) -> Result<RgbImage, Refused> {
    let (width, height) = fitted(decoded.stored, edge);
    let pixels = decoded.pixels;
    let small = if pixels.dimensions() == (width, height) { pixels } else { resized(pixels, width, height)? };
    let mut upright = DynamicImage::ImageRgb8(small);
    upright.apply_orientation(decoded.orientation);
    Ok(upright.into_rgb8())
}

/// The size with the long edge at most `edge`; never larger than it was, never zero.
fn fitted((width, height): (u32, u32), edge: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= edge {
        return (width, height);
    }
    let scale = |side: u32| {
        let side = u64::from(side) * u64::from(edge) + u64::from(long) / 2;
        (side / u64::from(long)).max(1) as u32
    };
    (scale(width), scale(height))
}

fn resized(pixels: RgbImage, width: u32, height: u32) -> Result<RgbImage, Refused> {
    let unfit = |error: &dyn std::fmt::Display| Refused::Broken(error.to_string());
    let (from_width, from_height) = pixels.dimensions();
    let from =
        fir::images::Image::from_vec_u8(from_width, from_height, pixels.into_raw(), fir::PixelType::U8x3)
            .map_err(|e| unfit(&e))?;
    let mut to = fir::images::Image::new(width, height, fir::PixelType::U8x3);
    fir::Resizer::new().resize(&from, &mut to, None).map_err(|e| unfit(&e))?;
    RgbImage::from_raw(width, height, to.into_vec())
        .ok_or_else(|| Refused::Broken("the resized picture has the wrong length".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_edge_is_brought_down_and_never_up() {
        for (from, to) in [
            ((4000, 3000), (1600, 1200)),
            ((3000, 4000), (1200, 1600)),
            ((1600, 1600), (1600, 1600)),
            ((640, 480), (640, 480)),
            ((60, 2000), (48, 1600)),
            ((65_535, 1), (1600, 1)),
            ((1, 1), (1, 1)),
        ] {
            assert_eq!(fitted(from, 1600), to, "{from:?}");
        }
    }
}
