#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/application.hpp"

namespace ll::demo {

struct DemoArguments {
  std::filesystem::path data;  ///< CSV of transfers; empty: the bundled one
  std::filesystem::path output = "out/demo";
  std::filesystem::path srs;        ///< empty: a TEST-ONLY one is generated
  std::size_t transfers = 100'000;  ///< to evaluate
  std::size_t count = 256;          ///< to prove, or all when the ledger has fewer
  bool open = true;                 ///< show report.html, on a terminal with a desktop
  std::int64_t steps = 0;           ///< of training, 0: the brief preset
  bool allow_unknown_srs = false;
  bool full = false;                ///< trains by the plan and proves the ledger's whole history
  bool fresh = false;               ///< does not go on with a story that was stopped
  std::vector<std::string> only{};  ///< stages to run by themselves; empty: all
};

/// The whole story on one file: data, training, evaluation, keys, a proof of up to 256 transfers, its verification, and
/// three lies that are refused. Tells it on stdout as it goes, writes OUTPUT/report.json with every figure and the
/// SHA-256 of each input, and the same as a page, OUTPUT/report.html. A story that was stopped goes on where it stood
/// (story_record.hpp). Throws std::logic_error when a lie is not refused.
cli::Outcome tell(const DemoArguments& arguments, cli::Session& session);

void add_demo_command(cli::Application& application);
/// `report`: the page of a report.json, made again.
void add_report_command(cli::Application& application);

}  // namespace ll::demo
