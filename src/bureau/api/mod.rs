//! The phones' interface over HTTP, version 1: thin handlers over [`super::session`].

mod body;
mod phone;
mod documents;
mod photos;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::routing::{get, head, post, put};
use tower_http::set_header::SetResponseHeaderLayer;

use super::Bureau;
use super::error::Refusal;
use crate::wire::failure::Code;
use crate::wire::tus;

/// The routes under `/v1`, and `/healthz`.
pub(super) fn routes(bureau: Bureau) -> Router {
    let v1 = Router::new()
        .route("/enrol", post(phone::enrol))
        .route("/rescue-key", put(phone::rescue_key))
        .route("/changes", get(phone::changes))
        .route("/receipts", get(phone::receipts))
        .merge(documents::routes())
        .merge(photo_routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method);
    Router::new().nest("/v1", v1).route("/healthz", get(healthz)).with_state(bureau)
}

fn photo_routes() -> Router<Bureau> {
    let version = HeaderValue::from_static(tus::VERSION);
    let resumable = HeaderName::from_static(tus::header::RESUMABLE);
    Router::new()
        .route("/photos", post(photos::create).options(photos::options))
        .route("/photos/uploads/{id}", head(photos::offset).patch(photos::patch).options(photos::options))
        .layer(SetResponseHeaderLayer::overriding(resumable, version))
        .route("/photos/{sha256}", head(photos::is_there))
}

async fn nothing_here(method: Method, uri: Uri) -> Refusal {
    Refusal::new(Code::NotFound, format!("no {method} {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> (axum::http::StatusCode, Refusal) {
    let refusal = Refusal::new(Code::NotFound, format!("no {method} here: {}", uri.path()));
    (axum::http::StatusCode::METHOD_NOT_ALLOWED, refusal)
}

async fn healthz(State(bureau): State<Bureau>) -> Result<&'static str, Refusal> {
    bureau.storage().townships().await?;
    Ok("ok")
}
