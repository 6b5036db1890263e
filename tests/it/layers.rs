//! The house keeps its shape: which layer may name which, who may name which crate, what is absent on purpose.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../support/names.rs"]
pub(super) mod names;

use names::{Place, Position};

/// The layers in reading order, each with the layers it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    // Nothing but the points at which a test ends the process.
    ("fault", &[]),
    ("media", &["domain"]),
    ("wire", &["domain"]),
    ("store", &["domain", "fault", "media"]),
    ("view", &["domain"]),
    ("sync", &["domain", "fault", "media", "store", "wire"]),
    ("device", &["domain", "fault", "media", "store", "sync", "wire"]),
    ("ui", &["device", "domain", "view"]),
    ("bureau", &["domain", "fault", "media", "view", "wire"]),
    ("fieldsim", &["device", "domain", "wire"]),
];

/// What a layer keeps to itself. Its other types may be handed on by name, as `device` does with rows of `store`
/// that the screens show; a module, a function or a glob may not.
const DOORS: &[&str] = &["Client", "Parts", "Store", "Worker"];

/// Every dependency with the places that may name it: layers, modules (`bureau::storage`), `main` for the app's
/// `main.rs`, `bin` for every program. `["*"]` is for those that bring neither I/O nor a platform.
const CRATES: &[(&str, &[&str])] = &[
    ("ab_glyph", &["media"]),
    ("anyhow", &["fieldsim", "bin"]),
    ("argon2", &["bureau"]),
    ("axum", &["bureau"]),
    ("base64", &["*"]),
    ("chacha20poly1305", &["media", "device", "bureau"]),
    ("chrono", &["*"]),
    ("clap", &["bureau", "fieldsim", "bin"]),
    ("crypto_box", &["wire", "device", "bureau"]),
    ("dioxus", &["view", "ui", "bureau::console", "main"]),
    ("dioxus_ssr", &["bureau::console"]),
    ("ed25519_dalek", &["domain", "wire", "device", "bureau", "fieldsim"]),
    ("fast_image_resize", &["media"]),
    ("fontdb", &["media"]),
    ("futures_util", &["sync", "device", "ui", "bureau", "fieldsim", "bin"]),
    ("geo", &["domain"]),
    ("image", &["media"]),
    ("jni", &["device"]),
    ("jpeg_decoder", &["media"]),
    ("jpeg_encoder", &["media", "fieldsim"]),
    ("exif", &["media"]),
    ("manganis", &["main"]),
    ("memchr", &["store"]),
    ("ndk_context", &["device"]),
    ("pinyin", &["store"]),
    ("qrcode", &["media"]),
    ("rand", &["media", "wire", "store", "sync", "device", "bureau", "fieldsim", "bin"]),
    ("rcgen", &["bureau"]),
    // The load speaks `wire` without a device between, so that the bureau is what is measured.
    ("reqwest", &["sync", "fieldsim"]),
    ("rqrr", &["media"]),
    // The load's yardstick is a bare SQLite.
    ("rusqlite", &["store", "bureau::storage", "fieldsim"]),
    ("rust_decimal", &["domain"]),
    ("rustix", &["device"]),
    ("rustls", &["sync", "bureau", "fieldsim"]),
    ("serde", &["*"]),
    ("serde_json", &["*"]),
    ("serde_json_canonicalizer", &["domain", "wire"]),
    // tus asks a server that takes checksums for SHA-1; nothing is trusted for it.
    ("sha1", &["bureau"]),
    ("sha2", &["domain", "media", "wire", "store", "sync", "device", "bureau"]),
    ("thiserror", &["*"]),
    ("tokio", &["sync", "device", "ui", "bureau", "fieldsim", "bin"]),
    ("tokio_rustls", &["bureau"]),
    ("tower_http", &["bureau"]),
    ("tracing", &["store", "sync", "device", "ui", "bureau", "fieldsim", "bin"]),
    ("tracing_subscriber", &["bureau", "bin"]),
    ("uuid", &["*"]),
    ("webpki_roots", &["sync"]),
];

/// Crates whose name in code is not the package's.
const RENAMED: &[(&str, &str)] = &[("kamadak-exif", "exif")];

/// Paths that bring the outside world into the pure layer, as runs of segments.
const IMPURE: &[&[&str]] = &[
    &["std", "env"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "*"],
    &["std", "*"],
    &["chrono", "Local"],
    &["Local", "now"],
    &["Utc", "now"],
    &["SystemTime"],
    &["Instant"],
    &["Uuid", "new_v4"],
    &["Uuid", "now_v7"],
];

/// What a page printed without a window cannot have.
const NOT_IN_VIEW: &[&str] = &["Callback", "EventHandler", "Link", "eval", "use_asset_handler"];

const EVENTS: &[&str] = &[
    "abort",
    "animationend",
    "auxclick",
    "beforeinput",
    "blur",
    "cancel",
    "canplay",
    "change",
    "click",
    "close",
    "compositionend",
    "compositionstart",
    "contextmenu",
    "copy",
    "cut",
    "dblclick",
    "doubleclick",
    "drag",
    "dragend",
    "dragenter",
    "dragleave",
    "dragover",
    "dragstart",
    "drop",
    "error",
    "focus",
    "focusin",
    "focusout",
    "input",
    "invalid",
    "keydown",
    "keypress",
    "keyup",
    "load",
    "mousedown",
    "mouseenter",
    "mouseleave",
    "mousemove",
    "mouseout",
    "mouseover",
    "mouseup",
    "mounted",
    "paste",
    "pointercancel",
    "pointerdown",
    "pointerenter",
    "pointerleave",
    "pointermove",
    "pointerout",
    "pointerover",
    "pointerup",
    "reset",
    "resize",
    "scroll",
    "select",
    "submit",
    "toggle",
    "touchcancel",
    "touchend",
    "touchmove",
    "touchstart",
    "transitionend",
    "visible",
    "wheel",
];

#[test]
fn every_layer_names_only_what_it_may() {
    let sources = sources();
    let files: Vec<(&str, &str)> = sources.iter().map(|(p, s)| (p.as_str(), s.as_str())).collect();
    let found = violations(&files);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_planted_violation_is_found() {
    #[rustfmt::skip]
    let planted: &[(&str, &str, &str)] = &[
        ("domain/place.rs", "use super::super::store::Store;", "crate::store"),
        ("view/sheet/row.rs", "fn f() { super::super::super::device::now() }", "crate::device"),
        ("device/mod.rs", "fn f() { ::rusqlite::Connection::open_in_memory(); }", "rusqlite"),
        ("ui/home.rs", "use rusqlite as quiet; fn f() { quiet::version() }", "rusqlite"),
        ("wire/mod.rs", "use crate::{domain, store};", "crate::store"),
        ("wire/mod.rs", "use crate::{domain::{self, Answer}, sync::{client as c}};", "crate::sync"),
        ("sync/mod.rs", "pub use crate::device::*;", "crate::device"),
        ("domain/mod.rs", "use crate::*;", "whole house"),
        ("view/mod.rs", "use super::*;", "whole house"),
        ("ui/home.rs", "fn f() { rsx! { div { {crate::store::count()} } } }", "crate::store"),
        ("ui/home.rs", r#"fn f() { rsx! { p { "{crate::store::count()} sites" } } }"#, "crate::store"),
        ("ui/home.rs", "fn f() { rsx! { button { onclick: move |_| { store::open(); } } } } use crate::device as store; use crate::store;", "crate::store"),
        ("ui/home.rs", "fn f() { vec![::reqwest::get(1)]; }", "reqwest"),
        ("media/mod.rs", "macro_rules! m { () => { $crate::sync::go() } }", "crate::sync"),
        ("media/mod.rs", "macro_rules! m { () => { use crate::{domain, wire}; } }", "crate::wire"),
        ("domain/mod.rs", "mod inner { pub(super) fn f() { super::super::media::hash() } }", "crate::media"),
        ("domain/mod.rs", "extern crate rusqlite as r;", "rusqlite"),
        ("domain/mod.rs", "extern crate self as me; use me::wire::Receipt;", "crate::wire"),
        ("store/mod.rs", "pub use rusqlite::Connection;", "hands on rusqlite"),
        ("store/mod.rs", "pub(crate) use rusqlite::*;", "hands on rusqlite"),
        ("store/mod.rs", "pub type Db = rusqlite::Connection;", "hands on rusqlite"),
        ("store/mod.rs", "use rusqlite::Connection; pub type Db = Connection;", "hands on rusqlite"),
        ("device/mod.rs", "pub use crate::store::Store;", "hands on store::Store"),
        ("device/mod.rs", "pub use crate::sync as network;", "hands on sync to ui"),
        ("device/mod.rs", "pub use crate::store::draft::*;", "hands on store::draft::* to ui"),
        ("device/mod.rs", "pub(crate) type Db = crate::store::Store;", "hands on store::Store to ui"),
        ("bureau/storage/mod.rs", "pub(super) use rusqlite::Connection;", "hands on rusqlite to bureau"),
        ("view/mod.rs", "pub use dioxus::prelude::*;", "hands on dioxus to bureau"),
        ("ui/mod.rs", r#"#[derive(Deserialize)] struct A { #[serde(with = "crate::wire::time")] at: u8 }"#, "crate::wire"),
        ("ui/mod.rs", r#"#[path = "../store/mod.rs"] mod mine;"#, "#[path]"),
        ("ui/mod.rs", r#"include!("../store/mod.rs");"#, "include!"),
        ("ui/mod.rs", "use crate::settings::Settings;", "no layer"),
        ("bureau/receive.rs", "use rusqlite::Connection;", "rusqlite"),
        ("bureau/receive.rs", "use dioxus::prelude::*;", "dioxus"),
        ("wire/mod.rs", "impl From<image::ImageError> for E {}", "image"),
        ("bin/bureau.rs", "use dioxus::prelude::*;", "dioxus"),
        ("bin/bureau.rs", "fn main() { xieguan::bureau::run(rusqlite::version()) }", "rusqlite"),
        ("ui/home.rs", "use xieguan::store::Store;", "crate::store"),
        ("domain/mod.rs", "async fn f() {}", "async"),
        ("domain/mod.rs", "fn f() { g(async { 1 }) }", "async"),
        ("domain/mod.rs", "trait T { async fn f(); }", "async"),
        ("domain/mod.rs", "use std::time::SystemTime as Clock; fn f() { Clock::now(); }", "SystemTime"),
        ("domain/mod.rs", "use std::time; fn f() { time::SystemTime::now(); }", "SystemTime"),
        ("domain/mod.rs", "use std::time::*;", "std::time"),
        ("domain/mod.rs", "use std::{fmt, time::{Duration, Instant}};", "Instant"),
        ("domain/mod.rs", "use chrono::{DateTime, Utc as Z}; fn f() { Z::now(); }", "Utc::now"),
        ("domain/mod.rs", "fn f() { chrono::Local::now(); }", "chrono::Local"),
        ("domain/mod.rs", "use std as s; fn f() { s::fs::read(1); }", "std::fs"),
        ("domain/mod.rs", "fn f() { let _ = std::net::TcpStream::connect(1); }", "std::net"),
        ("domain/mod.rs", "fn f() { matches!(rand::random(), 1); }", "rand"),
        ("domain/mod.rs", "fn f() { uuid::Uuid::now_v7(); }", "Uuid::now_v7"),
        ("view/mod.rs", r#"fn f() { rsx! { button { onclick: move |_| {}, "x" } } }"#, "onclick"),
        ("view/mod.rs", r#"fn f() { rsx! { input { "oninput": "go()" } } }"#, "oninput"),
        ("view/mod.rs", "fn f() { rsx! { Link { to: 1 } } }", "Link"),
        ("view/mod.rs", "fn f() { document::eval(1); }", "eval"),
        ("view/mod.rs", "fn f() { use_asset_handler(1); }", "use_asset_handler"),
        ("tools/mod.rs", "", "no layer"),
        ("clock.rs", "", "no layer"),
    ];
    for (path, source, expected) in planted {
        let found = violations(&[(path, source)]);
        assert!(
            found.iter().any(|violation| violation.contains(expected)),
            "{path}: {source}\nexpected a word about {expected}, found {found:?}"
        );
    }
}

#[test]
fn a_module_is_told_from_a_crate_of_the_same_name() {
    let source = "fn f() { image::decode(); }";
    assert_eq!(violations(&[("wire/mod.rs", source), ("wire/image.rs", "")]), [""; 0]);
    assert_eq!(violations(&[("wire/mod.rs", source)]).len(), 1);
}

#[test]
fn a_clean_source_passes() {
    #[rustfmt::skip]
    let clean: &[(&str, &str)] = &[
        ("lib.rs", "pub mod domain; pub mod store;"),
        ("main.rs", "mod extra; use dioxus::prelude::*; fn main() { crate::extra::go(); xieguan::ui::start() }"),
        ("bin/bureau.rs", "use anyhow::Result; use xieguan::bureau; fn main() -> Result<()> { bureau::run() }"),
        ("domain/judge.rs", "use super::answer::Answer; use crate::domain::{self, id}; use std::{fmt, time::Duration};"),
        ("domain/judge.rs", "/// See `crate::store`.\nfn store() -> &'static str { \"rusqlite, crate\" }"),
        ("domain/judge.rs", "#[cfg(test)] mod tests { use super::*; #[test] fn f() { std::fs::read(1); } }"),
        ("store/mod.rs", "use rusqlite::Connection; use crate::media::Folder; pub struct Store { db: Connection }"),
        ("store/mod.rs", "pub use crate::domain::PhotoId;"),
        ("device/outbox.rs", "pub use crate::store::record::RecordRow;"),
        ("store/column.rs", "pub(super) use rusqlite::Row; pub(super) type Rows<'a> = rusqlite::Rows<'a>;"),
        ("bureau/uploads.rs", "pub(super) type Body = axum::body::Body; pub type Answer = axum::response::Response;"),
        ("fieldsim/phone.rs", "use crate::device::Device; use rand::Rng;"),
        ("bureau/storage/mod.rs", "use rusqlite::{params, Connection};"),
        ("bureau/console/pages.rs", "use dioxus::prelude::*; use super::super::storage; use crate::view::Sheet;"),
        ("ui/home.rs", r#"use crate::view; fn f() { rsx! { Link { onclick: move |_| { device.answer() }, "{view::name()}" } } }"#),
        ("view/mod.rs", "struct Words { online: bool } fn f(link: Link2, once: bool) { evaluate(); }"),
        ("device/mod.rs", "pub use crate::domain::*; use std::time::SystemTime; async fn f() {}"),
    ];
    for (path, source) in clean {
        assert_eq!(violations(&[(path, source)]), [""; 0], "{path}: {source}");
    }
}

#[test]
fn every_dependency_says_who_may_name_it() {
    let manifest = manifest();
    let mut declared: BTreeSet<String> = keys(&manifest, "dependencies");
    for target in manifest["target"].as_table().into_iter().flat_map(toml::Table::values) {
        declared.extend(target.as_table().map(|target| keys(target, "dependencies")).unwrap_or_default());
    }
    let declared: BTreeSet<String> = declared
        .iter()
        .map(|package| {
            RENAMED.iter().find(|(name, _)| name == package).map_or(&package[..], |(_, code)| code)
        })
        .map(|name| name.replace('-', "_"))
        .collect();
    let listed: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(declared, listed, "Cargo.toml on the left, the table in this file on the right");
}

#[test]
fn no_feature_has_a_name_that_dx_gives_a_meaning_to() {
    let features = keys(&manifest(), "features");
    assert_eq!(features.into_iter().collect::<Vec<_>>(), ["desktop", "mobile"]);
}

#[test]
fn no_source_file_is_longer_than_450_lines() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > 450)
        .map(|(path, lines)| format!("src/{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn a_program_is_forty_lines_of_wiring() {
    let is_program =
        |path: &str| path == "main.rs" || (path.starts_with("bin/") && path.matches('/').count() == 1);
    for (path, source) in sources().iter().filter(|(path, _)| is_program(path)) {
        let code =
            source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        assert!(code <= 40, "src/{path} has {code} lines of code");
    }
}

#[test]
fn the_phone_carries_no_server_and_no_desktop() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--target", "aarch64-linux-android", "--features", "mobile"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let crates: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("wry") && crates.contains("rusqlite"), "this is not the app's graph: {crates:?}");
    let absent = ["argon2", "axum", "dioxus-ssr", "gtk", "webkit2gtk"];
    let found: Vec<_> = absent.iter().filter(|name| crates.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// Every breach of the tables above in these files, given by path below `src` and text.
fn violations(files: &[(&str, &str)]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(|(path, _)| Position::of(path).modules).collect();
    let mut found = Vec::new();
    for (path, source) in files {
        check(path, source, &modules, &mut found);
    }
    found
}

fn check(path: &str, source: &str, modules: &BTreeSet<Vec<String>>, found: &mut Vec<String>) {
    let position = Position::of(path);
    let layer = match path.split('/').next() {
        Some("lib.rs") => return,
        Some("main.rs" | "bin") => "bin",
        Some(folder) if may_name(folder).is_some() && path.contains('/') => folder,
        _ => return found.push(format!("src/{path}: belongs to no layer")),
    };
    let names = names::names(source, &position, env!("CARGO_PKG_NAME"), modules).expect("the source parses");
    for name in &names {
        let mut report = |what: String| found.push(format!("src/{path}: {what}"));
        match &name.place {
            Place::House(to) => check_layer(layer, to, name.handed_on.as_deref(), &mut report),
            Place::Elsewhere(to) => check_crate(path, &position, to, name.handed_on.as_deref(), &mut report),
        }
        if layer == "domain"
            && let Place::Elsewhere(to) = &name.place
            && let Some(run) = IMPURE.iter().find(|run| to.windows(run.len()).any(|part| part == **run))
        {
            report(format!("{} is not pure", run.join("::")));
        }
    }
    for (ident, colon) in names::idents(source).expect("the source has tokens") {
        let mut report = |what: &str| found.push(format!("src/{path}: {what}"));
        if layer == "domain" && (ident == "async" || ident == "await") {
            report("nothing is async in the domain");
        }
        let event = ident.strip_prefix("on").is_some_and(|event| EVENTS.contains(&event));
        if layer == "view" && (NOT_IN_VIEW.contains(&ident.as_str()) || (event && colon)) {
            report(&format!("{ident} needs a window"));
        }
    }
}

fn check_layer(layer: &str, to: &[String], handed_on: Option<&[String]>, report: &mut impl FnMut(String)) {
    let Some(target) = to.first().filter(|target| *target != "*") else {
        return report("takes the whole house".to_owned());
    };
    if may_name(target).is_none() {
        return report(format!("crate::{target} is no layer"));
    }
    if layer != "bin" && layer != target && !may_name(layer).is_some_and(|may| may.contains(&target.as_str()))
    {
        report(format!("{layer} may not name crate::{target}"));
    }
    let is_door =
        to.last().is_some_and(|last| DOORS.contains(&last.as_str()) || !last.starts_with(char::is_uppercase));
    let reaches = |(_, may): &&(&str, &[&str])| may.contains(&layer) && !may.contains(&target.as_str());
    if handed_on.is_some_and(<[String]>::is_empty)
        && layer != target
        && is_door
        && let Some((above, _)) = LAYERS.iter().find(reaches)
    {
        report(format!("hands on {} to {above}, which may not name it", to.join("::")));
    }
}

fn check_crate(
    path: &str,
    at: &Position,
    to: &[String],
    handed_on: Option<&[String]>,
    report: &mut impl FnMut(String),
) {
    if to[0] == "#[path]" || to[0] == "include!" {
        return report(format!("{} hides which layer a text is in", to[0]));
    }
    let Some((name, places)) = CRATES.iter().find(|(name, _)| *name == to[0]).filter(|(_, p)| *p != ["*"])
    else {
        return;
    };
    let is_for = |modules: &[String]| {
        let here = modules.join("::");
        places.iter().any(|place| match *place {
            "main" => path == "main.rs",
            "bin" => !at.in_library,
            module => here == module || here.starts_with(&format!("{module}::")),
        })
    };
    if !is_for(&at.modules) {
        report(format!("may not name {name}; it is for {}", places.join(", ")));
    }
    let Some(scope) = handed_on.filter(|_| at.in_library) else { return };
    let above =
        |(layer, may): &&(&str, &[&str])| *layer == at.modules[0] || may.contains(&at.modules[0].as_str());
    let reached: Vec<Vec<String>> = if scope.is_empty() {
        LAYERS.iter().filter(above).map(|(layer, _)| vec![(*layer).to_owned()]).collect()
    } else {
        vec![scope.to_vec()]
    };
    if let Some(module) = reached.iter().find(|module| !is_for(module)) {
        report(format!("hands on {name} to {}", module.join("::")));
    }
}

fn may_name(layer: &str) -> Option<&'static [&'static str]> {
    LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, may)| *may)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest() -> toml::Table {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml is readable");
    text.parse().expect("Cargo.toml is TOML")
}

fn keys(table: &toml::Table, key: &str) -> BTreeSet<String> {
    table.get(key).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys).cloned().collect()
}

/// The source files by their path below `src`, with their text.
pub(super) fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let below = path.strip_prefix(&src).expect("found below src").to_string_lossy().into_owned();
            (below, fs::read_to_string(&path).expect("a source file is readable"))
        })
        .collect()
}
