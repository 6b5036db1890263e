//! Sites (监督单位、场所): one file each, possibly without name, number or licence.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::checklist::Level;
use super::id::{InspectionId, SiteId};
use super::last::LastAnswer;
use super::place::Place;
use super::text::cut;

/// One site file (一户一档).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Registered name; empty for a place that has none.
    pub name: String,
    /// What people call it; used when there is no name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nickname: String,
    /// Kinds, data: `WATER_RURAL`, `SCHOOL`, `SUSPECT_PLACE`, …; a school may also be `FOOD_CANTEEN`.
    pub kinds: Vec<String>,
    /// Address as people say it.
    pub address: String,
    /// Township it belongs to.
    pub township: Township,
    /// Registered position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// 统一社会信用代码, unchecked; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credit_code: String,
    /// Its licences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<Licence>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// The last accepted or received visit, as the bureau knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_visit: Option<LastVisit>,
}

/// The kinds that a coordinator chooses from for a new site, those without a file most often first.
pub const KINDS: [&str; 17] = [
    "SUSPECT_PLACE",
    "CLINIC",
    "PHARMACY",
    "BEAUTY_SHOP",
    "FOOD_CATERING",
    "FOOD_CANTEEN",
    "SCHOOL",
    "KINDERGARTEN",
    "WATER_RURAL",
    "WATER_SECONDARY",
    "WATER_SCHOOL",
    "WATER_VENDING",
    "RURAL_BANQUET",
    "PUBLIC_PLACE",
    "EMPLOYER",
    "MCH_UNIT",
    "HOUSEHOLD",
];

impl Site {
    /// What to show: name, else nickname, else address.
    pub fn title(&self) -> &str {
        [&self.name, &self.nickname, &self.address]
            .into_iter()
            .find(|text| !text.is_empty())
            .map_or("", |t| t)
    }
}

/// Characters of a text that are kept in a file from the field.
const MAX_CHARS: usize = 200;
/// Entries of a list that are kept in it.
const MAX_ENTRIES: usize = 20;

impl Site {
    /// The file with its texts cut and its lists ended at a length that a site's file never needs: what comes from the
    /// field goes to every phone of the township.
    pub fn in_bounds(self) -> Self {
        let cut = |text: String| cut(&text, MAX_CHARS);
        let licence = |licence: Licence| Licence {
            title: cut(licence.title),
            number: cut(licence.number),
            expires_on: licence.expires_on,
        };
        let contact = |contact: Contact| Contact {
            name: cut(contact.name),
            role: cut(contact.role),
            phone: cut(contact.phone),
        };
        Self {
            id: self.id,
            name: cut(self.name),
            nickname: cut(self.nickname),
            kinds: self.kinds.into_iter().take(MAX_ENTRIES).map(cut).collect(),
            address: cut(self.address),
            township: Township { code: cut(self.township.code), name: cut(self.township.name) },
            place: self.place,
            credit_code: cut(self.credit_code),
            licences: self.licences.into_iter().take(MAX_ENTRIES).map(licence).collect(),
            contacts: self.contacts.into_iter().take(MAX_ENTRIES).map(contact).collect(),
            last_visit: self.last_visit,
        }
    }
}

/// A township (乡镇、街道), by statistical code and name, both as the county writes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Township {
    /// First nine digits of the statistical division code, or the county's own.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A licence or filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// What it is: 饮用水卫生许可证.
    pub title: String,
    /// Its number, free text (local formats differ).
    pub number: String,
    /// Last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
}

/// How long a licence is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Its last day has passed.
    Expired {
        /// Whole days since, at least 1.
        days: u32,
    },
    /// It ends within 30 days.
    Within30 {
        /// Whole days left; 0 on its last day.
        days: u32,
    },
    /// It ends within 60 days.
    Within60 {
        /// Whole days left.
        days: u32,
    },
    /// Longer.
    Valid {
        /// Its last day.
        until: NaiveDate,
    },
    /// Nobody wrote down until when.
    Unknown,
}

impl Licence {
    /// How it stands on a day.
    pub fn validity(&self, today: NaiveDate) -> Validity {
        let Some(until) = self.expires_on else { return Validity::Unknown };
        let left = until.signed_duration_since(today).num_days();
        let days = u32::try_from(left.unsigned_abs()).unwrap_or(u32::MAX);
        match left {
            ..0 => Validity::Expired { days },
            0..=30 => Validity::Within30 { days },
            31..=60 => Validity::Within60 { days },
            _ => Validity::Valid { until },
        }
    }
}

/// Somebody at the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// 负责人, 管水员, …
    pub role: String,
    /// Telephone, unchecked.
    pub phone: String,
}

/// The last visit in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastVisit {
    /// Which.
    pub inspection: InspectionId,
    /// When it was finished.
    pub at: DateTime<FixedOffset>,
    /// Highest level found.
    pub level: Option<Level>,
    /// What failed, in words.
    pub problems: Vec<String>,
    /// What was answered; empty from a bureau that does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<LastAnswer>,
}

/// The site as it stood at the visit, copied into the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSnapshot {
    /// Its id.
    pub id: SiteId,
    /// What it was called, see [`Site::title`].
    pub title: String,
    /// Kinds.
    pub kinds: Vec<String>,
    /// Address.
    pub address: String,
    /// Township.
    pub township: Township,
    /// Registered position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl From<&Site> for SiteSnapshot {
    fn from(site: &Site) -> Self {
        Self {
            id: site.id,
            title: site.title().to_owned(),
            kinds: site.kinds.clone(),
            address: site.address.clone(),
            township: site.township.clone(),
            place: site.place,
        }
    }
}

impl From<&SiteSnapshot> for Site {
    /// A file with no more in it than a record says.
    fn from(snapshot: &SiteSnapshot) -> Self {
        Self {
            id: snapshot.id,
            name: snapshot.title.clone(),
            nickname: String::new(),
            kinds: snapshot.kinds.clone(),
            address: snapshot.address.clone(),
            township: snapshot.township.clone(),
            place: snapshot.place,
            credit_code: String::new(),
            licences: Vec::new(),
            contacts: Vec::new(),
            last_visit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_the_field_is_small_whatever_was_written_and_an_ordinary_one_stays_as_it_is() {
        let long = || "长".repeat(5_000);
        let huge = Site {
            id: SiteId(uuid::Uuid::nil()),
            name: long(),
            nickname: long(),
            kinds: vec![long(); 500],
            address: long(),
            township: Township { code: long(), name: long() },
            place: None,
            credit_code: long(),
            licences: vec![Licence { title: long(), number: long(), expires_on: None }; 500],
            contacts: vec![Contact { name: long(), role: long(), phone: long() }; 500],
            last_visit: None,
        };
        let cut = huge.in_bounds();
        let bytes = serde_json::to_vec(&cut).unwrap().len();
        assert!(bytes < 100_000, "{bytes}");
        assert!(cut.name.starts_with("长长") && cut.name.ends_with('…'), "{}", cut.name);
        assert_eq!(cut.clone().in_bounds(), cut);
    }
}
