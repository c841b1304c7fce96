// Whole commands from files: this program started again, from its first instruction to its last.
#include "bench/rows.hpp"
#include "bench/spawn.hpp"

namespace ll::bench {
namespace {

namespace fs = std::filesystem;

/// Runs a verb; the value is its time in milliseconds · scale, or what `value` reads in its result.
Measurement command(Context& context, int runs, double scale, const std::vector<std::string>& words,
                    const std::function<double(const cli::Json&)>& value = {}) {
  Measurement m;
  alternate(context.runs(runs), context.session(),
            [&] {
              const SpawnedRun run = run_verb(words, context.folder());
              m.ours.value.add(value ? value(result_of(run)) : run.ms * scale);
              m.ours.cpu_seconds.add(run.cpu_seconds);
              m.ours.peak_rss_bytes = std::max(m.ours.peak_rss_bytes, run.peak_rss_bytes);
            },
            {});
  return m;
}

std::string made(Context& context, const char* name) { return (context.folder() / name).string(); }

Measurement setup_command(Context& context) {
  return command(context, 5, 1e-3,
                 {"setup", "--encoder", context.encoder().string(), "--data", context.ledger().string(), "-o",
                  made(context, "setup")});
}

std::vector<std::string> prove_words(Context& context) {
  return {
      "prove", "--keys", context.keys().string(), "--data", context.ledger().string(), "-o", made(context, "proof")};
}

Measurement prove_command(Context& context) {
  Measurement m = command(context, 7, 1e-3, prove_words(context));
  m.extra["data"] = context.data_source();
  return m;
}

Measurement verify_command(Context& context) {
  if (!fs::exists(context.folder() / "proof" / "proof.json")) run_verb(prove_words(context), context.folder());
  return command(context, 15, 1,
                 {"verify", "--vk", (context.keys() / "vk.json").string(), "--proof",
                  (context.folder() / "proof" / "proof.json").string()});
}

Measurement chain(Context& context) {
  Measurement m = command(context, 1, 1.0 / 60'000,
                          {"prove-batch", "--keys", context.keys().string(), "--data", context.ledger().string(), "-o",
                           made(context, "chain")});
  m.extra["data"] = context.data_source();
  return m;
}

/// Sequences in shards, as a training set is made.
Measurement generate(Context& context) {
  const char* sequences = context.options().quick ? "10000" : "200000";
  const fs::path folder = context.folder() / "sequences";
  const Measurement m =
      command(context, 3, 1, {"data", "generate", "--train", sequences, "--validation", "100", "-o", folder.string()},
              [&](const cli::Json& result) {
                fs::remove_all(folder);
                return result.at("transfers_per_second").get<double>() / 1e6;
              });
  return m;
}

Measurement evaluate(Context& context) {
  return command(context, 3, 1e-3,
                 {"evaluate", "--transfers", "100000", "--encoder", context.encoder().string(), "--data",
                  context.ledger().string(), "-o", made(context, "evaluation")});
}

Measurement train(Context& context) {
  Measurement m =
      command(context, 1, 1.0 / 60'000, {"train", "--data", context.ledger().string(), "-o", made(context, "trained")});
  return m;
}

}  // namespace

std::vector<Row> command_rows() {
  return {{.name = "prove_256_command",
           .what = "`prove` of 256 transfers, whole command from files",
           .unit = "s",
           .kind = Kind::quick,
           .goal = 0.3,
           .wish = 0.12,
           .measure = prove_command},
          {.name = "setup_command",
           .what = "`setup` for it, whole command",
           .unit = "s",
           .kind = Kind::quick,
           .goal = 1,
           .wish = 0.3,
           .measure = setup_command},
          {.name = "verify_command",
           .what = "`verify`, whole command",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 20,
           .wish = 8,
           .measure = verify_command},
          {.name = "chain",
           .what = "the whole ledger of --data in chained proofs of 256 transfers (N3: 969 of them)",
           .unit = "min",
           .kind = Kind::full,
           .goal = 2.5,
           .wish = 1,
           .needs_data = true,
           .measure = chain},
          {.name = "data_generate",
           .what = "`data generate`, sequences in shards",
           .unit = "M transfers/s",
           .kind = Kind::quick,
           .goal = 10,
           .more_is_better = true,
           .measure = generate},
          {.name = "evaluate_100000",
           .what = "`evaluate` of 100,000 transfers, whole command",
           .unit = "s",
           .goal = 2,
           .wish = 0.2,
           .measure = evaluate},
          {.name = "train",
           .what = "`train` to the encoder's quality goal, whole command",
           .unit = "min",
           .kind = Kind::full,
           .goal = 10,
           .wish = 3,
           .measure = train}};
}

}  // namespace ll::bench
