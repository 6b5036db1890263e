//! The real `bureau` program, run and served.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use xieguan::domain::id::Digest;
use xieguan::wire::enrolment::EnrolmentCode;

fn command(command: &str, folder: &Path, more: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bureau"));
    program.arg(command).arg("--data").arg(folder).args(more);
    program.env_remove("XIEGUAN_DATA").env_remove("XIEGUAN_LISTEN").env_remove("RUST_LOG");
    program.stdin(Stdio::null());
    program
}

/// Runs a command to its end.
pub(crate) fn run(name: &str, folder: &Path, more: &[&str]) -> Output {
    command(name, folder, more).output().unwrap()
}

/// Runs a command that must succeed; what it said.
pub(crate) fn said(name: &str, folder: &Path, more: &[&str]) -> String {
    let output = run(name, folder, more);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A code for somebody of this county.
pub(crate) fn code(folder: &Path) -> String {
    let codes: Vec<EnrolmentCode> = serde_json::from_str(&said("enrol", folder, &["--json"])).unwrap();
    codes[0].code.clone()
}

/// A sample county's data folder.
pub(crate) fn county() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    said("demo", folder.path(), &[]);
    folder
}

/// A `bureau serve` that is killed at the end, at the latest.
pub(crate) struct Served {
    child: Child,
    /// Its address for clients.
    pub(crate) base: String,
    /// Its certificate, where it has one.
    pub(crate) fingerprint: Option<Digest>,
    // Open, so that it can go on saying something.
    _said: BufReader<ChildStdout>,
}

impl Served {
    /// On a free port of this machine.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let mut serve = command("serve", folder, &["--listen", "127.0.0.1:0"]);
        let mut child = serve.args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            said.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let base = line().strip_prefix("listening on ").unwrap().to_owned();
        let fingerprint = base
            .starts_with("https://")
            .then(|| line().strip_prefix("fingerprint: ").unwrap().parse().unwrap());
        Self { child, base, fingerprint, _said: said }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Tells it to look at its certificate.
    pub(crate) fn hang_up(&self) {
        let told = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
