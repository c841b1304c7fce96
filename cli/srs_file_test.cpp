// How SRS files are told apart, and the bundled one.
#include "cli/srs_file.hpp"

#include <gtest/gtest.h>

#include "artefacts/vk_file.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "ceremony/known_files.hpp"
#include "halo2/keygen.hpp"

namespace ll::cli {
namespace {

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

TEST(SrsFile, OtherCurvesAndOtherThingsAreNamed) {
  const auto refusal = [](const Bytes& bytes) { return srs_format_of(bytes, "file").error(); };
  for (const char* text :
       {"{\"transcripts\":[{\"numG1Powers\":4096}]}", "{\"g1_monomial\":[\"0x97f1\"]}", "4096\n65\na0413c"}) {
    const Error error = refusal(bytes_of(text));
    EXPECT_EQ(error.code(), ErrorCode::srs) << text;
    EXPECT_NE(error.message().find("BLS12-381"), std::string::npos) << error.message();
  }
  Bytes bls(4 + 192 * 16 + 384, 0);  // halo2 parameters of k = 4 with coordinates of 48 bytes
  bls[0] = 4;
  EXPECT_NE(refusal(bls).message().find("BLS12-381"), std::string::npos);
  EXPECT_NE(refusal(bytes_of("<!DOCTYPE html>")).message().find("web page"), std::string::npos);
  for (const Bytes& bytes : {Bytes{}, Bytes{1}, Bytes(100, 0), Bytes{4, 0, 0, 0, 1}})
    EXPECT_EQ(refusal(bytes).code(), ErrorCode::malformed);
}

TEST(SrsFile, PublishedHashesAreWholeTables) {
  EXPECT_EQ(
      ceremony::known_by_blake2b(
          "eeefbcf7c3803b523c94112023c7ff89558f9b8e0cf5d6cdcba3ade60f168af4a181c9c21774b94fbae6c90411995f7d854d02ebd93"
          "fb66043dbb06f17a831c1")
          .value()
          .power,
      14u);
  EXPECT_EQ(
      ceremony::known_by_sha256("cafb2aa72c200ddc4e28aacabb8066e829207e2484b8d17059a566232f8a297b").value().ceremony,
      "Perpetual Powers of Tau 0071");
  EXPECT_FALSE(ceremony::known_by_sha256(std::string(64, '0')));
}

TEST(BundledSrs, IsWhatItsSumSaysAndSaysThatItIsSimulated) {
  const Bytes bytes = read_file(bundled_srs());
  const std::string sums = read_text(bundled_srs().parent_path() / "SHA256SUMS");
  EXPECT_NE(sums.find(to_hex(sha256(bytes)) + "  simulated-14.srs"), std::string::npos) << sums;
  const halo2::Srs srs = halo2::Srs::read(bytes, halo2::SerdeFormat::raw).value_or_throw();
  EXPECT_EQ(srs.k, kBundledSrsPower);
  const auto origin = known_ceremony(srs.s_g2);  // without any file beside it
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->standing, Standing::simulated);
}

TEST(BundledSrs, KeysMadeFromItAreTheSameEverywhere) {
  const halo2::Srs srs =
      halo2::Srs::read(read_file(bundled_srs()), halo2::SerdeFormat::raw, /*check_powers=*/false).value_or_throw();
  const circuits::UpdateShape shape;
  circuits::UpdateCircuit circuit(shape, circuits::placeholder_encoder(shape.encoder));
  ASSERT_EQ(circuit.k(), kBundledSrsPower);
  const auto vk = halo2::keygen(srs, circuit, circuit.k(), artefacts::kCompressSelectors).vk;
  // Changes exactly when the circuit, the SRS or the digest's text changes: then every key in the world changes too.
  EXPECT_EQ(vk.digest(), "360551d4cc9c7829e138468306a1fea90d68a52699c88fb4bd054d999c9d5c0d");
}

}  // namespace
}  // namespace ll::cli
