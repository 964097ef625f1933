#!/usr/bin/env bash
# Tests the real program from outside, over HTTP and its command line.
#
#   scripts/end-to-end.sh [debug|release] [test name…]    such as: scripts/end-to-end.sh debug test_import
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=release
case "${1:-}" in
debug | release)
    configuration=$1
    shift
    ;;
esac

FUZE_BINARY="$PWD/.build/$configuration/fuze" PYTHONDONTWRITEBYTECODE=1 python3 -u Tests/EndToEnd/run.py "$@"
