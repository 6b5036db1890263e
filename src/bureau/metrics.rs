//! `/metrics`: counts for an operator's monitoring, in the text form that Prometheus reads. Nothing of any record.

use super::storage::Written;

/// Name, meaning and value of each count, and how many bytes bodies and answers take now.
pub(super) fn text(written: Written, held: usize) -> String {
    let counts = [
        ("xieguan_writer_commands_total", "Commands that were written in batches.", written.commands),
        ("xieguan_writer_batches_total", "Batches, one durable commit each.", written.batches),
        ("xieguan_writer_refused_total", "Commands refused because too many waited.", written.refused),
        ("xieguan_writer_failed_batches_total", "Batches that could not be committed.", written.failed),
    ];
    let one = |(name, help, value)| format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n");
    let memory = "# HELP xieguan_memory_bytes Memory that bodies and answers take now.\n# TYPE xieguan_memory_bytes gauge";
    format!("{}{memory}\nxieguan_memory_bytes {held}\n", counts.map(one).concat())
}
