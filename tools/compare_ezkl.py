#!/usr/bin/env python3
"""EZKL beside us: two models that both sides take as ONNX or say in their own way, every step timed on the same machine in the same run.

    ./setup.sh --with-ezkl
    tools/compare_ezkl.py --json docs/comparisons/ezkl.json     (minutes, some GiB; --only encoder: a minute)

encoder    The embedding of one state: 128 integer balances times V^ (128 x 512), of a ledger and an encoder of ours.
           Ours: the statement `onnx` of the exported encoder.onnx. EZKL: the same product as the ONNX nodes it reads (MatMul of floats).
transfers  256 transfers: previous and next embedding, and no balance below zero on the way.
           Ours: the statement `update`. EZKL: balances, one-hot rows of senders and receivers, amounts; running balances by a product with a triangle of ones, what the
           sender has left in each row; its part below zero, by Relu, is an output that must be 0; two products with V^. It proves less than
           ours (that rows are one-hot, amounts and last balances in range is left out): what one would add makes it slower. (With CumSum, and a
           look at every balance after every transfer, proving took 246 processor seconds.) Ranges are of three digits of 14 bits: EZKL's default of
           two does not hold the embedding's fixed point.

For each side: processor seconds, wall seconds, peak memory and sizes of keys and proof, and how far the proved embedding is from the exact one,
relative to its largest coordinate. EZKL runs with its own test SRS and default settings but for the scales and the digits in this file; each step is a process of
its own. Its public inputs are field elements of its own fixed point: that rounding is the error shown.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCALE_BITS = 14  # of V^: V^ = V x 2^14 (docs/circuits/update.md)
STEPS = ["gen_settings", "calibrate_settings", "compile_circuit", "gen_srs", "setup", "gen_witness", "prove", "verify"]
# One step of EZKL in a process of its own, whose time and memory are then its own.
STEP = r"""
import json, pathlib, sys
import ezkl
step, scale_in, scale_par = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if step == "gen_settings":
    a = ezkl.PyRunArgs()
    a.input_visibility, a.output_visibility, a.param_visibility = "private", "public", "fixed"
    a.input_scale, a.param_scale, a.decomp_legs = scale_in, scale_par, 3
    assert ezkl.gen_settings(model="model.onnx", output="settings.json", py_run_args=a)
elif step == "calibrate_settings":
    assert ezkl.calibrate_settings(data="input.json", model="model.onnx", settings="settings.json", target="resources", scales=[scale_in],
                                   scale_rebase_multiplier=[1])
elif step == "compile_circuit":
    assert ezkl.compile_circuit(model="model.onnx", compiled_circuit="model.compiled", settings_path="settings.json")
elif step == "gen_srs":
    ezkl.gen_srs("test.srs", json.loads(pathlib.Path("settings.json").read_text())["run_args"]["logrows"])
elif step == "setup":
    assert ezkl.setup(model="model.compiled", vk_path="vk.key", pk_path="pk.key", srs_path="test.srs")
elif step == "gen_witness":
    ezkl.gen_witness(data="input.json", model="model.compiled", output="witness.json")
elif step == "prove":
    ezkl.prove(witness="witness.json", model="model.compiled", pk_path="pk.key", proof_path="proof.json", srs_path="test.srs")
elif step == "verify":
    assert ezkl.verify(proof_path="proof.json", settings_path="settings.json", vk_path="vk.key", srs_path="test.srs")
"""


def measured(words, folder):
    """Runs a process: (wall s, processor s, peak bytes)."""
    begin = time.monotonic()
    process = subprocess.Popen([str(w) for w in words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if process.returncode != 0:
        sys.exit(f"compare_ezkl: {' '.join(map(str, words))[:200]} ended with {process.returncode}:\n{out.decode(errors='replace')[-1500:]}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024}, out.decode(errors="replace")


def say(text):
    print(text, file=sys.stderr, flush=True)


class Ours:
    """The command, its steps measured."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.steps = binary, folder, {}

    def step(self, name, *words):
        self.steps[name], out = measured([self.binary, *words, "--json"], self.folder)
        result = json.loads([line for line in out.splitlines() if line.startswith("{")][-1])["result"]
        say(f"  ours {name:<18} {self.steps[name]['cpu_s']:8.2f} processor s  {self.steps[name]['peak_bytes'] / 2**20:8.0f} MiB")
        return result


def total(steps, names):
    chosen = [steps[name] for name in names if name in steps]
    return {"wall_s": sum(step["wall_s"] for step in chosen), "cpu_s": sum(step["cpu_s"] for step in chosen),
            "peak_bytes": max(step["peak_bytes"] for step in chosen)}


def prepare(ours, encoder):
    """A ledger, the integers V^ (128 x 512), start balances and 256 transfers of it."""
    import onnx
    ours.step("import", "data", "import", "-o", "ledger")
    ours.step("export", "export-onnx", "--encoder", encoder, "--data", "ledger", "-o", "encoder.onnx")
    ours.step("simulate", "data", "simulate", "--data", "ledger", "--deltas", "deltas.csv", "-o", "snapshots.csv")
    graph = onnx.load(str(ours.folder / "encoder.onnx")).graph
    vhat = onnx.numpy_helper.to_array(next(i for i in graph.initializer if i.name == "vhat"))
    with open(ours.folder / "ledger" / "genesis.csv", encoding="utf-8") as file:
        balances = [int(row["balance_units"]) for row in csv.DictReader(file)]
    with open(ours.folder / "deltas.csv", encoding="utf-8") as file:
        transfers = [(int(row["sender"]), int(row["receiver"]), int(row["amount"])) for row, _ in zip(csv.DictReader(file), range(256))]
    return vhat, balances, transfers


def embedding(vhat, balances):
    """Exact: Python's integers."""
    return [sum(int(b) * int(v) for b, v in zip(balances, vhat[:, d])) for d in range(vhat.shape[1])]


def relative_error(proved, exact):
    """Largest distance of a coordinate from the exact one, in units of the largest coordinate."""
    return float(max(abs(a - b) for a, b in zip(proved, exact)) / max(map(abs, exact)))


def after(balances, transfers):
    result = list(balances)
    for sender, receiver, amount in transfers:
        result[sender] -= amount
        result[receiver] += amount
    return result


def ours_encoder(ours, _encoder, vhat, balances, _transfers):
    ours.step("gen_settings", "gen-settings", "encoder.onnx")
    ours.step("compile_circuit", "compile-circuit", "encoder.onnx")
    ours.step("gen_witness", "gen-witness", "--data", "ledger")
    setup = ours.step("setup", "setup", "--circuit", "latentledger-work/onnx/compiled.json")
    proved = ours.step("prove", "prove", "--witness", "latentledger-work/onnx/witness.json")
    ours.step("verify", "verify", "--vk", "latentledger-work/keys-onnx/vk.json", "--proof", "latentledger-work/proof-onnx/proof.json")
    public = json.loads((ours.folder / "latentledger-work/proof-onnx/proof.json").read_text())["public"]
    return {"k": setup["k"], "proof_bytes": proved["proof_bytes"], "key_bytes": size(ours.folder / "latentledger-work/keys-onnx"),
            "relative_error": relative_error(public["outputs"]["embedding_int"], embedding(vhat, balances))}


def ours_transfers(ours, encoder, vhat, balances, transfers):
    setup = ours.step("setup", "setup", "--encoder", encoder, "--data", "ledger", "-o", "keys")
    proved = ours.step("prove", "prove", "--keys", "keys", "--data", "ledger", "-o", "proof")
    ours.step("verify", "verify", "--vk", "keys/vk.json", "--proof", "proof/proof.json")
    public = json.loads((ours.folder / "proof/proof.json").read_text())["public"]
    return {"k": setup["k"], "proof_bytes": proved["proof_bytes"], "key_bytes": size(ours.folder / "keys"),
            "relative_error": relative_error(public["new"], embedding(vhat, after(balances, transfers)))}


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "srs.bin")


def floats(vhat):
    import numpy as np
    return (vhat.astype(np.float64) / 2**SCALE_BITS).astype(np.float32)


def write_model(path, nodes, inputs, outputs, constants):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    graph = helper.make_graph(
        [helper.make_node(op, ins, outs, **attributes) for op, ins, outs, attributes in nodes], "model",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def ezkl_model(name, folder, vhat, balances, transfers):
    """model.onnx and input.json; the exact values of what stands last in the output."""
    import numpy as np
    senders, receivers, amounts = np.zeros((256, 128)), np.zeros((256, 128)), np.zeros((256, 1))
    for row, (sender, receiver, amount) in enumerate(transfers):
        senders[row, sender], receivers[row, receiver], amounts[row, 0] = 1, 1, amount
    if name == "encoder":
        write_model(folder / "model.onnx", [("MatMul", ["balances", "v"], ["embedding"], {})], [("balances", [1, 128])], [("embedding", [1, 512])],
                    {"v": floats(vhat)})
        data, exact = [[float(b) for b in balances]], embedding(vhat, balances)
    else:
        write_model(
            folder / "model.onnx",
            [("Sub", ["receivers", "senders"], ["directions"], {}), ("Mul", ["amounts", "directions"], ["moves"], {}),
             ("MatMul", ["triangle", "moves"], ["sums"], {}), ("Add", ["sums", "balances"], ["running"], {}),
             ("Mul", ["running", "senders"], ["masked"], {}), ("ReduceSum", ["masked", "columns"], ["left"], {"keepdims": 1}),
             ("Relu", ["left"], ["above"], {}), ("Sub", ["above", "left"], ["below"], {}), ("ReduceSum", ["below", "both"], ["overdrawn"], {"keepdims": 1}),
             ("ReduceSum", ["moves", "axes"], ["net"], {"keepdims": 1}), ("Add", ["balances", "net"], ["after"], {}),
             ("MatMul", ["balances", "v"], ["previous"], {}), ("MatMul", ["after", "v"], ["next"], {})],
            [("balances", [1, 128]), ("senders", [256, 128]), ("receivers", [256, 128]), ("amounts", [256, 1])],
            [("overdrawn", [1, 1]), ("previous", [1, 512]), ("next", [1, 512])],
            {"v": floats(vhat), "triangle": np.tril(np.ones((256, 256), dtype=np.float32)), "axes": np.array([0], dtype=np.int64),
             "columns": np.array([1], dtype=np.int64), "both": np.array([0, 1], dtype=np.int64)})
        data = [[float(b) for b in balances], senders.flatten().tolist(), receivers.flatten().tolist(), amounts.flatten().tolist()]
        exact = embedding(vhat, after(balances, transfers))
    (folder / "input.json").write_text(json.dumps({"input_data": data}))
    return [value / 2**SCALE_BITS for value in exact]


def run_ezkl(python, name, folder, arguments, numbers):
    exact = ezkl_model(name, folder, *numbers)
    (folder / "step.py").write_text(STEP)
    steps = {}
    for step in STEPS:
        if step == "calibrate_settings" and not arguments.calibrate:
            continue
        steps[step], _ = measured([python, "step.py", step, 0, arguments.param_scale], folder)
        say(f"  EZKL {step:<18} {steps[step]['cpu_s']:8.2f} processor s  {steps[step]['peak_bytes'] / 2**20:8.0f} MiB")
    settings = json.loads((folder / "settings.json").read_text())
    outputs = json.loads((folder / "witness.json").read_text())["pretty_elements"]["rescaled_outputs"]
    proved = [float(value) for value in outputs[-1]]
    error = relative_error(proved, exact)
    if name == "transfers" and any(float(value) != 0 for value in outputs[0]):
        sys.exit("compare_ezkl: the model says that a balance went below zero")
    return {"k": settings["run_args"]["logrows"], "proof_bytes": len(json.loads((folder / "proof.json").read_text())["hex_proof"][2:]) // 2,
            "key_bytes": (folder / "pk.key").stat().st_size + (folder / "vk.key").stat().st_size, "relative_error": error, "steps": steps,
            "setup": total(steps, ["setup"]), "prove": total(steps, ["gen_witness", "prove"]), "verify": total(steps, ["verify"])}


def rounded(value):
    """Two digits that count."""
    return f"{float(f'{value:.2g}'):g}"


def bytes_text(count):
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= unit:
            return f"{rounded(count / unit)} {name}"
    return f"{count} bytes"


def table(comparison):
    """The table of README.md out of a file of --json."""
    lines = [f"| | ours | EZKL {comparison['ezkl']} |", "|---|---|---|"]
    for name, what in (("encoder", "embedding of one state"), ("transfers", "256 transfers")):
        sides = [comparison["models"][name][side] for side in ("ours", "ezkl")]
        rows = [("prove", lambda s: f"{rounded(s['prove']['cpu_s'])} processor s, {bytes_text(s['prove']['peak_bytes'])}"),
                ("keys", lambda s: f"{rounded(s['setup']['cpu_s'])} processor s, {bytes_text(s['setup']['peak_bytes'])}; {bytes_text(s['key_bytes'])} on disk"),
                ("verify, whole process", lambda s: f"{rounded(s['verify']['cpu_s'] * 1000)} ms"),
                ("proof", lambda s: f"{s['proof_bytes']:,} bytes"),
                ("proved embedding off by, relative to its largest number", lambda s: rounded(s["relative_error"]))]
        for row, text in rows:
            lines.append(f"| {what}: {row} | {text(sides[0])} | {text(sides[1])} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/latentledger")
    parser.add_argument("--deps", type=pathlib.Path, default=pathlib.Path(os.environ.get("LATENTLEDGER_DEPS", ROOT / ".deps")))
    parser.add_argument("--encoder", type=pathlib.Path, default=ROOT / "demo/encoder/encoder_final.safetensors")
    parser.add_argument("--only", choices=["encoder", "transfers"], action="append", help="this model alone")
    parser.add_argument("--param-scale", type=int, default=13, help="EZKL's bits of V (default: %(default)s)")
    parser.add_argument("--calibrate", action="store_true", help="let EZKL calibrate its settings too")
    parser.add_argument("--table", type=pathlib.Path, help="measure nothing: print the table of README.md out of a file of --json")
    parser.add_argument("--json", type=pathlib.Path, help="file to write; without it, stdout")
    arguments = parser.parse_args()
    if arguments.table:
        print(table(json.loads(arguments.table.read_text())), end="")
        return
    python = arguments.deps / "ezkl-venv/bin/python"
    if not python.exists():
        sys.exit(f"compare_ezkl: no {python}: run ./setup.sh --with-ezkl")
    if pathlib.Path(sys.executable).resolve() != python.resolve() or sys.prefix == sys.base_prefix:
        os.execv(python, [str(python), *sys.argv])
    version = subprocess.run([python, "-c", "import importlib.metadata as m; print(m.version('ezkl'))"], check=True, capture_output=True, text=True).stdout.strip()
    results = {}
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        ours = Ours(arguments.binary.resolve(), work)
        numbers = prepare(ours, arguments.encoder.resolve())
        for name in arguments.only or ["encoder", "transfers"]:
            say(name)
            ours.steps = {}
            figures = (ours_encoder if name == "encoder" else ours_transfers)(ours, arguments.encoder.resolve(), *numbers)
            figures |= {"steps": ours.steps, "setup": total(ours.steps, ["setup"]), "prove": total(ours.steps, ["gen_witness", "prove"]),
                        "verify": total(ours.steps, ["verify"])}
            folder = work / f"ezkl-{name}"
            folder.mkdir()
            results[name] = {"ours": figures, "ezkl": run_ezkl(python, name, folder, arguments, numbers)}
    told = json.loads(subprocess.run([arguments.binary, "doctor", "--json"], check=False, capture_output=True, text=True).stdout)
    processor = next(check["detail"] for check in told["result"]["checks"] if check["name"] == "processor")
    text = json.dumps({"processor": processor, "latentledger": told["version"], "ezkl": version, "param_scale": arguments.param_scale, "models": results}, indent=1) + "\n"
    if arguments.json:
        part = arguments.json.with_suffix(".part")
        part.write_text(text)
        part.rename(arguments.json)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
