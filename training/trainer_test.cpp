#include "training/trainer.hpp"

#include <sstream>
#include <thread>

#include <unistd.h>

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
  options.batch = options.micro_batch = 1;
  options.learning_rate = 5e-4;
  options.gain_rate = 100;
  options.threads = 1;
  return options;
}

/// Less still, for tests of the machinery: a step takes a millisecond or two.
TrainOptions tiny(std::int64_t steps) {
  TrainOptions options;
  options.network = {.layers = 2, .heads = 2, .hidden = 16, .feed_forward = 8, .dims = 24};
  options.accounts = 12;
  options.steps = steps;
  options.batch = 8;
  options.micro_batch = 2;
  options.states = 3;
  options.validate_every = 5;
  options.threads = 1;
  return options;
}

Bytes weights_of(const TrainOptions& options, const char* name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::remove_all(folder);
  Progress progress;
  train(options, folder, progress);
  const Bytes bytes = read_file(folder / "encoder.safetensors");
  std::filesystem::remove_all(folder);
  return bytes;
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

TEST(Recipes, AreThePlansAndShorterOnes) {
  const TrainOptions plan = TrainOptions::standard();
  EXPECT_EQ(plan.batch, 64);
  EXPECT_EQ(plan.learning_rate, 3e-4);
  EXPECT_LT(TrainOptions::quick().batch * TrainOptions::quick().steps, plan.batch * plan.steps / 4);
  EXPECT_LT(TrainOptions::brief().batch * TrainOptions::brief().steps, TrainOptions::quick().steps * 2);
}

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

TEST(Trainer, ThreadsDoNotChangeABit) {
  TrainOptions options = tiny(12);
  const Bytes alone = weights_of(options, "ll_train_t1");
  for (const std::size_t threads : {2, 3, 8}) {
    options.threads = threads;
    EXPECT_EQ(weights_of(options, "ll_train_t"), alone) << threads;
  }
  options.micro_batch = 4;  // other sums
  EXPECT_NE(weights_of(options, "ll_train_t"), alone);
}

TEST(Trainer, TwoWorkersAreOneWithTheDoubledBatch) {
  for (const std::int64_t batch : {4, 6}) {  // 2 or 3 micro-batches each: one partial sum to exchange, or two
    TrainOptions options = tiny(7);
    options.batch = 2 * batch;
    const Bytes alone = weights_of(options, "ll_train_alone");
    options.batch = batch;
    options.worker.count = 2;
    options.worker.port = 20000 + int(::getpid() % 20000) + int(batch);
    options.worker.timeout_seconds = 30;
    Bytes first;
    std::thread rank0([&] { first = weights_of(options, "ll_train_rank0"); });
    TrainOptions other = options;
    other.worker.rank = 1;
    Progress progress;
    train(other, {}, progress);
    rank0.join();
    EXPECT_EQ(first, alone) << batch;
  }
}

TEST(Trainer, AWorkerWithoutPeersSaysSo) {
  TrainOptions options = tiny(1);
  options.worker = {.rank = 1, .count = 2, .port = 1, .timeout_seconds = 0.5};
  Progress progress;
  try {
    train(options, {}, progress);
    FAIL() << "went on alone";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_THAT(error.message(), ::testing::HasSubstr("worker 1 of 2"));
  }
}

/// metrics.csv without its last column, the time.
std::vector<std::string> rows_without_time(const std::filesystem::path& folder) {
  std::vector<std::string> rows;
  std::istringstream lines(read_text(folder / "metrics.csv"));
  for (std::string line; std::getline(lines, line);) rows.push_back(line.substr(0, line.rfind(',')));
  return rows;
}

TEST(Trainer, GoesOnFromAnyCheckpointWhateverElseWasWritten) {
  const auto straight = fresh_folder("ll_train_straight"), folder = fresh_folder("ll_train_killed");
  Progress progress;
  TrainOptions options = tiny(24);
  options.batch = 4;
  options.checkpoint_every = 3;
  options.patience = 6;
  train(options, straight, progress);
  SeededRng rng(11);
  for (int round = 0; round < 4; ++round) {
    const std::uint64_t first = round == 0 ? 5 : 1 + rng.below(12),  // 5: a step that is validated
        second = first + 1 + rng.below(10);
    std::filesystem::remove_all(folder);
    options.resume = false;
    StopAfter stop(first);
    EXPECT_THROW(train(options, folder, stop), Error);
    const Bytes checkpoint = read_file(folder / "encoder.safetensors");
    options.resume = true;
    StopAfter again(second);
    EXPECT_THROW(train(options, folder, again), Error);
    // As if killed between the metrics and the checkpoint: a newer metrics.csv, with a cut last line.
    write_file(folder / "encoder.safetensors", checkpoint);
    if (round % 2 == 0) {
      const std::string csv = read_text(folder / "metrics.csv");
      write_text(folder / "metrics.csv", csv.substr(0, csv.size() - 5));
    }
    train(options, folder, progress);
    EXPECT_EQ(read_file(folder / "encoder.safetensors"), read_file(straight / "encoder.safetensors")) << first;
    EXPECT_EQ(rows_without_time(folder), rows_without_time(straight)) << first << ", " << second;
  }
  train(options, folder, progress);  // of a run that is over: nothing to do
  EXPECT_EQ(read_file(folder / "encoder.safetensors"), read_file(straight / "encoder.safetensors"));
  EXPECT_EQ(rows_without_time(folder), rows_without_time(straight));
  for (const auto& path : {straight, folder}) std::filesystem::remove_all(path);
}

TEST(Trainer, EndsEarlyAtItsTargetOrWithoutProgress) {
  Progress progress;
  TrainOptions options = small(300);
  options.validate_every = 10;
  options.target_condition = 3;
  const TrainResult reached = train(options, {}, progress);
  EXPECT_LT(reached.steps, 300);
  EXPECT_EQ(reached.steps % 10, 0);
  for (const DirectionQuality& set : reached.heldout) EXPECT_LT(set.condition, 3.01) << set.name;

  options = tiny(100);
  options.learning_rate = 1e-12;  // float32 weights that do not move: nothing gets better
  options.gain_rate = 0;
  options.patience = 3;
  EXPECT_EQ(train(options, {}, progress).steps, 15);
}

TEST(Trainer, ValidatesOnSetsThatAreGivenAsWell) {
  Progress progress;
  TrainOptions options = tiny(2);
  options.heldout = {{"mine", {7, 70, 700, 7000}}};
  const TrainResult result = train(options, {}, progress);
  ASSERT_EQ(result.heldout.size(), 5u);
  EXPECT_EQ(result.heldout.back().name, "mine");
}

TEST(Trainer, MeasuresOtherSizesAndWhatItStartedFrom) {
  Progress progress;
  TrainOptions options = tiny(2);
  options.sizes = {4, 16};
  const TrainResult result = train(options, {}, progress);
  ASSERT_EQ(result.sizes.size(), 2u);
  EXPECT_LT(result.sizes[0].condition, result.sizes[1].condition);
  EXPECT_NEAR(result.loewdin.condition, 1, 1e-9);
  EXPECT_GT(result.untrained.condition, 2);
  ASSERT_EQ(result.gains.size(), 2u);
  EXPECT_EQ(result.gains[0].size(), 3u);  // a, and two heads
}

TEST(Trainer, OtherArchitecturesTrainWithTheSameLoop) {
  Progress progress;
  for (const Architecture architecture : {Architecture::softmax, Architecture::baseline}) {
    TrainOptions options = tiny(20);
    options.network.architecture = architecture;
    options.learning_rate = 2e-3;
    const TrainResult result = train(options, {}, progress);
    if (architecture == Architecture::baseline) {
      EXPECT_LT(result.loss_last, result.loss_first);
    }
    EXPECT_NE(result.loss_last, result.loss_first);  // softmax attention does not learn this task (docs/training.md)
    EXPECT_EQ(result.heldout.empty(), architecture == Architecture::baseline);
  }
}

TEST(Trainer, RefusesOptionsThatCannotWork) {
  Progress progress;
  TrainOptions options = small(1);
  options.accounts = 65;  // more directions than the hidden width has
  EXPECT_THROW(train(options, {}, progress), Error);
  options = small(1);
  options.network.heads = 3;
  EXPECT_THROW(train(options, {}, progress), Error);
  options = small(1);
  options.batch = 6;
  options.micro_batch = 4;
  EXPECT_THROW(train(options, {}, progress), Error);
  options = small(1);
  options.device = "abacus";
  EXPECT_THROW(train(options, {}, progress), Error);
}

TEST(Checkpoint, KeepsTheArchitecture) {
  for (const Architecture architecture : {Architecture::softmax, Architecture::baseline}) {
    const NetworkConfig config{
        .layers = 1, .heads = 2, .hidden = 8, .feed_forward = 4, .dims = 8, .architecture = architecture};
    const auto encoder = Encoder::untrained(config, 3);
    const Bytes bytes = encode_checkpoint({.network = encoder.network()});
    const auto decoded = decode_checkpoint(bytes).value_or_throw();
    EXPECT_EQ(decoded.network->config(), config);
    EXPECT_EQ(encode_checkpoint(decoded), bytes);
  }
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
  EXPECT_THAT(message(file), ::testing::HasSubstr("\"9\", this program reads 2"));
  file = good;
  file.metadata["config"] = std::string("{\"layers\":1}");
  EXPECT_THAT(message(file), ::testing::HasSubstr("config"));
}

}  // namespace
}  // namespace ll::training
