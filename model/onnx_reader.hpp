#pragma once
#include "model/graph.hpp"

namespace ll::model {

/// Reads an ONNX file: one graph of the default operator set, tensors inside the file. Error{malformed} that says where
/// for anything else; never a crash. protobuf parses it, in a module of its own (liblatentledger_onnx.so) that is
/// loaded at the first call: other libraries of the program have a protobuf inside too, and `verify` needs none. Throws
/// Error{io} when the module is not there.
Result<Graph> read_onnx(ByteSpan file);

/// What the module gives: parses, throws Error{malformed}.
using OnnxParse = Graph (*)(ByteSpan file);

}  // namespace ll::model
