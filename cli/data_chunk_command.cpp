// Verb `data chunk`.
#include <memory>

#include "base/files.hpp"
#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/chunking.hpp"
#include "ledger/sequence_parquet.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct ChunkArguments {
  fs::path data, output;
  std::uint32_t length = 100;
};

Outcome chunk_data(const ChunkArguments& arguments, Session& session) {
  const fs::path folder = session.path_or(arguments.data, "ledger");
  const ledger::Dataset data = load_ledger(session, folder);
  const ledger::SequenceBatch batch = ledger::chunked(data, arguments.length);
  session.check_stop();
  const ledger::Replay replay = ledger::replay(batch);
  if (replay.first) fail(ErrorCode::unsatisfied, "{}: {}", folder.string(), *replay.first);
  const fs::path file = session.path_or(arguments.output, "sequences.parquet");
  write_file(file, ledger::encode_sequences(
                       batch, fmt::format("chunks of {} transfers: {}", arguments.length, data.provenance.source)));
  session.output("sequences", file);
  return {.result = {{"sequences", batch.size()},
                     {"transfers", batch.transfers()},
                     {"length", arguments.length},
                     {"invalid", replay.invalid}},
          .text = fmt::format("{} sequences of up to {} transfers, {} in all, in {}\n", batch.size(), arguments.length,
                              batch.transfers(), file.string())};
}

}  // namespace

void add_data_chunk(Application& application, CLI::App& data) {
  auto chunk = std::make_shared<ChunkArguments>();
  CLI::App& verb =
      application.verb(data, "chunk", "Cuts a ledger's history into sequences, each with its start balances",
                       "data chunk --length 100", [chunk](Session& session) { return chunk_data(*chunk, session); });
  verb.add_option("--data", chunk->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("--length", chunk->length, "Transfers of a sequence; the last has the rest")
      ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{100'000}))
      ->capture_default_str();
  verb.add_option("-o,--output", chunk->output, "Parquet file to write [WORKDIR/sequences.parquet]");
}

}  // namespace ll::cli
