//! Synthetic pictures, made the same way every time: a coloured scene as a phone camera stores it.
//!
//! The EXIF block is written byte by byte here, so that it does not share a mistake with the
//! writer under test.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The colours of the scene's corners as a viewer must see them: top left, top right, bottom left,
/// bottom right.
pub(crate) const CORNERS: [[u8; 3]; 4] = [[220, 40, 40], [40, 180, 60], [50, 70, 220], [230, 200, 50]];

/// What [`camera_jpeg`] writes as its local time of exposure, in EXIF's own form.
pub(crate) const TAKEN: &str = "2026:11:21 09:41:02";
/// What [`camera_jpeg`] writes as the offset of that time.
pub(crate) const OFFSET: &str = "+08:00";
/// Latitude and longitude in [`camera_jpeg`], in 1e-7 degrees: 30°39'51.15"N 104°04'09.12"E.
pub(crate) const PLACE_E7: (i32, i32) = (306_642_083, 1_040_692_000);

/// A photo of `width` × `height` **stored** pixels with sensor noise, EXIF time and GPS, lying in
/// the file as `orientation` (1–8) says; shown upright it always has the same [`CORNERS`].
pub(crate) fn camera_jpeg(width: u16, height: u16, orientation: u16) -> Vec<u8> {
    let pixels = scene(width.into(), height.into(), orientation);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.add_app_segment(1, exif_segment(orientation)).expect("an EXIF block of some hundred bytes fits");
    encoder.encode(&pixels, width, height, ColorType::Rgb).expect("the buffer is width × height × 3 long");
    bytes
}

/// RGB pixels of the scene as stored for `orientation`. Plain loops: tests make twelve megapixels
/// of it without the optimiser's help.
pub(crate) fn scene(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let (shown_width, shown_height) = if orientation >= 5 { (height, width) } else { (width, height) };
    let mut noise = 0x2545_f491_u32;
    let mut pixels = vec![0; (width * height * 3) as usize];
    let mut at = 0;
    for y in 0..height {
        for x in 0..width {
            let (u, v) = shown(x, y, width, height, orientation);
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            // No colour of the scene is within 15 of black or white, so nothing wraps.
            let grain = ((noise >> 16) & 15) as u8 + ((noise >> 20) & 15) as u8;
            let colour = paint(u, v, shown_width, shown_height);
            pixels[at] = colour[0] - 15 + grain;
            pixels[at + 1] = colour[1] - 15 + grain;
            pixels[at + 2] = colour[2] - 15 + grain;
            at += 3;
        }
    }
    pixels
}

/// Where the stored pixel appears when the picture is shown upright.
fn shown(x: u32, y: u32, width: u32, height: u32, orientation: u16) -> (u32, u32) {
    let (right, bottom) = (width - 1 - x, height - 1 - y);
    match orientation {
        2 => (right, y),
        3 => (right, bottom),
        4 => (x, bottom),
        5 => (y, x),
        6 => (bottom, x),
        7 => (bottom, right),
        8 => (y, right),
        _ => (x, y),
    }
}

/// Corners an eighth of the picture wide; between them a gradient with tiles and stripes, so that
/// the file has about as much detail as a photo of a room.
fn paint(u: u32, v: u32, width: u32, height: u32) -> [u8; 3] {
    let (across, down) = (width.div_ceil(8), height.div_ceil(8));
    let (left, right) = (u < across, u >= width - across);
    let (top, bottom) = (v < down, v >= height - down);
    if (left || right) && (top || bottom) {
        return CORNERS[usize::from(!top) * 2 + usize::from(!left)];
    }
    let tile = (u / 61 + v / 47) % 5;
    let stripe = (u * 3 + v * 2) / 23 % 4;
    let shade = u * 70 / width + v * 50 / height;
    [(60 + shade + tile * 9) as u8, (80 + shade + stripe * 6) as u8, (70 + shade + (tile ^ stripe) * 5) as u8]
}

/// An APP1 payload: big-endian TIFF with orientation, time, offset and position.
pub(crate) fn exif_segment(orientation: u16) -> Vec<u8> {
    let mut tiff = Tiff::default();
    tiff.ifd(&[
        (0x0112, 3, 1, Value::Inline([(orientation >> 8) as u8, orientation as u8, 0, 0])),
        (0x8769, 4, 1, Value::NextIfd),
        (0x8825, 4, 1, Value::IfdAfterNext),
    ]);
    tiff.ifd(&[
        (0x9003, 2, 20, Value::Bytes([TAKEN.as_bytes(), b"\0"].concat())),
        (0x9011, 2, 7, Value::Bytes([OFFSET.as_bytes(), b"\0"].concat())),
    ]);
    tiff.ifd(&[
        (0x0001, 2, 2, Value::Inline(*b"N\0\0\0")),
        (0x0002, 5, 3, Value::Bytes(rationals(&[(30, 1), (39, 1), (5115, 100)]))),
        (0x0003, 2, 2, Value::Inline(*b"E\0\0\0")),
        (0x0004, 5, 3, Value::Bytes(rationals(&[(104, 1), (4, 1), (912, 100)]))),
        (0x001f, 5, 1, Value::Bytes(rationals(&[(6, 1)]))),
    ]);
    [b"Exif\0\0".to_vec(), tiff.finish()].concat()
}

enum Value {
    Inline([u8; 4]),
    Bytes(Vec<u8>),
    NextIfd,
    IfdAfterNext,
}

#[derive(Default)]
struct Tiff {
    ifds: Vec<Vec<u8>>,
    pending: Vec<(usize, usize, usize)>,
}

impl Tiff {
    fn ifd(&mut self, entries: &[(u16, u16, u32, Value)]) {
        let mut table = (entries.len() as u16).to_be_bytes().to_vec();
        let mut heap = Vec::new();
        let heap_at = 2 + entries.len() * 12 + 4;
        for (tag, kind, count, value) in entries {
            table.extend(tag.to_be_bytes());
            table.extend(kind.to_be_bytes());
            table.extend(count.to_be_bytes());
            let here = (self.ifds.len(), table.len());
            match value {
                Value::Inline(bytes) => table.extend(bytes),
                Value::Bytes(bytes) => {
                    self.pending.push((here.0, here.1, here.0));
                    table.extend((heap_at as u32 + heap.len() as u32).to_be_bytes());
                    heap.extend(bytes);
                    heap.resize(heap.len().next_multiple_of(2), 0);
                }
                Value::NextIfd | Value::IfdAfterNext => {
                    let skip = if matches!(value, Value::NextIfd) { 1 } else { 2 };
                    self.pending.push((here.0, here.1, here.0 + skip));
                    table.extend([0; 4]);
                }
            }
        }
        table.extend([0; 4]);
        self.ifds.push([table, heap].concat());
    }

    /// Offsets were relative to their IFD; now that all lengths are known they become absolute.
    fn finish(mut self) -> Vec<u8> {
        let starts: Vec<u32> = (0..self.ifds.len())
            .map(|i| 8 + self.ifds[..i].iter().map(|ifd| ifd.len() as u32).sum::<u32>())
            .collect();
        for (ifd, at, base) in self.pending {
            let field = &mut self.ifds[ifd][at..at + 4];
            let relative = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
            field.copy_from_slice(&(starts[base] + relative).to_be_bytes());
        }
        [b"MM\0\x2a\0\0\0\x08".to_vec(), self.ifds.concat()].concat()
    }
}

fn rationals(parts: &[(u32, u32)]) -> Vec<u8> {
    parts.iter().flat_map(|(n, d)| [n.to_be_bytes(), d.to_be_bytes()].concat()).collect()
}
