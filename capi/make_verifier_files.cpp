// Writes vk.json and proof.json of a small statement, the key of another one, and the proof's bare bytes:
//   make_verifier_files FOLDER
// raw.bin: 3 x 2 field elements (the public inputs), then the proof.
#include "artefacts/verify.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "halo2/prover.hpp"

int main(int argc, char** argv) {
  using namespace ll;
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  circuits::UpdateShape shape;
  shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
  shape.transfers = 2;
  const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
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
