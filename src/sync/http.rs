//! One request, one answer: time-outs, size limits, TLS and the count of bytes. It knows nothing of the protocol.
//!
//! `reqwest` hides its sockets, so the count is taken where a request is handed to the connection: the request
//! line and headers as HTTP/1.1 writes them, and each piece of a body when the connection asks for it. What a
//! broken connection had asked for but not written is counted all the same; TLS framing is not.

use std::error::Error as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::trust::Trust;
use crate::domain::id::Digest;

/// More than any answer needs; a portal's endless page ends here.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Bodies are handed over in pieces, so that a break is counted nearly where it happened.
const PIECE: usize = 4 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// Silence longer than this is a broken link.
const PATIENCE: Duration = Duration::from_secs(30);
/// Below the time-outs of carriers' address translation, so that a pooled connection is seldom a dead one.
const KEEP_IDLE: Duration = Duration::from_secs(20);

/// A request; a method that takes a body always has one, perhaps empty.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A whole answer, whoever it came from.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// There is no whole answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// No connection; nothing was sent.
    #[error("no connection: {0}")]
    Connect(String),
    /// Whoever is there shows a certificate that is not the bureau's; nothing was sent.
    #[error("not the bureau's certificate: {0}")]
    Stranger(String),
    /// The connection broke on the way.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Nothing came for too long.
    #[error("no answer in time")]
    Silent,
    /// The answer never ends.
    #[error("the answer is too large")]
    TooLarge,
}

/// Connections to one place, and what was written to them. Clones share both.
#[derive(Clone, Debug)]
pub(super) struct Http {
    inner: Arc<RwLock<reqwest::Client>>,
    trust: Trust,
    sent: Arc<AtomicU64>,
    patience: Duration,
}

impl Http {
    pub(super) fn new(trust: Trust) -> Result<Self, reqwest::Error> {
        let inner = Arc::new(RwLock::new(connections(&trust)?));
        Ok(Self { inner, trust, sent: Arc::default(), patience: PATIENCE })
    }

    /// Other pins from now on; connections that were made before are not used again.
    pub(super) fn pin(&self, pins: Vec<Digest>) {
        self.trust.pin(pins);
        self.forget_connections();
    }

    /// What rests in the pool is not used again; requests under way are not touched.
    pub(super) fn forget_connections(&self) {
        match connections(&self.trust) {
            Ok(fresh) => *self.inner.write().unwrap_or_else(PoisonError::into_inner) = fresh,
            Err(error) => tracing::warn!(%error, "the old connections stay"),
        }
    }

    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    pub(super) fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends the request and reads the whole answer.
    pub(super) async fn exchange(&self, request: Request) -> Result<Answer, Lost> {
        // A slow link must not be taken for a silent one: a kilobyte a second is still progress.
        let patience = self.patience + Duration::from_millis(request.body.len() as u64);
        let (request, head) = self.prepare(request);
        self.sent.fetch_add(head, Ordering::Relaxed);
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner).clone();
        let response = match tokio::time::timeout(patience, inner.execute(request)).await {
            Err(_) => return Err(Lost::Silent),
            Ok(Err(error)) if error.is_connect() => {
                self.sent.fetch_sub(head, Ordering::Relaxed);
                let why = reason(&error);
                return Err(if is_stranger(&error) { Lost::Stranger(why) } else { Lost::Connect(why) });
            }
            Ok(Err(error)) => return Err(Lost::Broken(reason(&error))),
            Ok(Ok(response)) => response,
        };
        self.read(response).await
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Answer, Lost> {
        let mut body = Vec::new();
        loop {
            match tokio::time::timeout(self.patience, response.chunk()).await {
                Err(_) => return Err(Lost::Silent),
                Ok(Err(error)) => return Err(Lost::Broken(reason(&error))),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                    drop(chunk);
                    return Err(Lost::TooLarge);
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        }
        Ok(Answer { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
    }

    /// Every header is set here, so that its bytes can be counted.
    fn prepare(&self, request: Request) -> (reqwest::Request, u64) {
        let Request { method, url, mut headers, body } = request;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        if let Ok(host) = HeaderValue::from_str(&host) {
            headers.insert(HOST, host);
        }
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        let with_body = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        if with_body {
            headers.insert(CONTENT_LENGTH, body.len().into());
        }
        let mut prepared = reqwest::Request::new(method, url);
        *prepared.headers_mut() = headers;
        let head = head_bytes(&prepared);
        if with_body {
            *prepared.body_mut() = Some(self.counted(body));
        }
        (prepared, head)
    }

    fn counted(&self, body: Vec<u8>) -> reqwest::Body {
        let sent = Arc::clone(&self.sent);
        let pieces: Vec<Vec<u8>> = body.chunks(PIECE).map(<[u8]>::to_vec).collect();
        reqwest::Body::wrap_stream(stream::iter(pieces).map(move |piece| {
            sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Ok::<_, std::convert::Infallible>(piece)
        }))
    }
}

fn connections(trust: &Trust) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(trust.config())
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(KEEP_IDLE)
        .build()
}

fn head_bytes(request: &reqwest::Request) -> u64 {
    let url = request.url();
    let query = url.query().map_or(0, |query| query.len() + 1);
    let line = request.method().as_str().len() + 1 + url.path().len() + query + " HTTP/1.1\r\n".len();
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    (line + headers.sum::<usize>() + 2) as u64
}

/// Whether the certificate is to blame, and not the phone's clock.
fn is_stranger(error: &reqwest::Error) -> bool {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            !matches!(why, Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
        }
        _ => false,
    }
}

/// The handshake's error sits in errors of the socket, which do not name it as their source.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let inside = || error.downcast_ref::<std::io::Error>()?.get_ref().and_then(|inner| tls_error(inner));
    error.downcast_ref().or_else(inside).or_else(|| error.source().and_then(tls_error))
}

/// `reqwest` keeps the interesting part in the sources.
fn reason(error: &reqwest::Error) -> String {
    let mut deepest = error.source();
    while let Some(next) = deepest.and_then(|error| error.source()) {
        deepest = Some(next);
    }
    deepest.map_or_else(|| error.to_string(), ToString::to_string)
}
