#include "cli/chain_mode.hpp"

#include "artefacts/proof_file.hpp"
#include "artefacts/verify.hpp"
#include "base/files.hpp"
#include "halo2/prover.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using artefacts::ChainFile, artefacts::PrivateProofFile, artefacts::ProofFile;

Error of_another_chain(const fs::path& path, std::string_view why) {
  return Error(ErrorCode::mismatch, fmt::format("{}: is no proof of this chain: {}", path.string(), why), path.string(),
               "remove the file to have the proof made again, as long as its states are there");
}

/// Many proofs by one key do not compute its cosets again, where those are small beside what a proof takes anyway.
void keep_small_cosets(halo2::ProvingKey& pk, std::size_t proofs) {
  constexpr std::uint64_t kSmall = std::uint64_t{64} << 20;
  if (proofs > 1 && pk.coset_bytes() <= kSmall) pk.keep_cosets();
}

class PublicChain final : public ChainMode {
 public:
  PublicChain(const ChainKeys& keys, const ChainWork& work, const std::vector<Balances>& balances,
              const ChainFolder& folder)
      : keys_(keys.update), work_(work), balances_(balances), folder_(folder) {}

  ChainFile fix_states(Progress&) override {
    ChainFile chain{keys_.vk.statement, keys_.vk.key.digest(), {}, {}, {}};
    chain.balances.assign(work_.start.begin(), work_.start.end());
    for (std::size_t t = 0; t < work_.proofs(); ++t) {
      const circuits::UpdateStatement says = statement(t);
      if (t == 0) chain.states.push_back(artefacts::state_name(says.prev));
      chain.states.push_back(artefacts::state_name(says.next));
    }
    return chain;
  }

  bool is_made(const ChainFile& chain, std::size_t t) const override {
    const fs::path path = folder_.proof(t);
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return false;
    const artefacts::VkFile& vk = keys_.vk;
    const ProofFile file = artefacts::decode_proof_file(read_text(path), path.string(), vk.shape, vk.key.digest(),
                                                        vk.key.cs.proof_bytes(), vk.statement)
                               .value_or_throw();
    if (const auto answer = artefacts::verify(vk, file); !answer.accepted) throw of_another_chain(path, answer.reason);
    if (artefacts::state_name(file.statement.prev) != chain.states[t] ||
        artefacts::state_name(file.statement.next) != chain.states[t + 1])
      throw of_another_chain(path, "it stands between other states");
    return true;
  }

  void prepare(const ChainFile&, const std::vector<std::size_t>& pending) override {
    if (pending.empty()) return;
    circuits::UpdateCircuit circuit(keys_.vk.shape, keys_.encoder);
    pk_ = halo2::proving_key(keys_.vk.key, circuit);
    keep_small_cosets(pk_, pending.size());
  }

  void prove(std::size_t t) override {
    const circuits::UpdateShape& shape = keys_.vk.shape;
    const circuits::UpdateWitness witness = batch_witness(work_, balances_[t], t);
    circuits::UpdateCircuit circuit(shape, keys_.encoder, circuits::trace_update(shape, keys_.encoder, witness));
    ProofFile file{keys_.vk.key.digest(), statement(t), {}};
    file.proof = prove_and_check(keys_.srs, keys_.vk, pk_, circuit, file.instances(shape));
    write_text(folder_.proof(t), artefacts::encode_proof_file(file));
  }

  void forget(const std::vector<bool>&) override {}
  void report(ChainReport&) const override {}

 private:
  circuits::UpdateStatement statement(std::size_t t) const {
    return circuits::update_statement(keys_.vk.shape, keys_.encoder, batch_witness(work_, balances_[t], t));
  }

  const KeyFolder& keys_;
  const ChainWork& work_;
  const std::vector<Balances>& balances_;
  const ChainFolder& folder_;
  halo2::ProvingKey pk_;
};

class HiddenChain final : public ChainMode {
 public:
  HiddenChain(const ChainKeys& keys, const ChainWork& work, const std::vector<Balances>& balances,
              const ChainFolder& folder, bool keep_states)
      : keys_(keys.update),
        genesis_(*keys.genesis),
        work_(work),
        balances_(balances),
        folder_(folder),
        keep_states_(keep_states),
        states_(folder, keys.update, balances.size()),
        wiped_(balances.size()) {}

  ChainFile fix_states(Progress& progress) override {
    ChainFile chain{keys_.vk.statement, keys_.vk.key.digest(), genesis_.vk.key.digest(), {}, {}};
    OsRng rng;
    progress.begin("states", balances_.size());
    for (std::size_t t = 0; t < balances_.size(); ++t) {
      if (progress.stop_requested())
        throw Error(ErrorCode::interrupted, "stopped by the user", {}, "go on with --resume");
      states_.fix(t, balances_[t], rng);
      progress.update(t + 1);
      chain.states.push_back(artefacts::state_name(states_.at(t).commitment));
    }
    progress.end();
    return chain;
  }

  bool is_made(const ChainFile& chain, std::size_t t) const override {
    const auto file = read_proof(folder_.proof(t), keys_.vk);
    if (!file) return false;
    const circuits::StatePair states = circuits::states_of_update(file->proof).value_or_throw();
    if (artefacts::state_name(states.before) != chain.states[t] ||
        artefacts::state_name(states.after) != chain.states[t + 1])
      throw of_another_chain(folder_.proof(t), "it stands between other states");
    return true;
  }

  void prepare(const ChainFile& chain, const std::vector<std::size_t>& pending) override {
    const bool genesis_made = is_genesis_made(chain);
    std::vector<bool> needed(balances_.size());
    needed[0] = !genesis_made;
    for (const std::size_t t : pending) needed[t] = needed[t + 1] = true;
    for (std::size_t t = 0; t < needed.size(); ++t) {
      if (needed[t]) load(chain, t);
    }
    if (!genesis_made) prove_genesis();
    if (pending.empty()) return;
    circuits::PrivateUpdateCircuit circuit(keys_.vk.shape);
    pk_ = halo2::proving_key(keys_.vk.key, circuit);
    keep_small_cosets(pk_, pending.size());
  }

  void prove(std::size_t t) override {
    states_.spend({t, t + 1});  // in their files before the proof exists: no crash forgets an opening
    const circuits::UpdateShape& shape = keys_.vk.shape;
    const circuits::PrivateState &before = states_.at(t).state, &after = states_.at(t + 1).state;
    circuits::PrivateTrace trace{circuits::trace_batch(shape, batch_witness(work_, balances_[t], t)), before.random,
                                 after.random};
    circuits::PrivateUpdateCircuit circuit(shape, std::move(trace));
    write_proof(folder_.proof(t), keys_.vk, {}, prove_and_check(keys_.srs, keys_.vk, pk_, circuit, {}));
  }

  void forget(const std::vector<bool>& made) override {
    if (keep_states_) return;
    const std::lock_guard lock(forget_mutex_);
    for (std::size_t t = 0; t < made.size(); ++t) {
      if (!made[t] || (t > 0 && !made[t - 1]) || wiped_[t]) continue;
      states_.wipe(t);
      wiped_[t] = true;
    }
  }

  void report(ChainReport& report) const override {
    report.most_openings = states_.most_openings();
    std::error_code ignored;
    for (std::size_t t = 0; t < balances_.size(); ++t) {
      if (fs::exists(folder_.state(t), ignored)) ++report.states_left;
    }
  }

 private:
  static std::optional<PrivateProofFile> read_proof(const fs::path& path, const artefacts::VkFile& vk) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    PrivateProofFile file = artefacts::decode_private_proof_file(read_text(path), path.string(), vk).value_or_throw();
    const halo2::Instances instances = artefacts::instances_of(file);
    const auto answer = halo2::verify_proof(vk.params(), vk.key, {&instances, 1}, file.proof);
    if (!answer.accepted) throw of_another_chain(path, answer.reason);
    return file;
  }

  static void write_proof(const fs::path& path, const artefacts::VkFile& vk, decltype(PrivateProofFile::embedding) e,
                          Bytes proof) {
    write_text(path,
               artefacts::encode_private_proof_file({vk.statement, vk.key.digest(), std::move(e), std::move(proof)}));
  }

  bool is_genesis_made(const ChainFile& chain) const {
    const auto file = read_proof(folder_.genesis(), genesis_.vk);
    if (!file) return false;
    if (artefacts::state_name(circuits::state_of_opening(file->proof).value_or_throw()) != chain.states[0])
      throw of_another_chain(folder_.genesis(), "it is about another state");
    return true;
  }

  /// The state must be the one that chain.json names: other proofs may stand on it.
  void load(const ChainFile& chain, std::size_t t) {
    states_.load(t, balances_[t]);
    const std::string name = artefacts::state_name(states_.at(t).commitment);
    if (name == chain.states[t]) return;
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: is the state {}, chain.json names {}", folder_.state(t).string(), name, chain.states[t]),
        folder_.state(t).string());
  }

  void prove_genesis() {
    states_.spend({0});
    const circuits::PrivateState& state = states_.at(0).state;
    circuits::StateOpeningCircuit circuit(circuits::OpeningKind::genesis, genesis_.vk.shape, genesis_.encoder,
                                          circuits::trace_opening(genesis_.vk.shape, genesis_.encoder, state));
    PrivateProofFile file;
    file.statement = genesis_.vk.statement;
    file.embedding = circuits::embed(genesis_.vk.shape, genesis_.encoder, state.balances);
    const halo2::ProvingKey pk = halo2::proving_key(genesis_.vk.key, circuit);
    Bytes proof = prove_and_check(keys_.srs, genesis_.vk, pk, circuit, artefacts::instances_of(file));
    write_proof(folder_.genesis(), genesis_.vk, std::move(file.embedding), std::move(proof));
  }

  const KeyFolder &keys_, &genesis_;
  const ChainWork& work_;
  const std::vector<Balances>& balances_;
  const ChainFolder& folder_;
  const bool keep_states_;
  StateStore states_;
  std::vector<bool> wiped_;
  std::mutex forget_mutex_;
  halo2::ProvingKey pk_;
};

}  // namespace

std::unique_ptr<ChainMode> public_chain(const ChainKeys& keys, const ChainWork& work,
                                        const std::vector<Balances>& balances, const ChainFolder& folder) {
  return std::make_unique<PublicChain>(keys, work, balances, folder);
}

std::unique_ptr<ChainMode> hidden_chain(const ChainKeys& keys, const ChainWork& work,
                                        const std::vector<Balances>& balances, const ChainFolder& folder,
                                        bool keep_states) {
  return std::make_unique<HiddenChain>(keys, work, balances, folder, keep_states);
}

circuits::UpdateWitness batch_witness(const ChainWork& work, const Balances& before, std::size_t t) {
  const auto batch = work.batch(t);
  return {before, {batch.begin(), batch.end()}};
}

Bytes prove_and_check(const halo2::Srs& srs, const artefacts::VkFile& vk, const halo2::ProvingKey& pk,
                      halo2::Circuit& circuit, const halo2::Instances& instances) {
  OsRng rng;
  halo2::Circuit* const circuits[] = {&circuit};
  Bytes proof = halo2::create_proof(srs, pk, circuits, {&instances, 1}, rng);
  if (const auto own = halo2::verify_proof(vk.params(), vk.key, {&instances, 1}, proof); !own.accepted)
    throw std::logic_error("the prover's own proof is refused: " + own.reason);
  return proof;
}

}  // namespace ll::cli
