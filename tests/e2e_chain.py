#!/usr/bin/env python3
"""prove-batch and the files around it, through the command: a chain of hidden states that is killed and interrupted at random moments and resumed, a
public one, whole chains verified, lies in the folder, the limit on memory; every JSON file against its schema; net flows solved for
from a public proof. On real transfers where they are there. Needs the Python of tools/python-tests.lock.

    e2e_chain.py BINARY SHARED
"""
import json
import pathlib
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time

import numpy

import formats
from command import Command, no_parts, run_all

REAL = pathlib.Path(sys.argv[2]).resolve() / "data" / "ethereum" / "ethereumetl_transactions_3300000_3302204.csv.gz"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_chain_"))
ll = Command(sys.argv[1], WORK, LATENTLEDGER_TRAIN_STEPS="4", LATENTLEDGER_WORKDIR="w")
HIDDEN = ["--keys", "w/keys-update-private"]
VERIFY = ["verify", "--vk", "w/keys-update-private/vk.json", "--chain"]
MAKE = ["prove-batch", *HIDDEN, "--from", 20, "--count", 230, "--batch-size", 50, "--keep-states"]  # 5 proofs
PROOFS = 5
chance = random.Random(11)


def keys_of_chains():
    if not REAL.is_file():
        print(f"NOTE: {REAL} is not there: the chains are of the bundled, synthetic transfers")
    ll.json("data", "import", *([REAL] if REAL.is_file() else []))
    ll.json("train")
    for statement in ("genesis", "update-private", "update"):
        ll.json("setup", "--statement", statement)


def what_does_not_fit_is_refused():
    error = ll.json(*MAKE, "--max-memory", "20MB", code=7)
    assert error["code"] == "memory" and "20.0 MiB are allowed" in error["message"] and "MiB each" in error["message"], error
    assert not (WORK / "w" / "chain" / "proof-000000.json").exists()


def openings():
    files = sorted((WORK / "w" / "chain" / "secret").glob("state-*.json"))
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in files)
    return [json.loads(f.read_text())["openings"] for f in files]


def a_chain_survives_kills():
    before = openings()
    assert before == [0] * (PROOFS + 1), before  # fixed before the memory was asked for
    states = json.loads((WORK / "w" / "chain" / "chain.json").read_text())["states"]
    for wait_for in (b"", b'"proofs"', b'"proofs"'):  # with its own two openings no state can pass the budget of 8
        process = subprocess.Popen([ll.binary, *map(str, MAKE), "--resume", "--progress", "json"], cwd=WORK, env=ll.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while wait_for and wait_for not in process.stderr.readline():
            pass
        time.sleep(chance.uniform(0.1, 1.2))
        process.kill()
        process.communicate()
        now = openings()
        assert all(a <= b for a, b in zip(before, now)) and len(now) == PROOFS + 1, (before, now)
        before = now
    run = ll.run(*MAKE)
    assert run.code == 2 and "--resume" in run.err, run
    cut = ll.interrupt_after(0, *MAKE, "--resume")  # the proofs in work are finished
    assert cut.code == 130 and "go on with --resume" in cut.err or cut.code == 0, cut
    told = ll.json(*MAKE, "--resume")
    result = told["result"]
    assert result["proofs"] == PROOFS == result["made"] + result["found"] and result["transfers"] == 230, result
    assert result["states_left"] == PROOFS + 1 and result["jobs"] >= 1 and result["proof_bytes"] == 864, result
    assert told["peak_rss_bytes"] < 1.2 * result["predicted_peak_bytes"], told
    counts = openings()
    assert all(2 <= n <= 6 for n in counts[:-1]) and 1 <= counts[-1] <= 5, counts
    assert json.loads((WORK / "w" / "chain" / "chain.json").read_text())["states"] == states
    print(f"    openings after three kills and an interrupt: {counts}")


def a_chain_is_verified():
    answer = ll.json(*VERIFY, "w/chain")["result"]
    assert answer["accepted"] and answer["anchored"] and answer["proofs"] == PROOFS, answer
    run = ll.expect(0, *VERIFY, "w/chain")
    for words in ("ACCEPTED          6 proofs", "net flows", "from a genesis", answer["last_state"]):
        assert words in run.out, (words, run)
    for secret in ("secret", ".lock"):  # a verifier has neither
        path = WORK / "w" / "chain" / secret
        path.rename(WORK / ("away" + secret))
    ll.expect(0, *VERIFY, "w/chain")
    (WORK / "awaysecret").rename(WORK / "w" / "chain" / "secret")
    # Each proof is one of `prove`; the ledger goes on from the last state.
    ll.expect(0, "verify", "--vk", "w/keys-update-private/vk.json", "--proof", "w/chain/proof-000003.json")
    more = ll.json("prove", *HIDDEN, "--state", f"w/chain/secret/state-{PROOFS:06}.json", "--from", 250, "--count", 3, "-o", "more")
    assert more["result"]["state_before"] == answer["last_state"], more


def lies_are_named():
    def lie(code, change):
        shutil.rmtree(WORK / "lie", ignore_errors=True)
        shutil.copytree(WORK / "w" / "chain", WORK / "lie")
        change(lambda t: WORK / "lie" / f"proof-{t:06}.json")
        answer = ll.json(*VERIFY, "lie", code=code)
        return answer["message"] if code == 4 else answer["result"]["reason"]

    def swap(proof):
        proof(2).rename(WORK / "lie" / "x")
        proof(4).rename(proof(2))
        (WORK / "lie" / "x").rename(proof(4))

    def edit(_):
        path = WORK / "lie" / "chain.json"
        chain = json.loads(path.read_text())
        chain["states"].pop()
        path.write_text(json.dumps(chain))

    for code, change, words in (
            (4, lambda proof: proof(3).unlink(), "proof-000003.json is not there"),
            (3, swap, "proof-000002.json: starts from another state than the one that proof-000001.json"),
            (3, lambda proof: shutil.copy(proof(2), proof(3)), "proof-000003.json: starts from another state"),
            (4, lambda proof: shutil.copy(proof(4), proof(5)), "proof-000005.json is none of the 5 proofs"),
            (3, lambda proof: shutil.copy(WORK / "more" / "proof.json", proof(4)), "proof-000004.json: starts from another"),
            (4, lambda proof: shutil.copy(WORK / "lie" / "genesis.json", proof(0)), "proof-000000.json: made under the key"),
            (4, edit, "chain.json: was edited")):
        said = lie(code, change)
        assert words in said, (words, said)
    ll.json(*VERIFY, "w/chain", "--proof", "more/proof.json", code=2)
    ll.json("verify", "--vk", "w/keys/vk.json", "--chain", "w/chain", code=4)
    ll.json(*VERIFY, "w/chain", "--genesis-vk", "w/keys-update-private/vk.json", code=4)


def a_public_chain():
    made = ll.json("prove-batch", "--count", 70, "--batch-size", 40, "-o", "public")["result"]
    assert made["proofs"] == 2 and made["states_left"] == 0 and made["genesis_vk_digest"] is None, made
    answer = ll.json("verify", "--vk", "w/keys/vk.json", "--chain", "public")["result"]
    assert answer["accepted"] and answer["anchored"] and "net flows" in answer["reveals"], answer
    shutil.copy(WORK / "w" / "keys" / "vk.json", WORK / "vk.json")
    run = ll.expect(0, "verify", "--vk", "vk.json", "--chain", "public")  # without V^ beside the key
    assert "NOT anchored" in run.out and "REVEALED" in run.out, run
    shutil.copy(WORK / "public" / "proof-000000.json", WORK / "public" / "proof-000001.json")
    answer = ll.json("verify", "--vk", "w/keys/vk.json", "--chain", "public", code=3)["result"]
    assert answer["reason"].startswith("proof-000001.json: starts from another state than the one that proof-000000"), answer


def middle_states_are_wiped():
    ll.json("prove-batch", *HIDDEN, "--resume")  # without --keep-states; the rest is as it was begun
    ll.json("prove-batch", *HIDDEN, "--resume", "--count", 229, code=4)
    left = [p.name for p in sorted((WORK / "w" / "chain" / "secret").glob("*.json*"))]
    assert left == ["plan.json", f"state-{PROOFS:06}.json"], left
    (WORK / "w" / "chain" / "proof-000002.json").unlink()
    error = ll.json(*MAKE, "--resume", code=4)
    assert "state-000002.json is not there" in error["message"], error


def files_and_schemas_agree():
    for statement in ("delta", "open"):
        ll.json("setup", "--statement", statement)
    ll.json("prove", "--keys", "w/keys-delta", "-o", "delta")
    ll.json("prove", "--keys", "w/keys-open", "--state", "more/state.json", "-o", "open")
    proofs = {"delta": "delta/proof.json", "update": "flows/proof.json", "open": "open/proof.json",
              "update-private": "more/proof.json", "genesis": "w/chain/genesis.json"}
    counts = {}
    for statement, proof in proofs.items():
        keys = WORK / "w" / ("keys" if statement == "update" else f"keys-{statement}")
        verify = lambda vk, p: ll.run("verify", "--vk", vk, "--proof", p)
        one = statement == "update"  # the same reader for all
        counts[statement] = formats.check("vk", keys / "vk.json", (lambda path: verify(path, proof)) if one else None,
                                          every=2 if one else 8)
        counts[statement] += formats.check("proof", WORK / proof, lambda path: verify(keys / "vk.json", path), every=3)
        counts["settings"] = formats.check("settings", keys / "settings.json", free=("inputs",), every=3)
    open_it = lambda path: ll.run("prove", "--keys", "w/keys-open", "--state", path, "-o", "never")
    counts["state"] = formats.check("state", WORK / "more" / "state.json", open_it, every=2)
    hidden, public = WORK / "w" / "chain", WORK / "public"
    counts["chain"] = formats.check("chain", hidden / "chain.json", lambda _: ll.run(*VERIFY, hidden))
    counts["chain"] += formats.check("chain", public / "chain.json",
                                     lambda _: ll.run("verify", "--vk", "w/keys/vk.json", "--chain", public))
    counts["plan"] = formats.check("chain-plan", hidden / "secret" / "plan.json", lambda _: ll.run(*MAKE, "--resume"), every=5,
                                  optional=("genesis_vk_digest",))
    counts["import"] = formats.check("import", WORK / "w" / "ledger" / "import.json", lambda _: ll.run("data", "info"),
                                     free=("dropped", "files"), every=5)
    formats.every_schema_is_named_in_a_page()
    print(f"    damaged files refused: {counts}")


def net_flows_come_out_of_delta():
    """docs/statements.md: whoever has V^ and `delta` has the net flow of each account."""
    rows = [line.split(",") for line in (WORK / "w" / "ledger" / "genesis.csv").read_text().splitlines()[1:]]
    ids, units = [row[1] for row in rows], [int(row[3]) for row in rows]
    rich = sorted(range(len(ids)), key=lambda i: -units[i])[:5]
    flows, lines = [0] * 128, []
    for i, sender in enumerate(rich):
        for receiver in (rich[i - 1], 60 + i, 3 * i):
            amount = units[sender] // (4 + i)
            if sender == receiver or amount == 0:
                continue
            lines.append(f"{ids[sender]},{ids[receiver]},{amount}\n")
            flows[sender] -= amount
            flows[receiver] += amount
    (WORK / "batch.csv").write_text("sender,receiver,amount\n" + "".join(lines))
    ll.json("prove", "--keys", "w/keys", "--batch", "batch.csv", "-o", "flows")

    file = (WORK / "w" / "keys" / "vhat.safetensors").read_bytes()
    size = int.from_bytes(file[:8], "little")
    tensor = json.loads(file[8:8 + size])["vhat"]
    begin, end = (8 + size + offset for offset in tensor["data_offsets"])
    v = numpy.frombuffer(file[begin:end], "<i2").reshape(tensor["shape"])
    public = json.loads((WORK / "flows" / "proof.json").read_text())["public"]
    assert solved(v, public["delta"]) == flows and any(flows), flows
    assert solved(v, public["prev"])[:len(units)] == units
    run = ll.expect(0, "verify", "--proof", "flows/proof.json")
    assert "REVEALED" in run.out and "net flow" in run.out, run


def solved(v, vector):
    """The f with V^T f = vector: float64, rounded, again on what is left until nothing is."""
    system = v.astype(float) @ v.T.astype(float)
    left, f = numpy.array(vector, dtype=object), numpy.zeros(len(v), dtype=object)
    for _ in range(8):
        step = [int(x) for x in numpy.rint(numpy.linalg.solve(system, v.astype(float) @ left.astype(float)))]
        f += numpy.array(step, dtype=object)
        left -= v.T.astype(object) @ numpy.array(step, dtype=object)
        if not any(left):
            return list(f)
    raise AssertionError("the vector is not a sum of rows of V^")


if __name__ == "__main__":
    try:
        run_all([keys_of_chains, what_does_not_fit_is_refused, a_chain_survives_kills, a_chain_is_verified, lies_are_named,
                 a_public_chain, net_flows_come_out_of_delta, files_and_schemas_agree, middle_states_are_wiped])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
