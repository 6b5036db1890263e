//! Memory for bodies on their way in and answers on their way out: bounded in all, and per sender, so that none
//! takes all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;

use super::error::Refusal;
use crate::domain::id::DeviceId;
use crate::wire::failure::Code;

/// What all phones may take together, bytes.
const ALL: usize = 64 * 1024 * 1024;
/// What one of them may take: more than the largest document, which a phone sends one at a time.
const ONE: usize = ALL / 4;
/// What all strangers together may take: theirs alone, so that they hold up nobody who is known.
const STRANGERS: usize = 4 * 1024 * 1024;
/// What the staff's forms may take together: theirs alone, because a form that is refused is somebody's hour of work.
const STAFF: usize = 8 * 1024 * 1024;
/// What forms may take together whose senders' sessions have ended: apart from the strangers', because anybody can
/// say so, and nobody's log-in or enrolment is to wait for it.
const RETURNING: usize = 4 * 1024 * 1024;

/// Whose bytes they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// An enrolled phone.
    Phone(DeviceId),
    /// The bureau's staff.
    Staff,
    /// Somebody who has not said yet who they are.
    Stranger,
    /// The same, with the words of a form that was begun when they had.
    Returning,
}

impl Holder {
    /// What this one may take, bytes.
    fn most(self) -> usize {
        match self {
            Self::Phone(_) => ONE,
            Self::Staff => STAFF,
            Self::Stranger => STRANGERS,
            Self::Returning => RETURNING,
        }
    }

    /// Whether it takes of what all phones share.
    fn shares(self) -> bool {
        matches!(self, Self::Phone(_))
    }
}

/// Who holds how much now.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<HashMap<Holder, usize>>>);

/// Memory that is held until this is dropped.
pub(super) struct Share {
    memory: Memory,
    holder: Holder,
    bytes: usize,
}

impl Memory {
    /// Nothing yet.
    pub(super) fn share(&self, holder: Holder) -> Share {
        Share { memory: self.clone(), holder, bytes: 0 }
    }

    /// What is held by everybody, bytes.
    pub(super) fn held(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Share {
    /// Whether it could grow to so many bytes now.
    ///
    /// # Errors
    /// [`Code::Busy`].
    pub(super) fn has_room(&self, bytes: usize) -> Result<(), Refusal> {
        let held = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.fits(&held, bytes)
    }

    /// Takes what is missing to so many bytes.
    ///
    /// # Errors
    /// [`Code::Busy`]; what was held stays held.
    pub(super) fn grow_to(&mut self, bytes: usize) -> Result<(), Refusal> {
        let more = bytes.saturating_sub(self.bytes);
        let mut held = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.fits(&held, bytes)?;
        *held.entry(self.holder).or_default() += more;
        self.bytes += more;
        Ok(())
    }

    /// A text that counts until the last of its bytes has been taken, wherever they wait.
    ///
    /// # Errors
    /// [`Code::Busy`].
    pub(super) fn keep(mut self, text: String) -> Result<Bytes, Refusal> {
        self.grow_to(text.len())?;
        Ok(Bytes::from_owner(Kept { text, _share: self }))
    }

    fn fits(&self, held: &HashMap<Holder, usize>, bytes: usize) -> Result<(), Refusal> {
        let more = bytes.saturating_sub(self.bytes);
        let mine = held.get(&self.holder).copied().unwrap_or(0);
        let shared = held.iter().filter(|(holder, _)| holder.shares());
        let all: usize = shared.map(|(_, bytes)| bytes).sum();
        let detail = match self.holder {
            _ if mine + more > self.holder.most() => "too much at once from this sender",
            holder if holder.shares() && all + more > ALL => "too many requests at once",
            _ => return Ok(()),
        };
        Err(Refusal::new(Code::Busy, format!("{detail}; nothing was stored, send it again in a moment")))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = held.get_mut(&self.holder) {
            *mine -= self.bytes;
            if *mine == 0 {
                held.remove(&self.holder);
            }
        }
    }
}

struct Kept {
    text: String,
    _share: Share,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn phone(n: u128) -> Holder {
        Holder::Phone(DeviceId(Uuid::from_u128(n)))
    }

    #[test]
    fn nobody_takes_all_and_what_is_given_back_can_be_taken_again() {
        let memory = Memory::default();
        let mut shares: Vec<Share> = (0..4).map(|n| memory.share(phone(n))).collect();
        for share in &mut shares {
            assert!(share.grow_to(ONE + 1).is_err());
            share.grow_to(ONE).unwrap();
            assert!(share.grow_to(ONE + 1).is_err());
        }
        assert!(memory.share(phone(4)).grow_to(1).is_err(), "together they hold all there is");
        memory.share(Holder::Stranger).grow_to(STRANGERS).unwrap();
        memory.share(Holder::Staff).grow_to(STAFF).unwrap();
        memory.share(Holder::Returning).grow_to(RETURNING).unwrap();
        assert!(memory.share(phone(3)).grow_to(1).is_err());
        shares.pop();
        memory.share(phone(4)).grow_to(ONE).unwrap();
        memory.share(phone(3)).grow_to(ONE).unwrap();
        drop(shares);
        assert!(memory.0.lock().unwrap().is_empty());
    }
}
