#!/usr/bin/env bash
# Runs the Swift tests with coverage and prints the share of lines of Sources that they reach.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --tests
swift test --no-parallel --enable-code-coverage --scratch-path .build-coverage >&2
python3 - "$(swift test --show-codecov-path --scratch-path .build-coverage)" <<'PYTHON'
import collections, json, os, sys

rooms = collections.defaultdict(lambda: [0, 0])
for file in json.load(open(sys.argv[1]))["data"][0]["files"]:
    path = os.path.relpath(file["filename"])
    if not path.startswith("Sources/"):
        continue
    lines = file["summary"]["lines"]
    for name in (path.split("/")[1], "all"):
        rooms[name][0] += lines["covered"]
        rooms[name][1] += lines["count"]
for name, (covered, count) in sorted(rooms.items(), key=lambda room: room[0] == "all"):
    print(f"{name:16} {100 * covered / count:5.1f} %  {covered}/{count}")
PYTHON
