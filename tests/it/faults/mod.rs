//! Faults: the real programs are ended, cut off, fed twice and starved, and still nothing acknowledged is lost, nothing
//! is there twice, and nobody is told of a conflict that is none.
//!
//! Each family prints one line with its seed and counts. `XIEGUAN_SEED` repeats a run, `XIEGUAN_LONG=1` makes the
//! rounds many; see `tally`.

mod certificates;
mod clocks;
mod county;
mod disks;
mod kills;
mod links;
mod names;
mod office;
mod points;
mod restored;
mod tally;
mod walker;
