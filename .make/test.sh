#!/usr/bin/env bash
# Everything a change has to pass. All steps use one set of features and one profile, so that the dependencies
# are compiled once; only clippy needs them a second time, as metadata.
set -eu
cd "$(dirname "$0")/.."
. .make/stage.sh

fresh_run() {
    local home status=0
    home=$(mktemp -d)
    XIEGUAN_HOME=$home XIEGUAN_ONCE=1 XIEGUAN_BUILT=1 .make/run.sh || status=$?
    rm -rf "$home"
    return $status
}

stage setup .make/setup.sh
# The test of the phone's dependencies reads their manifests.
stage fetch cargo fetch --locked --target "$(rustc -vV | sed -n 's/^host: //p')" --target aarch64-linux-android
stage axe .make/axe.sh
XIEGUAN_AXE=$(.make/axe.sh)
export XIEGUAN_AXE
stage clients .make/clients.sh
stage format cargo fmt --check
stage tests cargo test --locked --features desktop
stage lints cargo clippy --locked --features desktop --all-targets -- -D warnings
stage "run from an empty folder" fresh_run
