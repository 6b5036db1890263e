//! The bytes of one request on their way to the disk: gathered, hashed, written, and taken back when they do not count.

use std::pin::Pin;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::super::Bureau;
use super::super::error::Refusal;
use super::super::storage::uploads::Upload;
use super::disk;
use super::turn::MyTurn;
use crate::fault;
use crate::wire::failure::Code;

/// Bytes gathered before they go to the disk.
const PIECE: usize = 256 * 1024;

/// The bytes of a request, already watched for stalling.
pub(in crate::bureau) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Refusal>> + Send>>;

/// What a `PATCH` says of itself.
pub(in crate::bureau) struct Chunk {
    /// Where it goes on.
    pub(in crate::bureau) offset: u64,
    /// Its length, when known beforehand.
    pub(in crate::bureau) announced: Option<u64>,
    /// What its bytes must hash to.
    pub(in crate::bureau) checksum: Option<Checksum>,
}

/// A running hash and what it must come to.
pub(in crate::bureau) enum Checksum {
    /// SHA-1, which tus asks of every server that takes checksums.
    Sha1(Sha1, Vec<u8>),
    /// SHA-256.
    Sha256(Sha256, Vec<u8>),
}

impl Checksum {
    /// By the algorithm's name in tus.
    pub(in crate::bureau) fn new(algorithm: &str, expected: Vec<u8>) -> Option<Self> {
        match algorithm {
            "sha1" => Some(Self::Sha1(Sha1::new(), expected)),
            "sha256" => Some(Self::Sha256(Sha256::new(), expected)),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn fits(self) -> bool {
        match self {
            Self::Sha1(hash, expected) => hash.finalize().as_slice() == expected,
            Self::Sha256(hash, expected) => hash.finalize().as_slice() == expected,
        }
    }
}

pub(super) fn too_long() -> Refusal {
    Refusal::new(Code::TooLarge, "more bytes than announced; none of these were kept")
}

pub(super) async fn receive(
    bureau: &Bureau,
    upload: Upload,
    chunk: Chunk,
    mut body: Body,
    turn: &mut MyTurn,
) -> Result<(), Refusal> {
    let mut at = chunk.offset;
    let mut checksum = chunk.checksum;
    loop {
        let (piece, end) = gather(&mut body, turn).await;
        if let Some(checksum) = &mut checksum {
            checksum.update(&piece);
        }
        let after = at + piece.len() as u64;
        if after > upload.length {
            disk(bureau, move |photos| photos.cut(upload.id, chunk.offset)).await?;
            return Err(too_long());
        }
        append(bureau, upload.id, at, piece).await?;
        fault::point("bureau.upload.appended");
        at = after;
        match end {
            End::More => {}
            End::Whole if checksum.is_none_or(Checksum::fits) => return Ok(()),
            End::Whole => {
                disk(bureau, move |photos| photos.cut(upload.id, chunk.offset)).await?;
                return Err(Refusal::new(Code::ChecksumMismatch, "the chunk was not kept; send it again"));
            }
            End::Cut(refusal) => return Err(refusal),
        }
    }
}

enum End {
    More,
    Whole,
    Cut(Refusal),
}

/// Bytes for one write to the disk, and what comes after them.
async fn gather(body: &mut Body, turn: &mut MyTurn) -> (Vec<u8>, End) {
    let mut piece = Vec::new();
    while piece.len() < PIECE {
        let next = tokio::select! {
            // What has arrived is taken before the turn is given up.
            biased;
            next = body.next() => next,
            () = turn.interrupted() => {
                Some(Err(Refusal::new(Code::OffsetConflict, "the upload goes on over another connection")))
            }
        };
        match next {
            Some(Ok(bytes)) => piece.extend_from_slice(&bytes),
            Some(Err(refusal)) => return (piece, End::Cut(refusal)),
            None => return (piece, End::Whole),
        }
    }
    (piece, End::More)
}

/// All or none of the piece.
async fn append(bureau: &Bureau, upload: Uuid, at: u64, piece: Vec<u8>) -> Result<(), Refusal> {
    if piece.is_empty() {
        return Ok(());
    }
    disk(bureau, move |photos| {
        photos.append(upload, at, &piece).inspect_err(|_| {
            if let Err(error) = photos.cut(upload, at) {
                tracing::error!(%error, "a half-written piece could not be taken back");
            }
        })
    })
    .await
}
