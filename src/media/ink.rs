//! Draws the stamp: a semi-opaque dark block at the bottom left, white rows of text in it.

use std::ops::Range;

use ab_glyph::{OutlinedGlyph, PxScaleFactor, point};
use image::RgbImage;

use super::font::{Letter, letter};
use super::stamp::{Line, Stamp, Tone};

/// Text smaller than this cannot be read in a JPEG.
const SMALLEST_PX: f32 = 9.0;
/// A row must hold at least this many em, or the text falls to pieces.
const NARROWEST_EM: f32 = 4.0;
const ROW_EM: f32 = 1.36;
const PAD_EM: f32 = 0.55;
/// From the row's top to the baseline, so that CJK letters sit in the middle of the row.
const BASELINE_EM: f32 = 1.06;
/// A name that may be cut keeps this many rows.
const ROWS_OF_A_NAME: usize = 2;

const BLOCK: [u8; 3] = [10, 16, 15];
/// In 256ths; dark enough that white text keeps 4.5:1 on snow.
const BLOCK_ALPHA: u32 = 168;
const WHITE: [u8; 3] = [255, 255, 255];
const AMBER: [u8; 3] = [255, 209, 102];

/// Draws the stamp into the picture; false if the picture is too small for readable text.
pub(super) fn draw(picture: &mut RgbImage, stamp: &Stamp) -> bool {
    let lines: Vec<_> = stamp.lines().into_iter().map(Setting::of).collect();
    let Some(block) = fit(&lines, picture.width(), picture.height()) else { return false };
    darken(picture, &block);
    let pad = block.px * PAD_EM;
    let top = picture.height() as f32 - block.height as f32 + pad;
    for (number, (row, tone)) in block.rows.iter().enumerate() {
        let baseline = top + block.px * (number as f32 * ROW_EM + BASELINE_EM);
        write_row(picture, row, *tone, (pad, baseline.round()), block.px);
    }
    true
}

/// A line with the shapes of its letters.
struct Setting {
    letters: Vec<Letter>,
    tone: Tone,
    rows_max: usize,
}

impl Setting {
    fn of(line: Line) -> Self {
        let rows_max = if line.may_cut { ROWS_OF_A_NAME } else { usize::MAX };
        Self { letters: line.text.chars().map(letter).collect(), tone: line.tone, rows_max }
    }

    /// The line as rows at most `width` em wide, the last one ending in … if anything is left out.
    fn rows(&self, width: f32) -> Vec<Vec<Letter>> {
        let ranges = broken(&self.letters, width);
        let mut rows: Vec<Vec<Letter>> =
            ranges.iter().take(self.rows_max).map(|range| self.letters[range.clone()].to_vec()).collect();
        if let (true, Some(last)) = (ranges.len() > self.rows_max, rows.last_mut()) {
            let more = letter('…');
            while !last.is_empty() && width_of(last) + more.advance > width {
                last.pop();
            }
            last.push(more);
        }
        rows
    }
}

fn width_of(letters: &[Letter]) -> f32 {
    letters.iter().map(|letter| letter.advance).sum()
}

/// Breaks greedily, between words and CJK letters where it can, anywhere where it must.
fn broken(letters: &[Letter], width: f32) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used, mut chance) = (0, 0.0, 0);
    for (at, letter) in letters.iter().enumerate() {
        if at > start && (letter.breakable || letters[at - 1].breakable) {
            chance = at;
        }
        // Twice when the word carried over is itself too long for a row.
        while used + letter.advance > width && at > start {
            let end = if chance > start { chance } else { at };
            rows.push(start..end);
            start = end;
            used = width_of(&letters[start..at]);
        }
        used += letter.advance;
    }
    rows.push(start..letters.len());
    rows
}

/// The block as it will be drawn.
struct Block {
    px: f32,
    width: u32,
    height: u32,
    rows: Vec<(Vec<Letter>, Tone)>,
}

/// The largest readable text whose block leaves most of the picture free; in a very small picture
/// the block may take all of it.
fn fit(lines: &[Setting], width: u32, height: u32) -> Option<Block> {
    let wanted = ((width as f32 * 0.6 + height as f32 * 0.4) / 44.0).clamp(12.0, 40.0);
    let smaller = |px: &f32| (*px > SMALLEST_PX).then(|| (px * 0.9).max(SMALLEST_PX));
    let sizes = || std::iter::successors(Some(wanted), smaller);
    [0.4, 1.0]
        .iter()
        .find_map(|share| sizes().find_map(|px| set(lines, px, (width, height), height as f32 * share)))
}

fn set(lines: &[Setting], px: f32, (width, height): (u32, u32), highest: f32) -> Option<Block> {
    let room = width as f32 / px - 2.0 * PAD_EM;
    if room < NARROWEST_EM {
        return None;
    }
    let rows: Vec<_> =
        lines.iter().flat_map(|line| line.rows(room).into_iter().map(|row| (row, line.tone))).collect();
    let needed = px * (rows.len() as f32 * ROW_EM + 2.0 * PAD_EM);
    if needed > highest {
        return None;
    }
    let widest = rows.iter().map(|(row, _)| width_of(row)).fold(0.0, f32::max);
    let block_width = ((widest + 2.0 * PAD_EM) * px).ceil() as u32;
    Some(Block { px, width: block_width.min(width), height: (needed.ceil() as u32).min(height), rows })
}

fn darken(picture: &mut RgbImage, block: &Block) {
    let (width, height) = (picture.width() as usize * 3, picture.height() as usize);
    let first = (height - block.height as usize) * width;
    let bytes: &mut [u8] = picture;
    for row in bytes[first..].chunks_exact_mut(width) {
        for pixel in row[..block.width as usize * 3].chunks_exact_mut(3) {
            blend(pixel, BLOCK, BLOCK_ALPHA);
        }
    }
}

fn write_row(picture: &mut RgbImage, row: &[Letter], tone: Tone, (left, baseline): (f32, f32), px: f32) {
    let colour = if tone == Tone::Caution { AMBER } else { WHITE };
    let mut x = left;
    for letter in row {
        if let Some(outline) = letter.outline.clone() {
            let factor = px / letter.per_em;
            let scale = PxScaleFactor { horizontal: factor, vertical: factor };
            let glyph = ab_glyph::GlyphId(0).with_scale_and_position(px, point(x, baseline));
            write_letter(picture, &OutlinedGlyph::new(glyph, outline, scale), colour);
        }
        x += letter.advance * px;
    }
}

fn write_letter(picture: &mut RgbImage, glyph: &OutlinedGlyph, colour: [u8; 3]) {
    let bounds = glyph.px_bounds();
    // A system font's broken outline may be as large as it likes; no letter is two rows high.
    let area = bounds.width() * bounds.height();
    if area.is_nan() || area > 200.0 * 200.0 {
        return;
    }
    glyph.draw(|x, y, coverage| {
        let (x, y) = (bounds.min.x + x as f32, bounds.min.y + y as f32);
        if x >= 0.0
            && y >= 0.0
            && let Some(pixel) = picture.get_pixel_mut_checked(x as u32, y as u32)
        {
            blend(&mut pixel.0, colour, (coverage.clamp(0.0, 1.0) * 256.0) as u32);
        }
    });
}

/// Lays `colour` over the pixel with `alpha` in 256ths.
fn blend(pixel: &mut [u8], colour: [u8; 3], alpha: u32) {
    for (under, over) in pixel.iter_mut().zip(colour) {
        *under = ((u32::from(*under) * (256 - alpha) + u32::from(over) * alpha) >> 8) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<Letter> {
        text.chars().map(letter).collect()
    }

    #[test]
    fn rows_break_between_words_and_chinese_letters_not_within_numbers() {
        assert_eq!(broken(&letters("示例县石桥"), 2.0), [0..2, 2..4, 4..5]);
        let time = letters("2026-11-21 09:41:02");
        assert_eq!(broken(&time, 7.0), [0..11, 11..19]);
        assert!(broken(&time, 1.5).len() > 4);
        assert_eq!(broken(&[], 5.0), vec![0..0; 1]);
    }

    #[test]
    fn every_row_keeps_to_its_width_whatever_the_text() {
        for text in ["示例县第一中心小学 canteen 2026-11-21", "WWWWWWWWWWWWWWWW", "     ", "一"] {
            for width in [4.0, 5.5, 12.0] {
                let set = letters(text);
                let rows = broken(&set, width);
                assert!(rows.iter().all(|row| width_of(&set[row.clone()]) <= width), "{text} {width}");
                assert_eq!(rows.last().map(|row| row.end), Some(set.len()));
            }
        }
    }

    #[test]
    fn a_name_of_ten_thousand_letters_takes_two_rows_ending_in_an_ellipsis() {
        let text = "长".repeat(10_000);
        let setting = Setting::of(Line { text, tone: Tone::Plain, may_cut: true });
        let rows = setting.rows(20.0);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| width_of(row) <= 20.0));
        assert_eq!(rows[1].len(), 20);
    }
}
