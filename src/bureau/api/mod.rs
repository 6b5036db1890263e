//! The phones' interface over HTTP, version 1: thin handlers over [`super::session`].

pub(super) mod body;
mod phone;
mod documents;
mod photos;
mod tus;
mod openapi;
mod routes;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Uri};
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;

use super::Bureau;
use super::error::Refusal;
use crate::wire::failure::Code;

/// The routes under `/v1`, `/healthz` and `/metrics`.
pub(super) fn routes(bureau: Bureau) -> Router {
    let v1 = routes::table()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(&route.path, route.handler))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(tus::spoken));
    Router::new()
        .nest("/v1", v1)
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state(bureau)
}

/// `GET /v1/openapi.json`.
async fn description() -> impl IntoResponse {
    static DESCRIPTION: LazyLock<String> = LazyLock::new(|| openapi::document(&routes::table()).to_string());
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION.as_str())
}

async fn nothing_here(method: Method, uri: Uri) -> Refusal {
    Refusal::new(Code::NotFound, format!("no {method} {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    Refusal::new(Code::WrongMethod, format!("no {method} here: {}", uri.path()))
}

async fn healthz(State(bureau): State<Bureau>) -> Result<&'static str, Refusal> {
    bureau.storage().townships().await?;
    Ok("ok")
}

async fn metrics(State(bureau): State<Bureau>) -> impl IntoResponse {
    let text = super::metrics::text(bureau.storage().written(), bureau.0.memory.held());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
