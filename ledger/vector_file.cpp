#include "ledger/vector_file.hpp"

#include <algorithm>
#include <string_view>

namespace ll::ledger {
namespace {

constexpr std::string_view kMagic("LLVECTOR", 8);
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadSize = 64;
constexpr std::size_t kBuffer = 1 << 20;

template <class T>
void put(Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <class T>
T get(ByteSpan bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value |= T{bytes[at + i]} << (8 * i);
  return value;
}

}  // namespace

VectorFileWriter::VectorFileWriter(const std::filesystem::path& path, const VectorFileHead& head)
    : pending_(path), file_(pending_.path(), FileWriter::Mode::create), head_(head) {
  buffer_.reserve(kBuffer + 8 + std::size_t{head.size} * 8);
  for (const char c : kMagic) buffer_.push_back(static_cast<std::uint8_t>(c));
  for (const std::uint32_t word : {kVersion, static_cast<std::uint32_t>(head.kind), head.size, head.scale_bits}) {
    put(buffer_, word);
  }
  put(buffer_, head.rows);
  for (const std::uint8_t byte : head.encoder) buffer_.push_back(byte);
}

void VectorFileWriter::append(std::uint64_t index, std::span<const std::int64_t> vector) {
  LL_CHECK(vector.size() == head_.size, "vector of {} numbers, the file holds vectors of {}", vector.size(),
           head_.size);
  put(buffer_, index);
  for (const std::int64_t number : vector) put(buffer_, static_cast<std::uint64_t>(number));
  ++rows_;
  if (buffer_.size() < kBuffer) return;
  file_.write(buffer_);
  buffer_.clear();
}

void VectorFileWriter::commit() {
  LL_CHECK(rows_ == head_.rows, "{} vectors, the file was begun for {}", rows_, head_.rows);
  file_.write(buffer_);
  file_.finish();
  pending_.commit();
}

Result<VectorFile> read_vector_file(ByteSpan bytes, const std::string& name) {
  if (bytes.size() < kHeadSize || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return malformed("{}: not a file of vectors: \"{}\" and a head of {} bytes are expected", name, kMagic, kHeadSize);
  }
  if (const auto version = get<std::uint32_t>(bytes, 8); version != kVersion) {
    return malformed("{}: version {}, this software reads {}", name, version, kVersion);
  }
  VectorFile file;
  const auto kind = get<std::uint32_t>(bytes, 12);
  if (kind > 1) return malformed("{}: kind {}, expected 0 (states) or 1 (deltas)", name, kind);
  file.head.kind = static_cast<VectorFileHead::Kind>(kind);
  file.head.size = get<std::uint32_t>(bytes, 16);
  file.head.scale_bits = get<std::uint32_t>(bytes, 20);
  file.head.rows = get<std::uint64_t>(bytes, 24);
  std::copy_n(bytes.begin() + 32, 32, file.head.encoder.begin());
  const std::uint64_t row = 8 + std::uint64_t{file.head.size} * 8, rest = bytes.size() - kHeadSize;
  if (file.head.size == 0 || rest % row != 0 || rest / row != file.head.rows) {
    return malformed("{}: {} bytes behind the head, expected {} rows of {} bytes", name, rest, file.head.rows, row);
  }
  for (std::size_t at = kHeadSize; at < bytes.size(); at += 8) {
    const auto word = get<std::uint64_t>(bytes, at);
    if ((at - kHeadSize) % row == 0) {
      file.indices.push_back(word);
    } else {
      file.vectors.push_back(static_cast<std::int64_t>(word));
    }
  }
  return file;
}

}  // namespace ll::ledger
