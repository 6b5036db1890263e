//! The real `bureau` program, run and served.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use xieguan::domain::id::Digest;
use xieguan::fault::DIE_AT;
use xieguan::wire::enrolment::EnrolmentCode;

/// A command of the real program, in no other environment than a test's.
pub(crate) fn bureau(command: &str, folder: &Path, more: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bureau"));
    program.arg(command).arg("--data").arg(folder).args(more);
    program.env_remove("XIEGUAN_DATA").env_remove("XIEGUAN_LISTEN").env_remove("RUST_LOG").env_remove(DIE_AT);
    program.stdin(Stdio::null());
    program
}

/// Runs a command to its end.
pub(crate) fn run(name: &str, folder: &Path, more: &[&str]) -> Output {
    bureau(name, folder, more).output().unwrap()
}

/// Runs a command that must succeed; what it said.
pub(crate) fn said(name: &str, folder: &Path, more: &[&str]) -> String {
    let output = run(name, folder, more);
    assert!(output.status.success(), "bureau {name}: {}", text(&output.stderr));
    text(&output.stdout)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Codes for people of this county.
pub(crate) fn codes(folder: &Path, count: usize) -> Vec<EnrolmentCode> {
    serde_json::from_str(&said("enrol", folder, &["--count", &count.to_string(), "--json"])).unwrap()
}

/// A code for somebody of this county.
pub(crate) fn code(folder: &Path) -> String {
    codes(folder, 1).remove(0).code
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
        let mut serve = bureau("serve", folder, &["--listen", "127.0.0.1:0"]);
        serve.args(more);
        Self::start_by(serve)
    }

    /// By this command.
    pub(crate) fn start_by(command: Command) -> Self {
        Self::start_logging(command, Stdio::null())
    }

    /// By this command, with what it logs going there.
    pub(crate) fn start_logging(mut command: Command, log: impl Into<Stdio>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = |begin: &str| {
            let mut line = String::new();
            said.read_line(&mut line).unwrap();
            line.trim_end().strip_prefix(begin).unwrap_or_else(|| panic!("{line:?}")).to_owned()
        };
        let base = line("listening on ");
        let fingerprint = base.starts_with("https://").then(|| line("fingerprint: ").parse().unwrap());
        Self { child, base, fingerprint, _said: said }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.rsplit('/').next().unwrap().parse().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// As an empty battery would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        signal("-TERM", self.pid());
        self.child.wait().unwrap()
    }

    /// Tells it to look at its certificate.
    pub(crate) fn hang_up(&self) {
        signal("-HUP", self.pid());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process that is there.
pub(crate) fn signal(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}
