#include "model/graph.hpp"

namespace ll::model {

const char* to_string(ElementType type) noexcept {
  switch (type) {
    case ElementType::float32:
      return "float32";
    case ElementType::uint8:
      return "uint8";
    case ElementType::int8:
      return "int8";
    case ElementType::uint16:
      return "uint16";
    case ElementType::int16:
      return "int16";
    case ElementType::int32:
      return "int32";
    case ElementType::int64:
      return "int64";
    case ElementType::boolean:
      return "bool";
    case ElementType::float64:
      return "float64";
    case ElementType::uint32:
      return "uint32";
    case ElementType::uint64:
      break;
  }
  return "uint64";
}

bool is_real(ElementType type) noexcept { return type == ElementType::float32 || type == ElementType::float64; }

unsigned bit_width(ElementType type) noexcept {
  switch (type) {
    case ElementType::boolean:
      return 1;
    case ElementType::uint8:
    case ElementType::int8:
      return 8;
    case ElementType::uint16:
    case ElementType::int16:
      return 16;
    case ElementType::float32:
    case ElementType::uint32:
    case ElementType::int32:
      return 32;
    case ElementType::float64:
    case ElementType::uint64:
    case ElementType::int64:
      break;
  }
  return 64;
}

bool is_signed(ElementType type) noexcept {
  return type == ElementType::int8 || type == ElementType::int16 || type == ElementType::int32 ||
         type == ElementType::int64 || is_real(type);
}

}  // namespace ll::model
