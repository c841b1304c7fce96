// Files of private ledgers: they come back, refuse every change, and count openings.
#include "artefacts/private_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ll::artefacts {
namespace {

using ::testing::HasSubstr;

const circuits::UpdateShape kShape{.encoder = {.accounts = 4, .dims = 16}, .transfers = 6};

PrivateStateFile sample() {
  SeededRng rng(1);
  PrivateStateFile file;
  file.state = circuits::PrivateState::fresh({1, 0, 0xffffffff, 7}, rng);
  file.commitment = halo2::G1Affine::generator();
  file.srs_sha256 = std::string(64, 'a');
  return file;
}

TEST(PrivateStateFile, ComesBackFromItsText) {
  PrivateStateFile file = sample();
  file.spend_opening();
  const auto back = decode_private_state_file(encode_private_state_file(file), "state.json", kShape).value_or_throw();
  EXPECT_EQ(back.state, file.state);
  EXPECT_EQ(back.openings, 1u);
  EXPECT_EQ(back.commitment, file.commitment);
  EXPECT_EQ(back.srs_sha256, file.srs_sha256);
}

TEST(PrivateStateFile, RefusesEveryChangedByteAndCut) {
  const std::string text = encode_private_state_file(sample());
  for (std::size_t i = 0; i + 1 < text.size(); i += 5) {  // the last byte is white space
    std::string altered = text;
    altered[i] = altered[i] == '1' ? '2' : '1';
    EXPECT_FALSE(decode_private_state_file(altered, "state.json", kShape)) << i;
    EXPECT_FALSE(decode_private_state_file(text.substr(0, i), "state.json", kShape)) << i;
  }
  const circuits::UpdateShape other{.encoder = {.accounts = 3, .dims = 16}, .transfers = 6};
  EXPECT_THAT(decode_private_state_file(text, "state.json", other).error().message(), HasSubstr("balances"));
}

TEST(PrivateStateFile, CountsOpeningsUpToTheLimit) {
  PrivateStateFile file = sample();
  for (unsigned i = 0; i < circuits::kMostOpenings; ++i) {
    EXPECT_NO_THROW(file.spend_opening());
    file = decode_private_state_file(encode_private_state_file(file), "state.json", kShape).value_or_throw();
    EXPECT_EQ(file.openings, i + 1);
  }
  EXPECT_THROW(file.spend_opening(), Error);
  file.openings = circuits::kMostOpenings + 1;
  EXPECT_FALSE(decode_private_state_file(encode_private_state_file(file), "state.json", kShape));
}

}  // namespace
}  // namespace ll::artefacts
