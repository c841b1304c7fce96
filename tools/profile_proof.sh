#!/usr/bin/env bash
# Where the time of a proof of 256 transfers goes: samples `latentledger bench --only prove_256` with perf, stacks and all.
#
#   tools/profile_proof.sh BINARY > docs/benchmarks/profile-MACHINE.json     (RUNS=15 proofs)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=${1:?"usage: tools/profile_proof.sh BINARY > PROFILE.json"}
command -v perf >/dev/null || { echo "profile_proof: perf is not installed (linux-perf, linux-tools)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Optimised code keeps no frame pointers: perf copies 4 KiB of stack a sample and unwinds it afterwards.
perf record -q -e cpu-clock -F 199 --call-graph dwarf,4096 -o "$work/perf.data" -- \
  "$binary" bench --only prove_256 --runs "${RUNS:-15}" --no-peer --json >"$work/bench.json" 2>"$work/log" \
  || { cat "$work/log" >&2; exit 1; }
perf script --no-inline -i "$work/perf.data" -F pid,tid,ip,sym --demangle >"$work/stacks.txt" 2>"$work/log" \
  || { cat "$work/log" >&2; exit 1; }
python3 "$here/profile_shares.py" "$work/bench.json" "$work/stacks.txt"
