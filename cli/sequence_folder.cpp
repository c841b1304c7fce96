#include "cli/sequence_folder.hpp"

#include <charconv>
#include <optional>

#include "base/resources.hpp"
#include "ledger/sequence_manifest.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct Range {
  std::uint64_t first, last;
};

/// "7" or "3..5", both ends included.
Range parse_range(std::string_view option, const std::string& text) {
  const auto number = [](std::string_view part) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    return value;
  };
  const std::size_t dots = text.find("..");
  const auto first = number(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : number(std::string_view(text).substr(dots + 2));
  LL_CHECK(first && last && *first <= *last, "{} {}: a number or FIRST..LAST is expected", option, text);
  return {*first, *last};
}

Json split_json(const ledger::SequenceSet& set, ledger::Split split) {
  const std::uint64_t sequences = split == ledger::Split::train ? set.plan().train : set.plan().validation;
  return {{"sequences", sequences}, {"transfers", set.transfers(split)}, {"shards", set.shards(split).size()}};
}

}  // namespace

Outcome generate_shards(const ShardArguments& arguments, ledger::SequenceConfig config, const fs::path& folder,
                        bool resume, Session& session) {
  const Range length = parse_range("--length", arguments.length);
  LL_CHECK(length.last <= UINT32_MAX, "--length {}: too long", arguments.length);
  config.least_transfers = static_cast<std::uint32_t>(length.first);
  config.most_transfers = static_cast<std::uint32_t>(length.last);
  ledger::ShardPlan plan = {
      .config = config, .train = arguments.train, .validation = arguments.validation, .per_shard = arguments.per_shard};
  if (arguments.plan && plan.train == 0) plan.train = 400'000;
  if (arguments.plan && plan.validation == 0) plan.validation = 100'000;
  ledger::ShardRange range;
  if (!arguments.shards.empty()) {
    const Range wanted = parse_range("--shards", arguments.shards);
    ledger::check(plan);
    LL_CHECK(wanted.last < plan.shard_count(), "--shards {}: the last shard is {}", arguments.shards,
             plan.shard_count() - 1);
    range = {wanted.first, wanted.last + 1};
  }
  const Stopwatch watch;
  const ledger::ShardReport report = ledger::write_shards(plan, folder, range, resume, &session.progress());
  const double seconds = std::max(watch.ms() / 1000, 1e-9);
  const double rate = static_cast<double>(report.replayed) / seconds;
  const double bytes_rate = static_cast<double>(report.bytes) / seconds;
  if (report.complete) session.output("manifest", folder / ledger::kManifestFile);
  session.output("folder", folder);
  std::string text = fmt::format(
      "{} sequences with {} transfers ({} profile, seed {}) in {} shards: {} made, {} kept\n"
      "replayed before they were written: {} transfers, {} invalid\n"
      "{} in {:.1f} s: {:.3g} transfers/s, {}/s\n",
      report.sequences, report.transfers, to_string(config.profile), config.seed, report.made + report.kept,
      report.made, report.kept, report.replayed, report.invalid, bytes_text(report.bytes), seconds, rate,
      bytes_text(static_cast<std::uint64_t>(bytes_rate)));
  text += report.complete ? fmt::format("complete: {}\n", (folder / ledger::kManifestFile).string())
                          : fmt::format("part of {} shards: the manifest comes with --resume over all of them\n",
                                        plan.shard_count());
  return {.result = {{"profile", to_string(config.profile)},
                     {"seed", config.seed},
                     {"sequences", report.sequences},
                     {"transfers", report.transfers},
                     {"shards", report.made + report.kept},
                     {"made", report.made},
                     {"resumed", report.kept},
                     {"replayed", report.replayed},
                     {"invalid", report.invalid},
                     {"complete", report.complete},
                     {"bytes", report.bytes},
                     {"transfers_per_second", rate},
                     {"bytes_per_second", bytes_rate}},
          .text = std::move(text)};
}

Outcome sequences_info(Session& session, const fs::path& folder) {
  session.input(folder / ledger::kManifestFile);
  const ledger::SequenceSet set = ledger::SequenceSet::open(folder).value_or_throw();
  const ledger::ShardPlan& plan = set.plan();
  session.progress().begin("check", plan.train + plan.validation);
  std::uint64_t done = 0;
  for (const ledger::Split split : {ledger::Split::train, ledger::Split::validation}) {
    for (std::size_t i = 0; i < set.shards(split).size(); ++i) {
      session.check_stop();
      done += set.read(split, i).value_or_throw().size();  // refuses a shard with an invalid transfer
      session.progress().update(done);
    }
  }
  session.progress().end();
  const std::uint64_t transfers = set.transfers(ledger::Split::train) + set.transfers(ledger::Split::validation);
  std::string text = fmt::format("sequences         {} training, {} validation, in {} shards\n", plan.train,
                                 plan.validation, plan.shard_count());
  text += fmt::format("transfers         {} training, {} validation; {} to {} a sequence\n",
                      set.transfers(ledger::Split::train), set.transfers(ledger::Split::validation),
                      plan.config.least_transfers, plan.config.most_transfers);
  text += fmt::format("made from         {} profile, seed {}, {} accounts\n", to_string(plan.config.profile),
                      plan.config.seed, plan.config.accounts);
  text += fmt::format("checked           SHA-256 of each shard, and {} transfers by replay\n", transfers);
  return {.result = {{"format", "latentledger-sequences"},
                     {"profile", to_string(plan.config.profile)},
                     {"seed", plan.config.seed},
                     {"accounts", plan.config.accounts},
                     {"sequences", plan.train + plan.validation},
                     {"transfers", transfers},
                     {"shards", plan.shard_count()},
                     {"train", split_json(set, ledger::Split::train)},
                     {"validation", split_json(set, ledger::Split::validation)}},
          .text = std::move(text)};
}

}  // namespace ll::cli
