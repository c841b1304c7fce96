#include "artefacts/json_reader.hpp"

#include <limits>

#include "base/hash.hpp"

namespace ll::artefacts {

Json integer_json(i128 value) {
  if (value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max())
    return static_cast<std::int64_t>(value);
  const u128 size = value < 0 ? -static_cast<u128>(value) : static_cast<u128>(value);
  return (value < 0 ? "-" : "") + to_string(size);
}

Json integers_json(const std::vector<i128>& values) {
  Json list = Json::array();
  for (const i128 value : values) list.push_back(integer_json(value));
  return list;
}

std::optional<i128> integer_from(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return static_cast<i128>(value.get<std::uint64_t>());
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  const bool negative = text.starts_with('-');
  const auto size = parse_u128(std::string_view(text).substr(negative ? 1 : 0));
  if (!size || *size >> 126 != 0) return std::nullopt;
  const i128 integer = negative ? -static_cast<i128>(*size) : static_cast<i128>(*size);
  if (to_string(*size) != text.substr(negative ? 1 : 0)) return std::nullopt;  // one spelling only
  return integer;
}

Error JsonReader::wrong(std::string_view what) const {
  return malformed("{}: {}, found {}", place_, what, shown_json(value_));
}

JsonReader JsonReader::at(const std::string& key) const {
  if (!value_.is_object()) throw wrong("an object is expected");
  const auto found = value_.find(key);
  if (found == value_.end()) throw malformed("{}: {} is missing", place_, key);
  return JsonReader(*found, place_ + ": " + key);
}

std::string JsonReader::text() const {
  if (!value_.is_string()) throw wrong("a string is expected");
  return value_.get<std::string>();
}

std::string JsonReader::hex(std::size_t bytes) const {
  const std::string found = text();
  const auto decoded = from_hex(found);
  if (!decoded || decoded->size() != bytes || to_hex(*decoded) != found)
    throw wrong(fmt::format("{} bytes as lower-case hex are expected", bytes));
  return found;
}

std::uint64_t JsonReader::number(std::uint64_t least, std::uint64_t most) const {
  if (!value_.is_number_unsigned() || value_.get<std::uint64_t>() < least || value_.get<std::uint64_t>() > most)
    throw wrong(fmt::format("an integer from {} to {} is expected", least, most));
  return value_.get<std::uint64_t>();
}

bool JsonReader::boolean() const {
  if (!value_.is_boolean()) throw wrong("true or false is expected");
  return value_.get<bool>();
}

i128 JsonReader::integer() const {
  const auto integer = integer_from(value_);
  if (!integer) throw wrong("an integer is expected");
  return *integer;
}

std::vector<JsonReader> JsonReader::list(std::size_t most) const {
  if (!value_.is_array() || value_.size() > most) throw wrong(fmt::format("a list of at most {} is expected", most));
  std::vector<JsonReader> items;
  items.reserve(value_.size());
  for (std::size_t i = 0; i < value_.size(); ++i) items.emplace_back(value_[i], fmt::format("{}[{}]", place_, i));
  return items;
}

std::vector<i128> JsonReader::integers(std::size_t count) const {
  if (!value_.is_array() || value_.size() != count)
    throw wrong(fmt::format("a list of {} integers is expected", count));
  std::vector<i128> integers;
  integers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto integer = integer_from(value_[i]);
    if (!integer) throw JsonReader(value_[i], fmt::format("{}[{}]", place_, i)).wrong("an integer is expected");
    integers.push_back(*integer);
  }
  return integers;
}

std::vector<std::string> JsonReader::keys(std::size_t most) const {
  if (!value_.is_object() || value_.size() > most)
    throw wrong(fmt::format("an object of at most {} entries is expected", most));
  std::vector<std::string> keys;
  for (const auto& item : value_.items()) keys.push_back(item.key());
  return keys;
}

void expect_rewritten(const nlohmann::json& read, const Json& written, const std::string& name) {
  const auto dump = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  };
  const nlohmann::json expected(written);
  for (const auto& item : read.items()) {
    const auto found = expected.find(item.key());
    if (found == expected.end()) throw malformed("{}: unknown key {}", name, shown_json(item.key()));
    if (dump(*found) != dump(item.value()))
      throw malformed("{}: {}: what it says is written another way, or has a key that does not belong there", name,
                      item.key());
  }
}

void expect_format(const JsonReader& file, const std::string& format, std::uint64_t version, const std::string& name) {
  if (file.at("format").text() != format) throw file.at("format").wrong(fmt::format("\"{}\" is expected", format));
  const std::uint64_t found = file.at("schema_version").number(0, UINT32_MAX);
  if (found != version)
    throw Error(ErrorCode::mismatch, fmt::format("{}: schema_version {}, this program reads {}", name, found, version));
}

std::string digest_without(nlohmann::json value, const std::string& key) {
  value.erase(key);
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

}  // namespace ll::artefacts
