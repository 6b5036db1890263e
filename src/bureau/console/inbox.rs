//! The inbox: which received records to list, from the address alone, so that a list can be kept as a bookmark.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Days, FixedOffset};
use serde::Deserialize;

use super::Desk;
use super::enter::Visitor;
use super::inbox_page::{InboxPage, Line, List};
use super::page::{Trouble, page, with_pair};
use crate::bureau::auth;
use crate::bureau::storage::accounts::Role;
use crate::bureau::storage::inbox::{InboxFilter, InboxRow, PAGE, Status};
use crate::domain::checklist::{Level, Library};
use crate::domain::review::Standing;
use crate::domain::text::{Language, cut};
use crate::view::words::words;
use dioxus::prelude::*;

/// The filters as they stand in the address; an unknown value restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) township: String,
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) text: String,
    /// `1`: only with failed items.
    #[serde(default)]
    pub(super) failed: String,
    /// Where they stand: `new`, `corrected`, `returned`, `accepted`.
    #[serde(default)]
    pub(super) state: String,
    /// `1`: only with photos outstanding.
    #[serde(default)]
    pub(super) waiting: String,
    /// From 1.
    #[serde(default)]
    page: String,
}

impl Wanted {
    pub(super) fn level(&self) -> Option<Level> {
        [Level::A, Level::B, Level::C].into_iter().find(|level| level.letter() == self.level)
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        Standing::of_name(&self.state)
    }

    fn page(&self) -> u32 {
        self.page.parse::<u32>().unwrap_or(1).clamp(1, 1_000_000)
    }

    fn filter(&self, scope: Option<String>) -> InboxFilter {
        let chosen = Some(self.township.clone()).filter(|code| !code.is_empty());
        InboxFilter {
            status: (self.waiting == "1").then_some(Status::Waiting),
            standing: self.standing(),
            township: scope.or(chosen),
            level: self.level(),
            only_failed: self.failed == "1",
            text: cut(&self.text, 100),
            page: self.page() - 1,
        }
    }
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Trouble> {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let account =
        visitor.session.as_ref().map(|session| session.account.clone()).ok_or(Trouble::Forbidden)?;
    let storage = desk.bureau.storage();
    let scope = account.township.as_ref().map(|own| own.code.clone());
    let now = DateTime::from_timestamp_millis(desk.now_ms()).unwrap_or_default();
    let now = now.with_timezone(&storage.zone());
    let (rows, matching) = storage.inbox(wanted.filter(scope.clone())).await?;
    let counts = storage.inbox_counts(scope.clone(), midnight_ms(now)).await?;
    let library = desk.bureau.library().await?;
    let townships = if scope.is_some() { Vec::new() } else { storage.townships().await? };
    let fence_m = storage.identity().settings.fence_m;
    let rows: Vec<InboxRow> =
        rows.into_iter().filter(|row| auth::sees(&account, &row.township.code)).collect();
    let lines = rows.into_iter().map(|row| line(row, &library, now, fence_m, visitor.language)).collect();
    let list = List {
        lines,
        matching,
        counts,
        townships,
        first: u64::from(wanted.page() - 1) * u64::from(PAGE) + 1,
        newer: (wanted.page() > 1).then(|| page_link(&visitor.query, wanted.page() - 1)),
        older: (matching > u64::from(wanted.page()) * u64::from(PAGE))
            .then(|| page_link(&visitor.query, wanted.page() + 1)),
        query: with_pair(&visitor.query, "page", None),
        exports: account.role >= Role::Reviewer,
        wanted,
    };
    let language = visitor.language;
    let title = words(language).console.inbox;
    Ok(page(&desk, &visitor, StatusCode::OK, title, move || {
        rsx! { InboxPage { list: list.clone(), language } }
    })
    .await)
}

fn page_link(query: &str, page: u32) -> String {
    with_pair(query, "page", Some(&format!("page={page}")))
}

/// Where today begins in the bureau's zone, Unix milliseconds.
fn midnight_ms(now: DateTime<FixedOffset>) -> i64 {
    let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN);
    midnight.and_local_timezone(*now.offset()).single().unwrap_or(now).timestamp_millis()
}

fn line(
    row: InboxRow,
    library: &Library,
    now: DateTime<FixedOffset>,
    fence_m: u32,
    language: Language,
) -> Line {
    let checklists = row.checklists.iter().map(|name| match library.get(&name.hash) {
        Some(checklist) => checklist.title.get(language).to_owned(),
        None => format!("{} {}", name.code, name.version),
    });
    Line {
        checklists: checklists.collect::<Vec<_>>().join(" · "),
        received: received_text(row.received_at, now, language),
        outside: row.distance_m.is_some_and(|m| m > fence_m),
        row,
    }
}

/// `14:02` today, `昨天 14:02`, else month and day; the year when it is another.
pub(super) fn received_text(
    at: DateTime<FixedOffset>,
    now: DateTime<FixedOffset>,
    language: Language,
) -> String {
    let w = &words(language).console.list;
    let (day, today) = (at.date_naive(), now.date_naive());
    if day == today {
        at.format("%H:%M").to_string()
    } else if Some(day) == today.checked_sub_days(Days::new(1)) {
        format!("{} {}", w.day_yesterday, at.format("%H:%M"))
    } else if at.format("%Y").to_string() == now.format("%Y").to_string() {
        at.format("%m-%d %H:%M").to_string()
    } else {
        at.format("%Y-%m-%d").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_named_by_the_bureaus_day() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let now = at("2026-11-21T00:30:00+08:00");
        let text = |t: &str| received_text(at(t), now, Language::Zh);
        assert_eq!(text("2026-11-21T00:01:00+08:00"), "00:01");
        assert_eq!(text("2026-11-20T23:59:00+08:00"), "昨天 23:59");
        assert_eq!(text("2026-03-01T08:00:00+08:00"), "03-01 08:00");
        assert_eq!(text("2025-12-31T08:00:00+08:00"), "2025-12-31");
        assert_eq!(midnight_ms(now), at("2026-11-20T16:00:00Z").timestamp_millis());
    }

    #[test]
    fn a_link_keeps_the_other_filters_as_they_were_encoded() {
        assert_eq!(page_link("text=%E7%9F%B3&page=3&level=B", 4), "?text=%E7%9F%B3&level=B&page=4");
        assert_eq!(with_pair("", "page", None), "?");
    }
}
