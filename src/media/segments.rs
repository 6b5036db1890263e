//! The sealed file: 64 KiB segments, each under its own nonce, readable from any offset.
//!
//! `XGP1`, 19 random bytes, then segments of XChaCha20-Poly1305 in the STREAM construction: the
//! nonce carries the segment's position and whether it is the last, so that segments cannot be
//! reordered, dropped or cut off; the photo's hash is authenticated with each, so that files
//! cannot be swapped. An empty file has one empty segment.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use chacha20poly1305::aead::stream::{NewStream as _, Nonce, StreamBE32, StreamPrimitive as _};
use chacha20poly1305::aead::{KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305};
use rand::RngCore as _;
use rand::rngs::OsRng;

use super::folder::Error;
use crate::domain::id::PhotoId;

const MAGIC: &[u8; 4] = b"XGP1";
const PREFIX: usize = 19;
const HEADER: u64 = (MAGIC.len() + PREFIX) as u64;
const SEGMENT: usize = 64 << 10;
const TAG: usize = 16;
const SEALED_SEGMENT: usize = SEGMENT + TAG;

/// The folder's key, ready to use.
#[derive(Clone)]
pub(super) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(key)))
    }

    fn stream(&self, prefix: &[u8; PREFIX]) -> StreamBE32<XChaCha20Poly1305> {
        let prefix = Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::from_slice(prefix);
        StreamBE32::from_aead(self.0.clone(), prefix)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// The file's bytes for this content.
pub(super) fn seal(sealer: &Sealer, id: &PhotoId, bytes: &[u8]) -> Vec<u8> {
    let mut prefix = [0; PREFIX];
    OsRng.fill_bytes(&mut prefix);
    let stream = sealer.stream(&prefix);
    let count = bytes.len().div_ceil(SEGMENT).max(1);
    let mut sealed = Vec::with_capacity(HEADER as usize + bytes.len() + count * TAG);
    sealed.extend(MAGIC);
    sealed.extend(prefix);
    for position in 0..count {
        let start = position * SEGMENT;
        let plain = &bytes[start..bytes.len().min(start + SEGMENT)];
        let payload = Payload { msg: plain, aad: &id.0 };
        let segment = stream
            .encrypt(position as u32, position + 1 == count, payload)
            .expect("a segment is far below the cipher's limit");
        sealed.extend(segment);
    }
    sealed
}

/// An open photo; every read is decrypted and checked.
pub struct SealedFile {
    file: File,
    sealer: Sealer,
    prefix: [u8; PREFIX],
    id: PhotoId,
    segments: u64,
    len: u64,
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedFile").field("id", &self.id).field("len", &self.len).finish_non_exhaustive()
    }
}

impl SealedFile {
    /// Opens and checks the last segment, so that the length is as trustworthy as the content.
    pub(super) fn open(file: File, sealer: Sealer, id: PhotoId) -> Result<Self, Error> {
        let stored = file.metadata()?.len();
        let mut header = [0; HEADER as usize];
        if stored < HEADER + TAG as u64 {
            return Err(Error::Tampered);
        }
        read_exact(&file, &mut header, 0)?;
        let (magic, random) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(Error::Tampered);
        }
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(random);
        let body = stored - HEADER;
        let segments = body.div_ceil(SEALED_SEGMENT as u64);
        let len = body.checked_sub(segments * TAG as u64).ok_or(Error::Tampered)?;
        let opened = Self { file, sealer, prefix, id, segments, len };
        opened.segment(segments - 1)?;
        Ok(opened)
    }

    /// Length of the photo in plain bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the photo has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Up to `len` plain bytes from `offset`; fewer only at the end of the photo.
    pub fn read_at(&self, offset: u64, len: usize) -> Result<Vec<u8>, Error> {
        let end = offset.saturating_add(len as u64).min(self.len);
        let mut bytes = Vec::with_capacity(end.saturating_sub(offset) as usize);
        let mut at = offset;
        while at < end {
            let segment = self.segment(at / SEGMENT as u64)?;
            let from = (at % SEGMENT as u64) as usize;
            let wanted = segment.len().min(from + (end - at) as usize);
            let part = segment.get(from..wanted).filter(|part| !part.is_empty()).ok_or(Error::Tampered)?;
            bytes.extend_from_slice(part);
            at += part.len() as u64;
        }
        Ok(bytes)
    }

    fn segment(&self, position: u64) -> Result<Vec<u8>, Error> {
        let last = position + 1 == self.segments;
        let start = position * SEGMENT as u64;
        let plain = (self.len - start.min(self.len)).min(SEGMENT as u64) as usize;
        let mut sealed = vec![0; plain + TAG];
        read_exact(&self.file, &mut sealed, HEADER + position * SEALED_SEGMENT as u64)?;
        let position = u32::try_from(position).map_err(|_| Error::Tampered)?;
        let payload = Payload { msg: sealed.as_slice(), aad: &self.id.0 };
        self.sealer.stream(&self.prefix).decrypt(position, last, payload).map_err(|_| Error::Tampered)
    }
}

/// A file shorter than when it was opened was cut behind our back.
fn read_exact(file: &File, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
    file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Tampered,
        _ => error.into(),
    })
}
