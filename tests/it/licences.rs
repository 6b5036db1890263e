//! The licence page names everything that a phone's build is made of.

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use serde_json::Value;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// The packages of an Android build, those only its build scripts need included, as cargo resolves the lock file.
fn of_the_phone() -> BTreeSet<(String, String)> {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--features", "mobile"])
        .args(["--filter-platform", "aarch64-linux-android"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let data: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let nodes = data["resolve"]["nodes"].as_array().unwrap();
    let nodes: HashMap<&str, &Value> = nodes.iter().map(|node| (text(node, "id"), node)).collect();
    let (mut seen, mut todo) = (BTreeSet::new(), vec![text(&data["resolve"], "root")]);
    while let Some(here) = todo.pop() {
        if seen.insert(here) {
            let needs =
                |dep: &&Value| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            todo.extend(
                nodes[here]["deps"].as_array().unwrap().iter().filter(needs).map(|dep| text(dep, "pkg")),
            );
        }
    }
    let packages = data["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| seen.contains(text(package, "id")) && !package["source"].is_null())
        .map(|package| (text(package, "name").to_owned(), text(package, "version").to_owned()))
        .collect()
}

#[test]
fn the_licence_page_names_every_package_of_a_phones_build_with_a_licence() {
    let named: BTreeSet<(&str, &str)> = include_str!("../../assets/licences.txt")
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let (version, licence) = rest.split_once(' ')?;
            (!licence.trim().is_empty()).then_some((name, version))
        })
        .collect();
    let packages = of_the_phone();
    assert!(packages.len() > 100 && packages.iter().any(|(name, _)| name == "dioxus"), "{}", packages.len());
    for (name, version) in &packages {
        assert!(
            named.contains(&(name.as_str(), version.as_str())),
            "{name} {version} is not on the page; run .make/licences.sh"
        );
    }
}
