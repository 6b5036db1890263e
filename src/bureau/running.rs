//! Serving until told to stop, then finishing what was accepted.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::listener::Patient;
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
    let (stop, mut stopping) = watch::channel(());
    let told = async move {
        shutdown.await;
        stop.send_replace(());
    };
    let sweeping = tokio::spawn(sweep(bureau.clone()));
    let server = axum::serve(Patient(listener), router(bureau.clone())).with_graceful_shutdown(told);
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
