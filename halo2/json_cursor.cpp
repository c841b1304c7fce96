#include "halo2/json_cursor.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace ll::halo2 {
namespace {

using nlohmann::json;

std::string shown(const json& value) {
  if (value.is_structured() && value.size() > 8) return fmt::format("{} of {}", value.type_name(), value.size());
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

}  // namespace

json JsonCursor::parse(std::string_view text, const std::string& name) {
  std::vector<std::set<std::string>> open;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kMostJsonLevels) throw malformed("{}: nested deeper than {} levels", name, kMostJsonLevels);
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      throw malformed("{}: key {} comes twice", name, shown(parsed));
    return true;
  };
  json value;
  try {
    value = json::parse(text, watch);
  } catch (const json::exception& error) {
    throw malformed("{}: not JSON: {}", name, error.what());
  }
  if (!value.is_object()) throw malformed("{}: a JSON object is expected", name);
  return value;
}

Error JsonCursor::wrong(std::string_view what) const {
  return malformed("{}: {}: {}, found {}", name_, path_, what, shown(value_));
}

Error JsonCursor::mismatch(std::string_view what) const {
  return Error(ErrorCode::mismatch, fmt::format("{}: {}: {}, found {}", name_, path_, what, shown(value_)));
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
