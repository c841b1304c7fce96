// The group `ceremony`: its verbs are in ceremony_step_commands.cpp and ceremony_result_commands.cpp.
#include "cli/ceremony_support.hpp"

namespace ll::cli {

void add_ceremony_commands(Application& application) {
  CLI::App& group = application.group("ceremony", "Setups that many people make together, one after the other");
  add_ceremony_steps(application, group);
  add_ceremony_results(application, group);
}

}  // namespace ll::cli
