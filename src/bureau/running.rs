//! Serving until told to stop, then finishing what was accepted.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::from_fn;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::set_header::SetRequestHeaderLayer;

use super::connections::{Through, noted};
use super::listener::Patient;
use super::secured::Secured;
use super::tls::Certificates;
use super::{Bureau, router, uploads};

/// How long open requests may take after the word to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `shutdown` ends; returns when everything that was accepted is durable.
///
/// # Errors
/// The listener's.
pub async fn serve(
    listener: TcpListener,
    bureau: Bureau,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let routes = router(bureau.clone());
    let patient = Patient::new(listener, bureau.connection_limits());
    serve_over(patient, routes, bureau, shutdown).await
}

/// The same under TLS, with these certificates as they are at each handshake.
///
/// # Errors
/// The listener's.
pub async fn serve_tls(
    listener: TcpListener,
    certificates: &Arc<Certificates>,
    bureau: Bureau,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // As a proxy would say it, and whatever the request says of itself: cookies are then kept to encrypted ways.
    let (name, https) = (HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"));
    let routes = router(bureau.clone()).layer(SetRequestHeaderLayer::overriding(name, https));
    let patient = Patient::new(listener, bureau.connection_limits());
    serve_over(Secured::new(patient, certificates)?, routes, bureau, shutdown).await
}

async fn serve_over<L>(
    listener: L,
    routes: Router,
    bureau: Bureau,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
    for<'a> Through: Connected<IncomingStream<'a, L>>,
{
    let (stop, mut stopping) = watch::channel(());
    let told = async move {
        shutdown.await;
        stop.send_replace(());
    };
    let sweeping = tokio::spawn(sweep(bureau.clone()));
    let routes = routes.layer(from_fn(noted)).into_make_service_with_connect_info::<Through>();
    let server = axum::serve(listener, routes).with_graceful_shutdown(told);
    let late = async {
        if stopping.changed().await.is_ok() {
            tokio::time::sleep(GRACE).await;
        }
    };
    let served = tokio::select! {
        served = server.into_future() => served,
        () = late => {
            tracing::warn!("some requests did not end in time; their senders will send them again");
            Ok(())
        }
    };
    sweeping.abort();
    if tokio::task::spawn_blocking(move || bureau.close()).await.is_err() {
        tracing::error!("closing the database panicked");
    }
    served
}

async fn sweep(bureau: Bureau) {
    loop {
        if let Err(error) = uploads::sweep(&bureau).await {
            tracing::warn!(%error, "old uploads could not be removed");
        }
        tokio::time::sleep(bureau.0.uploads.limits().sweep()).await;
    }
}
