//! A measured value, kept exactly as it was typed.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal as typed: `0.30` stays `0.30`, because the digits say how fine the instrument reads.
///
/// Equal values may differ as text, so there is no `Eq`; compare with [`Reading::compare`].
#[derive(Clone, Debug)]
pub struct Reading {
    text: String,
    value: Decimal,
}

/// The text is not a plain decimal such as `0.05`, `-3` or `12`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a plain decimal number")]
pub struct NotANumber;

impl Reading {
    /// At most this many characters are taken for a number.
    const MAX_CHARS: usize = 20;

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The exact value.
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// Digits after the point, as typed.
    pub fn decimals(&self) -> u32 {
        self.value.scale()
    }

    /// Orders by value, whatever the number of digits typed.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl FromStr for Reading {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > Self::MAX_CHARS || !plain(whole) || !plain(fraction) {
            return Err(NotANumber);
        }
        let value = Decimal::from_str_exact(text).map_err(|_| NotANumber)?;
        Ok(Self { text: text.to_owned(), value })
    }
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What people type on a phone's keyboard for a number: full-width digits, a Chinese full stop, blanks.
pub fn tidy_number(typed: &str) -> String {
    let plain = typed.trim().chars().map(|c| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '．' | '。' | '，' | ',' => '.',
        '－' | '−' => '-',
        other => other,
    });
    let text: String = plain.collect();
    match text.strip_suffix('.') {
        Some(whole) => whole.to_owned(),
        None if text.starts_with('.') => format!("0{text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_keeps_its_digits_and_compares_by_value() {
        let typed: Reading = "0.30".parse().unwrap();
        assert_eq!(typed.as_str(), "0.30");
        assert_eq!(typed.decimals(), 2);
        assert_eq!(typed.compare(&"0.3".parse().unwrap()), Ordering::Equal);
        assert_eq!(serde_json::to_string(&typed).unwrap(), "\"0.30\"");
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for bad in
            ["", ".", "-", "1e5", "0x10", "1.", ".5", "1.2.3", "NaN", "１", "1 000", "999999999999999999999"]
        {
            assert_eq!(bad.parse::<Reading>(), Err(NotANumber), "{bad}");
        }
    }

    #[test]
    fn full_width_typing_becomes_plain() {
        assert_eq!(tidy_number(" ０．３５ "), "0.35");
        assert_eq!(tidy_number("。5"), "0.5");
        assert_eq!(tidy_number("7."), "7");
    }
}
