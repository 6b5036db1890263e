//! A site made in the field (新建单位): signed like a record, so that the bureau knows who found it, where and when.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::id::{BureauId, DeviceId, Digest};
use super::inspection::{Clock, Coordinator};
use super::place::Fix;
use super::site::Site;

/// The version of the document's form; a bureau reads every version up to its own.
pub const SCHEMA: u16 = 1;

/// A site file as a coordinator made it. Its bytes are signed, sent and stored verbatim; see `domain::seal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewSite {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u16,
    /// From 1.
    pub revision: u32,
    /// Hash of the revision this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Digest>,
    /// The bureau it is for.
    pub bureau: BureauId,
    /// The file; its id names the document too.
    pub site: Site,
    /// When it was made.
    pub made_at: DateTime<FixedOffset>,
    /// Where the phone was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What is known of the phone's clock.
    pub clock: Clock,
    /// Who made it.
    pub coordinators: Vec<Coordinator>,
    /// The phone.
    pub device: DeviceId,
    /// Version of the app.
    pub app_version: String,
}
