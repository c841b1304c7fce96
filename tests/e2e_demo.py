#!/usr/bin/env python3
"""The story as a whole: told in plain lines or at a terminal, stopped and gone on with, stage by stage, with the whole history; its page made again.

    e2e_demo.py BINARY
"""
import json
import os
import pathlib
import pty
import shutil
import sys
import tempfile

from command import Command, no_parts, run_all

WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_demo_"))
ll = Command(sys.argv[1], WORK)
SMALL = ["demo", "--steps", 40, "--transfers", 2000, "--count", 16, "--no-open"]
STAGES = ["data", "train", "evaluate", "setup", "prove", "verify", "lies"]


def recorded(folder):
    return [stage["name"] for stage in json.loads((WORK / folder / "stages.json").read_text())["stages"]]


def plain_lines_when_piped():
    run = ll.expect(0, *SMALL, "-o", "straight")
    assert "\x1b" not in run.out + run.err and "\r" not in run.out + run.err, run
    for number, stage in enumerate(STAGES, 1):
        assert f"\n{number}. {stage}" in run.out, run
    assert "what came out" not in run.out, "the closing table is for terminals"
    report = json.loads((WORK / "straight/report.json").read_text())
    assert [stage["name"] for stage in report["stages"]] == STAGES and all(report["refused"].values())


def bars_and_a_table_at_a_terminal():
    text = b""

    def read(descriptor):
        nonlocal text
        data = os.read(descriptor, 4096)
        text += data
        return data
    shutil.copytree(WORK / "straight", WORK / "terminal")
    before = os.getcwd()
    os.chdir(WORK)
    status = pty.spawn([ll.binary, *map(str, SMALL), "--stage", "evaluate", "-o", "terminal"], read, stdin_read=lambda _: b"")
    os.chdir(before)
    told = text.decode()
    assert os.waitstatus_to_exitcode(status) == 0, told
    assert "3/7 " in told and "[##" in told, told
    table = told[told.index("what came out"):]
    for stage in STAGES:
        assert f"\n{stage} " in table, table


def a_stopped_story_goes_on_to_the_same_weights():
    stopped = ll.interrupt_after(1.5, *SMALL, "-o", "stopped")
    assert stopped.code == 130 and "the same command goes on" in stopped.err, stopped
    assert recorded("stopped") == ["data"]
    no_parts(WORK / "stopped")
    run = ll.expect(0, *SMALL, "-o", "stopped")
    assert "goes on with stopped" in run.out and "gone on with: the time is of the rest" in run.out and "before]" in run.out, run
    name = "encoder/encoder.safetensors"
    assert (WORK / "stopped" / name).read_bytes() == (WORK / "straight" / name).read_bytes(), "stopped and gone on with: other weights"
    first, again = (json.loads((WORK / folder / "report.json").read_text()) for folder in ("straight", "stopped"))
    assert first["setup"]["vk_digest"] == again["setup"]["vk_digest"] and first["train"]["loss_first"] == again["train"]["loss_first"]
    assert first["inputs"].keys() == {path.replace("stopped/", "straight/") for path in again["inputs"]}
    # told to its end, the next one begins anew; so does one with other arguments
    assert "goes on with" not in ll.interrupt_after(0.5, *SMALL, "-o", "stopped").out


def other_arguments_or_a_spoilt_record_begin_anew():
    for spoil in (b"", b"{", b"[]", b'{"schema_version":1}', (WORK / "straight/stages.json").read_bytes().replace(b'"told"', b'"tale"')):
        shutil.rmtree(WORK / "spoilt", ignore_errors=True)
        (WORK / "spoilt").mkdir()
        (WORK / "spoilt/stages.json").write_bytes(spoil)
        assert ll.json(*SMALL, "--stage", "data", "-o", "spoilt")["result"]["missing"].startswith("train"), spoil
    assert "goes on with" not in ll.expect(0, *SMALL, "--fresh", "--stage", "data", "-o", "spoilt").out


def one_stage_by_itself():
    shutil.copytree(WORK / "straight", WORK / "alone")
    before = (WORK / "alone/proof/proof.json").read_bytes()
    run = ll.expect(0, *SMALL, "--stage", "prove", "-o", "alone")
    assert "5. prove" in run.out and "2. train" not in run.out and "not told yet, or no longer true: verify, lies" in run.out, run
    assert (WORK / "alone/proof/proof.json").read_bytes() != before, "a new proof has new blinding"
    assert not (WORK / "alone/report.json").exists(), "a report of a proof that is gone"
    told = ll.json(*SMALL, "--stage", "verify", "--stage", "lies", "-o", "alone")
    assert told["result"]["verify"]["accepted"] and "report" in told["outputs"]
    ll.expect(0, *SMALL, "--stage", "setup", "-o", "alone")
    assert recorded("alone") == ["data", "train", "evaluate", "setup"], "what the keys were for is out of date"
    error = ll.json(*SMALL, "--stage", "verify", "-o", "alone", code=2)
    assert "`verify` needs `prove`" in error["message"] and "--stage prove" in error["hint"], error
    assert "needs `data`" in ll.json(*SMALL, "--stage", "train", "-o", "nowhere", code=2)["message"]
    ll.json(*SMALL, "--stage", "nothing", "-o", "alone", code=2)
    assert "--full" in ll.json(*SMALL, "--stage", "history", "-o", "alone", code=2)["hint"]


def the_whole_history():
    shutil.copytree(WORK / "straight", WORK / "full")
    full = [*SMALL, "--full", "-o", "full"]
    record = json.loads((WORK / "full/stages.json").read_text())  # as if stopped before the history; its training takes minutes
    record["arguments"]["full"] = True
    record["stages"] = [stage for stage in record["stages"] if stage["name"] != "lies"]
    (WORK / "full/stages.json").write_text(json.dumps(record))
    run = ll.expect(0, *full)  # goes on: history, lies
    assert "goes on with full" in run.out and "all 1776 transfers in 7 chained proofs" in run.out, run
    report = json.loads((WORK / "full/report.json").read_text())
    history = report["history"]
    assert history["verify"]["accepted"] and history["verify"]["anchored"] and history["prove"]["transfers"] == 1776
    assert [stage["name"] for stage in report["stages"]] == [*STAGES[:6], "history", "lies"]
    ll.expect(0, "verify", "--vk", "full/keys/vk.json", "--chain", "full/chain")


def the_page_is_made_again():
    page = (WORK / "straight/report.html").read_bytes()
    told = ll.json("report", "straight/report.json", "-o", "again.html", "--no-open")
    assert told["result"]["page"] == "again.html" and (WORK / "again.html").read_bytes() == page
    (WORK / "other.json").write_text('{"schema_version": 1}')
    assert ll.json("report", "other.json", code=4)["where"] == "other.json"
    assert "latentledger demo" in ll.json("report", "absent.json", code=2)["hint"]


run_all([plain_lines_when_piped, bars_and_a_table_at_a_terminal, a_stopped_story_goes_on_to_the_same_weights,
         other_arguments_or_a_spoilt_record_begin_anew, one_stage_by_itself, the_whole_history, the_page_is_made_again])
shutil.rmtree(WORK)
