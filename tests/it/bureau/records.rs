//! Documents: stored once, verbatim, receipted; refused only when they cannot be read or are not sealed.

use futures_util::future::join_all;
use xieguan::domain::answer::Sheet;
use xieguan::domain::problem::{Problem, ProblemKind};
use xieguan::domain::report::{CONTENT_MAX_CHARS, ReportProblem};
use xieguan::domain::seal::Signature;
use xieguan::domain::text::cut;
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::{ReceiptKind, ReceiptsPage, Stored};
use xieguan::wire::sealed::SealedDocument;

use super::office::{Office, photo, refused, site, township};
use crate::support::records::{answer, yes_no};

#[tokio::test]
async fn eight_twins_at_once_are_stored_once_and_get_the_same_receipt() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let answers = join_all((0..8).map(|_| phone.put(&visit))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 7].as_slice(), &[201]].concat());
    let bodies = join_all(answers.into_iter().map(|answer| answer.text())).await;
    let bodies: Vec<String> = bodies.into_iter().map(Result::unwrap).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(office.held().await, 1);

    let stored: Stored = serde_json::from_str(&bodies[0]).unwrap();
    let key = &office.bureau.storage().identity().public.signing_key;
    let receipt = stored.record.open_for(key, visit.sealed.digest()).unwrap();
    assert_eq!((receipt.inspection, receipt.revision, receipt.sequence), (visit.id.into(), 1, 1));
    assert!(receipt.number.ends_with("-000001"), "{}", receipt.number);
    assert_eq!(stored.complete.unwrap().open(key).unwrap().kind, ReceiptKind::Complete);
    assert_eq!(stored.missing, vec![]);
}

#[tokio::test]
async fn what_was_sent_comes_back_byte_for_byte_whatever_it_says() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "长".repeat(10_000),
        "\u{202e}水供村\u{202c} \u{0}\u{7f} 🏥".to_owned(),
    ];
    for name in names {
        let visit = phone.visit(&office.site, |draft| draft.site.title = name.clone());
        // Other blanks and an unknown field: the envelope too is kept as it came.
        let body = serde_json::to_string_pretty(&visit.sealed).unwrap().replacen('{', "{ \"later\": 1,", 1);
        assert_eq!(phone.put_as(&visit, body.clone()).await.status(), 201);
        let back = phone.get(&visit.path()).send().await.unwrap().text().await.unwrap();
        assert_eq!(back, body);
        let received = office.bureau.storage().received(visit.sealed.digest()).await.unwrap().unwrap();
        assert_eq!(received.row.site_title, cut(&name, 200), "lists need not bear all of it");
        assert_eq!(received.envelope, visit.sealed);
    }
}

#[tokio::test]
async fn a_record_against_all_rules_is_stored_with_its_problems() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |draft| {
        draft.sheets.clear();
        draft.attestation = None;
    });
    assert_eq!(phone.put(&visit).await.status(), 201);
    let received = office.bureau.storage().received(visit.sealed.digest()).await.unwrap().unwrap();
    let expected = [ProblemKind::NoSheet, ProblemKind::NoAttestation];
    assert_eq!(received.problems, expected.map(|kind| Problem { item: None, kind }));
}

/// Every page of a list holds fifty of them, and whoever is enrolled can send as many.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "looks at every column, whatever it is called")]
async fn what_lists_keep_of_a_document_is_short_however_long_the_document_is() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let long = "长".repeat(50_000);
    let visit = phone.visit(&office.site, |draft| {
        (draft.site.title, draft.site.township.name) = (long.clone(), long.clone());
        draft.coordinators[0].name = long.clone();
        draft.sheets[0].answers.insert(long.clone(), answer(&[(&long, yes_no(true))]));
        let sheet = draft.sheets[0].clone();
        let empty = |n: usize| {
            let mut sheet = Sheet { answers: Default::default(), ..sheet.clone() };
            sheet.checklist.version = format!("{n}");
            sheet
        };
        draft.sheets.extend((0..2_000).map(empty));
    });
    let report = phone.report(&office.site, |report| {
        (report.content, report.category, report.site.title) = (long.clone(), long.clone(), long.clone());
    });
    assert_eq!(phone.put(&visit).await.status(), 201);
    assert_eq!(phone.put_paper(&report).await.status(), 201);
    let db = rusqlite::Connection::open(office.folder().join(xieguan::bureau::storage::DATABASE)).unwrap();
    for table in ["document", "report", "site", "township"] {
        let mut query = db.prepare(&format!("select * from {table}")).unwrap();
        let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in columns.iter().filter(|column| *column != "envelope") {
                let length = match row.get_ref(&**column).unwrap() {
                    rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                        bytes.len()
                    }
                    _ => 0,
                };
                assert!(length < 16 * 1024, "{table}.{column}: {length} bytes");
            }
        }
    }
    let received = office.bureau.storage().received(visit.sealed.digest()).await.unwrap().unwrap();
    assert_eq!(received.envelope, visit.sealed, "what was signed is kept whole");
    let kinds: Vec<_> = received.problems.iter().map(|problem| &problem.kind).collect();
    assert!(matches!(kinds[0], ProblemKind::ManySheets { sheets: 2_001 }), "{:?}", kinds[0]);
    assert!(matches!(kinds[100], ProblemKind::More { count } if *count > 1_000), "{:?}", kinds[100]);
    let lines = office.bureau.storage().reports(Default::default()).await.unwrap().0;
    assert!(lines[0].problems.contains(&ReportProblem::TooLong { chars: 50_000 }));
    assert_eq!(lines[0].content.chars().count(), 2 * CONTENT_MAX_CHARS);
}

#[tokio::test]
async fn unreadable_and_badly_sealed_bytes_are_refused_and_leave_nothing() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let other = office.phone(1).await;
    let visit = phone.visit(&office.site, |_| {});
    let send = |sealed: SealedDocument| phone.put_as(&visit, serde_json::to_string(&sealed).unwrap());

    let tampered = visit.sealed.document.replace("石桥村", "柳树村");
    let tampered = SealedDocument { document: tampered, ..visit.sealed.clone() };
    assert_eq!(refused(send(tampered).await, 422).await, Code::SealWrong);
    let wrong = SealedDocument { seal: Signature([7; 64]), ..visit.sealed.clone() };
    assert_eq!(refused(send(wrong).await, 422).await, Code::SealWrong);
    let float = visit.sealed.document.replacen("\"schema\":1", "\"schema\":1,\"x\":1.5", 1);
    assert_ne!(float, visit.sealed.document);
    let float = SealedDocument::seal(float, phone.id, &phone.key, None);
    assert_eq!(refused(send(float).await, 422).await, Code::Unreadable);
    let no_inspection = SealedDocument::seal("{}".to_owned(), phone.id, &phone.key, None);
    assert_eq!(refused(send(no_inspection).await, 422).await, Code::Unreadable);
    assert_eq!(refused(phone.put_as(&visit, "not json".to_owned()).await, 422).await, Code::Unreadable);
    // Another phone's token, and another phone's words under an own seal.
    assert_eq!(refused(other.put(&visit).await, 403).await, Code::NotYours);
    let borrowed = SealedDocument::seal(visit.sealed.document.clone(), other.id, &other.key, None);
    let borrowed = serde_json::to_string(&borrowed).unwrap();
    assert_eq!(refused(other.put_as(&visit, borrowed).await, 422).await, Code::SealWrong);
    assert_eq!(office.held().await, 0);
}

#[tokio::test]
async fn a_document_at_a_foreign_address_is_refused_and_a_huge_one_too() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let (one, two) = (phone.visit(&office.site, |_| {}), phone.visit(&office.site, |_| {}));
    let misplaced = phone.put_as(&one, serde_json::to_string(&two.sealed).unwrap()).await;
    assert_eq!(refused(misplaced, 400).await, Code::AddressMismatch);
    let long = phone.visit(&office.site, |draft| draft.guidance = "长".repeat(1_400_000));
    assert_eq!(refused(phone.put(&long).await, 413).await, Code::TooLarge);
    assert_eq!(office.held().await, 0);
}

#[tokio::test]
async fn siblings_of_a_revision_are_both_kept_and_each_author_gets_its_own() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let mine = phone.visit(&office.site, |_| {});
    let sibling = other.visit(&office.site, |draft| draft.id = mine.id);
    let stranger = office.phone(1).await;
    assert_eq!(phone.put(&mine).await.status(), 201);
    assert_eq!(refused(other.get(&mine.path()).send().await.unwrap(), 403).await, Code::NotYours);
    assert_eq!(other.put(&sibling).await.status(), 201);
    for (phone, visit) in [(&phone, &mine), (&other, &sibling)] {
        let back: SealedDocument = phone.get(&visit.path()).send().await.unwrap().json().await.unwrap();
        assert_eq!(back, visit.sealed);
    }
    assert_eq!(refused(stranger.get(&mine.path()).send().await.unwrap(), 403).await, Code::NotYours);
    let received = office.bureau.storage().received(mine.sealed.digest()).await.unwrap().unwrap();
    let siblings: Vec<_> = received.siblings.iter().map(|row| row.digest).collect();
    assert_eq!(siblings, [sibling.sealed.digest()]);
}

#[tokio::test]
async fn receipts_are_paged_per_phone_in_order() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let mine = phone.visit(&office.site, |draft| draft.photos.push(photo(b"o", b"d")));
    phone.put(&mine).await;
    other.put(&other.visit(&office.site, |_| {})).await;
    phone.upload(b"d").await;
    phone.upload(b"o").await;
    let page: ReceiptsPage = phone.get("/v1/receipts?since=0").send().await.unwrap().json().await.unwrap();
    let key = &office.bureau.storage().identity().public.signing_key;
    let open: Vec<_> = page.receipts.iter().map(|receipt| receipt.open(key).unwrap()).collect();
    let kinds: Vec<_> = open.iter().map(|receipt| (receipt.kind, receipt.sequence)).collect();
    assert_eq!(kinds, [(ReceiptKind::Record, 1), (ReceiptKind::Complete, 4)]);
    assert!(open.iter().all(|receipt| receipt.document == mine.sealed.digest()));
    assert_eq!((page.last, page.more), (4, false));
    let rest = phone.get(&format!("/v1/receipts?since={}", page.last)).send().await.unwrap();
    assert_eq!(rest.json::<ReceiptsPage>().await.unwrap().receipts, vec![]);
}

#[tokio::test]
async fn a_full_database_refuses_with_507_and_takes_the_record_later() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |draft| draft.guidance = "长".repeat(50_000));
    office.bureau.storage().limit_pages(1).await.unwrap();
    assert_eq!(refused(phone.put(&visit).await, 507).await, Code::StorageFull);
    assert_eq!(office.held().await, 0);
    office.bureau.storage().limit_pages(0).await.unwrap();
    assert_eq!(phone.put(&visit).await.status(), 201);
}

#[tokio::test]
async fn what_was_accepted_before_the_stop_is_there_after_it() {
    let mut office = Office::open().await;
    let phone = office.phone(0).await;
    let visits: Vec<_> = (0..20).map(|_| phone.visit(&office.site, |_| {})).collect();
    let answers = join_all(visits.iter().map(|visit| phone.put(visit))).await;
    assert!(answers.iter().all(|answer| answer.status() == 201));
    office.stop().await;
    let again = xieguan::bureau::open(office.folder(), &Default::default()).unwrap();
    assert_eq!(again.storage().inbox_counts(None, 0).await.unwrap().total, 20);
    assert_eq!(again.storage().identity().public, office.bureau.storage().identity().public);
}

#[tokio::test]
async fn the_inbox_finds_by_text_township_level_and_what_is_outstanding() {
    use xieguan::bureau::storage::inbox::{InboxFilter, Status};
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let far = site("样板乡高坡村水厂", township(1));
    let waiting = phone.visit(&office.site, |draft| draft.photos.push(photo(b"o", b"d")));
    let failing = phone.visit(&far, |draft| {
        let sheet = &mut draft.sheets[0];
        sheet.answers.insert(
            "WR-04".to_owned(),
            crate::support::records::answer(&[("ok", crate::support::records::yes_no(false))]),
        );
    });
    for visit in [&waiting, &failing] {
        assert_eq!(phone.put(visit).await.status(), 201);
    }
    let find = async |filter: InboxFilter| {
        let (rows, count) = office.bureau.storage().inbox(filter).await.unwrap();
        assert_eq!(rows.len() as u64, count);
        rows.into_iter().map(|row| row.digest).collect::<Vec<_>>()
    };
    let by = InboxFilter::default;
    let (waiting, failing) = (waiting.sealed.digest(), failing.sealed.digest());
    assert_eq!(find(by()).await, [failing, waiting]);
    assert_eq!(find(InboxFilter { text: "高坡".to_owned(), ..by() }).await, [failing]);
    assert_eq!(find(InboxFilter { text: "%".to_owned(), ..by() }).await, []);
    assert_eq!(find(InboxFilter { township: Some(township(0).code), ..by() }).await, [waiting]);
    assert_eq!(find(InboxFilter { status: Some(Status::Waiting), ..by() }).await, [waiting]);
    let level = office.bureau.storage().received(failing).await.unwrap().unwrap().row.level;
    assert!(level.is_some());
    assert_eq!(find(InboxFilter { level, ..by() }).await, [failing]);
}

#[tokio::test]
async fn an_address_of_nonsense_is_a_problem_document_too() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    for path in ["/v1/reports/%FF%FE/1", "/v1/inspections/x/1", "/v1/sites/%00/%00"] {
        assert_eq!(refused(phone.get(path).send().await.unwrap(), 404).await, Code::NotFound, "{path}");
        let put = phone.http.put(format!("{}{path}", office.base)).bearer_auth(phone.token());
        assert_eq!(refused(put.body("{}").send().await.unwrap(), 404).await, Code::NotFound, "{path}");
    }
}
