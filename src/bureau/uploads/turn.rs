//! Whose turn it is: one caller at a time touches an upload, and a newcomer interrupts the one before it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};
use uuid::Uuid;

use super::super::Bureau;

/// Every upload that somebody touches, or that a question was answered about.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Uuid, Arc<Turn>>>);

struct Turn {
    told: Arc<tokio::sync::Mutex<Told>>,
    newcomers: watch::Sender<u64>,
}

/// The offset that the last `HEAD` answered; none when a chunk was taken since.
type Told = Option<u64>;

/// The right to touch an upload, until it is dropped.
pub(super) struct MyTurn {
    bureau: Bureau,
    upload: Uuid,
    turn: Arc<Turn>,
    ticket: u64,
    newcomers: watch::Receiver<u64>,
    told: Option<OwnedMutexGuard<Told>>,
}

#[cfg(test)]
impl Turns {
    /// How many uploads are touched or remembered.
    pub(super) fn remembered(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl MyTurn {
    /// Interrupts whoever has the turn, and waits for it to put down its pen.
    pub(super) async fn take(bureau: &Bureau, upload: Uuid) -> Self {
        let turn = {
            let mut turns = bureau.0.uploads.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Turn { told: Arc::default(), newcomers: watch::Sender::new(0) });
            Arc::clone(turns.entry(upload).or_insert_with(new))
        };
        let mut ticket = 0;
        turn.newcomers.send_modify(|count| {
            *count += 1;
            ticket = *count;
        });
        let newcomers = turn.newcomers.subscribe();
        let mut mine = Self { bureau: bureau.clone(), upload, turn, ticket, newcomers, told: None };
        mine.told = Some(Arc::clone(&mine.turn.told).lock_owned().await);
        mine
    }

    /// Ends when somebody came after this caller, also while it waited for its turn.
    pub(super) async fn interrupted(&mut self) {
        let ticket = self.ticket;
        if self.newcomers.wait_for(|newest| *newest > ticket).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Remembers what a `HEAD` answers; `None` forgets it.
    pub(super) fn tell(&mut self, offset: Told) {
        if let Some(told) = &mut self.told {
            **told = offset;
        }
    }

    /// What the last `HEAD` answered.
    pub(super) fn told(&self) -> Told {
        self.told.as_ref().and_then(|told| **told)
    }
}

impl Drop for MyTurn {
    fn drop(&mut self) {
        let told = self.told();
        self.told.take();
        let mut turns = self.bureau.0.uploads.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody else holds it but the map, and nobody can come to while the map is locked. What was told is
        // remembered until the upload goes on or ends.
        if told.is_none() && Arc::strong_count(&self.turn) == 2 {
            turns.remove(&self.upload);
        }
    }
}
