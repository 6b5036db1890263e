//! QR codes: what is printed is read back from a photo of it; what is no code costs nothing.

use image::{DynamicImage, GrayImage, Luma, imageops};
use xieguan::media::{Refused, qr};

const TEXT: &str = r#"{"xieguan":1,"address":"https://bureau.example","code":"ABCD-EFGH"}"#;

fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let rgb = picture.to_rgb8();
    let mut bytes = Vec::new();
    let (width, height) = (u16::try_from(rgb.width()).unwrap(), u16::try_from(rgb.height()).unwrap());
    jpeg_encoder::Encoder::new(&mut bytes, quality)
        .encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

/// A code on a table: grey, small in a large picture, blurred, unevenly lit.
fn photo(width: u32, height: u32, code: u32) -> DynamicImage {
    let printed = image::load_from_memory(&qr::png(TEXT).unwrap()).unwrap().into_luma8();
    let small = imageops::resize(&printed, code, code, imageops::FilterType::Triangle);
    let mut table = GrayImage::from_fn(width, height, |x, y| Luma([(90 + (x * 60 / width) + (y % 7)) as u8]));
    imageops::overlay(&mut table, &small, i64::from(width / 3), i64::from(height / 4));
    DynamicImage::ImageLuma8(imageops::blur(&table, 1.0))
}

#[test]
fn what_the_bureau_prints_is_read_from_a_phones_photo_of_it() {
    for (width, height, code) in [(4000, 3000, 1400), (3000, 4000, 900), (1200, 900, 500)] {
        let read = qr::read(&jpeg(&photo(width, height, code), 80)).unwrap();
        assert_eq!(read, [TEXT], "{width}×{height}, {code}");
    }
    // Turned upside down, as a phone held the other way takes it.
    assert_eq!(qr::read(&jpeg(&photo(2000, 1500, 800).rotate180(), 85)).unwrap(), [TEXT]);
}

#[test]
fn the_png_itself_is_read_as_one_passed_on_in_a_message() {
    assert_eq!(qr::read(&qr::png(TEXT).unwrap()).unwrap(), [TEXT]);
}

#[test]
fn a_picture_without_a_code_gives_none_and_no_picture_is_refused() {
    let blank = DynamicImage::ImageLuma8(GrayImage::from_pixel(800, 600, Luma([200])));
    assert!(qr::read(&jpeg(&blank, 80)).unwrap().is_empty());
    let noise = GrayImage::from_fn(640, 480, |x, y| Luma([(x * 7919 + y * 104_729 + x * y) as u8]));
    assert!(qr::read(&jpeg(&DynamicImage::ImageLuma8(noise), 90)).unwrap().is_empty());
    assert_eq!(qr::read(b"").unwrap_err(), Refused::Empty);
    assert_eq!(qr::read(b"<svg/>").unwrap_err(), Refused::NotAPicture);
}

#[test]
fn a_terminal_gets_the_same_modules() {
    let lines: Vec<String> = qr::terminal(TEXT).unwrap().lines().map(str::to_owned).collect();
    let width = lines[0].chars().count();
    assert!(lines.iter().all(|line| line.chars().count() == width), "a square");
    let pixels = GrayImage::from_fn(width as u32 * 8, lines.len() as u32 * 16, |x, y| {
        let letter = lines[(y / 16) as usize].chars().nth((x / 8) as usize).unwrap();
        let upper = y % 16 < 8;
        let light = letter == '█' || letter == '▀' && upper || letter == '▄' && !upper;
        Luma([if light { 255 } else { 0 }])
    });
    assert_eq!(qr::read(&jpeg(&DynamicImage::ImageLuma8(pixels), 90)).unwrap(), [TEXT]);
}

#[test]
fn a_text_too_long_for_a_code_is_none() {
    assert_eq!(qr::png(&"长".repeat(2000)), None);
}
