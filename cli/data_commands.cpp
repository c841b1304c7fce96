// The group `data` and its verb `data info`.
#include "cli/data_commands.hpp"

#include <memory>

#include "cli/ledger_folder.hpp"
#include "cli/sequence_folder.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

void add_data_commands(Application& application) {
  CLI::App& data = application.group("data", "Transfers: import, generate, look at, replay");
  add_data_import(application, data);
  add_data_generate(application, data);

  auto folder = std::make_shared<fs::path>();
  CLI::App& info_verb =
      application.verb(data, "info", "What a folder of a ledger or of sequences holds; every file is checked",
                       "data info", [folder](Session& session) {
                         if (ledger::SequenceSet::is_here(*folder)) return sequences_info(session, *folder);
                         const auto summary = load_ledger(session, session.path_or(*folder, "ledger")).summary();
                         return Outcome{.result = summary_json(summary), .text = summary_text(summary)};
                       });
  info_verb.add_option("--data,data", *folder, "Folder of a ledger or of sequences [WORKDIR/ledger]");

  add_data_simulate(application, data);
  add_data_chunk(application, data);
  add_data_compare(application, data);
}

}  // namespace ll::cli
