//! `bureau serve`.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::super::Bureau;
use super::super::backup::SERVING;
use super::super::folder::{is_open, make};
use super::super::self_signed::SelfSigned;
use super::super::storage::setup::Fresh;
use super::super::tls::{Certificates, Source};
use super::super::uploads::Limits;
use super::{Sentence, may_be_made, open, rotate, say};

pub(super) async fn run(
    folder: &Path,
    listen: SocketAddr,
    name: Option<String>,
    limits: Limits,
    encryption: Encryption,
) -> Result<(), Sentence> {
    let mut fresh = Fresh::default();
    fresh.name = name.unwrap_or(fresh.name);
    may_be_made(folder)?;
    // Held until the process ends, however it ends; before anything is opened, so that a restore that holds it finds
    // the folder untouched.
    let _lock = only_one(folder)?;
    if is_open(folder) {
        tracing::warn!(
            "every account of this machine may read {0}, where the bureau's keys are; close it with: chmod 700 {0}",
            folder.display()
        );
    }
    let bureau = open(folder, fresh).await?;
    bureau.limit_uploads(limits);
    allowed(&bureau, listen, encryption.is_some())?;
    let own = encryption.self_signed.then(|| SelfSigned::of(folder));
    let certificates = encryption.open(folder).await?;
    if let Some(own) = own {
        go_on_announcing(&bureau, &own).await?;
    }
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
    let Some(certificates) = certificates else {
        say(format_args!("listening on http://{address}"));
        super::super::serve(listener, bureau, told_to_stop()).await?;
        return Ok(());
    };
    say(format_args!("listening on https://{address}"));
    if let Some(fingerprint) = certificates.fingerprint() {
        say(format_args!("fingerprint: {fingerprint}"));
    }
    let fresh = tokio::spawn(Arc::clone(&certificates).keep_fresh(hang_ups()));
    super::super::serve_tls(listener, &certificates, bureau, told_to_stop()).await?;
    fresh.abort();
    Ok(())
}

/// A rotation that was cut off between a step and its word is finished here.
async fn go_on_announcing(bureau: &Bureau, own: &SelfSigned) -> Result<(), Sentence> {
    if bureau.storage().announced_certificates().await?.is_some() {
        rotate::announce(bureau, own).await?;
    }
    Ok(())
}

/// How phones and browsers are spoken to.
#[derive(Args)]
pub(super) struct Encryption {
    /// Certificate with the ones it depends on, PEM; read again when it changes, or on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "self_signed")]
    tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// With a certificate made here, for a county without a domain: phones learn it from the QR code.
    #[arg(long)]
    self_signed: bool,
}

impl Encryption {
    fn is_some(&self) -> bool {
        self.self_signed || self.tls_cert.is_some()
    }

    async fn open(self, folder: &Path) -> Result<Option<Arc<Certificates>>, Sentence> {
        let folder = folder.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let source = match (self.tls_cert, self.tls_key) {
                (Some(certificate), Some(key)) => Source { certificate, key },
                _ if self.self_signed => SelfSigned::of(&folder).require()?,
                _ => return Ok(None),
            };
            Ok::<_, Sentence>(Some(Arc::new(Certificates::open(source)?)))
        });
        opened.await?
    }
}

/// Told when the process gets SIGHUP, the word to look at the certificate now.
fn hang_ups() -> Arc<Notify> {
    let told = Arc::new(Notify::new());
    #[cfg(unix)]
    if let Ok(mut hang_up) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        let tell = Arc::clone(&told);
        tokio::spawn(async move {
            while hang_up.recv().await.is_some() {
                tell.notify_one()
            }
        });
    }
    told
}

/// Two servers would each believe that an upload is theirs alone.
fn only_one(folder: &Path) -> Result<File, Sentence> {
    let cannot = |error: io::Error| Sentence::new(format!("{} cannot be served: {error}", folder.display()));
    make(folder).map_err(cannot)?;
    let file = File::create(folder.join(SERVING)).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Sentence::new(format!("{} is already being served", folder.display())))
        }
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn allowed(bureau: &Bureau, listen: SocketAddr, encrypted: bool) -> Result<(), Sentence> {
    let demo = bureau.storage().identity().demo;
    if listen.ip().is_loopback() || (encrypted && !demo) {
        return Ok(());
    }
    Err(Sentence::new(match demo {
        true => format!("this is a demo bureau with synthetic data; it does not listen on {listen}"),
        false => format!(
            "without encryption only this machine itself may be served, not {listen}; listen on 127.0.0.1, or \
             encrypt with --self-signed or --tls-cert and --tls-key"
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
