#pragma once
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace ll::algebra {

/// Memory for lists of G1 points that are read in no order: it starts on a cache line, so that a point of 64 bytes
/// costs one line and not two, and large lists ask for huge pages, so that the addresses of pages stay at hand.
template <class T>
struct LineAllocator {
  using value_type = T;

  LineAllocator() noexcept = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) noexcept {}  // NOLINT: allocators convert
  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* const memory = ::operator new(bytes, alignment(bytes));
#ifdef MADV_HUGEPAGE
    if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);  // advice: nothing is lost when it is not taken
#endif
    return static_cast<T*>(memory);
  }
  /// Memory as it comes: a list is resized to be written over. (resize() of a vector gives nothing of its own then.)
  template <class U>
  void construct(U*) const noexcept {
    static_assert(std::is_trivially_copyable_v<U> && std::is_trivially_destructible_v<U>);
  }
  template <class U, class... Values>
  void construct(U* place, Values&&... values) const {
    ::new (static_cast<void*>(place)) U(std::forward<Values>(values)...);
  }
  void deallocate(T* memory, std::size_t count) noexcept { ::operator delete(memory, alignment(count * sizeof(T))); }
  friend bool operator==(const LineAllocator&, const LineAllocator&) noexcept { return true; }

 private:
  static constexpr std::size_t kLine = 64, kHugePage = std::size_t{2} << 20;
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes < kHugePage ? kLine : kHugePage};
  }
};
template <class T>
using LineVector = std::vector<T, LineAllocator<T>>;

}  // namespace ll::algebra
