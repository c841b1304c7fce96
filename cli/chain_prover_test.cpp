// Chains of proofs of a small statement: cut short at any moment and resumed, openings counted, lies in the folder.
#include "cli/chain_prover.hpp"

#include <atomic>
#include <csignal>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "artefacts/chain_verify.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"
#include "cli/chain_folder.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A child of fork() has no worker threads: all that runs at once here are the threads of run_side_by_side.
const bool kNoWorkers = (set_thread_count(1), true);

const circuits::UpdateShape kShape{.encoder = {.accounts = 4, .dims = 16}, .transfers = 3};

KeyFolder make_keys(const char* statement, const halo2::Srs& srs) {
  const model::QuantizedEncoder encoder = circuits::placeholder_encoder(kShape.encoder);
  const circuits::StatementCircuit made = circuits::statement_circuit(statement, kShape, encoder);
  const halo2::Srs cut = srs.truncated(made.k);
  artefacts::VkFile vk;
  vk.statement = statement;
  vk.shape = kShape;
  vk.key = halo2::keygen(cut, *made.circuit, made.k, artefacts::kCompressSelectors).vk;
  vk.s_g2 = cut.s_g2;
  vk.srs_sha256 = to_hex(sha256(cut.write(halo2::SerdeFormat::raw)));
  vk.srs_origin.standing = artefacts::Standing::test_only;
  vk.vhat_digest = to_hex(encoder.digest());
  return {std::move(vk), encoder, cut};
}

struct AllKeys {
  halo2::Srs srs;
  KeyFolder update, hidden, genesis;
  AllKeys()
      : srs([] {
          SeededRng rng(1);
          return halo2::unsafe_srs::generate(circuits::PrivateLayout(kShape).k, rng);
        }()),
        update(make_keys(circuits::kUpdate, srs)),
        hidden(make_keys(circuits::kUpdatePrivate, srs)),
        genesis(make_keys(circuits::kGenesis, srs)) {}
};
const AllKeys& all_keys() {
  static const AllKeys keys;
  return keys;
}

/// 20 transfers, 7 proofs: the last batch is smaller.
ChainWork sample_work(std::uint64_t seed = 3) {
  ChainWork work{.start = {900, 800, 0, 700}, .transfers = {}, .from = 5, .batch_size = 3};
  SeededRng rng(seed);
  circuits::UpdateWitness one{work.start, {}};
  while (work.transfers.size() < 20) {
    using Transfer = ledger::SlotTransfer;
    one.transfers = {{static_cast<decltype(Transfer::sender)>(rng.below(4)),
                      static_cast<decltype(Transfer::sender)>(rng.below(4)),
                      static_cast<decltype(Transfer::amount)>(1 + rng.below(300))}};
    if (circuits::first_invalid(kShape, one)) continue;
    work.transfers.push_back(one.transfers.front());
    one.balances = circuits::balances_after(kShape, one);
  }
  return work;
}

class Chain : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  ChainKeys keys(bool hidden) const {
    return hidden ? ChainKeys{all_keys().hidden, &all_keys().genesis} : ChainKeys{all_keys().update};
  }
  ChainReport prove(bool hidden, const ChainOptions& options, const ChainWork& work = sample_work()) const {
    Progress silent;
    return prove_chain(keys(hidden), work, folder_, options, silent);
  }
  std::string refusal(bool hidden, const ChainOptions& options, const ChainWork& work = sample_work()) const {
    try {
      prove(hidden, options, work);
    } catch (const Error& error) {
      return error.message();
    }
    return "accepted";
  }

  artefacts::ChainFile manifest(bool hidden) const {
    return artefacts::decode_chain_file(read_text(files_.manifest()), "chain.json", keys(hidden).update.vk)
        .value_or_throw();
  }
  artefacts::PrivateProofFile hidden_proof(const fs::path& path, const VkFile& vk) const {
    return artefacts::decode_private_proof_file(read_text(path), path.string(), vk).value_or_throw();
  }
  halo2::VerifyResult verify_hidden() const {
    const artefacts::ChainFile chain = manifest(true);
    std::vector<artefacts::PrivateProofFile> proofs;
    for (std::size_t t = 0; t < chain.proofs(); ++t)
      proofs.push_back(hidden_proof(files_.proof(t), all_keys().hidden.vk));
    return artefacts::verify_chain(chain, all_keys().hidden.vk, all_keys().genesis.vk,
                                   hidden_proof(files_.genesis(), all_keys().genesis.vk), proofs);
  }
  halo2::VerifyResult verify_public() const {
    const artefacts::ChainFile chain = manifest(false);
    const VkFile& vk = all_keys().update.vk;
    std::vector<artefacts::ProofFile> proofs;
    for (std::size_t t = 0; t < chain.proofs(); ++t) {
      proofs.push_back(artefacts::decode_proof_file(read_text(files_.proof(t)), "proof", vk.shape, vk.key.digest(),
                                                    vk.key.cs.proof_bytes())
                           .value_or_throw());
    }
    return artefacts::verify_chain(chain, vk, proofs, &all_keys().update.encoder);
  }
  /// Openings that the file of each state counts; -1 where there is none.
  std::vector<int> openings(std::size_t states = 8) const {
    std::vector<int> counts;
    for (std::size_t t = 0; t < states; ++t) {
      counts.push_back(-1);
      if (fs::exists(files_.state(t))) counts.back() = static_cast<int>(state(t).openings);
    }
    return counts;
  }
  artefacts::PrivateStateFile state(std::size_t t) const {
    return artefacts::decode_private_state_file(read_text(files_.state(t)), "state.json", kShape).value_or_throw();
  }

  fs::path folder_ = fs::temp_directory_path() / fmt::format("ll_chain_{}", ::getpid());
  ChainFolder files_{folder_};
};

TEST_F(Chain, OfHiddenStatesIsMadeAndVerified) {
  const ChainReport report = prove(true, {.keep_states = true, .jobs = 3});
  EXPECT_EQ(report.proofs, 7u);
  EXPECT_EQ(report.made, 7u);
  EXPECT_EQ(report.states_left, 8u);
  EXPECT_TRUE(verify_hidden().accepted) << verify_hidden().reason;
  // Genesis and first batch, then as state after and as state before; the last state once so far.
  EXPECT_EQ(openings(), (std::vector<int>{2, 2, 2, 2, 2, 2, 2, 1}));
  std::set<std::string> random;
  for (std::size_t t = 0; t < 8; ++t) {
    EXPECT_EQ(fs::status(files_.state(t)).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write);
    for (const auto& value : state(t).state.random) random.insert(to_hex(value.to_bytes_le()));
  }
  EXPECT_EQ(random.size(), 8 * circuits::kRandomRows);
  EXPECT_EQ(fs::status(files_.secret()).permissions() & fs::perms::all, fs::perms::owner_all);
  // Nothing to do is done again; the states of the middle go when they are not to be kept.
  const ChainReport again = prove(true, {.resume = true});
  EXPECT_EQ(again.found, 7u);
  EXPECT_EQ(again.made, 0u);
  EXPECT_EQ(openings(), (std::vector<int>{-1, -1, -1, -1, -1, -1, -1, 1}));
}

TEST_F(Chain, OfPublicStatesIsMadeAndVerified) {
  const ChainReport report = prove(false, {.jobs = 2});
  EXPECT_EQ(report.made, 7u);
  EXPECT_EQ(report.states_left, 0u);
  EXPECT_TRUE(verify_public().accepted) << verify_public().reason;
  fs::remove(files_.proof(3));
  EXPECT_EQ(prove(false, {.resume = true}).made, 1u);
  EXPECT_TRUE(verify_public().accepted);
  artefacts::ChainFile other = manifest(false);
  other.balances[2] += 1;
  write_text(files_.manifest(), artefacts::encode_chain_file(other));
  EXPECT_THAT(verify_public().reason, HasSubstr("proof-000000.json: starts from another state"));
  other.balances[2] = u128{1} << 40;
  write_text(files_.manifest(), artefacts::encode_chain_file(other));
  EXPECT_THAT(verify_public().reason, HasSubstr("slot 2 is not below 2^32"));
}

/// Kills a process that makes the chain, `kills` times, each after a random part of `whole_ms`.
void kill_at_random(std::uint64_t seed, unsigned kills, double whole_ms, const std::function<void()>& make,
                    const std::function<void()>& check) {
  SeededRng rng(seed);
  for (unsigned i = 0; i < kills; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        make();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        ::_exit(1);
      }
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(rng.below(static_cast<std::uint64_t>(1000 * whole_ms) + 1)));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
    check();
  }
}

// What is on the disk after each kill: whole files, states that never change once a proof may use them, and at least as
// many openings as there are proofs.
TEST_F(Chain, OfHiddenStatesSurvivesKillsAtAnyMoment) {
  const Stopwatch watch;
  prove(true, {.jobs = 2});
  const double whole_ms = watch.ms();
  unsigned cut = 0;
  for (std::uint64_t round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    fs::remove_all(folder_);
    std::vector<int> before(8, -1);
    std::vector<std::string> names;
    const unsigned kills = 5;  // with two openings of the chain itself, no state can pass its budget of 8
    kill_at_random(
        round, kills, whole_ms / 2, [&] { prove(true, {.resume = true, .keep_states = true, .jobs = 2}); },
        [&] {
          const std::vector<int> now = openings();
          for (std::size_t t = 0; t < now.size(); ++t) EXPECT_GE(now[t], before[t]);
          before = now;
          if (fs::exists(files_.manifest())) {
            const artefacts::ChainFile chain = manifest(true);
            EXPECT_TRUE(names.empty() || chain.states == names);
            names = chain.states;
            for (std::size_t t = 0; t < 8; ++t) EXPECT_EQ(artefacts::state_name(state(t).commitment), names[t]);
          }
          for (std::size_t t = 0; t < 7; ++t) {
            if (!fs::exists(files_.proof(t))) continue;
            EXPECT_NO_THROW(hidden_proof(files_.proof(t), all_keys().hidden.vk));
            EXPECT_GE(now[t], 1 + (t == 0 || fs::exists(files_.proof(t - 1)) ? 1 : 0));
            EXPECT_GE(now[t + 1], 1);
          }
        });
    const ChainReport last = prove(true, {.resume = true, .keep_states = true, .jobs = 2});
    EXPECT_TRUE(verify_hidden().accepted) << verify_hidden().reason;
    EXPECT_EQ(manifest(true).states.size(), 8u);
    EXPECT_TRUE(names.empty() || manifest(true).states == names);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    const std::vector<int> counts = openings();
    for (std::size_t t = 0; t < 8; ++t) {
      EXPECT_GE(counts[t], t < 7 ? 2 : 1);
      EXPECT_LE(counts[t], static_cast<int>(2 + kills));
    }
    cut += last.found > 0 && last.made > 0 ? 1 : 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
  }
  std::printf("%u of 3 chains were cut between proofs\n", cut);
}

TEST_F(Chain, WithWipedStatesSurvivesKillsAtAnyMoment) {
  const Stopwatch watch;
  prove(true, {.jobs = 2});
  const double whole_ms = watch.ms();
  for (const bool hidden : {true, false}) {
    fs::remove_all(folder_);
    kill_at_random(100, 5, whole_ms / 2, [&] { prove(hidden, {.resume = true, .jobs = 2}); }, [] {});
    prove(hidden, {.resume = true, .jobs = 2});
    const auto answer = hidden ? verify_hidden() : verify_public();
    EXPECT_TRUE(answer.accepted) << answer.reason;
    for (std::size_t t = 0; t < 8; ++t) EXPECT_EQ(fs::exists(files_.state(t)), hidden && t == 7) << t;
  }
}

// A proof that is made again opens both its states again, until one of them is at its limit.
TEST_F(Chain, CountsEveryRetryAndRefusesPastTheBudget) {
  prove(true, {.keep_states = true});
  for (int retry = 1; retry <= 6; ++retry) {
    fs::remove(files_.proof(2));
    EXPECT_EQ(prove(true, {.resume = true, .keep_states = true}).most_openings, 2u + static_cast<unsigned>(retry));
    EXPECT_EQ(openings(), (std::vector<int>{2, 2, 2 + retry, 2 + retry, 2, 2, 2, 1}));
  }
  fs::remove(files_.proof(2));
  EXPECT_THAT(refusal(true, {.resume = true, .keep_states = true}), HasSubstr("was opened 8 times"));
  EXPECT_THAT(refusal(true, {.resume = true, .keep_states = true}), HasSubstr("state-000002.json"));
  EXPECT_FALSE(fs::exists(files_.proof(2)));
  // One state at its limit: the other is not charged for a proof that is never made.
  fs::remove(files_.proof(3));
  EXPECT_THAT(refusal(true, {.resume = true, .keep_states = true}), HasSubstr("was opened 8 times"));
  EXPECT_EQ(openings(), (std::vector<int>{2, 2, 8, 8, 2, 2, 2, 1}));
}

/// Asks to stop after so many proofs.
class StopAfter final : public Progress {
 public:
  explicit StopAfter(std::uint64_t proofs) : proofs_(proofs) {}
  void begin(std::string_view stage, std::uint64_t) override {
    counts_ = stage == "proofs";
    done_ = 0;
  }
  void update(std::uint64_t done, std::string_view) override { done_ = counts_ ? done : 0; }
  bool stop_requested() const override { return done_ >= proofs_; }

 private:
  std::uint64_t proofs_, done_ = 0;
  bool counts_ = false;
};

TEST_F(Chain, StopsWhenAskedAndGoesOn) {
  StopAfter three(3);
  try {
    prove_chain(keys(true), sample_work(), folder_, {.jobs = 1}, three);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
    EXPECT_THAT(error.message(), HasSubstr("3 of 7 proofs"));
  }
  EXPECT_EQ(openings(), (std::vector<int>{-1, -1, -1, 1, 0, 0, 0, 0}));
  EXPECT_THAT(refusal(true, {}), HasSubstr("holds a chain already"));
  const ChainReport report = prove(true, {.resume = true});
  EXPECT_EQ(report.found, 3u);
  EXPECT_EQ(report.made, 4u);
  EXPECT_TRUE(verify_hidden().accepted);
}

TEST_F(Chain, IsRefusedWithFiguresWhereItDoesNotFit) {
  EXPECT_THAT(refusal(true, {.max_memory = 1}), HasSubstr("one proof of k = "));
  const std::uint64_t little = current_rss_bytes() + (14u << 20);
  EXPECT_THAT(refusal(true, {.resume = true, .jobs = 5, .max_memory = little}), HasSubstr("5 proofs of k = "));
  const ChainReport report = prove(true, {.resume = true, .jobs = 2});
  EXPECT_EQ(report.jobs, 2u);
  EXPECT_GT(report.predicted_bytes, current_rss_bytes() / 2);
  fs::remove_all(folder_);
  set_thread_count(8);  // what is asked for by default
  const ChainReport tight = prove(true, {.max_memory = current_rss_bytes() + (16u << 20)});
  const ChainReport wide = prove(true, {.resume = true, .max_memory = std::uint64_t{1} << 40});
  set_thread_count(1);
  EXPECT_GE(tight.jobs, 1u);
  EXPECT_LE(tight.predicted_bytes, current_rss_bytes() + (32u << 20));
  EXPECT_EQ(wide.jobs, 1u);  // nothing is left to do
}

TEST_F(Chain, HoldsToWhatItWasBegunWith) {
  prove(true, {.keep_states = true});
  const auto differs = [&](const auto& change) {
    ChainWork work = sample_work();
    change(work);
    return refusal(true, {.resume = true}, work);
  };
  EXPECT_THAT(differs([](ChainWork& w) { w.from = 6; }), HasSubstr("--from is 5, now 6 is asked for"));
  EXPECT_THAT(differs([](ChainWork& w) { w.batch_size = 2; }), HasSubstr("--batch-size is 3, now 2"));
  EXPECT_THAT(differs([](ChainWork& w) { w.transfers.pop_back(); }), HasSubstr("--count is 20, now 19"));
  EXPECT_THAT(differs([](ChainWork& w) { w = sample_work(4); }), HasSubstr("balances and transfers"));
  EXPECT_THAT(refusal(false, {.resume = true}), HasSubstr("the key is"));
  EXPECT_THAT(differs([](ChainWork& w) { w.transfers[4].amount += 100000; }),
              AllOf(HasSubstr("batch 1, from transfer 8 on"), HasSubstr("overdraft")));
  EXPECT_THAT(differs([](ChainWork& w) { w.batch_size = 4; }), HasSubstr("1 to 3 transfers"));

  // Proofs of other batches, of nobody, without manifest or plan.
  fs::copy_file(files_.proof(2), files_.proof(3), fs::copy_options::overwrite_existing);
  EXPECT_THAT(refusal(true, {.resume = true}),
              AllOf(HasSubstr("proof-000003.json"), HasSubstr("stands between other states")));
  fs::remove(files_.proof(3));
  fs::copy_file(files_.proof(2), files_.proof(7));
  EXPECT_THAT(refusal(true, {.resume = true}), HasSubstr("proof-000007.json is none of the 7 proofs"));
  fs::remove(files_.proof(7));
  fs::rename(files_.manifest(), folder_ / "hidden.json");
  EXPECT_THAT(refusal(true, {.resume = true}), HasSubstr("is none of the 0 proofs"));
  fs::rename(folder_ / "hidden.json", files_.manifest());
  fs::rename(files_.plan(), folder_ / "hidden.json");
  EXPECT_THAT(refusal(true, {.resume = true}), HasSubstr("plan.json is not there"));
  fs::rename(folder_ / "hidden.json", files_.plan());
  // A state that is gone, or another one, while its proof is still to be made.
  fs::remove(files_.proof(4));
  fs::rename(files_.state(5), folder_ / "away.json");
  EXPECT_THAT(refusal(true, {.resume = true}), AllOf(HasSubstr("state-000005.json is not there"), HasSubstr("again")));
  fs::copy_file(files_.state(6), files_.state(5));
  EXPECT_THAT(refusal(true, {.resume = true}), HasSubstr("holds other balances"));
  SeededRng rng(9);
  artefacts::PrivateStateFile redrawn = state(5);
  fs::copy_file(folder_ / "away.json", files_.state(5), fs::copy_options::overwrite_existing);
  redrawn.state = circuits::PrivateState::fresh(state(5).state.balances, rng);
  redrawn.commitment = circuits::commit_state(all_keys().hidden.srs, circuits::PrivateLayout(kShape), redrawn.state);
  write_text(files_.state(5), artefacts::encode_private_state_file(redrawn));
  EXPECT_THAT(refusal(true, {.resume = true}), HasSubstr("chain.json names"));
  fs::copy_file(folder_ / "away.json", files_.state(5), fs::copy_options::overwrite_existing);
  prove(true, {.resume = true});
  EXPECT_TRUE(verify_hidden().accepted);
}

TEST_F(Chain, LiesInTheFolderAreNamed) {
  prove(true, {});
  const auto copy = [&](std::size_t from, std::size_t to) {
    fs::copy_file(files_.proof(from), files_.proof(to), fs::copy_options::overwrite_existing);
  };
  const fs::path kept = folder_.string() + "_kept";
  fs::remove_all(kept);
  fs::copy(folder_, kept, fs::copy_options::recursive);
  const auto restored = [&](const auto& lie) {
    fs::copy(kept, folder_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    lie();
    return verify_hidden().reason;
  };
  EXPECT_EQ(restored([] {}), "");
  EXPECT_THAT(restored([&] { copy(2, 3); }), HasSubstr("proof-000003.json: starts from another state"));
  const auto swapped = restored([&] {
    fs::rename(files_.proof(1), folder_ / "x");
    copy(2, 1);
    fs::rename(folder_ / "x", files_.proof(2));
  });
  EXPECT_THAT(swapped, HasSubstr("proof-000001.json: starts from another state than the one that proof-000000.json"));
  EXPECT_THAT(restored([&] { copy(3, 0); }), HasSubstr("proof-000000.json: starts from another state than the one that "
                                                       "genesis"));
  EXPECT_THAT(restored([&] {
                artefacts::ChainFile chain = manifest(true);
                chain.states[3] = chain.states[4];
                write_text(files_.manifest(), artefacts::encode_chain_file(chain));
              }),
              AllOf(HasSubstr("chain.json: its state 3 is"), HasSubstr("proof-000002.json ends in")));
  // The same batches from the same start, made again: other states, so their proofs do not fit in between.
  fs::remove_all(folder_);
  prove(true, {});
  const std::string foreign = read_text(files_.proof(3));
  EXPECT_EQ(verify_hidden().reason, "");
  EXPECT_THAT(restored([&] { write_text(files_.proof(3), foreign); }),
              HasSubstr("proof-000003.json: starts from another state"));
  artefacts::PrivateProofFile bent = hidden_proof(kept / "proof-000005.json", all_keys().hidden.vk);
  bent.proof[500] ^= 1;
  EXPECT_THAT(restored([&] { write_text(files_.proof(5), artefacts::encode_private_proof_file(bent)); }),
              HasSubstr("proof-000005.json: "));
  fs::remove_all(kept);
}

TEST(SideBySide, RunsEachOnceAndStopsAtTheFirstError) {
  const auto neighbours = [](std::size_t i, std::size_t j) { return i + 1 == j || j + 1 == i; };
  const auto free = [](std::size_t, std::size_t) { return false; };
  std::vector<std::atomic<int>> runs(50), now(51);
  run_side_by_side(50, 4, neighbours, [&](std::size_t i) {
    ++now[i];
    ::usleep(200);
    EXPECT_TRUE((i == 0 || now[i - 1] == 0) && now[i + 1] == 0) << i;
    --now[i];
    ++runs[i];
  });
  for (const auto& count : runs) EXPECT_EQ(count, 1);
  std::atomic<int> begun{0};
  EXPECT_THROW(run_side_by_side(1000, 4, free,
                                [&](std::size_t i) {
                                  ++begun;
                                  if (i == 5) throw Error(ErrorCode::io, "full");
                                  ::usleep(1000);
                                }),
               Error);
  EXPECT_LT(begun, 100);
  run_side_by_side(0, 4, free, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace ll::cli
