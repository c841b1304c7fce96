#pragma once
#include <memory>

#include "base/hash.hpp"

namespace ll {

/// Keccak-256 with the padding of the Keccak submission (0x01, not SHA-3's 0x06), as Ethereum uses it; clone by
/// copying.
class Keccak256 {
 public:
  Keccak256();
  Keccak256(const Keccak256& other);
  Keccak256& operator=(const Keccak256& other);
  Keccak256(Keccak256&&) noexcept;
  Keccak256& operator=(Keccak256&&) noexcept;
  ~Keccak256();
  void update(ByteSpan bytes);
  /// The digest of what was fed; the object may not be fed afterwards.
  Digest32 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ll
