#!/usr/bin/env python3
"""Writes tests/vectors/onnx_operators.json: small ONNX models, one or a few operators each, with inputs and what ONNX Runtime
computes. Needs onnx, onnxruntime and numpy (.deps/venv after ./setup.sh).

    .deps/venv/bin/python tools/onnx_operator_vectors.py tests/vectors/onnx_operators.json
"""
import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

TYPES = {"int64": TensorProto.INT64, "int32": TensorProto.INT32, "int8": TensorProto.INT8, "uint8": TensorProto.UINT8,
         "float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE, "int16": TensorProto.INT16}
RNG = np.random.default_rng(20261125)
CASES = []


def values(dtype, shape):
    """Numbers on which every runtime is exact: small integers, and quarters for floats."""
    low, high = (0, 9) if dtype == "uint8" else (-9, 10)
    whole = RNG.integers(low, high, shape)
    return (whole / 4 if dtype.startswith("float") else whole).astype(dtype)


def case(name, nodes, inputs, constants=None, outputs=("y",), opset=17):
    """`nodes`: (operator, inputs, outputs, attributes); `inputs`: name -> (dtype, shape)."""
    made = [helper.make_node(op, ins, outs, name=f"{op.lower()}_{i}", **attributes)
            for i, (op, ins, outs, attributes) in enumerate(nodes)]
    graph_inputs = [helper.make_tensor_value_info(n, TYPES[t], s) for n, (t, s) in inputs.items()]
    initializers = [numpy_helper.from_array(np.asarray(v), n) for n, v in (constants or {}).items()]
    graph = helper.make_graph(made, name, graph_inputs, [onnx.ValueInfoProto(name=o) for o in outputs], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {n: values(t, s) for n, (t, s) in inputs.items()}
    results = session.run(list(outputs), given)
    del model.graph.output[:]
    model.graph.output.extend([helper.make_tensor_value_info(o, helper.np_dtype_to_tensor_dtype(r.dtype), r.shape)
                               for o, r in zip(outputs, results)])
    onnx.checker.check_model(model, full_check=True)
    CASES.append({"name": name, "model": model.SerializeToString().hex(),
                  "inputs": [{"name": n, "type": str(v.dtype), "values": v.ravel().tolist()} for n, v in given.items()],
                  "outputs": [{"name": o, "shape": list(r.shape), "values": r.ravel().tolist()}
                              for o, r in zip(outputs, results)]})


def one(name, op, inputs, constants=None, outputs=("y",), opset=17, order=None, **attributes):
    names = order or [*inputs, *(constants or {})]
    case(name, [(op, names, list(outputs), attributes)], inputs, constants, outputs, opset)


def numbers(*items):
    return np.array(items, dtype=np.int64)


X23 = {"x": ("int64", [2, 3])}
F23 = {"x": ("float32", [2, 3])}
X234 = {"x": ("int64", [2, 3, 4])}

# Matrix products: matrices, vectors, stacks, either side constant.
one("matmul_right", "MatMul", {"x": ("float64", [2, 3])}, {"w": values("float64", [3, 4])})
one("matmul_left", "MatMul", {"x": ("float32", [3, 2])}, {"w": values("float32", [4, 3])}, order=["w", "x"])
one("matmul_int32", "MatMul", {"x": ("int32", [1, 3])}, {"w": values("int32", [3, 2])})
one("matmul_vector_left", "MatMul", {"x": ("float32", [3])}, {"w": values("float32", [3, 4])})
one("matmul_vector_right", "MatMul", {"x": ("float32", [2, 3])}, {"w": values("float32", [3])})
one("matmul_vectors", "MatMul", {"x": ("float32", [3])}, {"w": values("float32", [3])})
one("matmul_stack", "MatMul", {"x": ("float32", [2, 1, 2, 3])}, {"w": values("float32", [4, 3, 2])})
one("matmul_integer", "MatMulInteger", {"x": ("uint8", [2, 3])}, {"w": values("int8", [3, 4])})
one("matmul_integer_zero_points", "MatMulInteger", {"x": ("uint8", [2, 3])},
    {"w": values("uint8", [3, 2]), "a0": np.uint8(3), "b0": np.uint8(2)})
one("gemm", "Gemm", F23, {"w": values("float32", [3, 4]), "c": values("float32", [4])})
one("gemm_turned", "Gemm", {"x": ("float32", [3, 2])}, {"w": values("float32", [4, 3]), "c": values("float32", [2, 1])},
    transA=1, transB=1, alpha=0.5, beta=2.0)
one("gemm_no_c", "Gemm", F23, {"w": values("float32", [3, 4])}, alpha=2.0)
one("gemm_left", "Gemm", {"x": ("float32", [3, 2])}, {"w": values("float32", [4, 3])}, order=["w", "x"])
one("gemm_varying_c", "Gemm", {"x": ("float32", [2, 3]), "c": ("float32", [1, 4])}, {"w": values("float32", [3, 4])},
    order=["x", "w", "c"], beta=0.25)
# Sums and products with broadcasting.
one("add_two", "Add", {"x": ("int64", [2, 3]), "z": ("int64", [3])})
one("add_constant", "Add", X23, {"c": values("int64", [2, 1])})
one("add_same", "Add", X23, order=["x", "x"])
one("add_float", "Add", F23, {"c": values("float32", [1])})
one("sub_two", "Sub", {"x": ("int64", [3, 1]), "z": ("int64", [1, 2])})
one("sub_from_constant", "Sub", X23, {"c": values("int64", [])}, order=["c", "x"])
one("sub_same", "Sub", X23, order=["x", "x"])
one("mul_constant", "Mul", X23, {"c": values("int64", [4, 1, 3])})
one("mul_float", "Mul", F23, {"c": values("float32", [3])}, order=["c", "x"])
one("neg", "Neg", X23)
one("neg_float", "Neg", F23)
one("identity", "Identity", X23)
one("cast_narrower", "Cast", X23, to=TensorProto.INT32)
one("cast_to_float", "Cast", X23, to=TensorProto.FLOAT)
case("cast_back", [("Cast", ["x"], ["f"], {"to": TensorProto.DOUBLE}), ("Neg", ["f"], ["n"], {}),
                   ("Cast", ["n"], ["y"], {"to": TensorProto.INT64})], X23)
# Reductions.
one("reduce_sum_all", "ReduceSum", X234)
one("reduce_sum_negative", "ReduceSum", X234, {"a": numbers(-2)})
one("reduce_sum_two", "ReduceSum", X234, {"a": numbers(2, 0)}, keepdims=0)
one("reduce_sum_nothing", "ReduceSum", X234, {"a": numbers()}, noop_with_empty_axes=1)
one("reduce_sum_old", "ReduceSum", X234, opset=11, axes=[1], keepdims=0)
one("reduce_mean", "ReduceMean", {"x": ("float32", [2, 4])}, axes=[-1])
one("reduce_mean_all", "ReduceMean", {"x": ("float64", [2, 2, 2])}, keepdims=0)
one("reduce_mean_input", "ReduceMean", {"x": ("float32", [4, 3])}, {"a": numbers(0)}, opset=18, keepdims=0)
# Shapes.
one("gather_rows", "Gather", X234, {"i": numbers(1, 0, -1)})
one("gather_axis", "Gather", X234, {"i": np.array([[3, -4], [0, 1]])}, axis=-1)
one("gather_scalar", "Gather", X234, {"i": np.int64(2)}, axis=1)
one("slice", "Slice", X234, {"s": numbers(1, 0), "e": numbers(3, 4), "a": numbers(1, 2), "t": numbers(1, 2)})
one("slice_negative", "Slice", X234, {"s": numbers(-1), "e": numbers(-1000), "a": numbers(-1), "t": numbers(-2)})
one("slice_clamped", "Slice", X234, {"s": numbers(-100, 1), "e": numbers(100, 2**62)})
one("slice_old", "Slice", X234, opset=9, starts=[0, 1], ends=[2, 9], axes=[2, 1])
one("concat", "Concat", {"x": ("int64", [2, 1]), "z": ("int64", [2, 3])}, {"c": values("int64", [2, 2])},
    order=["z", "c", "x"], axis=-1)
one("concat_scales", "Concat", {"x": ("float32", [1, 2])}, {"c": np.array([[0.125, 3.0]], np.float32)}, axis=0)
one("split_sizes", "Split", X234, {"s": numbers(1, 3)}, outputs=("y", "z"), axis=2)
one("split_equal", "Split", X234, outputs=("y", "z"), axis=-1)
one("split_rest", "Split", X234, outputs=("y", "z"), opset=18, axis=1, num_outputs=2)
one("split_old", "Split", X234, outputs=("y", "z"), opset=11, axis=1, split=[2, 1])
one("reshape", "Reshape", X234, {"s": numbers(4, -1)})
one("reshape_copies", "Reshape", X234, {"s": numbers(0, 2, -1)})
one("flatten", "Flatten", X234, axis=2)
one("flatten_front", "Flatten", X234, axis=0)
one("transpose", "Transpose", X234)
one("transpose_perm", "Transpose", X234, perm=[1, 2, 0])
one("squeeze_all", "Squeeze", {"x": ("int64", [1, 3, 1])})
one("squeeze_axis", "Squeeze", {"x": ("int64", [1, 3, 1])}, {"a": numbers(-1)})
one("squeeze_old", "Squeeze", {"x": ("int64", [1, 3, 1])}, opset=11, axes=[0])
one("unsqueeze", "Unsqueeze", X23, {"a": numbers(0, -1)})
one("unsqueeze_old", "Unsqueeze", X23, opset=11, axes=[1, 3])
one("expand", "Expand", {"x": ("int64", [3, 1])}, {"s": numbers(2, 1, 4)})
# Several together.
case("constants_fold", [("Constant", [], ["i"], {"value": numpy_helper.from_array(numbers(2, 0), "i")}),
                        ("Gather", ["v", "i"], ["rows"], {}), ("Constant", [], ["j"], {"value_ints": [1, 1]}),
                        ("Gather", ["v", "j"], ["others"], {}), ("Sub", ["rows", "others"], ["d"], {}),
                        ("MatMul", ["x", "d"], ["y"], {})], {"x": ("int32", [1, 2])}, {"v": values("int32", [3, 4])})
case("transfers", [("Unsqueeze", ["x", "one"], ["column"], {}), ("Gather", ["v", "to"], ["received"], {}),
                   ("Gather", ["v", "from"], ["sent"], {}), ("Sub", ["received", "sent"], ["d"], {}),
                   ("Mul", ["column", "d"], ["deltas"], {}), ("ReduceSum", ["deltas", "zero"], ["y"], {"keepdims": 0})],
     {"x": ("int64", [4])}, {"v": values("int64", [3, 5]), "to": numbers(0, 1, 2, 0), "from": numbers(1, 2, 0, 2),
                             "one": numbers(1), "zero": numbers(0)})
case("layers", [("Gemm", ["x", "w", "b"], ["h"], {}), ("Constant", [], ["half"], {"value_float": 0.5}),
                ("Mul", ["h", "half"], ["g"], {}), ("Add", ["g", "x"], ["r"], {}),
                ("ReduceMean", ["r"], ["m"], {"axes": [1]}), ("Sub", ["r", "m"], ["y"], {})],
     {"x": ("float32", [2, 4])}, {"w": values("float32", [4, 4]), "b": values("float32", [4])}, outputs=("y", "m"))

with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n")
print(f"{len(CASES)} cases")
