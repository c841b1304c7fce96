#pragma once
#include "artefacts/proof_file.hpp"
#include "artefacts/vk_file.hpp"
#include "base/hash.hpp"
#include "halo2/prover.hpp"

namespace ll::fuzz {

/// vk.json and proof.json of the smallest `update`: two accounts, eight dimensions, two transfers, fixed seeds.
struct SmallArtefacts {
  artefacts::VkFile vk;
  artefacts::ProofFile proof;

  SmallArtefacts() {
    circuits::UpdateShape shape;
    shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
    shape.transfers = 2;
    const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
    const circuits::UpdateWitness witness{{100, 7}, {{0, 1, 30}, {1, 0, 37}}};
    circuits::UpdateCircuit circuit(shape, encoder, circuits::trace_update(shape, encoder, witness));
    SeededRng rng(7);
    const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
    const halo2::ProvingKey pk = halo2::keygen(srs, circuit, circuit.k(), artefacts::kCompressSelectors);
    vk.shape = shape;
    vk.key = pk.vk;
    vk.s_g2 = srs.s_g2;
    vk.srs_sha256 = to_hex(sha256(srs.write(halo2::SerdeFormat::raw)));
    vk.srs_origin.name = "seed 7";
    vk.srs_origin.standing = artefacts::Standing::test_only;
    vk.vhat_digest = to_hex(encoder.digest());
    proof.vk_digest = pk.vk.digest();
    proof.statement = circuits::update_statement(shape, encoder, witness);
    const std::vector<halo2::Instances> instances = {proof.statement.to_instances(shape)};
    halo2::Circuit* const list[] = {&circuit};
    proof.proof = halo2::create_proof(srs, pk, list, instances, rng);
  }
};

}  // namespace ll::fuzz
