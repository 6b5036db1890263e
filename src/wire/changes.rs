//! `GET /v1/changes?since=cursor`: what a phone needs to know, in pages, with tombstones.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::enrolment::Settings;
use crate::domain::id::{BureauId, Digest, Epoch, InspectionId, SiteId};
use crate::domain::review::Review;
use crate::domain::site::Site;

/// A place in the bureau's order of changes; opaque to phones, meaningless in another epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One page of changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangesPage {
    /// Who says so.
    pub bureau: BureauId,
    /// In which life of its data; in a new one a phone starts again without a cursor.
    pub epoch: Epoch,
    /// The bureau's clock.
    pub now: DateTime<FixedOffset>,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// Where the next page starts.
    pub cursor: Cursor,
    /// Whether there is one right now.
    pub more: bool,
}

/// One change. Kinds that a phone does not know are skipped, so that bureaus may add some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// `site`, `checklist`, `settings`, `review`.
    pub kind: String,
    /// Id within the kind.
    pub id: String,
    /// The new state; absent when it is gone (a tombstone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A change that this version understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// A site of my townships, new or changed.
    Site(Box<Site>),
    /// A site is no longer mine.
    SiteGone(SiteId),
    /// A checklist as published, verbatim.
    Checklist {
        /// The hash it is named by.
        hash: Digest,
        /// Its text.
        text: String,
    },
    /// A checklist is no longer offered for new visits; drafts keep theirs.
    ChecklistGone(Digest),
    /// New settings.
    Settings(Settings),
    /// What the bureau says of a record of this phone.
    Review(Box<Review>),
    /// It takes that back.
    ReviewGone(InspectionId),
}

impl Change {
    /// A site's new state.
    ///
    /// # Errors
    /// Never for a site of this crate.
    pub fn site(site: &Site) -> Result<Self, serde_json::Error> {
        Ok(Self { kind: "site".to_owned(), id: site.id.to_string(), body: Some(serde_json::to_value(site)?) })
    }

    /// A site leaves.
    pub fn site_gone(id: SiteId) -> Self {
        Self { kind: "site".to_owned(), id: id.to_string(), body: None }
    }

    /// A checklist, its published text verbatim.
    pub fn checklist(text: &str) -> Self {
        let id = Digest::of(text.as_bytes()).to_string();
        Self { kind: "checklist".to_owned(), id, body: Some(Value::String(text.to_owned())) }
    }

    /// New settings.
    ///
    /// # Errors
    /// Never for settings of this crate.
    pub fn settings(settings: &Settings) -> Result<Self, serde_json::Error> {
        let body = Some(serde_json::to_value(settings)?);
        Ok(Self { kind: "settings".to_owned(), id: "settings".to_owned(), body })
    }

    /// A review of a record.
    ///
    /// # Errors
    /// Never for a review of this crate.
    pub fn review(review: &Review) -> Result<Self, serde_json::Error> {
        let body = Some(serde_json::to_value(review)?);
        Ok(Self { kind: "review".to_owned(), id: review.inspection.to_string(), body })
    }

    /// The change in this version's words; `None` for a kind from the future or a body that does not fit.
    pub fn known(&self) -> Option<Known> {
        match (self.kind.as_str(), &self.body) {
            ("site", Some(body)) => Site::deserialize(body).ok().map(|site| Known::Site(Box::new(site))),
            ("site", None) => self.id.parse().ok().map(Known::SiteGone),
            ("checklist", Some(Value::String(text))) => {
                let hash = Digest::of(text.as_bytes());
                (hash.to_string() == self.id).then(|| Known::Checklist { hash, text: text.clone() })
            }
            ("checklist", None) => self.id.parse().ok().map(Known::ChecklistGone),
            ("review", Some(body)) => {
                Review::deserialize(body).ok().map(|review| Known::Review(Box::new(review)))
            }
            ("review", None) => self.id.parse().ok().map(Known::ReviewGone),
            ("settings", Some(body)) => Settings::deserialize(body).ok().map(Known::Settings),
            _ => None,
        }
    }
}
