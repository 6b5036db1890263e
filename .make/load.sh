#!/usr/bin/env bash
# How many records a bureau takes: 1, 8 and 32 phones, without and with a photo of 300 KiB, alone and beside exports;
# for each a fresh bureau with the sample county, and a bare SQLite on the same disk as the yardstick.
#
#   XIEGUAN_SECONDS   how long each run sends (10)
#   XIEGUAN_CLIENTS   the numbers of phones ("1 8 32")
#   XIEGUAN_PROGRAMS  where `bureau` and `fieldsim` are; without it they are built
#
# Both ends share the machine's processors: read the processor time beside the rate. One JSON line for each run.
set -eu
cd "$(dirname "$0")/.."
seconds=${XIEGUAN_SECONDS:-10}
programs=${XIEGUAN_PROGRAMS:-}
if [ -z "$programs" ]; then
    cargo build --release --locked --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi

folder=$(mktemp -d "${CARGO_TARGET_DIR:-target}/load-XXXXXX")
bureau=
finish() {
    status=$?
    trap - EXIT
    [ -z "$bureau" ] || { kill "$bureau" 2>/dev/null && wait "$bureau" || true; }
    rm -rf "$folder"
    exit $status
}
trap finish EXIT

# clients, then what else `fieldsim load` is told
round() {
    local clients=$1 data=$folder/data url=
    shift
    "$programs/bureau" demo --data "$data" >/dev/null
    "$programs/bureau" enrol --data "$data" --count "$clients" --json >"$folder/codes.json"
    "$programs/bureau" serve --data "$data" --listen 127.0.0.1:0 >"$folder/said" 2>"$folder/log" &
    bureau=$!
    for _ in $(seq 200); do
        url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$folder/said")
        [ -z "$url" ] || break
        sleep 0.05
    done
    [ -n "$url" ] || { cat "$folder/log" >&2; exit 1; }
    "$programs/fieldsim" load --bureau "$url" --codes "$folder/codes.json" --clients "$clients" \
        --seconds "$seconds" --pid "$bureau" --probe "$folder" "$@"
    kill "$bureau"
    wait "$bureau"
    bureau=
    rm -rf "$data"
}

for clients in ${XIEGUAN_CLIENTS:-1 8 32}; do
    for photo in "" "--photo-kb 300"; do
        for exports in "" "--with-exports $folder/data"; do
            # shellcheck disable=SC2086 # empty, or an option with its value
            round "$clients" $photo $exports
        done
    done
done
