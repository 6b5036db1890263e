//! What a family of faults came to, in one line.

use std::io::Write as _;

pub(super) use crate::support::rounds::{long, seed};

/// A file to which every family adds its line; `make test-long` prints it at the end.
const TABLE: &str = "XIEGUAN_FAULT_TABLE";

/// The count of a family.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) family: String,
    pub(super) seed: u64,
    pub(super) rounds: u64,
    pub(super) lost: Vec<String>,
    pub(super) duplicated: Vec<String>,
    pub(super) conflicts: Vec<String>,
    pub(super) sent: u64,
    pub(super) needed: u64,
}

impl Tally {
    pub(super) fn new(family: &str, seed: u64) -> Self {
        Self { family: family.to_owned(), seed, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.lost.extend(other.lost);
        self.duplicated.extend(other.duplicated);
        self.conflicts.extend(other.conflicts);
        self.sent += other.sent;
        self.needed += other.needed;
    }

    fn line(&self) -> String {
        let ratio = match self.needed {
            0 => "–".to_owned(),
            needed => format!("{:.3}", self.sent as f64 / needed as f64),
        };
        format!(
            "faults: {}: seed {}, {} rounds, acknowledged lost {}, duplicated {}, false conflicts {}, bytes sent ÷ needed {ratio}",
            self.family,
            self.seed,
            self.rounds,
            self.lost.len(),
            self.duplicated.len(),
            self.conflicts.len(),
        )
    }

    /// Prints the line and fails unless all is well; gives bytes sent ÷ needed.
    pub(super) fn end(self) -> f64 {
        let line = self.line();
        let _ = writeln!(std::io::stdout(), "{line}");
        if let Some(table) = std::env::var_os(TABLE) {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(table);
            file.and_then(|mut file| writeln!(file, "{line}")).expect("the table can be written");
        }
        let well = self.lost.is_empty() && self.duplicated.is_empty() && self.conflicts.is_empty();
        assert!(
            well && self.rounds > 0,
            "{line}\nlost: {:#?}\nduplicated: {:#?}\nfalse conflicts: {:#?}",
            self.lost,
            self.duplicated,
            self.conflicts
        );
        self.sent as f64 / self.needed.max(1) as f64
    }
}
