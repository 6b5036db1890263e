//! The phones' interface over HTTP, version 1: thin handlers over [`super::session`].

mod body;
mod phone;
mod documents;
mod photos;
mod tus;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::middleware::from_fn;
use axum::routing::{get, head, post, put};

use super::Bureau;
use super::error::Refusal;
use crate::wire::failure::Code;

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
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(tus::spoken));
    Router::new().nest("/v1", v1).route("/healthz", get(healthz)).with_state(bureau)
}

fn photo_routes() -> Router<Bureau> {
    let one = head(photos::offset).patch(photos::patch).delete(photos::delete);
    Router::new()
        .route("/photos", post(photos::create).options(photos::options))
        .route("/photos/uploads/{id}", one.post(photos::overridden).options(photos::options))
        .route("/photos/{sha256}", head(photos::is_there))
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
