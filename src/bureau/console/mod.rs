//! The console: pages for the bureau's staff, rendered on the server, plain links and forms, no script.
//!
//! A page is loaded first (awaited), then rendered through a real `VirtualDom`, which is not `Send` and so never
//! lives across an await. Every route stands in one table together with who may open it; the router is built
//! from that table and from nothing else.

mod assets;
mod decide;
mod decide_page;
mod enter;
mod export;
mod inbox;
mod inbox_page;
mod login;
mod page;
mod photo;
mod record;
mod record_page;
mod reports;
mod reports_page;
mod typed;
mod versions_page;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any, get, post};
use chrono::Utc;
use tokio::sync::Semaphore;

use super::Bureau;
use super::auth::{Access, Throttle};
use super::storage::accounts::Role;

use page::Trouble;
pub use page::{RenderFailed, rendered};

/// What every page has at hand.
pub(crate) struct Desk {
    bureau: Bureau,
    throttle: Throttle,
    thumbnails: Arc<Semaphore>,
    pages: Arc<Semaphore>,
}

/// Pages that are worked out at once; a document may be large.
const PAGES: usize = 2;

impl Desk {
    fn of(bureau: Bureau) -> Self {
        Self {
            bureau,
            throttle: Throttle::default(),
            thumbnails: Arc::new(Semaphore::new(photo::THUMBNAILS)),
            pages: Arc::new(Semaphore::new(PAGES)),
        }
    }

    fn now_ms(&self) -> i64 {
        Utc::now().timestamp_millis()
    }

    /// Works on a page off the threads that phones are answered by.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let turn = Arc::clone(&self.pages).acquire_owned().await.map_err(|_| Trouble::Broken)?;
        let work = move || {
            // Until it is done: a browser that goes away does not end it.
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a page could not be worked out");
            Trouble::Broken
        })
    }
}

/// One route with its rule.
struct Route {
    method: Method,
    path: &'static str,
    access: Access,
    handler: MethodRouter<Arc<Desk>>,
}

/// A route's declaration, for tests and the operator's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// HTTP method.
    pub method: Method,
    /// Path with its parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

/// Every route of the console; there is no other way into the router.
fn table() -> Vec<Route> {
    let reads =
        |path, handler| Route { method: Method::GET, path, access: Access::Staff(Role::Viewer), handler };
    let open = |method, path, handler| Route { method, path, access: Access::Anyone, handler };
    vec![
        open(Method::GET, "/login", get(login::form)),
        open(Method::POST, "/login", post(login::log_in)),
        open(Method::GET, assets::CSS_PATH, get(assets::css)),
        open(Method::GET, "/favicon.ico", get(assets::icon)),
        reads("/", get(inbox::show)),
        reads("/records/{digest}", get(record::show)),
        reads("/records/{digest}/document", get(record::document)),
        reads("/reports", get(reports::list)),
        reads("/reports/{digest}", get(reports::show)),
        reads("/reports/{digest}/document", get(reports::document)),
        reads("/photos/{sha256}", get(photo::full)),
        reads("/photos/{sha256}/thumbnail", get(photo::thumbnail)),
        Route {
            method: Method::GET,
            path: "/export/records",
            access: Access::Staff(Role::Reviewer),
            handler: get(export::records),
        },
        Route {
            method: Method::POST,
            path: "/records/{digest}/decision",
            access: Access::Staff(Role::Reviewer),
            handler: post(decide::decide),
        },
        Route {
            method: Method::POST,
            path: "/logout",
            access: Access::Staff(Role::Viewer),
            handler: post(login::log_out),
        },
    ]
}

/// Every route with its rule.
pub fn rules() -> Vec<Rule> {
    let rule = |route: Route| Rule { method: route.method, path: route.path, access: route.access };
    table().into_iter().map(rule).collect()
}

/// The console's router; what no route names becomes a page that says so.
pub fn routes(bureau: Bureau) -> Router {
    let desk = Arc::new(Desk::of(bureau));
    let add = |router: Router<Arc<Desk>>, route: Route| {
        let guard = enter::Guard { desk: desk.clone(), access: route.access };
        router.route(route.path, route.handler.layer(from_fn_with_state(guard, enter::enter)))
    };
    let elsewhere = enter::Guard { desk: desk.clone(), access: Access::Anyone };
    let missing = any(page::missing).layer(from_fn_with_state(elsewhere, enter::enter));
    table().into_iter().fold(Router::new(), add).fallback_service(missing).with_state(desk.clone())
}
