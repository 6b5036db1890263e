//! Connections under TLS. Handshakes happen beside the accepting, so that one that takes its time holds up nobody;
//! there are as many at once as there may be connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::connections::Through;
use super::listener::{Patient, Watched};
use super::tls::Certificates;

/// A handshake takes two round trips at most; on the worst link that is seconds.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// Connections made and not yet taken up.
const READY: usize = 64;

pub(super) struct Secured {
    ready: mpsc::Receiver<(TlsStream<Watched>, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Secured {
    pub(super) fn new(listener: Patient, certificates: &Arc<Certificates>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (to, ready) = mpsc::channel(READY);
        let acceptor = TlsAcceptor::from(Arc::new(certificates.config()));
        let accepting = tokio::spawn(accept_all(listener, acceptor, to));
        Ok(Self { ready, address, accepting })
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept_all(
    mut listener: Patient,
    acceptor: TlsAcceptor,
    to: mpsc::Sender<(TlsStream<Watched>, SocketAddr)>,
) {
    loop {
        let (stream, address) = listener.accept().await;
        let (acceptor, to) = (acceptor.clone(), to.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // Nobody takes it any more when the server is ending.
                Ok(Ok(stream)) => drop(to.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
        });
    }
}

impl Listener for Secured {
    type Io = TlsStream<Watched>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting never ends before this does.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, Secured>> for Through {
    fn connect_info(stream: IncomingStream<'_, Secured>) -> Self {
        stream.io().get_ref().0.through()
    }
}
