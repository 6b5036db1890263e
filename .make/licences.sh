#!/usr/bin/env bash
# Writes assets/licences.txt: every package that a phone's build is made of, with its licence as it declares it. Run
# after a change of dependencies; tests/it/licences.rs fails until then.
set -eu
cd "$(dirname "$0")/.."
cargo metadata --locked --format-version 1 --features mobile \
    --filter-platform aarch64-linux-android --filter-platform aarch64-apple-ios | python3 -c '
import json, sys
data = json.load(sys.stdin)
nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
seen, todo = set(), [data["resolve"]["root"]]
while todo:
    here = todo.pop()
    if here not in seen:
        seen.add(here)
        todo += [d["pkg"] for d in nodes[here]["deps"] if any(k["kind"] != "dev" for k in d["dep_kinds"])]
rows = sorted({(p["name"], p["version"], p["license"] or "see " + (p["license_file"] or "its source"))
               for p in data["packages"] if p["id"] in seen and p["source"]})
print("Noto Sans CJK SC (subset), SIL Open Font License 1.1")
print("OpenSSL, Apache-2.0")
print("SQLCipher, (c) Zetetic LLC, BSD-3-Clause")
print("SQLite, public domain")
print()
print("\n".join(" ".join(row) for row in rows))
' >assets/licences.new
mv assets/licences.new assets/licences.txt
