//! `bureau serve`.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;

use super::super::Bureau;
use super::super::storage::setup::Fresh;
use super::super::uploads::Limits;
use super::{Sentence, open, say};

pub(super) async fn run(
    folder: &Path,
    listen: SocketAddr,
    name: Option<String>,
    limits: Limits,
) -> Result<(), Sentence> {
    let mut fresh = Fresh::default();
    fresh.name = name.unwrap_or(fresh.name);
    let bureau = open(folder, fresh).await?;
    bureau.limit_uploads(limits);
    // Held until the process ends, however it ends.
    let _lock = only_one(folder)?;
    allowed(&bureau, listen)?;
    let listener = TcpListener::bind(listen).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            Sentence::new(format!("{listen} is in use by another program; choose another port with --listen"))
        }
        _ => Sentence::new(format!("cannot listen on {listen}: {error}")),
    })?;
    let address = listener.local_addr()?;
    if bureau.storage().accounts().await?.is_empty() {
        let _ = writeln!(
            io::stderr(),
            "No account yet. Make the first one with: bureau adduser --data {} --name NAME --role admin",
            folder.display()
        );
    }
    say(format_args!("listening on http://{address}"));
    super::super::serve(listener, bureau, told_to_stop()).await?;
    Ok(())
}

/// Two servers would each believe that an upload is theirs alone.
fn only_one(folder: &Path) -> Result<File, Sentence> {
    let file = File::create(folder.join("serving.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Sentence::new(format!("{} is already being served", folder.display())))
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn allowed(bureau: &Bureau, listen: SocketAddr) -> Result<(), Sentence> {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    Err(Sentence::new(match bureau.storage().identity().demo {
        true => format!("this is a demo bureau with synthetic data; it does not listen on {listen}"),
        false => format!(
            "without encryption only this machine itself may be served, not {listen}; listen on 127.0.0.1"
        ),
    }))
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "cannot listen for Ctrl-C");
        std::future::pending::<()>().await;
    }
}
