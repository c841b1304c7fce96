#pragma once
#include <array>
#include <cstdio>

#include "base/error.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"

/// Proves `honest` for the public inputs and verifies; then expects that `lying`, and the honest proof beside other
/// public inputs, are refused. Returns the exit status of main.
inline int truth_and_lie(const char* name, unsigned k, ll::halo2::Circuit& honest, ll::halo2::Circuit& lying,
                         const ll::halo2::Instances& instances) {
  using namespace ll::halo2;
  ll::OsRng rng;
  const Srs srs = unsafe_srs::generate(k, rng);  // TEST-ONLY: for anything real read a ceremony's file
  const ProvingKey pk = keygen(srs, honest, k);
  const auto prove = [&](Circuit& circuit) {
    const std::array<Circuit*, 1> circuits = {&circuit};
    return create_proof(srs, pk, circuits, std::array{instances}, rng);
  };
  const auto verifies = [&](const ll::Bytes& proof, const Instances& claimed) {
    return verify_proof({srs.s_g2}, pk.vk, std::array{claimed}, proof).accepted;
  };

  if (!MockProver::run(k, honest, instances).empty()) return 1;
  const ll::Bytes proof = prove(honest);
  if (!verifies(proof, instances)) return 1;
  std::printf("%s: 2^%u rows, a proof of %zu bytes, accepted\n", name, k, proof.size());

  const auto failures = MockProver::run(k, lying, instances);
  if (failures.empty()) return 1;
  std::printf("a lying witness: %s\n", failures.front().to_string().c_str());
  try {
    if (verifies(prove(lying), instances)) return 1;
    std::puts("its proof is refused by the verifier");
  } catch (const ll::Error& error) {  // where the prover itself notices
    std::printf("the prover gives up: %s\n", error.message().c_str());
  }
  Instances other = instances;
  other[0][0] += Fr::one();
  if (verifies(proof, other)) return 1;
  std::puts("the honest proof is refused for another claim");
  return 0;
}
