#pragma once
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "model/tensor_shape.hpp"

namespace ll::model {

/// Types of elements that the reader knows, with ONNX's own numbers (TensorProto.DataType).
enum class ElementType : int {
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
};
const char* to_string(ElementType type) noexcept;
bool is_real(ElementType type) noexcept;
unsigned bit_width(ElementType type) noexcept;
bool is_signed(ElementType type) noexcept;  ///< of integers

/// Numbers that are part of the model: `integers` of the integer types and boolean, `reals` of the two float types,
/// which a double holds exactly; the other list is empty.
struct ConstantTensor {
  ElementType type = ElementType::int64;
  Shape shape;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
};

/// An attribute of a kind that some operator here reads; `std::monostate` for the others.
using AttributeValue = std::variant<std::monostate, double, std::int64_t, std::string, std::vector<double>,
                                    std::vector<std::int64_t>, ConstantTensor>;

struct GraphNode {
  std::string name, op;
  std::vector<std::string> inputs;  ///< an empty name: an optional input that is left out
  std::vector<std::string> outputs;
  std::map<std::string, AttributeValue> attributes;
};

/// An extent that is known, or a symbol that settings give a value to ("batch").
struct Dimension {
  std::optional<std::size_t> extent;
  std::string symbol;
};

struct GraphValue {
  std::string name;
  ElementType type = ElementType::int64;
  std::vector<Dimension> dims;
};

/// A model as data, in the file's own order: each node comes behind those it reads from. Only what the reader has
/// checked: names are defined once and before they are used, tensors are as long as their shapes say.
struct Graph {
  std::string producer, name;
  std::int64_t ir_version = 0, opset = 0;  ///< opset of the default domain
  std::vector<GraphValue> inputs, outputs;
  std::map<std::string, ConstantTensor> constants;
  std::vector<GraphNode> nodes;
  std::map<std::string, std::string> metadata;
  std::string sha256;  ///< of the file, hex
};

}  // namespace ll::model
