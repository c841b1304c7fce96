#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/bytes.hpp"

namespace ll {

/// One JSON object, no key twice, at most `most_levels` levels deep. Throws Error{malformed} that begins with `name`.
nlohmann::json parse_json_object(std::string_view text, const std::string& name, int most_levels);
/// A value as messages show it: short.
std::string shown_json(const nlohmann::json& value);

/// Strict reading of one of our JSON files: every field is asked for by name and type, no key comes twice, none is left
/// over, integers are integers. Every refusal is Error{malformed} with the file and the field, as in
/// "vk.json: srs.k: an integer from 1 to 28 is expected, found \"14\"".
class JsonFields {
 public:
  /// Throws Error{malformed} unless `text` is one JSON object with at most 8 levels and without a key that comes twice.
  static JsonFields parse(std::string_view text, std::string name);

  std::string text(const std::string& key);
  std::uint64_t number(const std::string& key, std::uint64_t least, std::uint64_t most);
  /// Lower-case hex of exactly `size` bytes, or of any number from 1 when nullopt.
  Bytes hex(const std::string& key, std::optional<std::size_t> size = std::nullopt);
  /// Exactly `count` integers with |value| < bound.
  std::vector<std::int64_t> integers(const std::string& key, std::size_t count, std::int64_t bound);
  JsonFields object(const std::string& key);
  /// An array of at most `most` objects, each with its place in messages.
  std::vector<JsonFields> objects(const std::string& key, std::size_t most);
  /// An array of at most `most` strings.
  std::vector<std::string> texts(const std::string& key, std::size_t most);
  bool boolean(const std::string& key);
  /// True when the key is there; asking does not read it.
  bool has(const std::string& key) const { return value_.contains(key); }
  /// Throws when a key was never asked for.
  void expect_all_read() const;

  /// Error{malformed} that names a field.
  Error wrong(const std::string& key, std::string_view what) const;
  const nlohmann::json& value() const noexcept { return value_; }

 private:
  JsonFields(nlohmann::json value, std::string name) : value_(std::move(value)), name_(std::move(name)) {}
  const nlohmann::json& take(const std::string& key);

  nlohmann::json value_;
  std::string name_;
  std::set<std::string> read_;
};

}  // namespace ll
