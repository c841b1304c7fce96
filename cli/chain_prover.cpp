#include "cli/chain_prover.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"
#include "cli/chain_mode.hpp"
#include "cli/memory_limit.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using artefacts::ChainFile, artefacts::ChainPlan;

void check_keys(const ChainKeys& keys) {
  const artefacts::VkFile& vk = keys.update.vk;
  LL_CHECK(vk.statement == circuits::kUpdate || keys.hidden(),
           "chains are of `update` or `update-private`, the key is of `{}`", vk.statement);
  if (!keys.hidden()) return;
  LL_CHECK(keys.genesis != nullptr, "a chain of hidden states needs a key of `genesis`");
  const artefacts::VkFile& genesis = keys.genesis->vk;
  if (genesis.statement != circuits::kGenesis || genesis.shape != vk.shape || genesis.s_g2 != vk.s_g2 ||
      genesis.vhat_digest != vk.vhat_digest) {
    throw Error(ErrorCode::mismatch,
                fmt::format("the key {} of `{}` does not belong to the key {} of `{}`: one of `genesis` with the same "
                            "SRS, size and accounts is expected",
                            genesis.key.digest(), genesis.statement, vk.key.digest(), vk.statement));
  }
}

/// Balances before each batch and after the last. Throws Error{unsatisfied} that names the transfer by its index.
std::vector<Balances> replay(const circuits::UpdateShape& shape, const ChainWork& work) {
  std::vector<Balances> balances = {work.start};
  for (std::size_t t = 0; t < work.proofs(); ++t) {
    const circuits::UpdateWitness witness = batch_witness(work, balances.back(), t);
    if (const auto invalid = circuits::first_invalid(shape, witness)) {
      throw Error(
          ErrorCode::unsatisfied,
          fmt::format("batch {}, from transfer {} on: {}", t, work.from + t * work.batch_size, invalid->to_string()),
          {}, "no proof can be made of it");
    }
    balances.push_back(circuits::balances_after(shape, witness));
  }
  return balances;
}

/// Is there a chain in the folder, and is it this one? Writes the plan of a new one.
void settle_plan(const ChainFolder& folder, const ChainPlan& plan, bool resume) {
  std::error_code ignored;
  bool holds_proofs = fs::exists(folder.manifest(), ignored) || fs::exists(folder.genesis(), ignored);
  for (const auto& entry : fs::directory_iterator(folder.path()))
    holds_proofs = holds_proofs || entry.path().filename().string().starts_with("proof-");
  const bool planned = fs::exists(folder.plan(), ignored);
  if (!resume && (holds_proofs || planned)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{} holds a chain already", folder.path().string()),
                folder.path().string(), "go on with --resume, or give another folder: -o");
  }
  if (planned) {
    const ChainPlan found =
        artefacts::decode_chain_plan(read_text(folder.plan()), folder.plan().string()).value_or_throw();
    if (found == plan) return;
    const auto differs = [&](const char* what, const auto& theirs, const auto& ours) {
      throw Error(ErrorCode::mismatch,
                  fmt::format("{}: {} is {}, now {} is asked for", folder.plan().string(), what, theirs, ours),
                  folder.plan().string(), "resume with what the chain was begun with, or give another folder: -o");
    };
    if (found.vk_digest != plan.vk_digest) differs("the key", found.vk_digest, plan.vk_digest);
    if (found.genesis_vk_digest != plan.genesis_vk_digest)
      differs("the key of genesis", found.genesis_vk_digest, plan.genesis_vk_digest);
    if (found.from != plan.from) differs("--from", found.from, plan.from);
    if (found.batch_size != plan.batch_size) differs("--batch-size", found.batch_size, plan.batch_size);
    if (found.count != plan.count) differs("--count", found.count, plan.count);
    differs("the digest of balances and transfers", found.transfers_sha256, plan.transfers_sha256);
  }
  if (holds_proofs) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{} is not there: what the proofs in {} are about is not known", folder.plan().string(),
                            folder.path().string()),
                folder.plan().string(), "give another folder: -o");
  }
  write_secret_text(folder.plan(), artefacts::encode_chain_plan(plan));
}

ChainFile settle_manifest(const ChainFolder& folder, const ChainKeys& keys, const ChainWork& work, ChainMode& mode,
                          Progress& progress) {
  const fs::path path = folder.manifest();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    folder.expect_no_other_proofs(0);  // states of proofs are never drawn again
    write_text(path, artefacts::encode_chain_file(mode.fix_states(progress)));
  }
  ChainFile chain = artefacts::decode_chain_file(read_text(path), path.string(), keys.update.vk).value_or_throw();
  if (chain.proofs() != work.proofs()) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: is about {} proofs, this chain has {}", path.string(), chain.proofs(), work.proofs()),
                path.string());
  }
  folder.expect_no_other_proofs(work.proofs());
  return chain;
}

/// How many proofs side by side, and the memory of this process then.
struct Plan {
  std::size_t jobs = 1;
  std::uint64_t bytes = 0;
};

Plan fit(const ChainKeys& keys, std::size_t pending, const ChainOptions& options) {
  const std::uint64_t resident = current_rss_bytes();
  const std::uint64_t most = options.max_memory != 0 ? options.max_memory : resident + available_memory_bytes() / 4 * 3;
  const halo2::Estimate update = predicted_cost(keys.update.vk);
  // The SRS is there already. All proofs share it and the proving key.
  const std::uint64_t srs = keys.update.srs.size() * 3 * sizeof(halo2::G1Affine),
                      shared = update.key_bytes - std::min(update.key_bytes, srs);
  const std::uint64_t each = update.prove_bytes - update.key_bytes;
  std::uint64_t first = resident + shared + each;
  if (keys.hidden()) first = std::max(first, resident + predicted_cost(keys.genesis->vk).prove_bytes - srs);
  const auto needed = [&](std::size_t jobs) { return first + (jobs - 1) * each; };
  const auto refuse = [&](std::size_t jobs) {
    throw Error(ErrorCode::memory,
                fmt::format("{} of k = {} side by side would take {} ({} each), {} are allowed",
                            jobs == 1 ? "one proof" : fmt::format("{} proofs", jobs), keys.update.vk.key.k,
                            bytes_text(needed(jobs)), bytes_text(each), bytes_text(most)),
                {}, jobs == 1 ? "allow more with --max-memory, or set up for smaller batches" : "ask for fewer --jobs");
  };
  if (needed(1) > most) refuse(1);
  if (options.jobs != 0) {
    if (needed(options.jobs) > most) refuse(options.jobs);
    return {options.jobs, needed(options.jobs)};
  }
  const std::size_t fitting = 1 + static_cast<std::size_t>((most - needed(1)) / each);
  const std::size_t jobs =
      std::clamp<std::size_t>(std::min(thread_count(), fitting), 1, std::max<std::size_t>(1, pending));
  return {jobs, needed(jobs)};
}

}  // namespace

std::span<const ledger::SlotTransfer> ChainWork::batch(std::size_t t) const {
  const std::size_t first = t * batch_size;
  return std::span(transfers).subspan(first, std::min(batch_size, transfers.size() - first));
}

std::string ChainWork::sha256() const {
  std::string text;
  for (const auto& balance : start) text += ll::to_string(u128{balance}) + "\n";
  for (const auto& transfer : transfers)
    text += fmt::format("{},{},{}\n", transfer.sender, transfer.receiver, ll::to_string(u128{transfer.amount}));
  return artefacts::sha256_text(text);
}

void run_side_by_side(std::size_t count, std::size_t jobs, const std::function<bool(std::size_t, std::size_t)>& apart,
                      const std::function<void(std::size_t)>& body) {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::size_t> waiting, running;
  for (std::size_t i = 0; i < count; ++i) waiting.insert(waiting.end(), i);
  std::exception_ptr first;
  const auto may_run = [&](std::size_t i) {
    return std::ranges::none_of(running, [&](std::size_t other) { return apart(i, other); });
  };
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (!first && !waiting.empty()) {
      const auto found = std::ranges::find_if(waiting, may_run);
      if (found == waiting.end()) {
        changed.wait(lock);
        continue;
      }
      const std::size_t i = *found;
      waiting.erase(found);
      running.insert(i);
      lock.unlock();
      std::exception_ptr thrown;
      try {
        body(i);
      } catch (...) {
        thrown = std::current_exception();
      }
      lock.lock();
      if (thrown && !first) first = thrown;
      running.erase(i);
      changed.notify_all();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t j = 1; j < std::min(jobs, count); ++j) threads.emplace_back(work);
  } catch (const std::system_error&) {  // the system gives no more threads: those there are do all
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

ChainReport prove_chain(const ChainKeys& keys, const ChainWork& work, const fs::path& path, const ChainOptions& options,
                        Progress& progress) {
  check_keys(keys);
  LL_CHECK(work.batch_size >= 1 && work.batch_size <= keys.update.vk.shape.transfers,
           "a batch of {}: 1 to {} transfers are expected", work.batch_size, keys.update.vk.shape.transfers);
  LL_CHECK(!work.transfers.empty() && work.proofs() <= artefacts::kMostChainProofs, "{} proofs: 1 to {} are expected",
           work.proofs(), artefacts::kMostChainProofs);
  const std::vector<Balances> balances = replay(keys.update.vk.shape, work);

  const ChainFolder folder(path);
  const FolderLock lock(path);
  folder.open();
  settle_plan(folder,
              {keys.update.vk.key.digest(), keys.hidden() ? keys.genesis->vk.key.digest() : std::string(),
               work.sha256(), work.from, work.transfers.size(), work.batch_size},
              options.resume);
  const auto mode = keys.hidden() ? hidden_chain(keys, work, balances, folder, options.keep_states)
                                  : public_chain(keys, work, balances, folder);
  const ChainFile chain = settle_manifest(folder, keys, work, *mode, progress);

  ChainReport report;
  report.proofs = work.proofs();
  std::vector<char> found(report.proofs);  // written by several threads
  parallel_for(report.proofs, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) found[t] = mode->is_made(chain, t) ? 1 : 0;
  });
  std::vector<bool> made(found.begin(), found.end());
  std::vector<std::size_t> pending;
  for (std::size_t t = 0; t < report.proofs; ++t) {
    if (!made[t]) pending.push_back(t);
  }
  report.found = report.proofs - pending.size();
  const Plan plan = fit(keys, pending.size(), options);
  report.jobs = plan.jobs;
  report.predicted_bytes = plan.bytes;
  mode->prepare(chain, pending);
  mode->forget(made);

  const Stopwatch watch;
  std::mutex mutex;
  progress.begin("proofs", pending.size());
  try {
    // Neighbours share a state: one at a time, so that a kill costs no state more than one opening.
    const auto neighbours = [&](std::size_t i, std::size_t j) {
      return pending[std::max(i, j)] - pending[std::min(i, j)] == 1;
    };
    run_side_by_side(pending.size(), plan.jobs, neighbours, [&](std::size_t i) {
      if (progress.stop_requested()) throw Error(ErrorCode::interrupted, {});
      mode->prove(pending[i]);
      const std::lock_guard held(mutex);
      made[pending[i]] = true;
      mode->forget(made);
      progress.update(++report.made);
    });
  } catch (const Error& error) {
    progress.end();
    if (error.code() != ErrorCode::interrupted) throw;
    throw Error(ErrorCode::interrupted,
                fmt::format("stopped by the user: {} of {} proofs are in {}", report.found + report.made, report.proofs,
                            path.string()),
                {}, "go on with --resume");
  }
  progress.end();
  report.prove_ms = watch.ms();
  mode->report(report);
  return report;
}

}  // namespace ll::cli
