#include "base/wipe.hpp"

#include <sodium.h>

namespace ll {

void wipe(void* memory, std::size_t bytes) noexcept {
  if (bytes > 0) sodium_memzero(memory, bytes);
}

}  // namespace ll
