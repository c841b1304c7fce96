#pragma once
#include "artefacts/chain_verify.hpp"
#include "base/hash.hpp"
#include "halo2/prover.hpp"

namespace ll::fuzz {

/// The files of the smallest private chain: two accounts, eight dimensions, one proof behind its genesis; fixed seeds.
struct SmallPrivateChain {
  artefacts::VkFile update_vk, genesis_vk;
  artefacts::PrivateStateFile state;
  artefacts::PrivateProofFile genesis, update;
  artefacts::ChainFile chain;
  artefacts::ChainPlan plan;

  SmallPrivateChain() {
    circuits::UpdateShape shape;
    shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
    shape.transfers = 2;
    const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
    const circuits::PrivateLayout layout(shape);
    SeededRng rng(7);
    const halo2::Srs srs = halo2::unsafe_srs::generate(layout.k, rng);
    state.state = circuits::PrivateState::fresh({100, 7}, rng);
    state.commitment = circuits::commit_state(srs, layout, state.state);
    state.srs_sha256 = to_hex(sha256(srs.write(halo2::SerdeFormat::raw)));
    state.spend_opening();

    circuits::PrivateTrace trace = circuits::trace_private_update(shape, state.state, {{0, 1, 30}, {1, 0, 37}}, rng);
    const halo2::G1Affine after = circuits::commit_state(srs, layout, circuits::state_after(shape, trace));
    circuits::PrivateUpdateCircuit update_circuit(shape, std::move(trace));
    circuits::StateOpeningCircuit genesis_circuit(circuits::OpeningKind::genesis, shape, encoder,
                                                  circuits::trace_opening(shape, encoder, state.state));
    const auto prove = [&](const char* statement, halo2::Circuit& circuit, artefacts::VkFile& vk,
                           artefacts::PrivateProofFile& file) {
      const halo2::ProvingKey pk = halo2::keygen(srs, circuit, layout.k, artefacts::kCompressSelectors);
      vk.statement = file.statement = statement;
      vk.shape = shape;
      vk.key = pk.vk;
      vk.s_g2 = srs.s_g2;
      vk.srs_sha256 = state.srs_sha256;
      vk.srs_origin = {.name = "seed 7", .standing = artefacts::Standing::test_only};
      vk.vhat_digest = to_hex(encoder.digest());
      file.vk_digest = pk.vk.digest();
      const halo2::Instances instances = artefacts::instances_of(file);
      halo2::Circuit* const list[] = {&circuit};
      file.proof = halo2::create_proof(srs, pk, list, {&instances, 1}, rng);
    };
    prove(circuits::kUpdatePrivate, update_circuit, update_vk, update);
    genesis.embedding = encoder.embed(std::vector<std::uint64_t>{100, 7});
    genesis.statement = circuits::kGenesis;
    prove(circuits::kGenesis, genesis_circuit, genesis_vk, genesis);
    chain = {circuits::kUpdatePrivate,
             update_vk.key.digest(),
             genesis_vk.key.digest(),
             {},
             {artefacts::state_name(state.commitment), artefacts::state_name(after)}};
    plan = {chain.vk_digest, chain.genesis_vk_digest, std::string(64, 'a'), 0, 2, 2};
  }
};

}  // namespace ll::fuzz
