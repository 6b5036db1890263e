#!/usr/bin/env bash
# Says where the official tus clients are (tuspy, tus-js-client), and the tools that check the protocol from outside;
# installs them once, pinned with their hashes. Tools of the tests only: nothing of them is built in or passed on.
set -eu
cd "$(dirname "$0")/.."
from=tests/clients
place=${CARGO_TARGET_DIR:-target}/clients
wanted=$(cat "$from/requirements.txt" "$from/package-lock.json" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$place/stamp" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$place"
    mkdir -p "$place/node"
    python3 -m venv "$place/venv"
    "$place/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$from/requirements.txt" >&2
    cp "$from/package.json" "$from/package-lock.json" "$place/node"
    npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$place/node" >&2
    echo "$wanted" >"$place/stamp"
fi
realpath "$place"
