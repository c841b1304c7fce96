#!/usr/bin/env python3
"""The examples of demo/examples, run as their page says: what they print is what the page shows, their figures are computed again here from the
files they leave, and each fails when its cheat is not refused or a file is altered. Needs the Python of tools/python-tests.lock (numpy).

    e2e_examples.py BINARY SOURCE_FOLDER
"""
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy

from command import run_all

BINARY, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
EXAMPLES = SOURCE / "demo" / "examples"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_examples_"))
PAIR = re.compile(r"```sh\n(demo/examples/[^\n]*)\n```\n(?:(?!```).)*?```text\n(.*?)```", re.DOTALL)

# A `latentledger` that lies. LIE=accept: whatever its verifier refuses is accepted. LIE=alter: a number of each proof is changed as soon as it is made.
LIAR = """#!{python}
import json, os, pathlib, subprocess, sys
run = subprocess.run([{binary!r}, *sys.argv[1:]], capture_output=True, text=True)
out, code = run.stdout, run.returncode
if os.environ["LIE"] == "accept" and sys.argv[1] == "verify" and code:
    told = json.loads(out)
    out, code = json.dumps({{"ok": True, "result": (told.get("result") or {{}}) | {{"accepted": True, "reason": None}}, "elapsed_ms": 1}}), 0
if os.environ["LIE"] == "alter" and sys.argv[1] in ("prove", "prove-batch") and code == 0:
    for path in pathlib.Path(sys.argv[sys.argv.index("-o") + 1]).glob("proof*.json"):
        proof = json.loads(path.read_text())
        proof["public"]["delta"][7] += 1
        path.write_text(json.dumps(proof))
sys.stdout.write(out)
sys.exit(code)
"""


def example(name: str, *arguments: object, lie: str = "", binary: pathlib.Path = BINARY) -> subprocess.CompletedProcess:
    """One example in WORK, with a folder of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LATENTLEDGER_")} | {"LIE": lie}
    return subprocess.run([sys.executable, EXAMPLES / name, "--binary", binary, *map(str, arguments)], cwd=WORK, env=environment, capture_output=True,
                          text=True, timeout=300, check=False)


def without_chance(text: str) -> str:
    """A story without what differs between runs and machines: times, hidden states, errors of floats."""
    text = re.sub(r"\b[0-9.]+ (m?s)\b", r"T \1", " ".join(text.split()))
    text = re.sub(r"\b[0-9a-f]{64}\b", "HEX", text)
    return re.sub(r"differ in \d+ of", "differ in N of", re.sub(r"[0-9.]+e-[0-9]+", "X", text))


STORIES: dict[str, subprocess.CompletedProcess] = {}


def folder_of(command: str) -> pathlib.Path:
    return WORK / re.sub(r"\W+", "-", command)


def stories_are_as_the_page_tells_them() -> None:
    pairs = PAIR.findall((EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert [command.removeprefix("demo/examples/") for command, _ in pairs] == \
        ["auditor/run.py", "auditor/run.py --private", "sequencers/run.py", "new-accounts/run.py"], pairs

    def tell(pair: tuple[str, str]) -> tuple[str, str, subprocess.CompletedProcess]:
        name, *arguments = pair[0].removeprefix("demo/examples/").split()
        return *pair, example(name, *arguments, "-o", folder_of(pair[0]))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for command, shown, run in pool.map(tell, pairs):
            assert run.returncode == 0 and not run.stderr, f"{command}: exit {run.returncode}\n{run.stdout}{run.stderr}"
            assert "\r" not in run.stdout and "\033" not in run.stdout, "not plain when piped"
            assert without_chance(run.stdout) == without_chance(shown), f"{command}: the page shows\n{shown}\nand it printed\n{run.stdout}"
            STORIES[command.removeprefix("demo/examples/")] = run
            print(f"    {command}")


def directions(path: pathlib.Path) -> numpy.ndarray:
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    entry = json.loads(data[8:begin])["vhat"]
    first, last = entry["data_offsets"]
    return numpy.frombuffer(data[begin + first:begin + last], "<i2").reshape(entry["shape"]).astype(numpy.int64)


def rows(path: pathlib.Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def public(path: pathlib.Path) -> dict[str, numpy.ndarray]:
    return {name: numpy.array(vector, numpy.int64) for name, vector in json.loads(path.read_text())["public"].items()}


def applied(balances: numpy.ndarray, transfers: list[tuple[int, int, int]]) -> numpy.ndarray:
    out = balances.copy()
    for sender, receiver, amount in transfers:
        out[sender] -= amount
        out[receiver] += amount
        assert out[sender] >= 0
    return out


def opening(folder: pathlib.Path) -> numpy.ndarray:
    units = [int(row["balance_units"]) for row in rows(folder / "ledger" / "genesis.csv")]
    return numpy.array(units + [0] * (128 - len(units)), numpy.int64)


def the_auditor_keeps_the_ledgers_vector() -> None:
    folder = folder_of("demo/examples/auditor/run.py")
    transfers = [(int(row["sender"]), int(row["receiver"]), int(row["amount"])) for row in rows(folder / "deltas.csv")]
    balances = applied(opening(folder), transfers[:6 * 256])
    kept = numpy.frombuffer((folder / "auditor" / "state.bin").read_bytes(), "<i8")
    assert len(kept) == 512 and (kept == balances @ directions(folder / "keys" / "vhat.safetensors")).all()
    assert sorted(path.name for path in (folder / "auditor").iterdir()) == ["state.bin", "vk.json"]
    private = folder_of("demo/examples/auditor/run.py --private")
    state = (private / "auditor" / "state.bin").read_bytes()
    assert len(state) == 32 and json.loads((private / "chain" / "chain.json").read_text())["states"][-1] == state.hex()
    assert state.hex() in STORIES["auditor/run.py --private"].stdout


def the_auditor_refuses_tampered_files() -> None:
    folder, keep = folder_of("demo/examples/auditor/run.py"), WORK / "keep"
    proofs = [folder / "chain" / f"proof-{i:06}.json" for i in range(6)]
    keep.mkdir()
    shutil.copy(folder / "auditor" / "vk.json", keep)
    state = (opening(folder) @ directions(folder / "keys" / "vhat.safetensors")).astype("<i8").tobytes()

    def audit(code: int, words: str, *given: pathlib.Path, start: bytes = state) -> None:
        (keep / "state.bin").write_bytes(start)
        run = example("auditor/audit.py", "--keep", keep, *given)
        assert run.returncode == code and words in run.stdout, (code, words, run)
        assert code == 0 or (keep / "state.bin").read_bytes() == start, "refused, and the state has moved"

    def changed(name: str, change) -> pathlib.Path:
        proof = json.loads(proofs[2].read_text())
        change(proof)
        (WORK / name).write_text(json.dumps(proof))
        return WORK / name

    def raise_one(proof: dict) -> None:
        proof["public"]["new"][511] -= 1
        proof["public"]["delta"][511] -= 1

    def flip(proof: dict) -> None:
        proof["proof"] = proof["proof"][:1500] + f"{int(proof['proof'][1500], 16) ^ 1:x}" + proof["proof"][1501:]

    audit(0, "proof-000005.json: accepted", *proofs)
    assert (keep / "state.bin").read_bytes() == (folder / "auditor" / "state.bin").read_bytes()
    audit(3, "raised.json: REFUSED: the proof does not hold", *proofs[:2], changed("raised.json", raise_one), *proofs[3:])
    audit(3, "flipped.json: REFUSED", *proofs[:2], changed("flipped.json", flip), *proofs[3:])
    audit(3, "proof-000003.json: REFUSED: it starts from another vector", *proofs[:2], *proofs[3:])
    audit(3, "proof-000001.json: REFUSED: it starts from another vector", *proofs[:2], proofs[1])
    audit(3, "1 of 512 numbers differ", *proofs, start=bytes([state[0] ^ 1]) + state[1:])
    (WORK / "cut.json").write_bytes(proofs[0].read_bytes()[:-40])
    audit(4, "cut.json: not readable", WORK / "cut.json")
    audit(4, "made under the key", folder_of("demo/examples/new-accounts/run.py") / "set-0" / "proof" / "proof.json")
    (keep / "state.bin").unlink()
    run = example("auditor/audit.py", "--keep", keep, proofs[0])
    assert run.returncode == 1 and "state.bin" in run.stderr, run


def the_sequencers_sums_are_the_ledgers() -> None:
    folder = folder_of("demo/examples/sequencers/run.py")
    v, start = directions(folder / "keys" / "vhat.safetensors"), opening(folder)
    slots = {row["address"]: int(row["slot"]) for row in rows(folder / "ledger" / "accounts.csv")}
    alone = {name: public(folder / f"{name}-alone" / "proof.json") for name in "ab"}
    for order, second in (("AB", "b"), ("BA", "a")):
        first = "ab".replace(second, "")
        transfers = [(slots[row["from"]], slots[row["to"]], int(row["value"])) for row in rows(folder / f"{order}.csv")]
        together = applied(start, transfers[:512]) @ v
        assert (together == start @ v + alone["a"]["delta"] + alone["b"]["delta"]).all()
        after = public(folder / f"{second}-after-{first}" / "proof.json")
        assert (after["new"] == together).all() and (after["delta"] == alone[second]["delta"]).all() and (after["prev"] == alone[first]["new"]).all()
        states = [row for row in rows(folder / f"{order}-states.csv") if row["index"] == "512"]
        assert [int(states[0][f"embedding_{i}"]) for i in range(512)] == together.tolist()
        applied(start, transfers)  # what waited is valid behind
    assert {sender % 2 for sender, _, _ in transfers[:256]} == {1} and {sender % 2 for sender, _, _ in transfers[256:512]} == {0}
    twice = [public(folder / f"twice-{name}" / "proof.json") for name in "ab"]
    balances = numpy.linalg.solve((v @ v.T).astype(float), v.astype(float) @ (start @ v + twice[0]["delta"] + twice[1]["delta"]).astype(float))
    assert round(balances.min()) == -start.max(), balances.min()


def the_new_accounts_directions_are_as_told() -> None:
    story = STORIES["new-accounts/run.py"].stdout
    for number in range(3):
        v = directions(folder_of("demo/examples/new-accounts/run.py") / f"set-{number}" / "keys" / "vhat.safetensors").astype(float)
        singular = numpy.linalg.svd(v, compute_uv=False)
        unit = v / numpy.linalg.norm(v, axis=1, keepdims=True)
        condition, cosine = singular[0] / singular[-1], abs(unit @ unit.T - numpy.eye(128)).max()
        assert re.search(rf"^seed {101 + number} .* {condition:.4f} +{cosine:.1e}$", story, re.MULTILINE), (condition, cosine, story)
    random = re.search(r"^random .* ([0-9.]+) +([0-9.e-]+)$", story, re.MULTILINE)
    assert 2.5 < float(random[1]) < 3.2 and 0.1 < float(random[2]) < 0.3, story


def each_fails_when_something_is_not_as_told() -> None:
    liar = WORK / "liar"
    liar.write_text(LIAR.format(python=sys.executable, binary=str(BINARY)))
    liar.chmod(0o755)
    (WORK / "foreign").mkdir()
    (WORK / "foreign" / "mine.txt").write_text("keep me")
    (WORK / "broken.csv").write_text("from,to,value,block_number\nnobody,nobody,1,1\n")
    cases = [("auditor/run.py", ["-o", "lie-1"], "accept", "a settlement dropped by hand: not refused because"),
             ("auditor/run.py", ["-o", "lie-2"], "alter", "yesterday's proofs: proof-000000.json: REFUSED: the proof does not hold"),
             ("auditor/run.py", ["-o", "lie-3", "--private"], "accept", "one bit of the first proof changed: "),
             ("sequencers/run.py", ["-o", "lie-4"], "accept", "was NOT refused"),
             ("sequencers/run.py", ["-o", "lie-5"], "alter", "a-alone/proof.json is refused: the proof does not hold"),
             ("new-accounts/run.py", ["-o", "lie-6", "--sets", 2], "accept", "a proof of other accounts was NOT refused"),
             ("new-accounts/run.py", ["-o", "lie-7", "--sets", 1], "alter", "exit 3, expected 0: the proof does not hold"),
             ("auditor/run.py", ["-o", "foreign"], "", "foreign was not made by this example and is not empty"),
             ("sequencers/run.py", ["-o", "bad", "--data", "broken.csv"], "", "broken.csv"),
             ("new-accounts/run.py", ["-o", "bad-2", "--encoder", "gone"], "", "gone is not there")]

    def lie(case: tuple) -> None:
        name, arguments, kind, words = case
        run = example(name, *arguments, lie=kind, binary=liar if kind else BINARY)
        assert run.returncode == 1 and run.stderr.startswith("error: ") and words in run.stderr and "Traceback" not in run.stderr, (case, run)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lie, cases))
    assert (WORK / "foreign" / "mine.txt").read_text() == "keep me"
    for name, arguments in (("auditor/run.py", ["-o", "none"]), ("auditor/audit.py", ["--keep", "keep", "proof.json"])):
        run = example(name, *arguments, binary=WORK / "gone")
        assert run.returncode == 1 and "gone is not there: build it" in run.stderr, run
    for name in ("auditor/run.py", "auditor/audit.py", "sequencers/run.py", "new-accounts/run.py"):
        run = example(name, "--help")
        assert run.returncode == 0 and "examples:" in run.stdout, run


if __name__ == "__main__":
    try:
        run_all([stories_are_as_the_page_tells_them, the_auditor_keeps_the_ledgers_vector, the_auditor_refuses_tampered_files,
                 the_sequencers_sums_are_the_ledgers, the_new_accounts_directions_are_as_told, each_fails_when_something_is_not_as_told])
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
