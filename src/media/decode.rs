//! From bytes to pixels within fixed bounds: what kind of file, how many pixels, then decode.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use super::{Refused, exif, jpeg};

/// Most pixels of a JPEG; it is decoded at a fraction of its size, so that these never all exist.
pub const JPEG_MAX_PIXELS: u64 = 120_000_000;
/// Most pixels of a progressive JPEG, whose coefficients must be held for the whole picture.
pub const PROGRESSIVE_MAX_PIXELS: u64 = 48_000_000;
/// Most pixels of a PNG or WebP, which can only be decoded whole.
pub const RASTER_MAX_PIXELS: u64 = 16_000_000;

/// A PNG of 16 megapixels in 16-bit RGBA is 128 MiB; the rest is the decoder's own.
const RASTER_MAX_ALLOC: u64 = 192 << 20;

/// The file kinds taken as photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG, what cameras write.
    Jpeg,
    /// PNG, what screenshots are.
    Png,
    /// WebP; of an animation the first frame.
    Webp,
}

impl Kind {
    /// Tells the kind from the first bytes; names and declared types are not believed.
    pub fn of(bytes: &[u8]) -> Result<Self, Refused> {
        match bytes {
            [] => Err(Refused::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            _ => Err(Refused::NotAPicture),
        }
    }
}

/// A decoded picture, perhaps already smaller than its file says, and what the file knew of it.
pub(super) struct Decoded {
    pub(super) kind: Kind,
    pub(super) pixels: RgbImage,
    /// Width and height in the file, before turning.
    pub(super) stored: (u32, u32),
    pub(super) orientation: Orientation,
    pub(super) taken: Option<exif::Taken>,
    /// The colour profile, when it is an ordinary RGB one.
    pub(super) profile: Option<Vec<u8>>,
}

/// Decodes so that the long edge is at least `edge` pixels, or the picture's own if shorter.
pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Refused> {
    let kind = Kind::of(bytes)?;
    // The decoders are safe Rust, but all have had panics on crafted files; one bad file from an
    // album must not take the day's draft down with it.
    catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Jpeg => jpeg::decode(bytes, edge),
        Kind::Png => raster(bytes, kind, ImageFormat::Png),
        Kind::Webp => raster(bytes, kind, ImageFormat::WebP),
    }))
    .unwrap_or_else(|_| Err(Refused::Broken("the decoder gave up".into())))
}

/// Refuses more than `limit` pixels.
pub(super) fn within(width: u32, height: u32, limit: u64) -> Result<(), Refused> {
    if width == 0 || height == 0 {
        return Err(Refused::Broken("a picture without pixels".into()));
    }
    if u64::from(width) * u64::from(height) > limit {
        return Err(Refused::TooManyPixels { width, height, limit });
    }
    Ok(())
}

/// Keeps a profile only if it is small and describes RGB, as everything here ends as RGB.
pub(super) fn usable_profile(profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    profile.filter(|profile| profile.len() <= 16 << 10 && profile.get(16..20) == Some(b"RGB "))
}

fn raster(bytes: &[u8], kind: Kind, format: ImageFormat) -> Result<Decoded, Refused> {
    if let Some((width, height)) = png_size(bytes) {
        within(width, height, RASTER_MAX_PIXELS)?;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(RASTER_MAX_ALLOC);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    within(width, height, RASTER_MAX_PIXELS)?;
    let tiff = decoder.exif_metadata().ok().flatten();
    let (orientation, taken) = exif::read(tiff.as_deref());
    let profile = usable_profile(decoder.icc_profile().ok().flatten());
    let pixels = on_white(DynamicImage::from_decoder(decoder).map_err(broken)?);
    Ok(Decoded { kind, pixels, stored: (width, height), orientation, taken, profile })
}

/// The size a PNG declares; read here because the decoder calls a huge one merely broken.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(12..24)?.strip_prefix(b"IHDR")?;
    let (width, height) = header.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height.first_chunk()?)))
}

/// Drops transparency as if the picture lay on white paper.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    let mut bytes = picture.into_raw();
    // In place, since the RGB picture is shorter at every point than the RGBA one read.
    for pixel in 0..bytes.len() / 4 {
        let alpha = u32::from(bytes[pixel * 4 + 3]);
        for channel in 0..3 {
            let colour = u32::from(bytes[pixel * 4 + channel]);
            bytes[pixel * 3 + channel] = ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    bytes.truncate(bytes.len() / 4 * 3);
    RgbImage::from_raw(width, height, bytes).expect("three bytes are left of every four")
}

fn broken(error: image::ImageError) -> Refused {
    Refused::Broken(error.to_string())
}
