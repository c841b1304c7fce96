#!/usr/bin/env python3
"""`demo --data` on real Ethereum transfers: counts equal expected.json, the quantised error is 0, lies are refused.

    e2e_real.py BINARY SHARED_FOLDER      exits 77 (skipped) when the data are not there
"""
import json
import pathlib
import shutil
import sys
import tempfile

from command import SKIPPED, Command, no_parts

BINARY, DATA = sys.argv[1], pathlib.Path(sys.argv[2]).resolve() / "data" / "ethereum"
FILES = ["ethereumetl_transactions_3300000_3302204.csv.gz", "core256_from_to_value_1000000_3999999.csv.gz"]

if not all((DATA / name).is_file() for name in [*FILES, "expected.json"]):
    print(f"SKIPPED: {DATA} is not there: the demonstration does not run on real transfers")
    sys.exit(SKIPPED)

work = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_real_"))
try:
    expected_all = json.loads((DATA / "expected.json").read_text())
    ll = Command(BINARY, work)
    for name in FILES:
        told = ll.json("demo", "--data", DATA / name, "--steps", "10", "--transfers", "8000", "-o", name)
        expected, report = expected_all[name], json.loads((work / name / "report.json").read_text())
        dense = expected["subgraph128"]["weight"]
        data = report["data"]
        assert data["rows"] == expected["rows"] and data["kept"] == expected["plain_native_transfers"], data
        assert data["accounts"] == 128 and data["transfers"] == dense["transfers"], data
        assert data["pairs"] == dense["directed_pairs"], data
        assert report["evaluate"]["transfers"] == 8000 and report["evaluate"]["passes"]["quantised"]["max_abs"] == 0
        assert report["prove"]["transfers"] == 256 and report["prove"]["proof_bytes"] == 928, report["prove"]
        assert report["verify"]["accepted"] and all(report["refused"].values()) and len(report["refused"]) == 3
        assert str(DATA / name) in report["inputs"] and told["result"]["prove"] == report["prove"]
        if name == FILES[0]:
            print(f"ok  {name}: {data['transfers']} transfers, prove {report['prove']['prove_ms']:.0f} ms", flush=True)
            continue
        # The same ledger in wei, nothing rounded: balances of 128 bits.
        ll.expect(0, "data", "import", DATA / name, "-o", "ledger")
        folders = ["--data", "ledger", "--encoder", work / name / "encoder"]
        ll.expect(0, "srs", "gen", "--k", "16", "-o", "srs-16.bin")
        ll.expect(0, "setup", "--exact", *folders, "--srs", "srs-16.bin", "-o", "exact")
        exact = ll.json("prove", "--keys", "exact", "--data", "ledger", "--from", "1000", "-o", "proof")["result"]
        answer = ll.json("verify", "--vk", "exact/vk.json", "--proof", "proof/proof.json")["result"]
        assert exact["transfers"] == 256 and exact["proof_bytes"] == 1024 and answer["accepted"], (exact, answer)
        assert answer["balance_bits"] == 128 and answer["start_in_range"], answer
        print(f"ok  {name}: exact wei, prove {exact['prove_ms']:.0f} ms", flush=True)
        print(f"ok  {name}: {data['transfers']} transfers, prove {report['prove']['prove_ms']:.0f} ms", flush=True)
    no_parts(work)
finally:
    shutil.rmtree(work, ignore_errors=True)
