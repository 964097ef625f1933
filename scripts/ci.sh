#!/usr/bin/env bash
# Every check, stage by stage, each with its time and the minutes it may take on an idle machine with 2 cores,
# from nothing. A stage over its budget is said, never a failure: timings depend on the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

stage() {
    local name="$1" budget="$2"
    shift 2
    echo "── $name (budget: $budget min)"
    local start=$SECONDS
    "$@"
    local seconds=$((SECONDS - start)) note=""
    [ "$seconds" -le $((budget * 60)) ] || note=" — over its budget"
    printf '── %s: %d:%02d min%s\n' "$name" $((seconds / 60)) $((seconds % 60)) "$note"
}

stage "Set-up" 2 scripts/setup.sh --ci
stage "Format" 1 make --no-print-directory lint
stage "Debug build, warnings as errors" 12 swift build --build-tests
# One after the other: specs of deadlines share two cores with nothing else then.
stage "Swift tests and contract" 3 swift test --skip-build --no-parallel
stage "The same on PostgreSQL" 4 scripts/postgres.sh run swift test --skip-build --no-parallel \
    --filter '^(Accounts|Bookmarks|Jobs|Persistence|Search|Server)Tests'
stage "Release build" 14 sh -c 'swift build -c release --product fuze && swift build -c release --product fuze-evaluate'
stage "End-to-end tests" 6 scripts/end-to-end.sh release
stage "End-to-end tests on PostgreSQL" 8 scripts/end-to-end.sh release --postgresql
stage "Cluster" 4 scripts/end-to-end.sh release cluster_test
stage "Evaluation" 4 .build/release/fuze-evaluate --if-present
