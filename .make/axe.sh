#!/usr/bin/env bash
# Says where axe-core is, the accessibility checks that the tests run inside every screen and page; fetches it once.
# A tool of the tests only (MPL-2.0): nothing of it is built in or passed on.
set -eu
cd "$(dirname "$0")/.."
version=4.11.0
place=${CARGO_TARGET_DIR:-target}/axe-$version
file=$place/node_modules/axe-core/axe.min.js
[ -f "$file" ] || npm install --silent --no-audit --no-fund --prefix "$place" "axe-core@$version" >&2
realpath "$file"
