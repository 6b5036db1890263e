#!/usr/bin/env bash
# The same tests with their long loops: each reads XIEGUAN_LONG and says what it did with it.
set -eu
cd "$(dirname "$0")/.."
.make/setup.sh
.make/clients.sh
XIEGUAN_LONG=1 exec cargo test --locked --features desktop -- --nocapture
