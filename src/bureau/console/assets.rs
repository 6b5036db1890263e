//! The console's one stylesheet, named by the hash of its content so that a new one is never missed.

use std::sync::OnceLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::id::Digest;
use crate::view::{PARTS_CSS, TOKENS_CSS};

/// Where it is.
pub(super) const CSS_PATH: &str = "/assets/console.css";

const OWN_CSS: &str = include_str!("../../../assets/console.css");

fn sheet() -> &'static (String, String) {
    static SHEET: OnceLock<(String, String)> = OnceLock::new();
    SHEET.get_or_init(|| {
        let css = [TOKENS_CSS, PARTS_CSS, OWN_CSS].concat();
        let hash = Digest::of(css.as_bytes()).to_string()[..16].to_owned();
        (css, hash)
    })
}

/// The address a page names.
pub(super) fn css_url() -> String {
    format!("{CSS_PATH}?v={}", sheet().1)
}

pub(super) async fn css() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, sheet().0.as_str()).into_response()
}

/// Browsers ask for it on every page; there is none.
pub(super) async fn icon() -> StatusCode {
    StatusCode::NO_CONTENT
}
