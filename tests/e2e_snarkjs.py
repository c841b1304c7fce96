#!/usr/bin/env python3
"""snarkjs takes part in our ceremony and we in its: contributions of both in one chain, verified by both.

    e2e_snarkjs.py BINARY NODE_FOLDER     (NODE_FOLDER: what ./setup.sh --with-interop installs)
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from command import SKIPPED, Command, run_all

BINARY, NODE = sys.argv[1], pathlib.Path(sys.argv[2])
SNARKJS = NODE / "node_modules" / "snarkjs" / "build" / "cli.cjs"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_snarkjs_"))
ll = Command(BINARY, WORK)


def snarkjs(*words, code=0):
    done = subprocess.run(["node", str(SNARKJS), "powersoftau", *map(str, words)], cwd=WORK, capture_output=True, text=True, timeout=300,
                          check=False)
    assert done.returncode == code, f"snarkjs {words}: exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def ours(step, before, after):
    ll.expect(0, "ceremony", "contribute", "--name", f"ours {step}", "-i", before, "-o", after)


def snarkjs_takes_part_in_our_ceremony():
    ll.expect(0, "ceremony", "new", "--ptau", "--power", "4", "-o", "0")
    ours(1, "0", "1")
    ours(2, "1", "2")
    # By .ptau.
    ll.expect(0, "ceremony", "export", "ptau", "-i", "2", "-o", "two.ptau")
    assert "Powers of Tau Ok" in snarkjs("verify", "two.ptau", "-v")
    snarkjs("contribute", "two.ptau", "three.ptau", "--name=theirs 3", "-e=some text")
    taken = ll.json("ceremony", "import", "three.ptau", "-i", "2", "-o", "3")["result"]
    assert taken["imported"] == 1 and taken["records"] == 3, taken
    ours(4, "3", "4")
    # By challenge and response.
    ll.expect(0, "ceremony", "export", "challenge", "-i", "4", "-o", "challenge")
    snarkjs("challenge", "contribute", "bn128", "challenge", "response", "-e=other text")
    ll.expect(0, "ceremony", "import", "response", "-i", "4", "--name", "theirs 5", "-o", "5")
    ll.expect(4, "ceremony", "import", "response", "-i", "5", "--name", "again", "-o", "never")  # an old response
    ll.expect(4, "ceremony", "import", "three.ptau", "-i", "5", "-o", "never")
    ours(6, "5", "6")
    ll.expect(0, "ceremony", "beacon", "--source", "test", "--value", "0102030405060708090a0b0c0d0e0f10", "--iterations-exp", "10", "-i", "6",
              "-o", "7")
    checked = ll.json("ceremony", "verify", "-i", "7")["result"]
    assert checked["contributors"] == 6 and checked["external"] == 2 and checked["next_challenge_rederived"], checked
    ll.expect(0, "ceremony", "export", "ptau", "-i", "7", "-o", "seven.ptau")
    told = snarkjs("verify", "seven.ptau", "-v")
    assert "Powers of Tau Ok" in told and "ours 6" in told and "theirs 3" in told, told
    ll.expect(0, "ceremony", "finalize", "-i", "7", "-o", "srs")
    assert ll.json("srs", "info", "srs/srs.bin")["result"]["k"] == 4


def our_response_is_taken_by_snarkjs():
    snarkjs("new", "bn128", "4", "n0.ptau")
    snarkjs("contribute", "n0.ptau", "n1.ptau", "--name=theirs 1", "-e=text")
    ll.expect(0, "ceremony", "new", "--ptau", "--power", "4", "--from", "n1.ptau", "-o", "n1")
    ours(2, "n1", "n2")
    ll.expect(0, "ceremony", "export", "response", "-i", "n2", "-o", "our.response")
    snarkjs("import", "response", "n1.ptau", "our.response", "n2.ptau", "-n=ours 2")
    snarkjs("beacon", "n2.ptau", "n3.ptau", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "10", "-n=theirs 3")
    assert "Powers of Tau Ok" in snarkjs("verify", "n3.ptau", "-v")
    checked = ll.json("srs", "verify", "n3.ptau")["result"]
    assert checked["contributors"] == ["theirs 1", "ours 2", "theirs 3"] and checked["beacon_replayed"], checked
    assert checked["next_challenge_rederived"] and checked["standing"] == "unknown", checked
    # Prepared for phase 2, and cut: their own Lagrange sections and a chain whose end cannot be derived again.
    snarkjs("prepare", "phase2", "n3.ptau", "n4.ptau")
    ll.expect(0, "srs", "verify", "n4.ptau")
    snarkjs("truncate", "n4.ptau")
    cut = sorted(WORK.glob("n4_*.ptau")) or sorted(WORK.glob("*03.ptau"))
    assert cut, sorted(WORK.iterdir())
    told = ll.json("srs", "verify", cut[-1])["result"]
    assert not told["next_challenge_rederived"] and any("CANNOT be derived again" in note for note in told["notes"]), told
    whole = ll.json("srs", "convert", "n4.ptau", "--k", told["k"], "-o", "whole.srs")["result"]["sha256"]
    assert ll.json("srs", "convert", cut[-1], "-o", "cut.srs")["result"]["sha256"] == whole


if __name__ == "__main__":
    if not SNARKJS.exists() or shutil.which("node") is None:
        print(f"SKIPPED, LOUDLY: no snarkjs at {SNARKJS}: ./setup.sh --with-interop installs it")
        sys.exit(SKIPPED)
    try:
        run_all([snarkjs_takes_part_in_our_ceremony, our_response_is_taken_by_snarkjs])
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
