//! Bytes that nobody's camera wrote: an error or the right picture, never a panic, never much
//! memory.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;
use xieguan::media::{JPEG_MAX_PIXELS, RASTER_MAX_PIXELS, Refused, prepare};

use super::{assert_upright, near, pixels, plain, stamp};
use crate::support::pictures::{camera_jpeg, exif_segment, scene};

fn refusal(bytes: &[u8]) -> Refused {
    prepare(bytes, &stamp()).expect_err("these bytes are no picture")
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn scene_picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_raw(width, height, scene(width, height, 1)).unwrap().into()
}

/// A baseline JPEG header of the given size, cut off before any picture data.
fn jpeg_header(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xc0, 0, 17, 8];
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    bytes
}

/// A PNG that declares its size with a right checksum.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut png = file(&scene_picture(8, 8), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn what_is_no_picture_is_named_as_such() {
    assert_eq!(refusal(b""), Refused::Empty);
    for bytes in [
        "协管员".as_bytes(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00",
        b"%PDF-1.7",
        b"BM\0\0",
        b"\0",
        b"\xff\xd8",
        b"RIFF\x10\0\0\0WAVE",
        &[0; 4096],
    ] {
        assert_eq!(refusal(bytes), Refused::NotAPicture, "{:?}", &bytes[..bytes.len().min(8)]);
    }
}

#[test]
fn too_many_pixels_are_refused_before_decoding() {
    for (width, height) in [(30_000, 30_000), (65_535, 65_535), (12_001, 10_000)] {
        let refused = refusal(&jpeg_header(width, height));
        let (width, height) = (width.into(), height.into());
        assert_eq!(refused, Refused::TooManyPixels { width, height, limit: JPEG_MAX_PIXELS });
    }
    for (width, height) in [(30_000, 30_000), (4_001, 4_000), (0x7fff_ffff, 0x7fff_ffff)] {
        let refused = refusal(&png_header(width, height));
        assert_eq!(refused, Refused::TooManyPixels { width, height, limit: RASTER_MAX_PIXELS });
    }
}

#[test]
fn a_size_within_limits_without_the_data_is_broken() {
    for bytes in
        [jpeg_header(12_000, 10_000), jpeg_header(0, 100), jpeg_header(100, 0), png_header(4000, 4000)]
    {
        assert!(matches!(refusal(&bytes), Refused::Broken(_)));
    }
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_not_half_a_picture() {
    let jpeg = camera_jpeg(64, 48, 6);
    let picture = scene_picture(24, 16);
    for whole in
        [jpeg, progressive(48, 32), file(&picture, ImageFormat::Png), file(&picture, ImageFormat::WebP)]
    {
        assert!(prepare(&whole, &stamp()).is_ok());
        let right = pixels(&prepare(&whole, &stamp()).unwrap().derived);
        for cut in 0..whole.len() {
            // A PNG without its empty end chunk has lost nothing.
            if let Ok(prepared) = prepare(&whole[..cut], &stamp()) {
                assert!(cut + 16 >= whole.len(), "cut at {cut} of {}", whole.len());
                assert_eq!(pixels(&prepared.derived), right, "cut at {cut} of {}", whole.len());
            }
        }
    }
}

fn progressive(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_progressive(true);
    encoder.encode(&scene(width.into(), height.into(), 1), width, height, ColorType::Rgb).unwrap();
    bytes
}

#[test]
fn unusual_but_sound_jpegs_look_right() {
    assert_upright(&pixels(&prepare(&progressive(1000, 750), &stamp()).unwrap().derived), "progressive");

    let mut grey = Vec::new();
    Encoder::new(&mut grey, 90).encode(&[77; 300 * 200], 300, 200, ColorType::Luma).unwrap();
    let picture = pixels(&prepare(&grey, &stamp()).unwrap().derived);
    assert!(near(picture.get_pixel(290, 5), [77; 3]));

    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let mut cmyk = Vec::new();
        let ink: Vec<u8> = [0, 255, 255, 0].repeat(300 * 200);
        Encoder::new(&mut cmyk, 95).encode(&ink, 300, 200, kind).unwrap();
        let picture = pixels(&prepare(&cmyk, &stamp()).unwrap().derived);
        assert!(near(picture.get_pixel(290, 5), [255, 0, 0]), "{kind:?} {:?}", picture.get_pixel(290, 5));
    }
}

#[test]
fn sixteen_bit_grey_and_alpha_pngs_look_right() {
    let deep = image::ImageBuffer::from_pixel(300, 200, image::Rgb([0x8080_u16, 0x2020, 0xf0f0]));
    let greys = image::ImageBuffer::from_pixel(300, 200, image::LumaA([0_u8, 0]));
    for (picture, colour) in [
        (DynamicImage::ImageRgb16(deep), [0x80, 0x20, 0xf0]),
        (DynamicImage::ImageLumaA8(greys), [255, 255, 255]),
    ] {
        let prepared = prepare(&file(&picture, ImageFormat::Png), &stamp()).unwrap();
        assert!(near(pixels(&prepared.derived).get_pixel(290, 5), colour), "{colour:?}");
    }
}

#[test]
fn of_an_animated_webp_the_first_frame_is_taken() {
    let still = file(&RgbImage::from_pixel(300, 200, Rgb([10, 200, 30])).into(), ImageFormat::WebP);
    let last = file(&RgbImage::from_pixel(300, 200, Rgb([200, 10, 30])).into(), ImageFormat::WebP);
    let picture =
        pixels(&prepare(&animation(300, 200, &[&still[12..], &last[12..]]), &stamp()).unwrap().derived);
    assert!(near(picture.get_pixel(290, 5), [10, 200, 30]), "{:?}", picture.get_pixel(290, 5));
}

fn animation(width: u32, height: u32, frames: &[&[u8]]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        [name.as_slice(), &(body.len() as u32).to_le_bytes(), body, &[0][..body.len() % 2]].concat()
    };
    let u24 = |value: u32| value.to_le_bytes()[..3].to_vec();
    let size = [u24(width - 1), u24(height - 1)].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[&[0x02, 0, 0, 0][..], &size].concat()));
    body.extend(chunk(b"ANIM", &[0; 6]));
    for frame in frames {
        let header = [&[0; 6][..], &size, &u24(100), &[0]].concat();
        body.extend(chunk(b"ANMF", &[&header, *frame].concat()));
    }
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

#[test]
fn broken_exif_costs_the_exif_and_not_the_photo() {
    let sound = exif_segment(6);
    let mut huge_count = sound.clone();
    huge_count[6 + 8 + 2 + 4..6 + 8 + 2 + 8].fill(0xff);
    let mut looping = sound.clone();
    looping[6 + 8 + 2 + 12 + 8..6 + 8 + 2 + 12 + 12].copy_from_slice(&8_u32.to_be_bytes());
    let cases = [
        (b"Exif\0\0".to_vec(), false),
        (b"Exif\0\0MM\0\x2a\xff\xff\xff\xff".to_vec(), false),
        (huge_count, false),
        (looping, true),
        // Cut after the orientation: what was readable still counts.
        (sound[..40].to_vec(), true),
        (exif_segment(0), false),
        (exif_segment(9), false),
        (exif_segment(0xffff), false),
        (vec![0xff; 60_000], false),
    ];
    for (case, (segment, turned)) in cases.into_iter().enumerate() {
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, 90);
        encoder.add_app_segment(1, segment).unwrap();
        encoder.encode(&scene(64, 48, 1), 64, 48, ColorType::Rgb).unwrap();
        let prepared = prepare(&jpeg, &stamp()).unwrap();
        let expected = if turned { (48, 64) } else { (64, 48) };
        assert_eq!((prepared.width, prepared.height), expected, "case {case}");
    }
}

#[test]
fn a_jpeg_of_a_thousand_scans_is_refused() {
    let whole = progressive(512, 512);
    let scan_at = whole.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let mut bytes = whole[..scan_at].to_vec();
    for _ in 0..1000 {
        bytes.extend(&whole[scan_at..whole.len() - 2]);
    }
    bytes.extend([0xff, 0xd9]);
    assert!(matches!(refusal(&bytes), Refused::Broken(_)));
}

/// Cuts, overwrites and repeats parts of a sound file.
fn damaged(mut bytes: Vec<u8>, damage: &[(usize, u8, u8)]) -> Vec<u8> {
    for &(at, value, how) in damage {
        let at = at % bytes.len().max(1);
        match how % 8 {
            0 => bytes.truncate(at.max(12)),
            1 => drop(bytes.drain(at..(at + usize::from(value)).min(bytes.len()))),
            2 => bytes.splice(at..at, std::iter::repeat_n(value, 9)).for_each(drop),
            _ if bytes.is_empty() => {}
            _ => bytes[at] = value,
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_it_panic_or_give_an_unreadable_picture(
        which in 0_usize..5,
        damage in proptest::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..12),
        early in any::<bool>(),
    ) {
        let picture = scene_picture(40, 30);
        let whole = match which {
            0 => camera_jpeg(40, 30, 6),
            1 => progressive(40, 30),
            2 => file(&picture, ImageFormat::Png),
            3 => file(&picture, ImageFormat::WebP),
            _ => plain(40, 30, [1, 2, 3]),
        };
        // Headers are short and decide the most; half of the cases damage only them.
        let reach = if early { whole.len().min(200) } else { whole.len() };
        let damage: Vec<_> = damage.into_iter().map(|(at, value, how)| (at % reach, value, how)).collect();
        if let Ok(prepared) = prepare(&damaged(whole, &damage), &stamp()) {
            prop_assert_eq!(pixels(&prepared.derived).dimensions(), (prepared.width, prepared.height));
        }
    }

    #[test]
    fn random_bytes_behind_a_right_signature_never_panic(
        which in 0_usize..3,
        noise in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let start: [&[u8]; 3] =
            [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"RIFF\0\x10\0\0WEBPVP8X"];
        let _ = prepare(&[start[which], &noise].concat(), &stamp());
    }
}
