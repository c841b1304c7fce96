// Proofs: arbitrary bytes, and edits of an honest proof. No input may crash the verifier, and none but the honest proof
// may be accepted.
#include <array>

#include "algebra/encoding.hpp"
#include "halo2/prover.hpp"
#include "halo2/test_circuits.hpp"
#include "halo2/verifier.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ll::halo2 {
namespace {

using fuzz::Input;
using fuzz::require;

struct Case {
  ProvingKey pk;
  std::vector<Instances> instances;
  ProofFormat format;
  Bytes honest;
};

struct Cases {
  Srs srs;
  std::vector<Case> list;

  Cases() {
    SeededRng rng(1);
    srs = unsafe_srs::generate(6, rng);
    for (const Profile profile : {Profile::pse_v030, Profile::pse_main}) {
      for (const ProofFormat format : {ProofFormat{}, ProofFormat{Opening::gwc, TranscriptHash::keccak256}}) {
        testing::CircuitA a;
        add(a, {testing::CircuitA::honest_instances()}, profile, format);
        testing::CircuitB b;
        add(b, {testing::CircuitB::honest_instances()}, profile, format);
      }
    }
  }
  void add(Circuit& circuit, std::vector<Instances> instances, Profile profile, ProofFormat format) {
    Case made{keygen(srs, circuit, 6, true, profile), std::move(instances), format, {}};
    std::array<Circuit*, 1> circuits = {&circuit};
    SeededRng rng(2);
    made.honest = create_proof(srs, made.pk, circuits, made.instances, rng, format);
    list.push_back(std::move(made));
  }
};

/// A 32-byte message that is well-formed but seldom right.
Bytes message(std::uint8_t kind, std::uint8_t value, const Bytes& honest, algebra::PointFlags flags) {
  Bytes out;
  switch (kind % 6) {
    case 0:
      append(out, Fr::from_u64(value).to_bytes_le());
      break;
    case 1:
      append(out, Fr::from_i64(-1 - value).to_bytes_le());
      break;
    case 2:
      append(out, algebra::compress((algebra::G1(G1Affine::generator()) * Fr::from_u64(value)).to_affine(), flags));
      break;
    case 3:  // another message of the same proof
      append(out, ByteSpan(honest).subspan(32 * (value % (honest.size() / 32)), 32));
      break;
    case 4:  // its first byte off by one
      append(out, ByteSpan(honest).subspan(32 * (value % (honest.size() / 32)), 32));
      ++out[0];
      break;
    default:
      out.assign(32, value);
  }
  return out;
}

const Cases& all_cases() {
  static const Cases made;
  return made;
}

}  // namespace
}  // namespace ll::halo2

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ll::halo2::all_cases();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::halo2;
  const Cases& cases = all_cases();
  Input input(data, size);
  const Case& chosen = cases.list[input.byte() % cases.list.size()];
  std::vector<Instances> instances = chosen.instances;
  Bytes proof;
  const std::uint8_t mode = input.byte() % 3;
  if (mode == 0) {
    proof.assign(input.rest().begin(), input.rest().end());
  } else {
    proof = chosen.honest;
    while (!input.empty()) {
      const std::uint8_t where = input.byte(), kind = input.byte(), value = input.byte();
      if (mode == 2 && kind % 7 == 6) {
        auto& column = instances[0][where % instances[0].size()];
        column[value % column.size()] += Fr::from_u64(where + 1u);
        continue;
      }
      const Bytes edit = message(kind, value, chosen.honest, point_flags(chosen.pk.vk.profile));
      std::copy(edit.begin(), edit.end(), proof.begin() + 32 * (where % (proof.size() / 32)));
    }
  }
  const VerifyResult result = verify_proof({cases.srs.s_g2}, chosen.pk.vk, instances, proof, chosen.format);
  const bool honest = proof == chosen.honest && instances == chosen.instances;
  require(result.accepted == honest, "only the honest proof is accepted");
  require(result.accepted == result.reason.empty(), "a refusal has a reason");
  return 0;
}
