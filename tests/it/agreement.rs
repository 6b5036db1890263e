//! Both sides agree: after every batch they compare what the bureau holds, and what it lost comes back by itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::collections::BTreeSet;

use uuid::Uuid;
use xieguan::domain::id::{Digest, Epoch, InspectionId, SiteId};
use xieguan::domain::inspection::Draft;
use xieguan::domain::review::{Outcome, Review};
use xieguan::domain::site::{Site, Township};
use xieguan::store::outbox::OutboxKind;
use xieguan::store::record::KeptReceipt;
use xieguan::sync::worker::Worker;
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::changes::Change;

use crate::support::odd_bureau::OddBureau;
use crate::support::phone::{Phone, until};
use crate::support::records;
use crate::support::trouble::{Mode, Trouble};

/// A phone with one record that the bureau has, and the worker that brought it there.
struct Delivered {
    bureau: OddBureau,
    phone: Phone,
    worker: Worker,
}

impl Delivered {
    async fn new() -> Self {
        let bureau = OddBureau::start().await;
        let phone = Phone::new();
        phone.finish(bureau.id, &[(10_000, 20_000), (11_000, 21_000)]);
        let client = Phone::client(&format!("http://{}", bureau.address), &bureau.enrolment());
        let worker = phone.worker(client, &bureau.enrolment());
        let delivered = Self { bureau, phone, worker };
        delivered.until(|d| d.is_complete()).await;
        until(&delivered.worker, |standing| standing.idle).await;
        delivered.bureau.held().requests.clear();
        delivered
    }

    fn is_complete(&self) -> bool {
        let record = self.phone.record();
        record.complete_receipt.is_some()
            && record.record_receipt.is_some()
            && self.phone.store().outbox().unwrap().is_empty()
    }

    async fn until(&self, mut stands: impl FnMut(&Self) -> bool) {
        let waited = async {
            while !stands(self) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), waited).await;
        waited.unwrap_or_else(|_| panic!("{:?}", self.bureau.held().requests));
    }

    /// Asks again now, and waits until the bureau has been asked for its receipts once more.
    async fn compares(&self) {
        let before = self.bureau.asked("GET /v1/receipts");
        self.worker.wake();
        self.until(|d| d.bureau.asked("GET /v1/receipts") > before).await;
        until(&self.worker, |standing| standing.idle).await;
    }
}

#[tokio::test]
async fn after_a_batch_both_sides_compare_in_one_line_and_ask_for_nothing_else_while_they_agree() {
    let delivered = Delivered::new().await;
    for _ in 0..3 {
        delivered.compares().await;
    }
    let asked = delivered.bureau.held().requests.clone();
    assert!(
        asked.iter().all(|request| ["GET /v1/changes", "GET /v1/receipts"].contains(&request.as_str())),
        "{asked:?}"
    );
    assert_eq!(asked.iter().filter(|request| request.ends_with("receipts")).count(), 3, "{asked:?}");
}

#[tokio::test]
async fn a_bureau_that_lost_one_file_gets_that_file_and_nothing_else() {
    let delivered = Delivered::new().await;
    let lost = delivered.phone.record();
    let lost = delivered.bureau.held().documents[&lost.digest].photos[1].original;
    delivered.bureau.held().lose_blob(lost);
    delivered.worker.wake();
    delivered.until(|d| d.bureau.held().blobs.contains_key(&lost) && d.is_complete()).await;
    let (put, post) = (delivered.bureau.asked("PUT"), delivered.bureau.asked("POST"));
    assert_eq!((put, post), (0, 1), "{:?}", delivered.bureau.held().requests);
}

#[tokio::test]
async fn an_original_that_made_room_here_is_not_queued_and_blocks_nothing_when_the_bureau_loses_it() {
    let delivered = Delivered::new().await;
    let record = delivered.phone.record();
    let lost = delivered.bureau.held().documents[&record.digest].photos[1].original;
    delivered.phone.store().mark_removed(&[lost]).unwrap();
    delivered.phone.photos.remove(&lost).unwrap();
    delivered.bureau.held().lose_blob(lost);
    for _ in 0..3 {
        delivered.compares().await;
    }
    let now = delivered.phone.record();
    assert_eq!(delivered.phone.store().outbox().unwrap(), []);
    assert_eq!((now.blocked, now.complete_receipt, now.removed), (None, None, 1));
    let proof = record.complete_receipt.unwrap();
    assert_eq!(
        delivered.phone.store().old_receipts(record.digest).unwrap(),
        [proof],
        "it was delivered once"
    );
    let asked = delivered.bureau.held().requests.clone();
    assert!(
        !asked.iter().any(|request| request.starts_with("PUT") || request.starts_with("POST")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn an_original_that_made_room_and_came_again_with_another_visit_is_sent_when_the_bureau_lacks_it() {
    let delivered = Delivered::new().await;
    let record = delivered.phone.record();
    let photo = delivered.bureau.held().documents[&record.digest].photos[1].clone();
    let (lost, bytes) = (photo.original, delivered.phone.photos.read(&photo.original).unwrap());
    delivered.phone.store().mark_removed(&[lost]).unwrap();
    delivered.phone.photos.remove(&lost).unwrap();
    delivered.bureau.held().lose_blob(lost);

    let mut draft = records::draft(records::compliant_sheet());
    draft.id = InspectionId(Uuid::now_v7());
    delivered.phone.store().add_draft(&draft).unwrap();
    delivered.phone.photos.put(&bytes).unwrap();
    delivered.phone.store().add_photo(draft.id, 0, &photo).unwrap();
    let draft = delivered.phone.store().draft(draft.id).unwrap().unwrap();
    delivered.phone.finish_draft(delivered.bureau.id, draft);
    assert_eq!(delivered.phone.store().removed_originals().unwrap(), [], "it stays until it is held");
    delivered.worker.wake();
    delivered.until(|d| d.bureau.held().blobs.contains_key(&lost)).await;
    delivered.until(|d| d.phone.store().outbox().unwrap().is_empty()).await;
    assert_eq!(delivered.bureau.asked("POST"), 1, "{:?}", delivered.bureau.held().requests);
}

#[tokio::test]
async fn a_database_put_back_by_hand_without_a_new_life_is_noticed_too() {
    let delivered = Delivered::new().await;
    {
        let mut held = delivered.bureau.held();
        held.forget_receipts();
        held.documents.clear();
    }
    delivered.worker.wake();
    delivered.until(|d| d.bureau.held().documents.len() == 1 && d.is_complete()).await;
    let (put, post) = (delivered.bureau.asked("PUT"), delivered.bureau.asked("POST"));
    assert_eq!((put, post), (1, 0), "the photos were there: {:?}", delivered.bureau.held().requests);
}

#[tokio::test]
async fn a_bureau_that_says_nothing_of_what_it_holds_is_served_as_before() {
    let delivered = Delivered::new().await;
    {
        let mut held = delivered.bureau.held();
        held.silent = true;
        let lost = *held.blobs.keys().next().unwrap();
        held.lose_blob(lost);
    }
    delivered.compares().await;
    assert!(delivered.is_complete(), "an older bureau is believed");
    assert_eq!(delivered.bureau.asked("HEAD"), 0);
}

#[tokio::test]
async fn what_cannot_be_mended_is_looked_into_once_and_a_receipt_that_fell_stays_readable() {
    let delivered = Delivered::new().await;
    let record = delivered.phone.record();
    // Another device's worth of receipts: nothing here can make the lines equal.
    delivered.bureau.held().add_strange_receipt(record.digest);
    for _ in 0..4 {
        delivered.compares().await;
    }
    let whole = delivered.bureau.held().whole_lists;
    assert!(whole <= 3, "{whole} times everything was asked for");
    assert!(delivered.is_complete());

    let first = record.complete_receipt.clone().unwrap();
    let kept =
        KeptReceipt { document: record.digest, complete: true, envelope: first.replace("2026-", "2027-") };
    delivered.phone.store().put_receipt(&kept).unwrap();
    assert_eq!(delivered.phone.store().old_receipts(record.digest).unwrap(), [first]);
}

/// A database was set aside as damaged; the phone kept its keys and is enrolled anew.
#[tokio::test]
async fn receipts_for_documents_that_this_phone_has_not_any_more_cost_no_whole_list_with_every_batch() {
    let delivered = Delivered::new().await;
    for n in 0..3 {
        delivered.bureau.add_stray_receipt(Digest::of(&[n]));
    }
    delivered.compares().await;
    let whole = || delivered.bureau.held().whole_lists;
    let before = whole();
    for _ in 0..2 {
        let (digest, _) = delivered.phone.finish(delivered.bureau.id, &[]);
        delivered.worker.wake();
        delivered.until(|d| has_both(d, digest)).await;
        delivered.compares().await;
    }
    assert_eq!(whole(), before, "the lines are equal: {:?}", delivered.bureau.held().requests);

    delivered.bureau.held().forget_strays();
    delivered.compares().await;
    assert_eq!(whole(), before + 1, "the bureau was put back to a day before them");
    delivered.compares().await;
    assert_eq!(whole(), before + 1, "and then both agree again");
}

/// A document that brings no photos is complete at once, so that both its receipts are in one answer.
#[tokio::test]
async fn a_document_whose_answer_was_lost_gets_both_receipts_also_when_the_list_has_one_of_them_first() {
    let delivered = Delivered::new().await;
    let link = Trouble::to(delivered.bureau.address).await;
    drop(delivered.worker);
    let (bureau, phone) = (delivered.bureau, delivered.phone);
    let worker = phone.worker(Phone::client(&link.url(), &bureau.enrolment()), &bureau.enrolment());
    until(&worker, |standing| standing.idle).await;
    let (digest, _) = phone.finish(bureau.id, &[]);
    link.set(Mode::LoseAnswers);
    worker.wake();
    let waited = until(&worker, |standing| standing.waiting.is_some() && !standing.is_sending());
    assert!(waited.await.waiting.is_some() && bureau.held().documents.contains_key(&digest));
    link.set(Mode::Pass);
    let delivered = Delivered { bureau, phone, worker };
    delivered.compares().await;
    delivered.phone.retry(&delivered.worker);
    delivered.until(|d| has_both(d, digest)).await;
}

fn has_both(delivered: &Delivered, digest: Digest) -> bool {
    let rows = delivered.phone.store().documents().unwrap();
    let row = rows.iter().find(|row| row.digest == digest).unwrap();
    row.record_receipt.is_some()
        && row.complete_receipt.is_some()
        && delivered.phone.store().outbox().unwrap().is_empty()
}

#[tokio::test]
async fn a_phone_that_kept_only_the_later_receipt_of_a_document_gets_the_other_too() {
    let delivered = Delivered::new().await;
    let Delivered { bureau, phone, worker } = delivered;
    worker.stop().await;
    let (digest, _) = phone.finish(bureau.id, &[]);
    let row = phone.store().documents().unwrap().into_iter().find(|row| row.digest == digest).unwrap();
    let envelope = phone.store().envelope(row.id, row.revision).unwrap().unwrap();
    let client = Phone::client(&format!("http://{}", bureau.address), &bureau.enrolment());
    let sealed = serde_json::from_str(&envelope).unwrap();
    let stored = client.put_document(row.name(), &sealed).await.unwrap();
    let envelope = serde_json::to_string(&stored.complete.unwrap()).unwrap();
    let kept = KeptReceipt { document: digest, complete: true, envelope };
    phone.store().put_receipt(&kept).unwrap();
    assert!(phone.store().outbox().unwrap().is_empty(), "as an older version left it");

    let worker = phone.worker(client, &bureau.enrolment());
    let delivered = Delivered { bureau, phone, worker };
    delivered.until(|d| has_both(d, digest)).await;
}

fn site(n: u128) -> Site {
    Site {
        id: SiteId(Uuid::from_u128(n)),
        name: format!("示例水站{n}"),
        nickname: String::new(),
        kinds: vec!["WATER_RURAL".to_owned()],
        address: "示例镇示例路1号".to_owned(),
        township: Township { code: "000000101".to_owned(), name: "示例镇".to_owned() },
        place: None,
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    }
}

/// The bureau sent this visit back.
fn returned(n: u128) -> Change {
    let review = Review {
        inspection: InspectionId(Uuid::from_u128(n)),
        revision: 1,
        document: None,
        outcome: Outcome::Returned,
        comment: "请看一下".to_owned(),
        items: Vec::new(),
        by: "李审核".to_owned(),
        at: records::moment(),
        site: String::new(),
        number: String::new(),
    };
    Change::review(&review).unwrap()
}

#[tokio::test]
async fn what_a_restored_bureau_does_not_send_back_again_goes_and_a_correction_under_way_stays() {
    let bureau = OddBureau::start().await;
    let phone = Phone::new();
    bureau.held().changes = [1, 2, 3].map(returned).to_vec();
    let client = Phone::client(&format!("http://{}", bureau.address), &bureau.enrolment());
    let worker = phone.worker(client, &bureau.enrolment());
    let told = || {
        let reviews = phone.store().reviews().unwrap();
        reviews.iter().map(|one| one.inspection.0.as_u128()).collect::<BTreeSet<_>>()
    };
    let wait = async |visits: &[u128]| {
        let visits = visits.iter().copied().collect();
        let waited = async {
            while told() != visits {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), waited).await;
        waited.unwrap_or_else(|_| panic!("{:?} and not {visits:?}", told()));
    };
    wait(&[1, 2, 3]).await;
    let sheet = records::compliant_sheet();
    let correction = Draft {
        id: InspectionId(Uuid::from_u128(1)),
        revision: 2,
        parent: Some(Digest::of(b"revision 1")),
        ..records::draft(sheet)
    };
    phone.store().add_draft(&correction).unwrap();
    for (epoch, named) in [(1, vec![2, 4]), (2, vec![])] {
        {
            let mut held = bureau.held();
            held.changes = named.iter().copied().map(returned).collect();
            held.epoch = Some(Epoch(Uuid::from_u128(epoch)));
        }
        worker.wake();
        wait(&named).await;
        assert_eq!(phone.store().draft(correction.id).unwrap().as_ref(), Some(&correction));
    }
}

#[tokio::test]
async fn sites_that_a_restored_bureau_does_not_name_go_unless_a_draft_or_unsent_work_does() {
    let bureau = OddBureau::start().await;
    let phone = Phone::new();
    let changes = |sites: &[u128]| sites.iter().map(|n| Change::site(&site(*n)).unwrap()).collect();
    bureau.held().changes = changes(&[1, 2, 3, 4]);
    let client = Phone::client(&format!("http://{}", bureau.address), &bureau.enrolment());
    let worker = phone.worker(client, &bureau.enrolment());
    let known = || phone.store().site_ids().unwrap().iter().map(|id| id.0.as_u128()).collect::<Vec<_>>();
    let wait = async |sites: &[u128]| {
        let waited = async {
            while known() != sites {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), waited).await;
        waited.unwrap_or_else(|_| panic!("{:?} and not {sites:?}", known()));
    };
    wait(&[1, 2, 3, 4]).await;
    let mut draft = records::draft(records::compliant_sheet());
    draft.site.id = site(3).id;
    phone.store().add_draft(&draft).unwrap();
    {
        let mut held = bureau.held();
        held.changes = changes(&[1, 5]);
        held.epoch = Some(Epoch(Uuid::now_v7()));
    }
    worker.wake();
    wait(&[1, 5]).await;
    assert!(phone.store().site(site(3).id).unwrap().is_some(), "its draft needs it");
    assert_eq!(phone.store().site(site(2).id).unwrap(), None);
    assert_eq!(phone.store().outbox().unwrap().iter().map(|row| row.kind).collect::<Vec<OutboxKind>>(), []);
}
