//! The door of every route: who comes, in which language, whether they may, whether a form is ours; and on the
//! way out the security headers and the words of what went wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Desk;
use super::decide::{self, Notice};
use super::login;
use super::page::{Trouble, trouble_page};
use super::typed::{Typed, Words, decided};
use crate::bureau::api::body::{self, STRANGE_BYTES};
use crate::bureau::auth::{self, Access};
use crate::bureau::error::Refusal;
use crate::bureau::memory::Holder;
use crate::bureau::storage::StorageError;
use crate::bureau::storage::accounts::Session;
use crate::domain::text::Language;
use crate::wire::failure::Code;

/// The largest form taken: a comment on every item of a long record, in letters that a form writes with nine.
const MAX_FORM: usize = 1024 * 1024;

/// The largest one taken of somebody whose session has ended: more than anybody types in an evening.
const MAX_KEPT: usize = 256 * 1024;

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
pub(super) async fn enter(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (chosen, mut visitor) = visitor(&request);
    let cookie = auth::cookie(request.headers(), auth::SESSION_COOKIE).map(auth::token_hash);
    let recognised = recognise(&guard.desk, &mut visitor, cookie).await;
    let is_new_token = visitor.form_token.is_empty();
    if is_new_token {
        visitor.form_token = crate::bureau::secret::token();
    }
    let mut words = None;
    let mut response = match recognised {
        Ok(()) => match let_in(&guard, request, &visitor, &mut words).await {
            Ok(request) => next.run(request).await,
            Err(Outside::LogIn) => to_log_in(&guard.desk, &visitor, words.take()).await,
            Err(Outside::Trouble(trouble)) => trouble.into_response(),
        },
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            words = posted(&guard.desk, request, &visitor).await.ok().and_then(|posted| posted.words);
            Trouble::Broken.into_response()
        }
    };
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = in_trouble(&guard.desk, &visitor, trouble, words).await;
    }
    finish(&mut response, &visitor, chosen, is_new_token);
    response
}

/// Why a request does not come in.
enum Outside {
    /// Nobody is logged in.
    LogIn,
    Trouble(Trouble),
}

/// The request as its handler gets it, if it may; the words that were typed are left in any case.
async fn let_in(
    guard: &Guard,
    mut request: Request,
    visitor: &Visitor,
    words: &mut Option<Words>,
) -> Result<Request, Outside> {
    let admitted = guard.access.admits(visitor.session.as_ref());
    let outside = match visitor.session {
        Some(_) => Outside::Trouble(Trouble::Forbidden),
        None => Outside::LogIn,
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && (admitted || Words::may_come_to(&visitor.path)) {
        let posted = match posted(&guard.desk, request, visitor).await {
            Ok(posted) => posted,
            // Who is not heard for want of room is not told to begin again.
            Err(Trouble::Busy) => return Err(Outside::Trouble(Trouble::Busy)),
            Err(trouble) => return Err(if admitted { Outside::Trouble(trouble) } else { outside }),
        };
        *words = posted.words;
        if admitted && !auth::same_token(&posted.token, &visitor.form_token) {
            return Err(Outside::Trouble(Trouble::Stale));
        }
        request = posted.request;
        request.extensions_mut().insert(words.clone());
    }
    if !admitted {
        return Err(outside);
    }
    request.extensions_mut().insert(visitor.clone());
    Ok(request)
}

/// What went wrong, in words; with a record's page around it where something was typed for that.
async fn in_trouble(desk: &Desk, visitor: &Visitor, trouble: Trouble, words: Option<Words>) -> Response {
    let Some(words) = words else { return trouble_page(desk, visitor, trouble, &Typed::default()).await };
    if visitor.session.is_none() {
        return login::form_with(desk, visitor, Some(trouble), words).await;
    }
    if let Some(notice) = Notice::of(trouble) {
        let page = decide::again(desk, visitor, &words.record, words.typed.clone(), notice).await;
        if let Ok(page) = page {
            return page;
        }
    }
    trouble_page(desk, visitor, trouble, &words.typed).await
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

/// To the log-in page, and from there back to the record that was asked for or written about.
async fn to_log_in(desk: &Desk, visitor: &Visitor, words: Option<Words>) -> Response {
    if let Some(words) = words {
        return login::form_with(desk, visitor, None, words).await;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
    let next = decided(&visitor.path).map_or_else(|| visitor.path.clone(), |name| format!("/records/{name}"));
    if next.starts_with("/records/") && next.chars().all(plain) {
        Redirect::to(&format!("/login?next={next}")).into_response()
    } else {
        Redirect::to("/login").into_response()
    }
}

/// A form that was read.
struct Posted {
    request: Request,
    /// What it repeats of its visitor's token.
    token: String,
    words: Option<Words>,
}

/// Reads a form once, for the door and for its handler.
async fn posted(desk: &Desk, request: Request, visitor: &Visitor) -> Result<Posted, Trouble> {
    let (parts, body) = request.into_parts();
    let (holder, max) = room(visitor, &parts.headers);
    let (text, share) = body::text(&desk.bureau, holder, &parts.headers, body, max).await.map_err(trouble)?;
    let bytes: Bytes = share.keep(text).map_err(trouble)?;
    let again = |parts: Parts| Request::from_parts(parts, Body::from(bytes.clone()));
    let fields = Form::<Vec<(String, String)>>::from_request(again(parts.clone()), &()).await;
    let Form(fields) = fields.map_err(|_| Trouble::Stale)?;
    let token = fields.iter().find(|(name, _)| name == auth::FORM_FIELD).map(|(_, value)| value.clone());
    // Nobody's form is to be filled by another site: browsers say where theirs comes from.
    let elsewhere = parts.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    let words = Words::of(&visitor.path, &fields).filter(|_| !elsewhere);
    Ok(Posted { request: again(parts), token: token.unwrap_or_default(), words })
}

/// Whose memory a form takes, and its size at most. A stranger's is small, unless it is one that was begun with a
/// session: browsers say how long theirs are.
fn room(visitor: &Visitor, headers: &HeaderMap) -> (Holder, usize) {
    let small = body::announced(headers).is_none_or(|length| length <= STRANGE_BYTES as u64);
    match visitor.session {
        Some(_) => (Holder::Staff, MAX_FORM),
        None if small || !Words::may_come_to(&visitor.path) => (Holder::Stranger, STRANGE_BYTES),
        None => (Holder::Returning, MAX_KEPT),
    }
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
