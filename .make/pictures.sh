#!/usr/bin/env bash
# Takes the pictures of docs/pictures again; the tests that take them also look for what must not be seen there.
set -eu
cd "$(dirname "$0")/.."
.make/setup.sh
mkdir -p docs/pictures
XIEGUAN_PICTURES=$PWD/docs/pictures exec cargo test --locked --features desktop --test window --test console
