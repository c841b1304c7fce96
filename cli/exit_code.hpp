#pragma once
#include "base/error.hpp"

namespace ll::cli {

/// What the command's exit status says (docs/cli.md).
enum class ExitCode : int {
  done = 0,         ///< done, or the proof is valid
  our_fault = 1,    ///< a bug: nothing the user gave explains it
  usage = 2,        ///< an option that does not fit, or a path that cannot be read or written
  rejected = 3,     ///< a well-formed proof that is false
  malformed = 4,    ///< a malformed artefact, or one made for something else
  unsatisfied = 5,  ///< an invalid transfer: the witness does not satisfy the circuit
  srs = 6,          ///< SRS missing, too small, of unknown origin or wrong
  memory = 7,       ///< would exceed the allowed memory
  interrupted = 130,
};

ExitCode exit_code_of(ErrorCode code) noexcept;

}  // namespace ll::cli
