//! Shapes of letters: the bundled subset first, then the system's fonts, then a box.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ab_glyph::{Font, FontRef, Outline};
use fontdb::{Database, FaceInfo, ID, Style};

static BUNDLED: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../../assets/fonts/NotoSansCJKsc-subset.otf"))
        .expect("the bundled font is part of the program and read by every test run")
});

/// Built when the first letter is met that the subset lacks, which most phones never do.
static SYSTEM: LazyLock<Mutex<System>> = LazyLock::new(|| Mutex::new(System::scan()));

/// Rare letters remembered between photos.
const REMEMBERED: usize = 512;

/// What stands for a letter that no font has.
const BOX: char = '□';

/// One letter, in units of its font's em.
#[derive(Clone)]
pub(super) struct Letter {
    /// Width of the letter in em.
    pub(super) advance: f32,
    /// `None` for spaces.
    pub(super) outline: Option<Outline>,
    /// Font units per em.
    pub(super) per_em: f32,
    /// A row may be broken before and after it (CJK and spaces, not within a number).
    pub(super) breakable: bool,
}

/// Finds the letter's shape; every letter gets one.
pub(super) fn letter(c: char) -> Letter {
    shape(&*BUNDLED, c)
        .or_else(|| SYSTEM.lock().unwrap_or_else(PoisonError::into_inner).letter(c))
        .or_else(|| shape(&*BUNDLED, BOX))
        .unwrap_or(Letter { advance: 1.0, outline: None, per_em: 1000.0, breakable: true })
}

/// `None` also for a glyph without outline (colour fonts), unless the letter is a space.
fn shape(font: &impl Font, c: char) -> Option<Letter> {
    let id = font.glyph_id(c);
    let per_em = font.units_per_em().filter(|per_em| *per_em >= 1.0)?;
    let outline = font.outline(id);
    if id.0 == 0 || (outline.is_none() && c != ' ') {
        return None;
    }
    let advance = (font.h_advance_unscaled(id) / per_em).clamp(0.1, 2.0);
    Some(Letter { advance, outline, per_em, breakable: !c.is_ascii() || c == ' ' })
}

struct System {
    fonts: Database,
    order: Vec<ID>,
    known: HashMap<char, Option<Letter>>,
}

impl System {
    fn scan() -> Self {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        // The library knows no folder for Android.
        #[cfg(target_os = "android")]
        fonts.load_fonts_dir("/system/fonts");
        let mut faces: Vec<&FaceInfo> = fonts.faces().collect();
        // Upright text of ordinary weight first, Chinese before Japanese shapes of one character.
        faces.sort_by_key(|face| {
            let chinese = face.families.iter().any(|(name, _)| name.contains("SC") || name.contains("Hei"));
            (face.style != Style::Normal, face.weight.0.abs_diff(400), !chinese, face.monospaced)
        });
        let order = faces.into_iter().map(|face| face.id).collect();
        Self { fonts, order, known: HashMap::new() }
    }

    fn letter(&mut self, c: char) -> Option<Letter> {
        if let Some(known) = self.known.get(&c) {
            return known.clone();
        }
        let found = self.order.iter().find_map(|&id| {
            self.fonts.with_face_data(id, |data, index| {
                shape(&FontRef::try_from_slice_and_index(data, index).ok()?, c)
            })?
        });
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(c, found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subset_has_every_letter_the_stamp_prints_by_itself() {
        let own = "0123456789-: .,°±·NSEWm无定位时间未校准相册导入，非现场拍摄记录…□℃";
        let missing: String = own.chars().filter(|&c| shape(&*BUNDLED, c).is_none()).collect();
        assert_eq!(missing, "");
    }

    #[test]
    fn a_letter_no_font_has_is_drawn_as_a_box() {
        let nowhere = letter('\u{f8ff0}');
        assert!(nowhere.outline.is_some());
        assert_eq!(nowhere.advance, letter(BOX).advance);
    }

    #[test]
    fn a_chinese_letter_is_one_em_wide_and_a_digit_about_half() {
        assert_eq!(letter('县').advance, 1.0);
        assert!((0.4..0.7).contains(&letter('8').advance));
    }
}
