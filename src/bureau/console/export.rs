//! The table of records as a download, streamed page by page; every one is in the audit log before its first byte.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::{Days, NaiveDate, NaiveTime};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;

use super::Desk;
use super::enter::Visitor;
use super::page::Trouble;
use crate::bureau::export::{Form, Look};
use crate::bureau::storage::export::{Given as _, Line, Place, Scope};
use crate::bureau::storage::{Storage, StorageError};
use crate::domain::checklist::Library;
use crate::domain::document::DocumentKind;
use crate::domain::text::Language;

/// As it stands in the address; an unknown value restricts nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    township: String,
    /// A day, such as 2026-11-01.
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
    /// `jsonl`; a table for spreadsheets otherwise.
    #[serde(default)]
    format: String,
}

pub(super) async fn records(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Trouble> {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let storage = desk.bureau.storage().clone();
    let own = account.township.as_ref().map(|own| own.code.clone());
    let scope = scope(&wanted, own, &storage);
    let place = Place { after: 0, last: storage.last_sequence::<Line>().await? };
    let form = if wanted.format == "jsonl" { Form::Jsonl } else { Form::Csv };
    let subject = format!("records up to sequence {}, {}", place.last, form.ending());
    storage.audit(&account.name, "export", &subject, desk.now_ms()).await?;
    let now = chrono::Utc::now().with_timezone(&storage.zone());
    let file = format!("attachment; filename=\"records-{}.{}\"", now.format("%Y%m%d-%H%M"), form.ending());
    let library = desk.bureau.library().await?;
    let download = Download { storage, scope, place, form, language: visitor.language, library };
    let headers = [(header::CONTENT_TYPE, form.media_type().to_owned()), (header::CONTENT_DISPOSITION, file)];
    Ok((headers, download.body()).into_response())
}

fn scope(wanted: &Wanted, own: Option<String>, storage: &Storage) -> Scope {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let begin = |day: NaiveDate| {
        let begin = day.and_time(NaiveTime::MIN).and_local_timezone(storage.zone()).earliest();
        begin.map(|begin| begin.timestamp_millis())
    };
    let chosen = Some(wanted.township.clone()).filter(|code| !code.is_empty());
    Scope {
        kind: Some(DocumentKind::Inspection),
        township: own.or(chosen),
        since_ms: day(&wanted.since).and_then(begin),
        until_ms: day(&wanted.until).and_then(|day| day.checked_add_days(Days::new(1))).and_then(begin),
    }
}

struct Download {
    storage: Storage,
    scope: Scope,
    place: Place,
    form: Form,
    language: Language,
    library: Arc<Library>,
}

impl Download {
    fn body(self) -> Body {
        let head = self.look().head();
        let pages = stream::try_unfold(self, Self::next);
        Body::from_stream(stream::iter([Ok(head)]).chain(pages))
    }

    fn look(&self) -> Look<'_> {
        Look { form: self.form, language: self.language, library: &self.library }
    }

    /// The text of the next page; an error breaks the download off, so that no half table looks whole.
    async fn next(mut self) -> Result<Option<(String, Self)>, StorageError> {
        let page: Vec<Line> = self.storage.export_page(self.scope.clone(), self.place).await?;
        let Some(end) = page.last() else { return Ok(None) };
        self.place.after = end.sequence();
        let text = page.iter().map(|line| self.look().line(line)).collect::<Result<String, _>>()?;
        Ok(Some((text, self)))
    }
}
