//! `/metrics`: counts for an operator's monitoring, in the text form that Prometheus reads. Nothing of any record.

use super::storage::Written;

/// Name, meaning and value of each count.
pub(super) fn text(written: Written) -> String {
    let counts = [
        ("xieguan_writer_commands_total", "Commands that were written in batches.", written.commands),
        ("xieguan_writer_batches_total", "Batches, one durable commit each.", written.batches),
        ("xieguan_writer_refused_total", "Commands refused because too many waited.", written.refused),
        ("xieguan_writer_failed_batches_total", "Batches that could not be committed.", written.failed),
    ];
    let one = |(name, help, value)| format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n");
    counts.map(one).concat()
}
