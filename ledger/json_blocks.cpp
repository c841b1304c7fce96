#include <array>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "ledger/byte_source.hpp"
#include "ledger/cell_value.hpp"
#include "ledger/table_file.hpp"

namespace ll::ledger {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = std::size_t{1} << 30;
constexpr std::array<const char*, 7> kFields = {"from", "to",   "value", "blockNumber", "transactionIndex",
                                                "hash", "input"};

class JsonBlocks final : public RecordReader {
 public:
  JsonBlocks(std::filesystem::path path, ByteSource source, std::vector<json> documents)
      : path_(path.string()), source_(std::move(source)), documents_(std::move(documents)) {}

  Result<bool> next() override {
    cells_.clear();
    if (!header_read_) {
      header_read_ = true;
      for (const char* field : kFields) cells_.emplace_back(field);
      return true;
    }
    while (true) {
      if (transactions_ != nullptr && index_ < transactions_->size()) {
        if (auto error = read((*transactions_)[index_++])) return *error;
        return true;
      }
      if (block_ == documents_.size()) return false;
      if (auto error = open_block(documents_[block_++])) return *error;
    }
  }

  std::string place() const override { return fmt::format("block {}, transaction {}", block_name_, index_ - 1); }
  std::uint64_t bytes_read() const noexcept override { return source_.bytes_read(); }
  std::string finish_sha256() override { return source_.finish_sha256(); }

 private:
  Error broken(const std::string& place, const std::string& what) const {
    return Error(ErrorCode::malformed, fmt::format("{}: {}: {}", path_, place, what),
                 fmt::format("{}, {}", path_, place));
  }

  std::optional<Error> open_block(const json& document) {
    const std::string place = fmt::format("block {} of the file", block_);
    const json* block = &document;
    if (block->is_object() && !block->contains("transactions") && block->contains("result"))
      block = &(*block)["result"];
    const auto found = block->is_object() ? block->find("transactions") : block->end();
    if (!block->is_object() || found == block->end() || !found->is_array()) {
      return broken(place, "expected a block with its \"transactions\", as eth_getBlockByNumber gives it");
    }
    transactions_ = &*found;
    index_ = 0;
    block_name_ = std::to_string(block_);
    if (const auto number = block->find("number"); number != block->end() && number->is_string()) {
      const CellValue value = parse_amount(number->get_ref<const std::string&>(), 0, FloatPolicy::refuse, true, false);
      if (value.problem == CellValue::Problem::none) block_name_ = ll::to_string(value.value);
    }
    return std::nullopt;
  }

  std::optional<Error> read(const json& transaction) {
    if (!transaction.is_object()) {
      return broken(place(),
                    transaction.is_string()
                        ? "a hash alone, expected the whole transaction (ask for the block with full transactions)"
                        : "expected a transaction object");
    }
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      const auto found = transaction.find(kFields[i]);
      std::string& cell = texts_[i];
      cell.clear();
      if (found == transaction.end() || found->is_null()) continue;  // what is needed is asked for where cells are read
      if (found->is_number_unsigned()) {
        cell = std::to_string(found->get<std::uint64_t>());
      } else if (found->is_string()) {
        cell = found->get<std::string>();
      } else {
        return broken(place(), fmt::format("field \"{}\": expected a string", kFields[i]));
      }
    }
    if (texts_[6].empty()) {  // newer clients also call it "data"
      if (const auto data = transaction.find("data"); data != transaction.end() && data->is_string()) {
        texts_[6] = data->get<std::string>();
      }
    }
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) {
      const CellValue value = parse_amount(texts_[i], 0, FloatPolicy::refuse, true, false);
      if (value.problem == CellValue::Problem::none) texts_[i] = ll::to_string(value.value);
    }
    for (const std::string& text : texts_) cells_.emplace_back(text);
    return std::nullopt;
  }

  std::string path_;
  ByteSource source_;
  std::vector<json> documents_;
  std::size_t block_ = 0, index_ = 0;
  const json* transactions_ = nullptr;
  std::string block_name_;
  std::array<std::string, kFields.size()> texts_;
  bool header_read_ = false;
};

/// One document, the elements of an array, or one document a line. Throws nlohmann's parse_error.
std::vector<json> parse_documents(const std::string& text) {
  std::vector<json> documents;
  const std::size_t line_end = text.find('\n');
  const bool by_line = line_end != std::string::npos &&
                       text.find_first_not_of(" \t\r\n", line_end) != std::string::npos &&
                       json::accept(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_end));
  if (!by_line) {
    json whole = json::parse(text);
    if (!whole.is_array()) {
      documents.push_back(std::move(whole));
    } else {
      for (json& element : whole) documents.push_back(std::move(element));
    }
    return documents;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) documents.push_back(json::parse(line));
    begin = end + 1;
  }
  return documents;
}

}  // namespace

Result<std::unique_ptr<RecordReader>> open_json_blocks(const std::filesystem::path& path) {
  auto source = ByteSource::open(path);
  if (!source) return source.error();
  const auto text = read_decompressed(source.value(), path, kMaxText);
  if (!text) return text.error();
  try {
    auto documents = parse_documents(text.value());
    return std::unique_ptr<RecordReader>(
        std::make_unique<JsonBlocks>(path, std::move(source).value(), std::move(documents)));
  } catch (const json::exception& error) {
    return Error(ErrorCode::malformed, fmt::format("{}: not valid JSON: {}", path.string(), error.what()),
                 path.string());
  }
}

}  // namespace ll::ledger
