//! Where something is or was: WGS-84 in whole 1e-7 degrees, never floats, never another datum.

use chrono::{DateTime, FixedOffset};
use geo::{Distance, Geodesic, Point};
use serde::{Deserialize, Serialize};

/// Metres in 1e-7 degrees of a great circle of the mean radius.
const METRES: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0 / 1e7;

/// A point on the ground, WGS-84.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Latitude in 1e-7 degrees, −900,000,000 to 900,000,000.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degrees, −1,800,000,000 to 1,800,000,000.
    pub lon_e7: i32,
}

impl Place {
    /// From degrees as a position sensor gives them; `None` when they are no place on Earth.
    pub fn from_degrees(lat: f64, lon: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        on_earth.then(|| Self { lat_e7: (lat * 1e7).round() as i32, lon_e7: (lon * 1e7).round() as i32 })
    }

    /// Whether the numbers name a place on Earth; documents from the network may hold any.
    pub fn is_on_earth(self) -> bool {
        self.lat_e7.unsigned_abs() <= 900_000_000 && self.lon_e7.unsigned_abs() <= 1_800_000_000
    }

    /// Geodesic distance in metres, rounded.
    pub fn distance_m(self, other: Self) -> u32 {
        Geodesic.distance(self.point(), other.point()).round() as u32
    }

    /// Distance in metres, about: for sorting and filtering many. Within 0.6 % of [`Place::distance_m`] up to 300 km
    /// below 60° of latitude.
    pub fn roughly_m(self, other: Self) -> u32 {
        let north = f64::from(self.lat_e7) - f64::from(other.lat_e7);
        let east = f64::from(self.lon_e7) - f64::from(other.lon_e7);
        // The short way round.
        let east = if east.abs() > 1.8e9 { 3.6e9 - east.abs() } else { east };
        let middle = (f64::from(self.lat_e7) + f64::from(other.lat_e7)) / 2e7;
        let east = east * middle.to_radians().cos();
        ((north * north + east * east).sqrt() * METRES).round() as u32
    }

    /// The part of [`Place::roughly_m`] that lies north or south, so never more than it; for leaving out most of many.
    pub fn at_least_m(self, other: Self) -> u32 {
        ((f64::from(self.lat_e7) - f64::from(other.lat_e7)).abs() * METRES).round() as u32
    }

    fn point(self) -> Point {
        Point::new(f64::from(self.lon_e7) / 1e7, f64::from(self.lat_e7) / 1e7)
    }
}

/// Whether a phone is so far from a registered place that one may be at the wrong one; what the accuracy may account
/// for does not count. All in metres.
pub fn beyond_fence(distance_m: u32, accuracy_m: u32, fence_m: u32) -> bool {
    distance_m.saturating_sub(accuracy_m) > fence_m
}

/// Written as people in the trade write it: latitude, longitude, five decimals (about a metre).
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |value: i32| {
            let rounded = (i64::from(value).unsigned_abs() + 50) / 100;
            let sign = if value < 0 && rounded > 0 { "-" } else { "" };
            format!("{sign}{}.{:05}", rounded / 100_000, rounded % 100_000)
        };
        write!(f, "{}, {}", part(self.lat_e7), part(self.lon_e7))
    }
}

/// Whether the position came from a faking app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mock {
    /// The platform says it is genuine.
    No,
    /// The platform, or our own simulation, says it is made up.
    Yes,
    /// A webview cannot know.
    Unknown,
}

/// One position as the phone had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Radius of 68 % confidence in metres, rounded up.
    pub accuracy_m: u32,
    /// Who gave it: `webview`, `gps`, `network`, `simulated`.
    pub provider: String,
    /// The time of the fix itself, not of its use.
    pub at: DateTime<FixedOffset>,
    /// Whether it may be faked.
    pub mock: Mock,
}

/// A visit without a position: a valid answer, never a reason to stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoFix {
    /// Why there is none.
    pub reason: NoFixReason,
    /// What a colleague would look for: “村委会对面蓝色大门”.
    pub landmark: String,
}

/// Why there is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoFixReason {
    /// No satellite signal within the waiting time.
    NoSignal,
    /// The coordinator or the phone refused the permission.
    Refused,
    /// Location is switched off.
    SwitchedOff,
    /// The sensor or webview offers none.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_geodesic_and_symmetric() {
        let beijing = Place::from_degrees(39.904_2, 116.407_4).unwrap();
        let shanghai = Place::from_degrees(31.230_4, 121.473_7).unwrap();
        let metres = beijing.distance_m(shanghai);
        assert!((1_065_800..1_065_900).contains(&metres), "{metres}");
        assert_eq!(metres, shanghai.distance_m(beijing));
        assert_eq!(beijing.distance_m(beijing), 0);
    }

    #[test]
    fn the_rough_distance_is_near_the_true_one_within_a_county_and_across_the_date_line() {
        let pairs = [
            ((30.664_2, 104.069_2), (30.700_1, 104.120_5)),
            ((30.0, 104.0), (30.0, 106.5)),
            ((22.5, 113.0), (24.9, 113.1)),
            ((49.0, 120.0), (49.3, 122.0)),
            ((52.0, 179.99), (52.1, -179.9)),
        ];
        for ((a, b), (c, d)) in pairs {
            let (one, two) = (Place::from_degrees(a, b).unwrap(), Place::from_degrees(c, d).unwrap());
            let (rough, true_m) = (f64::from(one.roughly_m(two)), f64::from(one.distance_m(two)));
            assert!((rough / true_m - 1.0).abs() < 0.006, "{rough} for {true_m}");
            assert!(one.at_least_m(two) <= one.roughly_m(two));
            let north = Place { lon_e7: one.lon_e7, ..two };
            assert_eq!(one.at_least_m(two), one.roughly_m(north));
        }
    }

    #[test]
    fn the_fence_gives_the_accuracy_the_benefit_of_the_doubt() {
        for (distance, accuracy, beyond) in
            [(0, 6, false), (206, 6, false), (207, 6, true), (1_200, 2_000, false), (u32::MAX, 0, true)]
        {
            assert_eq!(beyond_fence(distance, accuracy, 200), beyond, "{distance} ± {accuracy}");
        }
    }

    #[test]
    fn places_print_with_five_decimals_and_nonsense_is_no_place() {
        assert_eq!(Place { lat_e7: 306_642_149, lon_e7: 1_040_692_051 }.to_string(), "30.66421, 104.06921");
        assert_eq!(Place { lat_e7: -49, lon_e7: -123_456_789 }.to_string(), "0.00000, -12.34568");
        assert_eq!(Place::from_degrees(91.0, 0.0), None);
        assert_eq!(Place::from_degrees(f64::NAN, 0.0), None);
    }
}
