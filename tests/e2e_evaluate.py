#!/usr/bin/env python3
"""The encoder measured and exported through the command: `evaluate` with its files, exact wei, recovery of balances, the baseline; the transformer
as ONNX in ONNX Runtime against `quantize`; a frozen encoder made by tools/freeze_encoder.py.

    e2e_evaluate.py BINARY PYTHON      (PYTHON has onnx, onnxruntime and numpy)
"""
import csv
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from command import Command, no_parts, run_all

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PYTHON = pathlib.Path(sys.argv[2]).absolute()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_evaluate_"))
ll = Command(sys.argv[1], WORK)
MAIN = WORK / "latentledger-work"
EVALUATION = MAIN / "evaluation"


def rows(name):
    with open(EVALUATION / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def errors_of_every_transfer():
    ll.expect(0, "data", "import")
    ll.expect(0, "train", "--brief", "--steps", "5")
    made = ll.json("evaluate", "--transfers", "3000", "--exact", "--recover", "200")
    result = made["result"]
    for key in ("transfers", "passes", "drift", "recovery"):
        assert key in result, result
    for name in ("float32", "float64", "quantised", "exact"):
        for key in ("max_abs", "mean_abs", "p50", "p99"):
            assert key in result["passes"][name], (name, result)
    for name in ("quantised", "exact"):
        assert result["passes"][name]["max_abs"] == 0 and result["drift"][name] == 0, result
        assert result["passes"][name]["zeros"] == result["passes"][name]["transfers"], result
    assert 0 < result["passes"]["float64"]["max_abs"] < 1e-15 < 1e-9 < result["passes"]["float32"]["max_abs"] < 1e-6, result
    for name in ("evaluation.json", "evaluation.html", "errors.csv", "histogram.csv", "transfers.csv", "transfers_exact.csv"):
        assert pathlib.Path(made["outputs"][name]).name == name and (WORK / made["outputs"][name]).is_file(), made["outputs"]

    table = rows("transfers.csv")
    assert len(table) == 3000 and list(table[0]) == ["index", "sender", "receiver", "amount", "float32", "float64", "quantised"]
    for name in ("float32", "float64", "quantised"):
        errors = [float(row[name]) for row in table]
        assert max(errors) == result["passes"][name]["max_abs"], name
        assert abs(sum(errors) / 3000 - result["passes"][name]["mean_abs"]) <= 1e-12 * max(errors), name
    wei = rows("transfers_exact.csv")
    assert len(wei) == result["passes"]["exact"]["transfers"] and {row["exact"] for row in wei} == {"0"}
    assert any(int(row["amount_wei"]) > 2**64 for row in wei), "amounts reach the third limb"
    summary = json.loads((EVALUATION / "evaluation.json").read_text())
    assert summary["passes"]["exact"]["zeros"] == len(wei) and summary["recovery"]["total"]["states"] == 200, summary
    page = (EVALUATION / "evaluation.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page, "the page needs nothing outside it"
    recovery = result["recovery"]
    assert recovery["states"] == 200 and recovery["exact_solve"]["recovered"] == 40 and len(recovery["cases"]) == 5, recovery
    assert recovery["gaussian"]["plain_step"]["recovered"] == 0 < recovery["gaussian"]["best_step"]["recovered"], recovery
    no_parts(MAIN)


def the_rest_is_left_out_when_not_asked_for():
    made = ll.json("evaluate", "--transfers", "500", "--recover", "0")
    assert "recovery" not in made["result"] and "exact" not in made["result"]["passes"], made
    assert "transfers_exact.csv" not in made["outputs"] and not (EVALUATION / "transfers_exact.csv").exists()
    assert len(rows("transfers.csv")) == 500
    ll.expect(2, "evaluate", "--transfers", "0")


def the_baseline_is_measured_by_the_same_command():
    ll.expect(0, "train", "--brief", "--architecture", "baseline", "--steps", "1", "-o", "baseline")
    beside = ll.json("evaluate", "--transfers", "150", "--recover", "0", "--baseline", "baseline")["result"]
    assert list(beside["passes"]) == ["float32", "float64", "quantised", "baseline"], beside
    alone = ll.json("evaluate", "--transfers", "150", "--encoder", "baseline", "-o", "alone")["result"]
    assert list(alone["passes"]) == ["baseline"] and "recovery" not in alone, alone
    for figure in ("max_abs", "mean_abs", "zeros", "max_relative"):
        assert alone["passes"]["baseline"][figure] == beside["passes"]["baseline"][figure], figure
    assert beside["passes"]["baseline"]["max_abs"] > 100 * beside["passes"]["float32"]["max_abs"], beside
    assert list(rows("transfers.csv")[0])[4:] == ["float32", "float64", "quantised", "baseline"]
    ll.expect(2, "evaluate", "--encoder", "baseline", "--exact")
    error = ll.json("evaluate", "--baseline", MAIN / "encoder", code=4)
    assert "--baseline" in error["message"] and error["hint"], error


RUN = """
import json, sys, numpy, onnx, onnxruntime
model, ids, balances = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
onnx.checker.check_model(onnx.load(model), full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
feed = {"balances": numpy.array(balances, dtype=numpy.int64)}
if ids:
    feed["account_ids"] = numpy.array(ids, dtype=numpy.int64)
names = [o.name for o in session.get_outputs()]
print(json.dumps({name: value.tolist() for name, value in zip(names, session.run(names, feed))}))
"""


def onnx_runtime(model, ids, balances):
    words = [PYTHON, "-c", RUN, str(model), json.dumps(ids), json.dumps(balances)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def header_of(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8:8 + size]), data[8 + size:]


def the_transformer_in_onnx_runtime_is_quantize():
    ll.expect(0, "export-onnx", "--transformer")
    model = MAIN / "encoder" / "encoder_final.onnx"
    ledgers = [MAIN / "ledger"]
    for seed in (1,):
        ll.expect(0, "data", "generate", "--seed", seed, "--transfers", "20", "-o", f"ledger{seed}")
        ledgers.append(WORK / f"ledger{seed}")
    for number, ledger in enumerate(ledgers):
        ll.expect(0, "quantize", "--data", ledger, "-o", "vhat.safetensors")
        ll.expect(0, "export-onnx", "--data", ledger, "-o", "one_set.onnx")
        header, data = header_of(WORK / "vhat.safetensors")
        begin, end = header["ids"]["data_offsets"]
        ids = [int.from_bytes(data[i:i + 4], "little") for i in range(begin, end, 4)]
        begin, end = header["vhat"]["data_offsets"]
        vhat = [int.from_bytes(data[i:i + 2], "little", signed=True) for i in range(begin, end, 2)]
        balances = [[(7919 * (i + 1) * (s + 1) * (number + 1) * 104729) % 2**32 for i in range(len(ids))] for s in range(3)]
        whole = onnx_runtime(model, ids, balances)
        assert [v for row in whole["vhat"] for v in row] == vhat, ledger
        one = onnx_runtime(WORK / "one_set.onnx", [], balances)
        assert whole["embedding_int"] == one["embedding_int"] and whole["embedding"] == one["embedding"], ledger
    ll.expect(2, "export-onnx", "--transformer", "--data", ledgers[0])
    ll.expect(4, "export-onnx", "--transformer", "--encoder", WORK / "vhat.safetensors", "-o", "never.onnx")
    assert not (WORK / "never.onnx").exists()


def the_frozen_encoder_is_made_by_one_command():
    words = [PYTHON, SOURCE / "tools" / "freeze_encoder.py", ll.binary, "--encoder", MAIN / "encoder", "--data", MAIN / "ledger", "-o",
             WORK / "frozen", "--transfers", "300", "--recover", "50", "--command", "latentledger train --steps 5"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (WORK / "frozen").iterdir()) == ["MODEL_CARD.md", "encoder_final.onnx", "encoder_final.safetensors"]
    card = (WORK / "frozen" / "MODEL_CARD.md").read_text()
    assert "latentledger train --steps 5" in card and "| quantised | 300 | 0 | 0 | 300 | 0 |" in card, card
    header, _ = header_of(WORK / "frozen" / "encoder_final.safetensors")
    assert all(name == "__metadata__" or name.startswith("weight.") for name in header), header.keys()


def the_frozen_encoder_of_the_repository_is_whole():
    folder = SOURCE / "demo" / "encoder"
    card = (folder / "MODEL_CARD.md").read_text()
    for name in ("encoder_final.safetensors", "encoder_final.onnx"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in card, name
    ll.expect(0, "export-onnx", "--transformer", "--encoder", folder / "encoder_final.safetensors", "-o", "frozen.onnx")
    assert (WORK / "frozen.onnx").read_bytes() == (folder / "encoder_final.onnx").read_bytes()
    ll.expect(0, "quantize", "--encoder", folder / "encoder_final.safetensors", "-o", "frozen-vhat.safetensors")
    header, data = header_of(WORK / "frozen-vhat.safetensors")
    numbers = {}
    for name, size, signed in (("ids", 4, False), ("vhat", 2, True)):
        begin, end = header[name]["data_offsets"]
        numbers[name] = [int.from_bytes(data[i:i + size], "little", signed=signed) for i in range(begin, end, size)]
    balances = [[(7919 * (i + 1) * (s + 1)) % 2**32 for i in range(len(numbers["ids"]))] for s in range(3)]
    whole = onnx_runtime(folder / "encoder_final.onnx", numbers["ids"], balances)
    assert [v for row in whole["vhat"] for v in row] == numbers["vhat"]
    result = ll.json("evaluate", "--encoder", folder / "encoder_final.safetensors", "--transfers", "2000", "--recover", "100")["result"]
    assert result["passes"]["quantised"]["max_abs"] == 0 and result["recovery"]["recovered"] == 100, result


if __name__ == "__main__":
    try:
        run_all([errors_of_every_transfer, the_rest_is_left_out_when_not_asked_for,
                 the_baseline_is_measured_by_the_same_command, the_transformer_in_onnx_runtime_is_quantize,
                 the_frozen_encoder_is_made_by_one_command, the_frozen_encoder_of_the_repository_is_whole])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
