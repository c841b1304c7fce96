#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace ll {

/// What went wrong, to branch on. The command maps each to an exit code (cli/exit_code.hpp).
enum class ErrorCode {
  invalid_argument,  ///< a caller broke a stated precondition
  io,                ///< the world failed: missing file, full disk, a library threw
  malformed,         ///< bytes from outside are not what their format says
  mismatch,          ///< well-formed, but made for something else (other key, other circuit, other data)
  unsatisfied,       ///< a witness does not satisfy its circuit, or a transfer is not valid
  srs,               ///< SRS missing, too small or wrong
  memory,            ///< would exceed the allowed memory
  interrupted,       ///< the user asked to stop
};

/// Name of a code as it stands in `--json` output, e.g. "malformed".
const char* to_string(ErrorCode code) noexcept;

/// The one exception type: a code to branch on, a sentence to read, and optionally where (file, line, field) and a
/// hint.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string where = {}, std::string hint = {})
      : code_(code), message_(std::move(message)), where_(std::move(where)), hint_(std::move(hint)) {}

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& hint() const noexcept { return hint_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// The same error with a place put in front of what it already says, e.g. the file a decoder was reading.
  Error at(const std::string& place) const {
    return Error(code_, message_, where_.empty() ? place : place + ", " + where_, hint_);
  }

 private:
  ErrorCode code_;
  std::string message_, where_, hint_;
};

/// A value, or why there is none. Decoders of outside bytes return it: no throw, no assert.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const { return std::get<1>(state_); }
  T value_or_throw() && {
    if (!ok()) throw error();
    return std::get<0>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Throws Error{code} with a formatted message.
template <class... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

/// Error{malformed} with a formatted message, for decoders: `return malformed("srs: k = {}", k)`.
template <class... Args>
Error malformed(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::malformed, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ll

/// Checks a stated precondition, in release too: throws Error{invalid_argument} with the message.
#define LL_CHECK(condition, ...)                                                  \
  do {                                                                            \
    if (!(condition)) ::ll::fail(::ll::ErrorCode::invalid_argument, __VA_ARGS__); \
  } while (false)
