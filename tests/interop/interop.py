#!/usr/bin/env python3
"""Ours and halo2-axiom, both ways, on a few hundred circuits (docs/interop.md). Exit 77, for "skipped", when its crates are not built.

    interop.py INTEROP_CASES CRATES_FOLDER [RANDOM_CIRCUITS]
"""
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
cases, crates = sys.argv[1], pathlib.Path(sys.argv[2])
random_circuits = sys.argv[3] if len(sys.argv) > 3 else "240"

if not shutil.which("cargo") or not (crates / "release").exists():
    print("SKIPPED: halo2-axiom is not built here: ./setup.sh --with-interop", flush=True)
    sys.exit(SKIPPED)


def step(what, *command):
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {time.monotonic() - began:.1f} s, {used:.1f} s of CPU\n{done.stdout}", end="", flush=True)
    if done.returncode != 0:
        sys.exit(f"{what}: exit {done.returncode}")
    return done.stdout


program = step("build", sys.executable, str(HERE / "build.py"), str(crates), "--offline").strip()
step("crates", sys.executable, str(HERE / "build.py"), "--check")
with tempfile.TemporaryDirectory(prefix="ll_interop_") as folder:
    step("our circuits, keys and proofs", cases, "make", folder, random_circuits)
    step("halo2-axiom: keys, our proofs, proofs of its own", program, folder)
    step("our verifier on its proofs", cases, "check", folder)
