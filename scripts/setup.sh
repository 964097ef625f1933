#!/usr/bin/env bash
# Installs what Fuze needs and this machine lacks: Debian packages, and wheels (OpenVINO, the embedding
# model, Swagger UI, PostgreSQL for tests) unpacked into .deps/. Safe to repeat; quick when nothing is missing.
# With --tests also what only tests need, with --cluster what `make cluster` and its test need besides, with --ci all of
# it.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(libgumbo-dev libpq-dev libsodium-dev libsqlite3-dev zlib1g-dev pkg-config
    ca-certificates curl openssl python3 python3-pip)
# PostgreSQL with TLS, which the wheel's is built without.
for_tests=(redis-server postgresql)
for_cluster=(redis-server nginx-light)
case "${1:-}" in
--tests) packages+=("${for_tests[@]}") ;;
--cluster) packages+=("${for_cluster[@]}") ;;
--ci) packages+=("${for_tests[@]}" "${for_cluster[@]}") ;;
esac

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: installing ${missing[*]}" >&2
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >&2
fi

# The stamp is the pin file itself, so that a changed pin installs again.
if ! cmp -s scripts/wheels.txt .deps/packages/.installed; then
    echo "setup: fetching pinned wheels into .deps" >&2
    mkdir -p .deps/wheels
    rm -rf .deps/packages .deps/unpacking
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none \
        --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform any \
        --dest .deps/wheels --requirement scripts/wheels.txt >&2
    mkdir -p .deps/unpacking
    for pin in $(sed -n 's/^\([a-z0-9-]*\)==\([^ ]*\) .*/\1-\2/p' scripts/wheels.txt | tr - _); do
        name="${pin%_*}" version="${pin##*_}"
        python3 -m zipfile -e ".deps/wheels/${name}-${version}"*.whl .deps/unpacking
    done
    # Wheels say which files are programs, but unpacking them this way forgets it.
    chmod +x .deps/unpacking/pgserver/pginstall/bin/*
    cp scripts/wheels.txt .deps/unpacking/.installed
    mv .deps/unpacking .deps/packages
fi
