//! What phones hear of: pages, tombstones, moves, the visit just made.

use uuid::Uuid;
use xieguan::domain::id::{CoordinatorId, Digest};
use xieguan::domain::inspection::Coordinator;
use xieguan::domain::site::{Site, Township};
use xieguan::wire::changes::{ChangesPage, Cursor, Known};
use xieguan::wire::sealed::SealedDocument;

use super::office::{Office, Phone, site, township};

async fn page(phone: &Phone, since: Option<&Cursor>) -> ChangesPage {
    let query = since.map(|cursor| format!("?since={}", cursor.0)).unwrap_or_default();
    phone.get(&format!("/v1/changes{query}")).send().await.unwrap().json().await.unwrap()
}

fn known(page: &ChangesPage) -> Vec<Known> {
    page.changes.iter().map(|change| change.known().unwrap()).collect()
}

#[tokio::test]
async fn a_phone_hears_of_settings_checklists_and_its_own_sites_only() {
    let office = Office::open().await;
    let all = known(&page(&office.phone(0).await, None).await);
    let sites: Vec<_> = all.iter().filter(|known| matches!(known, Known::Site(_))).collect();
    assert_eq!(sites, [&Known::Site(Box::new(office.site.clone()))]);
    let hash = crate::support::records::water_rural().0.hash;
    assert!(all.iter().any(|known| matches!(known, Known::Checklist { hash: h, .. } if *h == hash)));
    assert!(all.iter().any(|known| matches!(known, Known::Settings(_))));
    let other = known(&page(&office.phone(1).await, None).await);
    assert!(!other.iter().any(|known| matches!(known, Known::Site(_) | Known::SiteGone(_))));
}

#[tokio::test]
async fn a_thousand_sites_come_in_pages_without_gap_or_repeat() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    for n in 0..1000 {
        office.bureau.storage().put_site(site(&format!("示例水站{n}"), township(0))).await.unwrap();
    }
    let (mut cursor, mut names) = (None, Vec::new());
    loop {
        let page = page(&phone, cursor.as_ref()).await;
        names.extend(known(&page).into_iter().filter_map(|known| match known {
            Known::Site(site) => Some(site.name),
            _ => None,
        }));
        cursor = Some(page.cursor);
        if !page.more {
            break;
        }
    }
    let expected = (0..1000).map(|n| format!("示例水站{n}"));
    assert_eq!(names, std::iter::once(office.site.name.clone()).chain(expected).collect::<Vec<_>>());
    assert_eq!(page(&phone, cursor.as_ref()).await.changes, vec![]);
}

/// Pulls everything; the sites that came, and the longest answer.
async fn pull(phone: &Phone) -> (Vec<Site>, usize) {
    let (mut since, mut sites, mut longest) = (String::new(), Vec::new(), 0);
    loop {
        let answer = phone.get(&format!("/v1/changes{since}")).send().await.unwrap().bytes().await.unwrap();
        longest = longest.max(answer.len());
        let page: ChangesPage = serde_json::from_slice(&answer).unwrap();
        sites.extend(known(&page).into_iter().filter_map(|known| match known {
            Known::Site(site) => Some(*site),
            _ => None,
        }));
        since = format!("?since={}", page.cursor.0);
        if !page.more {
            return (sites, longest);
        }
    }
}

#[tokio::test]
async fn long_words_from_the_field_stop_no_phone_of_the_township() {
    let office = Office::open().await;
    let (phone, colleague) = (office.phone(0).await, office.phone(0).await);
    let huge = || Site { address: "长".repeat(1_000_000), ..site("新发现的水窖", township(0)) };
    for _ in 0..5 {
        let paper = phone.new_site(&huge());
        assert_eq!(phone.put_paper(&paper).await.status(), 201);
        let back = phone.get(&paper.name.path()).send().await.unwrap();
        assert_eq!(back.json::<SealedDocument>().await.unwrap(), paper.sealed, "what was signed stays whole");
    }
    assert_eq!(phone.put(&phone.visit(&huge(), |_| {})).await.status(), 201);
    let (sites, longest) = pull(&colleague).await;
    assert_eq!(sites.len(), 7);
    assert!(longest < 1024 * 1024, "{longest}");

    // Also what an earlier version kept, or what the bureau itself wrote: one alone may be longer than a page.
    let mut long: Vec<Site> = (0..6).map(|_| huge()).collect();
    long[3].address = "长".repeat(2_000_000);
    for site in &long {
        office.bureau.storage().put_site(site.clone()).await.unwrap();
    }
    let (sites, longest) = pull(&colleague).await;
    assert_eq!(sites[7..], long);
    assert!((6_000_000..8_000_000).contains(&longest), "{longest}");
}

#[tokio::test]
async fn a_removed_site_and_one_that_moved_away_leave_a_tombstone_where_they_were() {
    let office = Office::open().await;
    let (here, there) = (office.phone(0).await, office.phone(1).await);
    let storage = office.bureau.storage();
    let removed = site("撤销的水站", township(0));
    storage.put_site(removed.clone()).await.unwrap();
    let (seen_here, seen_there) = (page(&here, None).await.cursor, page(&there, None).await.cursor);

    let mut moved = office.site.clone();
    moved.township = township(1);
    storage.put_site(moved.clone()).await.unwrap();
    assert!(storage.remove_site(removed.id).await.unwrap());
    let after = known(&page(&here, Some(&seen_here)).await);
    assert_eq!(after, [Known::SiteGone(moved.id), Known::SiteGone(removed.id)]);
    assert_eq!(known(&page(&there, Some(&seen_there)).await), [Known::Site(Box::new(moved))]);
}

#[tokio::test]
async fn a_received_visit_becomes_its_sites_last_visit() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let cursor = page(&phone, None).await.cursor;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let heard = known(&page(&phone, Some(&cursor)).await);
    let [Known::Site(site)] = heard.as_slice() else { panic!("{heard:?}") };
    let last = site.last_visit.as_ref().unwrap();
    assert_eq!(last.inspection, visit.id);
    let reading = last.answers.iter().find(|answer| answer.item == "WR-15").unwrap();
    assert_eq!(reading.parts["value"], crate::support::records::number("0.12"));

    // An older visit that comes later does not take its place; an unknown site is no trouble.
    let cursor = page(&phone, None).await.cursor;
    let older = phone.visit(&office.site, |draft| draft.started_at -= chrono::Duration::days(9));
    let nowhere = super::office::site("新发现", Township { code: "x".to_owned(), name: "y".to_owned() });
    phone.put(&older).await;
    assert_eq!(phone.put(&phone.visit(&nowhere, |_| {})).await.status(), 201);
    assert_eq!(page(&phone, Some(&cursor)).await.changes, vec![]);
}

#[tokio::test]
async fn a_phone_whose_township_is_quiet_does_not_look_at_the_others_changes_again_and_misses_nothing() {
    let office = Office::open().await;
    let (phone, storage) = (office.phone(0).await, office.bureau.storage());
    let sequence = |cursor: &Cursor| cursor.0.rsplit('.').next().unwrap().parse::<u64>().unwrap();
    let mut cursor = page(&phone, None).await.cursor;
    for round in 0..3 {
        for n in 0..5 {
            storage.put_site(site(&format!("别处的水站{n}"), township(1))).await.unwrap();
        }
        let quiet = page(&phone, Some(&cursor)).await;
        assert_eq!((quiet.changes.len(), quiet.more), (0, false));
        assert_eq!(sequence(&quiet.cursor), sequence(&cursor) + 5);
        let own = site(&format!("本镇的水站{round}"), township(0));
        storage.put_site(own.clone()).await.unwrap();
        let heard = page(&phone, Some(&quiet.cursor)).await;
        assert_eq!(known(&heard), [Known::Site(Box::new(own))]);
        cursor = heard.cursor;
    }
    // What is said to everybody is heard too, and confirmed by asking for what came after it.
    storage.announce_certificates(vec![Digest::of(b"next")], 1).await.unwrap();
    storage.put_site(site("别处的水站", township(1))).await.unwrap();
    let told = page(&phone, Some(&cursor)).await;
    assert!(matches!(known(&told).as_slice(), [Known::Settings(_)]), "{:?}", told.changes);
    assert!(!storage.phones().await.unwrap()[0].knows_settings);
    assert_eq!(page(&phone, Some(&told.cursor)).await.changes, vec![]);
    assert!(storage.phones().await.unwrap()[0].knows_settings);
}

#[tokio::test]
async fn a_cursor_of_another_life_starts_from_the_beginning() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let whole = page(&phone, None).await;
    let foreign = Cursor("0193e000-0000-7000-8000-000000000001.99".to_owned());
    assert_eq!(page(&phone, Some(&foreign)).await.changes, whole.changes);
}

#[tokio::test]
async fn a_phone_hears_who_may_come_along_at_enrolment_and_when_somebody_new_comes() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let colleagues = |all: Vec<Known>| {
        all.into_iter().find_map(|known| match known {
            Known::Settings(settings) => Some(settings.colleagues),
            _ => None,
        })
    };
    let first = page(&phone, None).await;
    assert_eq!(colleagues(known(&first)), Some(vec![]), "the other one works in another township");
    let new = Coordinator {
        id: CoordinatorId(Uuid::now_v7()),
        name: "孙示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    };
    office.bureau.storage().add_coordinator(new.clone(), township(0)).await.unwrap();
    let told = known(&page(&phone, Some(&first.cursor)).await);
    assert_eq!(colleagues(told), Some(vec![new.clone()]));
    assert_eq!(office.bureau.storage().colleagues(new.id).await.unwrap(), [office.coordinators[0].clone()]);
    let elsewhere = known(&page(&office.phone(1).await, None).await);
    assert_eq!(colleagues(elsewhere), Some(vec![]));
}
