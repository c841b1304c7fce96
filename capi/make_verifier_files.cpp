// Writes vk.json and proof.json of a small statement, the key of another one, and the proof's bare bytes:
//   make_verifier_files FOLDER
// raw.bin: 3 x 2 field elements (the public inputs), then the proof. And STATEMENT_vk.json, STATEMENT_proof.json of a
// delta, and of a chain genesis, update-private, open.
#include "artefacts/private_files.hpp"
#include "artefacts/verify.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "halo2/prover.hpp"

namespace {

using namespace ll;

/// A key of this circuit, which has its witness, written down; and a proof.
struct Made {
  artefacts::VkFile vk;
  Bytes proof;
};
Made make(const char* statement, const circuits::UpdateShape& shape, const model::QuantizedEncoder& encoder,
          const halo2::Srs& srs, halo2::Circuit& circuit, const halo2::Instances& instances, Rng& rng,
          const std::filesystem::path& folder) {
  const halo2::ProvingKey pk = halo2::keygen(srs, circuit, srs.k, artefacts::kCompressSelectors);
  Made made;
  made.vk.statement = statement;
  made.vk.shape = shape;
  made.vk.key = pk.vk;
  made.vk.s_g2 = srs.s_g2;
  made.vk.srs_sha256 = to_hex(sha256(srs.write(halo2::SerdeFormat::raw)));
  made.vk.srs_origin = {.name = "seed 9", .standing = artefacts::Standing::test_only};
  made.vk.vhat_digest = to_hex(encoder.digest());
  write_text(folder / fmt::format("{}_vk.json", statement), artefacts::encode_vk_file(made.vk));
  halo2::Circuit* const list[] = {&circuit};
  made.proof = halo2::create_proof(srs, pk, list, {&instances, 1}, rng);
  return made;
}

void write_delta(circuits::UpdateShape shape, const model::QuantizedEncoder& encoder,
                 const std::filesystem::path& folder) {
  shape.transfers = 1;
  const ledger::SlotTransfer transfer{1, 0, 30};
  const circuits::DeltaTrace trace = circuits::trace_delta(encoder, transfer);
  circuits::DeltaCircuit circuit(encoder, trace);
  SeededRng rng(9);
  const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
  Made made = make(circuits::kDelta, shape, encoder, srs, circuit, trace.instances(), rng, folder);
  artefacts::ProofFile file{made.vk.key.digest(), {}, std::move(made.proof), circuits::kDelta};
  file.statement.delta = encoder.delta(1, 0, 30);
  write_text(folder / "delta_proof.json", artefacts::encode_proof_file(file));
}

void write_chain(const circuits::UpdateShape& shape, const model::QuantizedEncoder& encoder,
                 const std::filesystem::path& folder) {
  using circuits::OpeningKind, circuits::StateOpeningCircuit;
  SeededRng rng(9);
  const halo2::Srs srs = halo2::unsafe_srs::generate(circuits::PrivateLayout(shape).k, rng);
  const auto before = circuits::PrivateState::fresh({100, 7}, rng);
  circuits::PrivateTrace trace = circuits::trace_private_update(shape, before, {{0, 1, 30}, {1, 0, 36}}, rng);
  const circuits::PrivateState after = circuits::state_after(shape, trace);
  const auto write = [&](const char* statement, halo2::Circuit& circuit, const circuits::PrivateState& state) {
    artefacts::PrivateProofFile file;
    file.statement = statement;
    if (statement != circuits::kUpdatePrivate)
      file.embedding = encoder.embed(std::vector<std::uint64_t>(state.balances.begin(), state.balances.end()));
    Made made = make(statement, shape, encoder, srs, circuit, artefacts::instances_of(file), rng, folder);
    file.vk_digest = made.vk.key.digest();
    file.proof = std::move(made.proof);
    write_text(folder / fmt::format("{}_proof.json", statement), artefacts::encode_private_proof_file(file));
  };
  StateOpeningCircuit genesis(OpeningKind::genesis, shape, encoder, circuits::trace_opening(shape, encoder, before));
  StateOpeningCircuit open(OpeningKind::open, shape, encoder, circuits::trace_opening(shape, encoder, after));
  circuits::PrivateUpdateCircuit update(shape, std::move(trace));
  write(circuits::kGenesis, genesis, before);
  write(circuits::kUpdatePrivate, update, after);
  write(circuits::kOpen, open, after);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  circuits::UpdateShape shape;
  shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
  shape.transfers = 2;
  const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
  write_delta(shape, encoder, folder);
  write_chain(shape, encoder, folder);
  const circuits::UpdateWitness witness{{100, 7}, {{0, 1, 30}, {1, 0, 37}}};
  for (const unsigned seed : {8u, 7u}) {
    circuits::UpdateCircuit circuit(shape, encoder, circuits::trace_update(shape, encoder, witness));
    SeededRng rng(seed);
    const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
    const halo2::ProvingKey pk = halo2::keygen(srs, circuit, circuit.k(), artefacts::kCompressSelectors);
    artefacts::VkFile vk;
    vk.shape = shape;
    vk.key = pk.vk;
    vk.s_g2 = srs.s_g2;
    vk.srs_sha256 = to_hex(sha256(srs.write(halo2::SerdeFormat::raw)));
    vk.srs_origin.name = seed == 7 ? "seed 7" : "seed 8";
    vk.srs_origin.standing = artefacts::Standing::test_only;
    vk.vhat_digest = to_hex(encoder.digest());
    write_text(folder / (seed == 7 ? "vk.json" : "other_vk.json"), artefacts::encode_vk_file(vk));
    if (seed != 7) continue;
    artefacts::ProofFile file{pk.vk.digest(), circuits::update_statement(shape, encoder, witness), {}};
    const std::vector<halo2::Instances> instances = {file.statement.to_instances(shape)};
    halo2::Circuit* const list[] = {&circuit};
    file.proof = halo2::create_proof(srs, pk, list, instances, rng);
    write_text(folder / "proof.json", artefacts::encode_proof_file(file));
    Bytes raw;
    for (const auto& column : instances[0])
      for (const auto& value : column)
        for (const std::uint8_t byte : value.to_bytes_le()) raw.push_back(byte);
    raw.insert(raw.end(), file.proof.begin(), file.proof.end());
    write_file(folder / "raw.bin", raw);
  }
  return 0;
}
