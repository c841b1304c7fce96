#!/usr/bin/env python3
"""End to end with proofs, on the bundled data and few training steps: the six lines, every pasted example, lies, changed
artefacts, SRS of every standing, Ctrl-C while training.

    e2e_proof.py BINARY
"""
import fcntl
import json
import pathlib
import shutil
import sys
import tempfile

from command import Command, changed, no_parts, run_all, sampled

BINARY = sys.argv[1]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_proof_"))
# The environment makes the six lines affordable; the lines themselves run as they stand in the documents.
ll = Command(BINARY, WORK, LATENTLEDGER_TRAIN_STEPS="4", LATENTLEDGER_EVALUATE_TRANSFERS="3000", LATENTLEDGER_DEMO_STEPS="4",
             LATENTLEDGER_DEMO_TRANSFERS="3000")
MAIN = WORK / "latentledger-work"
HEX = set("0123456789abcdef")


def expect_keys(value, *keys):
    for key in keys:
        assert key in value, f"{key} is missing in {list(value)}"


def the_six_lines_run_without_options():
    expect_keys(ll.json("data", "import")["result"], "rows", "kept", "dropped", "accounts", "transfers", "pairs", "unit")
    trained = ll.json("train")
    expect_keys(trained["result"], "parameters", "steps", "loss_first", "loss_last", "heldout")
    expect_keys(trained["result"]["heldout"], "condition", "max_cosine", "recovered_exactly")
    assert trained["result"]["steps"] == 4 and 1_000_000 < trained["result"]["parameters"] < 1_400_000, trained
    assert {"encoder", "metrics", "onnx"} <= set(trained["outputs"]), trained["outputs"]
    passes = ll.json("evaluate")["result"]
    assert passes["transfers"] == 3000 and set(passes["passes"]) == {"float32", "float64", "quantised"}, passes
    for name, figures in passes["passes"].items():
        expect_keys(figures, "max_abs", "mean_abs", "p50", "p99")
        assert (figures["max_abs"] == 0) == (name == "quantised"), (name, figures)
    made = ll.json("setup")["result"]
    expect_keys(made, "statement", "k", "advice_columns", "fixed_columns", "lookups", "degree", "proof_bytes")
    assert made["k"] == 14 and made["proof_bytes"] == 928 and made["srs"]["standing"] == "simulated", made
    estimate = ll.json("estimate")["result"]
    for key in ("statement", "k", "advice_columns", "fixed_columns", "instance_columns", "lookups", "degree", "proof_bytes"):
        assert estimate[key] == made[key], (key, estimate, made)
    run = ll.json("prove")
    assert abs(estimate["peak_rss_bytes"] / run["peak_rss_bytes"] - 1) < 0.2, (estimate, run)
    proved = run["result"]
    expect_keys(proved, "statement", "transfers", "k", "proof_bytes", "prove_ms", "vk_digest")
    assert proved["transfers"] == 256 and proved["proof_bytes"] == 928, proved
    answer = ll.json("verify")["result"]
    expect_keys(answer, "accepted", "reason", "statement", "transfers", "vk_digest", "srs", "verify_ms")
    assert answer["accepted"] and answer["reason"] is None and answer["vk_digest"] == made["vk_digest"], answer
    run = ll.expect(0, "verify")
    for words in ("ACCEPTED", "SIMULATED", "TEST-ONLY", "at most 256 transfers", "REVEALED", made["vk_digest"]):
        assert words in run.out, (words, run)


def every_pasted_example_works():
    ll.expect(0, "srs", "gen")
    for verb in ("data import", "data generate", "data simulate", "train", "evaluate", "export-onnx", "quantize", "srs info", "srs verify",
                 "srs gen", "srs convert", "srs truncate", "setup", "mock", "prove", "prove-batch", "verify", "circuit export",
                 "circuit copies", "circuit layout", "estimate", "demo", "doctor", "help", "completion", "config show"):
        example = ll.expect(0, *verb.split(), "--help").out.splitlines()[0].split()[1:]
        if verb == "data generate":  # the other lines go on with the ledger of `data import`
            example += ["-o", "generated"]
        ll.expect(0, *example)
    ll.expect(0, "report", "--no-open")  # its example shows a browser
    report = json.loads((WORK / "out" / "demo" / "report.json").read_text())
    assert report["refused"] == {"tampered_proof": True, "tampered_public_input": True, "overdrawing_batch": True}
    names = [stage["name"] for stage in report["stages"]]
    assert names == ["data", "train", "evaluate", "setup", "prove", "verify", "lies"], names
    assert all(stage["peak_rss_bytes"] > 0 for stage in report["stages"])


def keys_are_a_function_of_circuit_and_srs():
    ll.expect(0, "setup", "-o", "keys1")
    ll.expect(0, "setup", "-o", "keys2", "--threads", "1")
    for name in ("vk.json", "vk.bin", "vhat.safetensors", "srs.bin"):
        assert (WORK / "keys1" / name).read_bytes() == (WORK / "keys2" / name).read_bytes(), name
    vk = json.loads((WORK / "keys1" / "vk.json").read_text())
    assert vk["vk"] == (WORK / "keys1" / "vk.bin").read_bytes().hex()


def verify_needs_no_module():
    alone = WORK / "alone"
    alone.mkdir()
    shutil.copy(BINARY, alone / "latentledger")  # without libtorch's and Arrow's modules beside it
    command = Command(alone / "latentledger", WORK)
    assert command.json("verify")["result"]["accepted"]
    error = command.json("data", "info", code=2)
    assert "liblatentledger_parquet" in error["message"], error
    error = command.json("quantize", "-o", "never.safetensors", code=2)
    assert "liblatentledger" in error["message"] and error["hint"], error


def the_circuit_is_data():
    exported = ll.json("circuit", "export", "-o", "circuit.json")["result"]
    with_keys = ll.json("circuit", "export", "--keys", "latentledger-work/keys", "-o", "circuit-of-keys.json")["result"]
    assert with_keys["sha256"] == exported["sha256"] and exported["vk_digest"] is None, (exported, with_keys)
    assert with_keys["vk_digest"] == json.loads((MAIN / "keys" / "vk.json").read_text())["vk_digest"], with_keys
    circuit = json.loads((WORK / "circuit.json").read_text())
    assert circuit["k"] == 14 and len(circuit["fixed"]) == 6 and len(circuit["gates"]) == 11, circuit["gates"]


def one_transfer_and_a_later_batch():
    for first, count in ((0, 1), (300, 17)):
        proved = ll.json("prove", "--from", first, "--count", count, "-o", "small")["result"]
        assert proved["transfers"] == count and proved["proof_bytes"] == 928, proved
        ll.expect(0, "verify", "--proof", "small/proof.json")
    chain = [json.loads((p / "proof.json").read_text())["public"] for p in (MAIN / "proof", WORK / "small")]
    assert [p + d for p, d in zip(chain[0]["prev"], chain[0]["delta"])] == chain[0]["new"]
    for arguments in (["--count", "0"], ["--count", "257"], ["--from", "1000000"]):
        ll.expect(2, "prove", *arguments, "-o", "never")
    assert not (WORK / "never").exists()


def exact_wei_standalone_and_columns():
    ll.expect(0, "srs", "gen", "--k", "16", "-o", "srs-16.bin")
    for name, options, bits, ranged, size in (("exact", ["--exact", "--srs", "srs-16.bin"], 128, True, 1024),
                                              ("alone", ["--standalone", "--transfers", "100"], 32, True, 928),
                                              ("beside", ["--columns", "2"], 32, False, 1216)):
        made = ll.json("setup", *options, "-o", name)["result"]
        assert made["balance_bits"] == bits and made["proof_bytes"] == size and made["standalone"] == (name == "alone"), made
        proved = ll.json("prove", "--keys", name, "--count", made["transfers"], "-o", "p-" + name)["result"]
        assert proved["transfers"] == made["transfers"] and proved["proof_bytes"] == size, proved
        answer = ll.json("verify", "--vk", f"{name}/vk.json", "--proof", f"p-{name}/proof.json")["result"]
        assert answer["accepted"] and answer["balance_bits"] == bits and answer["start_in_range"] == ranged, answer
    # Exact wei: limb by limb, and all of it adds up to the batch as it stands in the ledger.
    public = json.loads((WORK / "p-exact" / "proof.json").read_text())["public"]
    assert all(len(vector) == 4 * 512 for vector in public.values()), {k: len(v) for k, v in public.items()}
    units = json.loads((MAIN / "proof" / "proof.json").read_text())["public"]
    assert len(units["prev"]) == 512
    overdraft = WORK / "exact.csv"
    ids = [line.split(",")[1] for line in (MAIN / "ledger" / "genesis.csv").read_text().splitlines()[1:]]
    overdraft.write_text(f"sender,receiver,amount\n{ids[0]},{ids[1]},{10**38 - 1}\n")
    error = ll.json("prove", "--keys", "exact", "--batch", overdraft, "-o", "never", code=5)
    assert "overdraft" in error["message"] and str(10**38 - 1) in error["message"], error
    overdraft.write_text(f"sender,receiver,amount\n{ids[0]},{ids[1]},{2**128}\n")
    assert "line 2, amount" in ll.json("prove", "--keys", "exact", "--batch", overdraft, "-o", "never", code=4)["message"]


def one_transfers_delta():
    made = ll.json("setup", "--statement", "delta", "-o", "delta-keys")["result"]
    assert made["statement"] == "delta" and made["k"] == 10 and made["proof_bytes"] == 1024 and made["transfers"] == 1, made
    estimate = ll.json("estimate", "--statement", "delta")["result"]
    for key in ("statement", "k", "advice_columns", "fixed_columns", "lookups", "degree", "proof_bytes"):
        assert estimate[key] == made[key], (key, estimate, made)
    ids = [line.split(",")[1] for line in (MAIN / "ledger" / "genesis.csv").read_text().splitlines()[1:]]
    proved = ll.json("prove", "--keys", "delta-keys", "--from", 7, "-o", "delta")["result"]
    assert proved["statement"] == "delta" and proved["proof_bytes"] == 1024 and proved["transfers"] == 1, proved
    answer = ll.json("verify", "--vk", "delta-keys/vk.json", "--proof", "delta/proof.json")["result"]
    assert answer["accepted"] and answer["statement"] == "delta" and answer["vk_digest"] == made["vk_digest"], answer
    named = ["--sender", ids[90], "--receiver", ids[3], "--amount", 2**32 - 1]
    ll.expect(0, "prove", "--keys", "delta-keys", *named, "-o", "delta")
    run = ll.expect(0, "verify", "--vk", "delta-keys/vk.json", "--proof", "delta/proof.json")
    assert "two different accounts" in run.out and "REVEALED" in run.out, run
    proof = json.loads((WORK / "delta" / "proof.json").read_text())
    assert set(proof["public"]) == {"delta"}, proof["public"].keys()
    moved = [proof["public"]["delta"][0] + 1, *proof["public"]["delta"][1:]]
    for code, vector in ((3, moved), (4, [2**48] + moved[1:]), (4, moved[1:])):
        (WORK / "bad.json").write_text(json.dumps(proof | {"public": {"delta": vector}}))
        ll.expect(code, "verify", "--vk", "delta-keys/vk.json", "--proof", "bad.json")
    ll.expect(4, "verify", "--proof", "delta/proof.json")  # under the key of `update`
    assert ll.json("mock", "--statement", "delta", *named)["result"]["satisfied"]
    self_transfer = ["--sender", ids[5], "--receiver", ids[5], "--amount", 1]
    report = ll.json("mock", "--statement", "delta", *self_transfer, code=5)["result"]
    assert {failure["name"] for failure in report["failures"]} >= {"jump"}, report
    error = ll.json("prove", "--keys", "delta-keys", *self_transfer, "-o", "never", code=5)
    assert "jump" in error["message"], error
    ll.expect(2, "prove", "--keys", "delta-keys", "--sender", ids[5], "-o", "never")
    ll.expect(2, "prove", "--keys", "delta-keys", "--sender", 4294967295, *named[2:], "-o", "never")
    ll.expect(2, "prove", *named, "-o", "never")  # `update` takes a batch
    assert not (WORK / "never").exists()


def invalid_batches_give_5():
    ids = [line.split(",")[1] for line in (MAIN / "ledger" / "genesis.csv").read_text().splitlines()[1:]]
    units = [int(line.split(",")[3]) for line in (MAIN / "ledger" / "genesis.csv").read_text().splitlines()[1:]]
    rich = max(range(128), key=lambda slot: units[slot])
    poor = min(range(128), key=lambda slot: units[slot])
    batches = {
        "overdraft": [(rich, poor, units[rich] + 1)],
        "self_transfer": [(rich, rich, 1)],
        "zero_amount": [(rich, poor, 0)],
    }
    order = [(rich, poor, units[rich]), (poor, rich, units[poor] + 1)]
    batches["swapped order"] = order[::-1]
    for name, batch in batches.items():
        (WORK / "batch.csv").write_text(
            "sender,receiver,amount\n" + "".join(f"{ids[s]},{ids[r]},{a}\n" for s, r, a in batch))
        error = ll.json("prove", "--batch", "batch.csv", "-o", "never", code=5)
        assert error["code"] == "unsatisfied" and "transfer 0" in error["message"], (name, error)
        report = ll.json("mock", "--batch", "batch.csv", code=5)["result"]
        assert not report["satisfied"] and "transfer 0" in report["invalid_transfer"], (name, report)
        if name == "zero_amount":  # an empty slot for the circuit: only a ledger has no transfer of nothing
            assert report["failures"] == [], report
        else:
            expect_keys(report["failures"][0], "kind", "name", "gate", "region", "row", "region_row", "meaning", "cells")
            expect_keys(report["failures"][0]["cells"][0], "column", "row", "annotation", "value")
        assert report["warnings"] == [], report
        if report["failures"]:
            assert " fails in " in error["message"], error
    (WORK / "batch.csv").write_text("sender,receiver,amount\n" + "".join(f"{ids[s]},{ids[r]},{a}\n" for s, r, a in order))
    ll.expect(0, "prove", "--batch", "batch.csv", "-o", "batch")
    ll.expect(0, "verify", "--proof", "batch/proof.json")
    line = f"{ids[0]},{ids[1]},1\n"
    for text in ("", "sender,receiver,amount\n", "from,to,amount\n" + line, "sender,receiver,amount\n" + line[:-1],
                 "sender,receiver,amount\n1.5," + line, f"sender,receiver,amount\n{ids[0]},{ids[1]},1.5\n",
                 f"sender,receiver,amount\n{ids[0]},{ids[1]},-1\n", f"sender,receiver,amount\n{ids[0]},{ids[1]},{2**32}\n",
                 f"sender,receiver,amount\n{ids[0]},,1\n", "sender,receiver,amount\n" + 257 * line):
        (WORK / "batch.csv").write_text(text)
        ll.expect(4, "prove", "--batch", "batch.csv", "-o", "never")
    assert not (WORK / "never").exists()


def changed_proofs_are_refused():
    path = MAIN / "proof" / "proof.json"
    data = path.read_bytes()
    proof = json.loads(data)
    rejected = 0
    for offset in sampled(len(data), 8) + [data.index(b'"proof"') + 12 + o for o in sampled(2 * 928, 8)]:
        (WORK / "bad.json").write_bytes(changed(data, offset))
        run = ll.run("verify", "--proof", "bad.json")
        if data[offset] != ord("\n"):
            assert run.code in (3, 4), (offset, str(run))
        rejected += run.code == 3
    assert rejected >= 4, rejected
    for length in sampled(len(data) - 2, 4):
        (WORK / "bad.json").write_bytes(data[:length])
        ll.expect(4, "verify", "--proof", "bad.json")

    def verify(code, **change):
        (WORK / "bad.json").write_text(json.dumps(proof | change))
        return ll.json("verify", "--proof", "bad.json", code=code)

    public = proof["public"]

    def moved(name, by):
        return public | {name: [public[name][0] + by, *public[name][1:]]}

    assert verify(0)["result"]["accepted"]
    for name in ("prev", "delta", "new"):
        answer = verify(3, public=moved(name, 1))["result"]
        assert answer["accepted"] is False and answer["reason"], answer
    both = moved("delta", 1) | {"new": moved("new", 1)["new"]}
    verify(3, public=both)
    verify(3, public={"prev": public["new"], "delta": [-d for d in public["delta"]], "new": public["prev"]})
    for name, value in {"short": public["prev"][1:], "long": public["prev"] + [0], "float": [0.5] + public["prev"][1:],
                        "text": ["0"] + public["prev"][1:], "huge": [2**54] + public["prev"][1:],
                        "wrap": [public["prev"][0] + 2**64] + public["prev"][1:]}.items():
        error = verify(4, public=public | {"prev": value})
        assert "prev" in error["message"], (name, error)
    for change in ({"more": 1}, {"statement": "delta"}, {"format": "x"}, {"schema_version": 2}, {"proof": proof["proof"] + "00"},
                   {"proof": proof["proof"].upper()}, {"proof": ""}, {"public": public | {"more": 1}}):
        verify(4, **change)
    text = data.decode()
    (WORK / "bad.json").write_text(text.replace('"statement"', '"statement":"update","statement"', 1))
    ll.expect(4, "verify", "--proof", "bad.json")  # a key that comes twice
    (WORK / "bad.json").write_text("[" * 100000)
    ll.expect(4, "verify", "--proof", "bad.json")


def changed_keys_are_refused():
    path = MAIN / "keys" / "vk.json"
    data = path.read_bytes()
    for offset in sampled(len(data), 10):
        if data[offset] in b" \n":  # white space between tokens says nothing
            continue
        (WORK / "bad.json").write_bytes(changed(data, offset))
        ll.expect(4, "verify", "--vk", "bad.json")
    for length in sampled(len(data) - 3, 4):
        (WORK / "bad.json").write_bytes(data[:length])
        ll.expect(4, "verify", "--vk", "bad.json")
    for name in ("vhat.safetensors", "srs.bin"):
        shutil.copytree(MAIN / "keys", WORK / "bad-keys", dirs_exist_ok=True)
        content = (MAIN / "keys" / name).read_bytes()
        for offset in sampled(len(content), 3):
            (WORK / "bad-keys" / name).write_bytes(changed(content, offset))
            ll.expect(4, "prove", "--keys", "bad-keys", "-o", "never")
        (WORK / "bad-keys" / name).write_bytes(content[:-1])
        ll.expect(4, "prove", "--keys", "bad-keys", "-o", "never")
        shutil.rmtree(WORK / "bad-keys")
    content = (MAIN / "encoder" / "encoder.safetensors").read_bytes()
    (WORK / "bad.safetensors").write_bytes(content[:-1])
    ll.expect(4, "setup", "--encoder", "bad.safetensors", "-o", "never")
    assert not (WORK / "never").exists()


def other_keys_and_other_data_are_told_apart():
    ll.expect(0, "data", "generate", "--seed", "9", "--transfers", "300", "--accounts", "50", "-o", "other")
    ll.expect(0, "setup", "--data", "other", "-o", "other-keys")
    mine = json.loads((MAIN / "keys" / "vk.json").read_text())["vk_digest"]
    theirs = json.loads((WORK / "other-keys" / "vk.json").read_text())["vk_digest"]
    error = ll.json("verify", "--vk", "other-keys/vk.json", code=4)
    assert error["code"] == "mismatch" and mine in error["message"] and theirs in error["message"], error
    ll.expect(4, "prove", "--keys", "other-keys", "-o", "never")
    ll.expect(0, "prove", "--keys", "other-keys", "--data", "other", "-o", "other-proof")  # 50 accounts, padded to 128 slots
    ll.expect(0, "verify", "--vk", "other-keys/vk.json", "--proof", "other-proof/proof.json")


def srs_of_every_standing():
    ll.expect(0, "srs", "truncate", "latentledger-work/srs.bin", "--k", "10", "-o", "ten.srs")
    error = ll.json("setup", "--srs", "ten.srs", "-o", "never", code=6)
    assert "14" in error["message"] and "10" in error["message"], error
    shutil.copy(MAIN / "srs.bin", WORK / "somebody.srs")
    error = ll.json("setup", "--srs", "somebody.srs", "-o", "never", code=6)
    assert "--allow-unknown-srs" in error["hint"], error
    assert not (WORK / "never").exists()
    made = ll.json("setup", "--srs", "somebody.srs", "--allow-unknown-srs", "-o", "unknown-keys")["result"]
    assert made["srs"]["standing"] == "unknown", made
    (WORK / "cut.srs").write_bytes((MAIN / "srs.bin").read_bytes()[:-1])
    ll.expect(4, "setup", "--srs", "cut.srs", "-o", "never")
    error = ll.json("setup", "--srs", "absent.srs", "-o", "never", code=6)
    assert "absent.srs" in error["message"], error
    vk = json.loads((WORK / "unknown-keys" / "vk.json").read_text())
    vk["srs"]["standing"] = "ceremony"
    (WORK / "bad.json").write_text(json.dumps(vk))
    ll.expect(4, "verify", "--vk", "bad.json")


def a_locked_folder_is_not_written():
    with open(MAIN / "keys" / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = (MAIN / "keys" / "vk.json").read_bytes()
        error = ll.json("setup", code=2)
        assert "in use" in error["message"], error
        assert (MAIN / "keys" / "vk.json").read_bytes() == before


def ctrl_c_while_training_can_be_resumed():
    long = Command(BINARY, WORK, LATENTLEDGER_TRAIN_STEPS="100000")
    run = long.interrupt_after(1, "train", "-o", "stopped")
    assert run.code == 130, run
    no_parts(WORK)
    run = long.interrupt_after(1, "train", "-o", "stopped", "--resume")
    assert run.code == 130, run
    ll.expect(0, "quantize", "--encoder", "stopped", "-o", "stopped/vhat.safetensors")


if __name__ == "__main__":
    try:
        run_all([the_six_lines_run_without_options, every_pasted_example_works, keys_are_a_function_of_circuit_and_srs,
                 verify_needs_no_module, the_circuit_is_data, one_transfer_and_a_later_batch, exact_wei_standalone_and_columns, one_transfers_delta,
                 invalid_batches_give_5])
        # Examples made a new SRS and new keys: from here on the proof is that of the last `prove` example.
        run_all([changed_proofs_are_refused, changed_keys_are_refused, other_keys_and_other_data_are_told_apart,
                 srs_of_every_standing, a_locked_folder_is_not_written, ctrl_c_while_training_can_be_resumed])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
