#!/usr/bin/env python3
"""The private mode through the command: a chain from genesis over two batches to `open`, what is printed, what is refused, the
budget of openings. On real transfers where they are there.

    e2e_private.py BINARY SHARED
"""
import hashlib
import json
import pathlib
import shutil
import stat
import sys
import tempfile

from command import Command, no_parts, run_all

REAL = pathlib.Path(sys.argv[2]).resolve() / "data" / "ethereum" / "ethereumetl_transactions_3300000_3302204.csv.gz"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_private_"))
ll = Command(sys.argv[1], WORK, LATENTLEDGER_TRAIN_STEPS="4", LATENTLEDGER_WORKDIR=str(WORK / "w"))
KEYS = {name: f"w/keys-{name}" for name in ("genesis", "update-private", "open")}
SIZES = {"genesis": 704, "update-private": 864, "open": 576}
CHAIN = ["--vk", KEYS["update-private"] + "/vk.json"]


def keys_of_three_statements():
    if not REAL.is_file():
        print(f"NOTE: {REAL} is not there: the chain is of the bundled, synthetic transfers")
    ll.json("data", "import", *([REAL] if REAL.is_file() else []))
    ll.json("train")
    for name, folder in KEYS.items():
        made = ll.json("setup", "--statement", name)["result"]
        assert made["statement"] == name and made["k"] == 14 and made["proof_bytes"] == SIZES[name], made
        assert (WORK / folder / "vk.json").exists()


def prove(name, *arguments, code=0):
    answer = ll.json("prove", "--keys", KEYS[name], *arguments, code=code)
    return answer["result"] if code == 0 else answer


def a_chain_is_proved():
    start = prove("genesis", "-o", "p0")
    first = prove("update-private", "--state", "p0/state.json", "--count", 256, "-o", "p1")
    second = prove("update-private", "--state", "p1/state.json", "--from", 256, "--count", 100, "-o", "p2")
    end = prove("open", "--state", "p2/state.json", "-o", "p3")
    assert first["state_before"] == start["state"] and second["state_before"] == first["state"], (start, first, second)
    assert end["state"] == second["state"] and len({start["state"], first["state"], second["state"]}) == 3
    assert [r["proof_bytes"] for r in (start, first, second, end)] == [704, 864, 864, 576]
    for folder, openings in (("p0", 2), ("p1", 2), ("p2", 2)):
        path = WORK / folder / "state.json"
        assert json.loads(path.read_text())["openings"] == openings, folder
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, folder


def a_chain_is_verified():
    rest = ["--proof", "p1/proof.json", "--then", "p2/proof.json", "--genesis", "p0/proof.json", "--open", "p3/proof.json"]
    answer = ll.json("verify", *CHAIN, *rest)["result"]
    assert answer["accepted"] and answer["anchored"] and len(answer["states"]) == 3, answer
    run = ll.expect(0, "verify", *CHAIN, *rest)
    for words in ("ACCEPTED", "hidden", "net flows", "from a genesis"):
        assert words in run.out, (words, run)
    run = ll.expect(0, "verify", *CHAIN, "--proof", "p2/proof.json")
    assert "NOT anchored" in run.out, run
    run = ll.expect(0, "verify", "--vk", KEYS["genesis"] + "/vk.json", "--proof", "p0/proof.json")
    assert "REVEALED" in run.out, run


def nothing_secret_is_in_a_proof():
    proof = json.loads((WORK / "p1" / "proof.json").read_text())
    assert proof["public"] == {} and set(proof) == {"format", "schema_version", "statement", "vk_digest", "public", "proof"}


def chains_that_do_not_meet_are_refused():
    for words in (["--proof", "p2/proof.json", "--then", "p1/proof.json"],
                  ["--proof", "p2/proof.json", "--genesis", "p0/proof.json"],
                  ["--proof", "p1/proof.json", "--then", "p1/proof.json"],
                  ["--proof", "p1/proof.json", "--open", "p3/proof.json"]):
        answer = ll.json("verify", *CHAIN, *words, code=3)["result"]
        assert not answer["accepted"] and "another state" in answer["reason"], answer
    error = ll.json("verify", *CHAIN, "--proof", "p1/proof.json", "--genesis", "p3/proof.json", "--genesis-vk",
                    KEYS["open"] + "/vk.json", code=4)
    assert error["code"] == "mismatch", error
    ll.json("verify", *CHAIN, "--proof", "p0/proof.json", code=4)


def other_balances_and_spent_states_are_refused():
    error = prove("update-private", "--state", "p1/state.json", "--from", 5, "-o", "never", code=4)
    assert "does not hold the ledger's balances" in error["message"], error
    state = json.loads((WORK / "p2" / "state.json").read_text())
    state["openings"] = 8
    del state["checksum"]
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    state["checksum"] = hashlib.sha256(text.encode()).hexdigest()
    (WORK / "spent").mkdir()
    (WORK / "spent" / "state.json").write_text(json.dumps(state))
    error = prove("open", "--state", "spent/state.json", "-o", "never", code=2)
    assert "8 times" in error["message"], error
    assert not (WORK / "never" / "proof.json").exists()
    state["openings"] = 7
    (WORK / "spent" / "state.json").write_text(json.dumps(state))
    error = prove("open", "--state", "spent/state.json", "-o", "never", code=4)
    assert "was edited" in error["message"], error


if __name__ == "__main__":
    try:
        run_all([keys_of_three_statements, a_chain_is_proved, a_chain_is_verified, nothing_secret_is_in_a_proof,
                 chains_that_do_not_meet_are_refused, other_balances_and_spent_states_are_refused])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
