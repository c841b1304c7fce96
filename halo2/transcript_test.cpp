// Known answers of halo2's Blake2b transcript (docs/halo2-wire.md) and of strict reading.
#include "halo2/transcript.hpp"

#include <gtest/gtest.h>

namespace ll::halo2 {
namespace {

TEST(Transcript, KnownAnswers) {
  Transcript transcript;
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x0e89c2c9ef365f095ec7aa36500bb0ba58bf7d5e17194055afb5a1c746f1786a");
  transcript.absorb_scalar(Fr::from_u64(5));
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x1370940cf9ad44f87dd5e17d725802431cee19e3c73611cb77d60c0bc1d68281");
  transcript.absorb_point(G1Affine::generator());
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x205ae41fb3025546ab74b8558823f9f4d4fd71a908e4a6123c25b7deb8616e91");
  transcript.absorb_point(G1Affine::identity());
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x14933636da9393e40c83e808ac0e38e3dd1d2556807ab5033a017e109bf2fbbb");
}

TEST(Transcript, KeccakKnownAnswers) {
  Transcript transcript(TranscriptHash::keccak256);
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x148b1ab8866dcc51a134ace98f34ddb04a9e39e03d38571a5955d23286e4d153");
  transcript.absorb_scalar(Fr::from_u64(5));
  EXPECT_EQ(transcript.squeeze_challenge().to_hex(),
            "0x198f3441e5aab554f87c2a7abb53bc374e8b766c4fec9af9459f24e5dad0e397");
}

TEST(Transcript, ReaderGivesWhatWriterWrote) {
  TranscriptWriter writer;
  writer.write_point(G1Affine::generator());
  writer.write_scalar(Fr::from_i64(-1));
  TranscriptReader reader(writer.proof());
  EXPECT_EQ(reader.read_point("p").value(), G1Affine::generator());
  EXPECT_EQ(reader.read_scalar("s").value(), Fr::from_i64(-1));
  EXPECT_FALSE(reader.expect_end().has_value());
  EXPECT_EQ(reader.squeeze_challenge(), writer.squeeze_challenge());
}

TEST(Transcript, ReaderRefusesWhatTheWriterNeverWrites) {
  Bytes modulus(32);
  const auto minus_one = Fr::from_i64(-1).to_bytes_le();
  std::copy(minus_one.begin(), minus_one.end(), modulus.begin());
  modulus[0] = static_cast<std::uint8_t>(modulus[0] + 1);  // r itself: 0 in a second form
  EXPECT_FALSE(TranscriptReader(modulus).read_scalar("s").ok());
  Bytes flagged(32);
  flagged[31] = 0xc0;  // infinity with a sign
  EXPECT_FALSE(TranscriptReader(flagged).read_point("p").ok());
  EXPECT_FALSE(TranscriptReader(Bytes(31)).read_scalar("s").ok());
}

}  // namespace
}  // namespace ll::halo2
