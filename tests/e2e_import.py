#!/usr/bin/env python3
"""`data import` of every layout and container, through the command: invented tables, and the real ones where they are.

    e2e_import.py BINARY SHARED_FOLDER
"""
import gzip
import json
import pathlib
import shutil
import sys
import tempfile

from command import Command, no_parts, run_all

BINARY, REAL = sys.argv[1], pathlib.Path(sys.argv[2]).resolve() / "data" / "ethereum"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_import_"))
ll = Command(BINARY, WORK)
ACCOUNTS = [f"0x{i:040x}" for i in range(1, 9)]
USDT, DAI = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0x6b175474e89094c44da98b954eedeac495271d0f"


def write(name, text):
    (WORK / name).write_text(text)
    return name


def columns_of_unknown_tables_are_named():
    table = write("t.csv", "who,payee,wei,height\n" + "".join(
        f"{ACCOUNTS[i % 3]},{ACCOUNTS[(i + 1) % 3]},{10**18 + i},{i}\n" for i in range(9)))
    error = ll.json("data", "import", table, "-o", "refused", code=4)
    assert "t.csv" in error["message"] and "who,payee,wei,height" in error["message"] and "--map" in error["hint"], error
    mapped = ll.json("data", "import", table, "--map", "from=who,to=payee,value=wei,block=height", "-o", "mapped")["result"]
    assert (mapped["rows"], mapped["kept"], mapped["accounts"], mapped["transfers"]) == (9, 9, 3, 9), mapped
    turned = ll.json("data", "import", table, "--map", "who=sender,payee=receiver,wei=value,height=block", "-o", "turned")["result"]
    assert turned == mapped
    assert (WORK / "mapped" / "transfers.parquet").read_bytes() == (WORK / "turned" / "transfers.parquet").read_bytes()
    ll.expect(2, "data", "import", table, "--map", "from")
    ll.expect(4, "data", "import", table, "--map", "from=nobody,to=payee,value=wei")
    ll.expect(2, "data", "import", table, "--format", "kaggle")
    ll.expect(4, "data", "import", table, "--format", "etherscan-txlist")


def floats_are_taken_exactly_or_refused_with_their_line():
    def table(*values):
        return write("f.csv", "from,to,value,block_number\n" + "".join(
            f"{ACCOUNTS[0]},{ACCOUNTS[1]},{value},{i}\n" for i, value in enumerate(values)))
    error = ll.json("data", "import", table("5", "8.1e+16"), "-o", "refused", code=4)
    assert "line 3" in error["message"] and "8.1e+16" in error["message"] and "--floats" in error["hint"], error
    exact = ll.json("data", "import", table("5", "8.1e+16", "149523943947000.0"), "--floats", "exact", "-o", "floats")["result"]
    assert exact["kept"] == 3 and int(exact["supply"]) == 5 + 81 * 10**15 + 149523943947000, exact
    rounded = table("5", "1.3820175873675184e+17")
    assert "line 3" in ll.json("data", "import", rounded, "--floats", "exact", "-o", "refused", code=4)["message"]
    dropped = ll.json("data", "import", rounded, "--floats", "exact-only", "-o", "floats")["result"]
    assert dropped["kept"] == 1 and dropped["dropped"] == {"inexact_value": 1}, dropped
    assert not (WORK / "refused").exists()


def accounts_are_chosen_as_asked():
    rows = [(0, 1)] * 5 + [(1, 2)] * 4 + [(5, 6)] * 30 + [(2, 0), (2, 3), (3, 4)]
    table = write("c.csv", "from,to,value,block_number\n" + "".join(
        f"{ACCOUNTS[a]},{ACCOUNTS[b]},7,{i}\n" for i, (a, b) in enumerate(rows)))

    def chosen(*options):
        ll.expect(0, "data", "import", table, "-o", "chosen", *options)
        lines = (WORK / "chosen" / "accounts.csv").read_text().splitlines()[1:]
        return sorted(ACCOUNTS.index(line.split(",")[2]) for line in lines)
    assert chosen("--accounts", "2") == [5, 6]
    assert chosen("--accounts", "3", "--choose", "capped", "--pair-cap", "2") == [0, 1, 2]
    assert chosen("--choose", "component") == [0, 1, 2, 3, 4]
    assert chosen("--choose", "component", "--accounts", "2") == [0, 1]
    write("list.txt", f"# two\n{ACCOUNTS[3]}\n{ACCOUNTS[2]}\n")
    assert chosen("--choose", "list", "--list", "list.txt") == chosen("--list", "list.txt") == [2, 3]
    ll.expect(2, "data", "import", table, "--choose", "list")
    ll.expect(2, "data", "import", table, "--choose", "densest")
    write("list.txt", ACCOUNTS[7] + "\n")
    assert ACCOUNTS[7] in ll.json("data", "import", table, "--list", "list.txt", code=2)["message"]


def tokens_make_a_ledger_of_several_assets():
    header = "block_number,transaction_index,from_address,to_address,time_stamp,contract_address,value\n"
    table = write("tokens.csv", header + "".join(
        f"{i},0,{ACCOUNTS[i % 4]},{ACCOUNTS[(i + 1) % 4]},1,{token},{value}\n"
        for i in range(40) for token, value in ((USDT, "18.67"), (DAI, "0.000000000000000001"))))
    result = ll.json("data", "import", table, "-o", "tokens")["result"]
    assert result["accounts"] == 8 and result["addresses"] == 4 and result["unit"] is None, result
    assert [(a["symbol"], a["decimals"], a["transfers"]) for a in result["assets"]] == [("DAI", 18, 40), ("USDT", 6, 40)], result
    one = ll.json("data", "import", table, "--asset", "USDT", "-o", "usdt")["result"]
    assert one["accounts"] == 4 and one["dropped"] == {"other_asset": 40} and one["unit"] == "1", one
    unit = ll.json("data", "import", table, "--unit", "USDT=1000", "-o", "units")["result"]
    assert [a["unit"] for a in unit["assets"]] == ["1", "1000"], unit
    info = ll.json("data", "info", "tokens")["result"]
    assert info == {key: value for key, value in result.items() if key not in ("plain", "sums")}, info
    replay = ll.json("data", "simulate", "--data", "tokens", "-o", "tokens-replay.csv")["result"]
    assert replay["final_state_hash"] == result["final_state_hash"], replay
    assert "--asset" in ll.json("data", "chunk", "--data", "tokens", "-o", "chunks.parquet", code=2)["message"]
    chunks = ll.json("data", "chunk", "--data", "usdt", "--length", "15", "-o", "chunks.parquet")["result"]
    assert (chunks["sequences"], chunks["transfers"], chunks["invalid"]) == (3, 40, 0), chunks
    ll.expect(0, "train", "--steps", "2", "--data", "tokens", "-o", "encoder", "-q")
    told = ll.json("evaluate", "--encoder", "encoder", "--data", "tokens", "--transfers", "60", "-o", "evaluation")
    assert told["result"]["passes"]["quantised"]["max_abs"] == 0, told
    refused = ll.json("setup", "--encoder", "encoder", "--data", "tokens", "-o", "keys", code=4)
    assert "one asset" in refused["message"], refused
    assert not (WORK / "keys").exists() or not any((WORK / "keys").iterdir())


def real_files_give_the_expected_counts():
    if not (REAL / "expected.json").is_file():
        print(f"SKIPPED: {REAL} is not there: no real table is imported", flush=True)
        return
    expected = json.loads((REAL / "expected.json").read_text())
    name = "etherscan_txlist_3300000_3379999.csv.gz"
    told = ll.json("data", "import", REAL / name, "-o", "n2")["result"]
    want = expected[name]
    assert told["rows"] == want["rows"] and told["kept"] == want["plain_native_transfers"], told
    assert told["rows"] - told["dropped"]["duplicate_hash"] == want["unique_transactions"], told
    assert told["transfers"] == want["subgraph128"]["weight"]["transfers"], told
    assert told["sums"] == {"ETH": want["subgraph128"]["weight"]["sum_value_wei"]}, told
    assert told["plain"] == [{"symbol": "ETH", "contract": None, "transfers": want["plain_native_transfers"],
                              "accounts": want["accounts"], "pairs": want["directed_pairs"], "sum": want["sum_value_wei"]}], told
    name = "etherscan_tokentx_stablecoins_upto_12499999.csv.gz"
    told = ll.json("data", "import", REAL / name, "-o", "t1")["result"]
    assert told["kept"] == expected[name]["positive_non_self"] and len(told["assets"]) == 3, told
    assert {a["symbol"]: a["decimals"] for a in told["assets"]} == {"USDT": 6, "USDC": 6, "DAI": 18}, told
    for symbol, want in expected[name]["per_token"].items():
        one = ll.json("data", "import", REAL / name, "--asset", symbol, "-o", "t1-one")["result"]
        assert (one["kept"], one["transfers"], one["pairs"]) == (want["transfers"], want["sub128"], want["sub128_pairs"]), one
    both = [REAL / "ethereumetl_transactions_3300000_3302204.csv.gz", REAL / "etherscan_txlist_3300000_3379999.csv.gz"]
    told = ll.json("data", "import", *both, "-o", "both")["result"]  # two layouts; what is in both is taken once
    assert told["rows"] == 19999 + 47035 and told["dropped"]["duplicate_hash"] > 255, told
    plain = gzip.decompress((REAL / "formats" / "jsonrpc_block_2179522.json.gz").read_bytes())
    (WORK / "block.json").write_bytes(plain)
    least = ll.json("data", "import", "block.json", "-o", "block")["result"]
    assert least["kept"] == 218, least
    before = REAL / "formats" / "jsonrpc_pre_state_2179522.json.gz"
    chain = ll.json("data", "import", "block.json", "--start-balances", before, "-o", "block")["result"]
    assert int(chain["supply"]) > int(least["supply"]) and chain["transfers"] == least["transfers"], chain


if __name__ == "__main__":
    try:
        run_all([columns_of_unknown_tables_are_named, floats_are_taken_exactly_or_refused_with_their_line,
                 accounts_are_chosen_as_asked, tokens_make_a_ledger_of_several_assets, real_files_give_the_expected_counts])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
