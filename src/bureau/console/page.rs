//! From a component to a whole page: the frame around every page, rendering, and pages of what went wrong.

use std::cell::RefCell;
use std::rc::Rc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use dioxus::prelude::*;

use super::Desk;
use super::assets;
use super::enter::Visitor;
use super::typed::{Kept, Typed};
use crate::bureau::auth::FORM_FIELD;
use crate::bureau::storage::StorageError;
use crate::bureau::storage::accounts::{Account, Role};
use crate::domain::text::Language;
use crate::view::words::words;

/// What the frame around a page shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    bureau: String,
    demo: bool,
    language: Language,
    account: Option<Account>,
    form_token: String,
    here: String,
    other_language: String,
}

impl Frame {
    fn of(desk: &Desk, visitor: &Visitor) -> Self {
        let identity = desk.bureau.storage().identity();
        let other = if visitor.language == Language::Zh { "lang=en" } else { "lang=zh" };
        Self {
            bureau: identity.public.name.clone(),
            demo: identity.demo,
            language: visitor.language,
            account: visitor.session.as_ref().map(|session| session.account.clone()),
            form_token: visitor.form_token.clone(),
            here: visitor.path.clone(),
            other_language: with_pair(&visitor.query, "lang", Some(other)),
        }
    }
}

/// A query with every pair of a key taken out and, if given, one put in; what is already encoded stays so.
pub(super) fn with_pair(query: &str, key: &str, pair: Option<&str>) -> String {
    let is_key = |p: &&str| p.split('=').next() == Some(key);
    let kept = query.split('&').filter(|p| !p.is_empty() && !is_key(p));
    format!("?{}", kept.chain(pair).collect::<Vec<_>>().join("&"))
}

/// A component panicked or failed; the page would have a hole.
#[derive(Debug, thiserror::Error)]
#[error("a component failed: {0}")]
pub struct RenderFailed(String);

#[derive(Clone)]
struct Whole {
    body: Rc<dyn Fn() -> Element>,
    caught: Caught,
}

/// Where the boundary around a page leaves what it caught; `rebuild` itself tells nobody.
#[derive(Clone, Default)]
struct Caught(Rc<RefCell<Option<ErrorContext>>>);

fn root(whole: Whole) -> Element {
    let boundary = use_hook(|| provide_context(ErrorContext::new(None)));
    *whole.caught.0.borrow_mut() = Some(boundary);
    let body = whole.body.clone();
    rsx! { Body { body: BodyOf(body) } }
}

#[derive(Clone)]
struct BodyOf(Rc<dyn Fn() -> Element>);

impl PartialEq for BodyOf {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A component of its own, so that a panic in a page's outermost markup is caught below the boundary.
#[component]
fn Body(body: BodyOf) -> Element {
    (body.0)()
}

/// Markup as a string, through a real `VirtualDom`.
///
/// # Errors
/// [`RenderFailed`] when any component panicked: better an error page than a record with a hole.
pub fn rendered(body: impl Fn() -> Element + 'static) -> Result<String, RenderFailed> {
    let caught = Caught::default();
    let mut dom = VirtualDom::new_with_props(root, Whole { body: Rc::new(body), caught: caught.clone() });
    dom.rebuild_in_place();
    let failed = caught.0.borrow().as_ref().map(|boundary| dom.in_scope(ScopeId::ROOT, || boundary.error()));
    match failed {
        Some(None) => Ok(dioxus_ssr::render(&dom)),
        Some(Some(error)) => Err(RenderFailed(error.to_string())),
        None => Err(RenderFailed("the root".to_owned())),
    }
}

/// A page in its frame, worked out off the threads that phones are answered by.
pub(super) async fn page(
    desk: &Desk,
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    body: impl Fn() -> Element + Send + 'static,
) -> Response {
    let frame = Frame::of(desk, visitor);
    let tag = words(visitor.language).tag;
    let title = escaped(&format!("{title} · {}", frame.bureau));
    let work = move || {
        rendered(move || {
            let content = body();
            rsx! { Shell { frame: frame.clone(), {content} } }
        })
    };
    let whole = match desk.aside(work).await {
        Ok(Ok(markup)) => markup,
        Ok(Err(error)) => {
            tracing::error!(%error, path = visitor.path, "a page could not be rendered");
            return broken(visitor.language);
        }
        Err(_) => return broken(visitor.language),
    };
    let css = assets::css_url();
    let html = format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{css}\"></head><body>{whole}</body></html>"
    );
    (status, Html(html)).into_response()
}

/// Where not even a page can be made.
fn broken(language: Language) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, words(language).console.error.broken).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A role in words.
pub(super) fn role_word(role: Role, language: Language) -> &'static str {
    let w = &words(language).console;
    match role {
        Role::Viewer => w.viewer,
        Role::Reviewer => w.reviewer,
        Role::Admin => w.admin,
    }
}

/// The token every form carries.
#[component]
pub(super) fn FormToken(token: String) -> Element {
    rsx! { input { r#type: "hidden", name: FORM_FIELD, value: "{token}" } }
}

#[component]
fn Shell(frame: Frame, children: Element) -> Element {
    let w = &words(frame.language).console;
    let current = |path: &str| if frame.here == path { "page" } else { "false" };
    let reports = words(frame.language).reports.title;
    rsx! {
        a { class: "skip", href: "#main", "{w.skip}" }
        header { class: "top",
            bdi { class: "bureau", "{frame.bureau}" }
            if frame.account.is_some() {
                nav {
                    a { href: "/", "aria-current": current("/"), "{w.inbox}" }
                    a { href: "/reports", "aria-current": current("/reports"), "{reports}" }
                }
            }
            span { class: "grow" }
            if !frame.here.is_empty() {
                a { class: "language", href: "{frame.here}{frame.other_language}", "{w.other_language}" }
            }
            if let Some(account) = &frame.account {
                span { class: "who",
                    "{role_word(account.role, frame.language)} "
                    bdi { "{account.shown_as}" }
                    if let Some(township) = &account.township {
                        bdi { class: "scope", " {township.name}" }
                    }
                }
                form { method: "post", action: "/logout",
                    FormToken { token: frame.form_token.clone() }
                    button { class: "plain", r#type: "submit", "{w.log_out}" }
                }
            }
        }
        if frame.demo {
            p { class: "demo", "{w.demo}" }
        }
        main { id: "main", tabindex: "-1", {children} }
    }
}

/// What went wrong; [`super::enter`] turns it into a page in the visitor's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing there, or not in the account's township: the visitor cannot tell which.
    NotFound,
    /// The role is too small.
    Forbidden,
    /// The form is not ours or too old; nothing was done.
    Stale,
    /// There is no room for the form just now; nothing was done.
    Busy,
    /// Something broke; logged where it happened.
    Broken,
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "a page could not be loaded");
        if matches!(error, StorageError::Busy) { Self::Busy } else { Self::Broken }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// No route has this address.
pub(super) async fn missing() -> Trouble {
    Trouble::NotFound
}

/// The page of what went wrong, with the words that were typed meanwhile.
pub(super) async fn trouble_page(
    desk: &Desk,
    visitor: &Visitor,
    trouble: Trouble,
    typed: &Typed,
) -> Response {
    let language = visitor.language;
    let w = &words(language).console.error;
    let kept = typed.lines(language);
    let (status, title, next) = match trouble {
        Trouble::NotFound => (StatusCode::NOT_FOUND, w.not_found, w.not_found_next),
        Trouble::Forbidden => (StatusCode::FORBIDDEN, w.forbidden, w.forbidden_next),
        Trouble::Stale => (StatusCode::FORBIDDEN, w.stale, w.stale_next),
        Trouble::Busy => (StatusCode::SERVICE_UNAVAILABLE, w.busy, w.busy_next),
        Trouble::Broken => (StatusCode::INTERNAL_SERVER_ERROR, w.broken, w.broken_next),
    };
    let mut response = page(desk, visitor, status, title, move || {
        rsx! {
            section { class: "message",
                h1 { "{title}" }
                p { "{next}" }
                p { a { class: "button", href: "/", "{w.back}" } }
            }
            if !kept.is_empty() { Kept { lines: kept.clone(), language } }
        }
    })
    .await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::bureau::storage::Storage;
    use crate::bureau::storage::setup::Fresh;

    /// The page ends only after something that runs on the same, only thread.
    #[tokio::test(flavor = "current_thread")]
    async fn a_page_that_takes_long_leaves_the_thread_that_answers_phones_alone() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
        let photos = crate::bureau::photos::Folder::open(&folder.path().join("photos")).unwrap();
        let desk = Desk::of(crate::bureau::Bureau::new(storage, std::sync::Arc::new(photos)));
        let visitor = Visitor {
            language: Language::Zh,
            session: None,
            token: None,
            form_token: String::new(),
            path: "/".to_owned(),
            query: String::new(),
            https: false,
        };
        let (answered, heard) = mpsc::channel();
        let heard = std::sync::Mutex::new(heard);
        let body = move || {
            let phone_first = heard.lock().unwrap().recv_timeout(Duration::from_secs(20)).is_ok();
            rsx! { p { "answered first: {phone_first}" } }
        };
        let page = page(&desk, &visitor, StatusCode::OK, "示例", body);
        let (page, ()) = tokio::join!(page, async { answered.send(()).unwrap() });
        let bytes = axum::body::to_bytes(page.into_body(), 1 << 20).await.unwrap();
        assert!(String::from_utf8(bytes.to_vec()).unwrap().contains("answered first: true"));
    }
}
