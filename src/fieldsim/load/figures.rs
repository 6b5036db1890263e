//! Figures of a run: spreads, and what the bureau's process and writer say of themselves.

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Half of them are under it.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Spread {
    /// Of microseconds.
    pub(super) fn of(micros: impl Iterator<Item = u32>) -> Self {
        let mut sorted: Vec<u32> = micros.collect();
        sorted.sort_unstable();
        let at = |share: f64| {
            let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
            sorted.get(place).map_or(0.0, |us| f64::from(*us) / 1000.0)
        };
        Self { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }
}

/// A process, as the kernel counts it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Memory it holds, MiB.
    pub resident_mib: f64,
    /// The most it ever held, MiB.
    pub peak_mib: f64,
    /// Processor time it took meanwhile, seconds.
    pub cpu_s: f64,
}

impl Machine {
    /// Reads `/proc`.
    pub(super) fn read(pid: u32) -> anyhow::Result<Self> {
        let text = |file: &str| {
            let path = PathBuf::from(format!("/proc/{pid}/{file}"));
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let status = text("status")?;
        let mib = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            super::super::thousandths(kib.unwrap_or(0.0) / 1024.0)
        };
        let stat = text("stat")?;
        // After the name, which may hold blanks: fields 14 and 15, in hundredths of a second.
        let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |n: usize| fields.get(n - 3).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let cpu_s = (ticks(14) + ticks(15)) / 100.0;
        Ok(Self { resident_mib: mib("VmRSS:"), peak_mib: mib("VmHWM:"), cpu_s })
    }

    /// Memory now, processor time since then.
    pub(super) fn since(self, before: &Self) -> Self {
        Self { cpu_s: super::super::thousandths(self.cpu_s - before.cpu_s), ..self }
    }
}

/// How the bureau's writer worked, by its own count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Batches {
    commands: u64,
    batches: u64,
}

impl Batches {
    /// From `/metrics`.
    pub(super) fn read(metrics: &str) -> Self {
        let value = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
        };
        Self {
            commands: value("xieguan_writer_commands_total"),
            batches: value("xieguan_writer_batches_total"),
        }
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            commands: self.commands.saturating_sub(before.commands),
            batches: self.batches.saturating_sub(before.batches),
        }
    }

    /// Commands in a batch; `None` when the bureau did not count.
    pub(super) fn mean(self) -> Option<usize> {
        (self.batches > 0).then(|| usize::try_from(self.commands.div_ceil(self.batches)).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_the_values_themselves() {
        let spread = Spread::of((1..=100).map(|n| n * 1000));
        assert_eq!(spread, Spread { p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 });
        assert_eq!(Spread::of([7].into_iter()), Spread { p50: 0.007, p95: 0.007, p99: 0.007, max: 0.007 });
        assert_eq!(Spread::of([].into_iter()), Spread::default());
    }

    #[test]
    fn batches_are_read_from_metrics_and_nonsense_is_none() {
        let then = Batches::read("# x\nxieguan_writer_batches_total 4\nxieguan_writer_commands_total 10\n");
        let now = Batches::read("xieguan_writer_batches_total 6\nxieguan_writer_commands_total 25\n");
        assert_eq!(now.since(then).mean(), Some(8));
        assert_eq!(Batches::read("nothing").mean(), None);
    }
}
