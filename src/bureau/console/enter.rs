//! The door of every route: who comes, in which language, whether they may, whether a form is ours; and on the
//! way out the security headers and the words of what went wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Desk;
use super::page::{Trouble, trouble_page};
use crate::bureau::api::body::{self, STRANGE_BYTES};
use crate::bureau::auth::{self, Access};
use crate::bureau::error::Refusal;
use crate::bureau::memory::Holder;
use crate::bureau::storage::StorageError;
use crate::bureau::storage::accounts::Session;
use crate::domain::text::Language;
use crate::view::words::words;
use crate::wire::failure::Code;

/// The largest form taken: a comment on every item of a long record, in letters that a form writes with nine.
const MAX_FORM: usize = 1024 * 1024;

/// No script at all, nothing from elsewhere, no frame.
const CSP: &str = "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What the door of one route needs.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) desk: Arc<Desk>,
    pub(super) access: Access,
}

/// Who asks, and how.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) language: Language,
    pub(super) session: Option<Session>,
    /// The session cookie's hash, when there is a live session.
    pub(super) token: Option<[u8; 32]>,
    /// What a form of this visitor must repeat.
    pub(super) form_token: String,
    pub(super) path: String,
    /// As it came, still encoded.
    pub(super) query: String,
    pub(super) https: bool,
}

/// Lets a request in or not.
pub(super) async fn enter(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let (chosen, mut visitor) = visitor(&request);
    let cookie = auth::cookie(request.headers(), auth::SESSION_COOKIE).map(auth::token_hash);
    if let Err(error) = recognise(&guard.desk, &mut visitor, cookie).await {
        tracing::error!(%error, "a session could not be looked up");
        return (StatusCode::SERVICE_UNAVAILABLE, words(visitor.language).console.error.broken_next)
            .into_response();
    }
    let is_new_token = visitor.form_token.is_empty();
    if is_new_token {
        visitor.form_token = crate::bureau::secret::token();
    }
    let mut response = if !guard.access.admits(visitor.session.as_ref()) {
        refused(&visitor, request.method())
    } else {
        match checked_form(&guard.desk, request, &visitor).await {
            Ok(checked) => {
                request = checked;
                request.extensions_mut().insert(visitor.clone());
                next.run(request).await
            }
            Err(trouble) => trouble.into_response(),
        }
    };
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = trouble_page(&guard.desk, &visitor, trouble);
    }
    finish(&mut response, &visitor, chosen, is_new_token);
    response
}

/// What the request alone tells, and the language it asks to be remembered.
fn visitor(request: &Request) -> (Option<Language>, Visitor) {
    let headers = request.headers();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let chosen = query.split('&').find_map(|pair| language(pair.strip_prefix("lang=")?));
    let kept = auth::cookie(headers, auth::LANGUAGE_COOKIE).and_then(language);
    let visitor = Visitor {
        language: chosen.or(kept).unwrap_or_default(),
        session: None,
        token: None,
        form_token: auth::cookie(headers, auth::FORM_COOKIE).unwrap_or_default().to_owned(),
        path: request.uri().path().to_owned(),
        query,
        https: auth::is_https(headers),
    };
    (chosen, visitor)
}

/// Finds the live session of a cookie.
async fn recognise(desk: &Desk, visitor: &mut Visitor, token: Option<[u8; 32]>) -> Result<(), StorageError> {
    let Some(token) = token else {
        return Ok(());
    };
    let now_ms = desk.now_ms();
    let found = desk.bureau.storage().session(token).await?;
    if let Some(session) = found.filter(|session| auth::is_live(session, now_ms)) {
        if now_ms.abs_diff(session.seen_ms) > 60_000 {
            // A full disk must not shut those out who only read.
            if let Err(error) = desk.bureau.storage().touch_session(token, now_ms).await {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        }
        visitor.form_token.clone_from(&session.csrf);
        visitor.session = Some(session);
        visitor.token = Some(token);
    }
    Ok(())
}

fn language(tag: &str) -> Option<Language> {
    match tag {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// Without a session: to the log-in page and back; with one whose role is too small: in words.
fn refused(visitor: &Visitor, method: &Method) -> Response {
    if visitor.session.is_some() {
        return Trouble::Forbidden.into_response();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
    let back =
        method == Method::GET && visitor.path.starts_with("/records/") && visitor.path.chars().all(plain);
    if back {
        Redirect::to(&format!("/login?next={}", visitor.path)).into_response()
    } else {
        Redirect::to("/login").into_response()
    }
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    form: String,
}

/// A request that changes something must repeat the visitor's token; its body is read once and handed on.
async fn checked_form(desk: &Desk, request: Request, visitor: &Visitor) -> Result<Request, Trouble> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let (holder, max) = match visitor.session {
        Some(_) => (Holder::Staff, MAX_FORM),
        None => (Holder::Stranger, STRANGE_BYTES),
    };
    let (text, share) = body::text(&desk.bureau, holder, &parts.headers, body, max).await.map_err(trouble)?;
    let bytes = share.keep(text).map_err(trouble)?;
    let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let Form(token) = Form::<Token>::from_request(copy, &()).await.map_err(|_| Trouble::Stale)?;
    if !auth::same_token(&token.form, &visitor.form_token) {
        return Err(Trouble::Stale);
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn trouble(refusal: Refusal) -> Trouble {
    if refusal.code == Code::Busy { Trouble::Busy } else { Trouble::Stale }
}

fn finish(response: &mut Response, visitor: &Visitor, chosen: Option<Language>, is_new_token: bool) {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let headers = response.headers_mut();
    if let Some(language) = chosen {
        let tag = if language == Language::En { "en" } else { "zh" };
        headers.extend(
            auth::set_cookie(auth::LANGUAGE_COOKIE, tag, Some(YEAR), visitor.https)
                .map(|cookie| (header::SET_COOKIE, cookie)),
        );
    }
    if is_new_token && visitor.session.is_none() {
        let cookie = auth::set_cookie(auth::FORM_COOKIE, &visitor.form_token, None, visitor.https);
        if let Some(cookie) = cookie {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers
        .insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
