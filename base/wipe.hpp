#pragma once
#include <cstddef>
#include <vector>

namespace ll {

/// Overwrites memory with zeros in a way that no optimiser removes (libsodium's sodium_memzero).
void wipe(void* memory, std::size_t bytes) noexcept;

template <class T>
void wipe(std::vector<T>& values) noexcept {
  wipe(values.data(), values.size() * sizeof(T));
}

}  // namespace ll
