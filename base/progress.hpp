#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>

namespace ll {

/// Where long work tells how far it is. The command draws it as a bar; the default says nothing.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A stage begins; `total` steps, 0 when unknown.
  virtual void begin(std::string_view /*stage*/, std::uint64_t /*total*/) {}
  virtual void update(std::uint64_t /*done*/, std::string_view /*note*/ = {}) {}
  virtual void end() {}
  /// True when the user asked to stop (Ctrl-C): the work saves what it has and throws Error{interrupted}.
  virtual bool stop_requested() const { return false; }
};

}  // namespace ll
