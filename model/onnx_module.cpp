// The module that parses ONNX files, with protobuf-lite.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "model/onnx_messages.pb.h"
#include "model/onnx_reader.hpp"

namespace ll::model {
namespace {

constexpr std::size_t kMostNodes = 100'000;

/// `text` as messages show it: other people's bytes, short.
std::string shown(const std::string& text) {
  std::string safe = text.substr(0, 80);
  for (char& c : safe)
    if (c < ' ' || c > '~' || c == '"') c = '?';
  return text.size() > 80 ? safe + "..." : safe;
}

ElementType element_type(int number, const std::string& what) {
  switch (number) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 9:
    case 11:
    case 12:
    case 13:
      return static_cast<ElementType>(number);
    default:
      throw malformed(
          "onnx: {}: elements of ONNX type {} are not supported (float32, float64, bool and the integers are)", what,
          number);
  }
}

/// Little-endian elements of the width of T.
template <class T, class Out>
void append_raw(const std::string& raw, std::vector<Out>& out) {
  static_assert(std::endian::native == std::endian::little, "raw data is little-endian");
  for (std::size_t i = 0; i < raw.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, raw.data() + i, sizeof(T));
    out.push_back(static_cast<Out>(value));
  }
}

std::int64_t in_int64(std::uint64_t value, const std::string& what) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw malformed("onnx: {}: {} is above 2^63 - 1", what, value);
  return static_cast<std::int64_t>(value);
}

void read_raw(const std::string& raw, ConstantTensor& tensor, const std::string& what) {
  switch (tensor.type) {
    case ElementType::float32:
      return append_raw<float>(raw, tensor.reals);
    case ElementType::float64:
      return append_raw<double>(raw, tensor.reals);
    case ElementType::boolean:
    case ElementType::uint8:
      return append_raw<std::uint8_t>(raw, tensor.integers);
    case ElementType::int8:
      return append_raw<std::int8_t>(raw, tensor.integers);
    case ElementType::uint16:
      return append_raw<std::uint16_t>(raw, tensor.integers);
    case ElementType::int16:
      return append_raw<std::int16_t>(raw, tensor.integers);
    case ElementType::uint32:
      return append_raw<std::uint32_t>(raw, tensor.integers);
    case ElementType::int32:
      return append_raw<std::int32_t>(raw, tensor.integers);
    case ElementType::int64:
      return append_raw<std::int64_t>(raw, tensor.integers);
    case ElementType::uint64:
      std::vector<std::uint64_t> values;
      append_raw<std::uint64_t>(raw, values);
      for (const std::uint64_t value : values) tensor.integers.push_back(in_int64(value, what));
  }
}

ConstantTensor read_tensor(const ll_onnx::Tensor& message, const std::string& what) {
  ConstantTensor tensor;
  tensor.type = element_type(message.type(), what);
  if (message.location() != 0 || message.external_size() != 0)
    throw malformed("onnx: {}: its data is in another file; save the model with its data inside", what);
  for (const std::int64_t extent : message.dims()) {
    if (extent < 0) throw malformed("onnx: {}: an extent is {}", what, extent);
    tensor.shape.push_back(static_cast<std::size_t>(extent));
  }
  const std::size_t count = element_count(tensor.shape), width = std::max<std::size_t>(bit_width(tensor.type) / 8, 1);
  if (!message.raw().empty()) {
    if (message.raw().size() != count * width)
      throw malformed("onnx: {}: {} bytes of data, {} elements of {} take {}", what, message.raw().size(), count,
                      to_string(tensor.type), count * width);
    read_raw(message.raw(), tensor, what);
  } else {
    for (const float value : message.floats()) tensor.reals.push_back(static_cast<double>(value));
    tensor.reals.insert(tensor.reals.end(), message.doubles().begin(), message.doubles().end());
    tensor.integers.assign(message.int32s().begin(), message.int32s().end());
    tensor.integers.insert(tensor.integers.end(), message.int64s().begin(), message.int64s().end());
    for (const std::uint64_t value : message.uint64s()) tensor.integers.push_back(in_int64(value, what));
  }
  const bool real = is_real(tensor.type);
  if ((real ? tensor.reals.size() : tensor.integers.size()) != count ||
      (real ? !tensor.integers.empty() : !tensor.reals.empty()))
    throw malformed("onnx: {}: {} elements of {} are expected, found {} floats and {} integers", what, count,
                    to_string(tensor.type), tensor.reals.size(), tensor.integers.size());
  for (const double value : tensor.reals)
    if (!std::isfinite(value)) throw malformed("onnx: {}: an element is not a finite number", what);
  const unsigned bits = bit_width(tensor.type);
  for (const std::int64_t value : tensor.integers) {
    const bool fits = is_signed(tensor.type) ? bits == 64 || (value >= -(std::int64_t{1} << (bits - 1)) &&
                                                              value < std::int64_t{1} << (bits - 1))
                                             : value >= 0 && (bits == 64 || value < std::int64_t{1} << bits);
    if (!fits) throw malformed("onnx: {}: {} is no {}", what, value, to_string(tensor.type));
  }
  return tensor;
}

AttributeValue read_attribute(const ll_onnx::Attribute& message, const std::string& what) {
  switch (message.kind()) {  // AttributeProto.AttributeType
    case 1:
      return static_cast<double>(message.real());
    case 2:
      return static_cast<std::int64_t>(message.integer());
    case 3:
      return message.text();
    case 4:
      return read_tensor(message.tensor(), what);
    case 6:
      return std::vector<double>(message.reals().begin(), message.reals().end());
    case 7:
      return std::vector<std::int64_t>(message.integers().begin(), message.integers().end());
    default:
      return std::monostate{};
  }
}

GraphValue read_value(const ll_onnx::ValueInfo& message, const char* role) {
  const std::string what = fmt::format("{} \"{}\"", role, shown(message.name()));
  if (message.name().empty()) throw malformed("onnx: an {} has no name", role);
  if (!message.type().has_tensor() || !message.type().tensor().has_shape())
    throw malformed("onnx: {}: a tensor with a shape is expected", what);
  const auto printable = [](const std::string& text) {
    return text.size() <= 256 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  };
  if (!printable(message.name()))
    throw malformed("onnx: {}: a name of at most 256 printable characters is expected", what);
  GraphValue value{message.name(), element_type(message.type().tensor().element(), what), {}};
  for (const auto& dim : message.type().tensor().shape().dims()) {
    if (dim.extent_case() == ll_onnx::Dim::kValue) {
      if (dim.value() < 0) throw malformed("onnx: {}: an extent is {}", what, dim.value());
      value.dims.push_back({static_cast<std::size_t>(dim.value()), {}});
    } else {
      if (!printable(dim.symbol())) throw malformed("onnx: {}: an extent has no printable name", what);
      value.dims.push_back({std::nullopt, dim.symbol().empty() ? "?" : dim.symbol()});
    }
  }
  return value;
}

GraphNode read_node(const ll_onnx::Node& message, int number) {
  GraphNode node;
  node.op = shown(message.op());
  node.name = message.name().empty() ? fmt::format("#{}", number) : shown(message.name());
  const std::string what = fmt::format("node \"{}\" ({})", node.name, node.op);
  if (!message.domain().empty() && message.domain() != "ai.onnx")
    throw malformed("onnx: {}: its operator set is \"{}\"; only ONNX's own is supported", what,
                    shown(message.domain()));
  node.inputs.assign(message.inputs().begin(), message.inputs().end());
  node.outputs.assign(message.outputs().begin(), message.outputs().end());
  for (const auto& attribute : message.attributes()) {
    const auto place = fmt::format("{}: attribute \"{}\"", what, shown(attribute.name()));
    if (!node.attributes.emplace(attribute.name(), read_attribute(attribute, place)).second)
      throw malformed("onnx: {} comes twice", place);
  }
  return node;
}

Graph parse(ByteSpan file) {
  ll_onnx::Model model;
  if (file.size() > std::size_t{1} << 30 || !model.ParseFromArray(file.data(), static_cast<int>(file.size())))
    throw malformed("onnx: no ONNX model: {} bytes that are no protobuf message of that kind", file.size());
  if (!model.has_graph()) throw malformed("onnx: no ONNX model: it holds no graph");
  if (model.functions_size() != 0) throw malformed("onnx: functions of the model's own are not supported: inline them");
  const auto& in = model.graph();
  if (in.sparse_initializers_size() != 0) throw malformed("onnx: sparse constants are not supported");
  Graph graph;
  graph.producer = shown(model.producer());
  graph.name = shown(in.name());
  graph.ir_version = model.ir_version();
  for (const auto& set : model.operator_sets())
    if (set.domain().empty() || set.domain() == "ai.onnx") graph.opset = set.version();
  if (graph.opset < 7 || graph.opset > 25)
    throw malformed("onnx: operator set {} of the default domain: 7 to 25 is supported", graph.opset);
  for (const auto& property : model.metadata()) graph.metadata[property.key()] = property.value();

  std::set<std::string> defined;
  const auto define = [&](const std::string& name, const std::string& what) {
    if (!defined.insert(name).second) throw malformed("onnx: {}: \"{}\" is defined twice", what, shown(name));
  };
  for (const auto& message : in.initializers()) {
    const std::string what = fmt::format("constant \"{}\"", shown(message.name()));
    if (message.name().empty()) throw malformed("onnx: a constant has no name");
    define(message.name(), what);
    graph.constants.emplace(message.name(), read_tensor(message, what));
  }
  for (const auto& message : in.inputs()) {
    if (graph.constants.contains(message.name())) continue;  // IR 3: constants are listed as inputs too
    graph.inputs.push_back(read_value(message, "input"));
    define(message.name(), "input");
  }
  if (static_cast<std::size_t>(in.nodes_size()) > kMostNodes)
    throw malformed("onnx: {} nodes, at most {} are taken", in.nodes_size(), kMostNodes);
  for (const auto& message : in.nodes()) {
    GraphNode node = read_node(message, static_cast<int>(graph.nodes.size()));
    const std::string what = fmt::format("node \"{}\" ({})", node.name, node.op);
    for (const std::string& name : node.inputs) {
      if (!name.empty() && !defined.contains(name))
        throw malformed("onnx: {}: input \"{}\" is not defined before it", what, shown(name));
    }
    for (const std::string& name : node.outputs)
      if (!name.empty()) define(name, what);
    graph.nodes.push_back(std::move(node));
  }
  std::set<std::string> outputs;
  for (const auto& message : in.outputs()) {
    graph.outputs.push_back(read_value(message, "output"));
    if (!defined.contains(message.name()))
      throw malformed("onnx: output \"{}\": no node computes it", shown(message.name()));
    if (!outputs.insert(message.name()).second)
      throw malformed("onnx: output \"{}\" comes twice", shown(message.name()));
    if (std::ranges::count(graph.inputs, message.name(), &GraphValue::name) != 0)
      throw malformed("onnx: output \"{}\" is an input: nothing is computed", shown(message.name()));
  }
  if (graph.inputs.empty() || graph.outputs.empty()) throw malformed("onnx: the graph has no input or no output");
  return graph;
}

}  // namespace
}  // namespace ll::model

extern "C" const void* ll_onnx_parse() {
  static const ll::model::OnnxParse entry = &ll::model::parse;
  return &entry;
}
