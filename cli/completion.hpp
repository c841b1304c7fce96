#pragma once
#include <string>

#include "cli/session.hpp"

namespace ll::cli {

// Completion scripts of a program that is described as `command_tree.hpp` says: verbs, options, the values of options
// that have a list of them, files for the others. They stand by themselves: no program runs when Tab is pressed.

std::string bash_completion(const Json& tree);
std::string zsh_completion(const Json& tree);
std::string fish_completion(const Json& tree);

}  // namespace ll::cli
