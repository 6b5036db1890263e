//! Looking for sites: every kind of text, the order, and the index in step with what the bureau tells.

use proptest::prelude::*;
use uuid::Uuid;
use xieguan::domain::id::SiteId;
use xieguan::domain::place::Place;
use xieguan::domain::site::{Contact, Site};
use xieguan::store::index::{Index, Indexed, Query, holds};
use xieguan::store::search::{Page, build};
use xieguan::store::site::Change;

use super::opening::raw;
use super::sample::{Phone, site};

/// A place north of the middle, in metres.
fn north(metres: i32) -> Option<Place> {
    Some(Place { lat_e7: 306_641_000 + metres * 90, lon_e7: 1_040_690_000 })
}

fn here() -> Option<Place> {
    north(0)
}

fn told(phone: &mut Phone, sites: &[Site]) {
    let changes: Vec<_> = sites.iter().cloned().map(|site| Change::Site(Box::new(site))).collect();
    phone.store.apply_changes(&changes, "1").unwrap();
}

fn named(n: u8, name: &str, at: Option<Place>) -> Site {
    Site { place: at, address: String::new(), licences: Vec::new(), contacts: Vec::new(), ..site(n, name) }
}

fn index(phone: &Phone) -> Index {
    build(|after| phone.store.search_page(after)).unwrap()
}

fn find(phone: &Phone, query: &Query) -> (Vec<String>, usize) {
    let hits = index(phone).search(query);
    let titles =
        phone.store.sites_of(&hits.ids).unwrap().iter().map(|site| site.title().to_owned()).collect();
    (titles, hits.total)
}

fn text(text: &str) -> Query {
    Query { text: text.to_owned(), limit: 10, ..Query::default() }
}

fn county() -> Phone {
    let mut phone = Phone::new();
    let mut water = site(1, "石桥村集中供水站");
    water.credit_code = "91000000MA000047XY".to_owned();
    let mut dentist = named(2, "", None);
    dentist.nickname = "老街“牙科”（无牌）".to_owned();
    dentist.kinds = vec!["SUSPECT_PLACE".to_owned()];
    dentist.address = "老街菜市场后门".to_owned();
    let mut school = named(3, "长乐镇中心小学", None);
    school.contacts = vec![Contact {
        name: "乐示例".to_owned(),
        role: "校医".to_owned(),
        phone: "000-0000-0031".to_owned(),
    }];
    told(&mut phone, &[water, dentist, school]);
    phone
}

#[test]
fn each_kind_of_text_finds_its_site() {
    let phone = county();
    let (water, dentist, school) = ("石桥村集中供水站", "老街“牙科”（无牌）", "长乐镇中心小学");
    let table = [
        ("桥", water),
        ("石桥", water),
        ("石桥村集中供水站", water),
        ("shiqiao", water),
        ("SHIQIAO", water),
        ("ｓｑｃ", water),
        ("sqcjzgsz", water),
        ("shiqiaocunjizhonggongshui", water),
        ("91000000ma000047", water),
        ("张示例", water),
        ("000-0000000", water),
        ("[2026]001", water),
        ("饮用水卫生许可证 石桥", water),
        ("老街牙科", dentist),
        ("“牙科”", dentist),
        ("laojieyake", dentist),
        ("ljyk", dentist),
        ("菜市场", dentist),
        ("changlezhen", school),
        ("zhanglezhen", school),
        ("clzzxxx", school),
        ("zhongxin", school),
        ("00000000031", school),
        ("000-0000-0031", school),
    ];
    for (typed, title) in table {
        assert_eq!(find(&phone, &text(typed)), (vec![title.to_owned()], 1), "{typed}");
    }
    for typed in ["没有这个", "shiqiaocunx", "石桥 牙科", "'"] {
        assert_eq!(find(&phone, &text(typed)), (Vec::new(), 0), "{typed}");
    }
    assert_eq!(find(&phone, &text(" ")).1, 3);
}

#[test]
fn the_beginning_of_a_name_comes_before_name_sound_address_and_the_rest_then_the_nearest() {
    let mut phone = Phone::new();
    let mut address = named(1, "红星饭店", north(10));
    address.address = "石桥村".to_owned();
    let mut contact = named(2, "百例药房", north(10));
    contact.contacts = vec![Contact { name: "石桥".to_owned(), role: String::new(), phone: String::new() }];
    let sites = [
        contact,
        address,
        named(3, "示例镇石桥村卫生室", north(20)),
        named(4, "石桥小学", north(4_000)),
        named(5, "石桥水厂", north(900)),
        named(6, "石桥美容店", None),
    ];
    told(&mut phone, &sites);
    let query = Query { here: here(), ..text("石桥") };
    let order = ["石桥水厂", "石桥小学", "石桥美容店", "示例镇石桥村卫生室", "红星饭店", "百例药房"];
    assert_eq!(find(&phone, &query), (order.map(str::to_owned).to_vec(), 6));
    let near = Query { here: here(), ..text("") };
    assert_eq!(find(&phone, &near).0.last().map(String::as_str), Some("石桥美容店"));
    let spelt = find(&phone, &text("shiqiao")).0;
    assert_eq!(spelt.last().map(String::as_str), Some("示例镇石桥村卫生室"), "{spelt:?}");
}

#[test]
fn kind_and_distance_narrow_and_the_limit_says_how_many_there_are() {
    let mut phone = Phone::new();
    let mut school = named(1, "甲小学", north(500));
    school.kinds = ["SCHOOL", "WATER_SCHOOL"].map(str::to_owned).to_vec();
    let sites =
        [school, named(2, "乙水厂", north(900)), named(3, "丙水厂", north(2_500)), named(4, "丁水厂", None)];
    told(&mut phone, &sites);
    let water = Query { kind: Some("WATER_RURAL".to_owned()), here: here(), ..text("") };
    assert_eq!(find(&phone, &water), (["乙水厂", "丙水厂", "丁水厂"].map(str::to_owned).to_vec(), 3));
    let near = Query { within_m: Some(1_000), ..water.clone() };
    assert_eq!(find(&phone, &near), (vec!["乙水厂".to_owned()], 1));
    let both = Query { kind: Some("WATER_SCHOOL".to_owned()), ..near };
    assert_eq!(find(&phone, &both), (vec!["甲小学".to_owned()], 1));
    assert_eq!(find(&phone, &Query { limit: 1, ..water }), (vec!["乙水厂".to_owned()], 3));
    // Nobody knows how far anything is without a position of one's own.
    assert_eq!(find(&phone, &Query { within_m: Some(1), ..text("") }).1, 4);
    let kinds = index(&phone).kinds();
    assert_eq!(kinds.first(), Some(&("WATER_RURAL".to_owned(), 3)));
    assert_eq!(kinds.len(), 3);
}

#[test]
fn an_index_in_use_follows_every_change_and_one_built_meanwhile_misses_none() {
    let mut phone = county();
    let finder = phone.store.finder();
    let ticket = finder.begin();
    let Page::Sites(before) = phone.store.search_page(None).unwrap() else { panic!("rows") };
    // Told while the index is being built from what was read before.
    told(&mut phone, &[named(9, "新来的饭店", None)]);
    phone.store.apply_changes(&[Change::SiteGone(site(3, "").id)], "2").unwrap();
    let mut built = Index::default();
    before.iter().for_each(|site| built.put(site));
    finder.finish(ticket, built);
    let ids = |typed: &str| finder.ready().unwrap().search(&text(typed)).ids;
    assert_eq!(ids("新来"), [site(9, "").id]);
    assert_eq!(ids("长乐"), []);
    // Told while it is in use.
    told(&mut phone, &[named(1, "改了名的水厂", None)]);
    assert_eq!(ids("改了名"), [site(1, "").id]);
    assert_eq!(ids("石桥村集中"), []);
    assert_eq!(finder.ready().unwrap().len(), 3);
    // A builder that was overtaken changes nothing.
    finder.finish(ticket, Index::default());
    assert_eq!(finder.ready().unwrap().len(), 3);
}

#[test]
fn what_is_searched_for_is_kept_with_the_site_and_made_where_it_is_missing() {
    let phone = county();
    raw(&phone.path()).execute_batch("delete from site_search").unwrap();
    let mut phone = phone.reopened();
    assert_eq!(find(&phone, &text("sqc")).1, 1);
    let rows = |phone: &Phone| -> u32 {
        raw(&phone.path()).query_row("select count(*) from site_search", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows(&phone), 3);
    phone.store.apply_changes(&[Change::SiteGone(site(1, "").id)], "2").unwrap();
    assert_eq!(rows(&phone), 2);
}

/// Texts of few different characters, so that words meet, overlap and repeat.
fn words(longest: usize) -> impl Strategy<Value = String> {
    let letters = prop::sample::select("石桥水ab0- \u{1e}\nＡ“".chars().collect::<Vec<_>>());
    prop::collection::vec(letters, 0..longest).prop_map(|letters| letters.into_iter().collect())
}

fn indexed(n: u128, name: &str, rest: &str) -> Indexed {
    use xieguan::store::fold::fold;
    Indexed {
        id: SiteId(Uuid::from_u128(n)),
        folded: [fold(name), String::new(), String::new(), String::new(), fold(rest)].join("\u{1e}"),
        place: None,
        kinds: "WATER_RURAL".to_owned(),
        visited_ms: None,
    }
}

proptest! {
    #[test]
    fn the_index_finds_exactly_what_a_plain_look_at_every_text_finds(
        puts in prop::collection::vec((0..12_u128, words(9), words(9)), 0..40),
        gone in prop::collection::vec(0..12_u128, 0..4),
        typed in words(6),
    ) {
        let mut index = Index::default();
        let mut plain = std::collections::BTreeMap::new();
        for (n, name, rest) in &puts {
            let site = indexed(*n, name, rest);
            index.put(&site);
            plain.insert(site.id, site.folded);
        }
        for id in gone.into_iter().map(|n| SiteId(Uuid::from_u128(n))) {
            index.remove(id);
            plain.remove(&id);
        }
        let expected: Vec<SiteId> =
            plain.iter().filter(|(_, folded)| holds(folded, &typed)).map(|(id, _)| *id).collect();
        let hits = index.search(&Query { text: typed, limit: usize::MAX, ..Query::default() });
        let mut found = hits.ids;
        found.sort_unstable();
        prop_assert_eq!(hits.total, found.len());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_limit_gives_the_first_of_what_is_found_without_one(
        puts in prop::collection::vec((words(5), words(5), prop::option::of((-9..9_i32, -9..9_i32))), 0..60),
        typed in words(3),
        has_place in any::<bool>(),
        within_m in prop::option::of(0..900_u32),
    ) {
        let mut index = Index::default();
        let mut places = std::collections::BTreeMap::new();
        for (n, (name, rest, offset)) in puts.iter().enumerate() {
            let place = offset.and_then(|(lat, lon)| {
                Some(Place { lon_e7: 1_040_690_000 + lon * 9_000, ..north(lat * 100)? })
            });
            let site = Indexed { place, ..indexed(n as u128, name, rest) };
            places.insert(site.id, place);
            index.put(&site);
        }
        let here = here().filter(|_| has_place);
        let query = Query { text: typed.clone(), here, within_m, limit: usize::MAX, ..Query::default() };
        let all = index.search(&query);
        for limit in 0..=puts.len() {
            let some = index.search(&Query { limit, ..query.clone() });
            prop_assert_eq!(some.total, all.total);
            prop_assert_eq!(&some.ids[..], &all.ids[..limit.min(all.total)]);
        }
        if let Some(here) = here {
            let far = |id: &SiteId| places[id].map_or(u32::MAX, |place| here.roughly_m(place));
            prop_assert!(all.ids.iter().all(|id| within_m.is_none_or(|within| far(id) <= within)));
            if typed.trim().is_empty() {
                let near = places.keys().filter(|id| within_m.is_none_or(|within| far(id) <= within)).count();
                prop_assert_eq!(all.total, near);
                prop_assert!(all.ids.is_sorted_by_key(far));
            }
        }
    }

    #[test]
    fn many_changes_leave_an_index_as_if_it_had_been_built_at_the_end(seed in any::<u64>()) {
        let name = |n: u64| format!("水{}桥{}", n % 7, n % 11);
        let mut index = Index::default();
        let mut last = std::collections::BTreeMap::new();
        for step in 0..2_500_u64 {
            let n = (seed.wrapping_mul(31).wrapping_add(step * 7919)) % 300;
            let site = indexed(u128::from(n), &name(step), "");
            index.put(&site);
            last.insert(site.id, site);
        }
        let mut fresh = Index::default();
        last.values().for_each(|site| fresh.put(site));
        for typed in ["水", "桥3", "水5桥", ""] {
            let query = Query { text: typed.to_owned(), limit: usize::MAX, ..Query::default() };
            let sorted = |index: &Index| { let mut ids = index.search(&query).ids; ids.sort_unstable(); ids };
            prop_assert_eq!(sorted(&index), sorted(&fresh));
        }
        prop_assert!(index.bytes() < 40 * fresh.bytes());
    }
}

#[test]
fn a_site_made_in_the_field_and_its_document_are_stored_together_or_not_at_all() {
    use xieguan::domain::document::{DocumentKind, DocumentName};
    use xieguan::domain::id::Digest;
    use xieguan::store::record::{KeptReceipt, QueuedDocument};
    use xieguan::store::site::Change;

    let mut phone = county();
    let finder = phone.store.finder();
    let ticket = finder.begin();
    finder.finish(ticket, index(&phone));
    let new = named(40, "新饭店", None);
    let queued = QueuedDocument {
        name: DocumentName::new(DocumentKind::Site, new.id, 1),
        digest: Digest::of(b"new site"),
        document: "{}".to_owned(),
        envelope: "{}".to_owned(),
        visit: None,
        site: new.id,
        site_title: new.name.clone(),
        made_at: super::sample::moment(0),
        level: None,
    };
    raw(&phone.path())
        .execute_batch(
            "create trigger injected before insert on outbox begin select raise(abort, 'injected'); end",
        )
        .unwrap();
    assert!(phone.store.add_field_site(&new, &queued).is_err());
    assert_eq!((phone.store.site(new.id).unwrap(), finder.ready().unwrap().len()), (None, 3));
    raw(&phone.path()).execute_batch("drop trigger injected").unwrap();
    phone.store.add_field_site(&new, &queued).unwrap();
    assert_eq!(finder.ready().unwrap().search(&text("xinfandian")).ids, [new.id]);
    assert_eq!(phone.store.outbox().unwrap().len(), 1);

    // A visit's record came first, and the bureau made a file from the little that it says.
    let mut little = new.clone();
    little.address = "记录里的地址".to_owned();
    let told = [Change::Site(Box::new(little.clone()))];
    phone.store.apply_changes(&told, "1").unwrap();
    assert_eq!(phone.store.site(new.id).unwrap(), Some(new.clone()), "nothing pulled overwrites unsent work");
    let receipt = KeptReceipt { document: queued.digest, complete: false, envelope: "{}".to_owned() };
    phone.store.put_receipt(&receipt).unwrap();
    phone.store.apply_changes(&told, "2").unwrap();
    assert_eq!(phone.store.site(new.id).unwrap(), Some(little), "then the bureau's word counts");
}
