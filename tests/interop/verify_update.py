#!/usr/bin/env python3
"""Has the unmodified Rust verifier, halo2-axiom 0.5.3, check a proof that `latentledger prove` made.

    verify_update.py [WORKDIR]        default ./latentledger-work; needs cargo and the crates registry
"""
import json
import pathlib
import subprocess
import sys
import tempfile

R = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
SPACING, ENTRIES = 60, 4  # circuits/packing.hpp

work = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "latentledger-work")
proof = json.loads((work / "proof" / "proof.json").read_text())
words = b""
for name in ("prev", "delta", "new"):
    vector = proof["public"][name]
    for first in range(0, len(vector), ENTRIES):
        word = sum(entry << (SPACING * m) for m, entry in enumerate(vector[first : first + ENTRIES]))
        words += (word % R).to_bytes(32, "little")

key = (work / "keys" / "vk.bin").read_bytes()  # PSE v0.3.0: version, k, flag, count, points
axiom_key = bytes([2]) + key[1].to_bytes(4, "little") + key[2:]

with tempfile.TemporaryDirectory() as folder:
    files = {"vk": axiom_key, "instances": words, "proof": bytes.fromhex(proof["proof"])}
    for name, content in files.items():
        (pathlib.Path(folder) / name).write_bytes(content)
    manifest = pathlib.Path(__file__).parent / "Cargo.toml"
    command = ["cargo", "run", "--release", "--quiet", "--manifest-path", str(manifest),
               "--target-dir", str(work / "interop-build"), "--", str(work / "keys" / "srs.bin")]
    result = subprocess.run(command + [str(pathlib.Path(folder) / name) for name in files], check=False)
print("digest      0x" + bytes.fromhex(proof["vk_digest"])[::-1].hex() + "  of proof.json")
sys.exit(result.returncode)
