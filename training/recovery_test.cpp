#include "training/recovery.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::training {
namespace {

const model::EncoderShape kShape{.accounts = 12, .dims = 64};

/// Rows that are orthonormal but for `tilt`: row i is the i-th unit vector, a little of the next, and a little of one
/// that all rows share.
model::QuantizedEncoder near_orthonormal(double tilt) {
  std::vector<double> v(kShape.accounts * kShape.dims);
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < kShape.accounts; ++i) {
    v[i * kShape.dims + i] = 1;
    v[i * kShape.dims + i + 1] = tilt;
    v[i * kShape.dims + 40] = tilt;
    ids.push_back(std::uint32_t(i));
  }
  return model::QuantizedEncoder::quantize(kShape, ids, v);
}

RecoveryCase states(model::QuantizedEncoder encoder, std::size_t count) {
  return {"test", std::move(encoder), uniform_states(kShape, count, 3)};
}

TEST(Recovery, NearOrthonormalRowsNeedAFewSteps) {
  Progress progress;
  auto few = states(near_orthonormal(0.001), 300);
  std::fill_n(few.balances.begin(), kShape.accounts, 0);                             // nothing anywhere
  std::fill_n(few.balances.begin() + kShape.accounts, kShape.accounts, 0xffffffff);  // the most everywhere
  const RecoveryCount count = recover(few, plain_step(few.encoder), progress);
  EXPECT_EQ(count.states, 300u);
  EXPECT_EQ(count.recovered, 300u);
  EXPECT_LE(count.max_steps, 6u);
  EXPECT_GT(count.mean_steps, 1);
  const auto more = states(near_orthonormal(0.1), 300);
  const RecoveryCount slower = recover(more, plain_step(more.encoder), progress);
  EXPECT_EQ(slower.recovered, 300u);
  EXPECT_GT(slower.mean_steps, count.mean_steps);
  EXPECT_EQ(recover(few, plain_step(few.encoder), progress, 1).recovered, 1u);  // one step suffices for zeros alone
}

TEST(Recovery, RandomDirectionsNeedTheBestStepAndMore) {
  Progress progress;
  const model::EncoderShape shape{.accounts = 30, .dims = 64};
  const RecoveryCase gaussian{"gaussian", gaussian_encoder(shape, 5), uniform_states(shape, 50, 3)};
  EXPECT_EQ(recover(gaussian, plain_step(gaussian.encoder), progress).recovered, 0u);  // diverges: 1 - c G is below -1
  const RecoveryCount best = recover(gaussian, best_step(gaussian.encoder), progress, 2000);
  EXPECT_EQ(best.recovered, 50u);
  EXPECT_GT(best.mean_steps, 30);
  EXPECT_EQ(solve(gaussian, progress).recovered, 50u);
}

TEST(Recovery, WithoutFullRankNothingWrongIsAccepted) {
  std::vector<std::int16_t> vhat(3 * 8, 0);
  vhat[0] = vhat[8] = 1000;  // two accounts with one direction
  vhat[17] = 1000;
  Progress progress;
  const RecoveryCase twins{
      "twins", model::QuantizedEncoder({.accounts = 3, .dims = 8}, {1, 2, 3}, vhat), {5, 0, 1, 2, 2, 2, 7, 9, 1}};
  // Steps lead to the middle of the solutions: 2, 2 is one, 7, 9 becomes 8, 8, and 5, 0 would have to be halves.
  EXPECT_EQ(recover(twins, plain_step(twins.encoder) / 2, progress).recovered, 1u);
  EXPECT_EQ(solve(twins, progress).recovered, 0u);
}

TEST(Recovery, TheReportHasEveryPartAndDoesNotDependOnThreads) {
  Progress progress;
  const std::vector<RecoveryCase> cases = {states(near_orthonormal(0.01), 200), states(near_orthonormal(0.02), 100)};
  set_thread_count(1);
  const RecoveryReport one = measure_recovery(cases, 1, progress);
  set_thread_count(3);
  const RecoveryReport three = measure_recovery(cases, 1, progress);
  set_thread_count(0);
  EXPECT_EQ(one.total.states, 300u);
  EXPECT_EQ(one.total.recovered, 300u);
  EXPECT_EQ(one.exact_solve.recovered, 200u);  // of the first case
  EXPECT_EQ(one.total.mean_steps, three.total.mean_steps);
  ASSERT_GE(one.noise.size(), 3u);
  EXPECT_EQ(one.noise.front().uniform, 200u);  // 16 of 16384: far below half a unit of balance
  EXPECT_EQ(one.noise.front().gaussian, 200u);
  EXPECT_LT(one.noise.back().gaussian, 200u);
  EXPECT_GT(one.noise_first_failure, 10);
  EXPECT_LT(one.noise_first_failure, 15);
  for (std::size_t i = 0; i < one.noise.size(); ++i) EXPECT_EQ(one.noise[i].uniform, three.noise[i].uniform);
}

TEST(Recovery, RefusesBalancesThatDoNotFit) {
  Progress progress;
  auto bad = states(near_orthonormal(0), 2);
  bad.balances.pop_back();
  EXPECT_THROW(recover(bad, 1, progress), Error);
  bad.balances.push_back(std::uint64_t{1} << 32);
  EXPECT_THROW(recover(bad, 1, progress), Error);
  EXPECT_THROW(measure_recovery({}, 1, progress), Error);
}

}  // namespace
}  // namespace ll::training
