//! What the store's tests keep in it. The v1 fixture holds exactly [`half_filled`] and [`finished`]: frozen.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, TimeDelta};
use tempfile::TempDir;
use uuid::Uuid;
use xieguan::domain::answer::{Answer, ChecklistRef, PartValue, Sheet};
use xieguan::domain::checklist::Level;
use xieguan::domain::confidential::Secret;
use xieguan::domain::finding::{Disposition, Handling};
use xieguan::domain::id::{CoordinatorId, Digest, InspectionId, SiteId};
use xieguan::domain::inspection::{
    Attestation, Coordinator, Draft, Origin, Photo, PhotoSource, UnsignedCause,
};
use xieguan::domain::place::{Fix, Mock, NoFix, NoFixReason, Place};
use xieguan::domain::site::{Contact, Licence, Site, SiteSnapshot, Township};
use xieguan::store::Store;
use xieguan::store::record::Finished;

pub(super) const KEY: [u8; 32] = [0x5a; 32];
pub(super) const OTHER_KEY: [u8; 32] = [0xa5; 32];

/// A folder with a database that can be closed and opened again.
pub(super) struct Phone {
    pub(super) folder: TempDir,
    pub(super) store: Store,
}

impl Phone {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("phone.db"), &KEY).unwrap();
        Self { folder, store }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("phone.db")
    }

    pub(super) fn reopened(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        let store = Store::open(&folder.path().join("phone.db"), &KEY).unwrap();
        Self { folder, store }
    }
}

pub(super) fn moment(seconds: i64) -> DateTime<FixedOffset> {
    let start = DateTime::parse_from_rfc3339("2026-11-21T09:31:00.250+08:00").unwrap();
    start + TimeDelta::seconds(seconds)
}

pub(super) fn visit(n: u8) -> InspectionId {
    InspectionId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0100 + u128::from(n)))
}

pub(super) fn blob(n: u8) -> Digest {
    Digest::of(&[n])
}

pub(super) fn township() -> Township {
    Township { code: "000000101".to_owned(), name: "示例镇".to_owned() }
}

pub(super) fn site(n: u8, name: &str) -> Site {
    Site {
        id: SiteId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0a00 + u128::from(n))),
        name: name.to_owned(),
        nickname: String::new(),
        kinds: vec!["WATER_RURAL".to_owned()],
        address: "示例镇石桥村".to_owned(),
        township: township(),
        place: Some(Place { lat_e7: 306_641_000, lon_e7: 1_040_690_000 }),
        credit_code: String::new(),
        licences: vec![Licence {
            title: "饮用水卫生许可证".to_owned(),
            number: "示例字[2026]001".to_owned(),
            expires_on: None,
        }],
        contacts: vec![Contact {
            name: "张示例".to_owned(),
            role: "管水员".to_owned(),
            phone: "000-0000000".to_owned(),
        }],
        last_visit: None,
    }
}

/// A draft of the site with two empty sheets.
pub(super) fn empty(n: u8, site: &Site) -> Draft {
    let sheet = |code: &str, hash: u8| {
        Sheet::new(ChecklistRef {
            code: code.to_owned(),
            version: "2026.1".to_owned(),
            hash: Digest([hash; 32]),
        })
    };
    Draft {
        id: visit(n),
        revision: 1,
        parent: None,
        site: SiteSnapshot::from(site),
        origin: Origin::Routine,
        coordinators: vec![Coordinator {
            id: CoordinatorId(Uuid::from_u128(0xc1)),
            name: "王示例".to_owned(),
            organisation: "示例镇卫生院".to_owned(),
        }],
        started_at: moment(0),
        visit_ended_at: None,
        sheets: vec![sheet("WATER_RURAL", 7), sheet("SCHOOL", 8)],
        photos: Vec::new(),
        fixes: Vec::new(),
        no_fix: None,
        guidance: String::new(),
        attestation: None,
    }
}

pub(super) fn photo(n: u8, item: Option<&str>) -> Photo {
    Photo {
        original: blob(n),
        original_bytes: 3_000_000 + u64::from(n),
        derived: blob(n + 100),
        derived_bytes: 300_000 + u64::from(n),
        item: item.map(str::to_owned),
        taken_at: moment(i64::from(n)),
        source: PhotoSource::Camera,
        fix: Some(fix(6)),
    }
}

pub(super) fn fix(accuracy_m: u32) -> Fix {
    Fix {
        place: Place { lat_e7: 306_642_100, lon_e7: 1_040_692_100 },
        accuracy_m,
        provider: "webview".to_owned(),
        at: moment(5),
        mock: Mock::Unknown,
    }
}

pub(super) fn note(text: &str) -> Answer {
    Answer { note: text.to_owned(), ..Answer::default() }
}

pub(super) fn secret(text: &str) -> Secret {
    Secret { item: "IM-15".to_owned(), part: "who".to_owned(), salt: [3; 16], text: text.to_owned() }
}

/// A draft with something in every place there is.
pub(super) fn half_filled() -> Draft {
    let mut draft = empty(1, &site(1, "石桥村集中供水站"));
    let failed = Answer {
        parts: [(
            "value".to_owned(),
            PartValue::Number { reading: "0.30".parse().unwrap(), instrument: None },
        )]
        .into(),
        note: "管网末梢".to_owned(),
        photos: vec![blob(1), blob(2)],
        handling: Some(Handling {
            problem: "余氯不足".to_owned(),
            disposition: Some(Disposition::Guided),
            deadline: "2026-12-05".parse().ok(),
        }),
        ..Answer::default()
    };
    draft.sheets[0].answers.insert("WR-15".to_owned(), failed);
    draft.sheets[0].answers.insert("WR-16".to_owned(), Answer { not_applicable: true, ..Answer::default() });
    draft.sheets[1].answers.insert("WR-15".to_owned(), Answer { photos: vec![blob(4)], ..Answer::default() });
    let items = [Some("WR-15"), Some("WR-15"), None, Some("WR-15")];
    draft.photos = (1..).zip(items).map(|(n, item)| photo(n, item)).collect();
    draft.revision = 2;
    draft.parent = Some(blob(9));
    draft.fixes = vec![fix(6), fix(12)];
    draft.no_fix =
        Some(NoFix { reason: NoFixReason::NoSignal, landmark: "村委会对面蓝色大门".to_owned() });
    draft.guidance = "1. 增加投氯量。".to_owned();
    draft.attestation = Some(Attestation::Unsigned {
        cause: UnsignedCause::Absent,
        reason: "外出".to_owned(),
        witness: "李示例".to_owned(),
    });
    draft
}

/// What finishing gives for a draft with these photos.
pub(super) fn finished(draft: &Draft, photos: &[Photo]) -> Finished {
    let document = format!("{{\"id\":\"{}\",\"revision\":{},\"示例\":true}}", draft.id, draft.revision);
    Finished {
        id: draft.id,
        revision: draft.revision,
        digest: Digest::of(document.as_bytes()),
        envelope: format!("{{\"document\":{document:?}}}"),
        document,
        site: draft.site.title.clone(),
        finished_at: moment(600),
        level: Some(Level::B),
        derived: photos.iter().map(|photo| (photo.derived, photo.derived_bytes)).collect(),
        originals: photos.iter().map(|photo| (photo.original, photo.original_bytes)).collect(),
    }
}
