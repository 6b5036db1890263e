//! What belongs to the coordinator and the phone: consent, looks, the decision about sending, room, whose drafts.

use chrono::TimeDelta;
use ed25519_dalek::SigningKey;
use xieguan::device::Error;
use xieguan::device::habits::{Looks, NOTICE_VERSION};
use xieguan::device::sending::{Network, Sending};
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::id::{CoordinatorId, Digest, InspectionId};
use xieguan::domain::inspection::{Coordinator, PhotoSource};
use xieguan::domain::seal::public_key;
use xieguan::domain::text::Language;
use xieguan::store::record::KeptReceipt;
use xieguan::sync::{HEARD, PROOFS_DOUBTED};
use xieguan::wire::receipt::{Receipt, ReceiptKind};

use super::{Phone, fill, picture, profile, visit};

fn nothing() -> DocumentName {
    DocumentName::new(DocumentKind::Inspection, InspectionId(uuid::Uuid::nil()), 1)
}

#[tokio::test]
async fn consent_is_kept_with_version_and_moment_and_can_be_taken_back() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    assert_eq!(device.habits().await.unwrap().consent, None);
    let given = device.consent().await.unwrap();
    assert_eq!(given.version, NOTICE_VERSION);
    device.close().await;
    phone.seed(|store| {
        let text = store.setting("consent").unwrap().unwrap();
        store.put_setting("consent", Some(&text.replace(NOTICE_VERSION, "2020-01-01"))).unwrap();
    });
    let device = phone.start().await;
    assert_eq!(device.habits().await.unwrap().consent, None, "a newer notice is asked about again");
    let given = device.consent().await.unwrap();
    assert_eq!(device.habits().await.unwrap().consent, Some(given));

    let kept = visit(&device).await;
    device.withdraw_consent().await.unwrap();
    device.close().await;
    let device = phone.start().await;
    assert_eq!(device.habits().await.unwrap().consent, None);
    assert!(matches!(device.refetch(nothing()).await, Err(Error::NotEnrolled)), "nobody sends");
    assert!(device.visit(kept).await.unwrap().is_some(), "nothing is lost");
    device.consent().await.unwrap();
    assert!(!matches!(device.refetch(nothing()).await, Err(Error::NotEnrolled)));
}

#[tokio::test]
async fn looks_and_place_outlive_the_process() {
    let phone = Phone::new();
    let device = phone.start().await;
    let looks = Looks { language: Language::En, theme: "dark".to_owned(), size: 2 };
    device.put_looks(looks.clone()).await.unwrap();
    device.put_place(vec!["/".to_owned(), "/mine".to_owned()]).await.unwrap();
    device.close().await;
    let habits = phone.start().await.habits().await.unwrap();
    assert_eq!((habits.looks, habits.place), (Some(looks), vec!["/".to_owned(), "/mine".to_owned()]));
}

#[tokio::test]
async fn a_pause_outlives_the_process_and_originals_wait_for_wifi_unless_let_go() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    assert_eq!(device.sending().await.unwrap(), Sending { originals: true, ..Sending::default() });
    device.pause(true).await.unwrap();
    device.put_wifi_only(true).await.unwrap();
    device.close().await;

    let device = phone.start().await;
    let mut standing = device.standing();
    let paused = standing.wait_for(|standing| standing.paused);
    tokio::time::timeout(std::time::Duration::from_secs(30), paused).await.unwrap().unwrap();
    let now = device.sending().await.unwrap();
    assert!(now.paused && now.wifi_only && !now.originals, "an unknown network is asked about: {now:?}");
    device.note_network(Network::Metered).await.unwrap();
    assert!(!device.sending().await.unwrap().originals);
    device.let_originals_go().await.unwrap();
    assert!(device.sending().await.unwrap().originals);
    device.note_network(Network::Unknown).await.unwrap();
    assert!(!device.sending().await.unwrap().originals, "a change of network ends it");
    device.note_network(Network::Free).await.unwrap();
    assert!(device.sending().await.unwrap().originals);
    device.put_wifi_only(false).await.unwrap();
    device.note_network(Network::Metered).await.unwrap();
    assert!(device.sending().await.unwrap().originals);
}

#[tokio::test]
async fn only_originals_that_a_verified_receipt_calls_complete_for_long_are_ever_freed() {
    let bureau = SigningKey::from_bytes(&[5; 32]);
    let phone = Phone::with_site().await;
    let mut enrolled = profile();
    enrolled.enrolled.bureau.signing_key = public_key(&bureau);
    let text = serde_json::to_string(&enrolled).unwrap();
    let heard = crate::support::records::moment().timestamp_millis().to_string();
    phone.seed(|store| {
        store.put_setting("profile", Some(&text)).unwrap();
        store.put_setting(HEARD, Some(&heard)).unwrap();
    });
    let device = phone.start().await;
    let id = visit(&device).await;
    let photo = device.add_photo(id, 0, None, PhotoSource::Camera, picture()).await.unwrap();
    fill(&device, id, &phone.clock).await;
    device.finish(id).await.unwrap();
    let row = device.records().await.unwrap().remove(0);
    device.close().await;

    let receipt = |days: i64, key: &SigningKey| {
        let receipt = Receipt {
            kind: ReceiptKind::Complete,
            document: row.digest,
            inspection: row.id,
            revision: 1,
            number: "2026-000001".to_owned(),
            received_at: crate::support::records::moment() - TimeDelta::days(days),
            sequence: 2,
            bureau: enrolled.enrolled.bureau.id,
            epoch: enrolled.enrolled.bureau.epoch,
        };
        serde_json::to_string(&receipt.sign(key).unwrap()).unwrap()
    };
    let freed_with = async |envelope: Option<String>| -> u64 {
        phone.seed(|store| {
            if let Some(envelope) = envelope {
                let kept = KeptReceipt { document: row.digest, complete: true, envelope };
                store.put_receipt(&kept).unwrap();
            }
        });
        let device = phone.start().await;
        let room = device.room().await.unwrap();
        let freed = device.free_originals().await.unwrap();
        assert_eq!(freed, room.removable_bytes, "what was said");
        assert!(device.photo(photo.derived).await.is_ok(), "the stamped copy stays");
        device.close().await;
        freed
    };
    assert_eq!(freed_with(None).await, 0, "unsent");
    assert_eq!(freed_with(Some(receipt(10, &bureau))).await, 0, "too young");
    phone.clock.turn(400 * 24 * 3600);
    assert_eq!(freed_with(None).await, 0, "only the phone's clock says that it is old");
    phone.clock.turn(-400 * 24 * 3600);
    assert_eq!(freed_with(Some(receipt(400, &SigningKey::from_bytes(&[6; 32])))).await, 0, "somebody else's");
    let doubted = async |value| phone.seed(|store| store.put_setting(PROOFS_DOUBTED, value).unwrap());
    doubted(Some("true")).await;
    assert_eq!(freed_with(Some(receipt(400, &bureau))).await, 0, "the bureau may have lost it");
    doubted(None).await;
    assert_eq!(freed_with(Some(receipt(400, &bureau))).await, photo.original_bytes);
    assert_eq!(freed_with(None).await, 0, "once");
    let device = phone.start().await;
    assert!(device.photo(photo.original).await.is_err());
    let (_, shown) = device.receipts(row.digest).await.unwrap();
    assert_eq!(shown.iter().map(|r| (r.complete, r.verified)).collect::<Vec<_>>(), [(true, true)]);
    assert!(matches!(device.receipts(Digest::of(b"none")).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn drafts_stay_with_their_author_when_another_takes_the_phone() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let first = visit(&device).await;
    device.close().await;
    let mut other = profile();
    other.enrolled.coordinator = Coordinator {
        id: CoordinatorId(uuid::Uuid::from_u128(0xc2)),
        name: "李示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    };
    let enrol = |profile: &xieguan::device::enrol::Profile| {
        let text = serde_json::to_string(profile).unwrap();
        phone.seed(|store| store.put_setting("profile", Some(&text)).unwrap());
    };
    enrol(&other);
    let device = phone.start().await;
    assert!(device.drafts().await.unwrap().is_empty(), "not mixed");
    assert!(device.open_drafts().await.unwrap().is_empty(), "nor on the first tab");
    assert_eq!(device.others_drafts().await.unwrap(), [("王示例".to_owned(), 1)]);
    let second = visit(&device).await;
    assert_eq!(device.drafts().await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    device.close().await;
    enrol(&profile());
    let device = phone.start().await;
    assert_eq!(device.drafts().await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
    assert_eq!(device.others_drafts().await.unwrap(), [("李示例".to_owned(), 1)]);
}

#[tokio::test]
async fn diagnostics_name_nobody() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    visit(&device).await;
    let told = format!("{:?}", device.diagnostics().await.unwrap());
    for secret in ["王示例", "石桥", "sample-token", "示例"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(told.contains("drafts: 1") && told.contains("sites: 1"), "{told}");
}
