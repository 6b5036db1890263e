#!/usr/bin/env bash
# The same tests with their long loops: each reads XIEGUAN_LONG and says what it did with it. The families of faults
# end in a table; XIEGUAN_SEED repeats a run. Arguments are passed to the tests, such as a filter: faults::
set -eu
cd "$(dirname "$0")/.."
.make/setup.sh
.make/clients.sh
XIEGUAN_FAULT_TABLE=$(mktemp)
export XIEGUAN_FAULT_TABLE
status=0
XIEGUAN_LONG=1 cargo test --locked --features desktop -- --nocapture "$@" || status=$?
echo
sort "$XIEGUAN_FAULT_TABLE"
rm -f "$XIEGUAN_FAULT_TABLE"
exit $status
