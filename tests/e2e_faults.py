#!/usr/bin/env python3
"""Full and read-only disks under `data import`, `train`, `evaluate`: one clear error, nothing half-written, what was there stays, and
work that can go on goes on to the same bits once there is room. (`data generate`: e2e_generate.py; kill -9: there and e2e_train.py.)

    e2e_faults.py BINARY
"""
import pathlib
import shutil
import sys
import tempfile

from command import Command, no_parts, run_all
from small_disk import SmallDisk, read_only_places

WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_faults_"))
ll = Command(sys.argv[1], WORK)
TINY = ["train", "--layers", 1, "--heads", 2, "--hidden", 128, "--feed-forward", 8, "--dims", 128, "--states", 2, "--micro-batch", 2,
        "--batch", 2, "--steps", 30, "--checkpoint-every", 10, "--data", "ledger"]


def files(folder):
    return {p.name: p.read_bytes() for p in (WORK / folder).iterdir() if p.is_file()}


def told(code, error, place):
    assert code == 2 and error["code"] == "io" and place in error["message"], error
    assert any(words in error["message"] for words in ("No space left", "File too large")), error


def an_import_that_finds_no_room_leaves_the_ledger_that_was_there():
    ll.expect(0, "data", "import", "-o", "ledger")
    disk = SmallDisk(ll, "small", 0.02)  # transfers.parquet alone is larger
    try:
        told(*disk.run("data", "import", "-o", "small/ledger"), "small/ledger")
        no_parts(WORK / "small")
        assert not (WORK / "small/ledger/import.json").exists()
        disk.remount("size=1m")
        if disk.is_mounted:
            ll.expect(0, "data", "import", "-o", "small/ledger")
            before = files("small/ledger")
            disk.remount("size=72k")  # what is there, and no room for another copy
            ll.expect(0, "data", "generate", "--transfers", "5000", "-o", "large")
            told(*disk.run("data", "generate", "--transfers", "5000", "-o", "small/ledger"), "small/ledger")
            assert files("small/ledger") == before
            ll.expect(0, "data", "info", "small/ledger")
    finally:
        disk.close()


def a_training_that_finds_no_room_goes_on_where_it_was():
    ll.expect(0, *TINY, "-o", "straight")
    size = len(files("straight")["encoder.safetensors"]) / (1 << 20)
    disk = SmallDisk(ll, "disk", size / 2)
    try:
        told(*disk.run(*TINY, "-o", "disk/encoder"), "disk/encoder")
        no_parts(WORK / "disk")
        assert not (WORK / "disk/encoder/encoder.safetensors").exists()
        if disk.is_mounted:  # room for one checkpoint, not for the next beside it
            disk.remount(f"size={int(size * 1.5 * 1024)}k")
            told(*disk.run(*TINY, "-o", "disk/encoder"), "disk/encoder")
            no_parts(WORK / "disk")
            disk.remount("size=64m")
            ll.expect(0, *TINY, "-o", "disk/encoder", "--resume")
            assert files("disk/encoder")["encoder.safetensors"] == files("straight")["encoder.safetensors"]
    finally:
        disk.close()


def an_evaluation_that_finds_no_room_says_so():
    disk = SmallDisk(ll, "narrow", 0.02)
    try:
        told(*disk.run("evaluate", "--encoder", "straight", "--data", "ledger", "--transfers", "2000", "--recover", "0", "-o", "narrow/e"),
             "narrow/e")
        no_parts(WORK / "narrow")
    finally:
        disk.close()


def read_only_folders_are_named():
    disk = SmallDisk(ll, "sealed", 1)
    try:
        for place in read_only_places(disk):
            for arguments in (["data", "import"], TINY, ["evaluate", "--encoder", "straight", "--data", "ledger", "--transfers", "10"]):
                error = ll.json(*arguments, "-o", f"{place}/x", code=2)
                assert error["code"] == "io" and place in error["message"], error
    finally:
        disk.close()


def the_doctor_says_what_is_there_and_what_to_do():
    checks = {check["name"]: check for check in ll.json("doctor")["result"]["checks"]}
    assert {"processor", "kernels", "memory", "work folder", "SRS", "libtorch", "toolchain", "browser", "self test"} <= set(checks), checks
    assert all(check["ok"] for check in checks.values() if check["needed"]), checks
    assert "BLAS" in checks["libtorch"]["detail"] and "standing: simulated" in checks["SRS"]["detail"] and "--srs" in checks["SRS"]["advice"], checks
    forced = Command(sys.argv[1], WORK, LATENTLEDGER_KERNELS="portable")
    kernels = [check for check in forced.json("doctor")["result"]["checks"] if check["name"] == "kernels"][0]
    assert kernels["detail"].startswith("portable;") and ("LATENTLEDGER_KERNELS" in kernels["advice"]) == (", portable" in kernels["detail"]), kernels
    ll_run = ll.run("doctor", "--workdir", "/proc/nowhere")
    assert ll_run.code != 0 and "NO   work folder" in ll_run.out and "what to do:" in ll_run.out and "--workdir" in ll_run.out, ll_run


if __name__ == "__main__":
    try:
        run_all([an_import_that_finds_no_room_leaves_the_ledger_that_was_there, a_training_that_finds_no_room_goes_on_where_it_was,
                 an_evaluation_that_finds_no_room_says_so, read_only_folders_are_named, the_doctor_says_what_is_there_and_what_to_do])
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
