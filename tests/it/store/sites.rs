//! Sites and checklists as the bureau last told them.

use xieguan::domain::checklist::SHIPPED;
use xieguan::domain::id::Digest;
use xieguan::domain::site::Site;
use xieguan::store::Error;
use xieguan::store::site::Change;

use super::opening::raw;
use super::sample::{Phone, empty, finished, site};

fn told(phone: &mut Phone, sites: &[Site]) {
    let changes: Vec<_> = sites.iter().cloned().map(|site| Change::Site(Box::new(site))).collect();
    phone.store.apply_changes(&changes, "1").unwrap();
}

fn names(phone: &Phone, text: &str) -> Vec<String> {
    phone.store.sites(text, 10).unwrap().into_iter().map(|site| site.name).collect()
}

#[test]
fn a_site_is_found_by_any_part_of_what_people_know_of_it() {
    let mut phone = Phone::new();
    let mut school = site(2, "示例小学 A区");
    school.nickname = "老学堂".to_owned();
    school.address = "100%路_3号".to_owned();
    school.licences.clear();
    school.contacts[0].phone = "000-1234567".to_owned();
    told(&mut phone, &[site(1, "石桥村集中供水站"), school]);
    let table = [
        ("", 2),
        ("石桥村集中", 1),
        ("站", 1),
        ("示例小", 1),
        ("学堂", 1),
        ("100%", 1),
        ("%", 1),
        ("_", 1),
        ("1234567", 1),
        ("２０２６", 1),
        ("[2026]001", 1),
        ("张示例", 2),
        ("a区", 1),
        ("Ａ区 小学", 1),
        ("小学 石桥", 0),
        ("'", 0),
        ("没有", 0),
        ("   ", 2),
    ];
    for (text, count) in table {
        assert_eq!(names(&phone, text).len(), count, "{text}");
    }
    assert_eq!(phone.store.sites("", 1).unwrap().len(), 1);
}

#[test]
fn a_changed_site_takes_the_place_of_the_old_one() {
    let mut phone = Phone::new();
    told(&mut phone, &[site(1, "旧名")]);
    told(&mut phone, &[site(1, "新名")]);
    assert_eq!(names(&phone, ""), ["新名"]);
    assert_eq!(names(&phone, "旧名"), Vec::<String>::new());
    assert_eq!(phone.store.site(site(1, "").id).unwrap(), Some(site(1, "新名")));
}

#[test]
fn a_site_that_is_gone_stays_while_a_draft_or_an_unsent_record_names_it() {
    let mut phone = Phone::new();
    let place = site(1, "一");
    told(&mut phone, &[place.clone(), site(2, "二")]);
    let draft = empty(1, &place);
    phone.store.add_draft(&draft).unwrap();
    phone.store.apply_changes(&[Change::SiteGone(place.id), Change::SiteGone(site(2, "").id)], "2").unwrap();
    assert_eq!(names(&phone, ""), Vec::<String>::new());
    assert_eq!(phone.store.site(place.id).unwrap(), Some(place.clone()));
    assert_eq!(phone.store.site(site(2, "").id).unwrap(), None);
    phone.store.finish(&finished(&draft, &[])).unwrap();
    phone.store.apply_changes(&[], "3").unwrap();
    assert_eq!(phone.store.site(place.id).unwrap(), Some(place.clone()));
    let row = phone.store.outbox().unwrap().remove(0);
    phone.store.mark_sent(row.id).unwrap();
    phone.store.apply_changes(&[], "4").unwrap();
    assert_eq!(phone.store.site(place.id).unwrap(), None);
}

#[test]
fn a_page_of_changes_and_its_cursor_are_stored_together_or_not_at_all() {
    let mut phone = Phone::new();
    phone.store.apply_changes(&[Change::Setting("settings", "{}".to_owned())], "1").unwrap();
    raw(&phone.path())
        .execute_batch(
            "create trigger injected before insert on checklist begin select raise(abort, 'injected'); end",
        )
        .unwrap();
    let page = [Change::Site(Box::new(site(1, "一"))), Change::Checklist(SHIPPED[0].to_owned())];
    assert!(phone.store.apply_changes(&page, "2").is_err());
    phone = phone.reopened();
    assert_eq!(names(&phone, ""), Vec::<String>::new());
    assert_eq!(phone.store.setting("cursor").unwrap().as_deref(), Some("1"));
    assert_eq!(phone.store.setting("settings").unwrap().as_deref(), Some("{}"));
}

/// The shipped checklist as another version.
fn version(version: &str) -> String {
    SHIPPED[0].replacen("\"2026.1\"", &format!("\"{version}\""), 1)
}

#[test]
fn the_newest_offered_version_is_offered_and_every_version_is_kept() {
    let mut phone = Phone::new();
    phone.store.put_checklists(&SHIPPED[..1]).unwrap();
    let [nine, ten] = ["2026.9", "2026.10"].map(version);
    let page = [Change::Checklist(ten.clone()), Change::Checklist(nine)];
    phone.store.apply_changes(&page, "1").unwrap();
    let offered = |phone: &Phone| -> Vec<String> {
        phone.store.offered_checklists().unwrap().into_iter().map(|(name, _)| name.version).collect()
    };
    assert_eq!(offered(&phone), ["2026.10"]);
    phone.store.apply_changes(&[Change::ChecklistGone(Digest::of(ten.as_bytes()))], "2").unwrap();
    phone.store.put_checklists(&[&ten]).unwrap();
    phone = phone.reopened();
    assert_eq!(offered(&phone), ["2026.9"]);
    assert_eq!(phone.store.library().unwrap().len(), 3);
    assert!(phone.store.library().unwrap().contains_key(&Digest::of(ten.as_bytes())));
    phone.store.apply_changes(&[Change::Checklist(ten)], "3").unwrap();
    assert_eq!(offered(&phone), ["2026.10"]);
}

#[test]
fn a_checklist_of_the_future_does_not_stop_the_rest_of_its_page() {
    let mut phone = Phone::new();
    let page = [Change::Checklist("{\"code\":1}".to_owned()), Change::Site(Box::new(site(1, "一")))];
    phone.store.apply_changes(&page, "1").unwrap();
    assert_eq!(names(&phone, ""), ["一"]);
    assert!(phone.store.library().unwrap().is_empty());
    assert!(matches!(phone.store.put_checklists(&["{}"]), Err(Error::Stored(_))));
}

#[test]
fn a_site_that_moves_to_a_colleague_of_the_same_phone_stays_theirs() {
    use xieguan::store::hands::Handover;
    let mut phone = Phone::new();
    let moved = site(1, "移交的供水站");
    let (ours, theirs) = (moved.township.code.clone(), "990002".to_owned());
    told(&mut phone, &[moved.clone(), site(2, "留下的供水站")]);
    let hand = |mine: &str, others: &str| Handover {
        settings: vec![("profile", Some(mine.to_owned()))],
        forget_sites: false,
        mine: vec![mine.to_owned()],
        others: vec![others.to_owned()],
    };
    let mut there = moved;
    there.township.code.clone_from(&theirs);
    phone.store.hand_over(&hand(&theirs, &ours)).unwrap();
    assert!(names(&phone, "").is_empty());
    told(&mut phone, &[there.clone()]);
    assert_eq!(names(&phone, "移交"), ["移交的供水站"]);

    phone.store.hand_over(&hand(&ours, &theirs)).unwrap();
    phone.store.apply_changes(&[Change::SiteGone(there.id)], "2").unwrap();
    assert_eq!(names(&phone, "供水站"), ["留下的供水站"]);
    phone.store.hand_over(&hand(&theirs, &ours)).unwrap();
    assert_eq!(names(&phone, "供水站"), ["移交的供水站"]);
    assert_eq!(phone.store.setting("profile").unwrap(), Some(theirs.clone()));

    phone.store.hand_over(&hand(&theirs, "")).unwrap();
    phone.store.hand_over(&hand(&ours, &theirs)).unwrap();
    assert!(names(&phone, "").is_empty(), "nobody's township any more: the bureau tells them again");
}
