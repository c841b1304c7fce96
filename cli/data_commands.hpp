#pragma once
#include "cli/application.hpp"

namespace ll::cli {

// The verbs of the group `data`, one file each.
void add_data_import(Application& application, CLI::App& data);
void add_data_chunk(Application& application, CLI::App& data);
void add_data_generate(Application& application, CLI::App& data);
void add_data_simulate(Application& application, CLI::App& data);
void add_data_compare(Application& application, CLI::App& data);

}  // namespace ll::cli
