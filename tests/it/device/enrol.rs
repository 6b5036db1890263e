//! A phone and a real bureau: enrolment, its refusals, and one record all the way to its proof of completeness.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use tokio::net::TcpListener;
use xieguan::bureau::photos::Folder;
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::enrolment::NewCode;
use xieguan::bureau::storage::seed::County;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::{Bureau, serve};
use xieguan::device::clock::{Clock, whole_seconds};
use xieguan::device::error::Unsent;
use xieguan::device::outbox::RecordRow;
use xieguan::device::{Device, EnrolError, Error, Setup};
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::id::{CoordinatorId, Digest, InspectionId, SiteId};
use xieguan::domain::inspection::{Coordinator, Inspection, PhotoSource};
use xieguan::domain::site::{Site, Township};
use xieguan::store::site::Change;
use xieguan::wire::enrolment::plain_code;
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::{ReceiptKind, SignedReceipt};

use crate::support::records;
use crate::support::trouble::{Mode, Trouble};

use super::{Phone, fill, picture, profile, site, visit};

/// Begins at the sample visit and runs, because a worker that must wait a little would wait for ever otherwise.
struct RunningClock(Instant);

impl Clock for RunningClock {
    fn now(&self) -> DateTime<FixedOffset> {
        whole_seconds(records::moment() + TimeDelta::from_std(self.0.elapsed()).unwrap())
    }

    fn now_ms(&self) -> i64 {
        records::moment().timestamp_millis() + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

pub(super) async fn start(phone: &Phone) -> Device {
    let clock = Arc::new(RunningClock(Instant::now()));
    Device::open(Setup { folder: phone.data(), keys: phone.keys(), clock }).await.unwrap()
}

/// Who shares the phone.
pub(super) fn colleague() -> Coordinator {
    Coordinator {
        id: CoordinatorId(uuid::Uuid::from_u128(0xc2)),
        name: "李示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    }
}

/// Where only the colleague goes.
fn far_site() -> Site {
    Site {
        id: SiteId(uuid::Uuid::from_u128(0x5172)),
        name: "示例镇第二小学".to_owned(),
        township: Township { code: "990002".to_owned(), name: "示例二镇".to_owned() },
        ..site()
    }
}

/// A bureau at work, with the township, site and coordinator of the other tests.
pub(super) struct Office {
    pub(super) bureau: Bureau,
    address: String,
    door: tokio::task::JoinHandle<Result<(), std::io::Error>>,
    _folder: tempfile::TempDir,
}

impl Office {
    pub(super) async fn open() -> Self {
        Self::open_with(vec![site()], vec![site().township.code]).await
    }

    /// With these sites, and the colleague in these townships.
    async fn open_with(sites: Vec<Site>, colleagues: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
        let photos = Folder::open(&folder.path().join("photos")).unwrap();
        let bureau = Bureau::new(storage, Arc::new(photos));
        let county = County {
            townships: vec![site().township, far_site().township],
            coordinators: vec![
                (profile().enrolled.coordinator, vec![site().township.code]),
                (colleague(), colleagues),
            ],
            sites,
            logins: Vec::new(),
        };
        bureau.storage().fill(county, 0).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let door = tokio::spawn(serve(listener, bureau.clone(), std::future::pending()));
        Self { bureau, address, door, _folder: folder }
    }

    async fn code(&self, coordinator: CoordinatorId) -> String {
        let code = xieguan::bureau::secret::readable(2);
        let new = NewCode {
            hash: Digest::of(plain_code(&code).as_bytes()).0,
            coordinator,
            expires_ms: (Utc::now() + TimeDelta::minutes(10)).timestamp_millis(),
        };
        self.bureau.storage().add_codes(vec![new], 0).await.unwrap();
        code
    }

    pub(super) async fn enrol(&self, device: &Device) -> Result<(), Error> {
        self.enrol_as(device, profile().enrolled.coordinator.id).await
    }

    pub(super) async fn enrol_as(&self, device: &Device, coordinator: CoordinatorId) -> Result<(), Error> {
        device.enrol(&self.address, &self.code(coordinator).await).await.map(drop)
    }
}

/// Waits until the only record is proven complete.
pub(super) async fn complete(device: &Device) -> RecordRow {
    let mut changes = device.changes();
    loop {
        let rows = device.records().await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].blocked, None);
        if rows[0].complete_receipt.is_some() {
            return rows.into_iter().next().unwrap();
        }
        changes.changed().await.unwrap();
    }
}

#[tokio::test]
async fn a_phone_that_was_turned_away_sends_everything_after_a_new_enrolment() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    device.pause(true).await.unwrap();
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
    device.finish(visit).await.unwrap();
    let now = Utc::now().timestamp_millis();
    assert!(office.bureau.storage().revoke_device(device.id(), now).await.unwrap());
    device.pause(false).await.unwrap();
    let mut standing = device.standing();
    standing.wait_for(|standing| standing.sign_in.is_some()).await.unwrap();
    let row = device.records().await.unwrap().remove(0);
    assert_eq!((row.record_receipt, row.blocked), (None, None));
    office.enrol(&device).await.unwrap();
    complete(&device).await;
    assert_eq!(device.standing().borrow().sign_in, None);
}

#[tokio::test]
async fn a_record_goes_up_by_itself_and_the_bureau_holds_its_very_bytes() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    assert_eq!(device.sites("石桥", 10).await.unwrap().len(), 1, "the sites are here when the enrolment is");
    let key = device.profile().await.unwrap().unwrap().enrolled.bureau.signing_key;
    let visit = visit(&device).await;
    fill(&device, visit, &phone.clock).await;
    device.add_photo(visit, 0, Some("WR-01"), PhotoSource::Camera, picture()).await.unwrap();
    let finished = device.finish(visit).await.unwrap();
    assert!(finished.clock.offset_s.is_some(), "the bureau told its time");

    let row = complete(&device).await;
    let ours = device.envelope(visit, 1).await.unwrap().unwrap();
    assert_eq!(device.refetch(row.name()).await.unwrap().document, ours.document);
    for (kind, text) in
        [(ReceiptKind::Record, row.record_receipt), (ReceiptKind::Complete, row.complete_receipt)]
    {
        let signed: SignedReceipt = serde_json::from_str(&text.unwrap()).unwrap();
        assert_eq!(signed.open_for(&key, row.digest).unwrap().kind, kind);
    }
    assert!(device.bytes_sent() > row.bytes);
}

#[tokio::test]
async fn a_refused_enrolment_leaves_the_phone_as_it_was() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let refused = async |address: &str, code: &str| match device.enrol(address, code).await {
        Err(Error::Enrol(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&office.address, "AAAA-AAAA").await, EnrolError::Code(Code::CodeWrong));
    assert!(matches!(refused(&nobody, "AAAA-AAAA").await, EnrolError::Unreachable(_)));
    assert!(matches!(refused("http://bureau.example", "A").await, EnrolError::Address(_)));
    assert!(matches!(refused("somewhere", "A").await, EnrolError::Address(_)));
    assert_eq!(device.profile().await.unwrap(), None);
    office.enrol(&device).await.unwrap();
}

#[tokio::test]
async fn unsent_work_stays_with_its_bureau() {
    let (one, other, phone) = (Office::open().await, Office::open().await, Phone::new());
    let device = start(&phone).await;
    one.enrol(&device).await.unwrap();
    let first = device.profile().await.unwrap();
    let refused = async |documents, drafts, author: &[&str]| {
        let authors = author.iter().map(|name| (*name).to_owned()).collect();
        let said = other.enrol(&device).await;
        let unsent = Unsent { documents, drafts, authors };
        assert!(
            matches!(&said, Err(Error::Enrol(EnrolError::UnsentWork(said))) if *said == unsent),
            "{said:?}"
        );
        assert_eq!(device.profile().await.unwrap(), first);
    };
    let begun = visit(&device).await;
    refused(0, 1, &["王示例"]).await;
    device.pause(true).await.unwrap();
    let pictured = device.add_photo(begun, 0, Some("WR-12"), PhotoSource::Camera, picture()).await.unwrap();
    fill(&device, begun, &phone.clock).await;
    let record = device.finish(begun).await.unwrap();
    refused(1, 0, &[]).await;

    device.pause(false).await.unwrap();
    let row = complete(&device).await;
    device.pause(true).await.unwrap();
    device.close().await;
    drop(device);
    // The bureau lost an original since, which made room here: nothing of it can be sent any more.
    phone.seed(|store| {
        assert_eq!(row.id, record.id.into());
        store.mark_removed(&[pictured.original]).unwrap();
        store.requeue(row.digest, &[pictured.original]).unwrap();
        assert!(store.documents().unwrap()[0].complete_receipt.is_none());
    });
    let device = start(&phone).await;
    other.enrol(&device).await.unwrap();
    let mut changes = device.changes();
    device.pause(false).await.unwrap();
    while device.sites("", 10).await.unwrap().is_empty() {
        tokio::time::timeout(Duration::from_secs(60), changes.changed()).await.unwrap().unwrap();
    }
    let kept = device.records().await.unwrap();
    assert!(kept.len() == 1 && kept[0].record_receipt.is_some(), "what was sent stays on the phone");
}

#[tokio::test]
async fn what_one_coordinator_finished_goes_up_under_the_own_name_while_another_has_the_phone() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    device.pause(true).await.unwrap();
    let done = visit(&device).await;
    fill(&device, done, &phone.clock).await;
    device.finish(done).await.unwrap();
    let open = visit(&device).await;

    office.enrol_as(&device, colleague().id).await.unwrap();
    assert!(device.drafts().await.unwrap().is_empty(), "drafts stay with their author");
    let own = visit(&device).await;
    device.pause(false).await.unwrap();
    let row = complete(&device).await;
    let sent = device.refetch(row.name()).await.unwrap();
    let record: Inspection = serde_json::from_str(&sent.document).unwrap();
    assert_eq!((record.id, &record.coordinators[0]), (done, &profile().enrolled.coordinator));

    office.enrol(&device).await.unwrap();
    let ids =
        |rows: Vec<xieguan::device::visit::DraftRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(device.drafts().await.unwrap()), [open]);
    office.enrol_as(&device, colleague().id).await.unwrap();
    assert_eq!(ids(device.drafts().await.unwrap()), [own]);
}

#[tokio::test]
async fn a_shared_phone_passes_from_hand_to_hand_without_a_network() {
    let office = Office::open_with(vec![site(), far_site()], vec![far_site().township.code]).await;
    let phone = Phone::new();
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    let me = profile().enrolled.coordinator;
    let mine = visit(&device).await;
    office.enrol_as(&device, colleague().id).await.unwrap();
    office.door.abort();
    let shown = async || {
        let sites = device.sites("", 10).await.unwrap();
        sites.into_iter().map(|site| site.id).collect::<Vec<_>>()
    };
    assert_eq!(shown().await, [far_site().id]);
    let hands = device.hands().await.unwrap();
    assert_eq!((&hands[0].coordinator, hands[0].drafts, hands.len()), (&me, 1, 1));
    assert!(device.others_drafts().await.unwrap().is_empty(), "they need no code to go on");

    assert_eq!(device.hand_over(me.id).await.unwrap().enrolled.coordinator, me);
    assert_eq!(shown().await, [site().id]);
    assert_eq!(device.drafts().await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [mine]);
    assert_eq!(device.hands().await.unwrap()[0].coordinator, colleague());
    let stranger = device.hand_over(CoordinatorId(uuid::Uuid::from_u128(9))).await;
    assert!(matches!(stranger, Err(Error::Enrol(EnrolError::Stranger))), "{stranger:?}");
    assert_eq!(device.profile().await.unwrap().unwrap().enrolled.coordinator, me);

    device.close().await;
    drop(device);
    let device = start(&phone).await;
    assert_eq!(device.hand_over(colleague().id).await.unwrap().enrolled.coordinator, colleague());
    let sites = device.sites("", 10).await.unwrap();
    assert_eq!(sites.into_iter().map(|site| site.id).collect::<Vec<_>>(), [far_site().id]);
}

/// What a restored bureau has told one of them says nothing of what it would tell the other.
#[tokio::test]
async fn a_phone_that_changes_hands_while_a_restored_bureau_tells_everything_hears_all_of_it_again() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    let me = profile().enrolled.coordinator.id;
    office.enrol(&device).await.unwrap();
    office.enrol_as(&device, colleague().id).await.unwrap();
    device.hand_over(me).await.unwrap();
    office.door.abort();
    device.close().await;
    drop(device);
    // Whether the one who gives the phone away goes on from a cursor later.
    let goes_on = || {
        let mut cursor = false;
        phone.seed(|store| {
            let aside = store.setting("profiles_aside").unwrap().unwrap();
            cursor = serde_json::from_str::<serde_json::Value>(&aside).unwrap()[0]["cursor"].is_string();
        });
        cursor
    };
    for (to, restored) in [(colleague().id, false), (me, true)] {
        phone.seed(|store| {
            if restored {
                store.begin_epoch("\"another\"").unwrap();
            }
            store.apply_changes(&[], "\"half of it\"").unwrap();
        });
        let device = start(&phone).await;
        device.hand_over(to).await.unwrap();
        device.close().await;
        drop(device);
        assert_eq!(goes_on(), !restored);
    }
}

#[tokio::test]
async fn whoever_gets_the_phone_back_sends_with_the_token_of_the_first_day() {
    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    let first = device.profile().await.unwrap();
    office.enrol_as(&device, colleague().id).await.unwrap();
    device.hand_over(profile().enrolled.coordinator.id).await.unwrap();
    assert_eq!(device.profile().await.unwrap(), first);
    let done = visit(&device).await;
    fill(&device, done, &phone.clock).await;
    device.finish(done).await.unwrap();
    let row = complete(&device).await;
    let sent = device.refetch(row.name()).await.unwrap();
    let record: Inspection = serde_json::from_str(&sent.document).unwrap();
    assert_eq!((record.id, &record.coordinators[0]), (done, &profile().enrolled.coordinator));
}

/// The county moved; whoever enrolled before it did is not at the old address for ever.
#[tokio::test]
async fn whoever_gets_the_phone_back_sends_to_where_the_bureau_is_now() {
    let (office, phone) = (Office::open().await, Phone::new());
    let old = Trouble::to(office.address.trim_start_matches("http://").parse().unwrap()).await;
    let device = start(&phone).await;
    let code = office.code(profile().enrolled.coordinator.id).await;
    device.enrol(&old.url(), &code).await.unwrap();
    drop(old);
    office.enrol_as(&device, colleague().id).await.unwrap();
    device.hand_over(profile().enrolled.coordinator.id).await.unwrap();
    assert_eq!(device.profile().await.unwrap().unwrap().address, office.address);
    let done = visit(&device).await;
    fill(&device, done, &phone.clock).await;
    device.finish(done).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), complete(&device)).await.expect("out of reach for ever");
}

#[tokio::test]
async fn a_consent_taken_back_while_the_phone_is_being_enrolled_is_obeyed() {
    let (office, phone) = (Office::open().await, Phone::new());
    let link = Trouble::to(office.address.trim_start_matches("http://").parse().unwrap()).await;
    let device = start(&phone).await;
    device.consent().await.unwrap();
    let code = office.code(profile().enrolled.coordinator.id).await;
    // The request goes out, its answer stays on the way.
    link.set(Mode::StallAt(1));
    let enrolling = {
        let (device, url) = (device.clone(), link.url());
        tokio::spawn(async move { device.enrol(&url, &code).await })
    };
    let limit = Instant::now() + Duration::from_secs(60);
    while link.bytes_up() == 0 {
        assert!(Instant::now() < limit, "nothing was asked of the bureau");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    device.withdraw_consent().await.unwrap();
    link.set(Mode::Pass);
    let enrolled = enrolling.await.unwrap().unwrap();
    assert_eq!(device.profile().await.unwrap(), Some(enrolled), "the enrolment itself is kept");
    let nothing = DocumentName::new(DocumentKind::Inspection, InspectionId(uuid::Uuid::nil()), 1);
    assert!(matches!(device.refetch(nothing).await, Err(Error::NotEnrolled)), "nobody may send");
    device.hand_over(colleague().id).await.unwrap_err();
    assert!(matches!(device.refetch(nothing).await, Err(Error::NotEnrolled)), "nor after a hand-over");
    device.consent().await.unwrap();
    assert!(!matches!(device.refetch(nothing).await, Err(Error::NotEnrolled)), "until it is given again");
}

/// A screen that is left drops what it waits for.
#[tokio::test]
async fn a_hand_over_that_nobody_waits_for_any_more_still_leaves_a_phone_that_sends() {
    use std::future::poll_fn;
    use std::task::Poll;

    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    office.enrol_as(&device, colleague().id).await.unwrap();
    let me = profile().enrolled.coordinator;
    let mut left = Box::pin(device.hand_over(me.id));
    let begun = poll_fn(|context| Poll::Ready(left.as_mut().poll(context))).await;
    assert!(begun.is_pending());
    drop(left);
    let limit = Instant::now() + Duration::from_secs(60);
    while device.profile().await.unwrap().unwrap().enrolled.coordinator != me {
        assert!(Instant::now() < limit, "the phone was not handed over");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let done = visit(&device).await;
    fill(&device, done, &phone.clock).await;
    device.finish(done).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), complete(&device)).await.expect("nobody sends");
}

#[tokio::test]
async fn after_an_update_of_the_app_everything_is_pulled_again_for_everybody_on_the_phone() {
    let office = Office::open_with(vec![site(), far_site()], vec![far_site().township.code]).await;
    let phone = Phone::new();
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    office.enrol_as(&device, colleague().id).await.unwrap();
    let me = profile().enrolled.coordinator.id;
    device.hand_over(me).await.unwrap();
    // What an older version could not read is as good as gone.
    let pass_over = async |device: Device, id: SiteId| {
        device.close().await;
        drop(device);
        phone.seed(|store| {
            let cursor = store.setting("cursor").unwrap().unwrap();
            store.apply_changes(&[Change::SiteGone(id)], &cursor).unwrap();
        });
        start(&phone).await
    };
    let device = pass_over(device, site().id).await;
    device.hand_over(colleague().id).await.unwrap();
    let device = pass_over(device, far_site().id).await;
    device.close().await;
    drop(device);
    phone.seed(|store| store.put_setting("pulled_by", Some("0.0.1")).unwrap());
    let device = start(&phone).await;
    let comes = async |id: SiteId| {
        let limit = Instant::now() + Duration::from_secs(60);
        while !device.sites("", 10).await.unwrap().iter().any(|site| site.id == id) {
            assert!(Instant::now() < limit, "{id} was not pulled again");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    comes(far_site().id).await;
    device.hand_over(me).await.unwrap();
    comes(site().id).await;
}

#[tokio::test]
async fn a_site_made_in_the_field_reaches_the_bureau_by_itself_and_comes_back_as_its_own() {
    use xieguan::device::new_site::FieldSite;

    let (office, phone) = (Office::open().await, Phone::new());
    let device = start(&phone).await;
    office.enrol(&device).await.unwrap();
    let new = FieldSite {
        name: String::new(),
        nickname: "老街“牙科”（无牌）".to_owned(),
        kinds: vec!["SUSPECT_PLACE".to_owned()],
        township: site().township,
        address: "菜市场后门".to_owned(),
        fix: None,
    };
    let id = device.add_site(new).await.unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    let there = loop {
        let sites = office.bureau.storage().sites().await.unwrap();
        if let Some(there) = sites.into_iter().find(|site| site.id == id) {
            break there;
        }
        assert!(Instant::now() < limit, "the bureau never heard of the site");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(Some(there), device.site(id).await.unwrap());
}
