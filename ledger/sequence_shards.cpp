#include "ledger/sequence_shards.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "ledger/sequence_encoder.hpp"
#include "ledger/sequence_generator.hpp"
#include "ledger/sequence_manifest.hpp"
#include "ledger/sequence_parquet.hpp"

namespace ll::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMemory = std::uint64_t{3} << 28;  // 3/4 GiB for the shards that are being made
constexpr std::uint64_t kChunk = 500;                      // sequences of a row group, and between looks at Ctrl-C

fs::path note_path(const fs::path& folder, const std::string& file) {
  return (folder / file).replace_extension(".json");
}

std::uint64_t mean_transfers(const SequenceConfig& config) {
  return (config.least_transfers + config.most_transfers + 1) / 2;
}

/// Bytes at most while shards are made: one that is drawn, one that is written, each with the room its buffers grew by.
std::uint64_t memory_of(const ShardPlan& plan) {
  const std::uint64_t columns = plan.config.accounts * 8 + mean_transfers(plan.config) * 14;
  return plan.per_shard * columns * 4;
}

/// Entries of finished shards, from the manifest and from the notes. Throws Error{mismatch} when they are another
/// plan's.
std::map<std::string, ShardEntry> known_entries(const ShardPlan& plan, const fs::path& folder) {
  std::map<std::string, ShardEntry> known;
  const auto take = [&](const SequenceConfig& config, std::uint32_t per_shard, const ShardEntry& entry,
                        const fs::path& where) {
    if (config == plan.config && per_shard == plan.per_shard) {
      known.emplace(entry.file, entry);
      return;
    }
    throw Error(ErrorCode::mismatch,
                fmt::format("{} holds shards of another plan: {}, {} a shard; asked for is {}, {} a shard",
                            folder.string(), source_text(config, Split::train), per_shard,
                            source_text(plan.config, Split::train), plan.per_shard),
                where.string(), "give the options of that plan, or another folder");
  };
  if (const fs::path path = folder / kManifestFile; fs::exists(path)) {
    const Manifest manifest = parse_manifest(read_text(path), path.string());
    for (const ShardEntry& entry : manifest.entries) take(manifest.plan.config, manifest.plan.per_shard, entry, path);
  }
  for (const auto& item : fs::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    if (!name.ends_with(".json") || !(name.starts_with("train-") || name.starts_with("validation-"))) continue;
    const ShardNote note = parse_note(read_text(item.path()), item.path().string());
    known.erase(note.entry.file);  // newer than the manifest
    take(note.config, note.per_shard, note.entry, item.path());
  }
  return known;
}

/// What killed runs left: our temporary names (base/files.hpp).
void remove_parts(const fs::path& folder) {
  std::vector<fs::path> parts;
  for (const auto& item : fs::directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    const bool ours = name.starts_with("train-") || name.starts_with("validation-") || name.starts_with(kManifestFile);
    if (ours && name.find(".part-") != std::string::npos) parts.push_back(item.path());
  }
  for (const fs::path& part : parts) fs::remove(part);
}

/// Makes the shards of one call.
class Writer {
 public:
  Writer(const ShardPlan& plan, const fs::path& folder, Progress* progress)
      : plan_(plan), folder_(folder), progress_(progress) {}

  ShardReport run(std::uint64_t begin, std::uint64_t end, bool resume) {
    remove_parts(folder_);
    const std::map<std::string, ShardEntry> known = known_entries(plan_, folder_);
    entries_.resize(end - begin);
    std::uint64_t total = 0;
    for (std::uint64_t i = begin; i < end; ++i) total += plan_.shard(i).sequences;
    if (progress_ != nullptr) progress_->begin("generate", total);
    // One shard after the other; the threads share its sequences, and while they draw, the one before is hashed,
    // written and synced. A kill costs these two.
    for (std::uint64_t i = begin; i < end; ++i) {
      const ShardPlan::Shard shard = plan_.shard(i);
      const auto found = known.find(shard.file());
      if (resume && found != known.end() && is_whole(shard, found->second)) {
        entries_[i - begin] = found->second;
        ++report_.kept;
        continue;
      }
      Drawn& drawn = drawn_[report_.made++ % 2];
      draw(shard, drawn);
      settle();
      writing_ = {std::async(std::launch::async, [this, &drawn] { return store(drawn); }), &entries_[i - begin]};
    }
    settle();
    for (const ShardEntry& entry : entries_) {
      report_.sequences += entry.sequences;
      report_.transfers += entry.transfers;
    }
    if (begin == 0 && end == plan_.shard_count()) finish();
    if (progress_ != nullptr) progress_->end();
    return report_;
  }

 private:
  bool is_whole(const ShardPlan::Shard& shard, const ShardEntry& entry) {
    const fs::path path = folder_ / shard.file();
    const bool whole = entry.first == shard.first && entry.sequences == shard.sequences && fs::exists(path) &&
                       sha256_file(path) == entry.sha256;
    if (whole) advance(shard.sequences);
    return whole;
  }

  void advance(std::uint64_t sequences) {
    done_ += sequences;
    if (progress_ == nullptr) return;
    progress_->update(done_);
    check_stop();
  }

  void check_stop() const {
    if (progress_ == nullptr || !progress_->stop_requested()) return;
    throw Error(ErrorCode::interrupted, fmt::format("stopped: every finished shard is in {}", folder_.string()), {},
                "--resume goes on");
  }

  /// A shard in memory, as the row groups of its file.
  struct Drawn {
    ShardPlan::Shard shard{};
    std::vector<SequenceGroup> groups;
    std::uint64_t transfers = 0;
  };
  /// What a thread draws with; kept, as tables and buffers take longer to make than a shard's share.
  struct Drawer {
    explicit Drawer(const SequenceConfig& config) : generator(config) {}
    SequenceGenerator generator;
    SequenceBatch batch;
  };

  std::unique_ptr<Drawer> take_drawer() {
    const std::scoped_lock lock(mutex_);
    if (idle_.empty()) return std::make_unique<Drawer>(plan_.config);
    std::unique_ptr<Drawer> drawer = std::move(idle_.back());
    idle_.pop_back();
    return drawer;
  }
  void give_back(std::unique_ptr<Drawer> drawer) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(drawer));
  }

  /// Draws, replays and encodes the sequences of a shard with all threads.
  void draw(const ShardPlan::Shard& shard, Drawn& drawn) {
    const std::uint64_t parts = (shard.sequences + kChunk - 1) / kChunk;
    drawn.shard = shard;
    drawn.groups.resize(parts);
    struct Checked {
      Replay replay;
      std::uint64_t transfers = 0;
    };
    std::vector<Checked> checked(parts);
    std::atomic<bool> stopped = false;
    parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
      std::unique_ptr<Drawer> drawer = take_drawer();
      SequenceBatch& batch = drawer->batch;
      for (std::size_t part = begin; part < end && !stopped; ++part) {
        const std::uint64_t first = part * kChunk, count = std::min(kChunk, shard.sequences - first);
        drawer->generator.fill(shard.split, shard.first + first, count, batch);
        checked[part] = {replay(batch), batch.transfers()};
        encode_group(batch, drawn.groups[part]);
        stopped = stopped || (progress_ != nullptr && progress_->stop_requested());
      }
      give_back(std::move(drawer));
    });
    check_stop();
    drawn.transfers = 0;
    for (std::size_t part = 0; part < parts; ++part) {
      drawn.transfers += checked[part].transfers;
      report_.invalid += checked[part].replay.invalid;
      if (checked[part].replay.first) {
        fail(ErrorCode::unsatisfied, "{} is not written: {} invalid transfers from sequence {} on, the first in {}",
             shard.file(), checked[part].replay.invalid, shard.first + part * kChunk, *checked[part].replay.first);
      }
    }
    report_.replayed += drawn.transfers;
  }

  struct Stored {
    ShardEntry entry;
    std::uint64_t bytes = 0;
  };

  /// Hashes and writes a shard; on a thread of its own, that waits for the disk most of the time.
  Stored store(const Drawn& drawn) const {
    Stored stored = {{drawn.shard.file(), drawn.shard.first, drawn.shard.sequences, drawn.transfers, {}}, 0};
    const fs::path path = folder_ / stored.entry.file;
    PendingFile pending(path);
    FileWriter file(pending.path(), FileWriter::Mode::create);
    Sha256 hash;
    const auto write = [&](ByteSpan bytes) {
      hash.update(bytes);
      file.write(bytes);
      stored.bytes += bytes.size();
    };
    write(sequence_file_head());
    for (const SequenceGroup& group : drawn.groups) write(group.bytes);
    write(sequence_file_tail(drawn.groups, source_text(plan_.config, drawn.shard.split)));
    stored.entry.sha256 = to_hex(hash.finish());
    file.finish();
    // The note first: a shard that is in place has its checksum on the disk.
    write_text(note_path(folder_, stored.entry.file), note_text(plan_, stored.entry));
    pending.commit();
    return stored;
  }

  /// Waits for the shard that is being written, if there is one.
  void settle() {
    if (!writing_.result.valid()) return;
    const Stored stored = writing_.result.get();
    *writing_.entry = stored.entry;
    report_.bytes += stored.bytes;
    advance(stored.entry.sequences);
  }

  void finish() {
    write_text(folder_ / kManifestFile, manifest_text(plan_, entries_));
    for (const ShardEntry& entry : entries_) fs::remove(note_path(folder_, entry.file));  // the manifest has them now
    report_.complete = true;
  }

  const ShardPlan& plan_;
  const fs::path& folder_;
  Progress* progress_;
  ShardReport report_;
  std::vector<ShardEntry> entries_;
  std::uint64_t done_ = 0;  ///< sequences
  std::mutex mutex_;        ///< of idle_
  std::vector<std::unique_ptr<Drawer>> idle_;
  std::array<Drawn, 2> drawn_;
  struct {
    std::future<Stored> result;  ///< its destructor waits
    ShardEntry* entry = nullptr;
  } writing_;
};

}  // namespace

std::string ShardPlan::Shard::file() const { return fmt::format("{}-{:05}.parquet", to_string(split), number); }

std::uint64_t ShardPlan::shard_count() const {
  return (train + per_shard - 1) / per_shard + (validation + per_shard - 1) / per_shard;
}

ShardPlan::Shard ShardPlan::shard(std::uint64_t i) const {
  LL_CHECK(i < shard_count(), "shard {} of {}", i, shard_count());
  const std::uint64_t training = (train + per_shard - 1) / per_shard;
  const Split split = i < training ? Split::train : Split::validation;
  const std::uint64_t number = i < training ? i : i - training, first = number * per_shard;
  const std::uint64_t in_all = split == Split::train ? train : validation;
  return {split, number, first, std::min<std::uint64_t>(per_shard, in_all - first)};
}

void check(const ShardPlan& plan) {
  check(plan.config);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  LL_CHECK(plan.train + plan.validation >= 1 && plan.train <= kMost && plan.validation <= kMost,
           "{} training and {} validation sequences, expected 1 to 2^40", plan.train, plan.validation);
  LL_CHECK(plan.per_shard >= 1 && plan.per_shard <= 1'000'000, "{} sequences a shard, expected 1 to 1000000",
           plan.per_shard);
  LL_CHECK(
      memory_of(plan) <= kMemory,
      "{} sequences a shard, of {} accounts and up to {} transfers: a shard takes {} MiB while it is made, expected "
      "at most {}",
      plan.per_shard, plan.config.accounts, plan.config.most_transfers, memory_of(plan) >> 20, kMemory >> 20);
}

ShardReport write_shards(const ShardPlan& plan, const fs::path& folder, const ShardRange& range, bool resume,
                         Progress* progress) {
  check(plan);
  const std::uint64_t end = std::min(range.end, plan.shard_count());
  LL_CHECK(range.begin < end, "shards {} and on, the plan has {}", range.begin, plan.shard_count());
  const FolderLock lock(folder);
  return Writer(plan, folder, progress).run(range.begin, end, resume);
}

bool SequenceSet::is_here(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / kManifestFile, ignored);
}

Result<SequenceSet> SequenceSet::open(const fs::path& folder) {
  try {
    const fs::path path = folder / kManifestFile;
    Manifest manifest = parse_manifest(read_text(path), path.string());
    SequenceSet set;
    set.folder_ = folder;
    set.plan_ = manifest.plan;
    for (std::uint64_t i = 0; i < manifest.entries.size(); ++i) {
      (manifest.plan.shard(i).split == Split::train ? set.train_ : set.validation_).push_back(manifest.entries[i]);
    }
    return set;
  } catch (const Error& error) {
    return error;
  }
}

std::uint64_t SequenceSet::transfers(Split split) const {
  std::uint64_t sum = 0;
  for (const ShardEntry& entry : shards(split)) sum += entry.transfers;
  return sum;
}

Result<SequenceBatch> SequenceSet::read(Split split, std::size_t shard) const {
  LL_CHECK(shard < shards(split).size(), "shard {} of {}", shard, shards(split).size());
  const ShardEntry& entry = shards(split)[shard];
  const fs::path path = folder_ / entry.file;
  const auto mismatch = [&](const std::string& what, const auto& expected, const auto& found) {
    return Error(
        ErrorCode::mismatch,
        fmt::format("{}: {} {} is expected by {}, found {}", path.string(), what, expected, kManifestFile, found),
        path.string());
  };
  try {
    const MappedFile file(path);
    if (const std::string found = to_hex(sha256(file.bytes())); found != entry.sha256) {
      return mismatch("SHA-256", entry.sha256, found);
    }
    auto decoded = decode_sequences(file.bytes(), path.string());
    if (!decoded) return decoded.error();
    SequenceBatch& batch = decoded.value().batch;
    const std::string source = source_text(plan_.config, split);
    if (decoded.value().source != source) return mismatch("source", source, decoded.value().source);
    if (batch.first != entry.first) return mismatch("first sequence", entry.first, batch.first);
    if (batch.size() != entry.sequences) return mismatch("a number of rows of", entry.sequences, batch.size());
    if (batch.transfers() != entry.transfers)
      return mismatch("a number of transfers of", entry.transfers, batch.transfers());
    if (batch.accounts != plan_.config.accounts)
      return mismatch("a number of accounts of", plan_.config.accounts, batch.accounts);
    if (const Replay checked = replay(batch); checked.invalid > 0) {
      return Error(ErrorCode::unsatisfied,
                   fmt::format("{}: {} invalid transfers, the first in {}", path.string(), checked.invalid,
                               checked.first.value_or("?")),
                   path.string());
    }
    return std::move(batch);
  } catch (const Error& error) {
    return error;
  }
}

std::optional<SequenceView> SequenceReader::next() {
  while (at_ == batch_.size()) {
    if (shard_ == set_.shards(split_).size()) return std::nullopt;
    batch_ = set_.read(split_, shard_++).value_or_throw();
    at_ = 0;
  }
  return batch_.sequence(at_++);
}

}  // namespace ll::ledger
