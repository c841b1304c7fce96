#!/usr/bin/env python3
"""Predicted against measured proving time and peak memory, circuit by circuit.

    estimate_report.py PROBE [--runs N] [--threads N] [--check-memory SHARE] [CIRCUIT...]

PROBE is build/release/ll_estimate_probe. Circuits: update, synthetic:K. With --check-memory 0.2 the exit status is 1 when a
predicted peak is off by more than 20 %, or when the predicted size of a proof is not exact. On a busy machine only --threads 1
tells something about time: the processor time of the proof is then compared, not the time that passed.
"""
import argparse
import json
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("probe")
parser.add_argument("--runs", type=int, default=1, help="proofs a circuit, the fastest counts")
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--check-memory", type=float)
parser.add_argument("circuits", nargs="*", default=["update", "synthetic:12", "synthetic:14", "synthetic:16"])
arguments = parser.parse_intermixed_args()

bad = []
print(f"{'circuit':<14} {'k':>2}  {'proof':>6}  {'time: predicted':>15} {'measured':>9} {'off':>6}   "
      f"{'memory: predicted':>17} {'measured':>9} {'off':>6}")
for circuit in arguments.circuits:
    run = subprocess.run([arguments.probe, circuit, str(arguments.runs), str(arguments.threads)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{circuit}: {run.stderr.strip() or run.returncode}")
    both = json.loads(run.stdout)
    predicted, measured = both["predicted"], both["measured"]
    measured_ms = measured["prove_cpu_ms" if arguments.threads == 1 else "prove_ms"]
    time = predicted["prove_ms"] / measured_ms - 1
    memory = predicted["peak_rss_bytes"] / measured["peak_rss_bytes"] - 1
    print(f"{circuit:<14} {predicted['k']:>2}  {measured['proof_bytes']:>6}  {predicted['prove_ms']:>12.0f} ms "
          f"{measured_ms:>6.0f} ms {time:>+6.0%}   {predicted['peak_rss_bytes'] / 2**20:>13.1f} MiB "
          f"{measured['peak_rss_bytes'] / 2**20:>5.1f} MiB {memory:>+6.0%}")
    if predicted["proof_bytes"] != measured["proof_bytes"]:
        bad.append(f"{circuit}: a proof of {predicted['proof_bytes']} bytes was predicted, it has {measured['proof_bytes']}")
    if arguments.check_memory is not None and abs(memory) > arguments.check_memory:
        bad.append(f"{circuit}: the predicted peak is off by {memory:+.0%}, {arguments.check_memory:.0%} are allowed")
sys.exit("\n".join(bad) or 0)
