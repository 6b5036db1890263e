//! Decisions of reviewers: written once, beside each other, heard by the phones they concern and by nobody else.

use chrono::{DateTime, FixedOffset};
use futures_util::future::join_all;
use xieguan::bureau::storage::decisions::{CountingVisit, Decided, NewDecision, Seen};
use xieguan::bureau::storage::inbox::{InboxFilter, Received};
use xieguan::domain::answer::PartValue;
use xieguan::domain::id::Digest;
use xieguan::domain::review::{ItemComment, Outcome, Review, Standing, Verdict};
use xieguan::wire::changes::{ChangesPage, Cursor, Known};

use super::office::{Office, Phone, Visit};
use crate::support::records;

async fn page(phone: &Phone, since: Option<&Cursor>) -> ChangesPage {
    let query = since.map(|cursor| format!("?since={}", cursor.0)).unwrap_or_default();
    phone.get(&format!("/v1/changes{query}")).send().await.unwrap().json().await.unwrap()
}

fn reviews(page: &ChangesPage) -> Vec<Known> {
    let known = page.changes.iter().map(|change| change.known().unwrap());
    known.filter(|known| matches!(known, Known::Review(_) | Known::ReviewGone(_))).collect()
}

pub(super) async fn received(office: &Office, digest: Digest) -> Received {
    office.bureau.storage().received(digest).await.unwrap().unwrap()
}

pub(super) fn decision(document: Digest, verdict: Verdict, seen: Seen) -> NewDecision {
    NewDecision {
        document,
        verdict,
        comment: String::new(),
        items: Vec::new(),
        seen,
        account: "li".to_owned(),
        shown_as: "李示例".to_owned(),
        at_ms: 1_790_000_000_000,
        last_visit: None,
    }
}

pub(super) async fn decide(office: &Office, new: NewDecision) -> Decided {
    office.bureau.storage().decide(new).await.unwrap()
}

/// A decision by somebody who has seen everything.
pub(super) async fn say(office: &Office, document: Digest, verdict: Verdict) {
    let seen = received(office, document).await.seen;
    assert_eq!(decide(office, decision(document, verdict, seen)).await, Decided::Done, "{verdict:?}");
}

/// The next revision of a visit, by any phone.
pub(super) fn corrected(phone: &Phone, office: &Office, first: &Visit, reading: &str) -> Visit {
    phone.visit(&office.site, |draft| {
        draft.id = first.id;
        draft.revision = first.revision + 1;
        draft.parent = Some(first.sealed.digest());
        draft.visit_ended_at = Some(draft.started_at + chrono::Duration::minutes(6));
        let value = records::answer(&[("value", records::number(reading))]);
        draft.sheets[0].answers.insert("WR-15".to_owned(), value);
    })
}

pub(super) async fn state(office: &Office, digest: Digest) -> (Standing, bool) {
    let row = received(office, digest).await.row;
    (row.standing, row.counts)
}

/// When the office's site was last visited, and how much chlorine there was.
pub(super) async fn last_reading(office: &Office) -> (DateTime<FixedOffset>, PartValue) {
    let sites = office.bureau.storage().sites().await.unwrap();
    let site = sites.into_iter().find(|site| site.id == office.site.id).unwrap();
    let last = site.last_visit.unwrap();
    let reading = last.answers.into_iter().find(|answer| answer.item == "WR-15").unwrap();
    (last.at, reading.parts["value"].clone())
}

#[tokio::test]
async fn a_returned_record_is_heard_with_its_comments_until_the_correction_comes() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let digest = visit.sealed.digest();
    assert_eq!(reviews(&page(&phone, None).await), []);
    let before = page(&phone, None).await.cursor;
    let comments = vec![
        ItemComment { sheet: 0, item: "WR-14".to_owned(), text: "请补拍\n铭牌<script>".to_owned() },
        ItemComment { sheet: 0, item: "WR-15".to_owned(), text: "读数看不清".to_owned() },
    ];
    let new = NewDecision {
        comment: "再看一下\u{202e}".to_owned(),
        items: comments.clone(),
        ..decision(digest, Verdict::Return, received(&office, digest).await.seen)
    };
    assert_eq!(decide(&office, new).await, Decided::Done);
    let told = reviews(&page(&phone, Some(&before)).await);
    let [Known::Review(review)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((review.outcome, review.revision, review.document), (Outcome::Returned, 1, Some(digest)));
    assert_eq!((review.comment.as_str(), &review.items), ("再看一下\u{202e}", &comments));
    assert_eq!((review.by.as_str(), review.site.as_str()), ("李示例", office.site.name.as_str()));
    assert!(review.number.ends_with("-000001"));
    assert_eq!(reviews(&page(&other, None).await), [], "another coordinator's phone hears nothing");
    let log = office.bureau.storage().audit_log(1).await.unwrap();
    assert_eq!((log[0].who.as_str(), log[0].action.as_str()), ("li", "return"));
    assert_eq!(log[0].subject, review.number);

    let cursor = page(&phone, None).await.cursor;
    let second = corrected(&phone, &office, &visit, "0.30");
    assert_eq!(phone.put(&second).await.status(), 201);
    assert_eq!(reviews(&page(&phone, Some(&cursor)).await), [Known::ReviewGone(visit.id)]);
    assert_eq!(state(&office, digest).await, (Standing::Returned, false));
    assert_eq!(state(&office, second.sealed.digest()).await, (Standing::Corrected, true));
    let by = |standing| InboxFilter { standing: Some(standing), ..InboxFilter::default() };
    let find = async |standing| office.bureau.storage().inbox(by(standing)).await.unwrap();
    let (rows, count) = find(Standing::Corrected).await;
    assert_eq!((rows[0].digest, count), (second.sealed.digest(), 1));
    assert_eq!(find(Standing::Returned).await.1, 0);
    let counts = office.bureau.storage().inbox_counts(None, 0).await.unwrap();
    assert_eq!((counts.total, counts.standings.get(&Standing::Corrected)), (1, Some(&1)));

    say(&office, second.sealed.digest(), Verdict::Accept).await;
    let told = reviews(&page(&phone, Some(&cursor)).await);
    let [Known::Review(review)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((review.outcome, review.revision), (Outcome::Accepted, 2));
    assert_eq!(received(&office, digest).await.decisions.len(), 2, "nothing that was decided is gone");
}

#[tokio::test]
async fn of_reviewers_who_decide_at_once_one_is_heard_and_the_others_are_told() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let digest = visit.sealed.digest();
    let seen = received(&office, digest).await.seen;
    let verdicts = [Verdict::Accept, Verdict::Return].into_iter().cycle().take(8);
    let all = verdicts.enumerate().map(|(n, verdict)| NewDecision {
        account: format!("reviewer {n}"),
        ..decision(digest, verdict, seen)
    });
    let answers = join_all(all.map(|new| decide(&office, new))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Decided::Done).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Decided::Overtaken).count(), 7);
    assert_eq!(received(&office, digest).await.decisions.len(), 1);
    // A new revision, too, is something that the page did not show.
    say(&office, digest, Verdict::TakeBack).await;
    let seen = received(&office, digest).await.seen;
    phone.put(&corrected(&phone, &office, &visit, "0.30")).await;
    assert_eq!(decide(&office, decision(digest, Verdict::Accept, seen)).await, Decided::Overtaken);
    let seen = received(&office, digest).await.seen;
    assert_eq!(decide(&office, decision(digest, Verdict::Accept, seen)).await, Decided::NotNow);
    let nowhere = decision(Digest::of(b"nowhere"), Verdict::Accept, seen);
    assert_eq!(decide(&office, nowhere).await, Decided::NotNow);
}

#[tokio::test]
async fn a_decision_taken_back_leaves_the_phone_and_stays_in_the_history() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let digest = visit.sealed.digest();
    say(&office, digest, Verdict::Accept).await;
    let cursor = page(&phone, None).await.cursor;
    say(&office, digest, Verdict::TakeBack).await;
    assert_eq!(reviews(&page(&phone, Some(&cursor)).await), [Known::ReviewGone(visit.id)]);
    assert_eq!(state(&office, digest).await, (Standing::New, true));
    say(&office, digest, Verdict::Return).await;
    let verdicts: Vec<_> = received(&office, digest).await.decisions.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Accept, Verdict::TakeBack, Verdict::Return]);
}

#[tokio::test]
async fn siblings_from_two_phones_are_both_kept_and_the_chosen_one_counts_everywhere() {
    let office = Office::open().await;
    // The same coordinator: a phone, and one restored from a copy.
    let (phone, copy) = (office.phone(0).await, office.phone(0).await);
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    say(&office, visit.sealed.digest(), Verdict::Return).await;
    let (mine, theirs) =
        (corrected(&phone, &office, &visit, "0.30"), corrected(&copy, &office, &visit, "0.45"));
    assert_eq!(phone.put(&mine).await.status(), 201);
    assert_eq!(copy.put(&theirs).await.status(), 201, "both are stored and receipted");
    let (mine_id, theirs_id) = (mine.sealed.digest(), theirs.sealed.digest());
    assert_eq!(state(&office, mine_id).await, (Standing::Corrected, true));
    assert_eq!(state(&office, theirs_id).await, (Standing::Corrected, false));
    let row = received(&office, mine_id).await;
    assert!(row.row.twins && row.choosable == [theirs_id], "{row:?}");

    let shown = async || last_reading(&office).await;
    let at = shown().await.0;
    assert_eq!(shown().await.1, records::number("0.30"));
    let document = serde_json::from_str(&theirs.sealed.document).unwrap();
    let library = records::library();
    let answers = |document: &xieguan::domain::inspection::Inspection| {
        xieguan::domain::last::last_answers(&document.sheets, &library, document.day())
    };
    let last_visit = xieguan::domain::site::LastVisit {
        inspection: visit.id,
        at,
        level: None,
        problems: Vec::new(),
        answers: answers(&document),
    };
    let seen = received(&office, theirs_id).await.seen;
    let last_visit = CountingVisit { document: theirs_id, site: office.site.id, last_visit };
    let choice = NewDecision { last_visit: Some(last_visit), ..decision(theirs_id, Verdict::Choose, seen) };
    assert_eq!(decide(&office, choice).await, Decided::Done);
    assert_eq!((state(&office, mine_id).await.1, state(&office, theirs_id).await.1), (false, true));
    assert_eq!(shown().await, (at, records::number("0.45")));
    let (rows, count) = office.bureau.storage().inbox(InboxFilter::default()).await.unwrap();
    assert_eq!((rows[0].digest, count), (theirs_id, 1));
    assert_eq!(office.bureau.storage().audit_log(1).await.unwrap()[0].action, "choose");

    say(&office, theirs_id, Verdict::Return).await;
    for phone in [&phone, &copy] {
        let told = reviews(&page(phone, None).await);
        let [Known::Review(review)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(review.document, Some(theirs_id), "both phones hear which one it is about");
    }
    // What corrects the one that was passed over is kept, and waits for a choice.
    let stray = corrected(&phone, &office, &mine, "0.31");
    assert_eq!(phone.put(&stray).await.status(), 201);
    assert_eq!(state(&office, stray.sealed.digest()).await, (Standing::Corrected, false));
    assert_eq!(state(&office, theirs_id).await, (Standing::Returned, true));
    let third = corrected(&copy, &office, &theirs, "0.46");
    assert_eq!(copy.put(&third).await.status(), 201);
    assert_eq!(state(&office, third.sealed.digest()).await, (Standing::Corrected, true));
    assert_eq!(shown().await, (at, records::number("0.46")), "a correction does not move the visit's day");
}

#[tokio::test]
async fn a_review_goes_with_the_coordinator_to_a_new_phone_and_stays_with_the_old_one() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    say(&office, visit.sealed.digest(), Verdict::Return).await;
    let replaced = office.phone(0).await;
    let heard = |all: Vec<Known>| -> Vec<Review> {
        let review = |known| if let Known::Review(review) = known { Some(*review) } else { None };
        all.into_iter().filter_map(review).collect()
    };
    assert_eq!(heard(reviews(&page(&replaced, None).await)).len(), 1);
    // Somebody else takes the phone over; what was made on it is still told there, by the phone's own name.
    let code = office.code(1, 600).await;
    let answer: xieguan::wire::enrolment::Enrolled = phone.enrol(&code).await.json().await.unwrap();
    let taken_over = Phone { enrolled: Some(answer), ..phone };
    assert_eq!(heard(reviews(&page(&taken_over, None).await)).len(), 1);
}

#[tokio::test]
async fn decisions_are_never_changed_and_never_deleted() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    say(&office, visit.sealed.digest(), Verdict::Accept).await;
    let path = office.folder().join("bureau.sqlite");
    #[expect(clippy::disallowed_methods, reason = "a test looks into the bureau's data from outside")]
    let db = rusqlite::Connection::open(path).unwrap();
    db.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    for change in ["update decision set verdict = 'return'", "delete from decision"] {
        let refused = db.execute(change, ()).unwrap_err().to_string();
        assert!(refused.contains("decision"), "{refused}");
    }
}
