// Files of a private ledger: state.json, proof.json of `update-private` and `genesis`, chain.json, plan.json. Refused
// with a sentence, or decoded and then encoded to a text that decodes the same; no chain but the honest one is
// accepted.
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/small_private.hpp"

namespace {

using namespace ll;
using namespace ll::artefacts;

const fuzz::SmallPrivateChain& honest() {
  static const fuzz::SmallPrivateChain made;
  return made;
}

/// What a decoder gave; its value, or nullptr for a refusal.
template <class T>
const T* decoded(const Result<T>& result) {
  if (result) return &result.value();
  fuzz::require(!result.error().message().empty(), "an error has a message");
  return nullptr;
}

void state(const std::string& text) {
  const auto& shape = honest().update_vk.shape;
  const auto result = decode_private_state_file(text, "state.json", shape);
  const PrivateStateFile* file = decoded(result);
  if (file == nullptr) return;
  fuzz::require(file->openings <= circuits::kMostOpenings, "openings stay within the budget");
  const std::string again = encode_private_state_file(*file);
  const auto second = decode_private_state_file(again, "state.json", shape);
  fuzz::require(second.ok() && encode_private_state_file(second.value()) == again, "a state has one text");
  PrivateStateFile spent = *file;
  try {
    while (true) spent.spend_opening();
  } catch (const Error&) {
    fuzz::require(spent.openings == circuits::kMostOpenings, "a state is spent at its limit");
  }
}

void proof(const std::string& text, const VkFile& vk, const PrivateProofFile& true_one, bool is_genesis) {
  const auto result = decode_private_proof_file(text, "proof.json", vk);
  const PrivateProofFile* file = decoded(result);
  if (file == nullptr) return;
  const std::string again = encode_private_proof_file(*file);
  const auto second = decode_private_proof_file(again, "proof.json", vk);
  fuzz::require(second.ok() && encode_private_proof_file(second.value()) == again, "a proof file has one text");
  const auto answer = verify_chain(honest().chain, honest().update_vk, honest().genesis_vk,
                                   is_genesis ? *file : honest().genesis, {is_genesis ? honest().update : *file});
  fuzz::require(answer.accepted == (again == encode_private_proof_file(true_one)), "only the honest chain is accepted");
}

void chain(const std::string& text) {
  const auto result = decode_chain_file(text, "chain.json", honest().update_vk);
  const ChainFile* file = decoded(result);
  if (file == nullptr) return;
  const auto second = decode_chain_file(encode_chain_file(*file), "chain.json", honest().update_vk);
  fuzz::require(second.ok() && second.value() == *file, "a chain file comes back");
  if (file->proofs() != 1) return;
  const auto answer = verify_chain(*file, honest().update_vk, honest().genesis_vk, honest().genesis, {honest().update});
  fuzz::require(answer.accepted == (file->states == honest().chain.states), "other states are refused");
}

void plan(const std::string& text) {
  const auto result = decode_chain_plan(text, "plan.json");
  const ChainPlan* file = decoded(result);
  if (file == nullptr) return;
  const auto second = decode_chain_plan(encode_chain_plan(*file), "plan.json");
  fuzz::require(second.ok() && second.value() == *file, "a plan comes back");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  honest();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte() % 5;
  const std::string text(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  if (mode == 0) state(text);
  if (mode == 1) proof(text, honest().update_vk, honest().update, false);
  if (mode == 2) proof(text, honest().genesis_vk, honest().genesis, true);
  if (mode == 3) chain(text);
  if (mode == 4) plan(text);
  return 0;
}
