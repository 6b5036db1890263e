//! The worker against the real bureau, over a link that gives trouble: everything arrives once, and little twice.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::sync::Arc;

use chrono::Utc;
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;
use xieguan::bureau::storage::enrolment::NewCode;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::{self, Bureau};
use xieguan::domain::id::{CoordinatorId, Digest};
use xieguan::domain::inspection::Coordinator;
use xieguan::domain::seal::{Purpose, public_key, sign};
use xieguan::domain::site::Township;
use xieguan::store::outbox::OutboxKind;
use xieguan::sync::client::{CallError, Client};
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::enrolment::{EnrolRequest, plain_code};
use xieguan::wire::failure::Code;
use xieguan::wire::sealed::SealedDocument;
use xieguan::wire::sidecar::sealing_public_key;

use crate::support::phone::{Enrolment, Phone, until};
use crate::support::trouble::{Mode, Trouble};

/// A bureau at work and a phone enrolled there, with a link between them.
struct County {
    bureau: Bureau,
    link: Trouble,
    phone: Phone,
    enrolment: Enrolment,
    /// The server ends when this is dropped.
    _stop: oneshot::Sender<()>,
    _folder: TempDir,
}

impl County {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bureau = bureau::open(folder.path(), &Fresh::default()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let link = Trouble::to(listener.local_addr().unwrap()).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = bureau::serve(listener, bureau.clone(), async { drop(stopped.await) });
        tokio::spawn(serving);
        let phone = Phone::new();
        let enrolment = enrol(&bureau, &link, &phone).await;
        Self { bureau, link, phone, enrolment, _stop: stop, _folder: folder }
    }

    fn client(&self) -> Client {
        Phone::client(&self.link.url(), &self.enrolment)
    }

    /// What the phone believes is true, and what the bureau holds is what was signed.
    async fn assert_complete(&self, digest: Digest) {
        let record = self.phone.record();
        assert!(record.record_receipt.is_some() && record.complete_receipt.is_some(), "{record:?}");
        assert_eq!(self.phone.store().outbox().unwrap(), []);
        let received = self.bureau.storage().received(digest).await.unwrap().unwrap();
        assert!(received.complete.is_some() && received.siblings.is_empty());
        let sent = self.phone.store().envelope(record.id, record.revision).unwrap().unwrap();
        assert_eq!(received.envelope, serde_json::from_str::<SealedDocument>(&sent).unwrap());
        for blob in received.blobs {
            let mut bytes = Vec::new();
            let mut held = self.bureau.photos().open(blob.id).unwrap();
            std::io::Read::read_to_end(&mut held.bytes, &mut bytes).unwrap();
            assert_eq!(bytes, self.phone.photos.read(&blob.id).unwrap());
        }
    }
}

async fn enrol(bureau: &Bureau, link: &Trouble, phone: &Phone) -> Enrolment {
    const CODE: &str = "EXAMPLE-CODE";
    let coordinator = Coordinator {
        id: CoordinatorId(Uuid::now_v7()),
        name: "王示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    };
    let township = Township { code: "000000101".to_owned(), name: "示例镇".to_owned() };
    let now = Utc::now().timestamp_millis();
    let hash = Digest::of(plain_code(CODE).as_bytes()).0;
    let code = NewCode { hash, coordinator: coordinator.id, expires_ms: now + 60_000 };
    bureau.storage().add_coordinator(coordinator, township).await.unwrap();
    bureau.storage().add_codes(vec![code], now).await.unwrap();
    let request = |code: &str| EnrolRequest {
        code: code.to_owned(),
        device: phone.device,
        signing_key: public_key(&phone.key),
        sealing_key: sealing_public_key(&[4; 32]),
        proof: sign(&phone.key, Purpose::Enrolment, &EnrolRequest::proven(code, phone.device)),
        app_version: "0.1.0".to_owned(),
    };
    let client = Client::new(&link.url(), None).unwrap();
    let wrong = client.enrol(&request("WRONG-CODE")).await;
    assert!(matches!(wrong, Err(CallError::Refused { code: Code::CodeWrong, .. })), "{wrong:?}");
    let enrolled = client.enrol(&request(CODE)).await.unwrap();
    Enrolment { bureau: enrolled.bureau.id, bureau_key: enrolled.bureau.signing_key, token: enrolled.token }
}

#[tokio::test]
async fn the_real_bureau_gets_everything_once_over_a_link_that_breaks_every_200_kilobytes() {
    for mode in [Mode::BreakEach(200_000), Mode::BreakEvery(200_000)] {
        let county = County::new().await;
        let photos = [(350_000, 1_500_000), (380_000, 1_700_000)];
        let (digest, needed) = county.phone.finish(county.enrolment.bureau, &photos);
        county.link.set(mode);
        let client = county.client();
        let worker = county.phone.worker(client.clone(), &county.enrolment);
        until(&worker, |standing| standing.idle).await;
        county.assert_complete(digest).await;
        assert!(county.link.breaks() > 0, "{mode:?}");
        let sent = client.bytes_sent();
        let breaks = county.link.breaks();
        assert!(sent * 100 <= needed * 105, "{mode:?}: {sent} sent for {needed}, {breaks} breaks");
    }
}

#[tokio::test]
async fn a_phone_killed_in_the_middle_resumes_at_the_real_bureau() {
    let county = County::new().await;
    let (digest, needed) = county.phone.finish(county.enrolment.bureau, &[(20_000, 400_000)]);
    county.link.set(Mode::StallAt(200_000));
    let hasty = Phone::hasty(&county.link.url(), &county.enrolment);
    let worker = county.phone.worker(hasty, &county.enrolment);
    until(&worker, |standing| standing.waiting.is_some()).await;
    worker.stop().await;
    let rows = county.phone.store().outbox().unwrap();
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [OutboxKind::Original]);
    county.link.set(Mode::Pass);
    let county = County { phone: county.phone.restarted(), ..county };
    county.phone.store().retry_all().unwrap();
    let client = county.client();
    let worker = county.phone.worker(client.clone(), &county.enrolment);
    until(&worker, |standing| standing.idle).await;
    county.assert_complete(digest).await;
    assert!(client.bytes_sent() + 160_000 < needed, "{} of {needed}", client.bytes_sent());
}

#[tokio::test]
async fn a_portal_before_the_real_bureau_is_never_success_and_an_hour_there_loses_nothing() {
    let county = County::new().await;
    let (digest, _) = county.phone.finish(county.enrolment.bureau, &[(10_000, 20_000)]);
    county.link.set(Mode::Portal);
    let worker = county.phone.worker(county.client(), &county.enrolment);
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert_eq!(county.phone.record().record_receipt, None);
    assert_eq!(county.phone.store().outbox().unwrap().len(), 3);
    county.link.set(Mode::Pass);
    county.phone.retry(&worker);
    until(&worker, |standing| standing.idle).await;
    county.assert_complete(digest).await;
}

#[tokio::test]
async fn a_withdrawn_phone_stops_sending_and_keeps_everything() {
    let county = County::new().await;
    county.phone.finish(county.enrolment.bureau, &[(10_000, 20_000)]);
    let storage = county.bureau.storage();
    assert!(storage.revoke_device(county.phone.device, Utc::now().timestamp_millis()).await.unwrap());
    let worker = county.phone.worker(county.client(), &county.enrolment);
    let standing = until(&worker, |standing| standing.sign_in.is_some()).await;
    assert!(!standing.idle && standing.waiting.is_none(), "{standing:?}");
    assert_eq!(county.phone.store().outbox().unwrap().len(), 3);
    assert_eq!(county.phone.record().blocked, None);
    worker.stop().await;
    assert_eq!(Arc::strong_count(&county.phone.store), 1);
}
