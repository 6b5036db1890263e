//! The index beside the store: built when somebody first searches, kept in step with every change, and searched
//! without the store's lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::index::{Index, Indexed};
use crate::domain::id::SiteId;

/// A change of the index.
#[derive(Clone, Debug)]
pub(super) enum Update {
    Put(Indexed),
    Gone(SiteId),
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Empty,
    /// Somebody reads the sites; what changes meanwhile waits here and is applied last.
    Building {
        ticket: u64,
        waiting: Vec<Update>,
    },
    Ready(Arc<Index>),
}

/// A shared handle on the index; clones are the same index.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    state: Arc<Mutex<(State, u64)>>,
    /// Held by the one thread that builds; others wait for it instead of building the same again.
    building: Arc<Mutex<()>>,
}

impl Finder {
    /// The index, once somebody has built it.
    pub fn ready(&self) -> Option<Arc<Index>> {
        match &self.state().0 {
            State::Ready(index) => Some(Arc::clone(index)),
            _ => None,
        }
    }

    /// The turn to build.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        // A panic of another builder leaves no half-built index behind.
        self.building.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to build, before the first site is read; gives the ticket for [`Finder::finish`].
    pub fn begin(&self) -> u64 {
        let mut state = self.state();
        state.1 += 1;
        let ticket = state.1;
        state.0 = State::Building { ticket, waiting: Vec::new() };
        ticket
    }

    /// Ends building; an index that somebody else has overtaken is dropped.
    pub fn finish(&self, ticket: u64, mut index: Index) {
        let mut state = self.state();
        let State::Building { ticket: last, waiting } = &mut state.0 else { return };
        if *last != ticket {
            return;
        }
        std::mem::take(waiting).iter().for_each(|update| apply(&mut index, update));
        state.0 = State::Ready(Arc::new(index));
    }

    /// Tells of changes that are durable.
    pub(super) fn note(&self, updates: Vec<Update>) {
        match &mut self.state().0 {
            State::Empty => {}
            State::Building { waiting, .. } => waiting.extend(updates),
            State::Ready(index) => {
                // Copied only while a search is under way.
                let index = Arc::make_mut(index);
                updates.iter().for_each(|update| apply(index, update));
            }
        }
    }

    /// Drops the index: so much changed that it is built anew.
    pub(super) fn forget(&self) {
        self.state().0 = State::Empty;
    }

    fn state(&self) -> MutexGuard<'_, (State, u64)> {
        // Nothing under this lock leaves the value in doubt: an update is applied whole or the index is built anew.
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            state.0 = State::Empty;
            state
        })
    }
}

fn apply(index: &mut Index, update: &Update) {
    match update {
        Update::Put(site) => index.put(site),
        Update::Gone(id) => index.remove(*id),
    }
}
