#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "algebra/fr.hpp"
#include "base/error.hpp"

namespace ll::halo2 {

/// Nesting of an expression or of anything else in our JSON files; readers recurse no deeper.
inline constexpr int kMostJsonLevels = 1000;

/// A value of a JSON document and the path to it. Every read is strict and throws Error{malformed} with the path, as in
/// "circuit.json: gates[2].name: a string is expected, found 7".
class JsonCursor {
 public:
  /// The whole document: one object, no key twice, at most kMostJsonLevels levels. The document must outlive cursors.
  static nlohmann::json parse(std::string_view text, const std::string& name);

  JsonCursor(const nlohmann::json& value, std::string name, std::string path = {})
      : value_(value), name_(std::move(name)), path_(std::move(path)) {}

  const nlohmann::json& value() const { return value_; }
  [[nodiscard]] Error wrong(std::string_view what) const;
  /// The same as Error{mismatch}: well-formed, but at odds with the rest of the document.
  [[nodiscard]] Error mismatch(std::string_view what) const;

  /// Refuses any value but an object with exactly these keys.
  void expect_keys(std::initializer_list<const char*> keys) const;
  JsonCursor at(const char* key) const;
  std::size_t size() const;  ///< of an array
  JsonCursor at(std::size_t index) const;
  /// An array of exactly `count` items.
  void expect_items(std::size_t count) const;

  bool is_null() const { return value_.is_null(); }
  bool is_array() const { return value_.is_array(); }
  std::string text() const;
  bool boolean() const;
  std::uint64_t number(std::uint64_t least, std::uint64_t most) const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  /// "0x" and lower-case hex without leading zeros, below r.
  algebra::Fr scalar() const;

 private:
  const nlohmann::json& value_;
  std::string name_, path_;
};

/// The one text of a field element that JsonCursor::scalar reads: "0x0", "0x1f".
std::string scalar_text(const algebra::Fr& value);

}  // namespace ll::halo2
