#!/usr/bin/env bash
# Builds a release and measures it: prints a table, writes .bench/latest.json.
#
#   scripts/bench.sh [--quick] [--only section,…]
#
# FUZE_BENCH_PYTHON names the Python that has sentence-transformers, where bulk embedding is to be compared.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v wrk >/dev/null; then
    echo "bench: installing wrk" >&2
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends wrk >&2
fi

swift build -c release --product fuze >&2
swift build -c release --product fuze-bench >&2
exec .build/release/fuze-bench "$@"
