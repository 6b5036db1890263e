//! From any older schema to ours, in one transaction; a newer one is refused.

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// The numbered files; the first makes version 1.
const STEPS: &[&str] = &[
    include_str!("../../migrations/device/001_init.sql"),
    include_str!("../../migrations/device/002_path.sql"),
];

/// The version this app writes.
pub(super) const KNOWN: u32 = 2;
const _: () = assert!(STEPS.len() == KNOWN as usize, "every version has its step");

pub(super) fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

pub(super) fn require_known(found: u32) -> Result<(), OpenError> {
    if found > KNOWN { Err(OpenError::Newer { found, known: KNOWN }) } else { Ok(()) }
}

/// All missing steps or none.
pub(super) fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    if version(db)? == KNOWN {
        return Ok(());
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another connection may have migrated meanwhile.
    let found = version(&change)?;
    require_known(found)?;
    for step in STEPS.iter().skip(found as usize) {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "user_version", KNOWN)?;
    Ok(change.commit()?)
}
