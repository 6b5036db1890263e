//! Whose turn it is: one caller at a time touches an upload, and a newcomer interrupts the one before it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};
use uuid::Uuid;

use super::super::Bureau;

/// Whose turn it is, per upload.
#[derive(Default)]
pub(in crate::bureau) struct Turns(Mutex<HashMap<Uuid, Arc<Turn>>>);

struct Turn {
    lock: Arc<tokio::sync::Mutex<()>>,
    newcomers: watch::Sender<u64>,
}

/// The right to touch an upload, until it is dropped.
pub(super) struct MyTurn {
    bureau: Bureau,
    upload: Uuid,
    turn: Arc<Turn>,
    newcomers: watch::Receiver<u64>,
    lock: Option<OwnedMutexGuard<()>>,
}

impl MyTurn {
    /// Interrupts whoever has the turn, and waits for it to put down its pen.
    pub(super) async fn take(bureau: &Bureau, upload: Uuid) -> Self {
        let turn = {
            let mut turns = bureau.0.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Turn { lock: Arc::default(), newcomers: watch::Sender::new(0) });
            Arc::clone(turns.entry(upload).or_insert_with(new))
        };
        turn.newcomers.send_modify(|count| *count += 1);
        let lock = Arc::clone(&turn.lock).lock_owned().await;
        let newcomers = turn.newcomers.subscribe();
        Self { bureau: bureau.clone(), upload, turn, newcomers, lock: Some(lock) }
    }

    /// Ends when somebody else wants the turn.
    pub(super) async fn interrupted(&mut self) {
        if self.newcomers.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for MyTurn {
    fn drop(&mut self) {
        self.lock.take();
        let mut turns = self.bureau.0.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody else holds it but the map, and nobody can come to while the map is locked.
        if Arc::strong_count(&self.turn) == 2 {
            turns.remove(&self.upload);
        }
    }
}
