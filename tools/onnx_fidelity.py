#!/usr/bin/env python3
"""ONNX Runtime, the integer reference and the circuit side by side, for one run of a model.

    onnx_fidelity.py MODEL.onnx input.json compiled.json witness.json [proof.json]

Needs onnxruntime and numpy (.deps/venv after ./setup.sh). One JSON object on stdout: for each output ONNX Runtime's largest
difference from integer / scale, exact for integer types; with a proof, whether its public integers are the witness's.
"""
import fractions
import json
import sys

import numpy as np
import onnxruntime

TYPES = {"float32": np.float32, "float64": np.float64, "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
         "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(model, data, compiled, witness, proof=None):
    description, witness, data = load(compiled)["description"], load(witness), load(data)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given = {i["name"]: np.array(data[i["name"]], dtype=TYPES[i["type"]]).reshape(i["shape"]) for i in description["inputs"]}
    names = [o["name"] for o in description["outputs"]]
    shown = load(proof)["public"]["outputs"] if proof else None
    report = []
    for output, result in zip(description["outputs"], session.run(names, given)):
        source = output["same_as"] or output["name"]
        integers = [int(v) for v in witness["outputs"][source]]
        assert list(result.shape) == output["shape"], (output, result.shape)
        scale = output["scale_odd"] << output["scale_shift"]
        errors = [abs(fractions.Fraction(v.item()) - fractions.Fraction(i, scale)) for v, i in zip(result.ravel(), integers)]
        entry = {"output": output["name"], "elements": len(integers), "scale": scale,
                 "runtime_max_abs_difference": float(max(errors)), "runtime_equal": max(errors) == 0}
        if shown is not None:
            entry["circuit_equals_reference"] = [int(v) for v in shown[source]] == integers
        report.append(entry)
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
