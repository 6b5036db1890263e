//! One phone sending while the clock runs: record, then photo; what fails is sent again, as phones do.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use tokio::time::{Instant, sleep};

use super::blank::{Camera, Sealed};
use super::phone::Line;
use crate::domain::id::PhotoId;
use crate::wire::tus::{self, header};

/// What one phone has to send.
pub(super) struct Work {
    pub(super) line: Line,
    pub(super) documents: Vec<Sealed>,
    pub(super) camera: Option<Camera>,
}

/// What became of it.
#[derive(Default)]
pub(super) struct Sent {
    /// Documents with the answer they got.
    pub(super) acknowledged: Vec<(Sealed, Vec<u8>)>,
    pub(super) document_us: Vec<u32>,
    pub(super) record_us: Vec<u32>,
    pub(super) errors: BTreeMap<String, usize>,
    pub(super) bytes: u64,
}

/// Sends one after the other until the time is over or nothing is left.
pub(super) async fn send(work: Work, until: Instant) -> Sent {
    let mut sent = Sent::default();
    for document in work.documents {
        let begun = Instant::now();
        if begun >= until {
            break;
        }
        let Some(answer) = put(&work.line, &document, until, &mut sent).await else { break };
        sent.document_us.push(micros(begun));
        if let (Some(camera), Some(photo)) = (&work.camera, document.photo) {
            let bytes = camera.picture(document.id);
            let whole = upload(&work.line, photo, bytes, until, &mut sent).await;
            sent.acknowledged.push((document, answer));
            if whole.is_none() {
                break;
            }
        } else {
            sent.acknowledged.push((document, answer));
        }
        sent.record_us.push(micros(begun));
    }
    sent
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

/// The answer to a document; `None` when the time was over before there was a good one.
async fn put(line: &Line, document: &Sealed, until: Instant, sent: &mut Sent) -> Option<Vec<u8>> {
    let path = format!("/v1/inspections/{}/1", document.id);
    loop {
        let body = document.envelope();
        sent.bytes += body.len() as u64;
        let answer = call(line.put(&path).body(body), sent).await;
        match answer {
            Ok(answer) => return Some(answer.body),
            Err(wait) => rest(wait, until).await?,
        }
    }
}

/// A whole photo, created with its bytes; what a bureau did not take with the creation follows.
async fn upload(line: &Line, photo: PhotoId, bytes: Vec<u8>, until: Instant, sent: &mut Sent) -> Option<()> {
    let metadata = tus::encode_metadata(&[("sha256", &photo.to_string())]);
    let mut place: Option<String> = None;
    let mut held = 0;
    loop {
        let request = match &place {
            None => line
                .post("/v1/photos")
                .header(header::METADATA, &metadata)
                .header(header::LENGTH, bytes.len()),
            Some(place) => line.patch(place).header(header::OFFSET, held),
        };
        sent.bytes += (bytes.len() - held) as u64;
        let request = request.header(CONTENT_TYPE, tus::OFFSET_OCTET_STREAM).body(bytes[held..].to_vec());
        match call(request, sent).await {
            Ok(answer) => {
                held = answer.offset.unwrap_or(held).min(bytes.len());
                place = place.or(answer.location);
            }
            Err(wait) => rest(wait, until).await?,
        }
        if held == bytes.len() {
            return Some(());
        }
    }
}

struct Answer {
    body: Vec<u8>,
    location: Option<String>,
    offset: Option<usize>,
}

/// A good answer, or how long to wait before the next try.
async fn call(request: RequestBuilder, sent: &mut Sent) -> Result<Answer, Duration> {
    let mut failed = |class: String, wait: Duration| {
        *sent.errors.entry(class).or_default() += 1;
        Err(wait)
    };
    let short = Duration::from_millis(100);
    let Ok(answer) = request.send().await else { return failed("network".to_owned(), short) };
    let status = answer.status();
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let offset = answer.headers().get(header::OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Ok(body) = answer.bytes().await else { return failed("network".to_owned(), short) };
    match status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => {
            Ok(Answer { body: body.to_vec(), location, offset })
        }
        _ => failed(status.as_u16().to_string(), wait.map_or(short, Duration::from_secs)),
    }
}

async fn rest(wait: Duration, until: Instant) -> Option<()> {
    if Instant::now() + wait >= until {
        return None;
    }
    sleep(wait).await;
    Some(())
}
