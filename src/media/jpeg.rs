//! JPEG in and out: decoded at a fraction of its size by a smaller inverse transform, encoded to
//! a number of bytes aimed at.

use image::RgbImage;
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};

use super::decode::{
    Decoded, JPEG_MAX_PIXELS, Kind, PROGRESSIVE_MAX_PIXELS, RASTER_MAX_PIXELS, usable_profile, within,
};
use super::{Refused, exif};

/// No camera and no editor writes more scans; a file of thousands keeps a processor busy for
/// minutes with a few kilobytes.
const MAX_SCANS: usize = 100;

/// Qualities to try, best first. Below the last one the picture is no evidence any more.
const QUALITIES: [u8; 8] = [82, 75, 68, 60, 50, 40, 30, 22];

/// Decodes to at least `edge` pixels along the long edge, in steps of a half.
pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Refused> {
    let mut decoder = Decoder::new(bytes);
    let header = decoder.read_info();
    // A huge picture is refused as such even if its file ends right after the size.
    let info = match decoder.info() {
        Some(info) => info,
        None => return Err(header.err().map_or(Refused::Broken("no size".into()), broken)),
    };
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    within(width, height, limit(info.coding_process))?;
    header.map_err(broken)?;
    if scans(bytes) > MAX_SCANS {
        return Err(Refused::Broken("more scans than any camera writes".into()));
    }
    let (orientation, taken) = exif::read(decoder.exif_data());
    let (wide, high) = scaled_request(info.width, info.height, edge);
    let (width, height) = decoder.scale(wide, high).map_err(broken)?;
    let pixels = decoder.decode().map_err(broken)?;
    let profile = match info.pixel_format {
        PixelFormat::RGB24 => usable_profile(decoder.icc_profile()),
        _ => None,
    };
    let pixels = to_rgb(pixels, info.pixel_format)
        .and_then(|rgb| RgbImage::from_raw(width.into(), height.into(), rgb))
        .ok_or_else(|| Refused::Broken("a kind of JPEG that is not for photos".into()))?;
    let stored = (info.width.into(), info.height.into());
    Ok(Decoded { kind: Kind::Jpeg, pixels, stored, orientation, taken, profile })
}

fn limit(process: CodingProcess) -> u64 {
    match process {
        CodingProcess::DctSequential => JPEG_MAX_PIXELS,
        CodingProcess::DctProgressive => PROGRESSIVE_MAX_PIXELS,
        CodingProcess::Lossless => RASTER_MAX_PIXELS,
    }
}

/// Start-of-scan markers. Within a scan 0xff is always stuffed, so none is counted by chance
/// there; an embedded thumbnail adds a few.
fn scans(bytes: &[u8]) -> usize {
    bytes.windows(2).filter(|pair| *pair == [0xff, 0xda]).count()
}

/// The decoder takes the smallest scale at which **one** edge is large enough; asking the
/// impossible of the short edge makes it look at the long one only.
fn scaled_request(width: u16, height: u16, edge: u32) -> (u16, u16) {
    let edge = u16::try_from(edge).unwrap_or(u16::MAX);
    if width >= height { (edge, u16::MAX) } else { (u16::MAX, edge) }
}

fn to_rgb(pixels: Vec<u8>, format: PixelFormat) -> Option<Vec<u8>> {
    match format {
        PixelFormat::RGB24 => Some(pixels),
        PixelFormat::L8 => Some(pixels.iter().flat_map(|&grey| [grey; 3]).collect()),
        PixelFormat::CMYK32 => Some(pixels.chunks_exact(4).flat_map(from_cmyk).collect()),
        PixelFormat::L16 => None,
    }
}

fn from_cmyk(ink: &[u8]) -> [u8; 3] {
    let light = 255 - u32::from(ink[3]);
    [ink[0], ink[1], ink[2]].map(|ink| ((255 - u32::from(ink)) * light / 255) as u8)
}

/// What goes into the file beside the pixels.
#[derive(Default)]
pub(super) struct Extras<'a> {
    pub(super) exif: Option<&'a [u8]>,
    pub(super) profile: Option<&'a [u8]>,
}

/// Encodes at the best quality that stays within `aim` bytes, or at the lowest.
pub(super) fn encode(picture: &RgbImage, aim: usize, extras: &Extras<'_>) -> Result<Vec<u8>, Refused> {
    let best = encode_at(picture, QUALITIES[0], extras)?;
    if best.len() <= aim {
        return Ok(best);
    }
    // Halving the ladder: at most three more encodings, and the common case needed one.
    let (mut low, mut high) = (1, QUALITIES.len() - 1);
    let mut fitting = None;
    while low <= high {
        let step = (low + high) / 2;
        let bytes = encode_at(picture, QUALITIES[step], extras)?;
        if bytes.len() <= aim || step == QUALITIES.len() - 1 {
            fitting = Some(bytes);
            high = step - 1;
        } else {
            low = step + 1;
        }
    }
    Ok(fitting.unwrap_or(best))
}

fn encode_at(picture: &RgbImage, quality: u8, extras: &Extras<'_>) -> Result<Vec<u8>, Refused> {
    let (width, height) = picture.dimensions();
    let narrow = |edge| u16::try_from(edge).map_err(|_| Refused::Broken("an edge beyond JPEG".into()));
    let mut bytes = Vec::with_capacity(picture.len() / 12);
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(exif) = extras.exif {
        encoder.add_exif_metadata(exif).map_err(unencodable)?;
    }
    if let Some(profile) = extras.profile {
        encoder.add_icc_profile(profile).map_err(unencodable)?;
    }
    encoder.encode(picture, narrow(width)?, narrow(height)?, ColorType::Rgb).map_err(unencodable)?;
    Ok(bytes)
}

fn broken(error: jpeg_decoder::Error) -> Refused {
    Refused::Broken(error.to_string())
}

fn unencodable(error: EncodingError) -> Refused {
    Refused::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_falls_only_as_far_as_the_aim_demands() {
        let mut seed = 1_u32;
        let picture = RgbImage::from_fn(320, 240, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb([(seed >> 24) as u8; 3])
        });
        let sizes = QUALITIES.map(|q| encode_at(&picture, q, &Extras::default()).unwrap().len());
        assert!(sizes.is_sorted_by(|a, b| a > b), "{sizes:?}");
        for (step, &size) in sizes.iter().enumerate() {
            assert_eq!(encode(&picture, size, &Extras::default()).unwrap().len(), size, "step {step}");
        }
        let smallest = *sizes.last().unwrap();
        assert_eq!(encode(&picture, 10, &Extras::default()).unwrap().len(), smallest);
    }

    #[test]
    fn cyan_magenta_and_key_become_light() {
        assert_eq!(from_cmyk(&[0, 0, 0, 0]), [255; 3]);
        assert_eq!(from_cmyk(&[0, 0, 0, 255]), [0; 3]);
        assert_eq!(from_cmyk(&[255, 0, 255, 0]), [0, 255, 0]);
    }
}
