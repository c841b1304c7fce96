#!/usr/bin/env python3
"""End to end: training that is killed and goes on, several processes, TensorBoard events. Networks of toy size.

    e2e_train.py BINARY
"""
import csv
import json
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from command import Command, no_parts, run_all
from tensorboard_events import crc32c, scalars

WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_train_"))
ll = Command(sys.argv[1], WORK)
TINY = ["train", "--layers", 1, "--heads", 2, "--hidden", 16, "--feed-forward", 8, "--dims", 24, "--accounts", 12, "--states", 3,
        "--micro-batch", 2]


def tiny(folder, *more, steps=40, batch=4):
    return [*TINY, "--steps", steps, "--batch", batch, "--validate-every", 10, "-o", folder, *more]


def start(*arguments, **variables):
    words = [ll.binary, *map(str, arguments)]
    return subprocess.Popen(words, cwd=WORK, env=ll.environment | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def weights(folder):
    return (WORK / folder / "encoder.safetensors").read_bytes()


def rows(folder):
    with open(WORK / folder / "metrics.csv") as file:
        return list(csv.DictReader(file))


def without_time(table):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in table]


def a_killed_run_goes_on_to_the_same_bits():
    steps = 250
    options = ["--checkpoint-every", 2, "--threads", 1]
    ll.expect(0, *tiny("straight", *options, steps=steps))
    kills = 0
    for pause in (0.02, 0.1, 0.2):
        process = start(*tiny("killed", *options, *(["--resume"] if kills else []), steps=steps))
        checkpoint = WORK / "killed/encoder.safetensors"
        deadline = time.monotonic() + 60
        before = checkpoint.stat().st_mtime_ns if kills else 0
        while not (checkpoint.exists() and checkpoint.stat().st_mtime_ns != before):  # it has begun, and gone on
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()
            time.sleep(0.005)
        time.sleep(pause)
        process.kill()
        process.communicate()
        kills += 1
    assert int(rows("killed")[-1]["step"]) < steps, "the run was over before it was killed"
    result = ll.json(*tiny("killed", *options, "--resume", steps=steps))["result"]
    assert result["steps"] == steps, result
    assert weights("killed") == weights("straight")
    assert without_time(rows("killed")) == without_time(rows("straight"))
    no_parts(WORK / "killed")


def events_hold_what_metrics_csv_holds():
    assert crc32c(b"123456789") == 0xE3069283
    table = rows("killed")
    events = scalars((WORK / "killed/events.out.tfevents.0.latentledger").read_bytes())
    assert len(events) == len(table) == 251
    for (step, values), row in zip(events, table):
        expected = {name: struct.unpack("<f", struct.pack("<f", float(value)))[0]
                    for name, value in row.items() if name not in ("step", "seconds") and value}
        assert step == int(row["step"]) and values == expected, (step, values, expected)


def threads_do_not_change_a_bit():
    ll.expect(0, *tiny("one", "--threads", 1))
    ll.expect(0, *tiny("three", "--threads", 3))
    assert weights("one") == weights("three")


def two_workers_are_one_with_the_doubled_batch():
    ll.expect(0, *tiny("double", batch=8))
    other = Command(ll.binary, WORK, MASTER_ADDR="nowhere.invalid", MASTER_PORT="1")  # of another launcher: not for our own processes
    result = other.json(*tiny("pair", "--workers", 2))
    assert result["result"]["steps"] == 40 and weights("pair") == weights("double")
    # and when a launcher starts them; resumed by one process, after an end that was asked for half way
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for names in (("RANK", "WORLD_SIZE"), ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")):
        shutil.rmtree(WORK / "launched", ignore_errors=True)
        processes = [start(*tiny("launched", "--json"), **dict(zip(names, (str(rank), "2"))), MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
                     for rank in (1, 0)]
        told = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
        assert told[0]["result"] == {"rank": 1, "workers": 2, "steps": 40}, told[0]
        assert weights("launched") == weights("double")


def a_lost_worker_ends_the_run_with_one_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    first, second = (start(*tiny("lost", "--checkpoint-every", 1, steps=10**7), RANK=rank, **place) for rank in "01")
    deadline = time.monotonic() + 60
    while not (WORK / "lost/encoder.safetensors").exists():
        assert first.poll() is None and time.monotonic() < deadline, first.communicate()
        time.sleep(0.01)
    second.kill()
    _, err = first.communicate(timeout=60)
    second.communicate()
    assert first.returncode not in (0, -6, -11) and err.count("error:") == 1 and "lost its peers" in err, (first.returncode, err)


def workers_end_with_the_first():
    begin = time.monotonic()
    error = ll.expect(2, *tiny("nowhere", "--workers", 3, "--data", "nowhere")).err
    assert "nowhere" in error and time.monotonic() - begin < 30, error


def bad_places_are_named():
    for variables, word in (({"RANK": "2", "WORLD_SIZE": "2"}, "RANK=2"), ({"WORLD_SIZE": "2"}, "RANK is not"),
                            ({"RANK": "0", "WORLD_SIZE": "two"}, "WORLD_SIZE=two")):
        process = start(*tiny("bad"), **variables)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 2 and word in err, err
    assert "multiple" in ll.expect(2, *tiny("bad", "--micro-batch", 3)).err
    ll.expect(0, *tiny("other"))
    assert "other options" in ll.expect(4, *tiny("other", "--resume", "--seed", 2)).err


run_all([a_killed_run_goes_on_to_the_same_bits, events_hold_what_metrics_csv_holds, threads_do_not_change_a_bit,
         two_workers_are_one_with_the_doubled_batch, a_lost_worker_ends_the_run_with_one_error, workers_end_with_the_first,
         bad_places_are_named])
shutil.rmtree(WORK)
