#!/usr/bin/env python3
"""End to end without proofs: help, exit codes, JSON, configuration, malformed CSV, ledger and SRS files, Ctrl-C.

    e2e_data.py BINARY SHARED_FOLDER
"""
import gzip
import json
import pathlib
import re
import shutil
import sys
import tempfile
from xml.etree import ElementTree

from command import Command, changed, no_parts, run_all, sampled

BINARY, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_data_"))
ll = Command(BINARY, WORK)

VERBS = ["data import", "data generate", "data info", "data simulate", "data chunk", "data compare", "train", "evaluate", "export-onnx", "quantize", "srs info",
         "srs verify", "srs gen", "srs convert", "srs truncate", *("ceremony " + verb for verb in (
             "new", "contribute", "beacon", "verify", "finalize", "export", "import", "transcript", "attest", "simulate")),
         "circuit export", "circuit copies", "circuit layout", "estimate", "inspect", "gen-settings", "calibrate-settings",
         "compile-circuit", "gen-witness", "setup", "mock", "prove", "prove-batch", "verify", "bench", "demo", "doctor", "report", "help", "completion",
         "config show"]
HEADER = "hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input"


def row(i, value="1000", sender=1, receiver=2):
    return f"0x{i:064x},0,0x{7:064x},{100 + i},0,0x{sender:040x},0x{receiver:040x},{value},21000,1,0x"


def csv(*rows, header=HEADER):
    return (header + "\n" + "".join(r + "\n" for r in rows)).encode()


def help_opens_with_a_line_to_paste():
    for verb in VERBS:
        first = ll.expect(0, *verb.split(), "--help").out.splitlines()[0]
        assert first.startswith(f"{ll.binary} {verb}"), first
    listed = re.findall(r"^  ([a-z-]+) {2,}", ll.expect(0, "--help").out.split("Subcommands:")[1], re.M)
    assert sorted(listed) == sorted({v.split()[0] for v in VERBS}), listed
    assert ll.expect(0, "--version").out.startswith("latentledger ")


def usage_errors_give_2():
    for arguments in (["data", "info", "--bogus"], ["frobnicate"], ["data"], ["data", "generate", "--transfers", "many"],
                      ["data", "generate", "--accounts", "129"], ["data", "generate", "--profile", "flat"],
                      ["data", "import", "nowhere.csv"], ["data", "info", "--data", "nowhere"], ["data", "info", "nowhere"],
                      ["srs", "gen", "--k", "29"], ["setup", "--statement", "delta"], ["verify"], ["prove"], ["train", "--steps", "-1"]):
        error = ll.json(*arguments, code=2)
        assert not error["ok"] and error["message"], error
    assert ll.json("srs", "info", "nowhere.srs", code=6)["code"] == "srs"
    run = ll.expect(2, "data", "info", "--bogus")
    assert run.out == "" and run.err.startswith("error: "), run
    ll.expect(2)  # no verb: help
    for words, wanted in ((["data", "imprt"], "`data import`"), (["verfy"], "`verify`"), (["data", "zzzzzzzz"], "no verb `data zzzzzzzz`")):
        assert wanted in ll.json(*words, code=2)["message"], words
    (WORK / "misspelt.toml").write_text("[train]\nstps = 4\n")
    assert "`train.stps`" in ll.json("--config", "misspelt.toml", "train", code=2)["message"] or "stps" in ll.json(
        "--config", "misspelt.toml", "train", code=2)["message"]


def circuits_can_be_looked_into():
    cost = ll.json("estimate")["result"]
    for key in ("statement", "k", "advice_columns", "fixed_columns", "lookups", "degree", "proof_bytes", "prove_ms", "peak_rss_bytes"):
        assert key in cost, key
    assert (cost["statement"], cost["k"], cost["proof_bytes"], cost["degree"]) == ("update", 14, 928, 5), cost
    larger = ll.json("estimate", "--transfers", "1024", "--reference-costs")["result"]
    again = ll.json("estimate", "--transfers", "1024", "--reference-costs")["result"]
    assert larger["k"] == 16 and larger["peak_rss_bytes"] > cost["peak_rss_bytes"] and larger["prove_ms"] == again["prove_ms"], larger
    copies = ll.json("circuit", "copies")["result"]
    assert copies["columns"] == [] and copies["copies"] == [], copies
    for rows in ([], ["--rows", "144:265"]):
        drawn = ll.json("circuit", "layout", "-o", "drawings/layout.svg", *rows)
        assert drawn["result"]["regions"] == 129 and list(drawn["outputs"]) == ["layout"], drawn
        svg = (WORK / "drawings" / "layout.svg").read_text()
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert ("128 regions, 122 rows each" in svg) == (not rows) and ("rows 144 to 265" in svg) == bool(rows), rows
    for rows in ("5", "9:3", "a:b", "16374:16383", "1:2:3"):
        ll.expect(2, "circuit", "layout", "--rows", rows, "-o", "never.svg")
    for arguments in (["--transfers", "0"], ["--accounts", "1"], ["--dims", "7"], ["--statement", "nonsense"]):
        ll.expect(2, "estimate", *arguments)
    assert not (WORK / "never.svg").exists()


def generated_ledgers_repeat():
    first = ll.json("data", "generate", "--seed", "5", "--transfers", "300", "-o", "a")
    second = ll.json("data", "generate", "--seed", "5", "--transfers", "300", "-o", "b", "--threads", "1")
    for name in ("transfers.parquet", "genesis.csv", "accounts.csv", "import.json"):
        assert (WORK / "a" / name).read_bytes() == (WORK / "b" / name).read_bytes(), name
    for key in ("sequences", "transfers", "shards", "invalid", "transfers_per_second"):
        assert key in first["result"], key
    assert first["result"]["invalid"] == 0 and second["result"]["transfers"] == 300
    replay = ll.json("data", "simulate", "--data", "a", "--every", "100", "-o", "a.csv")["result"]
    lines = (WORK / "a.csv").read_text().splitlines()
    assert replay["transfers"] == 300 and replay["snapshots"] == len(lines) - 1 == 4, replay
    assert replay["final_state_hash"] in lines[-1], (replay, lines[-1][:200])
    assert replay["final_state_hash"] == json.loads((WORK / "a" / "import.json").read_text())["final_state_hash"]
    many = ll.json("data", "generate", "--sequences", "3", "--transfers", "20", "-o", "many", "--profile", "uniform")
    assert many["result"]["shards"] == 3 and many["result"]["transfers"] == 60
    again = ll.json("data", "generate", "--sequences", "4", "--transfers", "20", "-o", "many", "--profile", "uniform", "--resume")
    assert again["result"]["resumed"] == 3, again
    info = ll.json("data", "info", "many/sequence-000003")["result"]
    assert info["transfers"] == 20 and info["accounts"] == 128, info


def values_come_from_four_places():
    (WORK / "latentledger.toml").write_text('workdir = "from-file"\n[data.generate]\ntransfers = 31\nseed = 4\n')
    try:
        assert ll.json("data", "generate")["result"]["transfers"] == 31
        assert (WORK / "from-file" / "ledger" / "import.json").exists()
        other = Command(BINARY, WORK, LATENTLEDGER_DATA_GENERATE_TRANSFERS="32", LATENTLEDGER_WORKDIR="from-env")
        assert other.json("data", "generate")["result"] | {"transfers_per_second": 0} == {
            "profile": "ethereum", "seed": 4, "sequences": 1, "transfers": 32, "shards": 1, "resumed": 0, "invalid": 0,
            "transfers_per_second": 0}
        assert (WORK / "from-env" / "ledger" / "import.json").exists()
        assert other.json("data", "generate", "--transfers", "33")["result"]["transfers"] == 33
        (WORK / "latentledger.toml").write_text("nonsense = 1\n")
        ll.expect(2, "data", "info", "a")
    finally:
        (WORK / "latentledger.toml").unlink()


def malformed_csv_is_refused_with_its_place():
    good = csv(*[row(i, receiver=2 + i % 3) for i in range(1, 9)])
    cases = {  # name: (bytes, words of the message)
        "cut-line.csv": (good[:-40], ["line 9"]),
        "float.csv": (csv(row(1), row(2, "8.1e+16")), ["line 3", "value", "8.1e+16"]),
        "point.csv": (csv(row(1), row(2, "1.5")), ["line 3", "value"]),
        "negative.csv": (csv(row(1), row(2, "-7")), ["line 3", "value", "-7"]),
        "huge.csv": (csv(row(1, str(2**128))), ["line 2", "value"]),
        "header.csv": (csv(row(1), header="foo,bar"), ["foo"]),
        "no-value.csv": (csv(row(1), header=HEADER.replace("value", "worth")), []),
        "address.csv": (csv(row(1).replace("0x" + "0" * 39 + "1", "0x12")), ["line 2", "from_address"]),
        "cells.csv": (csv(row(1), row(2) + ",1"), ["line 3"]),
        "empty.csv": (b"", []),
        "only-header.csv": (csv(), []),
        "zero.csv": (bytes(1000), []),
        "cut.csv.gz": (gzip.compress(good)[:-20], []),
        "changed.csv.gz": (changed(gzip.compress(good), len(gzip.compress(good)) - 6), []),
    }
    (WORK / "good.csv").write_bytes(good)
    result = ll.json("data", "import", "good.csv", "-o", "good")["result"]
    assert result["rows"] == 8 and result["kept"] == 8 and result["accounts"] == 4 and result["transfers"] == 8, result
    for key in ("dropped", "pairs", "unit", "dust_total", "supply"):
        assert key in result, key
    for name, (data, words) in cases.items():
        (WORK / name).write_bytes(data)
        error = ll.json("data", "import", name, "-o", "refused", code=4)
        for word in [name, *words]:
            assert word in error["message"] + (error["where"] or ""), (name, word, error)
        assert not (WORK / "refused").exists(), name


def a_changed_ledger_folder_is_refused():
    for name in ("import.json", "transfers.parquet", "genesis.csv", "accounts.csv"):
        shutil.copytree(WORK / "a", WORK / "c", dirs_exist_ok=True)
        data = (WORK / "a" / name).read_bytes()
        for offset in sampled(len(data), 4):
            (WORK / "c" / name).write_bytes(changed(data, offset))
            ll.expect(4, "data", "info", "c")
        for length in (0, len(data) - 2):  # the last byte of import.json is a line end
            (WORK / "c" / name).write_bytes(data[:length])
            ll.expect(4, "data", "info", "c")
        shutil.rmtree(WORK / "c")


def srs_files_are_recognised_and_checked():
    made = ll.json("srs", "gen", "--k", "6", "-o", "six.srs")["result"]
    assert made["standing"] == "test-only" and made["k"] == 6 and made["format"] == "halo2-raw", made
    ll.expect(0, "srs", "convert", "six.srs", "--format", "processed", "-o", "six.processed")
    ll.expect(0, "srs", "convert", "six.processed", "-o", "six.again")
    assert (WORK / "six.srs").read_bytes() == (WORK / "six.again").read_bytes()
    ll.expect(0, "srs", "truncate", "six.srs", "--k", "4", "-o", "four.srs")
    assert ll.json("srs", "info", "four.srs")["result"]["k"] == 4
    error = ll.json("srs", "truncate", "six.srs", "--k", "7", "-o", "seven.srs", code=6)
    assert "7" in error["message"] and "6" in error["message"], error
    assert not (WORK / "seven.srs").exists()
    for name in ("six.srs", "six.processed"):
        data = (WORK / name).read_bytes()
        for offset in sampled(len(data), 8):
            (WORK / "bad.srs").write_bytes(changed(data, offset))
            assert ll.run("srs", "info", "bad.srs").code in (4, 6), offset
        for length in (0, 100, len(data) - 1):
            (WORK / "bad.srs").write_bytes(data[:length])
            assert ll.run("srs", "info", "bad.srs").code in (4, 6), length
    (WORK / "bad.srs").write_bytes((WORK / "six.srs").read_bytes())
    assert ll.json("srs", "info", "bad.srs")["result"]["standing"] == "unknown"  # the claim stands beside six.srs only
    origin = json.loads((WORK / "six.srs.json").read_text())
    for change in ({"standing": "ceremony"}, {"sha256": "0" * 64}, {"more": 1}, {"schema_version": 2}):
        (WORK / "bad.srs.json").write_text(json.dumps(origin | change))
        ll.expect(4, "srs", "info", "bad.srs")
    (WORK / "bad.srs.json").unlink()


def real_ceremonies_are_recognised():
    folder = SHARED / "vectors" / "srs"
    if not folder.is_dir():
        print(f"SKIPPED: {folder} is not there: no file of a real ceremony is looked at", flush=True)
        return
    hermez = ll.json("srs", "info", folder / "powersOfTau28_hez_final_08.ptau")["result"]
    assert (hermez["format"], hermez["k"], hermez["standing"], hermez["contributions"], hermez["beacon"]) == (
        "ptau", 8, "ceremony", 55, True), hermez
    perpetual = ll.json("srs", "info", folder / "ppot_0071_k1.srs")["result"]
    assert (perpetual["k"], perpetual["standing"]) == (1, "ceremony") and "0071" in perpetual["name"], perpetual
    assert perpetual["sha256"] == "cafb2aa72c200ddc4e28aacabb8066e829207e2484b8d17059a566232f8a297b"
    ll.expect(0, "srs", "convert", folder / "powersOfTau28_hez_final_08.ptau", "--k", "6", "-o", "hermez.srs")
    converted = ll.json("srs", "info", "hermez.srs")["result"]
    assert converted["standing"] == "ceremony" and converted["sha256"] == (
        "7e7a713a71cde778ca4bc7d4458e4ae096176ea39fc9fe098f0f089c2853a421"), converted
    chain = ll.json("srs", "info", folder / "pot28_0086_nopoints.ptau")["result"]  # a chain without points is no SRS
    assert chain["points_checked"] is False and chain["standing"] == "unknown" and chain["contributions"] == 67, chain
    ll.expect(4, "srs", "convert", folder / "pot28_0086_nopoints.ptau", "-o", "never.srs")
    response = ll.json("srs", "info", folder / "ppot_response_form_k8.bin")["result"]
    assert response["format"] == "ppot-response" and response["k"] == 8 and response["standing"] == "unknown", response
    data = (folder / "powersOfTau28_hez_final_08.ptau").read_bytes()
    powers = 12 + 12 + 44 + 12  # offset of section 2; the first 2^8 of its points are read
    for offset in [0, 5, 9, 13, 17, 25, 60, 64] + [powers + o for o in sampled(64 * 256, 6)]:
        (WORK / "bad.ptau").write_bytes(changed(data, offset))
        assert ll.run("srs", "info", "bad.ptau").code in (4, 6), offset
    for length in sampled(len(data) - 1, 4):
        (WORK / "bad.ptau").write_bytes(data[:length])
        assert ll.run("srs", "info", "bad.ptau").code in (4, 6), length


def ctrl_c_gives_130_and_leaves_nothing_half_written():
    run = ll.interrupt_after(0.7, "data", "generate", "--sequences", "100000", "--transfers", "2000", "-o", "long")
    assert run.code == 130, run
    no_parts(WORK)
    done = sorted((WORK / "long").glob("sequence-*/import.json"))
    ll.expect(0, "data", "info", done[0].parent)


def progress_as_json_is_one_object_a_line():
    run = ll.expect(0, "data", "generate", "--sequences", "3", "--transfers", "50", "-o", "p", "--progress", "json", "--json")
    events = [json.loads(line) for line in run.err.splitlines()]
    assert [e["event"] for e in events][0] == "begin" and events[-1]["event"] == "end" and events[-1]["done"] == 3, events
    assert ll.expect(0, "data", "info", "p/sequence-000000", "-q").err == ""


if __name__ == "__main__":
    try:
        run_all([help_opens_with_a_line_to_paste, usage_errors_give_2, circuits_can_be_looked_into, generated_ledgers_repeat,
                 values_come_from_four_places,
                 malformed_csv_is_refused_with_its_place, a_changed_ledger_folder_is_refused, srs_files_are_recognised_and_checked,
                 real_ceremonies_are_recognised, ctrl_c_gives_130_and_leaves_nothing_half_written,
                 progress_as_json_is_one_object_a_line])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
