#pragma once
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/session.hpp"

namespace ll::cli {

/// The line of an App that can be pasted, without the program's name; empty when it has none.
using ExampleOf = std::function<std::string(const CLI::App&)>;

/// "data generate" for the verb's App; empty for the program's.
std::string full_name(const CLI::App* app);

/// The environment variable that gives an option of a verb its value: LATENTLEDGER_TRAIN_STEPS for `train --steps`.
std::string environment_name(const CLI::App& app, const CLI::Option& option);

/// A program with its verbs as data, from which the reference, the manual pages and the completions are made:
/// {"name", "description", "example", "options": [...], "positionals": [...], "verbs": [the same, of each verb]}.
/// An option: {"names": ["--steps"], "type" ("TEXT", "UINT"...; null for a flag), "check" (a range, or null), "choices"
/// (or null), "default" (or null), "many", "required", "group", "environment", "description"}; a positional has a
/// "name" instead of names.
Json describe(const CLI::App& app, const ExampleOf& example_of);

}  // namespace ll::cli
