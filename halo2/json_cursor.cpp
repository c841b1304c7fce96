#include "halo2/json_cursor.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json_fields.hpp"

namespace ll::halo2 {
using nlohmann::json;

json JsonCursor::parse(std::string_view text, const std::string& name) {
  return parse_json_object(text, name, kMostJsonLevels);
}

Error JsonCursor::wrong(std::string_view what) const {
  return malformed("{}: {}: {}, found {}", name_, path_, what, shown_json(value_));
}

Error JsonCursor::mismatch(std::string_view what) const {
  return Error(ErrorCode::mismatch, fmt::format("{}: {}: {}, found {}", name_, path_, what, shown_json(value_)));
}

void JsonCursor::expect_keys(std::initializer_list<const char*> keys) const {
  if (!value_.is_object()) throw wrong("an object is expected");
  for (const char* key : keys) {
    if (!value_.contains(key)) throw malformed("{}: {}{}{} is missing", name_, path_, path_.empty() ? "" : ".", key);
  }
  for (const auto& [key, item] : value_.items()) {
    if (std::ranges::find(keys, key) == keys.end())
      throw malformed("{}: {}{}unknown key \"{}\"", name_, path_, path_.empty() ? "" : ": ", key);
  }
}

JsonCursor JsonCursor::at(const char* key) const {
  return {value_.at(key), name_, path_.empty() ? key : path_ + "." + key};
}

std::size_t JsonCursor::size() const {
  if (!value_.is_array()) throw wrong("an array is expected");
  return value_.size();
}

JsonCursor JsonCursor::at(std::size_t index) const {
  return {value_.at(index), name_, fmt::format("{}[{}]", path_, index)};
}

void JsonCursor::expect_items(std::size_t count) const {
  if (size() != count) throw wrong(fmt::format("an array of {} is expected", count));
}

std::string JsonCursor::text() const {
  if (!value_.is_string()) throw wrong("a string is expected");
  return value_.get<std::string>();
}

bool JsonCursor::boolean() const {
  if (!value_.is_boolean()) throw wrong("true or false is expected");
  return value_.get<bool>();
}

std::uint64_t JsonCursor::number(std::uint64_t least, std::uint64_t most) const {
  if (!value_.is_number_unsigned() || value_.get<std::uint64_t>() < least || value_.get<std::uint64_t>() > most)
    throw wrong(fmt::format("an integer from {} to {} is expected", least, most));
  return value_.get<std::uint64_t>();
}

std::int64_t JsonCursor::integer(std::int64_t least, std::int64_t most) const {
  const bool fits =
      value_.is_number_integer() && (!value_.is_number_unsigned() || value_.get<std::uint64_t>() <= INT64_MAX);
  if (!fits || value_.get<std::int64_t>() < least || value_.get<std::int64_t>() > most)
    throw wrong(fmt::format("an integer from {} to {} is expected", least, most));
  return value_.get<std::int64_t>();
}

algebra::Fr JsonCursor::scalar() const {
  const auto refuse = [&] { return wrong("a field element as \"0x\" and lower-case hex, below r, is expected"); };
  if (!value_.is_string()) throw refuse();
  const auto& text = value_.get_ref<const std::string&>();
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 66) throw refuse();
  const auto bytes = from_hex(std::string(66 - text.size(), '0') + text.substr(2));
  if (!bytes) throw refuse();
  std::array<std::uint8_t, 32> little{};
  std::ranges::reverse_copy(*bytes, little.begin());
  const auto scalar = algebra::Fr::from_bytes_le(little);
  if (!scalar || scalar_text(*scalar) != text) throw refuse();
  return *scalar;
}

std::string scalar_text(const algebra::Fr& value) {
  const std::string hex = value.to_hex();  // 0x and 64 digits
  const std::size_t first = hex.find_first_not_of('0', 2);
  return first == std::string::npos ? "0x0" : "0x" + hex.substr(first);
}

}  // namespace ll::halo2
