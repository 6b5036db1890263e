#!/usr/bin/env bash
# Installs the named Debian packages that are missing. Nothing missing: says nothing, touches nothing.
# Not root: prints the command that an administrator has to run and fails.
set -eu
command -v dpkg-query >/dev/null || { echo "not a Debian; this needs the counterparts of: $*"; exit 0; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for package in "$@"; do installed "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "missing packages; run: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing: ${missing[*]}"
apt-get -qq update
apt-get -qq install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null >/dev/null
