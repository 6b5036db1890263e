//! Room on the phone: what photos take, which originals may go, and what a helper at the other end of the telephone
//! wants to know.

use super::{Device, Error, enrol, keep, network};
use crate::store;

/// What photos take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Pictures on this phone, copies and originals.
    pub pictures: usize,
    /// Originals that may go now: their records' receipts say “complete”, and they are older than the days of keeping
    /// or the phone is short of room. They go by themselves, at the latest an hour after everything is sent.
    pub removable: usize,
    /// Bytes these take.
    pub removable_bytes: u64,
    /// The days of keeping, as the bureau sets them.
    pub keep_days: u16,
    /// Free megabytes below which the oldest go sooner, as the bureau sets them; 0: never.
    pub keep_free_mb: u32,
    /// Free bytes on the phone, where it says.
    pub free_bytes: Option<u64>,
}

/// What a helper wants to know. Nothing of it is about a person or a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// Version of the app.
    pub app: String,
    /// Version of the schema.
    pub schema: u32,
    /// Operating system and processor.
    pub platform: String,
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Drafts, practice left out.
    pub drafts: usize,
    /// Signed documents.
    pub documents: usize,
    /// Of these, with a `complete` receipt.
    pub complete: usize,
    /// Rows still to send.
    pub queued: usize,
    /// Codes of rows that the bureau refused.
    pub blocked: Vec<String>,
    /// Sites.
    pub sites: usize,
    /// Checklists.
    pub checklists: usize,
    /// Bureau clock minus phone clock, seconds.
    pub offset_s: Option<i64>,
    /// Last answer of the bureau in this process, Unix milliseconds.
    pub contact_ms: Option<i64>,
    /// Why the worker waits.
    pub waiting: Option<String>,
    /// Why the phone must be enrolled again.
    pub sign_in: Option<String>,
}

impl Device {
    /// What photos take, and what may go.
    pub async fn room(&self) -> Result<Room, Error> {
        self.read(|inner, store| {
            let going = keep::going(inner, store, keep::Need::Usual)?;
            let settings = going.settings.unwrap_or_default();
            Ok(Room {
                pictures: inner.photos.list()?.len(),
                removable: going.originals.len(),
                removable_bytes: going.originals.values().sum(),
                keep_days: settings.keep_days,
                keep_free_mb: settings.keep_free_mb,
                free_bytes: going.free_bytes,
            })
        })
        .await
    }

    /// Removes the originals that may go, and nothing else; gives how many bytes were freed.
    pub async fn free_originals(&self) -> Result<u64, Error> {
        self.write(|inner, store| keep::make_room(inner, store, keep::Need::Usual)).await
    }

    /// What a helper wants to know.
    pub async fn diagnostics(&self) -> Result<Diagnostics, Error> {
        self.read(|inner, store| {
            let documents = store.documents()?;
            let rows = store.outbox()?;
            let standing = inner.standing.borrow().clone();
            let code = |reason: &String| reason.split(':').next().unwrap_or_default().to_owned();
            Ok(Diagnostics {
                app: super::visit::APP_VERSION.to_owned(),
                schema: store::SCHEMA,
                platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                enrolled: enrol::kept_profile(store)?.is_some(),
                drafts: store.drafts()?.len(),
                complete: documents.iter().filter(|row| row.complete_receipt.is_some()).count(),
                documents: documents.len(),
                queued: rows.len(),
                blocked: rows.iter().filter_map(|row| row.blocked.as_ref()).map(code).collect(),
                sites: store.sites("", u32::MAX)?.len(),
                checklists: store.library()?.len(),
                offset_s: network::offset_s(inner, store)?,
                contact_ms: standing.contact_ms,
                waiting: standing.waiting.map(|waiting| waiting.detail),
                sign_in: standing.sign_in,
            })
        })
        .await
    }
}
