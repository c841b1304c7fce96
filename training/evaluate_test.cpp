#include "training/evaluate.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "training/evaluation_files.hpp"
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
    EXPECT_EQ(pass.drift_curve.size(), pass.drift_at.size());
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

struct ExactCase {
  std::vector<u128> start;
  std::vector<ExactTransfer> transfers;
};

/// Amounts and balances of all sizes up to 2^120.
ExactCase exact_case(std::size_t accounts, std::size_t count) {
  SeededRng rng(11);
  ExactCase c;
  for (std::size_t i = 0; i < accounts; ++i)
    c.start.push_back((u128{rng.next_u64()} << 64 | rng.next_u64()) >> (8 + rng.below(100)));
  auto balances = c.start;
  while (c.transfers.size() < count) {
    const auto sender = std::uint32_t(rng.below(accounts));
    const auto receiver = std::uint32_t((sender + 1 + rng.below(accounts - 1)) % accounts);
    if (balances[sender] == 0) continue;
    const u128 amount = 1 + (u128{rng.next_u64()} << 64 | rng.next_u64()) % balances[sender];
    balances[sender] -= amount, balances[receiver] += amount;
    c.transfers.push_back({sender, receiver, amount});
  }
  return c;
}

TEST(Evaluate, ExactWeiIsExactlyZeroInEveryLimb) {
  const Case c = random_case(16, 24, 1);
  const ExactCase exact = exact_case(16, 1500);
  Progress progress;
  const PassReport report = evaluate_exact(c.encoder, exact.start, exact.transfers, progress);
  EXPECT_EQ(report.errors.max_abs, 0);
  EXPECT_EQ(report.errors.zeros, 1500u);
  EXPECT_EQ(report.drift, 0);
  EXPECT_EQ(report.drift_curve.size(), report.drift_at.size());
  ExactCase bad = exact_case(16, 20);
  bad.transfers[13].amount = kU128Max;
  try {
    evaluate_exact(c.encoder, bad.start, bad.transfers, progress);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsatisfied);
    EXPECT_THAT(error.message(), ::testing::StartsWith("transfer 13:"));
  }
}

/// An encoder by functions: the affine one, with `bend` of b^2 put on top, which no delta of its form can know.
StateEncoder bent(const Case& c, double bend) {
  const std::size_t n = c.encoder.shape().accounts, d = c.encoder.shape().dims;
  return {.name = "baseline",
          .accounts = n,
          .dims = d,
          .balance_bits = 32,
          .embed =
              [&c, n, d, bend](std::span<const double> balances) {
                std::vector<double> e(balances.size() / n * d);
                for (std::size_t s = 0; s < balances.size() / n; ++s)
                  for (std::size_t i = 0; i < n; ++i)
                    for (std::size_t k = 0; k < d; ++k)
                      e[s * d + k] +=
                          (balances[s * n + i] + bend * balances[s * n + i] * balances[s * n + i]) * c.v[i * d + k];
                return e;
              },
          .deltas =
              [&c, d](std::span<const SlotTransfer> transfers) {
                std::vector<double> deltas(transfers.size() * d);
                for (std::size_t t = 0; t < transfers.size(); ++t)
                  for (std::size_t k = 0; k < d; ++k)
                    deltas[t * d + k] =
                        double(transfers[t].amount) * 0x1p-32 *
                        (c.v[transfers[t].receiver_slot * d + k] - c.v[transfers[t].sender_slot * d + k]);
                return deltas;
              }};
}

TEST(Evaluate, AnEncoderThatIsNotAffineShowsIt) {
  const Case c = random_case(8, 16, 700);
  Progress progress;
  const PassReport straight = evaluate_states(bent(c, 0), c.start, c.transfers, progress);
  const PassReport bowed = evaluate_states(bent(c, 0.1), c.start, c.transfers, progress);
  EXPECT_LT(straight.errors.max_abs, 1e-14);
  EXPECT_GT(straight.errors.max_abs, 0);
  EXPECT_GT(bowed.errors.max_abs, 1e-3);
  EXPECT_GT(bowed.drift, 1e-3);
  StateEncoder broken = bent(c, 0);
  broken.deltas = [](std::span<const SlotTransfer>) { return std::vector<double>(3); };
  EXPECT_THROW(evaluate_states(broken, c.start, c.transfers, progress), Error);
}

TEST(Evaluate, FilesHoldTheReport) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "latentledger evaluate 'test'";
  const Case c = random_case(8, 16, 400);
  EvaluationReport report = run(c);
  const ExactCase exact = exact_case(8, 30);
  Progress progress;
  report.exact = evaluate_exact(c.encoder, exact.start, exact.transfers, progress);
  const RecoveryReport recovery = measure_recovery(
      std::vector{RecoveryCase{"uniform", c.encoder, uniform_states(c.encoder.shape(), 20, 1)}}, 1, progress);
  const std::string note = write_evaluation(
      folder, report,
      {.ids = c.encoder.account_ids(), .transfers = c.transfers, .exact = exact.transfers, .recovery = &recovery});
  const auto json = nlohmann::json::parse(read_text(folder / "evaluation.json"));
  EXPECT_EQ(json["transfers"], 400);
  EXPECT_EQ(json["passes"]["quantised"]["max_abs"], 0.0);
  EXPECT_EQ(json["passes"]["exact"]["transfers"], 30);
  EXPECT_EQ(json["passes"]["float32"]["p99"].get<double>(), report.passes[0].errors.p99);
  EXPECT_EQ(json["drift"]["float64"].get<double>(), report.passes[1].drift);
  EXPECT_EQ(json["recovery"]["exact_solve"]["recovered"], 20);
  EXPECT_THAT(read_text(folder / "errors.csv"), ::testing::HasSubstr("quantised,0.5,0\n"));

  const std::string rows = read_text(folder / "transfers.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 401);
  EXPECT_THAT(rows, ::testing::StartsWith("index,sender,receiver,amount,float32,float64,quantised\n"));
  const SlotTransfer& last = c.transfers[399];
  EXPECT_THAT(
      rows, ::testing::EndsWith(fmt::format("399,{},{},{},{},{},0\n", last.sender_slot, last.receiver_slot, last.amount,
                                            report.passes[0].by_transfer[399], report.passes[1].by_transfer[399])));
  const std::string wei = read_text(folder / "transfers_exact.csv");
  EXPECT_EQ(std::count(wei.begin(), wei.end(), '\n'), 31);
  EXPECT_THAT(wei, ::testing::HasSubstr(fmt::format(",{},0\n", ll::to_string(exact.transfers[29].amount))));

  const std::string page = read_text(folder / "evaluation.html");
  EXPECT_THAT(page, ::testing::HasSubstr("<td>quantised</td><td>400</td><td>0</td>"));
  if (note.empty()) {
    EXPECT_THAT(read_text(folder / "errors.svg"), ::testing::HasSubstr("</svg>"));
    EXPECT_THAT(read_text(folder / "drift.svg"), ::testing::HasSubstr("exactly 0 throughout: quantised, exact"));
    EXPECT_THAT(page, ::testing::HasSubstr("</svg>"));
  } else {
    EXPECT_THAT(note, ::testing::HasSubstr("gnuplot is not installed"));
  }
  report.exact.reset();
  write_evaluation(folder, report, {.ids = c.encoder.account_ids(), .transfers = c.transfers});
  EXPECT_FALSE(std::filesystem::exists(folder / "transfers_exact.csv"));
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
