//! Photos: what comes out of `media::prepare`, what it refuses, and the sealed folder.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod folder;
mod hostile;
mod qr;

use chrono::DateTime;
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use xieguan::domain::id::Digest;
use xieguan::media::{
    DERIVED_AIM_BYTES, Kind, Position, Prepared, Refused, Stamp, StampFix, prepare, thumbnail,
};

use crate::support::pictures::{CORNERS, PLACE_E7, camera_jpeg, scene};

fn stamp() -> Stamp {
    Stamp {
        site: "示例县石桥镇石桥村集中供水站".into(),
        item: "WR-09 消毒设备".into(),
        taken_at: DateTime::parse_from_rfc3339("2026-11-21T09:41:02.5+08:00").unwrap(),
        place: Some(StampFix { lat_e7: -306_642_083, lon_e7: 1_040_692_001, accuracy_m: 6 }),
        township: "石桥镇".into(),
        coordinator: "张示例".into(),
        record_tail: "4F2A9C".into(),
        from_album: false,
        clock_uncertain: false,
    }
}

fn pixels(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory(jpeg).unwrap().into_rgb8()
}

fn near(pixel: &Rgb<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 24)
}

/// The corners a viewer sees; the stamp lies over the bottom left one. A patch of each is averaged,
/// since the scene has grain.
fn assert_upright(picture: &RgbImage, case: &str) {
    let (right, bottom) = (picture.width() - 12, picture.height() - 12);
    for (at, colour) in [((4, 4), 0), ((right, 4), 1), ((right, bottom), 3)] {
        let patch = image::imageops::crop_imm(picture, at.0, at.1, 8, 8).to_image();
        let sum = |channel: usize| patch.pixels().map(|pixel| u32::from(pixel[channel])).sum::<u32>();
        let mean = Rgb([0, 1, 2].map(|channel| (sum(channel) / 64) as u8));
        assert!(near(&mean, CORNERS[colour]), "{case}: corner {at:?} is {mean:?}");
    }
}

fn plain(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    encoded(&RgbImage::from_pixel(width, height, Rgb(colour)))
}

fn encoded(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    Encoder::new(&mut bytes, 92).encode(picture, width, height, ColorType::Rgb).unwrap();
    bytes
}

/// How many pixels of the picture's lower left quarter are nearly white.
fn white_ink(picture: &RgbImage) -> usize {
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let quarter = image::imageops::crop_imm(picture, 0, height, width, height).to_image();
    quarter.pixels().filter(|pixel| pixel.0.iter().all(|&c| c > 220)).count()
}

#[test]
fn every_orientation_comes_out_upright() {
    for orientation in 1..=8 {
        let prepared = prepare(&camera_jpeg(640, 480, orientation), &stamp()).unwrap();
        let picture = pixels(&prepared.derived);
        let expected = if orientation < 5 { (640, 480) } else { (480, 640) };
        assert_eq!(picture.dimensions(), expected, "orientation {orientation}");
        assert_eq!((prepared.width, prepared.height), expected);
        assert_upright(&picture, &format!("orientation {orientation}"));
    }
}

#[test]
fn a_thumbnail_is_upright_small_and_without_exif() {
    let small = thumbnail(&camera_jpeg(1000, 750, 6), 240).unwrap();
    assert_eq!(pixels(&small).dimensions(), (180, 240));
    assert!(near(pixels(&small).get_pixel(4, 4), CORNERS[0]));
    assert!(exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&small)).is_err());
    assert_eq!(thumbnail(b"", 240), Err(Refused::Empty));
    assert_eq!(pixels(&thumbnail(&plain(30, 20, [9; 3]), 0).unwrap()).dimensions(), (1, 1));
}

#[test]
fn a_noisy_twelve_megapixel_photo_becomes_a_small_file() {
    let photo = camera_jpeg(4000, 3000, 6);
    let prepared = prepare(&photo, &stamp()).unwrap();
    assert!(prepared.derived.len() <= DERIVED_AIM_BYTES, "{} bytes", prepared.derived.len());
    assert_upright(&pixels(&prepared.derived), "twelve megapixels");
    assert_eq!((prepared.width, prepared.height), (1200, 1600));
    assert_eq!(prepared.original, Digest::of(&photo));
    assert_eq!(prepared.original_len, photo.len());
    assert_eq!(prepared.derived_id, Digest::of(&prepared.derived));
    assert_eq!(prepared.original_kind, Kind::Jpeg);
}

#[test]
fn pure_noise_still_comes_down_in_size() {
    let mut seed = 7_u32;
    let noise = RgbImage::from_fn(1600, 1200, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(seed >> 24) as u8, (seed >> 16) as u8, (seed >> 8) as u8])
    });
    let prepared = prepare(&encoded(&noise), &stamp()).unwrap();
    assert!(prepared.derived.len() < 2 * DERIVED_AIM_BYTES, "{} bytes", prepared.derived.len());
}

#[test]
fn the_original_says_when_and_where_it_was_taken() {
    let taken = prepare(&camera_jpeg(64, 48, 1), &stamp()).unwrap().taken.unwrap();
    assert_eq!(taken.at.unwrap().to_string(), "2026-11-21 09:41:02");
    assert_eq!(taken.offset.unwrap().to_string(), "+08:00");
    assert_eq!(taken.position, Some(Position { lat_e7: PLACE_E7.0, lon_e7: PLACE_E7.1 }));
    assert_eq!(prepare(&plain(64, 48, [0; 3]), &stamp()).unwrap().taken, None);
}

#[test]
fn the_derived_picture_carries_time_and_place_of_the_stamp() {
    let prepared = prepare(&plain(640, 480, [90; 3]), &stamp()).unwrap();
    let exif = read_exif(&prepared);
    let text = |tag| exif.get_field(tag, exif::In::PRIMARY).map(|f| f.display_value().to_string());
    assert_eq!(text(exif::Tag::DateTimeOriginal).unwrap(), "2026-11-21 09:41:02");
    assert_eq!(text(exif::Tag::OffsetTimeOriginal).unwrap(), "\"+08:00\"");
    assert_eq!(text(exif::Tag::GPSLatitudeRef).unwrap(), "S");
    assert_eq!(text(exif::Tag::GPSHPositioningError).unwrap(), "6");
    assert_eq!(exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY).unwrap().value.get_uint(0), Some(1));
    // What was written is read back to the last digit by the same eyes as an original.
    let again = prepare(&prepared.derived, &stamp()).unwrap().taken.unwrap();
    assert_eq!(again.position, Some(Position { lat_e7: -306_642_083, lon_e7: 1_040_692_001 }));
}

#[test]
fn without_a_fix_there_is_no_position_and_the_picture_says_so() {
    let photo = plain(800, 600, [90; 3]);
    let with = prepare(&photo, &stamp()).unwrap();
    let without = prepare(&photo, &Stamp { place: None, ..stamp() }).unwrap();
    assert!(read_exif(&without).get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_none());
    assert_ne!(with.derived, without.derived);
    // 无定位 is a caution, drawn in amber: blue is far below red.
    let amber = |p: &Prepared| pixels(&p.derived).pixels().filter(|p| p[0] > 200 && p[2] < 150).count();
    assert_eq!(amber(&with), 0);
    assert!(amber(&without) > 20, "{}", amber(&without));
}

#[test]
fn the_stamp_is_white_text_on_a_dark_block_and_nothing_else_changes() {
    for colour in [[250, 250, 250], [20, 20, 20], [200, 60, 60]] {
        let prepared = prepare(&plain(1200, 900, colour), &stamp()).unwrap();
        let picture = pixels(&prepared.derived);
        assert!(prepared.stamped);
        assert!(near(picture.get_pixel(1190, 10), colour), "top right untouched");
        let block = picture.get_pixel(4, 895);
        assert!(block.0.iter().all(|&c| c < 110), "{colour:?} becomes {block:?}");
        if colour[1] < 220 {
            assert!(white_ink(&picture) > 1000, "{colour:?}: {}", white_ink(&picture));
        }
    }
}

#[test]
fn each_fact_of_the_stamp_can_be_seen() {
    let photo = plain(900, 700, [120; 3]);
    let base = prepare(&photo, &stamp()).unwrap().derived;
    for changed in [
        Stamp { site: "另一示例单位".into(), ..stamp() },
        Stamp { item: "WR-10 蓄水池".into(), ..stamp() },
        Stamp { taken_at: stamp().taken_at + chrono::Duration::seconds(1), ..stamp() },
        Stamp { township: "东风村".into(), ..stamp() },
        Stamp { coordinator: "李示例".into(), ..stamp() },
        Stamp { record_tail: "4F2A9D".into(), ..stamp() },
        Stamp { from_album: true, ..stamp() },
        Stamp { clock_uncertain: true, ..stamp() },
    ] {
        let other = prepare(&photo, &changed).unwrap().derived;
        let differing = pixels(&base)
            .pixels()
            .zip(pixels(&other).pixels())
            .filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 60))
            .count();
        assert!(differing > 5, "{changed:?} shows in {differing} pixels");
    }
}

#[test]
fn the_stamp_fits_any_picture_or_is_left_out() {
    let long = Stamp { site: "长".repeat(10_000), item: "<script>\u{202e}".repeat(500), ..stamp() };
    for (width, height) in
        [(1, 1), (2, 2), (60, 2000), (2000, 60), (1, 3000), (3000, 1), (100, 100), (320, 240), (1600, 300)]
    {
        for stamp in [&stamp(), &long] {
            let prepared = prepare(&plain(width, height, [128; 3]), stamp).unwrap();
            let edge = prepared.width.max(prepared.height);
            assert_eq!(edge, width.max(height).min(1600), "{width}×{height}");
            assert_eq!(pixels(&prepared.derived).dimensions(), (prepared.width, prepared.height));
        }
    }
    assert!(prepare(&plain(320, 240, [0; 3]), &stamp()).unwrap().stamped);
    assert!(prepare(&plain(60, 2000, [0; 3]), &stamp()).unwrap().stamped);
    assert!(!prepare(&plain(20, 20, [0; 3]), &stamp()).unwrap().stamped);
}

#[test]
fn direction_and_control_characters_do_not_reach_the_picture() {
    let photo = plain(640, 480, [60; 3]);
    let dirty = Stamp { site: "示例县\u{202e}石桥\u{0}村\n\u{2067}".into(), ..stamp() };
    let clean = Stamp { site: "示例县石桥 村".into(), ..stamp() };
    assert_eq!(prepare(&photo, &dirty).unwrap().derived, prepare(&photo, &clean).unwrap().derived);
}

#[test]
fn the_same_bytes_and_stamp_give_the_same_picture() {
    let photo = camera_jpeg(800, 600, 3);
    assert_eq!(prepare(&photo, &stamp()).unwrap().derived_id, prepare(&photo, &stamp()).unwrap().derived_id);
}

#[test]
fn png_and_webp_are_taken_and_transparency_lies_on_white() {
    let rgb = RgbImage::from_raw(400, 300, scene(400, 300, 1)).unwrap();
    for (format, kind) in [(image::ImageFormat::Png, Kind::Png), (image::ImageFormat::WebP, Kind::Webp)] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        rgb.write_to(&mut bytes, format).unwrap();
        let prepared = prepare(bytes.get_ref(), &stamp()).unwrap();
        assert_eq!(prepared.original_kind, kind);
        assert_upright(&pixels(&prepared.derived), &format!("{kind:?}"));

        let clear = image::RgbaImage::from_pixel(400, 300, image::Rgba([255, 0, 0, 51]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        clear.write_to(&mut bytes, format).unwrap();
        let picture = pixels(&prepare(bytes.get_ref(), &stamp()).unwrap().derived);
        assert!(near(picture.get_pixel(390, 10), [255, 204, 204]), "{:?}", picture.get_pixel(390, 10));
    }
}

fn read_exif(prepared: &Prepared) -> exif::Exif {
    exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&prepared.derived)).unwrap()
}
