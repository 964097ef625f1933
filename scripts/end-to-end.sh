#!/usr/bin/env bash
# Tests the real program from outside, over HTTP and its command line.
#
#   scripts/end-to-end.sh [debug|release] [--postgresql] [test name…]
#
# such as `scripts/end-to-end.sh debug test_import`. With --postgresql each server keeps its records in a database of its
# own, in a PostgreSQL that is started for it unless FUZE_TEST_DATABASE_URL names one; otherwise in SQLite.
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=release
case "${1:-}" in
debug | release)
    configuration=$1
    shift
    ;;
esac

engine=SQLite
if [ "${1:-}" = --postgresql ]; then
    shift
    engine=PostgreSQL
    if [ -z "${FUZE_TEST_DATABASE_URL:-}" ]; then
        export FUZE_TEST_POSTGRES
        FUZE_TEST_POSTGRES="$(mktemp -d "${TMPDIR:-/tmp}/fuze-postgres-XXXXXX")"
        trap 'scripts/postgres.sh stop' EXIT
        FUZE_TEST_DATABASE_URL="$(scripts/postgres.sh start)"
        export FUZE_TEST_DATABASE_URL
    fi
fi
[ "$engine" = PostgreSQL ] || unset FUZE_TEST_DATABASE_URL

FUZE_BINARY="$PWD/.build/$configuration/fuze" PYTHONDONTWRITEBYTECODE=1 python3 -u Tests/EndToEnd/run.py "$@"
