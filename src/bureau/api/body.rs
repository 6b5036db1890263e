//! Request bodies: bounded in size, memory and patience.

use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::{Stream, StreamExt as _};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::super::Bureau;
use super::super::error::Refusal;
use super::super::memory::{Holder, Share};
use super::super::uploads::Patience;
use crate::wire::failure::Code;

/// How long a whole document may take: at the worst link a coordinator has, a large one takes minutes.
const WHOLE: Duration = Duration::from_secs(600);
/// How long a stranger's may take.
const STRANGE: Duration = Duration::from_secs(60);
/// The longest body of a stranger: ten times an enrolment or a log-in.
pub(in crate::bureau) const STRANGE_BYTES: usize = 8 * 1024;
/// Memory for the first piece of a body; it doubles from there.
const FIRST: usize = 64 * 1024;

/// The bytes as they come; a silent, trickling or broken sender is an error. Time that the reader takes is not
/// the sender's.
pub(super) fn pieces(body: Body, patience: Patience) -> impl Stream<Item = Result<Bytes, Refusal>> + Send {
    let stream = body.into_data_stream();
    let sender = Sender { stream, patience, began: Instant::now(), waited: Duration::ZERO, sent: 0 };
    futures_util::stream::unfold(Some(sender), async |sender| {
        let mut sender = sender?;
        match sender.next().await {
            Ok(None) => None,
            Ok(Some(bytes)) => Some((Ok(bytes), Some(sender))),
            Err(why) => Some((Err(cut(&why)), None)),
        }
    })
}

struct Sender {
    stream: BodyDataStream,
    patience: Patience,
    began: Instant,
    /// In this stretch.
    waited: Duration,
    sent: u64,
}

impl Sender {
    async fn next(&mut self) -> Result<Option<Bytes>, String> {
        let Patience { silence, stretch, least, whole } = self.patience;
        let left = whole.saturating_sub(self.began.elapsed());
        let from = Instant::now();
        let next = timeout(silence.min(left), self.stream.next()).await;
        self.waited += from.elapsed();
        match next {
            Err(_) if left < silence => Err("it took too long".to_owned()),
            Err(_) => Err("the sender was silent for too long".to_owned()),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(error.to_string()),
            Ok(Some(Ok(bytes))) => {
                self.sent += bytes.len() as u64;
                if self.waited >= stretch {
                    if self.sent < least {
                        return Err("the sender was too slow".to_owned());
                    }
                    (self.waited, self.sent) = (Duration::ZERO, 0);
                }
                Ok(Some(bytes))
            }
        }
    }
}

/// The sender will rarely hear it.
fn cut(why: &str) -> Refusal {
    Refusal::new(Code::TooSlow, format!("the request broke off: {why}"))
}

/// The length a request announces.
pub(in crate::bureau) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A whole text of at most `max` bytes, with the memory that it takes. That is counted as the bytes arrive: who
/// announces a lot and sends nothing takes nothing.
pub(in crate::bureau) async fn text(
    bureau: &Bureau,
    holder: Holder,
    headers: &HeaderMap,
    body: Body,
    max: usize,
) -> Result<(String, Share), Refusal> {
    let too_large = || Refusal::new(Code::TooLarge, format!("at most {max} bytes"));
    let mut share = bureau.0.memory.share(holder);
    let mut most = max;
    if let Some(length) = announced(headers) {
        most = usize::try_from(length).ok().filter(|length| *length <= max).ok_or_else(too_large)?;
        // What cannot be taken now is not worth sending.
        share.has_room(most)?;
    }
    let mut bytes = Vec::new();
    let read = async {
        let mut pieces = Box::pin(pieces(body, patience(holder)));
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            let length = bytes.len() + piece.len();
            if length > most {
                return Err(too_large());
            }
            if length > bytes.capacity() {
                let capacity = length.max(2 * bytes.capacity()).max(FIRST).min(most);
                share.grow_to(capacity)?;
                bytes.reserve_exact(capacity - bytes.len());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(())
    };
    timeout(WHOLE, read).await.unwrap_or_else(|_| Err(cut("it took too long")))?;
    let text = String::from_utf8(bytes).map_err(|_| Refusal::new(Code::Unreadable, "not UTF-8"))?;
    Ok((text, share))
}

/// What a stranger has to say is short, so it is said soon.
fn patience(holder: Holder) -> Patience {
    match holder {
        Holder::Stranger | Holder::Returning => Patience { whole: STRANGE, ..Patience::USUAL },
        _ => Patience::USUAL,
    }
}

/// A small JSON value.
pub(super) async fn json<T: DeserializeOwned>(
    bureau: &Bureau,
    holder: Holder,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refusal> {
    let max = if holder == Holder::Stranger { STRANGE_BYTES } else { 64 * 1024 };
    let (text, _share) = text(bureau, holder, headers, body, max).await?;
    serde_json::from_str(&text).map_err(|error| Refusal::new(Code::Unreadable, error.to_string()))
}
