#!/usr/bin/env bash
# Sets up, builds and runs every test (but the nightly ones).   ./test.sh [ctest options, for example -L unit or -R Srs]
set -euo pipefail
cd "$(dirname "$0")"
case "${1:-}" in -h | --help) sed -n '2p' "$0" | cut -c3-; exit 0 ;; esac
./setup.sh
cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release
[ -d ../shared ] || echo "test: ../shared is not there: tests on real data and real ceremonies SKIP" >&2
[ -d "${LATENTLEDGER_DEPS:-.deps}/interop/release" ] || echo "test: the interop test SKIPS without ./setup.sh --with-interop" >&2
ctest --preset release "$@"
