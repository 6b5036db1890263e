//! The console: pages for the bureau's staff.

use axum::Router;
use axum::routing::get;

use super::Bureau;

/// The console's routes; it may set a fallback for everything outside `/v1`.
pub fn routes(_bureau: Bureau) -> Router {
    Router::new().route("/", get(async || "协管"))
}
