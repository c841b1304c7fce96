#include "training/trainer.hpp"

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "base/files.hpp"
#include "training/checkpoint.hpp"

namespace ll::training {
namespace {

/// Small enough for seconds: 32 accounts in 64 dimensions of 128.
TrainOptions small(std::int64_t steps) {
  TrainOptions options;
  options.network = {.layers = 6, .heads = 4, .hidden = 64, .feed_forward = 16, .dims = 128};
  options.accounts = 32;
  options.steps = steps;
  options.learning_rate = 5e-4;
  return options;
}

std::filesystem::path fresh_folder(const char* name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove_all(folder);
  return folder;
}

/// Asks to stop once `count` steps are done.
struct StopAfter : Progress {
  explicit StopAfter(std::uint64_t steps) : count(steps) {}
  void update(std::uint64_t steps, std::string_view) override { done = steps; }
  bool stop_requested() const override { return done >= count; }
  std::uint64_t count, done = 0;
};

TEST(Trainer, LossFallsInTwentySteps) {
  TrainOptions options = small(20);
  options.network.start_a = 1.5;
  options.network.start_g = 0.3;
  Progress progress;
  const TrainResult result = train(options, {}, progress);
  EXPECT_LT(result.loss_last, 0.9 * result.loss_first);
}

TEST(Trainer, ReachesOrthogonalDirectionsOnSetsNeverSeen) {
  Progress progress;
  const TrainResult result = train(small(400), {}, progress);
  EXPECT_GT(result.loss_first, 0.35);  // random features: 31/64
  EXPECT_LT(result.loss_last, 5e-3);
  for (const DirectionQuality& set : result.heldout) {
    EXPECT_LT(set.condition, 1.2) << set.name;
    EXPECT_LT(set.max_cosine, result.gaussian.max_cosine / 4) << set.name;
  }
  EXPECT_GT(result.gaussian.condition, 2);
  EXPECT_EQ(result.states_recovered, result.states_sampled);
  EXPECT_GT(result.states_sampled, 0u);
  for (const TrainMetrics& row : result.metrics) {  // affine: nothing but float32 rounding; the last row has no batch
    EXPECT_TRUE(row.step == 400 || row.homomorphism < 1e-10) << row.step << ": " << row.homomorphism;
  }
}

TEST(Trainer, TwoRunsGiveTheSameBytesAndAResumedOneToo) {
  const auto first = fresh_folder("ll_train_a"), second = fresh_folder("ll_train_b"),
             third = fresh_folder("ll_train_c");
  Progress progress;
  TrainOptions options = small(30);
  train(options, first, progress);
  train(options, second, progress);
  EXPECT_EQ(read_file(first / "encoder.safetensors"), read_file(second / "encoder.safetensors"));

  StopAfter stop(12);
  try {
    train(options, third, stop);
    FAIL() << "did not stop";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
  options.resume = true;
  const TrainResult resumed = train(options, third, progress);
  EXPECT_EQ(resumed.steps, 30);
  EXPECT_EQ(read_file(first / "encoder.safetensors"), read_file(third / "encoder.safetensors"));

  options.seed = 2;  // another run's checkpoint is not to be resumed
  EXPECT_THROW(train(options, third, progress), Error);
  for (const auto& folder : {first, second, third}) std::filesystem::remove_all(folder);
}

TEST(Trainer, RefusesOptionsThatCannotWork) {
  Progress progress;
  TrainOptions options = small(1);
  options.accounts = 65;  // more directions than the hidden width has
  EXPECT_THROW(train(options, {}, progress), Error);
  options = small(1);
  options.network.heads = 3;
  EXPECT_THROW(train(options, {}, progress), Error);
}

TEST(Checkpoint, LoadsBackBitEqual) {
  const auto folder = fresh_folder("ll_checkpoint");
  const NetworkConfig config{.hidden = 32, .feed_forward = 8, .dims = 48, .start_g = 0.25};
  const Encoder encoder = Encoder::untrained(config, 3);
  encoder.save(folder / "encoder.safetensors");
  const Encoder loaded = Encoder::load(folder / "encoder.safetensors");
  EXPECT_EQ(loaded.config(), config);
  const std::vector<std::uint32_t> ids = {3, 1, 4, 15, 92, 65};
  EXPECT_EQ(loaded.directions(ids), encoder.directions(ids));
  EXPECT_EQ(loaded.quantized(ids), encoder.quantized(ids));
  loaded.save(folder / "again.safetensors");
  EXPECT_EQ(read_file(folder / "again.safetensors"), read_file(folder / "encoder.safetensors"));
  std::filesystem::remove_all(folder);
}

TEST(Checkpoint, ChangedBytesAreRefusedOrReadButNeverThrow) {
  const auto encoder = Encoder::untrained({.layers = 1, .heads = 2, .hidden = 4, .feed_forward = 2, .dims = 4}, 3);
  const Bytes bytes = encode_checkpoint({.network = encoder.network()});
  SeededRng rng(5);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes changed = bytes;
    changed[round % 2 == 0 ? rng.below(2000) : rng.below(changed.size())] = std::uint8_t(rng.below(256));
    if (round % 7 == 0) changed.resize(rng.below(changed.size()));
    EXPECT_NO_THROW({ refused += decode_checkpoint(changed).ok() ? 0 : 1; });
  }
  EXPECT_GT(refused, 1000);
  for (std::size_t length = 0; length < bytes.size(); length += 13)
    EXPECT_FALSE(decode_checkpoint(ByteSpan(bytes).first(length)).ok());
}

TEST(Checkpoint, NamesWhatIsWrong) {
  const auto encoder = Encoder::untrained({.layers = 1, .heads = 2, .hidden = 4, .feed_forward = 2, .dims = 4}, 3);
  const auto good = model::decode_safetensors(encode_checkpoint({.network = encoder.network()})).value();
  const auto message = [](const model::Safetensors& file) {
    const auto decoded = decode_checkpoint(model::encode_safetensors(file));
    return decoded.ok() ? "accepted" : decoded.error().message();
  };
  ASSERT_EQ(message(good), "accepted");
  auto file = good;
  file.tensors.erase("weight.layer0.p");
  EXPECT_THAT(message(file), ::testing::HasSubstr("\"weight.layer0.p\" is missing"));
  file = good;
  file.tensors["weight.extra"] = good.tensors.at("weight.output");
  EXPECT_THAT(message(file), ::testing::HasSubstr("tensors"));
  file = good;
  file.tensors["weight.output"].data[3] = 0x7f;  // exponent all ones
  file.tensors["weight.output"].data[2] = 0xc0;
  EXPECT_THAT(message(file), ::testing::HasSubstr("not finite"));
  file = good;
  file.metadata["schema_version"] = std::string("9");
  EXPECT_THAT(message(file), ::testing::HasSubstr("\"9\", this program reads 1"));
  file = good;
  file.metadata["config"] = std::string("{\"layers\":1}");
  EXPECT_THAT(message(file), ::testing::HasSubstr("config"));
}

}  // namespace
}  // namespace ll::training
