//! A filled record with blanks for id, photo and seal: tens of thousands of different, correctly sealed documents
//! from a few, in little memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chrono::{TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::super::script;
use crate::domain::answer::Sheet;
use crate::domain::checklist::{Checklist, Library, SHIPPED};
use crate::domain::id::{DeviceId, Digest, InspectionId, PhotoId};
use crate::domain::inspection::{
    Attestation, Clock, Draft, Finishing, Origin, Photo, PhotoSource, STATEMENT,
};
use crate::domain::seal::{Purpose, Signature, canonical, sign};
use crate::domain::site::{Site, SiteSnapshot};
use crate::wire::enrolment::Enrolled;
use crate::wire::sealed::SealedDocument;

/// Stands for the photo until there is one.
const PHOTO: PhotoId = Digest([0xab; 32]);

/// Who fills it in.
pub(super) struct Author<'a> {
    pub(super) enrolled: &'a Enrolled,
    pub(super) device: DeviceId,
    pub(super) key: &'a SigningKey,
}

/// A text and where the blanks are in it.
#[derive(Debug)]
struct Text {
    bytes: Vec<u8>,
    ids: Vec<usize>,
    photos: Vec<usize>,
    seal: Option<usize>,
}

/// A record with blanks.
#[derive(Debug)]
pub(super) struct Blank {
    document: Text,
    envelope: Text,
}

/// One sealed document, to be written out when it is sent.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) id: Uuid,
    pub(super) digest: Digest,
    pub(super) photo: Option<PhotoId>,
    blank: Arc<Blank>,
    seal: Signature,
}

impl Blank {
    /// A visit to a site with so many answers and, if `photo_bytes` is not zero, a photo of that size.
    pub(super) fn new(
        author: &Author<'_>,
        site: &Site,
        answers: usize,
        photo_bytes: usize,
        rng: &mut StdRng,
    ) -> anyhow::Result<Self> {
        let now = Utc::now().fixed_offset();
        let id = Uuid::now_v7();
        let mut draft = draft(author, site, InspectionId(id));
        let mut library = Library::new();
        let mut left = answers;
        for text in SHIPPED.iter().cycle().take(answers) {
            let (name, checklist) = Checklist::parse(text.as_bytes())?;
            let steps = script::walk(&name, &checklist, now, 0, rng);
            let mut sheet = Sheet::new(name.clone());
            sheet.answers = steps.into_iter().take(left).map(|step| (step.item, step.answer)).collect();
            left -= sheet.answers.len();
            draft.sheets.push(sheet);
            library.insert(name.hash, checklist);
            if left == 0 {
                break;
            }
        }
        if photo_bytes > 0 {
            draft.photos.push(photo(photo_bytes, &draft));
        }
        let finishing = Finishing {
            finished_at: draft.started_at + TimeDelta::minutes(24),
            clock: Clock { offset_s: Some(0), elapsed_s: 1440, jumps: Vec::new() },
            bureau: author.enrolled.bureau.id,
            device: author.device,
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let document = canonical(&draft.finish(finishing, &library))?;
        let sealed = SealedDocument::seal(document, author.device, author.key, None);
        let seal = sealed.seal.to_string();
        let envelope = serde_json::to_string(&sealed)?;
        Ok(Self {
            document: Text::new(sealed.document, id, None)?,
            envelope: Text::new(envelope, id, Some(&seal))?,
        })
    }

    /// How long an envelope is.
    pub(super) fn envelope_bytes(&self) -> usize {
        self.envelope.bytes.len()
    }

    /// Seals a document of its own id and photo.
    pub(super) fn seal(self: &Arc<Self>, id: Uuid, photo: Option<PhotoId>, key: &SigningKey) -> Sealed {
        let text = self.document.filled(id, photo, None);
        let seal = sign(key, Purpose::Document, &text);
        Sealed { id, digest: Digest::of(&text), photo, blank: Arc::clone(self), seal }
    }
}

impl Sealed {
    /// The envelope, as it is sent.
    pub(super) fn envelope(&self) -> Vec<u8> {
        self.blank.envelope.filled(self.id, self.photo, Some(self.seal))
    }
}

impl Text {
    fn new(text: String, id: Uuid, seal: Option<&str>) -> anyhow::Result<Self> {
        let places = |needle: &str| text.match_indices(needle).map(|(at, _)| at).collect::<Vec<_>>();
        let ids = places(&id.to_string());
        ensure!(!ids.is_empty(), "the record does not name itself");
        let seal = seal.map(|seal| text.find(seal).context("no seal")).transpose()?;
        let photos = places(&PHOTO.to_string());
        Ok(Self { ids, photos, seal, bytes: text.into_bytes() })
    }

    fn filled(&self, id: Uuid, photo: Option<PhotoId>, seal: Option<Signature>) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let mut put = |at: usize, text: &str| bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
        let id = id.to_string();
        self.ids.iter().for_each(|at| put(*at, &id));
        if let Some(photo) = photo {
            let photo = photo.to_string();
            self.photos.iter().for_each(|at| put(*at, &photo));
        }
        if let (Some(at), Some(seal)) = (self.seal, seal) {
            put(at, &seal.to_string());
        }
        bytes
    }
}

fn draft(author: &Author<'_>, site: &Site, id: InspectionId) -> Draft {
    let started_at = Utc::now().fixed_offset() - TimeDelta::minutes(30);
    let stroke = |n: u16| (0..24).map(|k| [100 + 8 * k + n, 200 + (k * 37 + n) % 90]).collect();
    Draft {
        id,
        revision: 1,
        parent: None,
        site: SiteSnapshot::from(site),
        origin: Origin::Routine,
        coordinators: vec![author.enrolled.coordinator.clone()],
        started_at,
        visit_ended_at: None,
        sheets: Vec::new(),
        photos: Vec::new(),
        fixes: Vec::new(),
        no_fix: None,
        guidance: "1. 请按时清洗蓄水池，并做好记录。".to_owned(),
        attestation: Some(Attestation::Signed {
            name: "王示例".to_owned(),
            role: String::new(),
            statement: STATEMENT.to_owned(),
            strokes: (0..5).map(stroke).collect(),
        }),
    }
}

/// Copy and original in one: a single blob to send.
fn photo(bytes: usize, draft: &Draft) -> Photo {
    Photo {
        original: PHOTO,
        original_bytes: bytes as u64,
        derived: PHOTO,
        derived_bytes: bytes as u64,
        item: None,
        taken_at: draft.started_at,
        source: PhotoSource::Camera,
        fix: None,
    }
}

/// The bytes of a photo that no other document names.
#[derive(Clone, Debug)]
pub(super) struct Camera(Arc<Vec<u8>>);

impl Camera {
    pub(super) fn new(bytes: usize, rng: &mut StdRng) -> Self {
        let mut picture = vec![0; bytes];
        rand::RngCore::fill_bytes(rng, &mut picture);
        Self(Arc::new(picture))
    }

    pub(super) fn picture(&self, id: Uuid) -> Vec<u8> {
        let mut bytes = self.0.as_ref().clone();
        let end = bytes.len().min(16);
        bytes[..end].copy_from_slice(&id.as_bytes()[16 - end..]);
        bytes
    }
}

/// Acknowledged documents by their hash.
pub(super) type ByDigest<'a> = BTreeMap<Digest, &'a Sealed>;
