#include "model/quantized_encoder.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "base/u128.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

using ::testing::ElementsAre;

TEST(QuantizedEncoder, RoundsHalvesAwayFromZero) {
  // 2^2·V/max|V| with max 8: V/2, so the odd numbers are the halves
  const EncoderShape shape{.accounts = 1, .dims = 6, .v_frac_bits = 2, .balance_bits = 8};
  const std::vector<double> v = {8, -1, 1, 3, -3, 2.9};
  EXPECT_THAT(QuantizedEncoder::quantize(shape, {7}, v).vhat(), ElementsAre(4, -1, 1, 2, -2, 1));
}

TEST(QuantizedEncoder, QuantizeRefusesWhatHasNoScale) {
  const EncoderShape shape{.accounts = 1, .dims = 2};
  EXPECT_THROW(QuantizedEncoder::quantize(shape, {1}, std::vector<double>{0, 0}), Error);
  EXPECT_THROW(QuantizedEncoder::quantize(shape, {1}, std::vector<double>{1, std::nan("")}), Error);
  EXPECT_THROW(QuantizedEncoder::quantize(shape, {1}, std::vector<double>{1, INFINITY}), Error);
  EXPECT_THROW(QuantizedEncoder::quantize(shape, {1}, std::vector<double>{1}), Error);
}

TEST(QuantizedEncoder, EmbedsAsTheWideSumDoes) {
  const EncoderShape shape{.accounts = 128, .dims = 32};
  const QuantizedEncoder encoder = random_encoder(shape, 1);
  SeededRng rng(2);
  const auto balances = random_balances(shape, rng);
  const auto e = encoder.embed(balances);
  for (std::size_t k = 0; k < shape.dims; ++k) {
    i128 wide = 0;
    for (std::size_t i = 0; i < shape.accounts; ++i) wide += i128{encoder.row(i)[k]} * i128{balances[i]};
    EXPECT_TRUE(wide == i128{e[k]}) << k;
  }
}

TEST(QuantizedEncoder, LargestEmbeddingStaysBelow2To53AndFloat64IsExact) {
  const EncoderShape shape;
  const QuantizedEncoder encoder = random_encoder(shape, 3);
  const std::vector<std::uint64_t> full(shape.accounts, 0xffffffff);
  const auto e = encoder.embed(full);
  EXPECT_EQ(e[0], 128 * 16384 * std::int64_t{0xffffffff});  // column 0 of the test encoder is all 2^14
  EXPECT_EQ(e[1], -e[0]);
  EXPECT_LT(e[0], std::int64_t{1} << 53);
  for (std::size_t k = 0; k < shape.dims; ++k) {
    double sum = 0;
    for (std::size_t i = shape.accounts; i-- > 0;) sum += 4294967295.0 * encoder.row(i)[k];
    EXPECT_EQ(static_cast<std::int64_t>(sum), e[k]);
  }
}

TEST(QuantizedEncoder, IsHomomorphicForEveryTransfer) {
  const EncoderShape shape{.accounts = 16, .dims = 24};
  const QuantizedEncoder encoder = random_encoder(shape, 4);
  SeededRng rng(5);
  auto balances = random_balances(shape, rng);
  auto running = encoder.embed(balances);
  for (int step = 0; step < 500; ++step) {
    const std::size_t sender = rng.below(16), receiver = (sender + 1 + rng.below(15)) % 16;
    const std::uint64_t room = std::min(balances[sender], 0xffffffff - balances[receiver]);
    const std::uint64_t amount = step % 7 == 0 ? room : rng.below(room + 1);
    balances[sender] -= amount;
    balances[receiver] += amount;
    encoder.add_delta(running, sender, receiver, amount);
    ASSERT_EQ(running, encoder.embed(balances)) << step;
  }
}

TEST(QuantizedEncoder, ChecksBothSidesOfEachBound) {
  const EncoderShape shape{.accounts = 4, .dims = 3};
  const QuantizedEncoder encoder = random_encoder(shape, 6);
  EXPECT_NO_THROW(encoder.embed(std::vector<std::uint64_t>{0xffffffff, 0, 0, 0}));
  EXPECT_THROW(encoder.embed(std::vector<std::uint64_t>{0x100000000, 0, 0, 0}), Error);
  EXPECT_THROW(encoder.embed(std::vector<std::uint64_t>{0, 0, 0}), Error);
  EXPECT_NO_THROW(encoder.delta(0, 3, 0xffffffff));
  EXPECT_THROW(encoder.delta(0, 3, 0x100000000), Error);
  EXPECT_THROW(encoder.delta(0, 4, 1), Error);
  EXPECT_THROW(encoder.delta(2, 2, 1), Error);

  EXPECT_NO_THROW(QuantizedEncoder({.accounts = 1, .dims = 1}, {1}, {-16384}));
  EXPECT_THROW(QuantizedEncoder({.accounts = 1, .dims = 1}, {1}, {-16385}), Error);
  EXPECT_THROW(QuantizedEncoder({.accounts = 2, .dims = 1}, {1, 1}, {0, 0}), Error);
  EXPECT_NO_THROW(check(EncoderShape{.accounts = 128}));
  EXPECT_THROW(check(EncoderShape{.accounts = 129}), Error);
  EXPECT_NO_THROW(check(EncoderShape{.accounts = 256, .balance_bits = 31}));
}

TEST(QuantizedEncoder, DecodesWhatItEmbeds) {
  const EncoderShape shape{.accounts = 24, .dims = 64};
  const QuantizedEncoder encoder = random_encoder(shape, 7);
  SeededRng rng(8);
  const auto balances = random_balances(shape, rng);
  auto e = encoder.embed(balances);
  EXPECT_EQ(encoder.decode(e), balances);
  e[5] += 1;  // no state embeds to this
  EXPECT_EQ(encoder.decode(e), std::nullopt);
}

TEST(QuantizedEncoder, DecodesNothingWhenTwoSlotsShareTheirDirection) {
  const QuantizedEncoder encoder({.accounts = 2, .dims = 3}, {1, 2}, {5, 6, 7, 5, 6, 7});
  EXPECT_EQ(encoder.decode(encoder.embed(std::vector<std::uint64_t>{3, 4})), std::nullopt);
}

TEST(QuantizedEncoder, DigestDependsOnEveryPart) {
  const QuantizedEncoder encoder({.accounts = 2, .dims = 2}, {1, 2}, {5, 6, 7, 8});
  EXPECT_EQ(encoder.digest(), QuantizedEncoder({.accounts = 2, .dims = 2}, {1, 2}, {5, 6, 7, 8}).digest());
  EXPECT_NE(encoder.digest(), QuantizedEncoder({.accounts = 2, .dims = 2}, {1, 3}, {5, 6, 7, 8}).digest());
  EXPECT_NE(encoder.digest(), QuantizedEncoder({.accounts = 2, .dims = 2}, {1, 2}, {5, 6, 7, 9}).digest());
  EXPECT_NE(encoder.digest(),
            QuantizedEncoder({.accounts = 2, .dims = 2, .balance_bits = 31}, {1, 2}, {5, 6, 7, 8}).digest());
}

TEST(QuantizedEncoder, FindsSlotsById) {
  const QuantizedEncoder encoder({.accounts = 2, .dims = 1}, {9, 4}, {1, 2});
  EXPECT_EQ(encoder.slot_of(4), 1u);
  EXPECT_EQ(encoder.slot_of(5), std::nullopt);
}

}  // namespace
}  // namespace ll::model
