#!/usr/bin/env python3
"""The auditor's whole program: moves the state it keeps along proofs, or refuses and keeps what it has.

    audit.py --keep FOLDER PROOF...

FOLDER holds two files: vk.json, the verifying key, and state.bin, the last state: 512 integers of 8 bytes (little-endian), or in private
mode the 32 bytes of a commitment. A proof is taken when the verifier accepts it and it starts from exactly that state. Exit code: 0 all
taken; 3 one refused, and nothing is kept of the others; 4 a file that cannot be read.

examples:
  audit.py --keep auditor monday/proof-*.json
  audit.py --binary /usr/bin/latentledger --keep auditor proof.json
"""
import argparse
import array
import json
import os
import pathlib
import shutil
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[3]
REFUSED, UNREADABLE = 3, 4


def as_bytes(vector: list[int]) -> bytes:
    return b"".join(number.to_bytes(8, "little", signed=True) for number in vector)


def differing(a: bytes, b: bytes) -> str:
    """In how many numbers two states differ."""
    if len(a) != len(b) or len(a) == 32:
        return "another state than the one kept"
    numbers = [array.array("q", state) for state in (a, b)]
    return f"another vector than the one kept: {sum(x != y for x, y in zip(*numbers))} of {len(numbers[0])} numbers differ"


def step(binary: str, key: pathlib.Path, proof: pathlib.Path) -> tuple[str | None, bytes, bytes]:
    """Why the verifier refuses (None: it accepts), and the states that the proof leads from and to."""
    run = subprocess.run([binary, "verify", "--vk", key, "--proof", proof, "--json", "--quiet"], capture_output=True, text=True, check=False)
    try:
        told = json.loads(run.stdout)
        if not told["ok"]:
            print(f"{proof.name}: not readable: {told['message']}")
            sys.exit(UNREADABLE)
        if run.returncode or not told["result"]["accepted"]:
            return told["result"]["reason"], b"", b""
        if "states" in told["result"]:  # private mode: the states are points of the proof itself
            before, after = (bytes.fromhex(state) for state in told["result"]["states"])
        else:
            public = json.loads(proof.read_text(encoding="utf-8"))["public"]
            before, after = as_bytes(public["prev"]), as_bytes(public["new"])
    except (ValueError, KeyError, OSError) as error:
        print(f"{proof.name}: not readable: {error or run.stderr[-300:]}")
        sys.exit(UNREADABLE)
    return None, before, after


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", help="the command [build/release/latentledger of this tree, else `latentledger` on PATH]")
    options.add_argument("--keep", type=pathlib.Path, required=True, help="folder with vk.json and state.bin")
    options.add_argument("proofs", type=pathlib.Path, nargs="+")
    given = options.parse_args()
    built = TREE / "build/release/latentledger"
    binary = shutil.which(given.binary or (built if built.is_file() else "latentledger"))
    if not binary:
        sys.exit(f"error: {given.binary or 'latentledger'} is not there: build it (README.md) or name it with --binary FILE")
    file = given.keep / "state.bin"
    try:
        state = file.read_bytes()
    except OSError as error:
        sys.exit(f"error: {file}: {error.strerror}; it is the state that the auditor has kept")
    for proof in given.proofs:
        why, before, after = step(binary, given.keep / "vk.json", proof)
        if why is None and before != state:
            why = f"it starts from {differing(before, state)}"
        if why:
            print(f"{proof.name}: REFUSED: {why}")
            sys.exit(REFUSED)
        print(f"{proof.name}: accepted")
        state = after
    part = file.with_suffix(".part")
    part.write_bytes(state)
    os.replace(part, file)


if __name__ == "__main__":
    main()
