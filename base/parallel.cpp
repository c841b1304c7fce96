#include "base/parallel.hpp"

#include <algorithm>
#include <memory>
#include <thread>

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>

namespace ll {
namespace {

std::unique_ptr<tbb::global_control>& limit() {
  static std::unique_ptr<tbb::global_control> value;
  return value;
}

}  // namespace

void set_thread_count(std::size_t count) {
  limit().reset();
  if (count > 0) limit() = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, count);
}

std::size_t thread_count() {
  return std::max<std::size_t>(1, tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism));
}

void parallel_for(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  if (thread_count() == 1 || count <= grain) return body(0, count);
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, std::max<std::size_t>(1, grain)),
                    [&](const tbb::blocked_range<std::size_t>& range) { body(range.begin(), range.end()); });
}

void parallel_invoke(const std::function<void()>& first, const std::function<void()>& second) {
  tbb::parallel_invoke(first, second);
}

}  // namespace ll
