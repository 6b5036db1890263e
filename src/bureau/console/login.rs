//! Logging in and out.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use dioxus::prelude::*;
use serde::Deserialize;

use super::Desk;
use super::decide::{self, Notice};
use super::enter::Visitor;
use super::page::{FormToken, Trouble, page, trouble_page};
use super::typed::{Carried, Kept, LOG_IN, NEXT, Typed, Words};
use crate::bureau::auth::{self, SESSION_COOKIE};
use crate::bureau::storage::accounts::{Account, Session};
use crate::bureau::{password, secret};
use crate::domain::text::Language;
use crate::view::words::decide::decide_words;
use crate::view::words::words;

/// Longer than any account's name or password; the rest is not looked at.
const MAX_CHARS: usize = 200;

#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    next: String,
    #[serde(default)]
    bye: String,
}

#[derive(Deserialize)]
pub(super) struct LogIn {
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// What the form shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    account: String,
    next: String,
    token: String,
    error: String,
    notice: String,
    /// What was typed before the session ended.
    typed: Typed,
}

pub(super) async fn form(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Query(wish): Query<Wish>,
) -> Response {
    if visitor.session.is_some() {
        return Redirect::to(&safe_next(&wish.next)).into_response();
    }
    let w = &words(visitor.language).console.log_in;
    let notice = if wish.bye.is_empty() { String::new() } else { w.bye.to_owned() };
    let shown = Shown { next: safe_next(&wish.next), notice, ..Shown::default() };
    form_page(&desk, &visitor, StatusCode::OK, shown).await
}

pub(super) async fn log_in(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Extension(words_kept): Extension<Option<Words>>,
    Form(wanted): Form<LogIn>,
) -> Result<Response, Trouble> {
    let w = &words(visitor.language).console.log_in;
    let name = wanted.account.trim().to_owned();
    let again = |error: String| Shown {
        account: name.clone(),
        next: safe_next(&wanted.next),
        error,
        typed: words_kept.as_ref().map(|kept| kept.typed.clone()).unwrap_or_default(),
        ..Shown::default()
    };
    if name.chars().count() > MAX_CHARS || wanted.password.chars().count() > MAX_CHARS {
        return Ok(
            form_page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, again(w.wrong.to_owned())).await
        );
    }
    let now_ms = desk.now_ms();
    if let Err(seconds) = desk.throttle.begin(&name, now_ms) {
        let shown = again((w.wait)(seconds));
        let mut response = form_page(&desk, &visitor, StatusCode::TOO_MANY_REQUESTS, shown).await;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let storage = desk.bureau.storage();
    let (account, stored) = storage.account(&name).await?.unzip();
    let fits = password::fits(wanted.password.clone(), stored).await.map_err(|error| {
        tracing::error!(%error, "a password could not be checked");
        Trouble::Broken
    })?;
    let Some(account) = account.filter(|_| fits) else {
        tracing::info!("a log-in failed");
        return Ok(
            form_page(&desk, &visitor, StatusCode::UNPROCESSABLE_ENTITY, again(w.wrong.to_owned())).await
        );
    };
    desk.throttle.succeeded(&name);
    let (token, csrf) = (secret::token(), secret::token());
    storage.end_sessions_before(auth::stale_before(now_ms)).await?;
    storage.add_session(auth::token_hash(&token), &account.name, csrf.clone(), now_ms).await?;
    storage.audit(&account.name, "login", "", now_ms).await?;
    let mut response = match words_kept {
        Some(kept) => entered_with(&desk, visitor.clone(), account, csrf, kept).await,
        None => Redirect::to(&safe_next(&wanted.next)).into_response(),
    };
    if let Some(cookie) = auth::set_cookie(SESSION_COOKIE, &token, None, visitor.https) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Back to the record with the words in their fields: a redirection could not carry them. Nothing is decided, and
/// whether the account may see the record is asked as for any page.
async fn entered_with(
    desk: &Desk,
    mut visitor: Visitor,
    account: Account,
    csrf: String,
    kept: Words,
) -> Response {
    let now_ms = desk.now_ms();
    visitor.form_token.clone_from(&csrf);
    visitor.session = Some(Session { account, csrf, created_ms: now_ms, seen_ms: now_ms });
    match decide::again(desk, &visitor, &kept.record, kept.typed.clone(), Notice::LoggedIn).await {
        Ok(page) => page,
        Err(trouble) => trouble_page(desk, &visitor, trouble, &kept.typed).await,
    }
}

/// The log-in page for somebody whose session ended over a form: it carries on what was typed there.
pub(super) async fn form_with(
    desk: &Desk,
    visitor: &Visitor,
    trouble: Option<Trouble>,
    kept: Words,
) -> Response {
    let w = &words(visitor.language).console;
    let (status, error) = match trouble {
        None => (StatusCode::OK, decide_words(visitor.language).log_in_first),
        Some(Trouble::Busy) => (StatusCode::SERVICE_UNAVAILABLE, w.error.busy),
        Some(Trouble::Broken) => (StatusCode::INTERNAL_SERVER_ERROR, w.error.broken),
        Some(_) => (StatusCode::FORBIDDEN, w.log_in.stale),
    };
    let next = format!("/records/{}", kept.record);
    let shown = Shown { next, error: error.to_owned(), typed: kept.typed, ..Shown::default() };
    form_page(desk, visitor, status, shown).await
}

pub(super) async fn log_out(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    if let (Some(token), Some(session)) = (visitor.token, &visitor.session) {
        desk.bureau.storage().end_session(token).await?;
        desk.bureau.storage().audit(&session.account.name, "logout", "", desk.now_ms()).await?;
    }
    let mut response = Redirect::to("/login?bye=1").into_response();
    let gone = auth::set_cookie(SESSION_COOKIE, "", Some(Duration::ZERO), visitor.https);
    if let Some(cookie) = gone {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A path of this console and nothing else: no other host, no encoded trick.
fn safe_next(next: &str) -> String {
    let plain = next.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-'));
    if plain && next.starts_with("/records/") { next.to_owned() } else { "/".to_owned() }
}

async fn form_page(desk: &Desk, visitor: &Visitor, status: StatusCode, mut shown: Shown) -> Response {
    let language = visitor.language;
    let bureau = desk.bureau.storage().identity().public.name.clone();
    shown.token.clone_from(&visitor.form_token);
    let mut visitor = visitor.clone();
    if !shown.typed.is_empty() {
        // A change of language would be a new page without the words.
        visitor.path.clear();
    }
    page(desk, &visitor, status, words(language).console.log_in.title, move || {
        rsx! { LogInForm { shown: shown.clone(), bureau: bureau.clone(), language } }
    })
    .await
}

#[component]
fn LogInForm(shown: Shown, bureau: String, language: Language) -> Element {
    let w = &words(language).console.log_in;
    let kept = shown.typed.lines(language);
    rsx! {
        form { class: "login block", method: "post", action: LOG_IN,
            h1 { "{w.title}" }
            p { class: "soft", bdi { "{bureau}" } }
            if !shown.notice.is_empty() {
                p { class: "notice", role: "status", "{shown.notice}" }
            }
            if !shown.error.is_empty() {
                p { class: "error", role: "alert", "{shown.error}" }
            }
            if !kept.is_empty() {
                p { class: "notice", role: "status", "{decide_words(language).kept_over_log_in}" }
            }
            FormToken { token: shown.token.clone() }
            input { r#type: "hidden", name: NEXT, value: "{shown.next}" }
            Carried { typed: shown.typed.clone() }
            label { r#for: "account", "{w.account}" }
            input {
                id: "account", name: "account", autocomplete: "username", required: true,
                autofocus: true, value: "{shown.account}", maxlength: "200", autocapitalize: "none",
            }
            label { r#for: "password", "{w.password}" }
            input {
                id: "password", name: "password", r#type: "password", required: true,
                autocomplete: "current-password", maxlength: "200",
            }
            button { class: "button primary", r#type: "submit", "{w.submit}" }
            p { class: "soft", "{w.help}" }
        }
        if !kept.is_empty() { Kept { lines: kept, language } }
    }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_a_record_of_this_console_is_gone_back_to() {
        assert_eq!(safe_next("/records/ab12"), "/records/ab12");
        for other in
            ["", "//evil.example", "https://evil.example", "/records/..%2f", "/login", "/records/\\e"]
        {
            assert_eq!(safe_next(other), "/", "{other}");
        }
    }
}
