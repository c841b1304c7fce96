#pragma once
#include <filesystem>
#include <vector>

#include "base/bytes.hpp"
#include "training/trainer.hpp"

namespace ll::training {

/// metrics.csv of these rows (docs/formats/encoder-files.md).
std::string metrics_csv(std::span<const TrainMetrics> rows);
/// The first `count` rows of a metrics.csv; what is behind them, a cut line included, does not matter. Error{malformed}
/// with the line when there are fewer, or when a line is not what metrics_csv writes.
Result<std::vector<TrainMetrics>> parse_metrics(std::string_view csv, std::size_t count);

/// TensorBoard events of these rows: one record a row with a scalar for each number that is there, wall time = the
/// row's seconds. A function of the rows alone.
///
/// Record: u64 length, u32 masked CRC of it, the Event message, u32 masked CRC of that; all little-endian; masked =
/// rotated right by 15, plus 0xa282ead8, of CRC-32C. Source: TensorFlow, core/lib/io/record_writer.h and
/// core/util/event.proto.
Bytes event_records(std::span<const TrainMetrics> rows);
/// The record that a file of events begins with.
Bytes event_file_head();
inline constexpr const char* kEventFile = "events.out.tfevents.0.latentledger";

/// The metrics of one folder, in both forms. Rows are written when save() is called; a reader that follows the event
/// file sees it grow.
class RunFiles {
 public:
  /// Starts both files anew with these rows.
  RunFiles(std::filesystem::path folder, std::span<const TrainMetrics> rows);
  /// `rows`: all of them, those already saved first.
  void save(std::span<const TrainMetrics> rows);

 private:
  std::filesystem::path folder_;
  std::size_t saved_ = 0;
};

}  // namespace ll::training
