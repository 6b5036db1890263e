#!/usr/bin/env bash
# Starts the whole product on this machine: a bureau with a sample county, and a phone.
#
#   XIEGUAN_HOME   the folder that holds the data (.data); a second run goes on with it
#   XIEGUAN_PORT   the bureau's port (8431); the next free one is taken when it is busy
#   XIEGUAN_BUILT  with 1: the programs are there, build nothing
#   XIEGUAN_ONCE   with 1: no window, simulated phones once, then everything ends with their exit code
#
# With a display the app's window opens and everything ends with it. Without one, simulated phones do a
# morning's work and the bureau stays until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."

# A path from the caller means the caller's folder; the programs get it whole.
home=$(realpath -m "${XIEGUAN_HOME:-.data}")
once=${XIEGUAN_ONCE:-0}
wanted=${XIEGUAN_PORT:-8431}
display=${DISPLAY:-}${WAYLAND_DISPLAY:-}
mkdir -p "$home/bureau"
chmod 700 "$home" "$home/bureau"

# The tests have just built these programs; with their features and no others, so that nothing is built twice.
if [ "${XIEGUAN_BUILT:-0}" != 1 ]; then
    .make/setup.sh
    cargo build --locked --features desktop --bins
fi
programs=${CARGO_TARGET_DIR:-target}/debug
data=$home/bureau
log=$home/bureau.log

bureau=
finish() {
    status=$?
    trap - EXIT
    if [ -n "$bureau" ] && kill "$bureau" 2>/dev/null; then
        # It closes its database first, which takes a moment, not more.
        for _ in $(seq 100); do kill -0 "$bureau" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$bureau" 2>/dev/null || true
        wait "$bureau" 2>/dev/null || true
    fi
    exit $status
}
trap finish EXIT
trap 'exit 0' INT TERM

"$programs/bureau" demo --data "$data" | tee "$home/logins"

# Whoever listens there already answers this; nothing is sent.
busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=$wanted
while busy "$port"; do port=$((port + 1)); done
[ "$port" = "$wanted" ] || echo "port $wanted is in use, taking $port"

: >"$log"
"$programs/bureau" serve --data "$data" --listen "127.0.0.1:$port" >"$log" 2>&1 &
bureau=$!
url=
for _ in $(seq 600); do
    url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$log" | head -n 1)
    [ -z "$url" ] || break
    kill -0 "$bureau" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "the bureau did not start; it said:" >&2
    cat "$log" >&2
    exit 1
fi

codes() { "$programs/bureau" enrol --data "$data" --count "$1" --json; }
about() {
    echo
    echo "  console   $url"
    sed -n 's/^login: /  log in    /p' "$home/logins"
    echo "  data      $home"
    echo "  bureau    $log"
    echo
}

simulate() {
    codes 3 >"$home/codes.json"
    timeout 600 "$programs/fieldsim" run --bureau "$url" --codes "$home/codes.json" --phones 3 --visits 2 --photos 2
}

if [ "$once" = 1 ]; then
    about
    simulate
elif [ -n "$display" ]; then
    about
    # One every time: whether this phone has used its first one only the phone knows.
    code=$(codes 1 | sed -n 's/.*"code" *: *"\([^"]*\)".*/\1/p' | head -n 1)
    echo "a phone that is not enrolled yet finds this code filled in: $code"
    mkdir -p "$home/phone"
    env XIEGUAN_CODE="$code" XIEGUAN_DATA="$home/phone" XIEGUAN_BUREAU="$url" \
        XIEGUAN_SIM_POSITION="${XIEGUAN_SIM_POSITION:-30.6642,104.0692}" "$programs/xieguan"
else
    echo "no display: simulated phones instead of the app's window"
    simulate
    about
    echo "the bureau runs until Ctrl-C"
    wait "$bureau"
fi
