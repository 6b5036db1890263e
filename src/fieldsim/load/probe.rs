//! The yardstick: the same bytes into a bare SQLite on the same disk, in batches as large as the bureau's, one
//! durable commit each. Whatever a bureau does beside storing is what it is slower by.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rusqlite::{Connection, params};
use serde::Serialize;
use uuid::Uuid;

/// Long enough that commits and checkpoints even out.
const LONG: Duration = Duration::from_secs(4);

/// What the bare SQLite came to.
#[derive(Clone, Debug, Serialize)]
pub struct Probed {
    /// Documents in one transaction.
    pub batch: usize,
    /// Documents a second.
    pub rate: f64,
}

/// Writes for a while into a new file in this folder, which is removed again. Blocking.
pub(super) fn run(folder: &Path, sample: &[Vec<u8>], batch: usize) -> anyhow::Result<Probed> {
    let path = folder.join(format!("probe-{}", Uuid::now_v7()));
    std::fs::create_dir(&path).with_context(|| format!("no probe in {}", folder.display()))?;
    let written = write(&path.join("probe.sqlite"), sample, batch);
    std::fs::remove_dir_all(&path)?;
    let (count, took) = written?;
    Ok(Probed { batch, rate: super::super::thousandths(count as f64 / took.as_secs_f64()) })
}

/// As the bureau opens its own.
#[expect(clippy::disallowed_methods, reason = "no database of the product, a yardstick")]
fn write(path: &Path, sample: &[Vec<u8>], batch: usize) -> anyhow::Result<(usize, Duration)> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch("create table document (digest blob primary key, envelope text not null) strict")?;
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < LONG {
        db.prepare_cached("begin immediate")?.execute([])?;
        for _ in 0..batch {
            let text = std::str::from_utf8(&sample[count % sample.len()])?;
            // Names as spread over the index as hashes are.
            let name = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
            db.prepare_cached("insert into document values (?, ?)")?.execute(params![name, text])?;
            count += 1;
        }
        db.prepare_cached("commit")?.execute([])?;
    }
    Ok((count, started.elapsed()))
}
