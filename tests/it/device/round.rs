//! What is due, what a site's page says, and how a visit begins: in the bureau's days, whatever the phone's zone.

use chrono::{FixedOffset, TimeDelta};
use xieguan::device::begin::Beginning;
use xieguan::device::returned::Whose;
use xieguan::device::site::Query;
use xieguan::domain::checklist::Level;
use xieguan::domain::due::Due;
use xieguan::domain::review::{ItemComment, Outcome, Review};
use xieguan::domain::site::LastVisit;

use super::*;

/// A site of these kinds, last visited then.
fn place(n: u128, name: &str, kinds: &[&str], last: Option<DateTime<FixedOffset>>) -> Site {
    let last_visit = last.map(|at| LastVisit {
        inspection: InspectionId(Uuid::from_u128(n)),
        at,
        level: Some(Level::C),
        problems: vec!["末梢水余氯偏低".to_owned()],
        answers: Vec::new(),
    });
    Site {
        id: SiteId(Uuid::from_u128(n)),
        name: name.to_owned(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        last_visit,
        ..site()
    }
}

/// An enrolled phone that knows these sites.
async fn phone_with(sites: Vec<Site>, settings: Settings) -> Phone {
    let phone = Phone::enrolled().await;
    let mut profile = profile();
    profile.enrolled.settings = settings.clone();
    phone.seed(|store| {
        let mut changes = vec![Change::SiteGone(site().id)];
        changes.extend(sites.into_iter().map(|site| Change::Site(Box::new(site))));
        store.apply_changes(&changes, "2").unwrap();
        store.put_setting("settings", Some(&serde_json::to_string(&settings).unwrap())).unwrap();
        store.put_setting("profile", Some(&serde_json::to_string(&profile).unwrap())).unwrap();
    });
    phone
}

#[tokio::test]
async fn the_round_is_the_most_pressing_first_then_the_nearest_without_what_is_under_way() {
    let now = records::moment();
    let ago = |days| Some(now - TimeDelta::days(days));
    let mut far = place(4, "远的水厂", &["WATER_RURAL"], ago(190));
    far.place = Place::from_degrees(30.9, 104.0);
    let sites = vec![
        place(1, "刚去过的水厂", &["WATER_RURAL"], ago(1)),
        place(2, "近的水厂", &["WATER_RURAL"], ago(200)),
        place(3, "没有检查表的", &["HOUSEHOLD"], ago(900)),
        far,
        place(5, "正在查的水厂", &["WATER_RURAL"], ago(400)),
    ];
    let device = phone_with(sites, Settings::default()).await.start().await;
    let (name, _) = records::water_rural();
    device.start_visit(SiteId(Uuid::from_u128(5)), &[name], Origin::Routine).await.unwrap();
    let here = Place::from_degrees(30.664_2, 104.069_2);
    let round = device.round(here, 5).await.unwrap();
    let names: Vec<&str> = round.sites.iter().map(|listed| listed.site.name.as_str()).collect();
    assert_eq!(names, ["近的水厂", "远的水厂"]);
    assert!(
        matches!(round.sites[0].due, Some(Due::Overdue { days }) if days > 10),
        "{:?}",
        round.sites[0].due
    );
    assert_eq!((round.due, round.all, round.later), (2, 5, None));
    let one = device.round(None, 1).await.unwrap();
    assert_eq!((one.sites.len(), one.due), (1, 2));
    assert_eq!(one.sites[0].site.name, "近的水厂", "without a position, the longest overdue");
}

#[tokio::test]
async fn days_are_the_bureaus_also_on_a_phone_in_another_zone() {
    // By the bureau, east of the phone, the day after has begun; by the phone it has not.
    let phone = phone_with(vec![], Settings { zone_minutes: 14 * 60, ..Settings::default() }).await;
    let midnight = records::moment().date_naive().and_hms_opt(19, 0, 0).unwrap();
    let seven_in_the_evening = midnight.and_local_timezone(FixedOffset::east_opt(8 * 3600).unwrap()).unwrap();
    phone.clock.turn((seven_in_the_evening - records::moment()).num_seconds());
    let day = |days: i64| seven_in_the_evening - TimeDelta::days(days);
    let last = day(0).checked_sub_months(chrono::Months::new(6)).unwrap();
    phone.seed(|store| {
        let site = place(1, "水厂", &["WATER_RURAL"], Some(last - TimeDelta::hours(12)));
        store.apply_changes(&[Change::Site(Box::new(site))], "3").unwrap();
    });
    let device = phone.start().await;
    let round = device.round(None, 5).await.unwrap();
    // Visited on the day six months before the phone's today: by the bureau that is one day too long ago.
    assert_eq!(round.sites[0].due, Some(Due::Overdue { days: 1 }));
}

#[tokio::test]
async fn a_visit_of_this_phone_counts_before_the_bureau_tells_of_it_and_stands_on_the_sites_page() {
    let last = records::moment() - TimeDelta::days(400);
    let sites = vec![place(0xa1, "水厂", &["WATER_RURAL"], Some(last))];
    let phone = phone_with(sites, Settings::default()).await;
    let device = phone.start().await;
    assert_eq!(device.round(None, 5).await.unwrap().due, 1);
    let id = visit(&device).await;
    let file = device.site_file(site().id).await.unwrap().unwrap();
    assert_eq!((file.drafts.len(), file.drafts[0].answered, file.visits.len()), (1, 0, 1));
    fill(&device, id, &phone.clock).await;
    let drafts = device.open_drafts().await.unwrap();
    assert_eq!((drafts[0].answered, drafts[0].total), (21, 21));
    device.finish(id).await.unwrap();

    let round = device.round(None, 5).await.unwrap();
    assert_eq!(round.due, 0);
    let later = round.later.unwrap();
    assert!(matches!(later.due, Some(Due::Later { .. })), "{:?}", later.due);
    assert_eq!(later.last.as_ref().map(|visit| visit.inspection), Some(id));
    let file = device.site_file(site().id).await.unwrap().unwrap();
    let visits: Vec<InspectionId> = file.visits.iter().map(|visit| visit.inspection).collect();
    assert_eq!(visits, [id, InspectionId(Uuid::from_u128(0xa1))]);
    assert_eq!(file.visits[1].problems, ["末梢水余氯偏低"]);
    assert!(file.drafts.is_empty() && file.can_inspect);
    let found =
        device.find(Query { text: "shuichang".to_owned(), limit: 5, ..Query::default() }).await.unwrap();
    assert_eq!(found.sites[0].last.as_ref().map(|visit| visit.inspection), Some(id));
}

#[tokio::test]
async fn a_school_gets_all_its_sheets_in_one_visit_with_a_colleague_and_the_first_position() {
    let colleague = Coordinator {
        id: CoordinatorId(Uuid::from_u128(0xc2)),
        name: "孙示例".to_owned(),
        organisation: "示例镇卫生院".to_owned(),
    };
    let settings = Settings {
        colleagues: vec![colleague.clone(), profile().enrolled.coordinator],
        ..Settings::default()
    };
    let school = place(0xa2, "中心小学", &["SCHOOL", "WATER_SCHOOL", "FOOD_CANTEEN"], None);
    let phone = phone_with(vec![school.clone()], settings).await;
    let device = phone.start().await;
    let plan = device.plan(school.id).await.unwrap().unwrap();
    assert_eq!(plan.colleagues, std::slice::from_ref(&colleague), "nobody comes along with oneself");
    let codes: Vec<&str> = plan.offered.iter().map(|(name, _)| name.code.as_str()).collect();
    assert_eq!(codes.len(), 3, "{codes:?}");
    let beginning = |second| Beginning {
        site: school.id,
        checklists: plan.offered.iter().map(|(name, _)| name.clone()).collect(),
        origin: Origin::Joint,
        second,
        fix: Some(fix(30.664_2, 9.0, &phone.clock)),
        no_fix: None,
    };
    let id = device.begin_visit(beginning(Some(colleague.id))).await.unwrap();
    let draft = device.visit(id).await.unwrap().unwrap().draft;
    assert_eq!(draft.sheets.len(), 3);
    let names: Vec<&str> = draft.coordinators.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((names.as_slice(), draft.origin), (["王示例", "孙示例"].as_slice(), Origin::Joint));
    assert_eq!(draft.fixes.iter().map(|fix| fix.accuracy_m).collect::<Vec<_>>(), [9]);

    let before = device.drafts().await.unwrap().len();
    let myself = device.begin_visit(beginning(Some(profile().enrolled.coordinator.id))).await;
    assert!(
        matches!(&myself, Err(Error::Unfinished(problems)) if problems[0].kind == ProblemKind::SameCoordinator),
        "{myself:?}"
    );
    let stranger = device.begin_visit(beginning(Some(CoordinatorId(Uuid::from_u128(9))))).await;
    assert!(matches!(stranger, Err(Error::NotFound)), "{stranger:?}");
    assert_eq!(device.drafts().await.unwrap().len(), before, "what was refused has left nothing");
}

#[tokio::test]
async fn without_a_position_a_visit_begins_with_the_reason_and_a_position_ends_it() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let (name, _) = records::water_rural();
    let no_fix = NoFix { reason: NoFixReason::NoSignal, landmark: "村委会对面".to_owned() };
    let beginning = Beginning {
        site: site().id,
        checklists: vec![name],
        origin: Origin::Routine,
        second: None,
        fix: None,
        no_fix: Some(no_fix.clone()),
    };
    let id = device.begin_visit(beginning).await.unwrap();
    let draft = device.visit(id).await.unwrap().unwrap().draft;
    assert_eq!((draft.no_fix, draft.fixes.len()), (Some(no_fix), 0));
    device.offer_fix(id, fix(30.664_2, 6.0, &phone.clock)).await.unwrap();
    assert_eq!(device.visit(id).await.unwrap().unwrap().draft.no_fix, None);
}

#[tokio::test]
async fn what_the_bureau_sent_back_is_listed_until_it_says_otherwise() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    fill(&device, id, &phone.clock).await;
    device.finish(id).await.unwrap();
    assert!(device.returned().await.unwrap().is_empty());
    device.close().await;
    let review = |outcome, revision| {
        Change::Review(Box::new(Review {
            inspection: id,
            revision,
            document: None,
            outcome,
            comment: String::new(),
            items: vec![ItemComment {
                sheet: 0, item: "WR-14".to_owned(), text: "请补拍铭牌".to_owned()
            }],
            by: "监督所".to_owned(),
            at: records::moment(),
            site: String::new(),
            number: String::new(),
        }))
    };
    let tell = |change| phone.seed(|store| store.apply_changes(&[change], "5").unwrap());
    tell(review(Outcome::Returned, 1));
    let returned = phone.start().await.returned().await.unwrap();
    assert_eq!((returned.len(), returned[0].site.as_str()), (1, site().name.as_str()));
    assert_eq!(
        (returned[0].review.first_words(), returned[0].review.more()),
        ("WR-14 请补拍铭牌".to_owned(), 0)
    );
    // Of another copy than the one that is here: it is said, and can be corrected only there.
    tell(review(Outcome::Returned, 2));
    let device = phone.start().await;
    assert_eq!(device.returned().await.unwrap()[0].whose, Whose::OtherCopy);
    assert!(matches!(device.correct(id).await, Err(Error::NotFound)));
    device.close().await;
    // Accepted, and taken back.
    for change in [review(Outcome::Accepted, 1), Change::ReviewGone(id)] {
        tell(change);
        assert!(phone.start().await.returned().await.unwrap().is_empty());
        tell(review(Outcome::Returned, 1));
        assert_eq!(phone.start().await.returned().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_site_made_in_the_field_is_durable_found_and_visited_at_once() {
    use xieguan::device::new_site::FieldSite;
    use xieguan::domain::new_site::NewSite;

    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    // The index is in use by now, and must follow.
    assert_eq!(device.sites("", 9).await.unwrap().len(), 1);
    let new = |nickname: &str, kinds: &[&str]| FieldSite {
        name: String::new(),
        nickname: nickname.to_owned(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        township: site().township,
        address: " ".to_owned(),
        fix: Some(fix(30.661_2, 8.0, &phone.clock)),
    };
    for nothing in [new(" ", &["SUSPECT_PLACE"]), new("拔牙摊", &[])] {
        assert!(matches!(device.add_site(nothing).await, Err(Error::NoTitle)));
    }
    let id = device.add_site(new(" 村口拔牙摊 ", &["SUSPECT_PLACE"])).await.unwrap();
    assert_eq!(device.sites("bayatan", 9).await.unwrap()[0].id, id);
    let plan = device.plan(id).await.unwrap().unwrap();
    let names: Vec<ChecklistRef> = plan.offered.iter().map(|(name, _)| name.clone()).collect();
    let visit = device.start_visit(id, &names, Origin::Complaint).await.unwrap();
    device.add_photo(visit, 0, None, PhotoSource::Camera, picture()).await.unwrap();
    let draft = device.visit(visit).await.unwrap().unwrap().draft;
    assert_eq!((draft.site.title.as_str(), draft.photos[0].item.as_deref()), ("村口拔牙摊", None));
    device.close().await;

    let device = phone.start().await;
    let kept = device.sites("ljb 村口", 9).await.unwrap();
    assert!(kept.is_empty());
    let kept = device.sites("村口", 9).await.unwrap();
    assert_eq!((kept[0].id, kept[0].nickname.as_str(), kept[0].place.is_some()), (id, "村口拔牙摊", true));
    device.close().await;
    phone.seed(|store| {
        let row = store.outbox().unwrap().into_iter().next().unwrap();
        let document: NewSite =
            serde_json::from_str(&store.document(row.document).unwrap().unwrap()).unwrap();
        assert_eq!(document.site, kept[0]);
        assert_eq!(document.fix.map(|fix| fix.accuracy_m), Some(8));
        // Enrolling again takes the sites away; what is not delivered stays.
        store.apply_changes(&[Change::SiteGone(id)], "9").unwrap();
        assert!(store.site(id).unwrap().is_some());
    });
}

#[tokio::test]
async fn before_the_enrolment_no_site_is_made_and_nothing_is_left() {
    use xieguan::device::new_site::FieldSite;

    let phone = Phone::new();
    let device = phone.start().await;
    let new = FieldSite {
        name: "示例诊所".to_owned(),
        nickname: String::new(),
        kinds: vec!["CLINIC".to_owned()],
        township: site().township,
        address: String::new(),
        fix: None,
    };
    assert!(matches!(device.add_site(new).await, Err(Error::NotEnrolled)));
    assert!(device.sites("", 9).await.unwrap().is_empty());
}
