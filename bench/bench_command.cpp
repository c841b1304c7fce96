// Verb `bench`: every figure that the project promises, measured here and now, beside the peer's.
#include "bench/bench_command.hpp"

#include <algorithm>
#include <memory>
#include <regex>

#include "algebra/kernels.hpp"
#include "base/parallel.hpp"
#include "bench/report.hpp"
#include "bench/source_commit.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/machine.hpp"

namespace ll::bench {
namespace {

using cli::Json, cli::Outcome, cli::Session;

constexpr const char* kNoPeer = "no peer: the program of ./setup.sh --with-bench is not there; its columns are null";

/// The rows that the command line asks for. Throws Error{invalid_argument} for a name that is none, naming all.
std::vector<Row> chosen_rows(const Options& options) {
  std::vector<Row> rows = all_rows();
  std::string names;
  for (const Row& row : rows) names += (names.empty() ? "" : ", ") + row.name;
  const auto named = [&](const Row& row) { return std::ranges::find(options.only, row.name) != options.only.end(); };
  for (const std::string& name : options.only) {
    if (std::ranges::none_of(rows, [&](const Row& row) { return row.name == name; }))
      throw Error(ErrorCode::invalid_argument, fmt::format("bench: there is no row \"{}\"", name), "--only",
                  "the rows are: " + names);
  }
  std::regex pattern;
  try {
    pattern = std::regex(options.filter);
  } catch (const std::regex_error&) {
    throw Error(ErrorCode::invalid_argument, fmt::format("bench: \"{}\" is no regular expression", options.filter),
                "--filter");
  }
  const bool by_name = !options.only.empty() || !options.filter.empty();
  std::erase_if(rows, [&](const Row& row) {
    if (by_name) return !named(row) && (options.filter.empty() || !std::regex_search(row.name, pattern));
    switch (row.kind) {
      case Kind::quick:
        return false;
      case Kind::standard:
        return options.quick;
      case Kind::full:
        return !options.full || (row.needs_data && options.data.empty());
      case Kind::sizes:
        return !options.sizes;
    }
    return true;
  });
  if (rows.empty())
    throw Error(ErrorCode::invalid_argument, fmt::format("bench: no row matches \"{}\"", options.filter), "--filter",
                "the rows are: " + names);
  for (const Row& row : rows) {
    if (row.needs_data && options.data.empty())
      throw Error(ErrorCode::invalid_argument, fmt::format("bench: the row \"{}\" needs a ledger", row.name), "--data");
  }
  return rows;
}

Outcome list_rows() {
  Json list = Json::array();
  std::string text;
  for (const Row& row : all_rows()) {
    const char* when = row.kind == Kind::quick      ? "always"
                       : row.kind == Kind::standard ? "not with --quick"
                       : row.kind == Kind::full     ? "with --full"
                                                    : "with --sizes";
    list.push_back({{"name", row.name}, {"what", row.what}, {"unit", row.unit}, {"when", when}});
    text += fmt::format("{:<20}{:<18}{}\n", row.name, when, row.what);
  }
  return {.result = {{"rows", std::move(list)}}, .text = std::move(text)};
}

Outcome bench(const Options& options, Session& session) {
  if (options.list) return list_rows();
  const std::vector<Row> rows = chosen_rows(options);
  if (!options.data.empty()) cli::load_ether_ledger(session, options.data);  // before minutes of other rows
  Context context(options, session);
  if (!context.has_peer() && !options.no_peer) session.warn(kNoPeer);
  Json results = Json::array();
  session.progress().begin("bench", rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    session.check_stop();
    session.progress().update(i, rows[i].name);
    give_memory_back();
    results.push_back(row_json(rows[i], rows[i].measure(context)));
    session.detail(
        fmt::format("{}: {} {}", rows[i].name, figure_text(results.back().at("value").get<double>()), rows[i].unit));
  }
  session.progress().update(rows.size());
  session.progress().end();

  const Json machine = cli::machine_json();
  Json result = {{"machine", machine},
                 {"kernels", algebra::kernels_name()},
                 {"threads", thread_count()},
                 {"commit", source_commit(context.folder())},
                 {"compiler", cli::compiler_name()},
                 {"peer", context.has_peer() ? Json(kPeerName) : Json()},
                 {"quick", options.quick},
                 {"results", results}};
  std::string text =
      fmt::format("machine           {}, {} cores; kernels {}; {} threads\n", machine.at("cpu").get<std::string>(),
                  machine.at("cores").get<unsigned>(), algebra::kernels_name(), thread_count());
  text += fmt::format("peer              {}\n", context.has_peer() ? kPeerName : kNoPeer);
  text += results_text(results);
  text +=
      "ratio: ours / the peer's, below 1 is faster; medians of alternating runs; limit: what arithmetic alone takes\n";
  return {.result = std::move(result), .text = std::move(text)};
}

}  // namespace

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (auto* group : {kernel_rows, circuit_rows, proof_rows, command_rows, size_rows})
    for (Row& row : group()) rows.push_back(std::move(row));
  return rows;
}

void add_bench_command(cli::Application& application) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = application.verb(application.root(), "bench",
                                    "Measures every figure the project promises, beside Rust halo2 where it is there",
                                    "bench --quick", [options](Session& session) { return bench(*options, session); });
  verb.add_flag("--quick", options->quick, "The rows that take seconds, one run each");
  verb.add_flag("--full", options->full, "Also what takes minutes: 65,536 transfers, training, with --data a chain");
  verb.add_flag("--sizes", options->sizes, "Also circuits of 1 to 8 million constraints");
  verb.add_option("--only", options->only, "Only this row; may be given several times")->take_all();
  verb.add_option("--filter", options->filter, "Only rows whose name matches this regular expression");
  verb.add_flag("--list", options->list, "Lists the rows and measures nothing");
  verb.add_option("--runs", options->runs, "Runs of each row instead of its own number; the median counts")
      ->check(CLI::Range(1, 1001));
  verb.add_option("--peer", options->peer, "Rust halo2-axiom: the program, or the folder that setup.sh made [.deps]");
  verb.add_flag("--no-peer", options->no_peer, "Without it");
  verb.add_option("--data", options->data, "Ledger folder to take transfers from [the bundled data]");
  verb.add_option("--encoder", options->encoder, "Encoder folder or file [the frozen encoder of the source]");
}

}  // namespace ll::bench
