#include "base/parallel.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace ll {
namespace {

TEST(ParallelFor, VisitsEachIndexOnce) {
  for (const std::size_t threads : {1, 2, 0}) {
    set_thread_count(threads);
    std::vector<std::atomic<int>> visits(1000);
    parallel_for(visits.size(), 7, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++visits[i];
    });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelFor, RethrowsFromABody) {
  EXPECT_THROW(parallel_for(100, 1, [](std::size_t, std::size_t) { throw std::runtime_error("body"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace ll
