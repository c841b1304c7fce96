#include "cli/exit_code.hpp"

namespace ll::cli {

ExitCode exit_code_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::io:
      return ExitCode::usage;
    case ErrorCode::malformed:
    case ErrorCode::mismatch:
      return ExitCode::malformed;
    case ErrorCode::unsatisfied:
      return ExitCode::unsatisfied;
    case ErrorCode::srs:
      return ExitCode::srs;
    case ErrorCode::memory:
      return ExitCode::memory;
    case ErrorCode::interrupted:
      return ExitCode::interrupted;
  }
  return ExitCode::our_fault;
}

}  // namespace ll::cli
