//! Programs that are not ours, from `.make/clients.sh`: the official tus clients, and Python with what checks the
//! protocol from outside.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xieguan::domain::id::Digest;

/// Where they are; fails with the sentence that helps when they are not.
fn place() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("clients");
    let pinned = ["requirements.txt", "package-lock.json"].map(|file| fs::read(source(file)).unwrap());
    let wanted = Digest::of(&pinned.concat()).to_string();
    let stamp = fs::read_to_string(place.join("stamp")).unwrap_or_default();
    assert!(
        stamp.trim() == wanted,
        "the official tus clients are not installed, or not in the versions wanted: run .make/clients.sh"
    );
    place
}

/// A file of `tests/clients`.
pub(crate) fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(file)
}

/// A script of `tests/clients` in Python.
pub(crate) fn python(script: &str) -> Command {
    let mut command = Command::new(place().join("venv/bin/python"));
    command.arg("-B").arg(source(script));
    alone(command)
}

/// A script of `tests/clients` in Node.js; its first argument says where its modules are.
pub(crate) fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(source(script)).arg(place().join("node"));
    alone(command)
}

/// The bureau is on this machine: no proxy, whatever the environment says.
fn alone(mut command: Command) -> Command {
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.env("no_proxy", "*");
    command
}

/// Runs a program to its end off the runtime; what it printed, or why it failed with everything it said.
pub(crate) async fn run(mut command: Command, input: Vec<u8>) -> Result<String, String> {
    let work = move || {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        child.stdin.take().unwrap().write_all(&input).map_err(|error| error.to_string())?;
        let output = child.wait_with_output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output.status.success() {
            true => Ok(said(&output.stdout)),
            false => Err(format!("{}\n{}{}", output.status, said(&output.stdout), said(&output.stderr))),
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}
