//! A disk that does not sync what it is asked to, for the files that a test names: a small library, put before a real
//! program, lets `fsync` and `fdatasync` of these fail. A killed process loses nothing that it wrote, synced or not; this
//! shows whether it was synced before anybody was told.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the file that holds the pattern.
const REFUSED: &str = "XIEGUAN_UNSYNCED";

const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int refused(int fd) {
    char pattern[256], link[64], path[PATH_MAX + 1];
    const char *name = getenv("XIEGUAN_UNSYNCED");
    FILE *file = name ? fopen(name, "r") : 0;
    if (!file) return 0;
    size_t length = fread(pattern, 1, sizeof pattern - 1, file);
    fclose(file);
    pattern[length] = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t read = readlink(link, path, PATH_MAX);
    if (!length || read < 0) return 0;
    path[read] = 0;
    return fnmatch(pattern, path, 0) == 0;
}
#define BEFORE(name) \
    int name(int fd) { \
        static int (*real)(int); \
        if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
        if (refused(fd)) { errno = EIO; return -1; } \
        return real(fd); \
    }
BEFORE(fsync)
BEFORE(fdatasync)
"#;

/// The disk.
pub(crate) struct Unsynced {
    pattern: PathBuf,
    library: PathBuf,
}

impl Unsynced {
    /// Compiles the library into this folder, with the C compiler that building needs anyway.
    pub(crate) fn new(folder: &Path) -> Self {
        let (source, library) = (folder.join("unsynced.c"), folder.join("unsynced.so"));
        std::fs::write(&source, LIBRARY).unwrap();
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl");
        assert!(compile.status().unwrap().success(), "the C compiler does not compile");
        let disk = Self { pattern: folder.join("unsynced"), library };
        disk.relent();
        disk
    }

    /// The disk of a process that runs with [`Unsynced::environment`]; none in any other.
    pub(crate) fn of_this_process() -> Option<Self> {
        let pattern = PathBuf::from(std::env::var_os(REFUSED)?);
        Some(Self { library: PathBuf::new(), pattern })
    }

    /// What the program is given.
    pub(crate) fn environment(&self) -> [(&'static str, &Path); 2] {
        [("LD_PRELOAD", &self.library), (REFUSED, &self.pattern)]
    }

    /// From now on files whose paths fit this shell pattern are not synced.
    pub(crate) fn refuse(&self, pattern: &str) {
        let new = self.pattern.with_extension("new");
        std::fs::write(&new, pattern).unwrap();
        std::fs::rename(&new, &self.pattern).unwrap();
    }

    /// From now on everything is.
    pub(crate) fn relent(&self) {
        self.refuse("");
    }
}
