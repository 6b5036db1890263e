//! Connections that may be slow, but not silent: one that neither sends nor takes anything is closed, and so is one
//! that never comes to the end of a request's head.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::connections::{Connections, Guest, Limits, Through};

pub(super) struct Patient {
    listener: TcpListener,
    connections: Connections,
}

impl Patient {
    pub(super) fn new(listener: TcpListener, limits: Limits) -> Self {
        Self { listener, connections: Connections::new(limits) }
    }
}

impl Listener for Patient {
    type Io = Watched;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Watched, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Answers are small and phones wait for them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no nodelay");
        }
        let (guest, place) = self.connections.enter().await;
        (Watched::new(stream, guest, place, self.connections.limits()), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Patient>> for Through {
    fn connect_info(stream: IncomingStream<'_, Patient>) -> Self {
        stream.io().through()
    }
}

pub(super) struct Watched {
    stream: TcpStream,
    guest: Arc<Guest>,
    limits: Limits,
    /// When something last came or went.
    active: Instant,
    /// Since when a head is awaited.
    head: Option<Instant>,
    /// Requests that had begun when this was last looked at.
    begun: u64,
    timer: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Watched {
    fn new(
        stream: TcpStream,
        guest: Arc<Guest>,
        place: Option<OwnedSemaphorePermit>,
        limits: Limits,
    ) -> Self {
        let active = Instant::now();
        let timer = Box::pin(sleep_until(active + limits.silence.min(limits.head)));
        Self { stream, guest, limits, active, head: Some(active), begun: 0, timer, _place: place }
    }

    pub(super) fn through(&self) -> Through {
        Through(Arc::clone(&self.guest))
    }

    /// Bytes between two requests are the beginning of a head; while an answer still leaves, it has time.
    fn look(&mut self, read: bool, written: bool) {
        let (begun, going) = self.guest.requests();
        if going || begun != self.begun {
            (self.head, self.begun) = (None, begun);
        }
        if !read && !written {
            return;
        }
        self.active = Instant::now();
        // What encryption itself makes the bureau say does not count.
        if written && begun > 0 {
            self.guest.touch();
            self.head = self.head.map(|_| self.active);
        } else if read && !going {
            self.head = self.head.or(Some(self.active));
        }
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if self.guest.is_thrown_out() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if done.is_ready() {
            return done;
        }
        let silent = self.active + self.limits.silence;
        let until = self.head.map_or(silent, |since| silent.min(since + self.limits.head));
        if self.timer.deadline() != until {
            self.timer.as_mut().reset(until);
        }
        self.guest.tell(cx.waker());
        match self.timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            // Between the first look and the word to be told, it may have happened.
            Poll::Pending if self.guest.is_thrown_out() => {
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.look(buffer.filled().len() > before, false);
        self.watch(cx, done)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.look(false, done.is_ready());
        self.watch(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.look(false, done.is_ready());
        self.watch(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
