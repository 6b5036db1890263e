//! Enrolment, rescue key, changes, receipts.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};

use super::super::Bureau;
use super::super::error::Refusal;
use super::super::memory::Holder;
use super::super::session::Session;
use super::body;
use crate::wire::api::BureauApi as _;
use crate::wire::changes::Cursor;
use crate::wire::enrolment::Enrolled;
use crate::wire::failure::Code;

#[derive(Deserialize)]
pub(super) struct Since<T> {
    since: Option<T>,
}

pub(super) async fn enrol(
    State(bureau): State<Bureau>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Enrolled>, Refusal> {
    let request = body::json(&bureau, Holder::Stranger, &headers, body).await?;
    Session::anonymous(bureau).enrol(&request).await.map(Json)
}

pub(super) async fn rescue_key(
    session: Session,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let key = body::json(session.bureau(), session.holder()?, &headers, body).await?;
    session.put_rescue_key(&key).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn changes(
    session: Session,
    since: Result<Query<Since<Cursor>>, QueryRejection>,
) -> Result<Kept, Refusal> {
    let Query(since) = since.map_err(unreadable)?;
    kept(&session, &session.changes(since.since.as_ref()).await?)
}

pub(super) async fn receipts(
    session: Session,
    since: Result<Query<Since<u64>>, QueryRejection>,
) -> Result<Kept, Refusal> {
    let Query(since) = since.map_err(unreadable)?;
    kept(&session, &session.receipts(since.since.unwrap_or(0)).await?)
}

/// An answer that counts as its phone's memory until it is taken.
type Kept = ([(HeaderName, &'static str); 1], Bytes);

fn kept(session: &Session, page: &impl Serialize) -> Result<Kept, Refusal> {
    let share = session.bureau().0.memory.share(session.holder()?);
    let text = serde_json::to_string(page).map_err(Refusal::internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], share.keep(text)?))
}

fn unreadable(rejection: QueryRejection) -> Refusal {
    Refusal::new(Code::Unreadable, rejection.body_text())
}
