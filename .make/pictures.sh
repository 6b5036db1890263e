#!/usr/bin/env bash
# Takes the pictures of docs/pictures again; the tests that take them also look for what must not be seen there.
set -eu
cd "$(dirname "$0")/.."
.make/setup.sh
mkdir -p docs/pictures
XIEGUAN_AXE=$(.make/axe.sh)
export XIEGUAN_AXE
XIEGUAN_PICTURES=$PWD/docs/pictures exec cargo test --locked --features desktop --test pictures --test console
