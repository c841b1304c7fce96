#!/usr/bin/env python3
"""The frozen form of a trained encoder, in one command: encoder_final.safetensors (weights without optimiser state),
encoder_final.onnx (T_theta and E for any account set) and MODEL_CARD.md (what it is, how good, of which data, how to make it again).

    freeze_encoder.py BINARY --encoder FOLDER --data LEDGER -o FOLDER [--command TEXT] [--transfers N] [--baseline FOLDER]

Run by a Python that has numpy, onnx and onnxruntime (.deps/venv after ./setup.sh). Nothing is written unless every check passes:
the stripped weights give the same V^, the model passes ONNX's checker, and ONNX Runtime computes the V^ of `quantize` and our
integer embeddings bit for bit, on the ledger's account set and on sets never trained on.
"""
import argparse
import csv
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

N = 128


def run(binary, *arguments):
    done = subprocess.run([str(binary), *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    body = data[8 + size:]
    return metadata, {name: (t["dtype"], t["shape"], body[slice(*t["data_offsets"])]) for name, t in header.items()}


def write_safetensors(path, metadata, tensors):
    """Our canonical form (docs/formats/encoder-files.md), for tensors of one element size."""
    header, body = {"__metadata__": metadata}, b""
    for name in sorted(tensors):
        dtype, shape, data = tensors[name]
        header[name] = {"data_offsets": [len(body), len(body) + len(data)], "dtype": dtype, "shape": shape}
        body += data
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def account_sets(binary, work, ledger):
    """Name -> (ids, ledger folder or None); ids as `quantize` fills them up."""
    run(binary, "quantize", "--encoder", work / "encoder_final.safetensors", "--data", ledger, "-o", work / "vhat.safetensors")
    _, tensors = read_safetensors(work / "vhat.safetensors")
    sets = {"the ledger's": (np.frombuffer(tensors["ids"][2], "<u4"), np.frombuffer(tensors["vhat"][2], "<i2").reshape(N, -1))}
    for seed in (1, 2, 3):
        folder = work / f"ledger{seed}"
        run(binary, "data", "generate", "--seed", 1000 + seed, "--transfers", 10, "-o", folder)
        run(binary, "quantize", "--encoder", work / "encoder_final.safetensors", "--data", folder, "-o", work / "vhat.safetensors")
        _, tensors = read_safetensors(work / "vhat.safetensors")
        sets[f"random {seed}"] = (np.frombuffer(tensors["ids"][2], "<u4"),
                                  np.frombuffer(tensors["vhat"][2], "<i2").reshape(N, -1))
    sets["0 .. 127"] = (np.arange(N, dtype=np.uint32), None)
    sets["consecutive from 1000"] = (np.arange(1000, 1000 + N, dtype=np.uint32), None)
    sets["strided by 1000"] = (np.arange(N, dtype=np.uint32) * 1000 + 7, None)
    return sets


def check_onnx(model, sets):
    """Quality of V^ of each set, from ONNX Runtime, after comparing it with ours."""
    onnx.checker.check_model(onnx.load(model), full_check=True)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(1)
    rows = []
    for name, (ids, expected) in sets.items():
        balances = rng.integers(0, 2**32, size=(64, N), dtype=np.int64)
        vhat, integers, reals = session.run(["vhat", "embedding_int", "embedding"],
                                            {"account_ids": ids.astype(np.int64), "balances": balances})
        if expected is not None and not np.array_equal(vhat, expected):
            sys.exit(f"ONNX Runtime's V^ of the account set \"{name}\" is not that of `quantize`")
        if not np.array_equal(integers, balances @ vhat.astype(np.int64)) or not np.array_equal(reals * 2.0**46, integers):
            sys.exit(f"ONNX Runtime's embeddings of the account set \"{name}\" are not the integers of V^")
        v = vhat.astype(np.float64)
        singular = np.linalg.svd(v, compute_uv=False)
        unit = v / np.linalg.norm(v, axis=1, keepdims=True)
        cosine = np.abs(unit @ unit.T - np.eye(len(v))).max()
        rows.append((name, singular[0] / singular[-1], cosine, "equal" if expected is not None else "not compared"))
    return rows


def last_validation(folder):
    """The last validated row of metrics.csv."""
    path = folder / "metrics.csv"
    if not path.exists():
        return {}
    found = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row.get("heldout", "") not in ("", "nan"):
                found = row
    return found


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def model_card(options, work, metadata, sets, evaluated):
    config, training = json.loads(metadata["config"]), json.loads(metadata.get("training", "{}"))
    result = evaluated["result"]
    data = json.loads((options.data / "import.json").read_text())
    passes = [(name, f"{p['transfers']}", f"{p['max_abs']:.2g}", f"{p['mean_abs']:.2g}", f"{p['zeros']}", f"{result['drift'][name]:.2g}")
              for name, p in result["passes"].items()]
    recovery = result["recovery"]
    validation = last_validation(options.encoder)
    inputs = data["inputs"]
    text = "# Model card: the frozen encoder\n\n"
    text += ("T_theta: account ids to directions V, and E(S) = sum of balances times directions (docs/training.md). Made by\n"
             "`tools/freeze_encoder.py` from a training run; the two files hold the same weights.\n\n")
    text += table(("file", "SHA-256"), [(f"`{name}`", f"`{digest(work / name)}`")
                                        for name in ("encoder_final.safetensors", "encoder_final.onnx")])
    text += f"\nMade from `encoder.safetensors` of SHA-256 `{digest(options.encoder / 'encoder.safetensors')}`, step {metadata.get('step', '?')}.\n\n"
    text += "## How to make it again\n\n"
    text += f"    {options.command}\n    tools/freeze_encoder.py build/release/latentledger --encoder FOLDER --data LEDGER -o encoder\n\n"
    text += ("Training draws account ids from its seed; it reads no data set. Same options on one type of CPU give the same weights bit for\n"
             "bit; other CPUs round float32 differently, so the weights are kept as files.\n\n")
    text += table(("network", "value"), config.items()) + "\n" + table(("training", "value"), [
        (key, value if isinstance(value, str) else json.dumps(value)) for key, value in training["options"].items()]) + "\n"
    if validation:
        text += "Last validation in metrics.csv: " + ", ".join(f"{k} {v}" for k, v in validation.items() if v not in ("", "nan")) + ".\n\n"
    text += "## Quality of V^ (int16) on account sets\n\nComputed by ONNX Runtime; \"equal\": the integers of `latentledger quantize`, bit for bit.\n\n"
    text += table(("128 accounts", "condition", "largest cosine", "V^ in ONNX Runtime"),
                  [(name, f"{condition:.6f}", f"{cosine:.2e}", state) for name, condition, cosine, state in sets])
    text += f"\n## Evaluation\n\n`latentledger evaluate --exact --transfers {options.transfers}`: {result['transfers']} transfers, {result['real']} of the ledger, {result['generated']} generated behind them.\n\n"
    text += table(("pass", "transfers", "largest error", "mean", "exactly 0", "drift"), passes)
    text += (f"\nBalances read back from the integer embedding by steps: {recovery['recovered']} of {recovery['states']} states, "
             f"{recovery['mean_steps']:.2f} steps on average, {recovery['max_steps']} at most; by an exact solve {recovery['exact_solve']['recovered']} of {recovery['exact_solve']['states']}.\n")
    text += f"\n## Data of the evaluation\n\nSource: {data['source']}.\n\n"
    text += table(("file", "SHA-256"), [(i["name"], f"`{i['sha256']}`") for i in inputs] +
                  [(f"ledger: {pathlib.Path(path).name}", f"`{value}`") for path, value in evaluated["inputs"].items()
                   if pathlib.Path(path).parent.resolve() == options.data.resolve()])
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--encoder", type=pathlib.Path, required=True, help="folder of `train`")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="ledger folder")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--command", default="latentledger train", help="what trained it, for the card")
    parser.add_argument("--transfers", type=int, default=100_000)
    parser.add_argument("--recover", type=int, default=10_000, help="states to read back from their embedding")
    parser.add_argument("--baseline", type=pathlib.Path, help="folder of a trained baseline, evaluated beside it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        metadata, tensors = read_safetensors(options.encoder / "encoder.safetensors")
        kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("adam.")}
        write_safetensors(work / "encoder_final.safetensors", metadata, kept)
        digests = {run(options.binary, "quantize", "--encoder", file, "--data", options.data, "-o", work / "v")["result"]["vhat_digest"]
                   for file in (options.encoder, work / "encoder_final.safetensors")}
        if len(digests) != 1:
            sys.exit("the weights without optimiser state give another V^")
        run(options.binary, "export-onnx", "--transformer", "--encoder", work / "encoder_final.safetensors", "-o",
            work / "encoder_final.onnx")
        sets = check_onnx(work / "encoder_final.onnx", account_sets(options.binary, work, options.data))
        beside = ("--baseline", options.baseline) if options.baseline else ()
        evaluated = run(options.binary, "evaluate", "--exact", "--encoder", work / "encoder_final.safetensors", "--data", options.data,
                        "--transfers", options.transfers, "--recover", options.recover, "-o", work / "evaluation", *beside)
        (work / "MODEL_CARD.md").write_text(model_card(options, work, metadata, sets, evaluated), encoding="utf-8")
        options.output.mkdir(parents=True, exist_ok=True)
        for file in ("encoder_final.safetensors", "encoder_final.onnx", "MODEL_CARD.md"):
            shutil.copyfile(work / file, options.output / (file + ".part"))
            (options.output / (file + ".part")).replace(options.output / file)
    print(f"frozen in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
