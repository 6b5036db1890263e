//! Information reports: what they say, when they are due, what is odd, and when another revision is needed.

use proptest::prelude::*;
use uuid::Uuid;
use xieguan::domain::checklist::Level;
use xieguan::domain::id::{BureauId, DeviceId, Digest};
use xieguan::domain::report::{
    CONTENT_MAX_CHARS, Outcome, Report, ReportProblem, ReportedItem, Reporting, SMS_MAX_CHARS, ready_content,
    report, report_problems, sms_text, written_until,
};
use xieguan::domain::seal::canonical;

use crate::support::records::{
    answer, attempt, compliant_sheet, draft, finishing, library, moment, reporting, serious_sheet, yes_no,
};

fn made(reporting: &Reporting) -> Option<Report> {
    let facts = finishing(BureauId(Uuid::from_u128(0xb1)), DeviceId(Uuid::from_u128(0xd1)));
    report(&draft(serious_sheet()), reporting, &facts, &library())
}

/// Whoever changes these bytes changes what old bureaus and phones must still read.
#[test]
fn the_reports_bytes_are_pinned() {
    let reporting = Reporting { attempts: vec![attempt(Outcome::Reached)], ..reporting(1) };
    insta::assert_snapshot!(canonical(&made(&reporting).unwrap()).unwrap());
}

#[test]
fn only_level_a_and_b_are_reported() {
    let facts = finishing(BureauId(Uuid::nil()), DeviceId(Uuid::nil()));
    assert_eq!(report(&draft(compliant_sheet()), &reporting(1), &facts, &library()), None);
    let mut minor = compliant_sheet();
    minor.answers.insert("WR-10".to_owned(), answer(&[("ok", yes_no(false))]));
    assert_eq!(report(&draft(minor), &reporting(1), &facts, &library()), None);
    assert_eq!(made(&reporting(1)).unwrap().level, Level::A);
}

#[test]
fn another_revision_is_made_only_for_what_the_last_one_does_not_say() {
    let first = made(&reporting(1)).unwrap();
    let digest = Digest::of(b"first");
    let signed = |first: &Report| Reporting { signed: Some((digest, first.clone())), ..reporting(1) };
    assert_eq!(made(&signed(&first)), None);
    let fewer = Report { items: first.items[..1].to_vec(), ..first.clone() };
    let lower = Report {
        items: first.items.iter().map(|i| ReportedItem { level: Level::B, ..i.clone() }).collect(),
        ..first.clone()
    };
    for (why, said) in [("another finding", fewer), ("a higher level", lower)] {
        let second = made(&signed(&said)).expect(why);
        assert_eq!((second.revision, second.parent, second.id), (2, Some(digest), first.id), "{why}");
    }
    let called = Reporting { attempts: vec![attempt(Outcome::Reached)], ..signed(&first) };
    assert!(made(&called).is_some(), "another call");
    let worded = Reporting { content: Some("别的话".to_owned()), ..signed(&first) };
    assert!(made(&worded).is_some(), "other words");
}

#[test]
fn level_a_is_due_in_two_hours_and_level_b_in_a_day() {
    let hours = |level| (written_until(level, moment()) - moment()).num_hours();
    assert_eq!((hours(Level::A), hours(Level::B)), (2, 24));
}

#[test]
fn what_is_odd_is_said_and_nothing_is_refused() {
    let plain = made(&Reporting { attempts: vec![attempt(Outcome::NoAnswer)], ..reporting(1) }).unwrap();
    assert_eq!(report_problems(&plain), []);
    let late = plain.discovered_at + chrono::Duration::minutes(121);
    let table = [
        (Report { content: "长".repeat(501), ..plain.clone() }, ReportProblem::TooLong { chars: 501 }),
        (Report { content: " ".to_owned(), ..plain.clone() }, ReportProblem::NoContent),
        (Report { category: String::new(), ..plain.clone() }, ReportProblem::NoCategory),
        (Report { items: Vec::new(), ..plain.clone() }, ReportProblem::NoItems),
        (Report { coordinators: Vec::new(), ..plain.clone() }, ReportProblem::NoCoordinator),
        (Report { attempts: Vec::new(), ..plain.clone() }, ReportProblem::NobodyCalled),
        (Report { reported_at: late, ..plain.clone() }, ReportProblem::Late { minutes: 1 }),
        (
            Report { discovered_at: plain.reported_at + chrono::Duration::minutes(1), ..plain.clone() },
            ReportProblem::FoundAfterReported,
        ),
        (
            Report { content: "责令停水".to_owned(), ..plain.clone() },
            ReportProblem::Wording { word: "责令".to_owned() },
        ),
    ];
    for (odd, problem) in table {
        assert_eq!(report_problems(&odd), [problem]);
    }
    let exactly = Report { content: "长".repeat(CONTENT_MAX_CHARS), ..plain };
    assert_eq!(report_problems(&exactly), []);
}

proptest! {
    #[test]
    fn prepared_texts_keep_their_length_whatever_the_site_is_called(
        title in "\\PC{0,400}", address in "\\PC{0,400}", problem in "\\PC{0,900}", name in "\\PC{0,90}",
    ) {
        let mut draft = draft(serious_sheet());
        draft.site.title = title;
        draft.site.address = address;
        draft.coordinators[0].name = name;
        let item = ReportedItem { checklist: "C".to_owned(), item: "I".to_owned(), level: Level::A, problem };
        let items = [item.clone(), item];
        let content = ready_content(&draft.site, &items);
        prop_assert!(content.chars().count() <= CONTENT_MAX_CHARS);
        let text = sms_text(&draft.site, &items, moment(), draft.coordinators.first());
        prop_assert!(text.chars().count() <= SMS_MAX_CHARS, "{}", text.chars().count());
        prop_assert!(text.contains("协管员"));
    }
}
