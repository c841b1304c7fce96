#pragma once
#include "cli/application.hpp"

namespace ll::bench {

/// Adds the verb `bench`.
void add_bench_command(cli::Application& application);

}  // namespace ll::bench
