#!/usr/bin/env bash
# What docker/Dockerfile runs: everything installed and built, its self test passed, what only the build needs removed.
set -euo pipefail
cd "$(dirname "$0")/.."
./setup.sh
cmake --preset release
cmake --build --preset release --target latentledger latentledger_verifier
build/release/latentledger doctor
find build/release -name '*.o' -delete
rm -rf /var/lib/apt/lists/* "${LATENTLEDGER_DEPS:-.deps}/apt.log"
