//! What is due, in days of the bureau's zone.

use chrono::NaiveDate;
use proptest::prelude::*;
use xieguan::domain::checklist::{Checklist, SHIPPED};
use xieguan::domain::due::{Due, due, due_on, patrols_per_year};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_visited_site_is_due_one_interval_after_its_last_visit() {
    let today = day("2026-11-21");
    for (patrols, last, on) in [
        (4, "2026-08-17", "2026-11-17"),
        (2, "2026-05-21", "2026-11-21"),
        (1, "2025-12-31", "2026-12-31"),
        (12, "2026-10-31", "2026-11-30"),
        (2, "2026-08-31", "2027-02-28"),
        (5, "2026-11-01", "2027-01-13"),
    ] {
        assert_eq!(due_on(patrols, Some(day(last)), today), Some(day(on)), "{patrols} a year after {last}");
    }
    assert_eq!(due_on(0, None, today), None);
    assert_eq!(due_on(0, Some(today), today), None);
}

#[test]
fn a_site_never_visited_is_due_at_the_end_of_the_running_interval() {
    for (patrols, today, on) in [
        (4, "2026-11-21", "2026-12-31"),
        (4, "2026-09-30", "2026-09-30"),
        (4, "2026-10-01", "2026-12-31"),
        (2, "2026-01-01", "2026-06-30"),
        (1, "2026-12-31", "2026-12-31"),
        (12, "2028-02-03", "2028-02-29"),
    ] {
        assert_eq!(due_on(patrols, None, day(today)), Some(day(on)), "{patrols} a year on {today}");
    }
}

#[test]
fn due_is_said_in_days_weeks_that_end_on_sunday_and_months() {
    // A Saturday.
    let today = day("2026-11-21");
    for (on, expected) in [
        ("2026-11-17", Due::Overdue { days: 4 }),
        ("2026-11-20", Due::Overdue { days: 1 }),
        ("2026-11-21", Due::ThisWeek),
        ("2026-11-22", Due::ThisWeek),
        ("2026-11-23", Due::ThisMonth),
        ("2026-11-30", Due::ThisMonth),
        ("2026-12-01", Due::Later { on: day("2026-12-01") }),
    ] {
        assert_eq!(due(day(on), today), expected, "{on}");
    }
    // A week that reaches into the next month is still this week.
    assert_eq!(due(day("2026-12-01"), day("2026-11-30")), Due::ThisWeek);
}

#[test]
fn the_most_frequent_checklist_of_a_sites_kinds_counts() {
    let mut rare: Checklist = serde_json::from_str(SHIPPED[0]).unwrap();
    let mut often = rare.clone();
    (rare.patrols_per_year, often.patrols_per_year) = (1, 4);
    often.site_kinds = vec!["SCHOOL".to_owned()];
    rare.site_kinds = vec!["SCHOOL".to_owned(), "CLINIC".to_owned()];
    let kinds = |kind: &str| vec![kind.to_owned()];
    assert_eq!(patrols_per_year(&kinds("SCHOOL"), [&rare, &often]), 4);
    assert_eq!(patrols_per_year(&kinds("CLINIC"), [&rare, &often]), 1);
    assert_eq!(patrols_per_year(&kinds("HOUSEHOLD"), [&rare, &often]), 0);
}

proptest! {
    #[test]
    fn a_later_day_is_never_more_pressing(patrols in 1..=60_u8, a in -500..500_i64, b in -500..500_i64) {
        let today = day("2026-11-21");
        let (early, late) = (a.min(b), a.max(b));
        let stand = |days: i64| due(today + chrono::TimeDelta::days(days), today);
        prop_assert!(stand(early).bucket() <= stand(late).bucket());
        // Never overdue without a visit, and never without a day.
        let on = due_on(patrols, None, today).unwrap();
        prop_assert!(on >= today);
    }
}

#[test]
fn a_licence_says_expired_thirty_and_sixty_days_before() {
    use xieguan::domain::site::{Licence, Validity};
    let today = day("2026-11-21");
    let stands = |until: &str| {
        let expires_on = (!until.is_empty()).then(|| day(until));
        Licence { title: String::new(), number: String::new(), expires_on }.validity(today)
    };
    for (until, expected) in [
        ("2026-11-20", Validity::Expired { days: 1 }),
        ("2026-11-21", Validity::Within30 { days: 0 }),
        ("2026-12-21", Validity::Within30 { days: 30 }),
        ("2026-12-22", Validity::Within60 { days: 31 }),
        ("2027-01-20", Validity::Within60 { days: 60 }),
        ("2027-01-21", Validity::Valid { until: day("2027-01-21") }),
        ("", Validity::Unknown),
    ] {
        assert_eq!(stands(until), expected, "{until}");
    }
}
