#!/usr/bin/env python3
"""The verb `bench`: the keys that scripts rely on, figures that are figures, names, the peer that is not there; and its page.

    e2e_bench.py BINARY SOURCE_FOLDER
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from command import Command, run_all

SOURCE = pathlib.Path(sys.argv[2])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_bench_"))
# A folder of dependencies without the peer: this test measures ours, tests/interop what the peer says.
ll = Command(sys.argv[1], WORK, LATENTLEDGER_DEPS=str(WORK / "nothing"))
TOOL = [sys.executable, str(SOURCE / "tools" / "write_benchmarks.py")]


def every_row_has_the_keys_and_a_figure():
    result = ll.json("bench", "--quick")["result"]
    for key in ("machine", "kernels", "threads", "commit", "compiler", "peer", "results"):
        assert key in result, key
    assert result["machine"]["cores"] >= 1 and result["machine"]["memory_bytes"] > 0, result["machine"]
    assert result["kernels"] and result["peer"] is None, result
    names = [row["name"] for row in result["results"]]
    assert len(set(names)) == len(names), names
    assert {"product", "msm_17", "msm_16_2bit", "ntt_17", "circuit_update", "prove_256", "prove_256_command", "setup_command", "verify",
            "verify_command", "verify_256", "data_generate"} <= set(names), names
    for row in result["results"]:
        for key in ("name", "value", "unit", "peer", "peer_value", "ratio", "goal", "limit", "met", "runs", "spread", "threads"):
            assert key in row, (key, row)
        assert row["value"] > 0 and row["unit"] and row["runs"] == 1, row
        assert row["cpu_seconds"] > 0 and row["peak_rss_bytes"] > 2**20, row
        assert row["peer"] is None and row["peer_value"] is None and row["ratio"] is None, row
    (WORK / "quick.json").write_text(json.dumps({"result": result}))


def a_peer_that_is_missing_is_told():
    run = ll.expect(0, "bench", "--only", "product")
    assert "no peer" in run.out and "no peer" in run.err and "setup.sh --with-bench" in run.err, run
    run = ll.expect(0, "bench", "--only", "product", "--no-peer")
    assert "no peer" not in run.err, run
    value = ll.json("bench", "--peer", "nowhere", code=2)
    assert "nowhere" in value["message"] and "--with-bench" in value["hint"], value


def rows_have_names():
    rows = ll.json("bench", "--list")["result"]["rows"]
    names = [row["name"] for row in rows]
    assert {"circuit_gates_16", "circuit_gates_18", "prove_65536", "chain", "evaluate_100000", "train", "size_1M", "size_8M"} <= set(names)
    assert all(name in ll.expect(0, "bench", "--list").out for name in names)
    chosen = ll.json("bench", "--filter", "^product", "--runs", "3")["result"]["results"]
    assert [row["name"] for row in chosen] == ["product", "product_chain"] and chosen[0]["runs"] == 3, chosen
    value = ll.json("bench", "--only", "prodict", code=2)
    assert "prodict" in value["message"] and all(name in value["hint"] for name in names), value
    assert "regular expression" in ll.json("bench", "--filter", "(", code=2)["message"]
    assert "needs a ledger" in ll.json("bench", "--only", "chain", code=2)["message"]


def the_page_is_what_the_committed_files_give():
    files = sorted((SOURCE / "docs" / "benchmarks").glob("*.json"))
    assert files, "no figures in docs/benchmarks"
    page = SOURCE / "docs" / "benchmarks.md"
    subprocess.run([*TOOL, "--check", str(page), *map(str, files)], check=True)
    changed = WORK / "benchmarks.md"
    changed.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert subprocess.run([*TOOL, "--check", str(changed), *map(str, files)], capture_output=True, check=False).returncode == 1
    made = subprocess.run([*TOOL, str(WORK / "quick.json")], capture_output=True, text=True, check=True).stdout
    assert "`prove_256_command`" in made, made


def readme_has_the_measured_table_of_ezkl():
    table = subprocess.run([sys.executable, SOURCE / "tools" / "compare_ezkl.py", "--table", SOURCE / "docs" / "comparisons" / "ezkl.json"], check=True,
                           capture_output=True, text=True).stdout
    assert table in (SOURCE / "README.md").read_text(), f"README.md does not hold\n{table}"


try:
    run_all([readme_has_the_measured_table_of_ezkl, every_row_has_the_keys_and_a_figure, a_peer_that_is_missing_is_told, rows_have_names, the_page_is_what_the_committed_files_give])
finally:
    shutil.rmtree(WORK)
