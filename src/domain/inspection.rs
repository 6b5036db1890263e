//! The inspection (巡查): a draft while it is filled, an immutable document once finished.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::answer::Sheet;
use super::checklist::Library;
use super::finding::{Finding, findings};
use super::id::{BureauId, CoordinatorId, DeviceId, Digest, InspectionId, PhotoId};
use super::place::{Fix, NoFix};
use super::site::SiteSnapshot;

/// The version of the document's form; a bureau reads every version up to its own.
pub const SCHEMA: u16 = 1;

/// A visit being filled. Every field may still be empty; every rule accepts it as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Made when the visit starts.
    pub id: InspectionId,
    /// 1, or one more than the returned revision.
    pub revision: u32,
    /// Hash of the revision this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Digest>,
    /// The site as it stands.
    pub site: SiteSnapshot,
    /// Why the visit is made.
    pub origin: Origin,
    /// Who inspects; the second is optional and must differ.
    pub coordinators: Vec<Coordinator>,
    /// Start of the visit.
    pub started_at: DateTime<FixedOffset>,
    /// In a correction, when the visit itself ended: the correction does not lengthen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_ended_at: Option<DateTime<FixedOffset>>,
    /// The sheets.
    pub sheets: Vec<Sheet>,
    /// Every photo taken, those of no item included.
    pub photos: Vec<Photo>,
    /// Positions kept: the best at the start, one per photo's moment.
    pub fixes: Vec<Fix>,
    /// Why there is no position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fix: Option<NoFix>,
    /// The guidance left with the site (指导意见).
    pub guidance: String,
    /// Signature or refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

/// A finished visit. Its bytes are signed, sent and stored verbatim; see `domain::seal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u16,
    /// The same for every revision.
    pub id: InspectionId,
    /// From 1.
    pub revision: u32,
    /// Hash of the revision this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Digest>,
    /// The bureau it is for.
    pub bureau: BureauId,
    /// The site as it stood.
    pub site: SiteSnapshot,
    /// Why the visit was made.
    pub origin: Origin,
    /// Who inspected.
    pub coordinators: Vec<Coordinator>,
    /// Start of the visit.
    pub started_at: DateTime<FixedOffset>,
    /// When the visit was finished; the same for every revision.
    pub finished_at: DateTime<FixedOffset>,
    /// When this revision was sealed, if it corrects another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_at: Option<DateTime<FixedOffset>>,
    /// What is known of the phone's clock.
    pub clock: Clock,
    /// The sheets.
    pub sheets: Vec<Sheet>,
    /// Every photo.
    pub photos: Vec<Photo>,
    /// Positions.
    pub fixes: Vec<Fix>,
    /// Why there is no position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fix: Option<NoFix>,
    /// The failed items as they were read and signed; the bureau works them out again and compares.
    pub findings: Vec<Finding>,
    /// The guidance left with the site.
    pub guidance: String,
    /// Signature or refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
    /// The phone.
    pub device: DeviceId,
    /// Version of the app.
    pub app_version: String,
}

/// Why a visit is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// 日常巡查.
    #[default]
    Routine,
    /// 专项.
    Campaign,
    /// 投诉举报.
    Complaint,
    /// 复查、回访.
    Revisit,
    /// 双随机协助.
    DoubleRandom,
    /// 联合.
    Joint,
}

/// A coordinator as named in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coordinator {
    /// Id at the bureau.
    pub id: CoordinatorId,
    /// Name.
    pub name: String,
    /// Township hospital or village clinic.
    pub organisation: String,
}

/// One photo of a record; its bytes travel apart, named by their hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// SHA-256 of the original bytes, taken at capture.
    pub original: PhotoId,
    /// Size of the original in bytes.
    pub original_bytes: u64,
    /// SHA-256 of the watermarked, shrunk copy.
    pub derived: PhotoId,
    /// Size of the copy in bytes.
    pub derived_bytes: u64,
    /// Item it was taken for; none for the site as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// When it was taken.
    pub taken_at: DateTime<FixedOffset>,
    /// Camera or album.
    pub source: PhotoSource,
    /// Where it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// Where a photo comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoSource {
    /// Taken on the spot.
    Camera,
    /// 相册导入，非现场拍摄.
    Album,
}

/// What is known of the phone's clock during the visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Bureau time minus phone time in seconds at the last contact; none: 时间未校准.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_s: Option<i64>,
    /// Seconds since the start by the monotonic clock; zero after a restart of the phone in between.
    pub elapsed_s: u64,
    /// Where wall clock and monotonic clock came apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jumps: Vec<ClockJump>,
}

/// The wall clock was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockJump {
    /// Wall clock after the jump.
    pub at: DateTime<FixedOffset>,
    /// By how many seconds; negative is back.
    pub by_s: i64,
}

/// What stands above the signature, in the language of the record.
pub const STATEMENT: &str = "以上记录我看过，情况属实。";

/// The site's side of the record: [`STATEMENT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Attestation {
    /// Signed on the glass.
    Signed {
        /// Name in print; empty when it was not asked for.
        name: String,
        /// What the signer is at the site: 负责人, …; empty when not said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        role: String,
        /// The sentence above the signature, as it was shown; empty in records of older apps.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        statement: String,
        /// Strokes; points in thousandths of the pad's width, y downwards.
        strokes: Vec<Vec<[u16; 2]>>,
    },
    /// Not signed, and why.
    Unsigned {
        /// How.
        cause: UnsignedCause,
        /// In words.
        reason: String,
        /// Who saw it; empty without one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        witness: String,
    },
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsignedCause {
    /// 拒签.
    Refused,
    /// 无人、不在场.
    Absent,
    /// 不会写字.
    CannotWrite,
}

/// What only the phone knows at the moment of finishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finishing {
    /// When.
    pub finished_at: DateTime<FixedOffset>,
    /// The clock.
    pub clock: Clock,
    /// The bureau.
    pub bureau: BureauId,
    /// The phone.
    pub device: DeviceId,
    /// Version of the app.
    pub app_version: String,
}

impl Draft {
    /// The correction of a finished visit: everything it says but the signature, because the signer has not seen what
    /// will be changed. `document` is the hash of the text it corrects.
    pub fn correcting(inspection: Inspection, document: Digest) -> Self {
        Self {
            id: inspection.id,
            revision: inspection.revision.saturating_add(1),
            parent: Some(document),
            site: inspection.site,
            origin: inspection.origin,
            coordinators: inspection.coordinators,
            started_at: inspection.started_at,
            visit_ended_at: Some(inspection.finished_at),
            sheets: inspection.sheets,
            photos: inspection.photos,
            fixes: inspection.fixes,
            no_fix: inspection.no_fix,
            guidance: inspection.guidance,
            attestation: None,
        }
    }

    /// The day the rules judge by: the day of the visit in its own zone.
    pub fn day(&self) -> NaiveDate {
        self.started_at.date_naive()
    }

    /// Turns the draft into the document, findings worked out; a sheet whose checklist is missing from
    /// the library yields none.
    pub fn finish(self, facts: Finishing, library: &Library) -> Inspection {
        let findings = sheet_findings(&self.sheets, library, self.day());
        Inspection {
            schema: SCHEMA,
            id: self.id,
            revision: self.revision,
            parent: self.parent,
            bureau: facts.bureau,
            site: self.site,
            origin: self.origin,
            coordinators: self.coordinators,
            started_at: self.started_at,
            finished_at: self.visit_ended_at.unwrap_or(facts.finished_at),
            corrected_at: self.visit_ended_at.map(|_| facts.finished_at),
            clock: facts.clock,
            sheets: self.sheets,
            photos: self.photos,
            fixes: self.fixes,
            no_fix: self.no_fix,
            findings,
            guidance: self.guidance,
            attestation: self.attestation,
            device: facts.device,
            app_version: facts.app_version,
        }
    }
}

impl Inspection {
    /// The day the rules judge by: the day of the visit in its own zone.
    pub fn day(&self) -> NaiveDate {
        self.started_at.date_naive()
    }

    /// Every blob the record names, derived copies first.
    pub fn blobs(&self) -> Vec<PhotoId> {
        let derived = self.photos.iter().map(|photo| photo.derived);
        let mut blobs: Vec<PhotoId> = Vec::new();
        for blob in derived.chain(self.photos.iter().map(|photo| photo.original)) {
            if !blobs.contains(&blob) {
                blobs.push(blob);
            }
        }
        blobs
    }

    /// Distance in metres between the best position and the registered one.
    pub fn distance_m(&self) -> Option<u32> {
        let best = self.fixes.iter().min_by_key(|fix| fix.accuracy_m)?;
        Some(best.place.distance_m(self.site.place?))
    }
}

/// The findings of all sheets, in order.
pub fn sheet_findings(sheets: &[Sheet], library: &Library, day: NaiveDate) -> Vec<Finding> {
    let known = sheets.iter().filter_map(|sheet| Some((library.get(&sheet.checklist.hash)?, sheet)));
    known.flat_map(|(checklist, sheet)| findings(checklist, sheet, day)).collect()
}
