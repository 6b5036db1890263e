//! EXIF: what the original says of itself, and what is written into the derived picture.
//!
//! Positions and times are integers throughout; nothing passes through a float.

use std::io::Cursor;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Timelike};
use exif::experimental::Writer;
use exif::{Context, Exif, Field, In, Rational, Reader, Tag, Value};
use image::metadata::Orientation;

use super::stamp::{Stamp, StampFix};

const E7: u128 = 10_000_000;

/// What the original's EXIF says of its exposure. It can be forged, and is kept as a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The camera's local time of exposure.
    pub at: Option<NaiveDateTime>,
    /// Where that clock stood to UTC, if the camera wrote it.
    pub offset: Option<FixedOffset>,
    /// Where the camera believed to be.
    pub position: Option<Position>,
}

/// A position of the original's EXIF, in WGS-84 by that format's convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Latitude in 1e-7 degrees, north positive.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degrees, east positive.
    pub lon_e7: i32,
}

/// Reads orientation and exposure from a TIFF block; damage anywhere counts as absence.
pub(super) fn read(tiff: Option<&[u8]>) -> (Orientation, Option<Taken>) {
    let parsed = tiff.and_then(|tiff| {
        let mut reader = Reader::new();
        // A later broken directory must not cost the orientation of the first.
        reader.continue_on_error(true);
        reader.read_raw(tiff.to_vec()).or_else(|e| e.distill_partial_result(|_| {})).ok()
    });
    let Some(exif) = parsed else { return (Orientation::NoTransforms, None) };
    (orientation(&exif).unwrap_or(Orientation::NoTransforms), taken(&exif))
}

fn orientation(exif: &Exif) -> Option<Orientation> {
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    Orientation::from_exif(value.try_into().ok()?)
}

fn taken(exif: &Exif) -> Option<Taken> {
    let at = ascii(exif, Tag::DateTimeOriginal).and_then(local_time);
    let offset = ascii(exif, Tag::OffsetTimeOriginal).and_then(|text| text.trim().parse().ok());
    let position = position(exif);
    (at.is_some() || position.is_some()).then_some(Taken { at, offset, position })
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&str> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(parts) => std::str::from_utf8(parts.first()?).ok(),
        _ => None,
    }
}

fn local_time(text: &str) -> Option<NaiveDateTime> {
    let at = exif::DateTime::from_ascii(text.as_bytes()).ok()?;
    NaiveDate::from_ymd_opt(at.year.into(), at.month.into(), at.day.into())?.and_hms_opt(
        at.hour.into(),
        at.minute.into(),
        at.second.into(),
    )
}

fn position(exif: &Exif) -> Option<Position> {
    let lat_e7 = angle(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, "S", 90)?;
    let lon_e7 = angle(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, "W", 180)?;
    Some(Position { lat_e7, lon_e7 })
}

/// Degrees, minutes and seconds as fractions, to 1e-7 degrees.
fn angle(exif: &Exif, tag: Tag, side: Tag, negative: &str, limit: u128) -> Option<i32> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let [degrees, minutes, seconds] = parts.as_slice() else { return None };
    let e7 = |part: &Rational, unit: u128| {
        let per = u128::from(part.denom) * unit;
        (u128::from(part.num) * E7 + per / 2).checked_div(per)
    };
    let sum = e7(degrees, 1)? + e7(minutes, 60)? + e7(seconds, 3600)?;
    let size = i32::try_from(sum).ok().filter(|_| sum <= limit * E7)?;
    Some(if ascii(exif, side)?.trim() == negative { -size } else { size })
}

/// The TIFF block of a derived picture; `None` only if the writer itself fails.
pub(super) fn write(stamp: &Stamp) -> Option<Vec<u8>> {
    let mut fields = vec![
        field(Tag::Orientation, Value::Short(vec![1])),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::DateTimeOriginal, text(exif_time(&stamp.taken_at))),
        field(Tag::OffsetTimeOriginal, text(exif_offset(*stamp.taken_at.offset()))),
    ];
    if let Some(fix) = stamp.place {
        fields.extend(gps(fix));
    }
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).ok()?;
    Some(tiff.into_inner())
}

fn gps(fix: StampFix) -> Vec<Field> {
    let side = |value: i32, positive: &str, negative: &str| {
        text(if value < 0 { negative } else { positive }.to_owned())
    };
    vec![
        field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
        field(Tag::GPSLatitudeRef, side(fix.lat_e7, "N", "S")),
        field(Tag::GPSLatitude, Value::Rational(sexagesimal(fix.lat_e7))),
        field(Tag::GPSLongitudeRef, side(fix.lon_e7, "E", "W")),
        field(Tag::GPSLongitude, Value::Rational(sexagesimal(fix.lon_e7))),
        field(Tag::GPSMapDatum, text("WGS-84".to_owned())),
        field(Tag::GPSHPositioningError, Value::Rational(vec![(fix.accuracy_m, 1).into()])),
    ]
}

/// Exact: a 1e-7 degree is 36/100,000 of a second.
fn sexagesimal(value_e7: i32) -> Vec<Rational> {
    let value = u64::from(value_e7.unsigned_abs());
    let e7 = E7 as u64;
    let minutes = value % e7 * 60;
    let seconds = minutes % e7 * 6;
    let whole = |value: u64| Rational { num: value as u32, denom: 1 };
    vec![whole(value / e7), whole(minutes / e7), Rational { num: seconds as u32, denom: 1_000_000 }]
}

fn exif_time(at: &DateTime<FixedOffset>) -> String {
    // EXIF has four digits for a year, and a clock that far off is no better for being exact.
    let year = at.year().clamp(0, 9999);
    let (month, day) = (at.month(), at.day());
    format!("{year:04}:{month:02}:{day:02} {:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

fn exif_offset(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn text(value: String) -> Value {
    Value::Ascii(vec![value.into_bytes()])
}

fn field(tag: Tag, value: Value) -> Field {
    debug_assert!(matches!(tag.context(), Context::Tiff | Context::Exif | Context::Gps));
    Field { tag, ifd_num: In::PRIMARY, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_degrees_minutes_and_seconds_exactly() {
        for value in [0, 1, -1, 9_999_999, 306_642_083, -1_040_692_001, 1_800_000_000, i32::MIN] {
            let parts = sexagesimal(value);
            let back = u128::from(parts[0].num) * E7 * 3600
                + u128::from(parts[1].num) * E7 * 60
                + u128::from(parts[2].num) * E7 / u128::from(parts[2].denom);
            assert_eq!(back, u128::from(value.unsigned_abs()) * 3600, "{value}");
        }
    }

    #[test]
    fn an_offset_west_of_greenwich_keeps_its_minutes() {
        assert_eq!(exif_offset(FixedOffset::west_opt(3 * 3600 + 1800).unwrap()), "-03:30");
        assert_eq!(exif_offset(FixedOffset::east_opt(8 * 3600).unwrap()), "+08:00");
    }
}
