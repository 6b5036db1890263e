//! What is printed on a photo, as lines of text; `ink` draws them.

use chrono::{DateTime, FixedOffset};

/// Longest text looked at. Two rows hold far less; names of ten thousand letters cost nothing.
const MAX_LETTERS: usize = 240;

/// The facts printed on a photo and written into its EXIF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The site's name.
    pub site: String,
    /// Code and short name of the item, such as `WR-09 消毒设备`; empty for a general view.
    pub item: String,
    /// When the picture was taken, in the zone it was taken in.
    pub taken_at: DateTime<FixedOffset>,
    /// Where; `None` prints 无定位.
    pub place: Option<StampFix>,
    /// Township or village.
    pub township: String,
    /// The coordinator's name, with the organisation if wanted.
    pub coordinator: String,
    /// The last six characters of the record's id.
    pub record_tail: String,
    /// The picture came from the album: prints 相册导入，非现场拍摄.
    pub from_album: bool,
    /// The phone's clock was never compared with the bureau's: prints 时间未校准.
    pub clock_uncertain: bool,
}

/// A position fix (WGS-84) as a photo carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampFix {
    /// Latitude in 1e-7 degrees, north positive.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degrees, east positive.
    pub lon_e7: i32,
    /// Radius of 68 % confidence in metres.
    pub accuracy_m: u32,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    /// Something a reviewer must not overlook.
    Caution,
}

/// One line before it is broken into rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) tone: Tone,
    /// Names may be cut after two rows; time, place and warnings never are.
    pub(super) may_cut: bool,
}

impl Stamp {
    pub(super) fn lines(&self) -> Vec<Line> {
        let time = self.taken_at.format("%Y-%m-%d %H:%M:%S").to_string();
        let mut lines = vec![named(&self.site), named(&self.item), fixed(time, Tone::Plain)];
        if self.clock_uncertain {
            lines.push(fixed("时间未校准".into(), Tone::Caution));
        }
        lines.push(match self.place {
            Some(fix) => fixed(fix.text(), Tone::Plain),
            None => fixed("无定位".into(), Tone::Caution),
        });
        lines.push(named(&joined(&self.township, &self.coordinator)));
        let tail = neutral(&self.record_tail);
        if !tail.is_empty() {
            lines.push(named(&format!("记录 {tail}")));
        }
        if self.from_album {
            lines.push(fixed("相册导入，非现场拍摄".into(), Tone::Caution));
        }
        lines.retain(|line| !line.text.is_empty());
        lines
    }
}

impl StampFix {
    fn text(self) -> String {
        let lat = degrees(self.lat_e7, 'N', 'S');
        let lon = degrees(self.lon_e7, 'E', 'W');
        format!("{lat} {lon} ±{} m", self.accuracy_m)
    }
}

/// Five decimals, rounded half away from zero, without passing through a float.
fn degrees(value_e7: i32, positive: char, negative: char) -> String {
    let e5 = (value_e7.unsigned_abs() + 50) / 100;
    let side = if value_e7 < 0 && e5 > 0 { negative } else { positive };
    format!("{}.{:05}°{side}", e5 / 100_000, e5 % 100_000)
}

fn named(text: &str) -> Line {
    Line { text: neutral(text), tone: Tone::Plain, may_cut: true }
}

fn fixed(text: String, tone: Tone) -> Line {
    Line { text, tone, may_cut: false }
}

fn joined(first: &str, second: &str) -> String {
    let (first, second) = (neutral(first), neutral(second));
    let between = if first.is_empty() || second.is_empty() { "" } else { " · " };
    format!("{first}{between}{second}")
}

/// Text that can only be what it looks like: no controls, no direction tricks, no invisible or
/// stacked marks, single spaces.
fn neutral(text: &str) -> String {
    let mut clean = String::new();
    for c in text.chars().take(MAX_LETTERS) {
        match c {
            c if c.is_whitespace() || c.is_control() => {
                if !clean.is_empty() && !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            c if invisible(c) => {}
            c => clean.push(c),
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

fn invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{0300}'..='\u{036f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            site: "示例镇石桥村集中供水站".into(),
            item: "WR-09 消毒设备".into(),
            taken_at: DateTime::parse_from_rfc3339("2026-11-21T09:41:02.987+08:00").unwrap(),
            place: Some(StampFix { lat_e7: 306_642_083, lon_e7: 1_040_692_000, accuracy_m: 6 }),
            township: "示例镇".into(),
            coordinator: "张示例".into(),
            record_tail: "4F2A9C".into(),
            from_album: false,
            clock_uncertain: false,
        }
    }

    fn texts(stamp: &Stamp) -> Vec<String> {
        stamp.lines().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_lines_name_site_item_time_place_people_and_record() {
        assert_eq!(
            texts(&stamp()),
            [
                "示例镇石桥村集中供水站",
                "WR-09 消毒设备",
                "2026-11-21 09:41:02",
                "30.66421°N 104.06920°E ±6 m",
                "示例镇 · 张示例",
                "记录 4F2A9C",
            ]
        );
    }

    #[test]
    fn what_is_doubtful_is_said_in_words() {
        let doubtful = Stamp { place: None, from_album: true, clock_uncertain: true, ..stamp() };
        let cautions: Vec<_> =
            doubtful.lines().into_iter().filter(|l| l.tone == Tone::Caution).map(|l| l.text).collect();
        assert_eq!(cautions, ["时间未校准", "无定位", "相册导入，非现场拍摄"]);
    }

    #[test]
    fn coordinates_are_rounded_as_integers() {
        for (value, text) in [
            (0, "0.00000°N"),
            (49, "0.00000°N"),
            (50, "0.00001°N"),
            (-49, "0.00000°N"),
            (-50, "0.00001°S"),
            (899_999_999, "90.00000°N"),
            (-335_000_000, "33.50000°S"),
            (i32::MIN, "214.74836°S"),
        ] {
            assert_eq!(degrees(value, 'N', 'S'), text, "{value}");
        }
    }

    #[test]
    fn text_cannot_turn_round_hide_or_break_the_block() {
        assert_eq!(neutral("甲\u{202e}乙\u{2066}丙\u{200f}丁\u{200e}"), "甲乙丙丁");
        assert_eq!(neutral("  甲\r\n\t\0乙\u{2028}丙  "), "甲 乙 丙");
        assert_eq!(neutral("<script>alert(1)</script>"), "<script>alert(1)</script>");
        assert_eq!(neutral(&"长".repeat(10_000)).chars().count(), MAX_LETTERS);
    }

    #[test]
    fn empty_fields_leave_no_empty_lines() {
        let bare = Stamp {
            site: String::new(),
            item: "\n".into(),
            township: String::new(),
            coordinator: "\u{202e}".into(),
            record_tail: String::new(),
            ..stamp()
        };
        assert_eq!(texts(&bare).len(), 2);
    }
}
