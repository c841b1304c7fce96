#!/usr/bin/env python3
"""Training sets in shards, the simulator and the comparison, through the command; kill -9, a full disk and read-only folders.

    e2e_generate.py BINARY      with the Python of tools/python-tests.lock
"""
import csv
import json
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

import formats
from command import Command, changed, no_parts, run_all
from small_disk import SmallDisk, read_only_places

BINARY = sys.argv[1]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_generate_"))
ll = Command(BINARY, WORK)
SMALL = ["data", "generate", "--train", "2500", "--validation", "900", "--per-shard", "1000", "--seed", "4"]
LARGE = ["data", "generate", "--train", "20000", "--validation", "4000", "--per-shard", "500", "--seed", "5"]


def contents(folder):
    return {p.name: p.read_bytes() for p in sorted((WORK / folder).iterdir()) if p.name != ".lock"}


def shards_are_a_function_of_seed_and_number():
    first = ll.json(*SMALL, "-o", "a")["result"]
    assert (first["sequences"], first["shards"], first["invalid"], first["complete"]) == (3400, 4, 0, True), first
    assert first["replayed"] == first["transfers"] and 10 * 3400 <= first["transfers"] <= 100 * 3400, first
    assert list(contents("a")) == ["manifest.json", "train-00000.parquet", "train-00001.parquet", "train-00002.parquet",
                                   "validation-00000.parquet"]
    for shards in ("3", "1..2", "0"):  # any shard alone, in any order, on any number of threads
        part = ll.json(*SMALL, "-o", "b", "--shards", shards, "--threads", "1")["result"]
        assert part["complete"] is False, part
    assert not (WORK / "b" / "manifest.json").exists()
    again = ll.json(*SMALL, "-o", "b", "--resume")["result"]
    assert again["resumed"] == 4 and again["complete"], again
    assert contents("a") == contents("b")
    info = ll.json("data", "info", "a")["result"]
    assert info["transfers"] == first["transfers"] and info["train"]["sequences"] == 2500 and info["shards"] == 4, info
    ll.expect(4, *SMALL, "-o", "a", "--seed", "6")  # a folder holds one plan
    ll.expect(2, *SMALL, "-o", "c", "--shards", "4")
    ll.expect(2, *SMALL, "-o", "c", "--length", "10-20")
    ll.expect(2, *SMALL, "-o", "c", "--transfers", "5")
    ll.expect(2, "data", "generate", "--shards", "1", "-o", "c")
    assert not (WORK / "c").exists()


def changed_shards_are_refused_by_name():
    data = (WORK / "a" / "train-00001.parquet").read_bytes()
    shutil.copytree(WORK / "a", WORK / "d")
    for offset in (0, 5000, len(data) - 1):
        (WORK / "d" / "train-00001.parquet").write_bytes(changed(data, offset))
        assert "train-00001.parquet" in ll.json("data", "info", "d", code=4)["message"]
    assert ll.json(*SMALL, "-o", "d", "--resume")["result"]["made"] == 1
    assert contents("d") == contents("a")
    count = formats.check("sequences", WORK / "d" / "manifest.json", lambda _: ll.run("data", "info", "d"), every=4)
    assert count > 5, count


def killed_runs_go_on_to_the_same_bytes():
    ll.expect(0, *LARGE, "-o", "whole")
    rng = random.Random(1)
    for round_number in range(5):
        process = subprocess.Popen([str(ll.binary), *LARGE, "-o", "killed", "--resume"], cwd=WORK, env=ll.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.02, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        finished = len(list((WORK / "killed").glob("*.parquet"))) if (WORK / "killed").exists() else 0
        complete = (WORK / "killed" / "manifest.json").exists()
        print(f"    killed with {finished} of 48 shards in place", flush=True)
        assert finished == 48 or not complete
    last = ll.json(*LARGE, "-o", "killed", "--resume")["result"]
    assert last["resumed"] == finished and last["made"] == 48 - finished, (finished, last)  # no finished shard is lost
    no_parts(WORK / "killed")
    assert contents("killed") == contents("whole")


def interrupted_runs_leave_finished_shards():
    run = ll.interrupt_after(0.2, "data", "generate", "--train", "2000000", "--per-shard", "500", "-o", "long")
    assert run.code == 130 and "--resume" in run.err, run
    no_parts(WORK / "long")
    assert list((WORK / "long").glob("train-*.parquet")) and not (WORK / "long" / "manifest.json").exists()
    shutil.rmtree(WORK / "long")


def a_full_disk_is_told_and_resume_goes_on():
    disk = SmallDisk(ll, "disk", 3)
    try:
        plan = SMALL if disk.is_mounted else [*SMALL[:7], "3000", *SMALL[8:]]  # a shard of 3000 is above the limit
        code, error = disk.run(*plan, "-o", "disk/set")
        assert code == 2 and error["code"] == "io" and str(pathlib.Path("disk/set")) in error["message"], error
        assert "No space left" in error["message"] or "File too large" in error["message"], error
        no_parts(WORK / "disk")
        disk.remount("size=64m")
        told = ll.json(*plan, "-o", "disk/set", "--resume")["result"]
        assert told["complete"] and told["made"] + told["resumed"] == told["shards"], told
        if plan == SMALL:
            assert contents("disk/set") == contents("a")
    finally:
        disk.close()


def a_full_disk_leaves_nothing_half_written():
    disk = SmallDisk(ll, "tiny", 0.02)
    try:
        for arguments in (["data", "simulate", "--data", "ledger", "--every", "1", "-o", "tiny/s.csv"],
                          ["data", "simulate", "--data", "ledger", "-o", "s.csv", "--deltas", "tiny/d.csv", "--every", "1000000"],
                          ["data", "generate", "--transfers", "60000", "-o", "tiny/ledger"]):
            code, error = disk.run(*arguments)
            assert code == 2 and error["code"] == "io" and "tiny/" in error["message"], error
            no_parts(WORK / "tiny")
        assert not (WORK / "tiny" / "s.csv").exists() and not (WORK / "tiny" / "ledger" / "import.json").exists()
    finally:
        disk.close()


def read_only_folders_are_named():
    disk = SmallDisk(ll, "sealed", 8)
    try:
        for place in read_only_places(disk):
            for arguments in ([*SMALL, "-o", f"{place}/x"], ["data", "generate", "-o", f"{place}/x"],
                              ["data", "simulate", "--data", "ledger", "-o", f"{place}/s.csv"],
                              ["data", "simulate", "--data", "ledger", "-o", "s.csv", "--deltas", f"{place}/d.csv"],
                              ["data", "compare", "--data", "ledger", "--with", "ledger", "-o", f"{place}/x"]):
                error = ll.json(*arguments, code=2)
                assert error["code"] == "io" and place in error["message"], error
        assert not (WORK / "s.csv").exists()
    finally:
        disk.close()


def vectors(path):
    """docs/formats/vector-file.md"""
    data = path.read_bytes()
    magic, version, kind, size, scale_bits, rows = struct.unpack_from("<8sIIIIQ", data)
    assert (magic, version) == (b"LLVECTOR", 1) and len(data) == 64 + rows * (8 + 8 * size), path
    table = [struct.unpack_from(f"<Q{size}q", data, 64 + i * (8 + 8 * size)) for i in range(rows)]
    return kind, scale_bits, data[32:64], {row[0]: row[1:] for row in table}


def the_simulator_writes_embeddings_and_deltas():
    ll.expect(0, "train", "--steps", "1", "--data", "ledger", "-o", "encoder", "-q")
    replay = ["data", "simulate", "--data", "ledger", "--encoder", "encoder"]
    plain = ll.json("data", "simulate", "--data", "ledger", "-o", "plain.csv")["result"]
    columns = ll.json(*replay, "--embedding", "columns", "-o", "columns.csv")["result"]
    told = ll.json(*replay, "--embedding", "binary", "-o", "binary.csv", "--deltas", "deltas.csv", "--delta-vectors", "deltas.bin")
    assert columns["homomorphism_error"] == 0 and told["result"]["homomorphism_error"] == 0, (columns, told)
    assert set(told["outputs"]) == {"snapshots", "embedding", "deltas", "delta_vectors"}, told
    assert plain["final_state_hash"] == columns["final_state_hash"] and columns["snapshots"] == 6, columns
    assert (WORK / "plain.csv").read_bytes() == (WORK / "binary.csv").read_bytes()
    kind, scale_bits, digest, states = vectors(WORK / "binary.embedding.bin")
    assert kind == 0 and scale_bits == 46 and list(states) == [0, 100, 200, 300, 400, 450], (kind, scale_bits)
    rows = list(csv.DictReader((WORK / "columns.csv").open()))
    for row in rows:
        assert tuple(int(row[f"embedding_{k}"]) for k in range(512)) == states[int(row["index"])]
    kind, _, other, deltas = vectors(WORK / "deltas.bin")
    assert kind == 1 and other == digest and len(deltas) == 450
    total = states[0]
    moves = list(csv.DictReader((WORK / "deltas.csv").open()))
    for i, move in enumerate(moves):
        total = [e + d for e, d in zip(total, deltas[i])]
        assert int(move["sender_before"]) - int(move["amount"]) == int(move["sender_after"])
        assert int(move["receiver_before"]) + int(move["amount"]) == int(move["receiver_after"])
        if i + 1 in states:
            assert tuple(total) == states[i + 1], i
            assert move["state_after"] == next(r["state_hash"] for r in rows if r["index"] == str(i + 1))
        assert i == 0 or move["state_before"] == moves[i - 1]["state_after"]
    exact = ll.json(*replay, "--exact", "--embedding", "binary", "-o", "exact.csv")["result"]
    assert exact["homomorphism_error"] == 0 and exact["balances_in"] == "wei", exact
    assert len(vectors(WORK / "exact.embedding.bin")[3][0]) == 4 * 512  # four limbs
    ll.expect(2, "data", "simulate", "--data", "ledger", "--embedding", "binary", "-o", "never.csv")
    assert not (WORK / "never.csv").exists()


def ledgers_are_compared_in_figures_and_plots():
    ll.expect(0, "data", "generate", "--seed", "9", "--transfers", "4000", "-o", "other")
    same = ll.json("data", "compare", "--data", "other", "--with", "other", "-o", "same")["result"]
    assert same["ks_amounts"] == 0 and same["ks_gaps"] == 0 and same["data"] == same["with"], same
    told = ll.json("data", "compare", "--data", "ledger", "--with", "other", "-o", "comparison")
    result = told["result"]
    assert 0 < result["ks_amounts"] < 0.1 and abs(result["with"]["mu"] - 42.48) < 0.3, result
    assert json.loads((WORK / "comparison" / "comparison.json").read_text()) == result
    table = list(csv.DictReader((WORK / "comparison" / "comparison.csv").open()))
    assert len(table) > 30 and float(table[5]["with"]) == round(result["with"]["mu"], 8), table[5]
    if shutil.which("gnuplot"):
        for name in ("amounts.svg", "degrees.svg", "gaps.svg"):
            assert ElementTree.fromstring((WORK / "comparison" / name).read_text()).tag == "{http://www.w3.org/2000/svg}svg"
            assert name in told["outputs"]
    ll.expect(2, "data", "compare", "--data", "ledger")


if __name__ == "__main__":
    try:
        ll.expect(0, "data", "generate", "--seed", "3", "--transfers", "450", "-o", "ledger")
        run_all([shards_are_a_function_of_seed_and_number, changed_shards_are_refused_by_name, killed_runs_go_on_to_the_same_bytes,
                 interrupted_runs_leave_finished_shards, a_full_disk_is_told_and_resume_goes_on,
                 a_full_disk_leaves_nothing_half_written, read_only_folders_are_named, the_simulator_writes_embeddings_and_deltas, ledgers_are_compared_in_figures_and_plots])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
