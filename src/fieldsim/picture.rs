//! What the camera would have taken: a JPEG of about a megapixel that no two calls share, lying on its side as
//! cameras write it, with the EXIF orientation that says so.

use anyhow::Context as _;
use jpeg_encoder::{ColorType, Encoder};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

const WIDTH: u16 = 1280;
const HEIGHT: u16 = 960;

/// EXIF orientations as cameras write them: as held, upside down, portrait, portrait the other way.
const ORIENTATIONS: [u8; 4] = [1, 3, 6, 8];

/// A picture; the same seed gives the same bytes.
pub(super) fn camera(seed: u64) -> anyhow::Result<Vec<u8>> {
    let mut rng = StdRng::seed_from_u64(seed);
    let orientation = ORIENTATIONS[rng.gen_range(0..ORIENTATIONS.len())];
    let pixels = pixels(&mut rng);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 85);
    encoder.add_app_segment(1, exif(orientation)).context("exif")?;
    encoder.encode(&pixels, WIDTH, HEIGHT, ColorType::Rgb).context("jpeg")?;
    Ok(jpeg)
}

/// Walls, pipes and grain: gradients with rectangles, and noise so that the size is a photo's.
fn pixels(rng: &mut StdRng) -> Vec<u8> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let tint: [u8; 3] = rng.r#gen();
    let mut pixels = Vec::with_capacity(width * height * 3);
    let mut noise: u64 = rng.r#gen();
    for y in 0..height {
        for x in 0..width {
            // One multiplication a pixel; a good generator would take most of the time.
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let grain = (noise >> 60) as u8;
            let block = ((x / 80 + y / 120) % 3) as u8 * 40;
            let fade = (x * 80 / width + y * 40 / height) as u8;
            pixels.extend(tint.map(|t| t / 3 + block + fade / 2 + grain));
        }
    }
    pixels
}

/// The smallest EXIF block that holds an orientation: a TIFF header and one entry.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    block.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    block.extend([0; 4]);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_decode_differ_by_seed_and_carry_an_orientation() {
        let (one, two) = (camera(1).unwrap(), camera(2).unwrap());
        assert_ne!(one, two);
        assert_eq!(one, camera(1).unwrap());
        let exif = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&one)).unwrap();
        let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY).unwrap();
        assert!(ORIENTATIONS.map(u32::from).contains(&field.value.get_uint(0).unwrap()));
    }
}
