// vk.json and proof.json: refused with a sentence, or decoded and then encoded to a text that decodes the same.
#include "artefacts/verify.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "tests/fuzz/small_artefacts.hpp"

namespace {

const ll::fuzz::SmallArtefacts& small_artefacts() {
  static const ll::fuzz::SmallArtefacts made;
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  small_artefacts();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::artefacts;
  const fuzz::SmallArtefacts& honest = small_artefacts();
  static const std::string honest_proof = encode_proof_file(honest.proof);
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte() % 2;
  const std::string text(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  if (mode == 0) {
    const auto vk = decode_vk_file(text, "vk.json");
    if (!vk.ok()) {
      fuzz::require(!vk.error().message().empty(), "an error has a message");
      return 0;
    }
    const std::string again = encode_vk_file(vk.value());
    const auto second = decode_vk_file(again, "vk.json");
    fuzz::require(second.ok() && encode_vk_file(second.value()) == again, "a key has one text");
    return 0;
  }
  const auto proof =
      decode_proof_file(text, "proof.json", honest.vk.shape, honest.vk.key.digest(), honest.vk.key.cs.proof_bytes());
  if (!proof.ok()) {
    fuzz::require(!proof.error().message().empty(), "an error has a message");
    return 0;
  }
  if (verify(honest.vk, proof.value()).accepted) {
    fuzz::require(encode_proof_file(proof.value()) == honest_proof, "only the honest proof is accepted");
  }
  return 0;
}
