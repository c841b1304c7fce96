#pragma once
#include <string>

#include "cli/session.hpp"

namespace ll::cli {

/// What figures depend on: {"cpu","family","model","cores","memory_bytes","instructions":[...],"system"}.
Json machine_json();

/// Compiler and version that this program was built with.
std::string compiler_name();

}  // namespace ll::cli
