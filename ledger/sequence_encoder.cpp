#include "ledger/sequence_encoder.hpp"

#include <algorithm>
#include <bit>

#include "ledger/compact_thrift.hpp"
#include "ledger/parquet_encodings.hpp"
#include "ledger/sequence_parquet.hpp"

namespace ll::ledger {
namespace {

// parquet.thrift: enum Type, Encoding, PageType, FieldRepetitionType, ConvertedType
constexpr std::int32_t kInt32 = 1, kInt64 = 2;
constexpr std::uint8_t kPlain = 0, kRle = 3, kDeltaBinaryPacked = 5, kRleDictionary = 8;
constexpr std::int32_t kDataPage = 0, kDictionaryPage = 2;
constexpr std::int32_t kRequired = 0, kRepeated = 2;
constexpr std::int32_t kConvertedList = 3;

struct ColumnType {
  const char* name;
  std::uint8_t bits;  ///< of the unsigned number
  bool is_list;
};
constexpr std::array<ColumnType, kSequenceColumns> kColumns = {{{"sequence", 64, false},
                                                                {"account_ids", 32, true},
                                                                {"start_balances", 32, true},
                                                                {"block", 32, true},
                                                                {"tx_index", 32, true},
                                                                {"sender", 8, true},
                                                                {"receiver", 8, true},
                                                                {"amount", 32, true}}};

void append_u32(Bytes& out, std::uint64_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

/// Repetition and definition levels of one kind of list, and the values the levels count (an empty list has one).
struct Levels {
  Bytes bytes;
  std::uint64_t values = 0;

  /// `end(i)`: where list i ends, list 0 begins at 0.
  template <class End>
  void set(std::size_t rows, const End& end) {
    bytes.clear();
    values = 0;
    std::uint64_t empty = 0;
    for (std::size_t i = 0, begin = 0; i < rows; begin = end(i), ++i) {
      empty += end(i) == begin;
      values += std::max<std::uint64_t>(end(i) - begin, 1);
    }
    std::vector<std::uint8_t> repeated((values + 7) / 8, 0xff), defined(empty > 0 ? repeated.size() : 0, 0xff);
    std::uint64_t at = 0;
    for (std::size_t i = 0, begin = 0; i < rows; begin = end(i), ++i) {
      const auto mask = static_cast<std::uint8_t>(~(1u << at % 8));
      repeated[at / 8] &= mask;
      if (end(i) == begin) defined[at / 8] &= mask;
      at += std::max<std::uint64_t>(end(i) - begin, 1);
    }
    append(repeated);
    if (empty > 0) {
      append(defined);
    } else {
      Bytes run;
      append_rle_run(run, values, 1);
      append_u32(bytes, run.size());
      bytes.insert(bytes.end(), run.begin(), run.end());
    }
  }

 private:
  void append(const std::vector<std::uint8_t>& bitmap) {
    Bytes head;
    append_varint(head, std::uint64_t{bitmap.size()} << 1 | 1);
    append_u32(bytes, head.size() + bitmap.size());
    bytes.insert(bytes.end(), head.begin(), head.end());
    bytes.insert(bytes.end(), bitmap.begin(), bitmap.end());
  }
};

/// The header of a page goes before its bytes, whose number is in it: pages are made in a buffer of their own first.
class PageWriter {
 public:
  explicit PageWriter(SequenceGroup& group) : group_(group) {}

  /// Where the next page is put together.
  Bytes& page() {
    page_.clear();
    return page_;
  }
  void begin(int column, std::uint64_t values) {
    column_ = column;
    auto& chunk = group_.chunks[static_cast<std::size_t>(column)];
    chunk = {.begin = group_.bytes.size(), .data = group_.bytes.size(), .end = 0, .values = values};
  }
  void dictionary(std::uint32_t size) {
    CompactThrift header(group_.bytes);
    open(header, kDictionaryPage);
    header.open(7);
    header.i32(1, size);
    header.i32(2, kPlain);
    header.boolean(3, true);
    close(header);
    chunk().data = group_.bytes.size();
  }
  void data(std::uint8_t encoding) {
    chunk().encoding = encoding;
    CompactThrift header(group_.bytes);
    open(header, kDataPage);
    header.open(5);
    header.i32(1, static_cast<std::int64_t>(chunk().values));
    header.i32(2, encoding);
    header.i32(3, kRle);
    header.i32(4, kRle);
    close(header);
    chunk().end = group_.bytes.size();
  }

 private:
  SequenceGroup::Chunk& chunk() { return group_.chunks[static_cast<std::size_t>(column_)]; }
  void open(CompactThrift& header, std::int32_t type) const {
    LL_CHECK(page_.size() <= INT32_MAX, "a Parquet page of {} bytes, expected below 2^31", page_.size());
    const auto size = static_cast<std::int64_t>(page_.size());
    header.open();
    header.i32(1, type);
    header.i32(2, size);
    header.i32(3, size);
  }
  void close(CompactThrift& header) {
    header.close();
    header.close();
    group_.bytes.insert(group_.bytes.end(), page_.begin(), page_.end());
  }

  SequenceGroup& group_;
  Bytes page_;
  int column_ = 0;
};

/// A dictionary of 0..largest: the numbers are their own indices.
template <class T>
void write_small(PageWriter& pages, int column, std::span<const T> values, const Levels& levels) {
  const std::uint32_t largest = values.empty() ? 0 : *std::ranges::max_element(values);
  pages.begin(column, levels.values);
  Bytes& dictionary = pages.page();
  for (std::uint32_t value = 0; value <= largest; ++value) append_u32(dictionary, value);
  pages.dictionary(largest + 1);
  Bytes& page = pages.page();
  page.insert(page.end(), levels.bytes.begin(), levels.bytes.end());
  const unsigned width = sizeof(T) == 1 ? 8 : std::max(1u, static_cast<unsigned>(std::bit_width(largest)));
  page.push_back(static_cast<std::uint8_t>(width));
  if constexpr (sizeof(T) == 1) {
    append_packed_run(page, values);
  } else {
    append_packed_run(page, values, width);
  }
  pages.data(kRleDictionary);
}

void write_list(PageWriter& pages, int column, std::span<const std::uint32_t> values, const Levels& levels,
                std::uint8_t encoding) {
  pages.begin(column, levels.values);
  Bytes& page = pages.page();
  page.insert(page.end(), levels.bytes.begin(), levels.bytes.end());
  if (encoding == kPlain) {
    append_plain(page, values);
  } else {
    append_delta_packed(page, values);
  }
  pages.data(encoding);
}

/// Field `id` of a schema element: the logical type of an unsigned number.
void unsigned_type(CompactThrift& to, std::uint8_t bits) {
  to.i32(6, bits == 8 ? 11 : bits == 32 ? 13 : 14);  // ConvertedType UINT_8, UINT_32, UINT_64
  to.open(10);                                       // LogicalType, its member INTEGER
  to.open(10);
  to.i8(1, bits);
  to.boolean(2, false);
  to.close();
  to.close();
}

void schema_element(CompactThrift& to, const ColumnType& column) {
  const std::int32_t physical = column.bits == 64 ? kInt64 : kInt32;
  to.open();
  if (column.is_list) {
    to.i32(3, kRequired);
    to.text(4, column.name);
    to.i32(5, 1);
    to.i32(6, kConvertedList);
    to.open(10);  // LogicalType, its member LIST
    to.open(3);
    to.close();
    to.close();
    to.close();
    to.open();
    to.i32(3, kRepeated);
    to.text(4, "list");
    to.i32(5, 1);
    to.close();
    to.open();
  }
  to.i32(1, physical);
  to.i32(3, kRequired);
  to.text(4, column.is_list ? "element" : column.name);
  unsigned_type(to, column.bits);
  to.close();
}

void row_group(CompactThrift& to, const SequenceGroup& group, std::uint64_t offset) {
  to.open();
  to.struct_list(1, kSequenceColumns);
  for (std::size_t c = 0; c < kSequenceColumns; ++c) {
    const SequenceGroup::Chunk& chunk = group.chunks[c];
    const auto place = [&](std::uint64_t at) { return static_cast<std::int64_t>(offset + at); };
    const bool has_dictionary = chunk.data > chunk.begin;
    to.open();
    to.i64(2, place(chunk.begin));
    to.open(3);
    to.i32(1, kColumns[c].bits == 64 ? kInt64 : kInt32);
    std::vector<std::int32_t> encodings = {chunk.encoding};
    if (kColumns[c].is_list) encodings.push_back(kRle);
    if (has_dictionary) encodings.push_back(kPlain);
    to.i32_list(2, encodings);
    if (kColumns[c].is_list) {
      to.text_list(3, {kColumns[c].name, "list", "element"});
    } else {
      to.text_list(3, {kColumns[c].name});
    }
    to.i32(4, 0);  // no compression: what would shrink is packed already
    to.i64(5, static_cast<std::int64_t>(chunk.values));
    to.i64(6, static_cast<std::int64_t>(chunk.end - chunk.begin));
    to.i64(7, static_cast<std::int64_t>(chunk.end - chunk.begin));
    to.i64(9, place(chunk.data));
    if (has_dictionary) to.i64(11, place(chunk.begin));
    to.close();
    to.close();
  }
  to.i64(2, static_cast<std::int64_t>(group.bytes.size()));
  to.i64(3, static_cast<std::int64_t>(group.rows));
  to.close();
}

}  // namespace

void encode_group(const SequenceBatch& batch, SequenceGroup& group) {
  group.bytes.clear();
  group.rows = batch.size();
  PageWriter pages(group);
  pages.begin(kSequence, batch.size());
  Bytes& numbers = pages.page();
  for (std::uint64_t i = 0; i < batch.size(); ++i) {
    append_u32(numbers, batch.first + i);
    append_u32(numbers, (batch.first + i) >> 32);
  }
  pages.data(kPlain);

  Levels accounts, transfers;
  accounts.set(batch.size(), [&](std::size_t i) { return (i + 1) * batch.accounts; });
  transfers.set(batch.size(), [&](std::size_t i) { return static_cast<std::size_t>(batch.offsets[i + 1]); });
  // Ids and balances are random bits. Blocks rise and amounts vary without end: differences, bit-packed. The rest are
  // few values.
  write_list(pages, kAccountIds, batch.account_ids, accounts, kPlain);
  write_list(pages, kStartBalances, batch.start_balances, accounts, kPlain);
  write_list(pages, kBlock, batch.block, transfers, kDeltaBinaryPacked);
  if (batch.tx_index.empty() || *std::ranges::max_element(batch.tx_index) < 256) {
    write_small(pages, kTxIndex, std::span<const std::uint32_t>(batch.tx_index), transfers);
  } else {
    write_list(pages, kTxIndex, batch.tx_index, transfers, kDeltaBinaryPacked);
  }
  write_small(pages, kSender, std::span<const std::uint8_t>(batch.sender), transfers);
  write_small(pages, kReceiver, std::span<const std::uint8_t>(batch.receiver), transfers);
  write_list(pages, kAmount, batch.amount, transfers, kDeltaBinaryPacked);
}

Bytes sequence_file_head() { return {'P', 'A', 'R', '1'}; }

Bytes sequence_file_tail(std::span<const SequenceGroup> groups, const std::string& source) {
  Bytes out;
  CompactThrift footer(out);
  footer.open();
  footer.i32(1, 2);
  std::size_t elements = 1;
  for (const ColumnType& column : kColumns) elements += column.is_list ? 3 : 1;
  footer.struct_list(2, elements);
  footer.open();
  footer.text(4, "schema");
  footer.i32(5, kSequenceColumns);
  footer.close();
  for (const ColumnType& column : kColumns) schema_element(footer, column);
  std::uint64_t rows = 0, offset = sequence_file_head().size();
  for (const SequenceGroup& group : groups) rows += group.rows;
  footer.i64(3, static_cast<std::int64_t>(rows));
  footer.struct_list(4, groups.size());
  for (const SequenceGroup& group : groups) {
    row_group(footer, group, offset);
    offset += group.bytes.size();
  }
  footer.struct_list(5, 2);
  for (const auto& [key, value] :
       {std::pair<const char*, std::string>{"latentledger.schema_version", kSequenceSchemaVersion},
        std::pair<const char*, std::string>{kSequenceSourceKey, source}}) {
    footer.open();
    footer.text(1, key);
    footer.text(2, value);
    footer.close();
  }
  footer.text(6, "latentledger " LL_VERSION);
  footer.close();
  append_u32(out, out.size());
  const Bytes magic = sequence_file_head();
  out.insert(out.end(), magic.begin(), magic.end());
  return out;
}

Bytes encode_sequences(const SequenceBatch& batch, const std::string& source) {
  std::vector<SequenceGroup> groups(batch.size() > 0 ? 1 : 0);
  for (SequenceGroup& group : groups) encode_group(batch, group);
  Bytes file = sequence_file_head();
  for (const SequenceGroup& group : groups) file.insert(file.end(), group.bytes.begin(), group.bytes.end());
  const Bytes tail = sequence_file_tail(groups, source);
  file.insert(file.end(), tail.begin(), tail.end());
  return file;
}

}  // namespace ll::ledger
