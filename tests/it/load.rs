//! The load against the real bureau: what it counts is there. How fast it was is never asked here.

use std::process::Command;

use serde_json::Value;

use crate::support::served::{Served, codes, run};

#[test]
fn everything_that_a_load_counts_as_acknowledged_is_at_the_bureau_with_its_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("bureau");
    assert!(run("demo", &data, &[]).status.success());
    let serving = Served::start(&data, &[]);
    let list = folder.path().join("codes.json");
    for photo in [None, Some("20")] {
        std::fs::write(&list, serde_json::to_vec(&codes(&data, 2)).unwrap()).unwrap();
        let mut load = Command::new(env!("CARGO_BIN_EXE_fieldsim"));
        load.args([
            "load",
            "--bureau",
            &serving.base,
            "--clients",
            "2",
            "--seconds",
            "2",
            "--documents",
            "400",
        ]);
        load.arg("--codes").arg(&list).arg("--probe").arg(folder.path()).args(["--probe-batch", "2"]);
        load.arg("--with-exports").arg(&data).args(["--pid", &serving.pid().to_string()]);
        load.args(photo.iter().flat_map(|kb| ["--photo-kb", *kb]));
        let output = load.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        let line: Value = serde_json::from_str(said.trim()).unwrap();
        let count =
            |path: &str| line.pointer(path).unwrap_or_else(|| panic!("{path} in {line}")).as_u64().unwrap();
        let present = count("/present");
        assert!(present >= 2 && count("/refetched_equal") >= 2, "{line}");
        // A record without photos has its second receipt at once; one whose photo was cut off by the end has none.
        match photo {
            None => assert_eq!((count("/receipts_verified"), count("/complete")), (2 * present, present)),
            Some(_) => assert!(count("/complete") >= count("/records"), "{line}"),
        }
        assert!(
            count("/exports/runs") >= 1 && count("/exports/runs") == count("/exports/succeeded"),
            "{line}"
        );
        assert!(
            line["probe"]["rate"].as_f64().unwrap() > 0.0
                && line["machine"]["resident_mib"].as_f64().unwrap() > 0.0
        );
        assert_eq!(line["errors"], serde_json::json!({}));
    }
}
