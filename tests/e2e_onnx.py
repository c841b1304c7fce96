#!/usr/bin/env python3
"""ONNX models as circuits through the command: the exported encoder of a ledger, small models of every kind, what is refused and
with which exit code; ONNX Runtime, the integer reference and the circuit side by side.

    e2e_onnx.py BINARY PYTHON      (PYTHON has onnxruntime)
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from command import Command, changed, no_parts, run_all, sampled

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PYTHON = pathlib.Path(sys.argv[2]).absolute()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_onnx_"))
ll = Command(sys.argv[1], WORK, LATENTLEDGER_TRAIN_STEPS="1")
MAIN = WORK / "latentledger-work"
CASES = {c["name"]: c for c in json.loads((SOURCE / "tests" / "vectors" / "onnx_operators.json").read_text())}


def case(name):
    """A small model and its input as files."""
    (WORK / f"{name}.onnx").write_bytes(bytes.fromhex(CASES[name]["model"]))
    (WORK / f"{name}.json").write_text(json.dumps({i["name"]: i["values"] for i in CASES[name]["inputs"]}))
    return f"{name}.onnx", f"{name}.json"


def fidelity(*paths):
    done = subprocess.run([PYTHON, SOURCE / "tools" / "onnx_fidelity.py", *paths], cwd=WORK, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def the_exported_encoder_is_proved():
    ll.expect(0, "data", "import")
    ll.expect(0, "train")
    for verb in ("inspect", "gen-settings", "compile-circuit", "gen-witness"):
        example = ll.expect(0, verb, "--help").out.splitlines()[0].split()[1:]
        ll.expect(0, *example)
    digest = ll.json("compile-circuit")["result"]["circuit_digest"]
    made = ll.json("gen-witness", "--data", "latentledger-work/ledger", "--model", "latentledger-work/encoder/encoder.onnx")["result"]
    assert made["circuit_digest"] == digest and made["largest_input_rounding"] == 0, made
    assert all(o["circuit_equals_reference"] and o["float64_max_abs_error"] == 0 for o in made["fidelity"]), made
    mocked = ll.json("mock", "--witness", "latentledger-work/onnx/witness.json")["result"]
    assert mocked["satisfied"] and mocked["failures"] == [] and mocked["warnings"] == [], mocked
    predicted = ll.json("estimate", "--circuit", "latentledger-work/onnx/compiled.json", "--reference-costs")["result"]
    keys = ll.json("setup", "--circuit", "latentledger-work/onnx/compiled.json")["result"]
    for figure in ("statement", "k", "advice_columns", "fixed_columns", "lookups", "degree", "proof_bytes"):
        assert predicted[figure] == keys[figure], (figure, predicted, keys)
    assert (keys["k"], keys["proof_bytes"], keys["advice_columns"], keys["fixed_columns"]) == (12, 832, 3, 8), keys
    proved = ll.json("prove", "--witness", "latentledger-work/onnx/witness.json")["result"]
    assert proved["proof_bytes"] == 832 and proved["vk_digest"] == keys["vk_digest"], proved
    assert predicted["prove_ms"] > 0 and predicted["peak_rss_bytes"] > 2**20, predicted
    answer = ll.json("verify", "--vk", "latentledger-work/keys-onnx/vk.json")["result"]
    assert answer["accepted"] and answer["hidden"] == ["balances"] and answer["circuit_digest"] == digest, answer
    text = ll.expect(0, "verify", "--vk", "latentledger-work/keys-onnx/vk.json").out
    assert answer["model_sha256"] in text and "hidden            balances" in text and "REVEALED" in text, text
    witness = json.loads((MAIN / "onnx" / "witness.json").read_text())
    assert (MAIN / "onnx" / "witness.json").stat().st_mode & 0o077 == 0
    (WORK / "balances.json").write_text(json.dumps({"balances": witness["inputs"]["balances"]}))
    report = fidelity(MAIN / "encoder" / "encoder.onnx", "balances.json", MAIN / "onnx" / "compiled.json",
                      MAIN / "onnx" / "witness.json", MAIN / "proof-onnx" / "proof.json")
    assert len(report) == 2 and all(o["runtime_equal"] and o["circuit_equals_reference"] for o in report), report


def everything_is_a_function_of_its_inputs():
    ll.expect(0, "srs", "gen", "--k", "10", "-o", "small.srs")
    model, _ = case("layers")
    for name in ("one", "two"):
        ll.expect(0, "gen-settings", model, "-o", f"{name}/settings.json")
        ll.expect(0, "compile-circuit", model, "--settings", f"{name}/settings.json", "-o", f"{name}/compiled.json")
        ll.expect(0, "setup", "--circuit", f"{name}/compiled.json", "--srs", "small.srs", "-o", f"{name}/keys")
    for file in ("settings.json", "compiled.json", "keys/vk.json", "keys/vk.bin"):
        assert (WORK / "one" / file).read_bytes() == (WORK / "two" / file).read_bytes(), file


def conforms(value, schema, root, place):
    """JSON Schema, as far as docs/formats/schemas use it."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    known = {"$schema", "title", "$defs", "type", "const", "enum", "anyOf", "pattern", "minimum", "maximum", "multipleOf", "items",
             "minItems", "uniqueItems", "properties", "required", "additionalProperties"}
    assert set(schema) <= known, set(schema) - known
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    assert not types or any(type(value) is kinds[t] for t in types), (place, value)
    assert "const" not in schema or value == schema["const"], place
    assert "enum" not in schema or value in schema["enum"], place
    assert "pattern" not in schema or re.search(schema["pattern"], value), (place, value)
    if type(value) is int:
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), (place, value)
        assert value % schema.get("multipleOf", 1) == 0, (place, value)
    if isinstance(value, list):
        assert len(value) >= schema.get("minItems", 0), place
        assert not schema.get("uniqueItems") or len({json.dumps(v) for v in value}) == len(value), place
        for i, item in enumerate(value):
            conforms(item, schema.get("items", {}), root, f"{place}[{i}]")
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value), place
        for key, item in value.items():
            more = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            assert more is not False, f"{place}: {key}"
            conforms(item, more, root, f"{place}.{key}")
    choices = schema.get("anyOf", [])
    assert not choices or any(accepted(value, c, root, place) for c in choices), (place, value)


def accepted(*arguments):
    try:
        conforms(*arguments)
    except AssertionError:
        return False
    return True


def files_conform_to_their_schemas():
    for name in ("model-settings", "compiled-circuit"):
        schema = json.loads((SOURCE / "docs" / "formats" / "schemas" / f"{name}.schema.json").read_text())
        for file in [MAIN / "onnx", WORK / "one"]:
            value = json.loads((file / ("settings.json" if name == "model-settings" else "compiled.json")).read_text())
            conforms(value, schema, schema, name)
            for key in value:
                assert not accepted({k: v for k, v in value.items() if k != key}, schema, schema, name), key
                assert not accepted(value | {key: 0.5}, schema, schema, name), key
            assert not accepted(value | {"more": 1}, schema, schema, name)


def small_models_of_every_kind():
    for name, *options in (("transfers", "--bits", "x=31", "--unsigned", "x"), ("layers", "--frac-bits", "4"),
                           ("matmul_integer", "--public", "x"), ("constants_fold", "--bits", "x=16"), ("split_rest",)):
        model, data = case(name)
        if name == "transfers":  # its values are small and may be negative
            values = json.loads((WORK / data).read_text())["x"]
            (WORK / data).write_text(json.dumps({"x": [abs(v) for v in values]}))
        ll.expect(0, "gen-settings", model, *options, "-o", f"{name}/settings.json")
        ll.expect(0, "compile-circuit", model, "--settings", f"{name}/settings.json", "-o", f"{name}/compiled.json")
        made = ll.json("gen-witness", "--circuit", f"{name}/compiled.json", "--input", data, "--model", model, "-o",
                       f"{name}/witness.json")["result"]
        assert made["largest_input_rounding"] == 0, made
        ll.expect(0, "setup", "--circuit", f"{name}/compiled.json", "--srs", "small.srs", "-o", f"{name}/keys")
        ll.expect(0, "prove", "--keys", f"{name}/keys", "--witness", f"{name}/witness.json", "-o", f"{name}/proof")
        answer = ll.json("verify", "--vk", f"{name}/keys/vk.json", "--proof", f"{name}/proof/proof.json")["result"]
        assert answer["accepted"] and answer["hidden"] == ([] if name == "matmul_integer" else ["x"]), answer
        report = fidelity(model, data, f"{name}/compiled.json", f"{name}/witness.json", f"{name}/proof/proof.json")
        assert all(o["runtime_equal"] and o["circuit_equals_reference"] for o in report), report


def lies_are_refused():
    witness = json.loads((WORK / "transfers" / "witness.json").read_text())
    compiled = ["--circuit", "transfers/compiled.json"]

    def told(code, gate, **change):
        (WORK / "lie.json").write_text(json.dumps(witness | change))
        report = ll.json("mock", *compiled, "--witness", "lie.json", code=5)["result"]
        assert {f["name"] for f in report["failures"]} == {gate} and report["failures"][0]["meaning"], report
        error = ll.json("prove", "--keys", "transfers/keys", "--witness", "lie.json", "-o", "never", code=code)
        assert gate in error["message"], error

    y = witness["outputs"]["y"]
    told(5, "boundary", outputs={"y": [y[0] + 1, *y[1:]]})
    x = witness["inputs"]["x"]
    (WORK / "lie.json").write_text(json.dumps(witness | {"inputs": {"x": [-1, *x[1:]]}}))
    report = ll.json("mock", *compiled, "--witness", "lie.json", code=5)["result"]
    assert {f["name"] for f in report["failures"]} == {"end of range", "boundary"}, report
    assert any(f["meaning"].startswith("range of x[0]") for f in report["failures"]), report
    proof = json.loads((WORK / "transfers" / "proof" / "proof.json").read_text())
    proof["public"]["outputs"]["y"][1] += 1
    (WORK / "bad.json").write_text(json.dumps(proof))
    ll.expect(3, "verify", "--vk", "transfers/keys/vk.json", "--proof", "bad.json")
    ll.expect(4, "verify", "--vk", "layers/keys/vk.json", "--proof", "transfers/proof/proof.json")
    data = (WORK / "transfers" / "proof" / "proof.json").read_bytes()
    for offset in sampled(len(data) - 1, 10):
        (WORK / "bad.json").write_bytes(changed(data, offset))
        assert ll.run("verify", "--vk", "transfers/keys/vk.json", "--proof", "bad.json").code in (3, 4), offset


def refusals_name_the_place():
    model, data = case("layers")
    ll.expect(4, "compile-circuit", model, "--settings", "transfers/settings.json")  # another model's
    (WORK / "text.onnx").write_text("no model")
    error = ll.json("inspect", "text.onnx", code=4)
    assert "no ONNX model" in error["message"] and "text.onnx" in error["where"], error
    broken = (WORK / model).read_bytes().replace(b"ReduceMean", b"ReduceProd")
    (WORK / "prod.onnx").write_bytes(broken)
    ll.expect(0, "gen-settings", "prod.onnx", "-o", "prod.json")
    error = ll.json("compile-circuit", "prod.onnx", "--settings", "prod.json", code=4)
    assert "ReduceProd" in error["message"] and "[2, 4]" in error["message"] and "supported" in error["hint"], error
    assert ll.json("inspect", "prod.onnx")["result"]["unsupported"] == 1
    for text in ('{"x": [1.5, 2, 3, 4]}', '{"x": [1e3, 2, 3, 4]}', '{"x": [1, 2, 3]}', '{"z": [1, 2, 3, 4]}', "[1]"):
        (WORK / "bad.json").write_text(text)
        ll.expect(4, "gen-witness", "--circuit", "transfers/compiled.json", "--input", "bad.json", "-o", "never.json")
    (WORK / "bad.json").write_text('{"x": [4294967296, 0, 0, 0]}')
    error = ll.json("gen-witness", "--circuit", "transfers/compiled.json", "--input", "bad.json", "-o", "never.json", code=5)
    assert "x[0] is 4294967296" in error["message"], error
    ll.expect(2, "setup", "--circuit", "transfers/compiled.json", "--statement", "delta", "-o", "never")
    assert not (WORK / "never.json").exists() and not (WORK / "never").exists()
    table = ll.json("calibrate-settings", model, "--data", data, "--max-abs-error", "1e-3", "-o", "calibrated.json")["result"]
    assert table["chosen"] is not None and len(table["candidates"]) == 16, table
    (WORK / "third.json").write_text(json.dumps({"x": [1 / 3] * 8}))
    table = ll.json("calibrate-settings", model, "--data", "third.json", "--max-abs-error", "0", "-o", "never.json", code=5)["result"]
    assert table["chosen"] is None and all("is above 0" in c["failure"] for c in table["candidates"]), table
    assert not (WORK / "never.json").exists()


if __name__ == "__main__":
    try:
        run_all([the_exported_encoder_is_proved, everything_is_a_function_of_its_inputs, files_conform_to_their_schemas,
                 small_models_of_every_kind, lies_are_refused, refusals_name_the_place])
        no_parts(WORK)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
