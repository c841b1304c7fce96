#include "ledger/simulate.hpp"

#include <algorithm>
#include <iterator>

#include "base/files.hpp"
#include "ledger/vector_file.hpp"

namespace ll::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kStopEvery = 1000;  // transfers between looks at Ctrl-C

/// Text that grows in a file under a temporary name until it is committed.
class TextFile {
 public:
  explicit TextFile(const fs::path& path) : pending_(path), file_(pending_.path(), FileWriter::Mode::create) {}

  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void end_row() {
    text_ += '\n';
    if (text_.size() >= (1u << 20)) flush();
  }
  void commit() {
    flush();
    file_.finish();
    pending_.commit();
  }

 private:
  void flush() {
    file_.write(ByteSpan(reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size()));
    text_.clear();
  }
  PendingFile pending_;
  FileWriter file_;
  std::string text_;
};

/// A transfer of the replay with its place in the data set.
struct Step {
  std::size_t position;  ///< in Dataset::transfers
  SlotTransfer move;
};

std::vector<Step> steps_of(const Dataset& data, bool exact) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < data.transfers.size(); ++i) {
    const DatasetTransfer& t = data.transfers[i];
    const u128 amount = exact ? t.amount_wei : t.amount_units;
    if (amount > 0) steps.push_back({i, {t.sender, t.receiver, amount}});
  }
  return steps;
}

void check(const SimulationOptions& options) {
  LL_CHECK(options.every >= 1, "simulate: a snapshot every {} transfers, expected at least 1", options.every);
  const bool vectors = options.embedding != EmbeddingOutput::none || !options.delta_vectors.empty();
  LL_CHECK(!vectors || options.embedder.has_value(), "simulate: embeddings need an encoder");
  LL_CHECK(options.embedding != EmbeddingOutput::binary || !options.vectors.empty(),
           "simulate: binary embeddings need a file");
}

/// The replay and the files it writes.
class Simulator {
 public:
  Simulator(const Dataset& data, const SimulationOptions& options)
      : data_(data),
        options_(options),
        steps_(steps_of(data, options.exact)),
        state_(options.exact ? data.genesis_wei() : data.state_before(0)),
        snapshots_(options.snapshots) {
    const std::uint64_t n = steps_.size(), rows = 1 + (n + options.every - 1) / options.every;
    using Kind = VectorFileHead::Kind;
    if (options.embedding == EmbeddingOutput::binary) vectors_.emplace(options.vectors, head(Kind::states, rows));
    if (!options.delta_vectors.empty()) delta_vectors_.emplace(options.delta_vectors, head(Kind::deltas, n));
    if (!options.deltas.empty()) deltas_.emplace(options.deltas);
  }

  Simulation run(Progress* progress) {
    if (progress != nullptr) progress->begin("simulate", steps_.size());
    write_headers();
    snapshot("");
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const std::string block = std::to_string(data_.transfers[steps_[i].position].block);
      apply(steps_[i], block);
      if (result_.transfers % options_.every == 0 || i + 1 == steps_.size()) snapshot(block);
      if (progress == nullptr || (i + 1) % kStopEvery != 0) continue;
      progress->update(i + 1);
      if (progress->stop_requested()) fail(ErrorCode::interrupted, "simulate: stopped behind transfer {}", i);
    }
    if (vectors_) vectors_->commit();
    if (delta_vectors_) delta_vectors_->commit();
    if (deltas_) deltas_->commit();
    snapshots_.commit();
    if (progress != nullptr) progress->end();
    return result_;
  }

 private:
  VectorFileHead head(VectorFileHead::Kind kind, std::uint64_t rows) const {
    return {kind, options_.embedder->size, options_.embedder->scale_bits, rows, options_.embedder->digest};
  }

  void write_headers() {
    snapshots_.print("index,block,state_hash");
    for (std::size_t slot = 0; slot < state_.size(); ++slot) snapshots_.print(",balance_{}", slot);
    if (options_.embedding == EmbeddingOutput::columns) {
      for (std::uint32_t k = 0; k < options_.embedder->size; ++k) snapshots_.print(",embedding_{}", k);
    }
    snapshots_.end_row();
    if (!deltas_) return;
    deltas_->print("index,block,sender,receiver,amount,sender_before,sender_after,receiver_before,receiver_after,");
    deltas_->print("state_before,state_after");
    deltas_->end_row();
  }

  /// The fresh embedding, compared with what the deltas have added up to.
  std::vector<std::int64_t> embedding() {
    std::vector<u128> balances;
    for (const AccountBalance& entry : state_.entries()) balances.push_back(entry.balance);
    std::vector<std::int64_t> fresh = options_.embedder->state(balances);
    if (result_.snapshots == 0) running_ = fresh;
    std::uint64_t error = result_.homomorphism_error.value_or(0);
    for (std::size_t k = 0; k < fresh.size(); ++k) {
      const std::int64_t difference = fresh[k] - running_[k];  // both below 2^53
      error = std::max(error, static_cast<std::uint64_t>(difference < 0 ? -difference : difference));
    }
    result_.homomorphism_error = error;
    return fresh;
  }

  void snapshot(const std::string& block) {
    if (!deltas_ || result_.transfers == 0) result_.final_state_hash = to_hex(state_.hash());
    snapshots_.print("{},{},{}", result_.transfers, block, result_.final_state_hash);
    for (const AccountBalance& entry : state_.entries()) snapshots_.print(",{}", ll::to_string(entry.balance));
    if (options_.embedder) {
      const std::vector<std::int64_t> e = embedding();
      if (options_.embedding == EmbeddingOutput::columns) {
        for (const std::int64_t number : e) snapshots_.print(",{}", number);
      }
      if (vectors_) vectors_->append(result_.transfers, e);
    }
    snapshots_.end_row();
    ++result_.snapshots;
  }

  void apply(const Step& step, const std::string& block) {
    const SlotTransfer& t = step.move;
    const u128 sender = state_.balance_at(t.sender), receiver = state_.balance_at(t.receiver);
    if (const auto reason =
            state_.apply({data_.accounts.at(t.sender).id, data_.accounts.at(t.receiver).id, t.amount})) {
      fail(ErrorCode::unsatisfied, "simulate: transfer {}: {}: slot {} sends {} {} to slot {}", step.position,
           to_string(*reason), t.sender, ll::to_string(t.amount), options_.exact ? "wei" : "units", t.receiver);
    }
    if (options_.embedder) {
      const std::vector<std::int64_t> delta = options_.embedder->delta(t, sender, receiver);
      for (std::size_t k = 0; k < delta.size(); ++k) running_[k] += delta[k];
      if (delta_vectors_) delta_vectors_->append(result_.transfers, delta);
    }
    if (deltas_) {
      const std::string before = std::move(result_.final_state_hash);
      result_.final_state_hash = to_hex(state_.hash());
      deltas_->print("{},{},{},{},{},{},{},{},{},{},{}", result_.transfers, block, t.sender, t.receiver,
                     ll::to_string(t.amount), ll::to_string(sender), ll::to_string(state_.balance_at(t.sender)),
                     ll::to_string(receiver), ll::to_string(state_.balance_at(t.receiver)), before,
                     result_.final_state_hash);
      deltas_->end_row();
    }
    ++result_.transfers;
  }

  const Dataset& data_;
  const SimulationOptions& options_;
  std::vector<Step> steps_;
  State state_;
  TextFile snapshots_;
  std::optional<TextFile> deltas_;
  std::optional<VectorFileWriter> vectors_, delta_vectors_;
  std::vector<std::int64_t> running_;  // e^(start) + sum of the deltas so far
  Simulation result_;
};

}  // namespace

Simulation simulate(const Dataset& data, const SimulationOptions& options, Progress* progress) {
  check(options);
  return Simulator(data, options).run(progress);
}

Simulation simulate(const Dataset& data, std::uint64_t every, const fs::path& csv, Progress* progress) {
  SimulationOptions options;
  options.every = every;
  options.snapshots = csv;
  return simulate(data, options, progress);
}

}  // namespace ll::ledger
