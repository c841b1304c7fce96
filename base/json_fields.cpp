#include "base/json_fields.hpp"

namespace ll {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 8;

}  // namespace

std::string shown_json(const json& value) {
  if (value.is_structured() && value.size() > 8) return fmt::format("{} of {}", value.type_name(), value.size());
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

json parse_json_object(std::string_view text, const std::string& name, int most_levels) {
  std::vector<std::set<std::string>> open;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > most_levels) throw malformed("{}: nested deeper than {} levels", name, most_levels);
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      throw malformed("{}: key {} comes twice", name, shown_json(parsed));
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

JsonFields JsonFields::parse(std::string_view text, std::string name) {
  json value = parse_json_object(text, name, kMaxDepth);
  return JsonFields(std::move(value), std::move(name));
}

Error JsonFields::wrong(const std::string& key, std::string_view what) const {
  const auto found = value_.find(key);
  return malformed("{}: {}: {}, found {}", name_, key, what, found == value_.end() ? "nothing" : shown_json(*found));
}

const json& JsonFields::take(const std::string& key) {
  const auto found = value_.find(key);
  if (found == value_.end()) throw malformed("{}: {} is missing", name_, key);
  read_.insert(key);
  return *found;
}

std::string JsonFields::text(const std::string& key) {
  const json& value = take(key);
  if (!value.is_string()) throw wrong(key, "a string is expected");
  return value.get<std::string>();
}

std::uint64_t JsonFields::number(const std::string& key, std::uint64_t least, std::uint64_t most) {
  const json& value = take(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    throw wrong(key, fmt::format("an integer from {} to {} is expected", least, most));
  return value.get<std::uint64_t>();
}

Bytes JsonFields::hex(const std::string& key, std::optional<std::size_t> size) {
  const json& value = take(key);
  const std::string expected =
      size ? fmt::format("{} bytes as lower-case hex are expected", *size) : "lower-case hex is expected";
  if (!value.is_string()) throw wrong(key, expected);
  const auto& text = value.get_ref<const std::string&>();
  const auto bytes = from_hex(text);
  if (!bytes || to_hex(*bytes) != text || bytes->empty()) throw wrong(key, expected);
  if (size && bytes->size() != *size) {
    throw malformed("{}: {}: {}, found {} bytes", name_, key, expected, bytes->size());
  }
  return *bytes;
}

std::vector<std::int64_t> JsonFields::integers(const std::string& key, std::size_t count, std::int64_t bound) {
  const json& value = take(key);
  if (!value.is_array() || value.size() != count) {
    throw malformed("{}: {}: {} integers are expected, found {}", name_, key, count,
                    value.is_array() ? std::to_string(value.size()) : shown_json(value));
  }
  std::vector<std::int64_t> numbers;
  numbers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const json& item = value[i];
    const bool fits = item.is_number_integer() &&
                      (!item.is_number_unsigned() || item.get<std::uint64_t>() < static_cast<std::uint64_t>(bound));
    const std::int64_t number = fits ? item.get<std::int64_t>() : 0;
    if (!fits || number <= -bound || number >= bound) {
      throw malformed("{}: {}[{}]: an integer of size below {} is expected, found {}", name_, key, i, bound,
                      shown_json(item));
    }
    numbers.push_back(number);
  }
  return numbers;
}

JsonFields JsonFields::object(const std::string& key) {
  const json& value = take(key);
  if (!value.is_object()) throw wrong(key, "an object is expected");
  return JsonFields(value, name_ + ": " + key);
}

std::vector<JsonFields> JsonFields::objects(const std::string& key, std::size_t most) {
  const json& value = take(key);
  if (!value.is_array() || value.size() > most)
    throw wrong(key, fmt::format("an array of at most {} objects is expected", most));
  std::vector<JsonFields> list;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_object()) throw malformed("{}: {}[{}]: an object is expected", name_, key, i);
    list.push_back(JsonFields(value[i], fmt::format("{}: {}[{}]", name_, key, i)));
  }
  return list;
}

std::vector<std::string> JsonFields::texts(const std::string& key, std::size_t most) {
  const json& value = take(key);
  if (!value.is_array() || value.size() > most)
    throw wrong(key, fmt::format("an array of at most {} strings is expected", most));
  std::vector<std::string> list;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_string())
      throw malformed("{}: {}[{}]: a string is expected, found {}", name_, key, i, shown_json(value[i]));
    list.push_back(value[i].get<std::string>());
  }
  return list;
}

bool JsonFields::boolean(const std::string& key) {
  const json& value = take(key);
  if (!value.is_boolean()) throw wrong(key, "true or false is expected");
  return value.get<bool>();
}

void JsonFields::expect_all_read() const {
  for (const auto& [key, value] : value_.items()) {
    if (!read_.contains(key)) throw malformed("{}: unknown key \"{}\"", name_, key);
  }
}

}  // namespace ll
