#pragma once
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_fields.hpp"
#include "base/u128.hpp"

namespace ll::artefacts {

using Json = nlohmann::ordered_json;

/// An integer as our files about models write it: a JSON integer where 64 bits with sign hold it, else a decimal
/// string.
Json integer_json(i128 value);
Json integers_json(const std::vector<i128>& values);
/// The inverse; nullopt for anything else, numbers with a point or exponent included.
std::optional<i128> integer_from(const nlohmann::json& value);

/// One value of a JSON file, with its place for messages. What it gives is checked by type; that nothing else stands in
/// the file is checked by writing what was read again (expect_rewritten).
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string place) : value_(value), place_(std::move(place)) {}
  JsonReader at(const std::string& key) const;
  bool has(const std::string& key) const { return value_.is_object() && value_.contains(key); }
  std::string text() const;
  std::string hex(std::size_t bytes) const;
  std::uint64_t number(std::uint64_t least, std::uint64_t most) const;
  bool boolean() const;
  i128 integer() const;
  std::vector<JsonReader> list(std::size_t most) const;
  std::vector<i128> integers(std::size_t count) const;
  /// The keys of an object.
  std::vector<std::string> keys(std::size_t most) const;
  Error wrong(std::string_view what) const;
  const nlohmann::json& value() const noexcept { return value_; }

 private:
  const nlohmann::json& value_;
  std::string place_;
};

/// Throws Error{malformed} unless `written` is the same JSON: no other key, no other spelling of a number.
void expect_rewritten(const nlohmann::json& read, const Json& written, const std::string& name);
/// Throws Error{malformed} or Error{mismatch} unless `format` and `schema_version` stand there.
void expect_format(const JsonReader& file, const std::string& format, std::uint64_t version, const std::string& name);
/// SHA-256 over the JSON without `key`, keys sorted, no spaces; hex.
std::string digest_without(nlohmann::json value, const std::string& key);

}  // namespace ll::artefacts
