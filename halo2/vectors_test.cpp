// Byte for byte what the Rust implementations wrote: tests/vectors/halo2 (its README names the origin of each file).
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
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

Profile profile_of(std::string folder) {
  folder = folder.substr(0, folder.find('/'));
  return folder == "axiom"                       ? Profile::axiom
         : folder == "main" || folder == "mainm" ? Profile::pse_main
         : folder == "ezkl"                      ? Profile::ezkl
                                                 : Profile::pse_v030;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

class Vectors : public ::testing::TestWithParam<Vector> {
 protected:
  fs::path folder_ = fs::path(LL_SOURCE_DIR) / "tests/vectors/halo2" / GetParam().folder;
  Profile profile_ = profile_of(GetParam().folder);
  CircuitA a_;
  CircuitB b_;

  Circuit& circuit() {
    // Folders that end in m: circuit A with a forced minimum degree of 7.
    const std::string folder = fs::path(GetParam().folder).parent_path().string();
    if (folder == "v030m" || folder == "mainm") a_.minimum_degree = 7;
    b_.with_shuffle = profile_ != Profile::axiom;
    return GetParam().circuit_a ? static_cast<Circuit&>(a_) : b_;
  }
  Bytes file(const char* name) const { return read_file(folder_ / name); }
  std::string text(const char* name) const { return trimmed(read_text(folder_ / name)); }
  Srs srs() const { return Srs::read(file("srs.raw"), SerdeFormat::raw).value_or_throw(); }
  VerifyingKey vk() {
    return VerifyingKey::read(file("vk.raw"), SerdeFormat::raw, profile_, circuit(), GetParam().compressed)
        .value_or_throw();
  }
};

/// The fixed values and copies of the Rust circuit B are not published with its files, so only A's key is made again.
class VectorsOfCircuitA : public Vectors {};
class VectorsOfKeys : public Vectors {};

TEST_P(VectorsOfKeys, SrsIsReadAndWrittenAlike) {
  const Srs from_raw = srs();
  EXPECT_EQ(from_raw.write(SerdeFormat::raw), file("srs.raw"));
  EXPECT_EQ(from_raw.write(SerdeFormat::processed, point_flags(profile_)), file("srs.processed"));
  EXPECT_EQ(Srs::flags_of_processed(file("srs.processed")), point_flags(profile_));
  const Srs from_processed = Srs::read(file("srs.processed"), SerdeFormat::processed).value_or_throw();
  EXPECT_EQ(from_processed.write(SerdeFormat::raw), file("srs.raw"));
  const Bytes secret = from_hex(text("s.txt")).value();
  const Srs made = unsafe_srs::from_tau(from_raw.k, Fr::from_bytes_le(std::span(secret).first<32>()).value());
  EXPECT_EQ(made.write(SerdeFormat::raw), file("srs.raw"));
}

TEST_P(VectorsOfKeys, VerifyingKeyHasTheirTextDigestAndBytes) {
  const VerifyingKey key = vk();
  EXPECT_EQ(key.compressed_selectors, GetParam().compressed);
  EXPECT_EQ(key.pinned_text(), text("pinned.txt"));
  EXPECT_EQ(key.digest(), text("repr.txt"));
  EXPECT_EQ(key.write(SerdeFormat::raw), file("vk.raw"));
  EXPECT_EQ(key.write(SerdeFormat::processed), file("vk.processed"));
  const auto processed =
      VerifyingKey::read(file("vk.processed"), SerdeFormat::processed, profile_, circuit(), GetParam().compressed);
  EXPECT_EQ(processed.value().digest(), text("repr.txt"));
}

TEST_P(VectorsOfCircuitA, KeygenReproducesTheKey) {
  const ProvingKey pk = keygen(srs(), circuit(), 5, GetParam().compressed, profile_);
  EXPECT_EQ(pk.vk.pinned_text(), text("pinned.txt"));
  EXPECT_EQ(pk.vk.write(SerdeFormat::raw), file("vk.raw"));
}

TEST_P(Vectors, TheirProofsAreAccepted) {
  const VerifierParams params{srs().s_g2};
  const VerifyingKey key = vk();
  int proofs = 0;
  for (const char* name : {"proof.bin", "ext_proof.bin"}) {
    if (!fs::exists(folder_ / name)) continue;  // some folders hold one proof
    ++proofs;
    const auto instances = testing::parse_instances(text("instances.txt"));
    const VerifyResult result = verify_proof(params, key, instances, file(name));
    EXPECT_TRUE(result.accepted) << name << ": " << result.reason;
    EXPECT_EQ(file(name).size(), key.cs.proof_bytes(instances.size()));
  }
  EXPECT_GE(proofs, 1);
}

/// A bit of every message (commitment, evaluation, opening point) in turn; in v030/A every bit there is.
TEST_P(Vectors, EveryChangedMessageAndInstanceIsRefused) {
  const VerifierParams params{srs().s_g2};
  const VerifyingKey key = vk();
  const auto instances = testing::parse_instances(text("instances.txt"));
  const Bytes proof = file("proof.bin");
  SeededRng rng(20);
  const auto refused = [&](std::size_t bit) {
    Bytes changed = proof;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    return !verify_proof(params, key, instances, changed).accepted;
  };
  if (std::string(GetParam().folder) == "v030/A") {
    std::vector<std::uint8_t> is_refused(8 * proof.size());
    parallel_for(is_refused.size(), 64, [&](std::size_t begin, std::size_t end) {
      for (std::size_t bit = begin; bit < end; ++bit) is_refused[bit] = refused(bit) ? 1 : 0;
    });
    EXPECT_EQ(std::ranges::count(is_refused, 0), 0)
        << "first: bit " << std::ranges::find(is_refused, 0) - is_refused.begin();
  } else {
    ASSERT_EQ(proof.size() % 32, 0u);
    for (std::size_t message = 0; message < proof.size() / 32; ++message) {
      for (const std::size_t bit : {0ul, 253ul, 254ul, 255ul, static_cast<unsigned long>(rng.next_u64() % 256)}) {
        EXPECT_TRUE(refused(256 * message + bit)) << "message " << message << ", bit " << bit;
      }
    }
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
  const ProvingKey pk = keygen(srs(), circuit(), 5, GetParam().compressed, profile_);
  const auto instances = std::vector<Instances>{CircuitA::honest_instances()};
  std::array<Circuit*, 1> circuits = {&a_};
  const Bytes proof = create_proof(srs(), pk, circuits, instances, rng);
  const VerifyResult result = verify_proof({srs().s_g2}, vk(), instances, proof);
  EXPECT_TRUE(result.accepted) << result.reason;
  EXPECT_EQ(proof.size(), pk.vk.cs.proof_bytes());
}

std::string name_of(const ::testing::TestParamInfo<Vector>& parameter) {
  std::string name = parameter.param.folder;
  for (char& c : name) c = c == '/' || c == '_' ? 'x' : c;
  return name;
}

std::vector<Vector> vectors(bool only_a, bool with_proofs) {
  std::vector<Vector> all;
  for (const char* folder : {"v030/A", "main/A", "ezkl/A", "axiom/A", "v030m/A", "mainm/A"})
    all.push_back({folder, true, true});
  for (const char* folder : {"v030/A_nocompress", "main/A_nocompress", "ezkl/A_nocompress", "axiom/A_nocompress",
                             "v030m/A_nocompress", "mainm/A_nocompress"}) {
    all.push_back({folder, true, false});
  }
  for (const char* folder : {"v030/A2", "main/A2", "ezkl/A2", "v030m/A2", "mainm/A2"})
    all.push_back({folder, true, true});
  if (only_a) return all;
  for (const char* folder : {"v030/B", "v030/B2", "main/B", "main/B2", "ezkl/B", "ezkl/B2"}) {
    all.push_back({folder, false, true});
  }
  for (const char* folder : {"v030/B_nocompress", "main/B_nocompress", "ezkl/B_nocompress"}) {
    all.push_back({folder, false, false});
  }
  if (!with_proofs) all.push_back({"axiom/B", false, true});  // its folder holds a key and no proof
  return all;
}

INSTANTIATE_TEST_SUITE_P(Rust, VectorsOfKeys, ::testing::ValuesIn(vectors(false, false)), name_of);
INSTANTIATE_TEST_SUITE_P(Rust, Vectors, ::testing::ValuesIn(vectors(false, true)), name_of);
INSTANTIATE_TEST_SUITE_P(Rust, VectorsOfCircuitA, ::testing::ValuesIn(vectors(true, true)), name_of);

/// halo2-axiom's two-circuit proof is valid nowhere (it absorbs public inputs in another order than it verifies).
TEST(OtherProfiles, AxiomWithTwoCircuitsIsRefusedByName) {
  const fs::path folder = fs::path(LL_SOURCE_DIR) / "tests/vectors/halo2/axiom/A2";
  CircuitA circuit;
  const auto key =
      VerifyingKey::read(read_file(folder / "vk.raw"), SerdeFormat::raw, Profile::axiom, circuit).value_or_throw();
  const Srs srs = Srs::read(read_file(folder / "srs.raw"), SerdeFormat::raw).value_or_throw();
  const auto instances = testing::parse_instances(trimmed(read_text(folder / "instances.txt")));
  const VerifyResult result = verify_proof({srs.s_g2}, key, instances, read_file(folder / "proof.bin"));
  EXPECT_FALSE(result.accepted);
  EXPECT_THAT(result.reason, ::testing::HasSubstr("halo2-axiom proves one circuit at a time"));
}

/// EZKL's build with mv-lookup has another lookup argument: its key reads as EZKL's with another digest, and its proofs
/// are refused.
TEST(OtherProfiles, MvLookupIsRefused) {
  const fs::path folder = fs::path(LL_SOURCE_DIR) / "tests/vectors/halo2/ezklmv/A";
  CircuitA circuit;
  const auto key =
      VerifyingKey::read(read_file(folder / "vk.raw"), SerdeFormat::raw, Profile::ezkl, circuit).value_or_throw();
  EXPECT_NE(key.digest(), trimmed(read_text(folder / "repr.txt")));
  const Srs srs = Srs::read(read_file(folder / "srs.raw"), SerdeFormat::raw).value_or_throw();
  const auto instances = testing::parse_instances(trimmed(read_text(folder / "instances.txt")));
  EXPECT_FALSE(verify_proof({srs.s_g2}, key, instances, read_file(folder / "proof.bin")).accepted);
  const auto profile = parse_profile("ezkl-mv-lookup");
  ASSERT_FALSE(profile.ok());
  EXPECT_THAT(profile.error().message(), ::testing::HasSubstr("multiplicities"));
}

TEST(OtherProfiles, EachKeyIsReadOnlyAsItsOwn) {
  CircuitA circuit;
  for (const auto& [folder, own] : {std::pair{"v030/A", Profile::pse_v030},
                                    {"axiom/A", Profile::axiom},
                                    {"main/A", Profile::pse_main},
                                    {"ezkl/A", Profile::ezkl}}) {
    const fs::path path = fs::path(LL_SOURCE_DIR) / "tests/vectors/halo2" / folder;
    const std::string digest = trimmed(read_text(path / "repr.txt"));
    for (const Profile profile : kProfiles) {
      const auto key = VerifyingKey::read(read_file(path / "vk.processed"), SerdeFormat::processed, profile, circuit);
      const bool same_digest = key.ok() && key.value().digest() == digest;
      EXPECT_EQ(same_digest, profile == own) << folder << " as " << profile_name(profile);
    }
  }
}

}  // namespace
}  // namespace ll::halo2
