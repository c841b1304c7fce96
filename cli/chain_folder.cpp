#include "cli/chain_folder.hpp"

#include "base/files.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

void ChainFolder::open() const {
  std::error_code error;
  fs::create_directories(secret(), error);
  if (!error) fs::permissions(secret(), fs::perms::owner_all, error);
  if (error) {
    throw Error(ErrorCode::io, fmt::format("cannot make folder {}: {}", secret().string(), error.message()),
                secret().string());
  }
  for (const fs::path& folder : {folder_, secret()}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().filename().string().find(".json.part-") != std::string::npos) wipe_file(entry.path());
    }
  }
}

void ChainFolder::expect_no_other_proofs(std::size_t proofs) const {
  std::set<std::string> names;
  for (std::size_t t = 0; t < proofs; ++t) names.insert(artefacts::chain_proof_name(t));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("proof-") || names.contains(name)) continue;
    throw Error(ErrorCode::mismatch,
                fmt::format("{} is none of the {} proofs that chain.json is about", entry.path().string(), proofs),
                entry.path().string(), "a chain folder holds the proofs of one chain and no others");
  }
}

StateStore::StateStore(const ChainFolder& folder, const KeyFolder& keys, std::size_t states)
    : folder_(folder), keys_(keys), layout_(keys.vk.shape), states_(states) {}

void StateStore::check(std::size_t t, const decltype(circuits::PrivateState::balances)& balances) const {
  const artefacts::PrivateStateFile& file = at(t);
  const fs::path path = folder_.state(t);
  if (file.state.balances != balances) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: holds other balances than the ledger's before batch {}", path.string(), t),
                path.string());
  }
  if (file.srs_sha256 != keys_.vk.srs_sha256 ||
      circuits::commit_state(keys_.srs, layout_, file.state) != file.commitment) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was made with the SRS {}, the keys with {}, or its commitment is of another state",
                            path.string(), file.srs_sha256, keys_.vk.srs_sha256),
                path.string());
  }
}

void StateStore::fix(std::size_t t, const decltype(circuits::PrivateState::balances)& balances, Rng& rng) {
  std::error_code ignored;
  if (fs::exists(folder_.state(t), ignored)) return load(t, balances);
  artefacts::PrivateStateFile file;
  file.state = circuits::PrivateState::fresh(balances, rng);
  file.commitment = circuits::commit_state(keys_.srs, layout_, file.state);
  file.srs_sha256 = keys_.vk.srs_sha256;
  write_secret_text(folder_.state(t), artefacts::encode_private_state_file(file));
  const std::lock_guard lock(mutex_);
  states_.at(t) = std::move(file);
}

void StateStore::load(std::size_t t, const decltype(circuits::PrivateState::balances)& balances) {
  const fs::path path = folder_.state(t);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{} is not there, and a proof beside it is still to be made: its random values cannot be "
                            "drawn again",
                            path.string()),
                path.string(), "put back the proof that was removed, or make a chain in another folder");
  }
  auto file = artefacts::decode_private_state_file(read_text(path), path.string(), keys_.vk.shape).value_or_throw();
  {
    const std::lock_guard lock(mutex_);
    most_openings_ = std::max(most_openings_, file.openings);
    states_.at(t) = std::move(file);
  }
  check(t, balances);
}

const artefacts::PrivateStateFile& StateStore::at(std::size_t t) const {
  const std::lock_guard lock(mutex_);
  return states_.at(t).value();
}

void StateStore::spend(std::initializer_list<std::size_t> states) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t t : states) {
    artefacts::PrivateStateFile probe;  // throws before any count is changed
    probe.openings = states_.at(t).value().openings;
    try {
      probe.spend_opening();
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", folder_.state(t).string(), error.message()),
                  folder_.state(t).string(),
                  "this chain was cut short too often at one proof: make a chain in another folder");
    }
  }
  for (const std::size_t t : states) {
    artefacts::PrivateStateFile& file = *states_.at(t);
    file.spend_opening();
    most_openings_ = std::max(most_openings_, file.openings);
    write_secret_text(folder_.state(t), artefacts::encode_private_state_file(file));
  }
}

void StateStore::wipe(std::size_t t) {
  const std::lock_guard lock(mutex_);
  if (auto& file = states_.at(t)) ll::wipe(file->state.balances);
  states_.at(t).reset();
  wipe_file(folder_.state(t));
}

}  // namespace ll::cli
