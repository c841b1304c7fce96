#include "model/onnx_reader.hpp"

#include "base/hash.hpp"
#include "base/module.hpp"

namespace ll::model {

Result<Graph> read_onnx(ByteSpan file) {
  static const auto parse = *static_cast<const OnnxParse*>(module_entry(LL_MODULE_FILE, "ll_onnx_parse"));
  try {
    Graph graph = parse(file);
    graph.sha256 = to_hex(sha256(file));
    return graph;
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::model
