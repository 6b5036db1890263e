//! Drafts, answer by answer.

use std::collections::BTreeMap;

use proptest::prelude::*;
use xieguan::domain::answer::{Answer, PartValue};
use xieguan::domain::id::Digest;
use xieguan::domain::inspection::Draft;
use xieguan::store::Error;
use xieguan::store::draft::ExpectedPhoto;

use super::sample::{Phone, blob, empty, finished, fix, half_filled, moment, note, photo, secret, site};

#[test]
fn a_draft_with_something_everywhere_comes_back_equal() {
    let mut phone = Phone::new();
    phone.store.add_draft(&half_filled()).unwrap();
    assert_eq!(phone.reopened().store.draft(half_filled().id).unwrap(), Some(half_filled()));
}

#[test]
fn a_draft_filled_step_by_step_equals_one_added_whole() {
    let mut phone = Phone::new();
    let whole = half_filled();
    let mut start = empty(1, &site(1, "石桥村集中供水站"));
    (start.revision, start.parent) = (whole.revision, whole.parent);
    phone.store.add_draft(&start).unwrap();
    for (n, sheet) in (0..).zip(&whole.sheets) {
        for (item, answer) in &sheet.answers {
            phone.store.put_answer(whole.id, n, item, answer, moment(1)).unwrap();
        }
    }
    for (photo, sheet) in whole.photos.iter().zip([0, 0, 0, 1]) {
        phone.store.add_photo(whole.id, sheet, photo).unwrap();
        phone.store.add_photo(whole.id, sheet, photo).unwrap();
    }
    whole.fixes.iter().for_each(|fix| phone.store.add_fix(whole.id, fix).unwrap());
    phone.store.put_no_fix(whole.id, whole.no_fix.as_ref()).unwrap();
    phone.store.put_guidance(whole.id, &whole.guidance).unwrap();
    phone.store.put_attestation(whole.id, whole.attestation.as_ref()).unwrap();
    assert_eq!(phone.reopened().store.draft(whole.id).unwrap(), Some(whole));
}

#[test]
fn the_list_begins_with_the_last_touched_and_knows_the_place_to_return_to() {
    let mut phone = Phone::new();
    for n in 1..=3 {
        phone.store.add_draft(&empty(n, &site(n, &format!("水站 {n}")))).unwrap();
    }
    phone.store.put_answer(super::sample::visit(2), 1, "WR-05", &note("在这里"), moment(60)).unwrap();
    phone.store.put_answer(super::sample::visit(1), 0, "WR-01", &note("早些"), moment(30)).unwrap();
    let list = phone.store.drafts().unwrap();
    let shown: Vec<_> = list.iter().map(|row| (row.site.as_str(), row.touched_at, row.at.clone())).collect();
    assert_eq!(
        shown,
        [
            ("水站 2", moment(60), Some((1, "WR-05".to_owned()))),
            ("水站 1", moment(30), Some((0, "WR-01".to_owned()))),
            ("水站 3", moment(0), None),
        ]
    );
}

#[test]
fn a_draft_that_is_gone_takes_nothing_more() {
    let mut phone = Phone::new();
    let (missing, aside, done) =
        (empty(1, &site(1, "一")), empty(2, &site(1, "一")), empty(3, &site(1, "一")));
    phone.store.add_draft(&aside).unwrap();
    phone.store.discard_draft(aside.id).unwrap();
    phone.store.add_draft(&done).unwrap();
    phone.store.finish(&finished(&done, &[])).unwrap();
    for Draft { id, .. } in [missing, aside.clone(), done] {
        let expected = ExpectedPhoto { draft: id, sheet: 0, item: None, since: moment(0) };
        let tries = [
            phone.store.put_answer(id, 0, "WR-01", &note("迟"), moment(1)),
            phone.store.put_answer(id, 0, "WR-01", &Answer::default(), moment(1)),
            phone.store.add_photo(id, 0, &photo(1, None)),
            phone.store.add_fix(id, &fix(5)),
            phone.store.put_no_fix(id, None),
            phone.store.put_guidance(id, "迟"),
            phone.store.put_attestation(id, None),
            phone.store.put_secret(id, 0, &secret("迟")),
        ];
        for (n, tried) in tries.into_iter().enumerate() {
            assert!(matches!(tried, Err(Error::NotFound)), "{n}: {tried:?}");
        }
        assert_eq!(phone.store.draft(id).unwrap(), None);
        let _ = phone.store.expect_photo(Some(&expected));
        assert_eq!(phone.store.expected_photo().unwrap(), None);
    }
    assert!(phone.store.drafts().unwrap().is_empty());
    phone.store.restore_draft(aside.id).unwrap();
    assert_eq!(phone.store.draft(aside.id).unwrap(), Some(aside));
    let unknown = phone.store.restore_draft(empty(9, &site(1, "一")).id);
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}

#[test]
fn a_sheet_that_the_draft_does_not_have_is_not_found() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "一"));
    phone.store.add_draft(&draft).unwrap();
    let tries = [
        phone.store.put_answer(draft.id, 2, "WR-01", &note("无"), moment(1)),
        phone.store.add_photo(draft.id, 2, &photo(1, Some("WR-01"))),
        phone.store.put_secret(draft.id, 2, &secret("无")),
    ];
    for tried in tries {
        assert!(matches!(tried, Err(Error::NotFound)), "{tried:?}");
    }
    assert_eq!(phone.store.draft(draft.id).unwrap(), Some(draft));
}

#[test]
fn a_visit_is_started_once_and_a_finished_revision_not_again() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "一"));
    phone.store.add_draft(&draft).unwrap();
    assert!(matches!(phone.store.add_draft(&draft), Err(Error::Exists)));
    phone.store.finish(&finished(&draft, &[])).unwrap();
    assert!(matches!(phone.store.add_draft(&draft), Err(Error::Exists)));
    phone.store.add_draft(&Draft { revision: 2, ..draft }).unwrap();
}

#[test]
fn a_confidential_text_and_its_digest_come_and_go_together() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "一"));
    phone.store.add_draft(&draft).unwrap();
    let digest_in = |phone: &Phone| -> Option<Digest> {
        let draft = phone.store.draft(draft.id).unwrap().unwrap();
        match draft.sheets[0].answers.get("IM-15")?.parts.get("who")? {
            PartValue::Confidential { digest } => Some(*digest),
            _ => None,
        }
    };
    phone.store.put_secret(draft.id, 0, &secret("举报人示例")).unwrap();
    assert_eq!(digest_in(&phone), Some(secret("举报人示例").digest()));
    assert_eq!(phone.store.secrets(draft.id).unwrap(), [secret("举报人示例")]);
    // A screen that writes what it had read before cannot part the two.
    let stale = Answer {
        parts: [("who".to_owned(), PartValue::Confidential { digest: blob(9) })].into(),
        ..note("旧")
    };
    phone.store.put_answer(draft.id, 0, "IM-15", &stale, moment(1)).unwrap();
    assert_eq!(digest_in(&phone), Some(secret("举报人示例").digest()));
    phone.store.put_answer(draft.id, 0, "IM-15", &Answer::default(), moment(1)).unwrap();
    assert_eq!(digest_in(&phone), Some(secret("举报人示例").digest()));
    phone.store.put_secret(draft.id, 0, &secret("")).unwrap();
    phone.store.put_answer(draft.id, 0, "IM-15", &stale, moment(1)).unwrap();
    assert_eq!(digest_in(&phone), None);
    assert_eq!(phone.store.secrets(draft.id).unwrap(), []);
}

#[test]
fn an_expected_photo_outlives_the_app_and_ends_with_its_photo() {
    let mut phone = Phone::new();
    let draft = empty(1, &site(1, "一"));
    phone.store.add_draft(&draft).unwrap();
    let expected =
        ExpectedPhoto { draft: draft.id, sheet: 1, item: Some("WR-15".to_owned()), since: moment(9) };
    phone.store.expect_photo(Some(&expected)).unwrap();
    phone = phone.reopened();
    phone.store.add_photo(draft.id, 0, &photo(1, None)).unwrap();
    assert_eq!(phone.store.expected_photo().unwrap(), Some(expected.clone()), "another item's photo");
    phone.store.add_photo(draft.id, 0, &photo(2, Some("WR-15"))).unwrap();
    assert_eq!(phone.store.expected_photo().unwrap(), None);
    phone.store.expect_photo(Some(&expected)).unwrap();
    phone.store.expect_photo(None).unwrap();
    assert_eq!(phone.store.expected_photo().unwrap(), None);
}

#[derive(Clone, Debug)]
enum Step {
    Put(u32, u8, Option<u8>),
    Take(u32, u8, u8),
    Remove(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..2_u32, 0..3_u8, proptest::option::of(0..9_u8)).prop_map(|(s, i, a)| Step::Put(s, i, a)),
        (0..2_u32, 0..4_u8, 0..6_u8).prop_map(|(s, i, p)| Step::Take(s, i, p)),
        (0..6_u8).prop_map(Step::Remove),
    ]
}

/// What the steps mean, without a database.
fn apply(model: &mut Draft, step: &Step) {
    match step {
        Step::Put(sheet, item, answer) => {
            let answers = &mut model.sheets[*sheet as usize].answers;
            let slot = answers.entry(format!("WR-{item}")).or_default();
            slot.note = answer.map(|a| a.to_string()).unwrap_or_default();
        }
        Step::Take(sheet, item, n) => {
            let photo = photo(*n, item_of(*item).as_deref());
            if model.photos.iter().any(|taken| taken.original == photo.original) {
                return;
            }
            if let Some(item) = &photo.item {
                let answers = &mut model.sheets[*sheet as usize].answers;
                answers.entry(item.clone()).or_default().photos.push(photo.original);
            }
            model.photos.push(photo);
        }
        Step::Remove(n) => {
            model.photos.retain(|photo| photo.original != blob(*n));
            for answer in model.sheets.iter_mut().flat_map(|sheet| sheet.answers.values_mut()) {
                answer.photos.retain(|photo| *photo != blob(*n));
            }
        }
    }
    let tidy = |answers: &mut BTreeMap<String, Answer>| answers.retain(|_, answer| !answer.is_empty());
    model.sheets.iter_mut().for_each(|sheet| tidy(&mut sheet.answers));
}

/// The fourth stands for the site as a whole.
fn item_of(n: u8) -> Option<String> {
    (n < 3).then(|| format!("WR-{n}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_answers_and_photos_gives_what_a_plain_list_gives(
        steps in proptest::collection::vec(step(), 0..30),
    ) {
        let mut phone = Phone::new();
        let mut model = empty(1, &site(1, "一"));
        phone.store.add_draft(&model).unwrap();
        for step in &steps {
            match step {
                Step::Put(sheet, item, answer) => {
                    let answer = answer.map(|a| note(&a.to_string())).unwrap_or_default();
                    phone.store.put_answer(model.id, *sheet, &format!("WR-{item}"), &answer, moment(1)).unwrap();
                }
                Step::Take(sheet, item, n) => {
                    phone.store.add_photo(model.id, *sheet, &photo(*n, item_of(*item).as_deref())).unwrap();
                }
                Step::Remove(n) => phone.store.remove_photo(model.id, blob(*n)).unwrap(),
            }
            apply(&mut model, step);
        }
        prop_assert_eq!(phone.store.draft(model.id).unwrap(), Some(model));
    }
}
