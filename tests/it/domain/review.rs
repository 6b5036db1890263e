//! Which document of a visit counts, what may be decided about it, and what a revision changed.

use xieguan::domain::difference::differences;
use xieguan::domain::id::Digest;
use xieguan::domain::inspection::{Draft, Inspection};
use xieguan::domain::review::{ItemComment, Outcome, Review, Standing, Verdict, Version, counting};

use crate::support::records;

fn name(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn version(digest: &str, parent: Option<&str>, revision: u32) -> Version {
    Version { digest: name(digest), parent: parent.map(name), revision }
}

#[test]
fn the_newest_revision_counts_and_of_equals_the_first_received_until_somebody_chooses() {
    let one = version("1", None, 1);
    let (a, b) = (version("2a", Some("1"), 2), version("2b", Some("1"), 2));
    let of_b = version("3b", Some("2b"), 3);
    let lost = version("3?", Some("nobody has it"), 3);
    type Case = (&'static str, Vec<Version>, Option<&'static str>, Option<&'static str>);
    let table: &[Case] = &[
        ("nothing", vec![], None, None),
        ("one", vec![one], None, Some("1")),
        ("a correction", vec![one, a], None, Some("2a")),
        ("that came before what it corrects", vec![a, one], None, Some("2a")),
        ("twins: the first received", vec![one, b, a], None, Some("2b")),
        ("twins: the chosen one", vec![one, b, a], Some("2a"), Some("2a")),
        ("the newest, without a choice", vec![one, a, b, of_b], None, Some("3b")),
        ("what descends from a passed-over one never counts", vec![one, a, b, of_b], Some("2a"), Some("2a")),
        ("what descends from the chosen one does", vec![one, a, b, of_b], Some("2b"), Some("3b")),
        (
            "a revision whose parent never came is still the newest",
            vec![one, a, lost],
            Some("2a"),
            Some("3?"),
        ),
        ("a choice of what is not here changes nothing", vec![one, a], Some("x"), Some("2a")),
    ];
    for (claim, versions, chosen, counts) in table {
        assert_eq!(counting(versions, chosen.map(name)), counts.map(name), "{claim}");
    }
    // Parents are what phones write: also themselves, and each other.
    let ring = [version("a", Some("b"), 5), version("b", Some("a"), 5), version("c", Some("c"), 5)];
    assert_eq!(counting(&ring, Some(name("b"))), Some(name("b")));
}

#[test]
fn only_what_counts_is_decided_and_only_once_until_it_is_taken_back() {
    let versions = [version("1", None, 1), version("2a", Some("1"), 2), version("2b", Some("1"), 2)];
    let may = |verdict: Verdict, document: &str, standing| {
        verdict.is_allowed(name(document), standing, &versions, None)
    };
    for verdict in [Verdict::Accept, Verdict::Return] {
        assert!(may(verdict, "2a", Standing::Corrected) && may(verdict, "2a", Standing::New));
        assert!(!may(verdict, "2a", Standing::Accepted) && !may(verdict, "2a", Standing::Returned));
        assert!(!may(verdict, "1", Standing::New) && !may(verdict, "2b", Standing::Corrected));
    }
    assert!(may(Verdict::TakeBack, "2a", Standing::Returned) && !may(Verdict::TakeBack, "2a", Standing::New));
    assert!(!may(Verdict::TakeBack, "1", Standing::Returned), "somebody acted on it");
    assert!(may(Verdict::Choose, "2b", Standing::New));
    assert!(!may(Verdict::Choose, "2a", Standing::New), "it counts already");
    assert!(!may(Verdict::Choose, "1", Standing::New), "an earlier revision is no choice");
    assert_eq!(Verdict::TakeBack.leads_to(1), Some(Standing::New));
    assert_eq!(Verdict::TakeBack.leads_to(2), Some(Standing::Corrected));
    assert_eq!(Verdict::Choose.leads_to(2), None);
}

#[test]
fn names_in_databases_and_addresses_lead_back() {
    for standing in Standing::ALL {
        assert_eq!(Standing::of_name(standing.name()), Some(standing));
    }
    for verdict in Verdict::ALL {
        assert_eq!(Verdict::of_name(verdict.name()), Some(verdict));
    }
    assert_eq!((Standing::of_name("x"), Verdict::of_name("")), (None, None));
}

fn finished(draft: Draft) -> Inspection {
    let (bureau, device) = (uuid::Uuid::from_u128(0xb1), uuid::Uuid::from_u128(0xd1));
    let facts =
        records::finishing(xieguan::domain::id::BureauId(bureau), xieguan::domain::id::DeviceId(device));
    draft.finish(facts, &records::library())
}

#[test]
fn a_correction_says_everything_but_the_signature_and_keeps_the_visits_own_end() {
    let first = finished(records::draft(records::compliant_sheet()));
    assert_eq!(first.corrected_at, None);
    let draft = Draft::correcting(first.clone(), name("the text"));
    assert_eq!((draft.revision, draft.parent, &draft.attestation), (2, Some(name("the text")), &None));
    let (bureau, device) = (first.bureau, first.device);
    let mut facts = records::finishing(bureau, device);
    facts.finished_at += chrono::Duration::days(3);
    let later = facts.finished_at;
    let second = draft.finish(facts, &records::library());
    assert_eq!((second.finished_at, second.corrected_at), (first.finished_at, Some(later)));
    let changed = differences(&first, &second);
    assert!(changed.attestation && changed.items.is_empty() && !changed.guidance, "{changed:?}");
    assert_eq!((second.sheets, second.findings, second.fixes), (first.sheets, first.findings, first.fixes));
}

#[test]
fn differences_name_what_changed_and_nothing_else() {
    let first = finished(records::draft(records::compliant_sheet()));
    assert!(differences(&first, &first.clone()).is_empty());
    let mut second = first.clone();
    let sheet = &mut second.sheets[0];
    sheet.answers.insert("WR-15".to_owned(), records::answer(&[("value", records::number("0.02"))]));
    sheet.answers.remove("WR-20");
    sheet.answers.insert("XX-01".to_owned(), records::answer(&[]));
    second.guidance = "1. 请调整投加量。".to_owned();
    let changed = differences(&first, &second);
    let items: Vec<(usize, &str)> =
        changed.items.iter().map(|(sheet, code)| (*sheet, code.as_str())).collect();
    assert_eq!(items, [(0, "WR-15"), (0, "WR-20"), (0, "XX-01")]);
    assert!(changed.guidance && !changed.people && !changed.position && !changed.checklists);
    second.sheets.clear();
    assert!(differences(&first, &second).checklists);
}

#[test]
fn a_review_of_an_older_bureau_is_read_and_one_of_today_says_which_document() {
    let old = r#"{"inspection":"0193e000-0000-7000-8000-000000000001","revision":1,"outcome":"returned",
        "items":[{"item":"WR-14","text":"请补拍"}],"by":"监督所","at":"2026-11-22T10:00:00+08:00"}"#;
    let old: Review = serde_json::from_str(old).unwrap();
    assert_eq!((old.on(0, "WR-14"), old.on(1, "WR-14"), old.on(0, "WR-15")), (Some("请补拍"), None, None));
    assert!(old.is_of(name("whatever"), 1) && !old.is_of(name("whatever"), 2));
    let new = Review {
        document: Some(name("a")),
        outcome: Outcome::Returned,
        items: vec![ItemComment { sheet: 2, item: "SC-01".to_owned(), text: "重填".to_owned() }],
        ..old
    };
    assert!(new.is_of(name("a"), 1) && !new.is_of(name("b"), 1));
    // Old phones read it too: what they do not know stands beside what they do.
    let pinned = concat!(
        r#"{"inspection":"0193e000-0000-7000-8000-000000000001","revision":1,"#,
        r#""document":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","#,
        r#""outcome":"returned","items":[{"sheet":2,"item":"SC-01","text":"重填"}],"#,
        r#""by":"监督所","at":"2026-11-22T10:00:00+08:00"}"#
    );
    assert_eq!(serde_json::to_string(&new).unwrap(), pinned);
}
