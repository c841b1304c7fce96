// base/parallel.hpp without threads: a library in somebody else's process starts none, and needs no oneTBB. The linker
// takes these four and leaves those of ll_base.
#include "base/parallel.hpp"

namespace ll {

void set_thread_count(std::size_t) {}
std::size_t thread_count() { return 1; }

void parallel_for(std::size_t count, std::size_t, const std::function<void(std::size_t, std::size_t)>& body) {
  if (count > 0) body(0, count);
}

void parallel_invoke(const std::function<void()>& first, const std::function<void()>& second) {
  first();
  second();
}

}  // namespace ll
