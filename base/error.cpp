#include "base/error.hpp"

namespace ll {

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::io:
      return "io";
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::mismatch:
      return "mismatch";
    case ErrorCode::unsatisfied:
      return "unsatisfied";
    case ErrorCode::srs:
      return "srs";
    case ErrorCode::memory:
      return "memory";
    case ErrorCode::interrupted:
      return "interrupted";
  }
  return "unknown";
}

}  // namespace ll
