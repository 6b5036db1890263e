//! Request bodies: bounded in size, memory and patience.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::{Stream, StreamExt as _};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::super::Bureau;
use super::super::error::Refusal;
use crate::wire::failure::Code;

/// How long a sender may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a whole document may take: at the worst link a coordinator has, a large one takes minutes.
const WHOLE: Duration = Duration::from_secs(600);

/// The bytes as they come; a stalled or broken sender is an error.
pub(super) fn pieces(body: Body) -> impl Stream<Item = Result<Bytes, Refusal>> + Send {
    let stream = body.into_data_stream();
    futures_util::stream::unfold(Some(stream), async |stream| {
        let mut stream = stream?;
        match timeout(SILENCE, stream.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(stream))),
            Ok(Some(Err(error))) => Some((Err(cut(&error.to_string())), None)),
            Err(_) => Some((Err(cut("the sender was silent for too long")), None)),
        }
    })
}

/// The sender will rarely hear it.
fn cut(why: &str) -> Refusal {
    Refusal::new(Code::Busy, format!("the request broke off: {why}"))
}

/// The length a request announces.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A whole text of at most `max` bytes.
pub(super) async fn text(
    bureau: &Bureau,
    headers: &HeaderMap,
    body: Body,
    max: usize,
) -> Result<String, Refusal> {
    let too_large = || Refusal::new(Code::TooLarge, format!("at most {max} bytes"));
    let expected = match announced(headers) {
        Some(length) => usize::try_from(length).map_err(|_| too_large())?,
        None => max,
    };
    if expected > max {
        return Err(too_large());
    }
    let kib = u32::try_from(expected / 1024 + 1).map_err(|_| too_large())?;
    let _memory = Arc::clone(&bureau.0.bodies)
        .try_acquire_many_owned(kib)
        .map_err(|_| Refusal::new(Code::Busy, "too many requests at once; send it again in a moment"))?;
    let mut bytes = Vec::with_capacity(announced(headers).map_or(0, |_| expected));
    let read = async {
        let mut pieces = Box::pin(pieces(body));
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if bytes.len() + piece.len() > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(())
    };
    timeout(WHOLE, read).await.unwrap_or_else(|_| Err(cut("it took too long")))?;
    String::from_utf8(bytes).map_err(|_| Refusal::new(Code::Unreadable, "not UTF-8"))
}

/// A small JSON value.
pub(super) async fn json<T: DeserializeOwned>(
    bureau: &Bureau,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refusal> {
    let text = text(bureau, headers, body, 64 * 1024).await?;
    serde_json::from_str(&text).map_err(|error| Refusal::new(Code::Unreadable, error.to_string()))
}
