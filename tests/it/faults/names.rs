//! The list of points is the source's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use xieguan::fault::POINTS;

/// The names of the points in the source below a folder.
fn written(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let calls = source.split("fault::point(\"").skip(1);
            found.extend(calls.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
}

#[test]
fn every_point_in_the_source_is_listed_and_every_listed_one_is_in_the_source() {
    let mut found = BTreeSet::new();
    written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let listed: BTreeSet<String> = POINTS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed.len(), POINTS.len(), "a name is listed twice");
    assert_eq!(found, listed, "in the source on the left, in fault::POINTS on the right");
}
