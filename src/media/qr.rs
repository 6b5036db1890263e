//! QR codes: read out of a picture a camera took, and made as a picture to print.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::png::PngEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, GrayImage, ImageEncoder as _};
use qrcode::{Color, QrCode};

use super::Refused;
use super::decode::decode;

/// Long edges at which a picture is searched, in pixels: fine enough for a code on a sheet of paper, then coarser,
/// which forgives blur and noise. The first bounds the memory of the search.
const EDGES: [u32; 3] = [1600, 1000, 600];
/// More codes than this in one picture are nobody's enrolment.
const MOST_CODES: usize = 8;
/// Pixels a side of one module, and of the quiet zone in modules, of a printed code.
const MODULE: u32 = 8;
const QUIET: u32 = 4;

/// The texts of the QR codes in a picture; none is no error.
///
/// # Errors
/// [`Refused`] when the bytes are no picture or too large, as for a photo.
pub fn read(picture: &[u8]) -> Result<Vec<String>, Refused> {
    let grey = image::DynamicImage::ImageRgb8(decode(picture, EDGES[0])?.pixels).into_luma8();
    for edge in EDGES {
        let texts = search(&fitted(&grey, edge));
        if !texts.is_empty() {
            return Ok(texts);
        }
    }
    Ok(Vec::new())
}

fn fitted(grey: &GrayImage, edge: u32) -> GrayImage {
    let long = grey.width().max(grey.height());
    if long <= edge {
        return grey.clone();
    }
    let side = |pixels: u32| (u64::from(pixels) * u64::from(edge) / u64::from(long)).max(1) as u32;
    imageops::resize(grey, side(grey.width()), side(grey.height()), FilterType::Triangle)
}

/// A crafted picture may make the reader give up half-way; it costs no more than its own codes.
fn search(grey: &GrayImage) -> Vec<String> {
    let found = catch_unwind(AssertUnwindSafe(|| {
        let (width, height) = (grey.width() as usize, grey.height() as usize);
        let level = |x: usize, y: usize| grey.get_pixel(x as u32, y as u32).0[0];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, level);
        let grids = prepared.detect_grids();
        let texts = grids.iter().take(MOST_CODES).filter_map(|grid| grid.decode().ok());
        texts.map(|(_, text)| text).collect()
    }));
    found.unwrap_or_default()
}

/// The modules of a text's QR code, row by row, with their quiet zone: true is dark. `None` when it is too long.
fn modules(text: &str) -> Option<(u32, Vec<bool>)> {
    let code = QrCode::new(text).ok()?;
    let inner = u32::try_from(code.width()).ok()?;
    let colours = code.to_colors();
    let side = inner + 2 * QUIET;
    let dark = |x: u32, y: u32| {
        let inside = (QUIET..QUIET + inner).contains(&x) && (QUIET..QUIET + inner).contains(&y);
        inside && colours[((y - QUIET) * inner + x - QUIET) as usize] == Color::Dark
    };
    Some((side, (0..side * side).map(|n| dark(n % side, n / side)).collect()))
}

/// A PNG of the text's QR code, black on white. `None` when the text is too long for one.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let (side, dark) = modules(text)?;
    let edge = side * MODULE;
    let grey: Vec<u8> = (0..edge * edge)
        .map(|n| if dark[(n / edge / MODULE * side + n % edge / MODULE) as usize] { 0 } else { 255 })
        .collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&grey, edge, edge, ExtendedColorType::L8).ok()?;
    Some(bytes)
}

/// The text's QR code for a terminal with light letters on dark ground, two rows of modules a line.
pub fn terminal(text: &str) -> Option<String> {
    let (side, dark) = modules(text)?;
    let light = |x: u32, y: u32| y < side && !dark[(y * side + x) as usize];
    let line = |y: u32| -> String {
        let block = |x: u32| match (light(x, y), light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (0..side).map(block).collect()
    };
    let lines: Vec<String> = (0..side).step_by(2).map(line).collect();
    Some(lines.join("\n"))
}
