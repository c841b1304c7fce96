#include "training/run_files.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include <cryptopp/crc.h>

#include "base/files.hpp"

namespace ll::training {
namespace {

constexpr std::string_view kHeader =
    "step,loss,orthogonality,reconstruction,homomorphism,heldout,condition,max_cosine,seconds\n";

/// The numbers of a row between step and seconds, in the order of the columns.
struct Column {
  const char* name;
  double TrainMetrics::* value;
};
constexpr Column kColumns[] = {{"loss", &TrainMetrics::loss},
                               {"orthogonality", &TrainMetrics::orthogonality},
                               {"reconstruction", &TrainMetrics::reconstruction},
                               {"homomorphism", &TrainMetrics::homomorphism},
                               {"heldout", &TrainMetrics::heldout},
                               {"condition", &TrainMetrics::condition},
                               {"max_cosine", &TrainMetrics::max_cosine}};

void append_little_endian(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(std::uint8_t(value >> (8 * i)));
}

std::uint32_t masked_crc(ByteSpan bytes) {
  CryptoPP::CRC32C crc;
  crc.Update(bytes.data(), bytes.size());
  std::array<std::uint8_t, 4> digest{};
  crc.Final(digest.data());
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= std::uint32_t{digest[std::size_t(i)]} << (8 * i);
  return std::rotr(value, 15) + 0xa282ead8U;
}

Bytes record(const Bytes& event) {
  Bytes out;
  append_little_endian(out, event.size(), 8);
  append_little_endian(out, masked_crc(out), 4);
  out.insert(out.end(), event.begin(), event.end());
  append_little_endian(out, masked_crc(event), 4);
  return out;
}

/// Protobuf fields, as far as events need them: https://protobuf.dev/programming-guides/encoding.
void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(std::uint8_t(value | 0x80));
  out.push_back(std::uint8_t(value));
}
void put_double(Bytes& out, int field, double value) {
  out.push_back(std::uint8_t(field << 3 | 1));
  append_little_endian(out, std::bit_cast<std::uint64_t>(value), 8);
}
void put_float(Bytes& out, int field, float value) {
  out.push_back(std::uint8_t(field << 3 | 5));
  append_little_endian(out, std::bit_cast<std::uint32_t>(value), 4);
}
void put_bytes(Bytes& out, int field, std::span<const std::uint8_t> value) {
  out.push_back(std::uint8_t(field << 3 | 2));
  put_varint(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}
void put_text(Bytes& out, int field, std::string_view value) {
  put_bytes(out, field, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}

/// Event: wall_time 1, step 2, file_version 3, summary 5; Summary: value 1; Value: tag 1, simple_value 2.
Bytes event_of(const TrainMetrics& row) {
  Bytes summary;
  for (const Column& column : kColumns) {
    if (std::isnan(row.*column.value)) continue;
    Bytes value;
    put_text(value, 1, column.name);
    put_float(value, 2, float(row.*column.value));
    put_bytes(summary, 1, value);
  }
  Bytes event;
  put_double(event, 1, row.seconds);
  event.push_back(2 << 3);
  put_varint(event, std::uint64_t(row.step));
  put_bytes(event, 5, summary);
  return event;
}

bool parse_number(std::string_view text, double& value) {
  if (text.empty()) {
    value = std::nan("");
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool parse_row(std::string_view line, TrainMetrics& row) {
  const auto field = [&line] {
    const auto comma = line.find(',');
    const auto text = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
    return text;
  };
  const auto step = field();
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), row.step);
  if (error != std::errc() || end != step.data() + step.size()) return false;
  for (const Column& column : kColumns)
    if (!parse_number(field(), row.*column.value)) return false;
  return !line.empty() && line.find(',') == std::string_view::npos && parse_number(line, row.seconds);
}

}  // namespace

std::string metrics_csv(std::span<const TrainMetrics> rows) {
  std::string csv(kHeader);
  for (const TrainMetrics& row : rows) {
    csv += std::to_string(row.step);
    for (const Column& column : kColumns) {
      const double value = row.*column.value;
      csv += std::isnan(value) ? std::string(",") : fmt::format(",{:.9g}", value);
    }
    csv += fmt::format(",{:.3f}\n", row.seconds);
  }
  return csv;
}

Result<std::vector<TrainMetrics>> parse_metrics(std::string_view csv, std::size_t count) {
  if (!csv.starts_with(kHeader))
    return malformed("metrics: line 1 is not \"{}\"", kHeader.substr(0, kHeader.size() - 1));
  csv.remove_prefix(kHeader.size());
  std::vector<TrainMetrics> rows;
  while (rows.size() < count) {
    const auto end = csv.find('\n');
    if (end == std::string_view::npos) return malformed("metrics: {} whole rows, {} expected", rows.size(), count);
    TrainMetrics row;
    if (!parse_row(csv.substr(0, end), row))
      return malformed("metrics: line {} is not a row of metrics", rows.size() + 2);
    rows.push_back(row);
    csv.remove_prefix(end + 1);
  }
  return rows;
}

Bytes event_file_head() {
  Bytes event;
  put_double(event, 1, 0);
  put_text(event, 3, "brain.Event:2");
  return record(event);
}

Bytes event_records(std::span<const TrainMetrics> rows) {
  Bytes out;
  for (const TrainMetrics& row : rows) {
    const Bytes bytes = record(event_of(row));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

RunFiles::RunFiles(std::filesystem::path folder, std::span<const TrainMetrics> rows)
    : folder_(std::move(folder)), saved_(rows.size()) {
  Bytes events = event_file_head();
  const Bytes records = event_records(rows);
  events.insert(events.end(), records.begin(), records.end());
  write_text(folder_ / "metrics.csv", metrics_csv(rows));
  write_file(folder_ / kEventFile, events);
}

void RunFiles::save(std::span<const TrainMetrics> rows) {
  write_text(folder_ / "metrics.csv", metrics_csv(rows));
  FileWriter events(folder_ / kEventFile, FileWriter::Mode::append);
  events.write(event_records(rows.subspan(saved_)));
  events.finish();
  saved_ = rows.size();
}

}  // namespace ll::training
