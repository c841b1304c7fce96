#!/usr/bin/env bash
# Sets up, builds and tells the whole story: data, training, evaluation, a proof of 256 transfers, its verification, lies.
#
#   ./demo.sh                       on the bundled data
#   ./demo.sh --data FILE.csv.gz    on a file of yours (all options of `latentledger demo`)
#
# Results lie in out/demo/, every figure in out/demo/report.json.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
(
  cd "$here"
  ./setup.sh
  cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log >&2; exit 1; }
  rm -f build-configure.log
  cmake --build --preset release --target latentledger >&2
)
exec "$here/build/release/latentledger" demo "$@"
