// Verb `prove-batch`: a ledger's transfers, batch by batch, as a chain of proofs.
#include "cli/chain_commands.hpp"

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "cli/application.hpp"
#include "cli/chain_folder.hpp"
#include "cli/chain_prover.hpp"
#include "cli/ledger_folder.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

/// The key of the first state. Its SRS is that of the updates (equal bytes), so it is held once.
KeyFolder load_genesis_keys(const fs::path& folder, const KeyFolder& keys, Session& session) {
  KeyFolder genesis = load_key_folder(session, folder);
  if (genesis.vk.srs_sha256 != keys.vk.srs_sha256) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: made with the SRS {}, the keys of `{}` with {}", folder.string(),
                            genesis.vk.srs_sha256, keys.vk.statement, keys.vk.srs_sha256),
                folder.string(), "make the keys of `genesis` and `update-private` with one SRS and one size");
  }
  genesis.srs = {};
  return genesis;
}

/// What is not said when a chain is resumed is as it was begun.
ProveBatchArguments with_plan(ProveBatchArguments arguments, const ChainFolder& folder) {
  std::error_code ignored;
  if (!arguments.options.resume || !fs::exists(folder.plan(), ignored)) return arguments;
  const auto plan = artefacts::decode_chain_plan(read_text(folder.plan()), folder.plan().string()).value_or_throw();
  arguments.from = arguments.from.value_or(plan.from);
  arguments.count = arguments.count.value_or(plan.count);
  arguments.batch_size = arguments.batch_size.value_or(plan.batch_size);
  return arguments;
}

ChainWork chain_work(const ProveBatchArguments& arguments, const KeyFolder& keys, Session& session) {
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  ChainWork work;
  work.from = arguments.from.value_or(0);
  work.batch_size = arguments.batch_size.value_or(keys.vk.shape.transfers);
  BatchArguments first;
  first.from = work.from;
  first.count = 1;
  work.start = make_witness(session, first, data, keys.encoder, keys.vk.shape).balances;
  const std::vector<ledger::SlotTransfer> all = slot_transfers(data, keys.vk.shape);
  const std::size_t count = arguments.count.value_or(all.size() - work.from);
  LL_CHECK(count >= 1 && count <= all.size() - work.from, "--from {} --count {}: the ledger has {} transfers of {}",
           work.from, count, all.size(), unit_name(keys.vk.shape));
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(work.from);
  work.transfers.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return work;
}

}  // namespace

Outcome prove_batch(const ProveBatchArguments& arguments, Session& session) {
  const KeyFolder keys = load_key_folder(session, session.path_or(arguments.keys, "keys"));
  LL_CHECK(keys.vk.statement == kUpdate || keys.vk.statement == circuits::kUpdatePrivate,
           "prove-batch makes chains of `update` or `update-private`, the key is of `{}`", keys.vk.statement);
  std::optional<KeyFolder> genesis;
  if (keys.vk.statement == circuits::kUpdatePrivate)
    genesis = load_genesis_keys(session.path_or(arguments.genesis_keys, "keys-genesis"), keys, session);
  LL_CHECK(genesis || arguments.genesis_keys.empty(), "--genesis-keys belongs to a chain of `update-private`");
  const fs::path folder = session.path_or(arguments.output, "chain");
  const ChainWork work = chain_work(with_plan(arguments, ChainFolder(folder)), keys, session);
  session.check_stop();
  const ChainReport report =
      prove_chain({keys, genesis ? &*genesis : nullptr}, work, folder, arguments.options, session.progress());
  session.output("chain", folder / "chain.json");
  const double each = report.made > 0 ? report.prove_ms / static_cast<double>(report.made) : 0;
  Json result = {{"statement", keys.vk.statement},
                 {"proofs", report.proofs},
                 {"made", report.made},
                 {"found", report.found},
                 {"from", work.from},
                 {"transfers", work.transfers.size()},
                 {"batch_size", work.batch_size},
                 {"jobs", report.jobs},
                 {"threads", thread_count()},
                 {"k", keys.vk.key.k},
                 {"proof_bytes", keys.vk.key.cs.proof_bytes()},
                 {"prove_ms", report.prove_ms},
                 {"ms_per_proof", each},
                 {"predicted_peak_bytes", report.predicted_bytes},
                 {"states_left", report.states_left},
                 {"most_openings", report.most_openings},
                 {"vk_digest", keys.vk.key.digest()},
                 {"genesis_vk_digest", genesis ? Json(genesis->vk.key.digest()) : Json()}};
  std::string text = fmt::format(
      "proved            {} transfers in {} proofs of {} bytes: {} made now, {} were there\n"
      "time              {} for {}, {} side by side\n"
      "key               {}\nwritten to        {}\n",
      work.transfers.size(), report.proofs, keys.vk.key.cs.proof_bytes(), report.made, report.found,
      duration_text(report.prove_ms), report.made == 1 ? "one" : fmt::format("all, {} each", duration_text(each)),
      report.jobs, keys.vk.key.digest(), folder.string());
  if (genesis) {
    text += fmt::format("SECRET            {}: {} state{} with balances and blinding; the last one goes on\n",
                        (folder / "secret").string(), report.states_left, report.states_left == 1 ? "" : "s");
  }
  return {.result = std::move(result), .text = std::move(text)};
}

void add_chain_commands(Application& application) {
  auto arguments = std::make_shared<ProveBatchArguments>();
  CLI::App& verb = application.verb(
      application.root(), "prove-batch",
      "Proves a ledger's transfers batch by batch: a chain of proofs, several at a time, that can be cut short and "
      "resumed",
      "prove-batch --keys latentledger-work/keys --count 512",
      [arguments](Session& session) { return prove_batch(*arguments, session); });
  const auto sizes = CLI::Range(std::size_t{1}, std::size_t{1} << 40);
  verb.add_option("--keys", arguments->keys, "Keys folder of `update` or `update-private` [WORKDIR/keys]");
  verb.add_option("--genesis-keys", arguments->genesis_keys,
                  "update-private: keys folder of `genesis` [WORKDIR/keys-genesis]");
  verb.add_option("--data", arguments->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("--from", arguments->from, "First transfer of the ledger's [0]");
  verb.add_option("--count", arguments->count, "How many [all that follow]")->check(sizes);
  verb.add_option("--batch-size", arguments->batch_size, "Transfers a proof [the most that the key allows]")
      ->check(sizes);
  verb.add_flag("--resume", arguments->options.resume, "Go on with the chain in the folder");
  verb.add_flag("--keep-states", arguments->options.keep_states,
                "update-private: keep the secret states of the middle of the chain, not the last one alone");
  verb.add_option("--jobs", arguments->options.jobs, "Proofs side by side [as many as there are threads, and fit]")
      ->check(CLI::Range(1, 4096));
  verb.add_option("--max-memory", arguments->options.max_memory,
                  "Memory of this process, as in 2GB [what it has and 3/4 of what is available]")
      ->transform(CLI::AsSizeValue(false));
  verb.add_option("-o,--output", arguments->output, "Folder to write [WORKDIR/chain]");
}

}  // namespace ll::cli
