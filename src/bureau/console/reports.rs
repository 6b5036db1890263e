//! Information reports, loaded: the list by the filters in the address, and one report with its seal checked anew.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::DateTime;
use dioxus::prelude::*;
use serde::Deserialize;

use super::Desk;
use super::enter::Visitor;
use super::inbox::received_text;
use super::page::{Trouble, page, with_pair};
use super::record::Facts;
use super::record_page::Seal;
use super::reports_page::{Line, ListPage, ReportPage, Reports, Shown};
use crate::bureau::auth;
use crate::bureau::storage::inbox::PAGE;
use crate::bureau::storage::reports::{ReceivedReport, ReportFilter};
use crate::domain::checklist::Level;
use crate::domain::id::Digest;
use crate::domain::report::Report;
use crate::domain::seal::{Purpose, verify};
use crate::domain::text::cut;
use crate::view::words::words;

/// The filters as they stand in the address; an unknown value restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) text: String,
    /// From 1.
    #[serde(default)]
    page: String,
}

impl Wanted {
    pub(super) fn level(&self) -> Option<Level> {
        [Level::A, Level::B].into_iter().find(|level| level.letter() == self.level)
    }

    fn page(&self) -> u32 {
        self.page.parse::<u32>().unwrap_or(1).clamp(1, 1_000_000)
    }
}

pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Trouble> {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let account =
        visitor.session.as_ref().map(|session| session.account.clone()).ok_or(Trouble::Forbidden)?;
    let storage = desk.bureau.storage();
    let scope = account.township.as_ref().map(|own| own.code.clone());
    let filter = ReportFilter {
        township: scope.clone(),
        level: wanted.level(),
        text: cut(&wanted.text, 100),
        page: wanted.page() - 1,
    };
    let (rows, matching) = storage.reports(filter).await?;
    let total = storage.report_count(scope).await?;
    let now = DateTime::from_timestamp_millis(desk.now_ms()).unwrap_or_default();
    let now = now.with_timezone(&storage.zone());
    let language = visitor.language;
    let seen = rows.into_iter().filter(|row| auth::sees(&account, &row.township.code));
    let lines = seen.map(|row| Line {
        discovered: received_text(row.discovered_at.with_timezone(&storage.zone()), now, language),
        reported: received_text(row.reported_at.with_timezone(&storage.zone()), now, language),
        received: received_text(row.received_at, now, language),
        row,
    });
    let link = |page: u32| with_pair(&visitor.query, "page", Some(&format!("page={page}")));
    let at = wanted.page();
    let reports = Reports {
        lines: lines.collect(),
        total,
        newer: (at > 1).then(|| link(at - 1)),
        older: (matching > u64::from(at) * u64::from(PAGE)).then(|| link(at + 1)),
        query: with_pair(&visitor.query, "page", None),
        wanted,
    };
    let title = words(language).reports.title;
    Ok(page(&desk, &visitor, StatusCode::OK, title, move || {
        rsx! { ListPage { reports: reports.clone(), language } }
    })
    .await)
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let received = load(&desk, &visitor, &name).await?;
    let bureau = Facts::of(&desk.bureau);
    let shown = desk.aside(move || worked_out(received, bureau)).await?;
    let language = visitor.language;
    let title = shown.line.site_title.clone();
    Ok(page(&desk, &visitor, StatusCode::OK, &title, move || {
        rsx! { ReportPage { shown: shown.clone(), language } }
    })
    .await)
}

fn worked_out(received: ReceivedReport, bureau: Facts) -> Shown {
    let bytes = received.envelope.document.as_bytes();
    let key = &received.sender.signing_key;
    let same = Digest::of(bytes) == received.line.digest;
    let fits = verify(key, Purpose::Document, bytes, &received.envelope.seal).is_ok();
    Shown {
        report: serde_json::from_str::<Report>(&received.envelope.document).ok(),
        seal: if same && fits { Seal::Valid } else { Seal::Broken },
        receipt: received.receipt.open_for(&bureau.signing_key, received.line.digest).ok(),
        zone: bureau.zone,
        line: received.line,
        sender: received.sender,
        siblings: received.siblings,
    }
}

/// The signed bytes, verbatim, as a file.
pub(super) async fn document(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let received = load(&desk, &visitor, &name).await?;
    let who = visitor.session.as_ref().map(|s| s.account.name.clone()).unwrap_or_default();
    desk.bureau.storage().audit(&who, "download", &received.line.number, desk.now_ms()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", received.line.number)),
    ];
    Ok((headers, received.envelope.document).into_response())
}

/// The report, when it exists and the account may see its township; the two cannot be told apart outside.
async fn load(desk: &Desk, visitor: &Visitor, name: &str) -> Result<ReceivedReport, Trouble> {
    let digest: Digest = name.parse().map_err(|_| Trouble::NotFound)?;
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let mut received = desk.bureau.storage().received_report(digest).await?.ok_or(Trouble::NotFound)?;
    if !auth::sees(account, &received.line.township.code) {
        return Err(Trouble::NotFound);
    }
    received.siblings.retain(|line| auth::sees(account, &line.township.code));
    Ok(received)
}
