#include "training/evaluate.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "training/plot.hpp"

namespace ll::training {
namespace {

struct Case {
  model::QuantizedEncoder encoder;
  std::vector<double> v;
  std::vector<std::uint64_t> start;
  std::vector<SlotTransfer> transfers;
};

Case random_case(std::size_t accounts, std::size_t dims, std::size_t count) {
  SeededRng rng(9);
  std::vector<double> v(accounts * dims);
  for (auto& value : v) value = double(std::int64_t(rng.next_u64())) / 1e20;
  std::vector<std::uint32_t> ids(accounts);
  for (std::size_t i = 0; i < accounts; ++i) ids[i] = std::uint32_t(i);
  auto encoder = model::QuantizedEncoder::quantize({.accounts = accounts, .dims = dims}, ids, v);
  std::vector<std::uint64_t> start(accounts);
  for (auto& balance : start) balance = rng.below(1U << 30);
  std::vector<SlotTransfer> transfers;
  auto balances = start;
  while (transfers.size() < count) {
    const auto sender = std::uint32_t(rng.below(accounts));
    const auto receiver = std::uint32_t((sender + 1 + rng.below(accounts - 1)) % accounts);
    const std::uint64_t room = std::min(balances[sender], 0xffffffff - balances[receiver]);
    if (room == 0) continue;
    const std::uint64_t amount = 1 + rng.below(room);
    balances[sender] -= amount, balances[receiver] += amount;
    transfers.push_back({sender, receiver, amount});
  }
  return {std::move(encoder), std::move(v), std::move(start), std::move(transfers)};
}

EvaluationReport run(const Case& c) {
  Progress progress;
  return evaluate(c.encoder, c.v, c.start, c.transfers, progress);
}

TEST(Evaluate, QuantisedIsExactlyZeroAndFloatsAreNot) {
  const EvaluationReport report = run(random_case(32, 64, 3000));
  const auto &f32 = report.passes[0], &f64 = report.passes[1], &quantised = report.passes[2];
  EXPECT_EQ(quantised.errors.max_abs, 0);
  EXPECT_EQ(quantised.errors.zeros, 3000u);
  EXPECT_EQ(quantised.drift, 0);
  EXPECT_GT(f32.errors.max_abs, 1e-8);
  EXPECT_LT(f32.errors.max_abs, 1e-4);
  EXPECT_GT(f64.errors.max_abs, 1e-17);
  EXPECT_LT(f64.errors.max_abs, 1e-12);
  EXPECT_GT(f32.drift, f64.drift);
  for (const PassReport& pass : report.passes) {
    const ErrorDistribution& d = pass.errors;
    EXPECT_TRUE(d.p50 <= d.p90 && d.p90 <= d.p99 && d.p99 <= d.p999 && d.p999 <= d.max_abs) << pass.name;
    EXPECT_LE(d.mean_abs, d.max_abs);
    std::uint64_t counted = 0;
    for (const auto bin : pass.histogram) counted += bin;
    EXPECT_EQ(counted, 3000u);
    EXPECT_EQ(pass.drift_curve.size(), report.drift_at.size());
  }
}

TEST(Evaluate, ASingleTransferAgreesWithArithmeticByHand) {
  // V = 1 and 1/3: float32 and float64 must show the error of exactly these operations
  Case c{model::QuantizedEncoder::quantize({.accounts = 2, .dims = 1}, {1, 2}, std::vector<double>{1, 1.0 / 3}),
         {1, 1.0 / 3},
         {3000000001, 77},
         {{0, 1, 1234567}}};
  const EvaluationReport report = run(c);
  const float u = 0x1p-32F, third = static_cast<float>(1.0 / 3);
  const float before = 3000000001.0F * u + 77.0F * u * third;
  const float after = float(3000000001 - 1234567) * u + float(77 + 1234567) * u * third;
  const float predicted = before + 1234567.0F * u * (third - 1.0F);
  EXPECT_EQ(report.passes[0].errors.max_abs, std::abs(double(after) - double(predicted)));
  EXPECT_EQ(report.passes[2].errors.max_abs, 0);
}

TEST(Evaluate, DoesNotDependOnThreads) {
  const Case c = random_case(16, 32, 2500);
  set_thread_count(1);
  const EvaluationReport one = run(c);
  set_thread_count(4);
  const EvaluationReport four = run(c);
  set_thread_count(0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.passes[i].errors.mean_abs, four.passes[i].errors.mean_abs);
    EXPECT_EQ(one.passes[i].drift_curve, four.passes[i].drift_curve);
    EXPECT_EQ(one.passes[i].histogram, four.passes[i].histogram);
  }
}

TEST(Evaluate, NamesTheInvalidTransfer) {
  const Case good = random_case(8, 8, 50);
  const auto message_of = [&](std::size_t at, SlotTransfer transfer) -> std::string {
    Case c = good;
    c.transfers[at] = transfer;
    try {
      run(c);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied);
      return error.message();
    }
    return "accepted";
  };
  EXPECT_THAT(message_of(7, {1, 1, 5}), ::testing::StartsWith("transfer 7:"));
  EXPECT_THAT(message_of(0, {1, 2, 0}), ::testing::StartsWith("transfer 0:"));
  EXPECT_THAT(message_of(3, {1, 8, 5}), ::testing::StartsWith("transfer 3:"));
  EXPECT_THAT(message_of(0, {1, 2, good.start[1] + 1}), ::testing::StartsWith("transfer 0:"));
  EXPECT_NE(message_of(49, {1, 2, 0}), "accepted");
  EXPECT_NO_THROW(run(good));
}

TEST(Evaluate, StopsWhenAsked) {
  struct Stop : Progress {
    bool stop_requested() const override { return true; }
  } stop;
  const Case c = random_case(8, 8, 50);
  EXPECT_THROW(evaluate(c.encoder, c.v, c.start, c.transfers, stop), Error);
}

TEST(Evaluate, FilesHoldTheReport) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "latentledger evaluate 'test'";
  const EvaluationReport report = run(random_case(8, 16, 400));
  const std::string note = write_evaluation(folder, report);
  const auto json = nlohmann::json::parse(read_text(folder / "evaluation.json"));
  EXPECT_EQ(json["transfers"], 400);
  EXPECT_EQ(json["passes"]["quantised"]["max_abs"], 0.0);
  EXPECT_EQ(json["passes"]["float32"]["p99"].get<double>(), report.passes[0].errors.p99);
  EXPECT_EQ(json["drift"]["float64"].get<double>(), report.passes[1].drift);
  EXPECT_THAT(read_text(folder / "errors.csv"), ::testing::HasSubstr("quantised,0.5,0\n"));
  if (note.empty()) {
    EXPECT_THAT(read_text(folder / "errors.svg"), ::testing::HasSubstr("</svg>"));
  } else {
    EXPECT_THAT(note, ::testing::HasSubstr("gnuplot is not installed"));
  }
  std::filesystem::remove_all(folder);
}

TEST(Plot, ABrokenScriptOrAMissingGnuplotIsToldAndLeavesNothing) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "latentledger_plot_test";
  EXPECT_THAT(draw_svg(folder / "x.svg", "plot nonsense(\n"), ::testing::StartsWith("x.svg not drawn"));
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const std::string note = draw_svg(folder / "x.svg", "plot 1\n");
  setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(note, ::testing::HasSubstr("gnuplot is not installed"));
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ll::training
