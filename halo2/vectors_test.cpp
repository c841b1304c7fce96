// Byte for byte what the Rust implementations wrote: tests/vectors/halo2 (its README names the origin of each file).
#include <filesystem>

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "halo2/prover.hpp"
#include "halo2/test_circuits.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {
namespace {

using testing::CircuitA;
using testing::CircuitB;
namespace fs = std::filesystem;

struct Vector {
  const char* folder;
  bool circuit_a;
  bool compressed;
};

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.folder; }

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

class Vectors : public ::testing::TestWithParam<Vector> {
 protected:
  fs::path folder_ = fs::path(LL_SOURCE_DIR) / "tests/vectors/halo2" / GetParam().folder;
  VkLayout layout_ = std::string(GetParam().folder).starts_with("axiom") ? VkLayout::axiom : VkLayout::pse_v030;
  CircuitA a_;
  CircuitB b_;

  Circuit& circuit() { return GetParam().circuit_a ? static_cast<Circuit&>(a_) : b_; }
  Bytes file(const char* name) const { return read_file(folder_ / name); }
  std::string text(const char* name) const { return trimmed(read_text(folder_ / name)); }
  Srs srs() const { return Srs::read(file("srs.raw"), SerdeFormat::raw).value_or_throw(); }
  VerifyingKey vk() {
    return VerifyingKey::read(file("vk.raw"), SerdeFormat::raw, layout_, circuit()).value_or_throw();
  }
};

/// The fixed values and copies of the Rust circuit B are not published with its files, so only A's key is made again.
class VectorsOfCircuitA : public Vectors {};

TEST_P(Vectors, SrsIsReadAndWrittenAlike) {
  const Srs from_raw = srs();
  EXPECT_EQ(from_raw.write(SerdeFormat::raw), file("srs.raw"));
  EXPECT_EQ(from_raw.write(SerdeFormat::processed), file("srs.processed"));
  const Srs from_processed = Srs::read(file("srs.processed"), SerdeFormat::processed).value_or_throw();
  EXPECT_EQ(from_processed.write(SerdeFormat::raw), file("srs.raw"));
  const Bytes secret = from_hex(text("s.txt")).value();
  const Srs made = unsafe_srs::from_tau(from_raw.k, Fr::from_bytes_le(std::span(secret).first<32>()).value());
  EXPECT_EQ(made.write(SerdeFormat::raw), file("srs.raw"));
}

TEST_P(Vectors, VerifyingKeyHasTheirTextDigestAndBytes) {
  const VerifyingKey key = vk();
  EXPECT_EQ(key.compressed_selectors, GetParam().compressed);
  EXPECT_EQ(key.pinned_text(), text("pinned.txt"));
  EXPECT_EQ(key.digest(), text("repr.txt"));
  EXPECT_EQ(key.write(SerdeFormat::raw, layout_), file("vk.raw"));
  EXPECT_EQ(key.write(SerdeFormat::processed, layout_), file("vk.processed"));
  const auto processed = VerifyingKey::read(file("vk.processed"), SerdeFormat::processed, layout_, circuit());
  EXPECT_EQ(processed.value().digest(), text("repr.txt"));
}

TEST_P(VectorsOfCircuitA, KeygenReproducesTheKey) {
  const ProvingKey pk = keygen(srs(), circuit(), 5, GetParam().compressed);
  EXPECT_EQ(pk.vk.pinned_text(), text("pinned.txt"));
  EXPECT_EQ(pk.vk.write(SerdeFormat::raw, layout_), file("vk.raw"));
}

TEST_P(Vectors, TheirProofsAreAccepted) {
  const VerifierParams params{srs().s_g2};
  const VerifyingKey key = vk();
  for (const char* name : {"proof.bin", "ext_proof.bin"}) {
    const auto instances = testing::parse_instances(text("instances.txt"));
    const VerifyResult result = verify_proof(params, key, instances, file(name));
    EXPECT_TRUE(result.accepted) << name << ": " << result.reason;
    EXPECT_EQ(file(name).size(), key.cs.proof_bytes(instances.size()));
  }
}

TEST_P(Vectors, EveryChangedByteOfProofAndInstancesIsRefused) {
  const VerifierParams params{srs().s_g2};
  const VerifyingKey key = vk();
  const auto instances = testing::parse_instances(text("instances.txt"));
  const Bytes proof = file("proof.bin");
  for (std::size_t i = 0; i < proof.size(); ++i) {
    Bytes changed = proof;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << (i % 8)));
    EXPECT_FALSE(verify_proof(params, key, instances, changed).accepted) << "byte " << i;
  }
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{31}, proof.size() - 32, proof.size() - 1}) {
    EXPECT_FALSE(verify_proof(params, key, instances, ByteSpan(proof).first(length)).accepted) << "length " << length;
  }
  Bytes longer = proof;
  longer.push_back(0);
  EXPECT_FALSE(verify_proof(params, key, instances, longer).accepted);
  for (std::size_t c = 0; c < instances.size(); ++c) {
    for (std::size_t column = 0; column < instances[c].size(); ++column) {
      for (std::size_t row = 0; row < instances[c][column].size(); ++row) {
        auto changed = instances;
        changed[c][column][row] += Fr::one();
        EXPECT_FALSE(verify_proof(params, key, changed, proof).accepted) << c << " " << column << " " << row;
      }
    }
  }
}

TEST_P(VectorsOfCircuitA, OurOwnProofsOfTheirCircuitAreAccepted) {
  SeededRng rng(1);
  const ProvingKey pk = keygen(srs(), circuit(), 5, GetParam().compressed);
  const auto instances = std::vector<Instances>{CircuitA::honest_instances()};
  std::array<Circuit*, 1> circuits = {&a_};
  const Bytes proof = create_proof(srs(), pk, circuits, instances, rng);
  const VerifyResult result = verify_proof({srs().s_g2}, vk(), instances, proof);
  EXPECT_TRUE(result.accepted) << result.reason;
  EXPECT_EQ(proof.size(), 992u);
}

std::string name_of(const ::testing::TestParamInfo<Vector>& parameter) {
  std::string name = parameter.param.folder;
  for (char& c : name) c = c == '/' || c == '_' ? 'x' : c;
  return name;
}

constexpr Vector kA{"v030/A", true, true}, kA2{"v030/A2", true, true}, kANoCompress{"v030/A_nocompress", true, false};
constexpr Vector kB{"v030/B", false, true}, kB2{"v030/B2", false, true},
    kBNoCompress{"v030/B_nocompress", false, false};
constexpr Vector kAxiomA{"axiom/A", true, true}, kAxiomANoCompress{"axiom/A_nocompress", true, false};

INSTANTIATE_TEST_SUITE_P(Rust, Vectors,
                         ::testing::Values(kA, kA2, kANoCompress, kB, kB2, kBNoCompress, kAxiomA, kAxiomANoCompress),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Rust, VectorsOfCircuitA, ::testing::Values(kA, kA2, kANoCompress, kAxiomA, kAxiomANoCompress),
                         name_of);

}  // namespace
}  // namespace ll::halo2
